// SPDX-License-Identifier: BSD-3-Clause
// From one record to others: before and after on its CPU and its thread, who woke it, whom it woke.

import { lowerBound } from '../format/bounds.js';
import { tidOf } from '../format/columns.js';
import { AUX } from '../format/events.js';
import { cpuOfSpan, spanOnCpu, wakeupOf } from './lookups.js';
import { firstRunAfter, runStart, threadRow, waitsBefore } from './thread-runs.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('../state/store.js').Selection} Selection */

/** Position of a span in its thread's row. @param {Model} model @param {Uint32Array} index @param {number} record */
function positionIn(model, index, record) {
  const { start } = model.exec;
  let i = lowerBound(0, index.length, (k) => start[index[k]], start[record]);
  while (i < index.length && index[i] !== record) i++;
  return i;
}

/** Next (1) or previous (-1) span of the same thread. @param {Model} model @param {number} record @param {number} step @returns {Selection|null} */
export function neighbourOnThread(model, record, step) {
  const row = threadRow(model, tidOf(model.exec, record));
  if (!row?.index) return null;
  const next = row.index[positionIn(model, row.index, record) + step];
  return next === undefined ? null : { cols: 'exec', record: next };
}

/** @param {Model} model @param {number} record @param {number} step @returns {Selection|null} */
export function neighbourOnCpu(model, record, step) {
  const row = model.rows.cpu.find((r) => record >= r.lo && record < r.lo + r.n);
  const next = record + step;
  return row && next >= row.lo && next < row.lo + row.n ? { cols: 'exec', record: next } : null;
}

/** Wakeups a CPU sent between two ticks. @param {Model} model @param {number} cpu @param {number} t0 @param {number} t1 @param {number} limit @returns {number[]} */
export function wakeupsFrom(model, cpu, t0, t1, limit) {
  const { aux, wakeups } = model;
  const column = /** @type {Int32Array} */ (aux.cpu);
  const found = [];
  const { index } = wakeups;
  for (
    let i = lowerBound(0, index.length, (k) => aux.start[index[k]], t0);
    i < index.length && aux.start[index[i]] < t1 && found.length < limit;
    i++
  ) {
    if (column[index[i]] === cpu) found.push(index[i]);
  }
  return found;
}

/** Waker of what is selected: what ran where the wakeup was sent. @param {Model} model @param {Selection} s @returns {Selection|null} */
export function wakerOf(model, s) {
  const { aux } = model;
  const cpu = /** @type {Int32Array} */ (aux.cpu);
  const sent = (/** @type {number} */ r) => spanOnCpu(model, cpu[r], aux.start[r]) ?? null;
  if (s.cols === 'aux') {
    if (model.category[s.record] === AUX.WAKEUP || model.category[s.record] === AUX.IPI) return sent(s.record);
    if (model.category[s.record] !== AUX.WAIT) return null;
    const r = wakeupOf(model, s.record);
    return r === null ? null : sent(r);
  }
  const tid = tidOf(model.exec, s.record);
  for (const wait of waitsBefore(model, tid, runStart(model, s.record))) {
    const r = wakeupOf(model, wait);
    if (r !== null) return sent(r);
  }
  return null;
}

/** What is woken: the thread's first run after the (first) wakeup sent by what is selected. @param {Model} model @param {Selection} s @returns {Selection|null} */
export function wakeeOf(model, s) {
  const { aux } = model;
  if (s.cols === 'aux') {
    if (model.category[s.record] === AUX.IPI) return spanOnCpu(model, aux.arg[s.record], aux.start[s.record] + aux.dur[s.record]) ?? null;
    if (model.category[s.record] === AUX.WAIT) return firstRunAfter(model, tidOf(aux, s.record), aux.start[s.record] + aux.dur[s.record]);
    if (model.category[s.record] !== AUX.WAKEUP) return null;
    return firstRunAfter(model, aux.ret[s.record] >>> 0, aux.start[s.record] + aux.dur[s.record]);
  }
  const { start, dur } = model.exec;
  const [first] = wakeupsFrom(model, cpuOfSpan(model, s.record), start[s.record], start[s.record] + dur[s.record], 1);
  return first === undefined ? null : wakeeOf(model, { cols: 'aux', record: first });
}
