// SPDX-License-Identifier: BSD-3-Clause
// How a record is tied to others: before and after on its CPU and thread, why the thread waited, who woke it, whom it woke.

import { AUX, EV, waitFor } from '../format/events.js';
import { tidOf } from '../format/columns.js';
import { lockLines, sleepLines } from './lock-words.js';
import { firstRunAfter, lastRunBefore, runStart, waitsBefore } from '../trace/thread-runs.js';
import { durationWords, secondsOf, toNs } from '../trace/time.js';
import { waitLines, wakerWords } from './wait-words.js';
import { shortWords } from './words.js';
import { cpuOfSpan, spanOnCpu, threadWords, wakeupOf } from '../trace/lookups.js';
import { neighbourOnThread, neighbourOnCpu, wakeupsFrom } from '../trace/neighbours.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../state/store.js').Selection} Selection */
/** @typedef {import('./words.js').Line} Line */

/** A span and how far along the row it is. @param {Model} model @param {Selection|undefined|null} s @returns {string} */
const nameOf = (model, s) => (s ? shortWords(model, s) : '');

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
  const sent = wakeupsFrom(model, cpu, exec.start[record], exec.start[record] + exec.dur[record], Infinity);
  for (const r of sent.slice(0, MOST_WOKEN)) lines.push(wokeLine(model, r));
  if (sent.length > MOST_WOKEN) lines.push(moreWoken(model, cpu, record, sent.length));
  const onThread = tid > 0 ? [neighbourOnThread(model, record, -1), neighbourOnThread(model, record, 1)] : [null, null];
  pushLink(lines, model, 'Before on this thread', onThread[0]);
  pushLink(lines, model, 'Next on this thread', onThread[1]);
  pushLink(lines, model, `Before on CPU ${cpu}`, neighbourOnCpu(model, record, -1));
  pushLink(lines, model, `Next on CPU ${cpu}`, neighbourOnCpu(model, record, 1));
  return lines;
}

/** Wakeups that have a line of their own; the others are a list. */
const MOST_WOKEN = 20;

/** @param {Model} model @param {number} cpu @param {number} record span @param {number} count of its wakeups @returns {Line} */
function moreWoken(model, cpu, record, count) {
  const { start, dur } = model.exec;
  const query = `-wakeup- cpu:${cpu} after:${secondsOf(model, start[record])} before:${secondsOf(model, start[record] + dur[record])}`;
  return { label: 'Woke', text: `${(count - MOST_WOKEN).toLocaleString('en')} more; all wakeups from CPU ${cpu} that last into it`, query };
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
  if (waker !== undefined && waker !== null) lines.push({ label: 'Woken by', ...wakerWords(model, waker) });
  return lines;
}

/** @param {Model} model @param {string} label @param {number} r wait @returns {Line} */
function waitLine(model, label, r) {
  const { event } = model.kinds[model.aux.kind[r]];
  return { label, text: `${durationWords(toNs(model, model.aux.dur[r]))} for ${waitFor(event)}`, link: { cols: 'aux', record: r } };
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
    lines.push(...waitLines(model, record), ...sleepLines(model, record));
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
    model.kinds[aux.kind[record]].event === EV.PC_K || model.kinds[aux.kind[record]].event === EV.PC_U
      ? aux.start[record] + aux.dur[record] - 1
      : aux.start[record];
  if (cpu >= 0) pushLink(lines, model, 'During', spanOnCpu(model, cpu, at) ?? null);
  if (category === AUX.LOCK) lines.push(...lockLines(model, record));
  return lines;
}
