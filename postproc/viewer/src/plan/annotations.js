// SPDX-License-Identifier: BSD-3-Clause
// Text labels of spans: of each user thread, of every span, or of those chosen one by one. Labels never cover each other:
// those without room are left out and counted.

import { firstEndingAfter } from '../trace/aggregate.js';
import { argOf, tidOf } from '../format/columns.js';
import { CLASS, EV, ipcParts, ipcWords, llcWords, returnWords, SHAPE } from '../format/events.js';
import { visibleRows } from './layout.js';
import { spanAt } from '../trace/model.js';
import { makePicture, pictureRow } from './row-picture.js';
import { clockWords, durationWords, parseBase } from '../trace/time.js';
import { kindOf, timesOf } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../draw/render.js').Scene} Scene */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/store.js').Selection} Selection */
/** @typedef {import('./layout.js').PlacedRow} PlacedRow */
/** @typedef {{x: number, y: number, textX: number, textY: number, text: string, long: boolean}} Label x, y: foot of the span */

const LANES = 4;
const MOST_VISITS = 100000;

/** First 7 characters and the last, when longer than 9. @param {string} name */
export const shortName = (name) => (name.length > 9 ? `${name.slice(0, 7)}~${name.slice(-1)}` : name);

/** Text of a short label: name, and arguments of calls and interrupts. @param {Model} model @param {number} r span */
export function shortText(model, r) {
  const { name } = model.kinds[model.exec.kind[r]];
  const cls = model.cls[model.exec.kind[r]];
  const arg = argOf(model.exec, r);
  if (cls === CLASS.SYSCALL) return `${shortName(name)}(${arg})`;
  if ((cls === CLASS.IRQ || cls === CLASS.FAULT) && arg !== 0) return `${shortName(name)}(${arg})`;
  return shortName(name);
}

/** Text of a long label: when, name, argument and return, duration, counters. @param {Model} model @param {Selection} s @param {boolean} nameOnly */
export function longText(model, s, nameOnly) {
  const { name } = kindOf(model, s);
  if (nameOnly) return name;
  const times = timesOf(model, s);
  const when = clockWords(parseBase(model.meta.tracebase), times.start, 9).split(' ').pop() ?? '';
  const parts = [when, name];
  if (s.cols === 'exec') {
    const { exec } = model;
    if (model.cls[exec.kind[s.record]] === CLASS.SYSCALL) parts[1] += `(${argOf(exec, s.record)})=${returnWords(exec.ret[s.record])}`;
    parts.push(durationWords(times.dur));
    const { ipc, llc } = ipcParts(exec.ipc[s.record], model.flags);
    if (model.cls[exec.kind[s.record]] !== CLASS.IDLE) {
      if (ipc !== null) parts.push(`ipc=${ipcWords(ipc)}`);
      if (llc !== null) parts.push(`llc=${llcWords(llc)}`);
    }
  } else if (times.dur > 0) {
    parts.push(durationWords(times.dur));
  }
  return parts.join(' ');
}

/** Names of programs that are not worth a label: libraries' and the like, by a leading dot. @param {string} name */
const isSkipped = (name) => name.startsWith('.') && !name.startsWith('./');

/** The spans to label, row by row. @param {Model} model @param {Scene} scene @param {State} state @returns {{placed: PlacedRow, record: number, t: number}[]} */
function wanted(model, scene, state) {
  const out = [];
  const seen = new Set();
  const { layout, t0, tpp } = scene;
  const width = Math.max(1, Math.round(layout.right - layout.left));
  const picture = state.annotate === 'all' ? makePicture(width) : null;
  for (const placed of visibleRows(layout)) {
    if (!placed.row.ready) continue;
    if (picture) {
      pictureRow(model, placed.row, t0, tpp, width, picture);
      for (let k = 0; k < picture.n; k++) {
        const r = picture.record[k];
        if (r < 0) continue;
        const { shape } = { shape: model.shape[model.exec.kind[r]] };
        const key = `${placed.row.group}${placed.row.key}u${tidOf(model.exec, r)}`;
        if (shape === SHAPE.IDLE || (shape === SHAPE.USER && seen.has(key))) continue;
        if (shape === SHAPE.USER) seen.add(key);
        out.push({ placed, record: r, t: model.exec.start[r] });
      }
    } else {
      firstUses(model, placed, t0, t0 + width * tpp, seen, out);
    }
  }
  return out;
}

