// SPDX-License-Identifier: BSD-3-Clause
// Which calls a thread is in, told from its execution spans in order: the rule of postproc/query/call_pieces.cc.

import { RUN } from '../trace/why-records.js';

/** @typedef {{run: number, event: number, arg: number}} Call */

/** Of documents that mean harm: lawful stacks have a handful. */
const DEEPEST = 64;

/** True of what is called: not user code, not idle. @param {number} run */
export const isCall = (run) => run >= RUN.SYSCALL && run <= RUN.SCHED;

export class CallPieces {
  constructor() {
    /** By thread; the idle thread of CPU c is -1 - c. @type {Map<number, {open: Call[], end: number, cut: number}>} */
    this.threads = new Map();
  }

  /** @param {number} key */
  threadOf(key) {
    let thread = this.threads.get(key);
    if (!thread) this.threads.set(key, (thread = { open: [], end: -Infinity, cut: -Infinity }));
    return thread;
  }

  /** The next execution span of a thread, in its order. @param {number} key @param {Call} call @param {number} start @param {number} end @returns {number} how deep it stands, -1: in no call */
  next(key, call, start, end) {
    const thread = this.threadOf(key);
    const goesOn = start === thread.end && start !== thread.cut;
    thread.end = end;
    const { open } = thread;
    if (!isCall(call.run)) {
      open.length = 0;
      return -1;
    }
    const at = open.findLastIndex((o) => o.run === call.run && (call.run === RUN.SCHED || (o.event === call.event && o.arg === call.arg))) + 1;
    // Right behind itself it is another call, unless a mark cut it or the thread was away inside.
    const again = at > 0 && at === open.length && goesOn;
    if (at > 0 && !again) open.length = at;
    else {
      if (again) open.pop();
      while (!canNest(open, call.run)) open.pop();
      if (open.length >= DEEPEST) open.shift();
      open.push(call);
    }
    return open.length - 1;
  }

  /** A mark cuts the span that is open at its time: what follows there goes on with the call. @param {number} tid @param {number} t */
  cut(tid, t) {
    this.threadOf(tid).cut = t;
  }
}

/** Whether a call of this kind can begin inside the open ones (docs/trace-format.md, section 3, "Stacks"). @param {Call[]} open @param {number} run */
function canNest(open, run) {
  if (open.length === 0) return true;
  const top = open[open.length - 1].run;
  if (run === RUN.SYSCALL) return false;
  if (run === RUN.TRAP) return top !== RUN.TRAP && top !== RUN.SCHED;
  if (run === RUN.SOFTIRQ) return open.every((o) => o.run !== RUN.SOFTIRQ);
  return top !== run;
}
