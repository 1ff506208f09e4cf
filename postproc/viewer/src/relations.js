// SPDX-License-Identifier: BSD-3-Clause
// How a record is tied to others: before and after on its CPU and thread, why the thread waited, who woke it, whom it woke.

import { AUX, EV, waitReason } from './events.js';
import { tidOf } from './columns.js';
import { forEachOverlap, lowerBound } from './bounds.js';
import { prepareGroup, prepareRow } from './model.js';
import { durationWords, toNs } from './time.js';
import { cpuOfSpan, kindOf, shortWords, spanOnCpu, threadWords, wakeupOf } from './words.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./store.js').Selection} Selection */
/** @typedef {import('./words.js').Line} Line */

/** A span and how far along the row it is. @param {Model} model @param {Selection|undefined|null} s @returns {string} */
const nameOf = (model, s) => (s ? shortWords(model, s) : '');

/** Spans of a thread, in time order. @param {Model} model @param {number} tid */
function threadRow(model, tid) {
  const p = model.position.pid.get(tid);
  if (tid <= 0 || p === undefined) return null;
  prepareGroup(model, 'pid');
  const row = model.rows.pid[p];
  prepareRow(model, row);
  return row;
}

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

/** The waits of a thread that end when it begins to run at t, newest first. @param {Model} model @param {number} tid @param {number} t @returns {number[]} */
export function waitsBefore(model, tid, t) {
  const row = model.rows.pid[model.position.pid.get(tid) ?? -1];
  const list = row?.aux[AUX.WAIT];
  if (!list) return [];
  const slack = Math.ceil(50 / model.nsPerTick);
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

/** First span of a thread that starts at or after t. @param {Model} model @param {number} tid @param {number} t @returns {Selection|null} */
export function firstRunAfter(model, tid, t) {
  const row = threadRow(model, tid);
  if (!row?.index) return null;
  const { index } = row;
  const slack = Math.ceil(50 / model.nsPerTick);
  const record = index[lowerBound(0, index.length, (i) => model.exec.start[index[i]], t - slack)];
  return record === undefined ? null : { cols: 'exec', record };
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

/** Start of the unbroken run of a thread on a CPU that holds a span. @param {Model} model @param {number} record */
function runStart(model, record) {
  const tid = tidOf(model.exec, record);
  const row = model.rows.cpu.find((r) => record >= r.lo && record < r.lo + r.n);
  let first = record;
  while (row && first > row.lo && tidOf(model.exec, first - 1) === tid && record - first < 5000) first--;
  return model.exec.start[first];
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

/** Relations in words, with links. @param {Model} model @param {Selection} s @returns {Line[]} */
export function relationLines(model, s) {
  return s.cols === 'exec' ? execRelations(model, s.record) : auxRelations(model, s.record);
}

/** @param {Model} model @param {number} record @returns {Line[]} */
function execRelations(model, record) {
  const { exec } = model;
  const tid = tidOf(exec, record);
  const cpu = cpuOfSpan(model, record);
  /** @type {Line[]} */
  const lines = [];
  if (tid > 0) lines.push(...waitedLines(model, tid, record));
  const sent = wakeupsFrom(model, cpu, exec.start[record], exec.start[record] + exec.dur[record], 21);
  for (const r of sent.slice(0, 20)) lines.push(wokeLine(model, r));
  if (sent.length > 20) lines.push({ label: 'Woke', text: 'and more: zoom in' });
  const onThread = tid > 0 ? [neighbourOnThread(model, record, -1), neighbourOnThread(model, record, 1)] : [null, null];
  pushLink(lines, model, 'Before on this thread', onThread[0]);
  pushLink(lines, model, 'Next on this thread', onThread[1]);
  pushLink(lines, model, `Before on CPU ${cpu}`, neighbourOnCpu(model, record, -1));
  pushLink(lines, model, `Next on CPU ${cpu}`, neighbourOnCpu(model, record, 1));
  return lines;
}

/** @param {Line[]} lines @param {Model} model @param {string} label @param {Selection|null} s */
function pushLink(lines, model, label, s) {
  if (s) lines.push({ label, text: nameOf(model, s), link: s });
}

/** Why the thread waited before it came to run, and who ended it. @param {Model} model @param {number} tid @param {number} record @returns {Line[]} */
function waitedLines(model, tid, record) {
  const begin = runStart(model, record);
  const waits = waitsBefore(model, tid, begin);
  if (waits.length === 0) return [];
  const lines = waits.map((r) => waitLine(model, 'Waited before this run', r));
  const waker = waits.map((r) => wakeupOf(model, r)).find((r) => r !== null);
  if (waker !== undefined && waker !== null) lines.push(wokenLine(model, waker));
  return lines;
}

/** @param {Model} model @param {string} label @param {number} r wait @returns {Line} */
function waitLine(model, label, r) {
  const { event } = model.kinds[model.aux.kind[r]];
  return { label, text: `${durationWords(toNs(model, model.aux.dur[r]))} for ${waitReason(event)}`, link: { cols: 'aux', record: r } };
}

/** @param {Model} model @param {number} r wakeup @returns {Line} */
function wokenLine(model, r) {
  const cpu = /** @type {Int32Array} */ (model.aux.cpu)[r];
  const on = spanOnCpu(model, cpu, model.aux.start[r]);
  return {
    label: 'Woken by',
    text: `${threadWords(model, tidOf(model.aux, r))} on CPU ${cpu}${on ? ` in ${kindOf(model, on).name}` : ''}`,
    link: on,
  };
}

/** @param {Model} model @param {number} r wakeup @returns {Line} */
function wokeLine(model, r) {
  const tid = model.aux.ret[r] >>> 0;
  const to = firstRunAfter(model, tid, model.aux.start[r] + model.aux.dur[r]);
  return {
    label: 'Woke',
    text: `${threadWords(model, tid)}, which ran ${durationWords(toNs(model, model.aux.dur[r]))} later on CPU ${model.aux.arg[r]}`,
    link: to ?? { cols: 'aux', record: r },
  };
}

/** @param {Model} model @param {number} record @returns {Line[]} */
function auxRelations(model, record) {
  const { aux } = model;
  const cpu = /** @type {Int32Array} */ (aux.cpu)[record];
  const category = model.category[record];
  /** @type {Line[]} */
  const lines = [];
  if (category === AUX.WAIT) {
    const tid = tidOf(aux, record);
    const chain = waitsBefore(model, tid, aux.start[record]);
    if (chain[0] !== undefined) lines.push(waitLine(model, 'Waited before', chain[0]));
    pushLink(lines, model, 'Last span before', lastRunBefore(model, tid, aux.start[record]));
    pushLink(lines, model, 'Then ran', firstRunAfter(model, tid, aux.start[record] + aux.dur[record]));
    return lines;
  }
  if (category === AUX.WAKEUP) {
    pushLink(lines, model, 'Sent in', spanOnCpu(model, cpu, aux.start[record]) ?? null);
    pushLink(lines, model, 'Then ran', firstRunAfter(model, aux.ret[record] >>> 0, aux.start[record] + aux.dur[record]));
    return lines;
  }
  const at =
    model.kinds[aux.kind[record]].event === EV.PC_KERNEL || model.kinds[aux.kind[record]].event === EV.PC_USER
      ? aux.start[record] + aux.dur[record] - 1
      : aux.start[record];
  if (cpu >= 0) pushLink(lines, model, 'During', spanOnCpu(model, cpu, at) ?? null);
  if (category === AUX.LOCK) lines.push(...lockLines(model, record));
  return lines;
}

/** @param {Model} model @param {number} tid @param {number} t @returns {Selection|null} */
function lastRunBefore(model, tid, t) {
  const row = threadRow(model, tid);
  if (!row?.index) return null;
  const { index } = row;
  const record = index[lowerBound(0, index.length, (i) => model.exec.start[index[i]], t) - 1];
  return record === undefined ? null : { cols: 'exec', record };
}

/** Who held the lock while this thread tried, or who tried while it was held. @param {Model} model @param {number} record @returns {Line[]} */
function lockLines(model, record) {
  const { aux } = model;
  const held = model.kinds[aux.kind[record]].event === EV.LOCK_HELD;
  const t0 = aux.start[record];
  const t1 = t0 + aux.dur[record];
  /** @type {Line[]} */
  const lines = [];
  for (const row of model.rows.pid) {
    const list = row.aux[AUX.LOCK];
    if (!list || row.key === tidOf(aux, record)) continue;
    forEachOverlap(list, aux, t0, t1, 0, (r) => {
      if (lines.length >= 20 || aux.arg[r] !== aux.arg[record] || aux.start[r] >= t1) return;
      if ((model.kinds[aux.kind[r]].event === EV.LOCK_HELD) === held) return;
      lines.push({
        label: held ? 'Waited for meanwhile by' : 'Held meanwhile by',
        text: `${threadWords(model, row.key)} for ${durationWords(toNs(model, aux.dur[r]))}`,
        link: { cols: 'aux', record: r },
      });
    });
  }
  return lines;
}
