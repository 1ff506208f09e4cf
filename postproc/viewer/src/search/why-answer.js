// SPDX-License-Identifier: BSD-3-Clause
// Answers to "why was this slow": what can be asked of what is selected, the path, its sums, how others of its kind are, and the steps.

import { tidOf } from '../format/columns.js';
import { AUX } from '../format/events.js';
import { NO_RECORD, WhyRecords } from '../trace/why-records.js';
import { kindWords, namedCause, othersOf, partNs, sumCauses, totalsOf } from './why-causes.js';
import { followPath, STATE_OF } from './why-path.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./why-path.js').Path} Path */
/** @typedef {import('./why-path.js').Part} Part */
/** @typedef {import('./why-causes.js').Asked} Asked */
/** Parts of one thread that belong together. @typedef {{first: number, count: number, from: number, to: number, state: string, tid: number, cpu: number, link: number, certainty: number, records: number[]}} Step */
/**
 * @typedef {object} Answer
 * @property {WhyRecords} records @property {Asked} asked @property {Path} path @property {number} elapsed ns
 * @property {import('./why-causes.js').Sum[]} sums @property {import('./why-causes.js').Totals} totals
 * @property {import('./why-causes.js').Others} others @property {import('./why-causes.js').Sum|null} named @property {Step[]} steps
 */

/** What was read of a trace, once. @type {WeakMap<Model, WhyRecords>} */
const known = new WeakMap();
/** How others of a kind are, by its words. @type {WeakMap<WhyRecords, Map<string, import('./why-causes.js').Others>>} */
const kinds = new WeakMap();

/** @param {Model} model @returns {Generator<number|undefined, WhyRecords, undefined>} */
export function* recordsOf(model) {
  const before = known.get(model);
  if (before) return before;
  const records = yield* new WhyRecords(model).read();
  known.set(model, records);
  return records;
}

/** @param {WhyRecords} records @param {Asked} asked @returns {Generator<number|undefined, import('./why-causes.js').Others, undefined>} */
function* kindOf(records, asked) {
  const made = kinds.get(records) ?? new Map();
  kinds.set(records, made);
  const kind = kindWords(records, asked);
  if (!made.has(kind)) made.set(kind, yield* othersOf(records, asked));
  return made.get(kind);
}

/** @param {Part} a @param {Part} b */
function belongs(a, b) {
  const state = STATE_OF[a.kind];
  if (a.link !== b.link || a.tid !== b.tid || a.cpu !== b.cpu || state !== STATE_OF[b.kind]) return false;
  return state === 'running' || (a.record === b.record && a.end === b.end);
}

/** Records that a step stands on. @param {WhyRecords} r @param {Step} step @param {Part} part its first */
function standsOn(r, { state, from, tid }, part) {
  if (part.record === NO_RECORD) return [];
  const found = [part.record];
  if (state === 'waiting' && part.other !== NO_RECORD) found.push(part.other);
  if (state !== 'ready' || from !== r.start(part.record)) return found;
  const woken = r.wakeup(r.thread(tid), from);
  return woken === NO_RECORD ? found : [...found, woken];
}

/** @param {WhyRecords} records @param {Path} path @returns {Generator<undefined, Step[], undefined>} */
export function* stepsOf(records, { parts }) {
  /** @type {Step[]} */
  const steps = [];
  for (const [i, part] of parts.entries()) {
    let step = steps.at(-1);
    if (!step || !belongs(parts[i - 1], part)) {
      const { from, to, kind, tid, cpu, link, certainty } = part;
      step = { first: i, count: 0, from, to, state: STATE_OF[kind], tid, cpu, link, certainty, records: [] };
      step.records = standsOn(records, step, part);
      steps.push(step);
    }
    step.count++;
    step.to = part.to;
    step.certainty = Math.max(step.certainty, part.certainty);
    if (i % 1024 === 1023) yield;
  }
  return steps;
}

/** @param {WhyRecords} records @param {Asked} asked @returns {Generator<number|undefined, Answer, undefined>} */
export function* answerOf(records, asked) {
  const path = yield* followPath(records, asked.tid, asked.from, asked.to);
  const sums = yield* sumCauses(records, path);
  const totals = yield* totalsOf(records, path);
  const steps = yield* stepsOf(records, path);
  const others = yield* kindOf(records, asked);
  const elapsed = partNs(records, asked);
  return { records, asked, path, elapsed, sums, totals, others, named: namedCause(sums, elapsed, others), steps };
}

/** All of a thread that is recorded. @param {WhyRecords} records @param {number} tid @returns {Asked|null} */
export function lifeOf(records, tid) {
  const { states } = records.thread(tid);
  return states.length === 0 ? null : { tid, from: records.start(states[0]), to: records.end(states[states.length - 1]), rpc: 0, name: '' };
}

/** The part of that in a window. @param {Asked} life @param {{t0: number, t1: number}} w @returns {Asked|null} */
function partOf(life, { t0, t1 }) {
  const from = Math.max(life.from, Math.round(t0));
  const to = Math.min(life.to, Math.round(t1));
  return from < to ? { ...life, from, to } : null;
}

/** Kinds of what can be asked about one selection. @typedef {'wait'|'mark'|'rpc'|'range'|'life'} Subject */

/**
 * What can be asked about what is selected, the closest first.
 * @param {WhyRecords} records @param {import('../state/store.js').Selection} selection @param {{t0: number, t1: number}|null} range measured
 * @returns {Partial<Record<Subject, Asked>>}
 */
export function subjectsOf(records, selection, range) {
  const { model } = records;
  const cols = model[selection.cols];
  const { record } = selection;
  const tid = tidOf(cols, record);
  /** @type {Partial<Record<Subject, Asked>>} */
  const found = {};
  if (tid <= 0) return found;
  const t = cols.start[record];
  const at = selection.cols === 'aux' ? records.n + record : record;
  const around = records.windows.filter((w) => w.tid === tid && w.from < w.to && (w.begin === at || w.end === at || (w.from <= t && t < w.to)));
  const closest = (/** @type {boolean} */ rpc) => {
    const kind = around.filter((w) => (w.rpc !== 0) === rpc);
    return kind.find((w) => w.begin === at || w.end === at) ?? kind.sort((a, b) => a.to - a.from - (b.to - b.from))[0];
  };
  const isMark = selection.cols === 'aux' && model.category[record] === AUX.MARK;
  const [rpc, mark] = [closest(true), closest(false)];
  const isWait = selection.cols === 'aux' && model.category[record] === AUX.WAIT && cols.dur[record] > 0;
  if (isWait) found.wait = { tid, from: t, to: t + cols.dur[record], rpc: 0, name: '' };
  if (isMark && mark) found.mark = mark;
  if (rpc) found.rpc = rpc;
  if (mark) found.mark ??= mark;
  const life = lifeOf(records, tid);
  const part = life && range && partOf(life, range);
  if (part) found.range = part;
  if (life) found.life = life;
  return found;
}

/** The longest that programs marked: RPCs, else pairs of marks, else threads. @param {WhyRecords} records @returns {Generator<undefined, Asked[], undefined>} longest first */
export function* longestOf(records) {
  const lasting = records.windows.filter((w) => w.to > w.from);
  const rpcs = lasting.filter((w) => w.rpc !== 0);
  /** @type {Asked[]} */
  const list = rpcs.length > 0 ? rpcs : lasting;
  for (const row of list.length > 0 ? [] : records.model.rows.pid) {
    const life = lifeOf(records, row.key);
    if (life) list.push(life);
    yield;
  }
  return list.sort((a, b) => b.to - b.from - (a.to - a.from));
}
