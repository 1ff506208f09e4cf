// SPDX-License-Identifier: BSD-3-Clause
// Where time went, as a tree of stacks: what ran, by calls; what did not run, by the reason; or where samples fell. The same as
// postproc/analysis/profile.cc, to the ns; a test compares. Time is exact, a count of samples is one: the two are never in one tree.

import { rpcOf, tidOf } from '../format/columns.js';
import { EV } from '../format/events.js';
import { WAITS } from '../format/kinds.js';
import { toNs } from '../trace/time.js';
import { RUN, runKinds } from '../trace/why-records.js';
import { CallPieces } from './call-pieces.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {'running'|'waiting'|'samples'} ProfileOf */
/** @typedef {'thread'|'cpu'|'rpc'|'function'} ProfileBy */
/** @typedef {'thread'|'cpu'|'rpc'|'user'|'call'|'reason'|'waker'} FrameKind */
/** @typedef {{kind: FrameKind, id: number|string}} Frame id: a number, or a name */
/** ns of own and total; of samples their counts. @typedef {{parent: number, frame: Frame, own: number, total: number, count: number, ns: number, ownNs: number, children: number[]}} Node total, own: ticks */
/** What is counted: one thread, or -1 all; ticks. @typedef {{t0: number, t1: number, tid: number}} Part */

/** Records between two looks at the clock. */
const STRIDE = 4096;
/** Stacks that a page holds; what comes behind them is counted in `cut`. */
const MOST_NODES = 1 << 18;

/** Records of a trace in one order: start, length, CPU, spans before points. @param {Model} model */
class InOrder {
  /** @param {Model} model */
  constructor({ exec, aux, rows }) {
    this.exec = exec;
    this.aux = aux;
    this.at = 0;
    /** @type {{cpu: number, r: number, end: number}[]} a heap, the next first */
    this.heap = rows.cpu.filter((row) => row.n > 0).map(({ key, lo, n }) => ({ cpu: key, r: lo, end: lo + n }));
    for (let i = this.heap.length >> 1; i >= 0; i--) this.sink(i);
  }
  /** @param {{cpu: number, r: number}} a @param {{cpu: number, r: number}} b */
  before(a, b) {
    const { start, dur } = this.exec;
    return start[a.r] - start[b.r] || dur[a.r] - dur[b.r] || a.cpu - b.cpu;
  }
  /** @param {number} i */
  sink(i) {
    const { heap } = this;
    for (;;) {
      let least = i;
      for (const k of [2 * i + 1, 2 * i + 2]) if (k < heap.length && this.before(heap[k], heap[least]) < 0) least = k;
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least], heap[i]];
      i = least;
    }
  }
  /** The next span, with its CPU, or the next record of aux. @param {(r: number, cpu: number) => void} span @param {(r: number) => void} point @returns {boolean} false: there is none */
  next(span, point) {
    const { heap, exec, aux, at } = this;
    const top = heap[0];
    if (!top && at >= aux.n) return false;
    if (!top || (at < aux.n && this.pointFirst(top, at))) {
      this.at++;
      point(at);
      return true;
    }
    span(top.r, top.cpu);
    top.r++;
    if (top.r >= top.end) {
      const last = /** @type {typeof top} */ (heap.pop());
      if (heap.length > 0 && last !== top) heap[0] = last;
    }
    if (exec && heap.length > 0) this.sink(0);
    return true;
  }
  /** @param {{cpu: number, r: number}} top @param {number} at */
  pointFirst(top, at) {
    const { exec, aux } = this;
    const cpu = /** @type {Int32Array} */ (aux.cpu)[at];
    const order = aux.start[at] - exec.start[top.r] || aux.dur[at] - exec.dur[top.r];
    return order < 0 || (order === 0 && cpu >= 0 && cpu < top.cpu);
  }
}

export class Profile {
  /** @param {Model} model @param {ProfileOf} of @param {ProfileBy} by @param {Part} part */
  constructor(model, of, by, part) {
    this.model = model;
    this.of = of;
    this.by = by;
    this.part = part;
    this.run = runKinds(model);
    /** A node stands behind its parent. @type {Node[]} */
    this.nodes = [];
    /** @type {number[]} */
    this.roots = [];
    /** @type {Map<string, number>} */
    this.index = new Map();
    this.pieces = new CallPieces();
    /** Calls that a thread is in. @type {Map<number, string[]>} */
    this.open = new Map();
    /** A thread's latest wait, until its wakeup is known. @type {Map<number, {end: number, time: number, stack: Frame[]}>} */
    this.pending = new Map();
    /** @type {Map<number, string>} */
    this.threads = new Map();
    /** @type {Map<number, string>} */
    this.rpcs = new Map();
    this.idle = 0;
    this.total = 0;
    /** Stacks for which there was no room. */
    this.cut = 0;
  }

