// SPDX-License-Identifier: BSD-3-Clause
// Two persistent cursors and the measured range: snapping to span edges, and the words for a difference.

import { firstEndingAfter } from '../trace/aggregate.js';
import { AUX } from '../format/events.js';
import { lowerBound } from '../format/bounds.js';
import { spanAt } from '../trace/model.js';
import { durationWords, toNs } from '../trace/time.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Row} Row */
/** @typedef {{a: number|null, b: number|null}} Cursors ticks */

const SNAPS = [AUX.WAIT, AUX.MARK, AUX.LOCK, AUX.RPC, AUX.QUEUED];

/** The edge of a span or wait of a row nearest to t, at most `reach` ticks away; else t. @param {Model} model @param {Row|null|undefined} row @param {number} t @param {number} reach */
export function snap(model, row, t, reach) {
  if (!row) return t;
  /** @type {number[]} */
  const edges = [];
  if (row.n > 0 && row.ready) {
    const i = firstEndingAfter(row, model.exec, t);
    for (let k = Math.max(0, i - 1); k <= Math.min(row.n - 1, i + 1); k++) {
      const r = spanAt(row, k);
      edges.push(model.exec.start[r], model.exec.start[r] + model.exec.dur[r]);
    }
  }
  for (const c of SNAPS) {
    const list = row.aux[c];
    if (!list) continue;
    const i = lowerBound(0, list.index.length, (k) => model.aux.start[list.index[k]], t);
    for (let k = Math.max(0, i - 3); k < Math.min(list.index.length, i + 2); k++) {
      const r = list.index[k];
      edges.push(model.aux.start[r], model.aux.start[r] + model.aux.dur[r]);
    }
  }
  let best = t;
  let distance = reach;
  for (const e of edges) {
    if (Math.abs(e - t) <= distance) {
      best = e;
      distance = Math.abs(e - t);
    }
  }
  return best;
}

/** The cursors after one is set at t: first A, then B, then the nearer moves. @param {Cursors} cursors @param {number} t @returns {Cursors} */
export function placeCursor({ a, b }, t) {
  if (a === null) return { a: t, b };
  if (b === null) return { a, b: t };
  return Math.abs(t - a) <= Math.abs(t - b) ? { a: t, b } : { a, b: t };
}

/** "12.34 µs (81.04 kHz)". @param {Model} model @param {number} a ticks @param {number} b */
export function deltaWords(model, a, b) {
  const ns = toNs(model, Math.abs(b - a));
  if (ns === 0) return '0 ns';
  return `${b < a ? '−' : ''}${durationWords(ns)} (${frequencyWords(1e9 / ns)})`;
}

/** @param {number} hz */
function frequencyWords(hz) {
  const unit = [
    [1e9, 'GHz'],
    [1e6, 'MHz'],
    [1e3, 'kHz'],
    [1, 'Hz'],
  ].find(([v]) => hz >= /** @type {number} */ (v)) ?? [1, 'Hz'];
  return `${(hz / /** @type {number} */ (unit[0])).toPrecision(4)} ${unit[1]}`;
}
