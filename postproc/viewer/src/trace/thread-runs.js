// SPDX-License-Identifier: BSD-3-Clause
// The runs of a thread around an instant: what it did before, what after, and the waits between.

import { AUX, CLASS } from '../format/events.js';
import { tidOf } from '../format/columns.js';
import { lowerBound } from '../format/bounds.js';
import { prepareGroup, prepareRow } from './model.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('../state/store.js').Selection} Selection */

/** Times of records that belong together differ by this much at most: points are written with a length of their own. @param {Model} model */
export const slackOf = (model) => Math.ceil(50 / model.nsPerTick);

/** Spans of a thread, in time order; null when it has no row. @param {Model} model @param {number} tid */
export function threadRow(model, tid) {
  const p = model.position.pid.get(tid);
  if (tid <= 0 || p === undefined) return null;
  prepareGroup(model, 'pid');
  const row = model.rows.pid[p];
  prepareRow(model, row);
  return row;
}

/** First span of a thread that starts at or after t. @param {Model} model @param {number} tid @param {number} t @returns {Selection|null} */
export function firstRunAfter(model, tid, t) {
  const index = threadRow(model, tid)?.index;
  if (!index) return null;
  const record = index[lowerBound(0, index.length, (i) => model.exec.start[index[i]], t - slackOf(model))];
  return record === undefined ? null : { cols: 'exec', record };
}

/** Last span of a thread that starts before t. @param {Model} model @param {number} tid @param {number} t @returns {Selection|null} */
export function lastRunBefore(model, tid, t) {
  const index = threadRow(model, tid)?.index;
  if (!index) return null;
  const record = index[lowerBound(0, index.length, (i) => model.exec.start[index[i]], t) - 1];
  return record === undefined ? null : { cols: 'exec', record };
}

/** Spans of the scheduler and of interrupts on top of a thread say nothing of what it was doing. */
const MOST_STEPS = 200;

/** What a thread itself was doing when it left the CPU at t: the call, fault or program under the scheduler and interrupts. @param {Model} model @param {number} tid @param {number} t @returns {Selection|null} */
export function doingBefore(model, tid, t) {
  const index = threadRow(model, tid)?.index;
  if (!index) return null;
  const { exec, cls } = model;
  let i = lowerBound(0, index.length, (k) => exec.start[index[k]], t) - 1;
  for (let steps = 0; i >= 0 && steps < MOST_STEPS; i--, steps++) {
    const c = cls[exec.kind[index[i]]];
    if (c !== CLASS.SCHED && c !== CLASS.IRQ) return { cols: 'exec', record: index[i] };
  }
  return null;
}

/** The waits of a thread that end when it begins to run at t, newest first. @param {Model} model @param {number} tid @param {number} t @returns {number[]} */
export function waitsBefore(model, tid, t) {
  const list = model.rows.pid[model.position.pid.get(tid) ?? -1]?.aux[AUX.WAIT];
  if (!list) return [];
  const slack = slackOf(model);
  const chain = [];
  let until = t;
  for (let i = lowerBound(0, list.index.length, (k) => model.aux.start[list.index[k]], t) - 1; i >= 0; i--) {
    const r = list.index[i];
    if (Math.abs(model.aux.start[r] + model.aux.dur[r] - until) > slack) break;
    chain.push(r);
    until = model.aux.start[r];
  }
  return chain;
}

/** Start of the unbroken run of a thread on a CPU that holds a span. @param {Model} model @param {number} record */
export function runStart(model, record) {
  const tid = tidOf(model.exec, record);
  const row = model.rows.cpu.find((r) => record >= r.lo && record < r.lo + r.n);
  let first = record;
  while (row && first > row.lo && tidOf(model.exec, first - 1) === tid) first--;
  return model.exec.start[first];
}
