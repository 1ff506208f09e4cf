// SPDX-License-Identifier: BSD-3-Clause
// How each thread (or the threads that serve an RPC) spent a window: running, ready but without a CPU, blocked by reason,
// and what is not known. The parts add up to the window exactly.

import { AUX, CLASS, CLASS_COUNT, waitLetter } from '../format/events.js';
import { sumWindow } from '../trace/aggregate.js';
import { forEachOverlap } from '../format/bounds.js';
import { outlineCalls } from '../trace/calls.js';
import { isLockWait, lockBook } from '../trace/locks.js';
import { prepareGroup, prepareRow } from '../trace/model.js';
import { quantile } from './statistics.js';
import { wakeupOf } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Row} Row */
/** @typedef {import('../plan/view.js').Window} Window */
/**
 * @typedef {object} States times in ticks
 * @property {number} key @property {string} label
 * @property {number} running @property {number} user @property {number} kernel
 * @property {number} ready waits for a CPU
 * @property {Record<string, number>} blocked by letter of the reason
 * @property {number} lockWaits waits for a lock as locks.js has them: a try counts once, whatever the thread did in it @property {number} longestLock the longest, whole
 * @property {number} unknown no record tells
 * @property {number} hurt ready, and blocked for disk, lock or memory: time the thread did not choose to spend
 * @property {number} wakeups waits for a CPU that began with a wakeup
 * @property {number} latency50 of these @property {number} latencyMax
 * @property {number} longest record of the longest wait that touches the window, -1 none
 */

/** Letters of the reasons that a thread does not choose. */
export const HURTS = 'dlm';

/** @param {Model} model @param {Row} row a prepared thread row @param {Window} w @returns {States} */
export function statesOf(model, row, { t0, t1 }) {
  prepareRow(model, row);
  const sums = new Float64Array(CLASS_COUNT);
  if (row.n > 0) sumWindow(row, model.exec, model.cls, t0, t1, sums);
  const user = sums[CLASS.USER];
  const kernel = sums.reduce((a, b) => a + b, 0) - user - sums[CLASS.IDLE];
  /** @type {States} */
  const s = {
    key: row.key,
    label: row.label,
    running: user + kernel,
    user,
    kernel,
    ready: 0,
    blocked: {},
    lockWaits: 0,
    longestLock: 0,
    unknown: 0,
    hurt: 0,
    wakeups: 0,
    latency50: 0,
    latencyMax: 0,
    longest: -1,
  };
  const latencies = addWaits(model, row, t0, t1, s);
  addLocks(model, row, t0, t1, s);
  latencies.sort();
  s.wakeups = latencies.length;
  s.latency50 = quantile(latencies, 0.5);
  s.latencyMax = latencies[latencies.length - 1] ?? 0;
  const blocked = Object.values(s.blocked).reduce((a, b) => a + b, 0);
  s.unknown = Math.max(0, t1 - t0 - s.running - s.ready - blocked);
  s.hurt = s.ready + [...HURTS].reduce((sum, c) => sum + (s.blocked[c] ?? 0), 0);
  return s;
}

/** @param {Model} model @param {Row} row @param {number} t0 @param {number} t1 @param {States} s @returns {Float64Array} latencies of wakeups */
function addWaits(model, row, t0, t1, s) {
  const { aux } = model;
  const list = row.aux[AUX.WAIT];
  /** @type {number[]} */
  const latencies = [];
  let longest = -1;
  if (!list) return new Float64Array(0);
  forEachOverlap(list, aux, t0, t1, 0, (r) => {
    const time = Math.min(t1, aux.start[r] + aux.dur[r]) - Math.max(t0, aux.start[r]);
    if (time <= 0) return;
    const letter = waitLetter(model.kinds[aux.kind[r]].event);
    if (letter === 'c') {
      s.ready += time;
      if (wakeupOf(model, r) !== null) latencies.push(aux.dur[r]);
    } else {
      s.blocked[letter] = (s.blocked[letter] ?? 0) + time;
    }
    if (time > longest) {
      longest = time;
      s.longest = r;
    }
  });
  return Float64Array.from(latencies);
}

