// SPDX-License-Identifier: BSD-3-Clause
// What a trace shows at first sight: time by class of each CPU, what was slow, the longest waits for a CPU and for a lock, the longest
// interrupt. Counted some at a time, so that the picture moves meanwhile.

import { CLASS, CLASS_COUNT, EV, waitLetter } from '../format/events.js';
import { sumWindow } from '../trace/aggregate.js';
import { tidOf } from '../format/columns.js';
import { outlineCalls } from '../trace/calls.js';
import { isRegionMark, regionPairs } from '../trace/mark-regions.js';
import { prepareGroup } from '../trace/model.js';
import { SliceSort } from '../kit/slice-sort.js';
import { quantile } from './statistics.js';
import { HURTS, statesOf, tellSides } from './thread-states.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/calls.js').Call} Call */
/** @typedef {import('./thread-states.js').States} States */
/** Time of a CPU in ticks, by class. @typedef {{cpu: number, sums: Float64Array, recorded: number}} CpuTime */
/** @typedef {import('../trace/mark-regions.js').Region} Region */
/** The longest of some records. @typedef {{count: number, record: number, time: number}} Longest record: -1 none */
/**
 * @typedef {object} Summary ticks
 * @property {CpuTime[]} cpus @property {CpuTime} all cpu: -1
 * @property {Call[]} calls the slowest, with how their threads spent them @property {number} callCount @property {number} callMedian
 * @property {{t0: number, t1: number}|null} callWindow from the first request to the last response
 * @property {Region[]} regions the longest @property {number} regionCount
 * @property {States[]} threads that hurt most; asked for only where there are neither calls nor regions
 * @property {Longest} ready @property {Longest} irq softirqs are not of them @property {Longest} lock tries; sleeps for a lock where no try is recorded
 * @property {boolean} tried the lock's are tries
 */

/** How many of the slowest are told. */
export const SLOWEST = 3;
/** Records between two looks at the clock. */
const STRIDE = 16384;

/** @template T @param {T[]} list the longest so far, longest first @param {T} entry @param {(e: T) => number} time */
function keepSlowest(list, entry, time) {
  const at = list.findIndex((e) => time(e) < time(entry));
  list.splice(at < 0 ? list.length : at, 0, entry);
  list.length = Math.min(list.length, SLOWEST);
}

/** @returns {Longest} */
const none = () => ({ count: 0, record: -1, time: -1 });

/** @param {Longest} longest @param {number} record @param {number} time */
function count(longest, record, time) {
  longest.count++;
  if (time <= longest.time) return;
  longest.time = time;
  longest.record = record;
}

/** @param {Model} model */
function cpuTimes(model) {
  const all = { cpu: -1, sums: new Float64Array(CLASS_COUNT), recorded: 0 };
  const cpus = model.rows.cpu
    .filter((row) => row.n > 0)
    .map((row) => {
      const sums = new Float64Array(CLASS_COUNT);
      sumWindow(row, model.exec, model.cls, model.t0, model.t1, sums);
      sums.forEach((v, c) => {
        all.sums[c] += v;
      });
      const recorded = sums.reduce((a, b) => a + b, 0);
      all.recorded += recorded;
      return { cpu: row.key, sums, recorded };
    });
  return { cpus, all };
}

/** @param {Model} model @returns {Generator<undefined, Longest, undefined>} */
function* longestInterrupt({ exec, cls, kinds }) {
  const wanted = Uint8Array.from(kinds, (k, i) => (cls[i] === CLASS.IRQ && k.event !== EV.BOTTOM_HALF ? 1 : 0));
  const longest = none();
  for (let at = 0; at < exec.n; at += STRIDE) {
    const end = Math.min(exec.n, at + STRIDE);
    for (let r = at; r < end; r++) if (wanted[exec.kind[r]] === 1) count(longest, r, exec.dur[r]);
    yield;
  }
  return longest;
}

/** What a kind of record is to the summary. */
const OTHER = 0;
const READY = 1;
const SLEEP = 2;
const HURT = 3;
const TRY = 4;
const MARK = 5;

