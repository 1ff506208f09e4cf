// SPDX-License-Identifier: BSD-3-Clause
// The locks of a trace: who tried, who held, who waited. The one model of locks: rows, tables, search, statistics and details ask here.
// A try lasts from the failed attempt to the acquisition; the thread may sleep, be ready or run in it. What sleeps for a lock without
// a recorded try (a futex of a program that says nothing of its locks) counts as a wait of its own.

import { AUX, EV, waitLetter } from '../format/events.js';
import { tidOf } from '../format/columns.js';
import { forEachOverlap } from '../format/bounds.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('../format/bounds.js').RecordList} RecordList */
/** @typedef {import('../plan/view.js').Window} Window */
/**
 * @typedef {object} Lock
 * @property {number} key its number in the trace @property {string} name
 * @property {RecordList} tries by start @property {RecordList} holds by start
 * @property {number} unseen acquisitions without a record of their hold: too short for one, or without a recorded release
 */
/**
 * @typedef {object} LockBook
 * @property {Lock[]} locks @property {Map<number, Lock>} byKey
 * @property {Map<number, number>} tryOf the try in which a thread slept for a lock, by the record of that sleep
 * @property {number[]} waits records that are a wait for a lock: tries, and sleeps outside any; by start
 */
/** Time of one thread with a lock, in ticks. @typedef {{tid: number, time: number, count: number, longest: number, record: number}} Share record: of the longest */

/** @type {WeakMap<Model, LockBook>} */
const books = new WeakMap();

/** @param {Model} model @returns {LockBook} */
export function lockBook(model) {
  const known = books.get(model);
  if (known) return known;
  const book = makeBook(model);
  books.set(model, book);
  return book;
}

/** Name of a lock, from that of a record: try_name, acq_name, ~name. @param {string} name @param {number} key */
const lockName = (name, key) => name.replace(/^([=~]|try_|acq_|rel_)/, '') || `lock ${key}`;

/** @param {Model} model @returns {LockBook} */
function makeBook(model) {
  const { aux, category, kinds } = model;
  const events = kinds.map((k) => k.event);
  /** @type {Map<number, {name: string, tries: number[], holds: number[], acquired: number}>} */
  const found = new Map();
  let last = { name: '', tries: /** @type {number[]} */ ([]), holds: /** @type {number[]} */ ([]), acquired: 0 };
  let lastKey = NaN;
  const of = (/** @type {number} */ r) => {
    const key = aux.arg[r];
    if (key === lastKey) return last;
    let lock = found.get(key);
    if (!lock) found.set(key, (lock = { name: lockName(kinds[aux.kind[r]].name, key), tries: [], holds: [], acquired: 0 }));
    [last, lastKey] = [lock, key];
    return lock;
  };
  /** @type {number[]} */
  const sleeps = [];
  for (let r = 0; r < aux.n; r++) {
    const event = events[aux.kind[r]];
    if (category[r] === AUX.LOCK) of(r)[event === EV.LOCK_TRY ? 'tries' : 'holds'].push(r);
    else if (event === EV.LOCKACQUIRE) of(r).acquired++;
    else if (category[r] === AUX.WAIT && waitLetter(event) === 'l') sleeps.push(r);
  }
  const byStart = (/** @type {number[]} */ list) => {
    const sorted = list.every((r, i) => i === 0 || aux.start[r] >= aux.start[list[i - 1]]);
    return sorted ? list : list.sort((a, b) => aux.start[a] - aux.start[b] || a - b);
  };
  const listOf = (/** @type {number[]} */ list) => ({ index: new Uint32Array(byStart(list)), blocks: null });
  const locks = [...found].map(([key, { name, tries, holds, acquired }]) => ({
    key,
    name,
    tries: listOf(tries),
    holds: listOf(holds),
    unseen: Math.max(0, acquired - holds.length),
  }));
  locks.sort((a, b) => a.name.localeCompare(b.name) || a.key - b.key);
  const tryOf = triesOf(model, sleeps);
  const waits = byStart([...locks.flatMap((l) => [...l.tries.index]), ...sleeps.filter((r) => !tryOf.has(r))]);
  return { locks, byKey: new Map(locks.map((l) => [l.key, l])), tryOf, waits };
}

/** @param {Model} model @param {number[]} sleeps @returns {Map<number, number>} */
function triesOf(model, sleeps) {
  const { aux, kinds, rows, position } = model;
  const tryOf = new Map();
  for (const r of sleeps) {
    const list = rows.pid[position.pid.get(tidOf(aux, r)) ?? -1]?.aux[AUX.LOCK];
    const end = aux.start[r] + aux.dur[r];
    if (list)
      forEachOverlap(list, aux, aux.start[r], end, 0, (t) => {
        if (kinds[aux.kind[t]].event === EV.LOCK_TRY && aux.start[t] < end && aux.start[t] + aux.dur[t] > aux.start[r]) tryOf.set(r, t);
      });
  }
  return tryOf;
}

/** True of a wait for a lock: a try, or a sleep outside any. @param {Model} model @param {Map<number, number>} tryOf of the book @param {number} r record of aux */
export function isLockWait({ aux, category, kinds }, tryOf, r) {
  const { event } = kinds[aux.kind[r]];
  return category[r] === AUX.LOCK ? event === EV.LOCK_TRY : category[r] === AUX.WAIT && waitLetter(event) === 'l' && !tryOf.has(r);
}

