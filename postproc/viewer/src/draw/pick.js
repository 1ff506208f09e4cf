// SPDX-License-Identifier: BSD-3-Clause
// What is under the pointer.

import { CLASS_COUNT, CLASS_NAMES, AUX } from '../format/events.js';
import { firstEndingAfter, inferredBetween, sumWindow } from '../trace/aggregate.js';
import { machineWords } from './machine-strip.js';
import { rowAt } from '../plan/layout.js';
import { spanAt } from '../trace/model.js';
import { kindOfItem } from './over/kinds.js';
import { forEachOverlap } from '../format/bounds.js';
import { durationWords, toNs } from '../trace/time.js';

/** @typedef {import('./render.js').Scene} Scene */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/item-walk.js').Item} Item */
/** @typedef {{selection: import('../state/store.js').Selection|null, extra: string, row: import('../plan/layout.js').PlacedRow|null,
 *   header: import('../trace/model.js').Group|null}} Picked */

const REACH = 4;

/** @param {Item} item @param {number} x @param {number} y */
function hits(item, x, y) {
  const { hit, box = {} } = kindOfItem(item);
  if (hit) return hit(item, x, y, REACH);
  const grow = box.text ? item.text.length * 6 + 4 : 0;
  const high = box.half ? item.h * 0.5 : 0;
  const top = (item.top === undefined ? Math.min(item.y0, item.y1) : item.top + REACH) - REACH;
  const bottom = high > 0 ? item.y0 + high : Math.max(item.y0, item.y1) + (box.below ?? REACH);
  return x >= item.x0 - 2 && x <= Math.max(item.x1, item.x0) + 2 + Math.min(grow, 30) && y >= top && y <= bottom;
}

/** @param {Item} item */
const rankOf = (item) => kindOfItem(item).rank;

/**
 * @param {Model} model @param {Scene} scene @param {number} x @param {number} y
 * @returns {Picked}
 */
export function pick(model, scene, x, y) {
  const { row, header } = rowAt(scene.layout, y);
  const none = { selection: null, extra: '', row, header };
  if (x < scene.layout.left || x >= scene.layout.right || y >= scene.layout.bottom) return none;
  if (header) return header === 'cpu' ? { ...none, extra: machineWords(model, scene.layout, scene.time.invert(x), scene.time.invert(x + 1)) } : none;
  let best = null;
  for (const item of scene.itemsNear(x, y)) if (hits(item, x, y) && (!best || rankOf(item) > rankOf(best))) best = item;
  if (best) return { ...none, selection: { cols: 'aux', record: best.record } };
  if (!row) return none;
  const t = scene.time.invert(x);
  return pickSpan(model, row, t, scene.time.invert(scene.layout.left + Math.floor(x - scene.layout.left)), scene.tpp, {
    ...none,
    extra: gapAt(model, row.row, t, scene.tpp),
  });
}

/** What was lost on a CPU's row at an instant, in words. @param {Model} model @param {import('../trace/model.js').Row} row @param {number} t @param {number} tpp */
function gapAt(model, row, t, tpp) {
  const gap = row.group === 'cpu' ? model.gaps.find((g) => (g.cpu === row.key || g.cpu === -1) && g.t0 - tpp <= t && t <= g.t1 + tpp) : undefined;
  return gap ? gap.why : '';
}

/** @param {Model} model @param {import('../plan/layout.js').PlacedRow} placed @param {number} t @param {number} from left edge of the pixel @param {number} tpp @param {Picked} none @returns {Picked} */
function pickSpan(model, placed, t, from, tpp, none) {
  const { row } = placed;
  const { exec } = model;
  const sums = new Float64Array(CLASS_COUNT);
  const { first, last } = sumWindow(row, exec, model.cls, from, from + tpp, sums);
  if (last > first + 1) {
    let longest = first;
    const stop = Math.min(last, first + 20000);
    for (let i = first; i < stop; i++) if (exec.dur[spanAt(row, i)] > exec.dur[spanAt(row, longest)]) longest = i;
    const record = spanAt(row, longest);
    const small = exec.dur[record] < tpp;
    if (small || last - first > 3) {
      const guessed = inferredBetween(row, exec, first, last);
      const many = `${last - first} spans in this pixel (${durationWords(toNs(model, tpp))})${guessed > 0 ? `, ${guessed.toLocaleString('en')} of them inferred` : ''}`;
      return {
        ...none,
        selection: { cols: 'exec', record },
        extra: `${none.extra ? `${none.extra}; ` : ''}${many}: ${shareWords(sums, tpp)} of its time; longest:`,
      };
    }
  }
  const i = Math.max(0, firstEndingAfter(row, exec, t));
  if (i < row.n) {
    const record = spanAt(row, i);
    if (exec.start[record] <= t) return { ...none, selection: { cols: 'exec', record } };
    if (exec.start[record] - t < 3 * tpp) return { ...none, selection: { cols: 'exec', record } };
  }
  return { ...none, selection: waitAt(model, row, t) };
}

/** A wait of a thread row, also beside its line. @param {Model} model @param {import('../trace/model.js').Row} row @param {number} t @returns {import('../state/store.js').Selection|null} */
function waitAt(model, row, t) {
  const list = row.aux[AUX.WAIT];
  let found = -1;
  if (list)
    forEachOverlap(list, model.aux, t, t + 1, 0, (r) => {
      if (model.aux.start[r] <= t) found = r;
    });
  return found < 0 ? null : { cols: 'aux', record: found };
}

/** @param {Float64Array} sums @param {number} total */
export function shareWords(sums, total) {
  const parts = [];
  for (let c = 0; c < CLASS_COUNT; c++) {
    const share = (sums[c] / total) * 100;
    if (share > 0) parts.push(`${CLASS_NAMES[c]} ${share < 1 ? '<1' : Math.round(share)} %`);
  }
  return parts.join(', ');
}