/** @param {Model} model @returns {Uint8Array} by kind */
const kindsOfRecords = ({ kinds }) =>
  Uint8Array.from(kinds, ({ event }) => {
    if (event === EV.LOCK_TRY) return TRY;
    if (isRegionMark(event)) return MARK;
    if (event < EV.WAITA || event > EV.WAITZ) return OTHER;
    const letter = waitLetter(event);
    return letter === 'c' ? READY : letter === 'l' ? SLEEP : HURTS.includes(letter) ? HURT : OTHER;
  });

/** Waits for a CPU, tries of locks, sleeps for one, regions of marks, time that threads did not choose: one pass over the records that are no spans. @param {Model} model */
function* lookAtRecords(model) {
  const { aux, position, t0, t1 } = model;
  const what = kindsOfRecords(model);
  const [ready, tries, sleeps] = [none(), none(), none()];
  const hurt = new Float64Array(model.rows.pid.length);
  const pairs = regionPairs(model);
  /** @type {Region[]} */
  const regions = [];
  let regionCount = 0;
  const mark = (/** @type {number} */ r) => {
    const region = pairs.add(r);
    if (!region) return;
    regionCount++;
    keepSlowest(regions, region, (e) => e.t1 - e.t0);
  };
  for (let at = 0; at < aux.n; at += STRIDE) {
    const end = Math.min(aux.n, at + STRIDE);
    for (let r = at; r < end; r++) {
      const k = what[aux.kind[r]];
      if (k === OTHER) continue;
      if (k === MARK) mark(r);
      else if (k === TRY) count(tries, r, aux.dur[r]);
      else {
        if (k === READY) count(ready, r, aux.dur[r]);
        else if (k === SLEEP) count(sleeps, r, aux.dur[r]);
        const p = position.pid.get(tidOf(aux, r));
        if (p !== undefined) hurt[p] += Math.max(0, Math.min(t1, aux.start[r] + aux.dur[r]) - Math.max(t0, aux.start[r]));
      }
    }
    yield;
  }
  return { ready, lock: tries.count > 0 ? tries : sleeps, tried: tries.count > 0, regions, regionCount, hurt };
}

/** @param {Model} model */
function* slowestCalls(model) {
  /** @type {Call[]} */
  const calls = [];
  /** @type {number[]} */
  const times = [];
  const window = { t0: Infinity, t1: -Infinity };
  for (const row of model.rows.rpc) {
    for (const call of outlineCalls(model, row)) {
      keepSlowest(calls, call, (c) => c.t1 - c.t0);
      times.push(call.t1 - call.t0);
      window.t0 = Math.min(window.t0, call.t0);
      window.t1 = Math.max(window.t1, call.t1);
    }
    yield;
  }
  for (const call of calls) {
    tellSides(model, call);
    yield;
  }
  const sort = new SliceSort(Float64Array.from(times));
  while (!sort.done) {
    sort.step(() => 0, 0);
    yield;
  }
  return { calls, callCount: times.length, callMedian: quantile(sort.values, 0.5), callWindow: times.length > 0 ? window : null };
}

/** @param {Model} model @param {Float64Array} hurt of each thread @returns {Generator<undefined, States[], undefined>} */
function* hurtThreads(model, hurt) {
  /** @type {number[]} */
  const worst = [];
  hurt.forEach((time, p) => {
    if (time > 0) keepSlowest(worst, p, (i) => hurt[i]);
  });
  /** @type {States[]} */
  const list = [];
  prepareGroup(model, 'pid');
  for (const p of worst) {
    list.push(statesOf(model, model.rows.pid[p], model));
    yield;
  }
  return list;
}

/** @param {Model} model @returns {Generator<undefined, Summary, undefined>} */
function* summarise(model) {
  const times = cpuTimes(model);
  yield;
  const calls = yield* slowestCalls(model);
  const records = yield* lookAtRecords(model);
  const irq = yield* longestInterrupt(model);
  const threads = calls.callCount + records.regionCount > 0 ? [] : yield* hurtThreads(model, records.hurt);
  const { hurt: _, ...found } = records;
  return { ...times, ...calls, ...found, irq, threads };
}

/** The summary of a whole trace, some at a time; `made` at the end. */
export class SummaryJob {
  /** @param {Model} model */
  constructor(model) {
    /** @type {Summary|null} */
    this.made = null;
    this.parts = summarise(model);
  }

  get done() {
    return this.made !== null;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    while (!this.done) {
      const { done, value } = this.parts.next();
      if (done) this.made = value;
      if (now() >= deadline) return;
    }
  }
}