/** First user-mode span of each thread not seen yet. @param {Model} model @param {PlacedRow} placed @param {number} t0 @param {number} t1 @param {Set<any>} seen @param {{placed: PlacedRow, record: number, t: number}[]} out */
function firstUses(model, placed, t0, t1, seen, out) {
  const { row } = placed;
  const { exec } = model;
  let visits = 0;
  for (let i = firstEndingAfter(row, exec, t0); i < row.n && visits < MOST_VISITS; i++, visits++) {
    const r = spanAt(row, i);
    if (exec.start[r] >= t1) break;
    const kind = exec.kind[r];
    if (model.shape[kind] !== SHAPE.USER || isSkipped(model.kinds[kind].name)) continue;
    const key = `${row.group}${kind}`;
    if (seen.has(key)) continue;
    seen.add(key);
    out.push({ placed, record: r, t: exec.start[r] });
    if (row.group === 'pid') break;
  }
}

/**
 * Places the labels in lanes below their rows; an anchor left of the window is pinned at the edge.
 * @param {Model} model @param {Scene} scene @param {State} state
 * @returns {{labels: Label[], left: number}} left: labels without room
 */
export function placeLabels(model, scene, state) {
  /** @type {Label[]} */
  const labels = [];
  let left = 0;
  const { layout } = scene;
  /** @type {Map<string, number[]>} */
  const lanes = new Map();
  const xOf = (/** @type {number} */ t) => Math.max(layout.left + 1, scene.time(t));
  const add = (/** @type {PlacedRow} */ placed, /** @type {number} */ x, /** @type {string} */ text, /** @type {boolean} */ long) => {
    const key = `${placed.row.group}${placed.row.key}`;
    const ends = lanes.get(key) ?? [];
    lanes.set(key, ends);
    const width = text.length * layout.type.char + 6;
    const textX = Math.max(layout.left + 1, Math.min(x, layout.right - width));
    let lane = 0;
    while (lane < ends.length && ends[lane] > textX) lane++;
    if (lane >= LANES) {
      left++;
      return;
    }
    ends[lane] = textX + width;
    const { zones, y } = placed;
    labels.push({
      x,
      y: y + zones.span + zones.spanHeight,
      textX,
      textY: y + zones.span + zones.spanHeight + 10 * layout.type.scale + lane * layout.type.line,
      text,
      long,
    });
  };
  const rows = visibleRows(layout);
  for (const s of state.labelled) {
    const t = s.cols === 'exec' ? model.exec.start[s.record] : labelTime(model, s);
    if (s.cols === 'exec' && model.exec.start[s.record] + model.exec.dur[s.record] < scene.t0) continue;
    const x = xOf(t);
    if (x > layout.right) continue;
    const item = s.cols === 'aux' ? scene.itemsOf(s.record)[0] : undefined;
    const placed = item
      ? rows.find((p) => item.y0 >= p.y - 4 && item.y0 <= p.y + p.h)
      : (rows.find((p) => p.row.group === 'cpu' && s.record >= p.row.lo && s.record < p.row.lo + p.row.n) ??
        rows.find((p) => p.row.group !== 'cpu' && p.row.key === tidOf(model[s.cols], s.record)));
    if (placed) add(placed, x, longText(model, s, state.annotStyle === 'short'), true);
  }
  if (state.annotate !== 'off') {
    const spans = wanted(model, scene, state);
    spans.sort((a, b) => a.placed.y - b.placed.y || a.t - b.t);
    for (const { placed, record, t } of spans) {
      if (state.search && state.isolate && !state.search.exec(record)) continue;
      add(placed, xOf(t), shortText(model, record), false);
    }
  }
  return { labels, left };
}

/** Where the label of another record is tied: a PC sample at its end. @param {Model} model @param {Selection} s */
function labelTime(model, s) {
  const { event } = kindOf(model, s);
  const { start, dur } = model.aux;
  return event === EV.PC_U || event === EV.PC_K ? start[s.record] + dur[s.record] : start[s.record];
}
