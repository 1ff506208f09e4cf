// SPDX-License-Identifier: BSD-3-Clause
// Why a thread did not run, in sentences that stand on records: what it was doing, who woke it, which CPUs were idle while it was
// ready, and what ran on its own. Nothing is said of CPUs that a thread is allowed on: that is not recorded.

import { CLASS, CLASS_COUNT, EV, waitFor, waitLetter } from '../format/events.js';
import { tidOf } from '../format/columns.js';
import { firstEndingAfter, sumWindow } from '../trace/aggregate.js';
import { spanAt } from '../trace/model.js';
import { doingBefore, firstRunAfter, lastRunBefore, slackOf } from '../trace/thread-runs.js';
import { durationWords, toNs } from '../trace/time.js';
import { cpuOfSpan, kindOf, spanOnCpu, threadWords, wakeupOf } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Row} Row */
/** @typedef {import('../state/store.js').Selection} Selection */
/** @typedef {import('../plan/view.js').Window} Window */
/** @typedef {import('./words.js').Line} Line */

/** @param {Model} model @param {number} ticks */
const words = (model, ticks) => durationWords(toNs(model, ticks));

/** True of a wait for a CPU. @param {Model} model @param {number} r record of aux */
export const isReady = (model, r) => waitLetter(model.kinds[model.aux.kind[r]].event) === 'c';

/** Numbers in runs: 0, 2-5. @param {number[]} list in order */
export function numberWords(list) {
  const parts = [];
  for (let i = 0; i < list.length; ) {
    let k = i;
    while (k + 1 < list.length && list[k + 1] === list[k] + 1) k++;
    parts.push(k === i ? `${list[i]}` : k === i + 1 ? `${list[i]}, ${list[k]}` : `${list[i]}-${list[k]}`);
    i = k + 1;
  }
  return parts.join(', ');
}

/** What a span is of its thread, after "in": a kernel thread's code has no other mark than a program's, so neither is told apart. @param {Model} model @param {Selection} s */
function placeWords(model, s) {
  const c = model.cls[model.exec.kind[s.record]];
  return c === CLASS.USER ? 'its own code' : kindOf(model, s).name;
}

/** What a thread was doing when it left the CPU; null when no record tells. @param {Model} model @param {number} r wait @returns {{text: string, link: Selection}|null} */
export function doing(model, r) {
  const s = doingBefore(model, tidOf(model.aux, r), model.aux.start[r]);
  return s && { text: placeWords(model, s), link: s };
}

/** Who sent a wakeup: a thread in what it did, or an interrupt and what it interrupted. @param {Model} model @param {number} r wakeup @returns {{text: string, link?: Selection}} */
export function wakerWords(model, r) {
  const cpu = /** @type {Int32Array} */ (model.aux.cpu)[r];
  const t = model.aux.start[r];
  const tid = tidOf(model.aux, r);
  const link = spanOnCpu(model, cpu, t);
  if (!link) return { text: `${threadWords(model, tid)} on CPU ${cpu}` };
  if (model.cls[model.exec.kind[link.record]] !== CLASS.IRQ) {
    const where = tid === 0 ? '' : ` in ${placeWords(model, link)}`;
    return { text: `${threadWords(model, tid)} on CPU ${cpu}${where}`, link };
  }
  const below = tid > 0 ? doingBefore(model, tid, model.exec.start[link.record]) : null;
  const during = tid <= 0 ? 'it was idle' : `${threadWords(model, tid)} was ${below ? `in ${placeWords(model, below)}` : 'there'}`;
  return { text: `${kindOf(model, link).name} on CPU ${cpu}, while ${during}`, link };
}

/** How a wait ended, or how a wait for a CPU began. @param {Model} model @param {number} r wait @returns {{text: string, link?: Selection}} */
export function wokenBy(model, r) {
  const wakeup = wakeupOf(model, r);
  if (wakeup !== null) return wakerWords(model, wakeup);
  if (isReady(model, r)) return { text: 'no wakeup is recorded: taken as ready all along, preempted or having given the CPU up' };
  return { text: endless(model, r) ? 'nobody: it lasts to the end of the trace' : 'no wakeup is recorded' };
}

/** True of a wait that no record ends. @param {Model} model @param {number} r */
const endless = (model, r) => model.aux.start[r] + model.aux.dur[r] >= model.t1 - slackOf(model);

/** Idle time of each CPU while a wait lasted: all of it, or part. @param {Model} model @param {Window} w */
function idleCpus(model, { t0, t1 }) {
  const sums = new Float64Array(CLASS_COUNT);
  /** @type {number[]} */
  const all = [];
  /** @type {{cpu: number, time: number}[]} */
  const some = [];
  for (const row of model.rows.cpu) {
    if (row.n === 0) continue;
    sumWindow(row, model.exec, model.cls, t0, t1, sums);
    const time = sums[CLASS.IDLE];
    if (time >= t1 - t0) all.push(row.key);
    else if (time > 0) some.push({ cpu: row.key, time });
  }
  return { all, some: some.sort((a, b) => b.time - a.time) };
}

const SHOWN = 3;

