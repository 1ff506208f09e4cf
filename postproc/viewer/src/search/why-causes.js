// SPDX-License-Identifier: BSD-3-Clause
// Elapsed time added up by cause, and what differs from others of its kind: RPCs of the same method, pairs of the same mark, of one program.
// The same as postproc/analysis/why_causes.cc, by the same tables; a test compares.

import { ipcParts, ipcValue } from '../format/events.js';
import { WHY_CAUSES, WHY_KINDS, WHY_NUMBERS } from '../format/why-tables.js';
import { toNs } from '../trace/time.js';
import { CERTAINTIES, followPath, STATE_OF } from './why-path.js';

/** @typedef {import('../trace/why-records.js').WhyRecords} WhyRecords */
/** @typedef {import('./why-path.js').Path} Path */
/** @typedef {import('./why-path.js').Part} Part */
/** What one cause consists of: whose time, in what, because of whom. @typedef {{tid: number, kind: string, actor: number, name: string, ns: number}} Detail */
/**
 * @typedef {object} Sum
 * @property {string} cause @property {string} object call, lock, program, interrupt @property {number} ns
 * @property {Map<string, Detail>} details @property {Map<number, number>} actors of a lock its holders, of a peer its threads
 */
/** Instructions and cycles in one unit, any. @typedef {{instructions: number, cycles: number}} Ipc */
/** How the thread that was asked for spent its time, ns; what others did while it waited counts as waiting. @typedef {{running: number, ready: number, waiting: number, unseen: number, stolen: number, certainty: number[], ipc: Ipc}} Totals */
/** What is asked for: a thread's time from..to; rpc 0 and name '': not more than that. @typedef {{tid: number, from: number, to: number, rpc: number, name: string, begin?: number}} Asked begin: its first record */

const CAUSE_OF = Object.fromEntries(WHY_KINDS.map(({ id, cause }) => [id, cause]));
const ORDER = new Map(WHY_CAUSES.map(({ id }, i) => [id, i]));
const KIND_ORDER = new Map(WHY_KINDS.map(({ id }, i) => [id, i]));
/** Parts between two looks at the clock. */
const STRIDE = 1024;

/** @param {WhyRecords} records @param {Path} path @param {Part} part @returns {[string, string]} cause and object */
export function causeOf(records, { links }, part) {
  if (part.link !== 0) {
    const top = links[links[part.link].top];
    return top.kind === 'lock' ? ['lock', top.name] : ['peer', records.program(top.actor)];
  }
  const cause = CAUSE_OF[part.kind];
  if (cause === 'call' && part.name === 'page_fault') return ['faults', ''];
  if (cause === 'preempted') return [cause, records.program(part.actor)];
  return ['call', 'lock', 'device', 'deferred'].includes(cause) ? [cause, part.name] : [cause, ''];
}

export const keyOfCause = (/** @type {string} */ cause, /** @type {string} */ object) => `${cause}\n${object}`;

/** @param {WhyRecords} records @param {{from: number, to: number}} part */
export const partNs = ({ model }, { from, to }) => toNs(model, to) - toNs(model, from);

/**
 * Each boundary is converted once, so the sums add up to the elapsed time.
 * @param {WhyRecords} records @param {Path} path @returns {Generator<undefined, Sum[], undefined>} in the order of the table of causes
 */
export function* sumCauses(records, path) {
  /** @type {Map<string, Sum>} */
  const sums = new Map();
  for (const [i, part] of path.parts.entries()) {
    if (i % STRIDE === STRIDE - 1) yield;
    const ns = partNs(records, part);
    const [cause, object] = causeOf(records, path, part);
    const key = keyOfCause(cause, object);
    let sum = sums.get(key);
    if (!sum) sums.set(key, (sum = { cause, object, ns: 0, details: new Map(), actors: new Map() }));
    sum.ns += ns;
    const { tid, kind, actor, name, link } = part;
    const detail = `${tid} ${kind} ${actor} ${name}`;
    const known = sum.details.get(detail);
    if (known) known.ns += ns;
    else sum.details.set(detail, { tid, kind, actor, name, ns });
    if (link !== 0) {
      const top = path.links[path.links[link].top].actor;
      sum.actors.set(top, (sum.actors.get(top) ?? 0) + ns);
    }
  }
  const place = (/** @type {Sum} */ s) => ORDER.get(s.cause) ?? 0;
  return [...sums.values()].sort((a, b) => place(a) - place(b) || (a.object < b.object ? -1 : a.object > b.object ? 1 : 0));
}

/** Details of a sum in one order, whatever the path's. @param {Sum} sum */
export const detailsOf = (sum) =>
  [...sum.details.values()].sort((a, b) => a.tid - b.tid || (KIND_ORDER.get(a.kind) ?? 0) - (KIND_ORDER.get(b.kind) ?? 0) || a.actor - b.actor);

/** @param {WhyRecords} records @param {Path} path @returns {Generator<undefined, Totals, undefined>} */
export function* totalsOf(records, path) {
  const { model } = records;
  /** @type {Totals} */
  const totals = { running: 0, ready: 0, waiting: 0, unseen: 0, stolen: 0, certainty: CERTAINTIES.map(() => 0), ipc: { instructions: 0, cycles: 0 } };
  for (const [i, part] of path.parts.entries()) {
    if (i % STRIDE === STRIDE - 1) yield;
    const ns = partNs(records, part);
    const own = part.link === 0;
    const state = /** @type {'running'|'ready'|'waiting'|'unseen'} */ (own ? STATE_OF[part.kind] : 'waiting');
    totals[state] += ns;
    if (own && (part.kind === 'irq' || part.kind === 'softirq')) totals.stolen += ns;
    totals.certainty[part.certainty] += ns;
    if (!own || !(part.kind === 'user' || part.kind === 'kernel') || !records.hasIpc) continue;
    // Where the code is 0 nothing may have been counted.
    const code = model.exec.ipc[part.record];
    if (code === 0) continue;
    totals.ipc.instructions += ns * ipcValue(ipcParts(code, model.flags).ipc ?? 0);
    totals.ipc.cycles += ns;
  }
  return totals;
}