  /** @returns {Generator<number, Profile, undefined>} */
  *count() {
    const { model } = this;
    const order = new InOrder(model);
    const span = (/** @type {number} */ r, /** @type {number} */ cpu) => this.span(r, cpu);
    const point = (/** @type {number} */ r) => this.point(r);
    const all = model.exec.n + model.aux.n;
    for (let i = 1; order.next(span, point); i++) if (i % STRIDE === 0) yield i / all;
    for (const [, wait] of [...this.pending].sort((a, b) => a[0] - b[0])) this.flush(wait);
    this.share();
    return this;
  }

  /** How much of a time is counted. @param {number} start @param {number} dur */
  inside(start, dur) {
    return Math.max(0, Math.min(start + dur, this.part.t1) - Math.max(start, this.part.t0));
  }
  /** @param {number} tid */
  ofThread(tid) {
    return this.part.tid < 0 || this.part.tid === tid;
  }

  /** @param {number} tid @param {number} cpu @param {number} rpc @returns {Frame[]} */
  root(tid, cpu, rpc) {
    /** @type {Frame} */
    const thread = { kind: 'thread', id: Math.max(tid, 0) };
    if (this.by === 'cpu') return [{ kind: 'cpu', id: cpu }, thread];
    return this.by === 'rpc' ? [{ kind: 'rpc', id: Math.max(rpc, 0) }, thread] : [thread];
  }

  /** The calls that a thread is in, the outermost first; in none of them it is in its own code. @param {number} key @returns {Frame[]} */
  calls(key) {
    const open = this.open.get(key) ?? [];
    return open.length === 0 ? [{ kind: 'user', id: '' }] : open.map((name) => ({ kind: 'call', id: name }));
  }

  /** @param {Frame[]} stack @param {number} time */
  add(stack, time) {
    // What was done first, then by whom.
    if (this.by === 'function') stack.reverse();
    let node = -1;
    for (const frame of stack) {
      const next = this.child(node, frame);
      if (next < 0) {
        this.cut += time;
        break;
      }
      node = next;
      this.nodes[node].total += time;
    }
    if (node < 0) return;
    this.nodes[node].own += time;
    this.nodes[node].count++;
  }

  /** @param {number} parent @param {Frame} frame */
  child(parent, frame) {
    const key = `${parent} ${frame.kind} ${frame.id}`;
    const known = this.index.get(key);
    if (known !== undefined) return known;
    if (this.nodes.length >= MOST_NODES) return -1;
    const made = this.nodes.length;
    this.index.set(key, made);
    this.nodes.push({ parent, frame, own: 0, total: 0, count: 0, ns: 0, ownNs: 0, children: [] });
    (parent < 0 ? this.roots : this.nodes[parent].children).push(made);
    return made;
  }

  /** @param {number} r @param {number} cpu */
  span(r, cpu) {
    const { exec, kinds } = this.model;
    const { event, name } = kinds[exec.kind[r]];
    const run = this.run[exec.kind[r]];
    const tid = tidOf(exec, r);
    const key = tid > 0 ? tid : -1 - cpu;
    const start = exec.start[r];
    const depth = this.pieces.next(key, { run, event, arg: exec.arg[r] }, start, start + exec.dur[r]);
    let open = this.open.get(key);
    if (!open) this.open.set(key, (open = []));
    open.length = Math.min(open.length, Math.max(0, depth));
    if (depth >= 0) open.push(name);
    if (run === RUN.USER && tid > 0) this.threads.set(tid, name);
    const time = this.inside(start, exec.dur[r]);
    if (time <= 0 || !this.ofThread(Math.max(tid, 0))) return;
    if (run === RUN.IDLE) this.idle += time;
    else if (this.of === 'running') this.add([...this.root(tid, cpu, rpcOf(exec, r)), ...this.calls(key)], time);
  }

  /** @param {number} r record of aux */
  point(r) {
    const { aux, kinds } = this.model;
    const { event, name } = kinds[aux.kind[r]];
    const tid = tidOf(aux, r);
    if (event >= EV.WAITA && event <= EV.WAITZ) this.wait(r, event, tid);
    else if (event === EV.ARC_WAKEUP) this.wakeup(r, tid);
    else if (event === EV.PC_U || event === EV.PC_K) this.sample(r, event, name, tid);
    const rpc = event === EV.RPCIDREQ || event === EV.RPCIDRESP;
    if (tid > 0 && (rpc || (event >= EV.MARKA && event <= EV.MARKD))) this.pieces.cut(tid, aux.start[r]);
    const id = rpcOf(aux, r);
    if (rpc && id > 0 && !this.rpcs.has(id)) this.rpcs.set(id, name);
  }