/** Time of a record inside a window. @param {Model} model @param {number} r @param {Window} w */
const inside = ({ aux }, r, { t0, t1 }) => Math.min(t1, aux.start[r] + aux.dur[r]) - Math.max(t0, aux.start[r]);

/** Visits the records of a list that last inside a window, with how long, in order of time. @param {Model} model @param {RecordList} list @param {Window} w @param {(record: number, time: number) => void} visit */
function within(model, list, w, visit) {
  forEachOverlap(list, model.aux, w.t0, w.t1, 0, (record) => {
    const time = inside(model, record, w);
    if (time > 0) visit(record, time);
  });
}

/** Sums by thread of records of one lock, most time first; the time is that inside the window, the longest that of the whole record. @param {Model} model @param {RecordList} list @param {Window} w @returns {Share[]} */
export function sharesOf(model, list, w) {
  const { aux } = model;
  /** @type {Map<number, Share>} */
  const found = new Map();
  within(model, list, w, (record, time) => {
    const tid = tidOf(aux, record);
    const share = found.get(tid) ?? { tid, time: 0, count: 0, longest: -1, record };
    share.time += time;
    share.count++;
    if (aux.dur[record] > share.longest) [share.longest, share.record] = [aux.dur[record], record];
    found.set(tid, share);
  });
  return [...found.values()].sort((a, b) => b.time - a.time || a.tid - b.tid);
}

/** Time that any of the records covers inside a window. @param {Model} model @param {RecordList} list @param {Window} w */
export function coveredTime(model, list, w) {
  const { aux } = model;
  let [end, sum] = [-Infinity, 0];
  within(model, list, w, (record) => {
    const from = Math.max(w.t0, aux.start[record], end);
    const to = Math.min(w.t1, aux.start[record] + aux.dur[record]);
    sum += Math.max(0, to - from);
    end = Math.max(end, to);
  });
  return sum;
}

/**
 * Who held a lock while a thread tried: by thread, and the time in which nobody did.
 * @param {Model} model @param {number} record a try
 * @returns {{lock: Lock, holders: Share[], count: number, free: number}|null}
 */
export function heldDuring(model, record) {
  const lock = lockBook(model).byKey.get(model.aux.arg[record]);
  if (!lock) return null;
  const t0 = model.aux.start[record];
  const w = { t0, t1: t0 + model.aux.dur[record] };
  const holders = sharesOf(model, lock.holds, w);
  return { lock, holders, count: holders.reduce((n, h) => n + h.count, 0), free: w.t1 - w.t0 - coveredTime(model, lock.holds, w) };
}

/** Who tried while a lock was held. @param {Model} model @param {number} record a hold @returns {{lock: Lock, waiters: Share[], count: number}|null} */
export function triedDuring(model, record) {
  const lock = lockBook(model).byKey.get(model.aux.arg[record]);
  if (!lock) return null;
  const t0 = model.aux.start[record];
  const waiters = sharesOf(model, lock.tries, { t0, t1: t0 + model.aux.dur[record] });
  return { lock, waiters, count: waiters.reduce((n, h) => n + h.count, 0) };
}

/**
 * One row of the table of locks: what touches a window.
 * @typedef {object} LockRow ticks
 * @property {Lock} lock
 * @property {Share[]} waiters @property {Share[]} holders
 * @property {number} tries @property {number} waited time of all tries inside the window @property {number} longestTry @property {number} worst its record, -1 none
 * @property {number} holds @property {number} held time in which somebody held it @property {number} longestHold @property {number} worstHold record
 */

/** @param {Model} model @param {Lock} lock @param {Window} w @returns {LockRow} */
export function lockRow(model, lock, w) {
  const waiters = sharesOf(model, lock.tries, w);
  const holders = sharesOf(model, lock.holds, w);
  const sum = (/** @type {Share[]} */ list, /** @type {'count'|'time'} */ what) => list.reduce((n, s) => n + s[what], 0);
  const most = (/** @type {Share[]} */ list) =>
    list.reduce((best, s) => (s.longest > (best?.longest ?? -1) ? s : best), /** @type {Share|null} */ (null));
  const [wait, hold] = [most(waiters), most(holders)];
  return {
    lock,
    waiters,
    holders,
    tries: sum(waiters, 'count'),
    waited: sum(waiters, 'time'),
    longestTry: wait?.longest ?? 0,
    worst: wait?.record ?? -1,
    holds: sum(holders, 'count'),
    held: coveredTime(model, lock.holds, w),
    longestHold: hold?.longest ?? 0,
    worstHold: hold?.record ?? -1,
  };
}

/** The rows of all locks that a window touches, some at a time. */
export class LocksJob {
  /** @param {Model} model @param {Window} window */
  constructor(model, window) {
    this.model = model;
    this.window = window;
    this.at = 0;
    /** @type {LockRow[]} */
    this.rows = [];
  }

  get done() {
    return this.at >= lockBook(this.model).locks.length;
  }

  get share() {
    return this.done ? 1 : this.at / lockBook(this.model).locks.length;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    while (!this.done) {
      const row = lockRow(this.model, lockBook(this.model).locks[this.at++], this.window);
      if (row.tries + row.holds > 0) this.rows.push(row);
      if (now() >= deadline) return;
    }
  }
}

/** The locks that a window touches. @param {Model} model @param {Window} w @returns {LockRow[]} */
export function lockRows(model, w) {
  const job = new LocksJob(model, w);
  job.step(() => 0, 1);
  return job.rows;
}
