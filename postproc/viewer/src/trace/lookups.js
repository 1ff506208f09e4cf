// SPDX-License-Identifier: BSD-3-Clause
// Looks things up in a trace: what a record is of, when it was, which CPU and which thread it belongs to, which wakeup ended a wait.

import { tidOf } from '../format/columns.js';
import { EV } from '../format/events.js';
import { firstEndingAfter } from './aggregate.js';
import { toNs } from './time.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('../state/store.js').Selection} Selection */

/** Name of a thread, with its id. @param {Model} model @param {number} tid */
export function threadWords(model, tid) {
  if (tid < 0) return 'none';
  if (tid === 0) return 'idle (0)';
  const p = model.position.pid.get(tid);
  const label = p === undefined ? '' : model.rows.pid[p].label;
  return label.endsWith(`.${tid}`) ? `${label.slice(0, -String(tid).length - 1)} (${tid})` : label ? `${label} (${tid})` : String(tid);
}

/** @param {Model} model @param {Selection} s */
export const kindOf = (model, s) => model.kinds[model[s.cols].kind[s.record]];

/** @param {Model} model @param {Selection} s */
export function timesOf(model, s) {
  const cols = model[s.cols];
  const start = toNs(model, cols.start[s.record]);
  const end = toNs(model, cols.start[s.record] + cols.dur[s.record]);
  return { start, end, dur: end - start };
}

/**
 * The wakeup that ended a wait (or began a wait for a CPU). Null when none was recorded.
 * @param {Model} model @param {number} wait record of aux
 */
export function wakeupOf(model, wait) {
  const { aux, wakeups } = model;
  const tid = tidOf(aux, wait);
  const forCpu = model.kinds[aux.kind[wait]].event === EV.WAITA + 2;
  const at = forCpu ? aux.start[wait] : aux.start[wait] + aux.dur[wait];
  const slack = Math.ceil(50 / model.nsPerTick);
  let lo = 0;
  let hi = wakeups.index.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (aux.start[wakeups.index[mid]] <= at + slack) lo = mid + 1;
    else hi = mid;
  }
  for (let i = lo - 1; i >= 0 && aux.start[wakeups.index[i]] >= at - slack; i--) {
    if (aux.ret[wakeups.index[i]] === tid) return wakeups.index[i];
  }
  return null;
}

/** The span on a CPU at an instant. @param {Model} model @param {number} cpu @param {number} t @returns {Selection|undefined} */
export function spanOnCpu(model, cpu, t) {
  const row = model.rows.cpu[model.position.cpu.get(cpu) ?? -1];
  if (!row) return undefined;
  const i = firstEndingAfter(row, model.exec, t);
  if (i >= row.n || model.exec.start[row.lo + i] > t) return undefined;
  return { cols: 'exec', record: row.lo + i };
}

/** CPU number of a span. @param {Model} model @param {number} record of exec */
export function cpuOfSpan(model, record) {
  const row = model.rows.cpu.find((r) => record >= r.lo && record < r.lo + r.n);
  return row ? row.key : -1;
}