/** Which CPUs were idle during a window. @param {Model} model @param {Window} w */
export function idleWords(model, w) {
  const { all, some } = idleCpus(model, w);
  const parts = [];
  const plural = (/** @type {number} */ n) => (n === 1 ? 'CPU' : 'CPUs');
  if (all.length > 0) parts.push(`${plural(all.length)} ${numberWords(all)} ${all.length === 1 ? 'was' : 'were'} idle all of it`);
  for (const { cpu, time } of some.slice(0, SHOWN)) parts.push(`CPU ${cpu} was idle for ${words(model, time)} of it`);
  const rest = some.slice(SHOWN);
  if (rest.length > 0) parts.push(`${rest.length} more for ${words(model, rest[0].time)} of it or less`);
  return parts.length > 0 ? parts.join(', ') : 'no CPU was idle in it';
}

/** Whose a span is. @param {Model} model @param {number} s */
function occupant(model, s) {
  const { exec, cls } = model;
  const c = cls[exec.kind[s]];
  if (c === CLASS.IRQ) return 'interrupts';
  if (c === CLASS.IDLE) return 'idle';
  const tid = tidOf(exec, s);
  return tid === 0 ? 'kernel work of the idle thread' : threadWords(model, tid);
}

/** What ran on a CPU during a window, by thread, most first. @param {Model} model @param {number} cpu @param {Window} w */
export function ranOn(model, cpu, { t0, t1 }) {
  const row = model.rows.cpu[model.position.cpu.get(cpu) ?? -1];
  /** @type {Map<string, number>} */
  const sums = new Map();
  if (!row) return '';
  const { exec } = model;
  for (let i = firstEndingAfter(row, exec, t0); i < row.n; i++) {
    const s = spanAt(row, i);
    if (exec.start[s] >= t1) break;
    const time = Math.min(t1, exec.start[s] + exec.dur[s]) - Math.max(t0, exec.start[s]);
    if (time <= 0) continue;
    const who = occupant(model, s);
    sums.set(who, (sums.get(who) ?? 0) + time);
  }
  const list = [...sums].sort((a, b) => b[1] - a[1]);
  const rest = list.slice(SHOWN + 1);
  const shown = list.slice(0, SHOWN + 1).map(([who, time]) => `${who} ${words(model, time)}`);
  if (rest.length > 0)
    shown.push(
      `${rest.length} more ${words(
        model,
        rest.reduce((n, [, time]) => n + time, 0),
      )}`,
    );
  return shown.join(', ');
}

/** CPUs on which a thread ran before and after a wait; -1 when not recorded. @param {Model} model @param {number} r wait */
function cpusAround(model, r) {
  const tid = tidOf(model.aux, r);
  const cpuOf = (/** @type {Selection|null} */ s) => (s ? cpuOfSpan(model, s.record) : -1);
  return {
    before: cpuOf(lastRunBefore(model, tid, model.aux.start[r])),
    after: cpuOf(firstRunAfter(model, tid, model.aux.start[r] + model.aux.dur[r])),
  };
}

/** What went on while a thread was ready. @param {Model} model @param {number} r wait for a CPU @returns {Line[]} */
function readyLines(model, r) {
  const w = { t0: model.aux.start[r], t1: model.aux.start[r] + model.aux.dur[r] };
  const { before, after } = cpusAround(model, r);
  const lines = [{ label: 'Idle meanwhile', text: idleWords(model, w) }];
  const place = (/** @type {number} */ cpu, /** @type {string} */ what) => {
    const text = ranOn(model, cpu, w);
    if (cpu >= 0 && text !== '') lines.push({ label: `CPU ${cpu} meanwhile`, text: `${text} (${what})` });
  };
  if (before === after) place(after, 'where it ran before and after');
  else {
    place(after, 'where it then ran');
    place(before, 'where it had run');
  }
  return lines;
}

/** Everything about a wait beside its times. @param {Model} model @param {number} r @returns {Line[]} */
export function waitLines(model, r) {
  const { event } = model.kinds[model.aux.kind[r]];
  /** @type {Line[]} */
  const lines = [{ label: 'Waits for', text: waitFor(event) }];
  const was = doing(model, r);
  if (was) lines.push({ label: 'Was in', text: was.text, link: was.link });
  lines.push({ label: 'Woken by', ...wokenBy(model, r) });
  if (isReady(model, r)) lines.push(...readyLines(model, r));
  return lines;
}

/** A wait as one sentence, with the time of it that counts. @param {Model} model @param {number} r @param {string} who @param {number} time ticks */
export function waitSentence(model, r, who, time) {
  const { aux } = model;
  const { event } = model.kinds[aux.kind[r]];
  const inferred = aux.flags[r] & 1 ? ' (inferred)' : '';
  if (event === EV.WAITA + 2) {
    const w = { t0: aux.start[r], t1: aux.start[r] + aux.dur[r] };
    const wakeup = wakeupOf(model, r);
    const how = wakeup === null ? '' : `, woken by ${wakerWords(model, wakeup).text}`;
    return `${who} was ready for ${words(model, time)}${inferred}${how}; ${idleWords(model, w)}.`;
  }
  const was = doing(model, r);
  const wakeup = wakeupOf(model, r);
  const by =
    wakeup === null ? (endless(model, r) ? ', to the end of the trace' : '; no wakeup is recorded') : `, woken by ${wakerWords(model, wakeup).text}`;
  return `${who} waited ${words(model, time)}${was ? ` in ${was.text}` : ''} for ${waitFor(event)}${inferred}${by}.`;
}
