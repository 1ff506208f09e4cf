// SPDX-License-Identifier: BSD-3-Clause
// The records of a trace as "why" asks for them, the same as postproc/analysis/why_records.cc: what each CPU and each thread did, in order; who
// woke whom; who held which lock; who sent what; and the windows that programs mark. A record is a number: of exec, or behind those one of aux.

import { lowerBound } from '../format/bounds.js';
import { tidOf } from '../format/columns.js';
import { AUX, base40, CLASS, CLASS_COUNT, EV, FLAG_IPC, waitLetter } from '../format/events.js';
import { sumWindow } from './aggregate.js';
import { cpuOfSpan } from './lookups.js';
import { prepareGroup, prepareRow } from './model.js';

/** @typedef {import('./model.js').Model} Model */
/** From a lock's acquisition to its release. @typedef {{from: number, to: number, tid: number, record: number}} Hold */
/** Of a lock by a thread, from the first failed try to the acquisition. @typedef {{from: number, to: number, lock: number, name: string}} Try */
/** @typedef {{states: Uint32Array, doing: Int32Array, wakeups: number[], received: number[], tries: Try[]}} Thread states: spans and waits; doing: of each the kind of the call in which it stands, -1 none */
/**
 * What a program marks: an RPC from request to response, or from mark `x` to mark `/x` of one thread.
 * @typedef {{from: number, to: number, tid: number, rpc: number, name: string, begin: number, end: number}} MarkedWindow rpc: 0 of marks; begin, end: records
 */

export const NO_RECORD = -1;
/** Kinds of execution spans, those of span_kind.h. */
export const RUN = Object.freeze({ USER: 0, SYSCALL: 1, TRAP: 2, IRQ: 3, SOFTIRQ: 4, SCHED: 5, IDLE: 6, OTHER: 7 });

const RUN_OF = /** @type {Record<number, number>} */ ({
  [CLASS.USER]: RUN.USER,
  [CLASS.SYSCALL]: RUN.SYSCALL,
  [CLASS.FAULT]: RUN.TRAP,
  [CLASS.IRQ]: RUN.IRQ,
  [CLASS.SCHED]: RUN.SCHED,
  [CLASS.IDLE]: RUN.IDLE,
});

/** Kind of execution span of each kind of record. @param {Model} model */
export const runKinds = (model) =>
  Uint8Array.from(model.kinds, ({ event }, k) => (event === EV.BOTTOM_HALF ? RUN.SOFTIRQ : (RUN_OF[model.cls[k]] ?? RUN.OTHER)));

/** "read.58512" of RPC 58512 is "read"; what does not end so is the same. @param {string} name @param {number} number */
export const withoutNumber = (name, number) => (name.endsWith(`.${number}`) ? name.slice(0, -`.${number}`.length) : name);

/** Records between two looks at the clock. */
const STRIDE = 16384;