/** @param {Model} model @param {Row} row @param {number} t0 @param {number} t1 @param {States} s */
function addLocks(model, row, t0, t1, s) {
  const { aux } = model;
  const { tryOf } = lockBook(model);
  const add = (/** @type {number} */ r) => {
    if (Math.min(t1, aux.start[r] + aux.dur[r]) <= Math.max(t0, aux.start[r])) return;
    s.lockWaits++;
    s.longestLock = Math.max(s.longestLock, aux.dur[r]);
  };
  for (const list of [row.aux[AUX.LOCK], row.aux[AUX.WAIT]]) {
    if (list)
      forEachOverlap(list, aux, t0, t1, 0, (r) => {
        if (isLockWait(model, tryOf, r)) add(r);
      });
  }
}

/** States of all threads, some at a time. */
export class StatesJob {
  /** @param {Model} model @param {Window} window */
  constructor(model, window) {
    prepareGroup(model, 'pid');
    this.model = model;
    this.window = window;
    this.at = 0;
    /** @type {States[]} */
    this.rows = [];
  }

  get done() {
    return this.at >= this.model.rows.pid.length;
  }
  get share() {
    return this.model.rows.pid.length === 0 ? 1 : this.at / this.model.rows.pid.length;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    while (!this.done) {
      this.rows.push(statesOf(this.model, this.model.rows.pid[this.at++], this.window));
      if (now() >= deadline) return;
    }
  }
}

/** @typedef {import('../trace/calls.js').Call} Call */

/** The calls of one RPC row. @param {Model} model @param {Row} row @returns {Call[]} */
export const callsOf = (model, row) => {
  for (let parts = callParts(model, row); ; ) {
    const { done, value } = parts.next();
    if (done) return value;
  }
};

/** The same, some of them at a time. @param {Model} model @param {Row} row @returns {Generator<undefined, Call[], undefined>} */
function* callParts(model, row) {
  const calls = outlineCalls(model, row);
  for (const call of calls) {
    tellSides(model, call);
    yield;
  }
  return calls;
}

/** How the threads of a call spent it. @param {Model} model @param {Call} call */
export function tellSides(model, call) {
  call.client = threadStates(model, call.tid, call);
  for (const s of call.servers) s.states = threadStates(model, s.tid, s);
}

/** @param {Model} model @param {number} tid @param {Window} w */
function threadStates(model, tid, w) {
  prepareGroup(model, 'pid');
  const p = model.position.pid.get(tid);
  return p === undefined ? null : statesOf(model, model.rows.pid[p], { t0: w.t0, t1: w.t1 });
}

/** All calls of RPCs that touch the window, some at a time; `calls` has them at the end, slowest first. */
export class CallsJob {
  /** @param {Model} model @param {Window} window */
  constructor(model, window) {
    this.model = model;
    this.window = window;
    /** @type {Call[]} */
    this.calls = [];
    this.at = 0;
    /** @type {ReturnType<typeof callParts>|null} */
    this.parts = null;
  }

  get done() {
    return this.at >= this.model.rows.rpc.length;
  }
  get share() {
    return this.done ? 1 : this.at / this.model.rows.rpc.length;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    const { t0, t1 } = this.window;
    while (!this.done) {
      this.parts ??= callParts(this.model, this.model.rows.rpc[this.at]);
      const { done, value } = this.parts.next();
      if (done) {
        this.calls.push(...value.filter((c) => c.t0 < t1 && c.t1 > t0));
        this.parts = null;
        this.at++;
        if (this.done) this.calls.sort((a, b) => b.t1 - b.t0 - (a.t1 - a.t0));
      }
      if (now() >= deadline) return;
    }
  }
}

/** All calls, slowest first, of RPCs that touch the window. @param {Model} model @param {Window} w @returns {Call[]} */
export function allCalls(model, w) {
  const job = new CallsJob(model, w);
  job.step(() => 0, 1);
  return job.calls;
}