/** How the others of a kind usually are. */
export class Others {
  /** @param {string} kind in words, '' none */
  constructor(kind) {
    this.kind = kind;
    /** Elapsed times, ns, sorted. @type {number[]} */
    this.lengths = [];
    this.typicalCount = 0;
    this.typicalElapsed = 0;
    /** @type {Ipc} */
    this.typicalIpc = { instructions: 0, cycles: 0 };
    /** Sums over all that are typical. @type {Map<string, number>} */
    this.typicalSums = new Map();
    /** The most that all but the fastest and slowest tenth have. @type {Map<string, number>} */
    this.usualMosts = new Map();
  }
  /** With fewer about the median, nothing is compared. */
  get known() {
    return this.lengths.length >= WHY_NUMBERS.fewest;
  }
  /** 1: the longest of its kind. @param {number} ns */
  rank(ns) {
    return this.lengths.filter((length) => length > ns).length + 1;
  }
  get median() {
    return this.lengths[Math.floor((this.lengths.length - 1) / 2)];
  }
  /** @param {number} sum over all that are typical */
  mean(sum) {
    return Math.trunc(sum / Math.max(this.typicalCount, 1));
  }
  /** @param {string} key */
  typical(key) {
    return this.typicalSums.get(key) ?? 0;
  }
  /** @param {string} key */
  usualMost(key) {
    return this.usualMosts.get(key) ?? 0;
  }
}

/** The middle fifth of n, at least `fewest`, and who takes as long as one of them. @param {number[]} lengths sorted */
function middle(lengths) {
  const n = lengths.length;
  let first = Math.floor((n * 2) / 5);
  let last = n - first;
  while (last - first < WHY_NUMBERS.fewest) {
    if (first > 0) first--;
    if (last - first < WHY_NUMBERS.fewest && last < n) last++;
  }
  while (first > 0 && lengths[first - 1] === lengths[first]) first--;
  while (last < n && lengths[last] === lengths[last - 1]) last++;
  return { first, last };
}

/** The windows of the kind of one, itself among them. @param {WhyRecords} records @param {Asked} asked */
function kinOf(records, asked) {
  const program = records.program(asked.tid);
  return records.windows
    .filter((w) => w.to > w.from && (w.rpc !== 0) === (asked.rpc !== 0) && w.name === asked.name && records.program(w.tid) === program)
    .map((w) => ({ w, ns: partNs(records, w) }))
    .sort((a, b) => a.ns - b.ns);
}

/** The kind of what is asked for; '' when it has none. @param {WhyRecords} records @param {Asked} asked */
export const kindWords = (records, { tid, rpc, name }) => (name === '' ? '' : `${rpc !== 0 ? 'RPCs' : 'marks'} ${name} of ${records.program(tid)}`);

/** @param {WhyRecords} records @param {Asked} asked @returns {Generator<number|undefined, Others, undefined>} */
export function* othersOf(records, asked) {
  const others = new Others(kindWords(records, asked));
  if (asked.name === '') return others;
  const kin = kinOf(records, asked);
  others.lengths = kin.map(({ ns }) => ns);
  if (!others.known) return others;
  const n = kin.length;
  const { first, last } = middle(others.lengths);
  others.typicalCount = last - first;
  const [low, high] = [Math.floor(n / 10), n - Math.max(Math.floor(n / 10), 1)];
  const [begin, end] = [Math.min(low, first), Math.max(high, last)];
  for (let i = begin; i < end; i++) {
    const typical = i >= first && i < last;
    const usual = i >= low && i < high;
    const { w, ns } = kin[i];
    const path = yield* followPath(records, w.tid, w.from, w.to);
    if (typical) {
      others.typicalElapsed += ns;
      const { ipc } = yield* totalsOf(records, path);
      others.typicalIpc.instructions += ipc.instructions;
      others.typicalIpc.cycles += ipc.cycles;
    }
    for (const sum of yield* sumCauses(records, path)) {
      const key = keyOfCause(sum.cause, sum.object);
      if (typical) others.typicalSums.set(key, others.typical(key) + sum.ns);
      if (usual) others.usualMosts.set(key, Math.max(others.usualMost(key), sum.ns));
    }
    yield (i + 1 - begin) / (end - begin);
  }
  return others;
}

/**
 * The cause that is to be named, if one stands out: that with the largest excess over the typical, or the largest of all when there are no
 * others to compare with. @param {Sum[]} sums @param {number} elapsed ns @param {Others} others @returns {Sum|null}
 */
export function namedCause(sums, elapsed, others) {
  const excess = elapsed - others.mean(others.typicalElapsed);
  /** @type {Sum|null} */
  let named = null;
  let most = 0;
  for (const sum of sums) {
    const over = sum.ns - others.mean(others.typical(keyOfCause(sum.cause, sum.object)));
    if (over <= most) continue;
    most = over;
    named = sum;
  }
  if (!named || named.cause === 'unknown' || named.cause === 'computing') return null;
  if (most < Math.trunc(elapsed / 10) || most <= Math.trunc(excess / 2) || (others.known && most < WHY_NUMBERS.least_excess)) return null;
  if (others.known && named.ns <= others.usualMost(keyOfCause(named.cause, named.object))) return null;
  return named;
}