/** @template K, V @param {Map<K, V[]>} map @param {K} key @param {V} value */
function add(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

export class WhyRecords {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** Where the records of aux begin. */
    this.n = model.exec.n;
    this.run = runKinds(model);
    this.hasIpc = (model.flags & FLAG_IPC) !== 0;
    /** @type {Map<number, number[]>} by thread */
    this.wakeups = new Map();
    /** @type {Map<number, number[]>} by CPU */
    this.ipis = new Map();
    /** @type {Map<number, number[]>} by thread */
    this.received = new Map();
    /** @type {Map<number, number[]>} user messages sent, by hash */
    this.sent = new Map();
    /** @type {Map<number, Hold[]>} by lock */
    this.holds = new Map();
    /** @type {Map<number, Try[]>} by thread */
    this.tries = new Map();
    /** @type {MarkedWindow[]} in the order in which they end */
    this.windows = [];
    /** @type {Map<number, Thread>} */
    this.threads = new Map();
    /** @type {Map<number, string>} */
    this.names = new Map();
    /** The end of the last span. */
    this.last = -Infinity;
    for (const { lo, n } of model.rows.cpu) if (n > 0) this.last = Math.max(this.last, model.exec.start[lo + n - 1] + model.exec.dur[lo + n - 1]);
    this.idleSums = new Float64Array(CLASS_COUNT);
  }

  /** @param {number} r */
  isRun(r) {
    return r < this.n;
  }
  /** @param {number} r */
  start(r) {
    return r < this.n ? this.model.exec.start[r] : this.model.aux.start[r - this.n];
  }
  /** @param {number} r */
  end(r) {
    const { exec, aux } = this.model;
    return r < this.n ? exec.start[r] + exec.dur[r] : aux.start[r - this.n] + aux.dur[r - this.n];
  }
  /** @param {number} r */
  kind(r) {
    return r < this.n ? this.model.exec.kind[r] : this.model.aux.kind[r - this.n];
  }
  /** @param {number} r */
  event(r) {
    return this.model.kinds[this.kind(r)].event;
  }
  /** @param {number} r */
  name(r) {
    return this.model.kinds[this.kind(r)].name;
  }
  /** Kind of an execution span. @param {number} r */
  runKind(r) {
    return this.run[this.model.exec.kind[r]];
  }
  /** @param {number} r */
  tid(r) {
    return r < this.n ? tidOf(this.model.exec, r) : tidOf(this.model.aux, r - this.n);
  }
  /** @param {number} r */
  cpu(r) {
    if (r >= this.n) return /** @type {Int32Array} */ (this.model.aux.cpu)[r - this.n];
    return cpuOfSpan(this.model, r);
  }
  /** @param {number} r */
  arg(r) {
    return r < this.n ? this.model.exec.arg[r] : this.model.aux.arg[r - this.n];
  }
  /** @param {number} r */
  inferred(r) {
    return ((r < this.n ? this.model.exec.flags[r] : this.model.aux.flags[r - this.n]) & 1) !== 0;
  }
  /** True of a wait for a CPU. @param {number} r */
  isReady(r) {
    return waitLetter(this.event(r)) === 'c';
  }
  /** What the page selects. @param {number} r @returns {import('../state/store.js').Selection} */
  selection(r) {
    return r < this.n ? { cols: 'exec', record: r } : { cols: 'aux', record: r - this.n };
  }

  /** Looks at every record once. @returns {Generator<number, WhyRecords, undefined>} */
  *read() {
    const { aux } = this.model;
    prepareGroup(this.model, 'pid');
    yield 0;
    const take = this.takers();
    const code = this.model.kinds.map(({ event }) => take.get(event));
    for (let at = 0; at < aux.n; at += STRIDE) {
      const stop = Math.min(aux.n, at + STRIDE);
      for (let i = at; i < stop; i++) code[aux.kind[i]]?.(i, tidOf(aux, i), aux.arg[i]);
      yield stop / aux.n;
    }
    for (const holds of this.holds.values()) for (const hold of holds) hold.to = Math.min(hold.to, this.last);
    return this;
  }

  /** What is done with a record of each number. @returns {Map<number, (i: number, tid: number, arg: number) => void>} */
  takers() {
    const { aux } = this.model;
    /** Open, by lock and thread. @type {Map<string, number>} */
    const tries = new Map();
    return new Map([
      [EV.RUNNABLE, (i, _, arg) => arg > 0 && add(this.wakeups, arg, i)],
      [EV.ARC_IPI, (i, _, arg) => add(this.ipis, arg, i)],
      [
        EV.LOCKNOACQUIRE,
        (i, tid, arg) => {
          if (!tries.has(`${arg} ${tid}`)) tries.set(`${arg} ${tid}`, aux.start[i]);
        },
      ],
      [EV.LOCKACQUIRE, (i, tid, arg) => this.acquired(i, tid, arg, tries)],
      [
        EV.LOCKWAKEUP,
        (i, tid, arg) => {
          const hold = this.holds.get(arg)?.at(-1);
          if (hold && hold.tid === tid && hold.to > aux.start[i]) hold.to = aux.start[i];
        },
      ],
      [EV.RX_USER, (i, tid) => tid > 0 && add(this.received, tid, i)],
      [EV.TX_USER, (i, _, arg) => add(this.sent, arg, i)],
      ...this.markTakers(),
    ]);
  }

  /** User code records beside what it does: a hold that is still open when another begins has ended by then. @param {number} i @param {number} tid @param {number} lock @param {Map<string, number>} tries */
  acquired(i, tid, lock, tries) {
    const { aux, kinds } = this.model;
    const before = this.holds.get(lock)?.at(-1);
    if (before) before.to = Math.min(before.to, aux.start[i]);
    add(this.holds, lock, { from: aux.start[i], to: Infinity, tid, record: this.n + i });
    const open = tries.get(`${lock} ${tid}`);
    if (open === undefined) return;
    add(this.tries, tid, { from: open, to: aux.start[i], lock, name: kinds[aux.kind[i]].name.replace(/^acq_/, '') });
    tries.delete(`${lock} ${tid}`);
  }

  /** @returns {[number, (i: number, tid: number, arg: number) => void][]} */
  markTakers() {
    const { aux, kinds } = this.model;
    /** Open, by thread and label. @type {Map<string, number>} */
    const marks = new Map();
    /** Open, by thread and id. @type {Map<string, number>} */
    const requests = new Map();
    const close = (/** @type {Map<string, number>} */ open, /** @type {string} */ key, /** @type {number} */ i, /** @type {number} */ rpc) => {
      const begin = open.get(key);
      if (begin === undefined) return;
      open.delete(key);
      const name = rpc > 0 ? withoutNumber(kinds[aux.kind[begin]].name, rpc) : base40(aux.arg[begin]);
      this.windows.push({ from: aux.start[begin], to: aux.start[i], tid: tidOf(aux, i), rpc, name, begin: this.n + begin, end: this.n + i });
    };
    return [
      [
        EV.MARKA,
        (i, tid, arg) => {
          const label = base40(arg);
          if (label.startsWith('/')) close(marks, `${tid} ${label.slice(1)}`, i, 0);
          else marks.set(`${tid} ${label}`, i);
        },
      ],
      [EV.RPCIDREQ, (i, tid, arg) => (arg & 0xffff) !== 0 && requests.set(`${tid} ${arg & 0xffff}`, i)],
      [EV.RPCIDRESP, (i, tid, arg) => close(requests, `${tid} ${arg & 0xffff}`, i, arg & 0xffff)],
    ];
  }

  /** What a thread did, made when it is first asked for. @param {number} tid @returns {Thread} */
  thread(tid) {
    const known = this.threads.get(tid);
    if (known) return known;
    const states = this.statesOf(tid);
    const doing = new Int32Array(states.length);
    let call = -1;
    states.forEach((r, i) => {
      if (r < this.n) {
        const run = this.runKind(r);
        if (run === RUN.USER) call = -1;
        else if (run === RUN.SYSCALL || run === RUN.TRAP) call = this.kind(r);
      }
      doing[i] = call;
    });
    const thread = {
      states,
      doing,
      wakeups: this.wakeups.get(tid) ?? [],
      received: this.received.get(tid) ?? [],
      tries: this.tries.get(tid) ?? [],
    };
    this.threads.set(tid, thread);
    return thread;
  }

  /** Spans and waits of a thread in order; what takes no time is left out. @param {number} tid */
  statesOf(tid) {
    const { model, n } = this;
    const row = model.rows.pid[model.position.pid.get(tid) ?? -1];
    if (!row || tid <= 0) return new Uint32Array(0);
    prepareRow(model, row);
    const { exec, aux, loose } = model;
    const runs = (row.index ?? new Uint32Array(0)).filter((r) => exec.dur[r] > 0 && !(r >= loose.lo && r < loose.hi));
    const waits = (row.aux[AUX.WAIT]?.index ?? new Uint32Array(0)).filter((r) => aux.dur[r] > 0);
    const states = new Uint32Array(runs.length + waits.length);
    let [i, k] = [0, 0];
    for (let at = 0; at < states.length; at++) {
      const run = k >= waits.length || (i < runs.length && exec.start[runs[i]] <= aux.start[waits[k]]);
      states[at] = run ? runs[i++] : n + waits[k++];
    }
    return states;
  }

  /** A call by its kind, '' none. @param {number} kind */
  callName(kind) {
    return kind < 0 ? '' : this.model.kinds[kind].name;
  }

  /** Position of the last of a thread's states that starts before t; -1: none does. @param {Uint32Array} list @param {number} t */
  before(list, t) {
    return lowerBound(0, list.length, (i) => this.start(list[i]), t) - 1;
  }
  /** The same of records of aux. @param {number[]} list @param {number} t */
  beforePoint(list, t) {
    const { start } = this.model.aux;
    return lowerBound(0, list.length, (i) => start[list[i]], t) - 1;
  }

  /** @param {number} cpu */
  cpuRow(cpu) {
    return this.model.rows.cpu[this.model.position.cpu.get(cpu) ?? -1];
  }
  /** The last span of a CPU that takes time and starts before t, or NO_RECORD. @param {import('./model.js').Row} row @param {number} t */
  spanBefore({ lo, n }, t) {
    const { start } = this.model.exec;
    return this.lasting(lo, lowerBound(lo, lo + n, (i) => start[i], t) - 1);
  }
  /** The span before one on its CPU. @param {import('./model.js').Row} row @param {number} r */
  previous({ lo }, r) {
    return this.lasting(lo, r - 1);
  }
  /** @param {number} lo @param {number} r */
  lasting(lo, r) {
    const { dur } = this.model.exec;
    while (r >= lo && dur[r] === 0) r--;
    return r >= lo ? r : NO_RECORD;
  }
  /** The span that covers t on a CPU. @param {number} cpu @param {number} t */
  covering(cpu, t) {
    const row = this.cpuRow(cpu);
    if (!row) return NO_RECORD;
    const { start } = this.model.exec;
    const r = this.lasting(row.lo, lowerBound(row.lo, row.lo + row.n, (i) => (start[i] > t ? 1 : 0), 1) - 1);
    return r !== NO_RECORD && this.end(r) > t ? r : NO_RECORD;
  }
  /** The first wakeup of a thread at just this time. @param {Thread} thread @param {number} t */
  wakeup(thread, t) {
    const at = thread.wakeups[this.beforePoint(thread.wakeups, t) + 1];
    return at !== undefined && this.model.aux.start[at] === t ? this.n + at : NO_RECORD;
  }
  /** Ticks that a CPU was idle. @param {import('./model.js').Row} row @param {number} from @param {number} to */
  idle(row, from, to) {
    sumWindow(row, this.model.exec, this.model.cls, from, to, this.idleSums);
    return this.idleSums[CLASS.IDLE];
  }

  /** Name of a thread: that of its last span of its own code. @param {number} tid */
  threadName(tid) {
    if (tid <= 0) return '-idle-';
    const known = this.names.get(tid);
    if (known !== undefined) return known;
    const { states } = this.thread(tid);
    const own = states.findLast((r) => r < this.n && this.runKind(r) === RUN.USER);
    const name = (own === undefined ? '' : this.name(own)) || `.${tid}`;
    this.names.set(tid, name);
    return name;
  }
  /** @param {number} tid */
  program(tid) {
    return withoutNumber(this.threadName(tid), tid);
  }
}