  /** @param {{time: number, stack: Frame[]}} wait */
  flush(wait) {
    if (wait.time > 0) this.add(wait.stack, wait.time);
    wait.time = 0;
  }

  /** @param {number} r @param {number} event @param {number} tid */
  wait(r, event, tid) {
    if (this.of !== 'waiting' || tid <= 0 || !this.ofThread(tid)) return;
    const { aux } = this.model;
    const time = this.inside(aux.start[r], aux.dur[r]);
    if (time <= 0) return;
    const stack = [...this.root(tid, -1, rpcOf(aux, r)), /** @type {Frame} */ ({ kind: 'reason', id: event - EV.WAITA }), ...this.calls(tid)];
    // The scheduler is in every wait.
    const last = stack[stack.length - 1];
    if (stack.length > 2 && last.kind === 'call' && last.id === '-sched-') stack.pop();
    // A thread that is ready already was woken: its wakeup belongs to the wait before.
    if (event === EV.WAITA + 2) {
      this.add(stack, time);
      return;
    }
    const latest = this.pending.get(tid);
    if (latest) this.flush(latest);
    this.pending.set(tid, { end: aux.start[r] + aux.dur[r], time, stack });
  }

  /** An arc goes from the waker's moment to the thread's run. @param {number} r @param {number} waker */
  wakeup(r, waker) {
    const { aux } = this.model;
    const latest = this.pending.get(aux.ret[r] >>> 0);
    if (!latest || latest.time <= 0 || latest.end !== aux.start[r]) return;
    latest.stack.push({ kind: 'waker', id: Math.max(waker, 0) });
    this.flush(latest);
  }

  /** @param {number} r @param {number} event @param {string} name @param {number} tid */
  sample(r, event, name, tid) {
    const { aux } = this.model;
    const { t0, t1 } = this.part;
    if (this.of !== 'samples' || aux.start[r] < t0 || aux.start[r] >= t1 || !this.ofThread(Math.max(tid, 0))) return;
    const cpu = /** @type {Int32Array} */ (aux.cpu)[r];
    this.add([...this.root(tid, cpu, rpcOf(aux, r)), { kind: event === EV.PC_K ? 'call' : 'user', id: name }], 1);
  }

  /** Gives each node its ns: where one part of it ends the next begins, so that they add up to it. */
  share() {
    const ns = (/** @type {number} */ t) => (this.of === 'samples' ? t : toNs(this.model, t));
    // What `kutrace stat` has a sum of, and converts, is exact: a row; of a thread's waits each reason, which add up to the row.
    const byReason = this.of === 'waiting' && this.by === 'thread';
    for (const node of this.nodes) {
      if (node.parent < 0) {
        if (byReason) {
          for (const c of node.children) node.ns += this.nodes[c].ns = ns(this.nodes[c].total);
          continue;
        }
        node.ns = ns(node.total);
      }
      let at = node.own;
      let given = node.children.length === 0 ? node.ns : Math.min(ns(at), node.ns);
      node.ownNs = given;
      node.children.forEach((c, i) => {
        at += this.nodes[c].total;
        // The last one gets what is left.
        const end = i === node.children.length - 1 ? node.ns : Math.min(ns(at), node.ns);
        this.nodes[c].ns = end - given;
        given = end;
      });
    }
    this.total = this.roots.reduce((sum, i) => sum + this.nodes[i].ns, 0);
  }

  get idleNs() {
    return toNs(this.model, this.idle);
  }

  /** @param {Frame} frame @returns {string} */
  name({ kind, id }) {
    const thread = (/** @type {number} */ tid) => this.threads.get(tid) ?? `thread ${tid}`;
    if (typeof id === 'string') return id || 'user code';
    if (kind === 'thread') return id === 0 ? '-idle-' : thread(id);
    if (kind === 'cpu') return `CPU ${id}`;
    if (kind === 'rpc') return id === 0 ? 'no RPC' : (this.rpcs.get(id) ?? `RPC ${id}`);
    if (kind === 'waker') return id === 0 ? 'woken on an idle CPU' : `woken from ${thread(id)}`;
    return WAITS[String.fromCharCode(97 + id)].label;
  }
}
