// SPDX-License-Identifier: BSD-3-Clause
// Profiles (header key `presorted`): the spans of a row are sums, laid end to end, not what happened in time. A span of a thread's or
// an RPC's profile has no CPU; rows stand in the order in which the file names them.

import { EV } from '../format/events.js';
import { makeColumns, put, rpcKey, setArg, setRpc, argOf, rpcOf, tidOf } from '../format/columns.js';

/** @typedef {import('../format/columns.js').Columns} Columns */
/** @typedef {import('../format/payload.js').RawTrace} RawTrace */
/** @typedef {import('./model.js').Row} Row */

/** CPU of spans that have none. */
export const NO_CPU = -1;

/** @param {RawTrace} raw */
export const isPresorted = (raw) => Boolean(raw.meta.presorted);

/** @param {Columns} from @param {number} i @param {Columns} to @param {number} k */
function copyRecord(from, i, to, k) {
  for (const key of /** @type {const} */ (['start', 'kind', 'pid', 'ipc', 'flags'])) to[key][k] = from[key][i];
  put(to, 'dur', k, from.dur[i]);
  put(to, 'ret', k, from.ret[i]);
  setArg(to, k, argOf(from, i));
  setRpc(to, k, rpcOf(from, i));
  if (to.cpu && from.cpu) put(to, 'cpu', k, from.cpu[i]);
}

/**
 * A trace whose spans without a CPU are execution spans too, in a range of their own. Traces that have none are given back as they are.
 * @param {RawTrace} raw @returns {RawTrace}
 */
export function withLooseSpans(raw) {
  const { aux, exec, kinds, cpus } = raw;
  const isSpan = Uint8Array.from(kinds, (k) => (k.event >= EV.TRAP ? 1 : 0));
  const loose = [];
  for (let i = 0; i < aux.n; i++) if (isSpan[aux.kind[i]] === 1) loose.push(i);
  if (loose.length === 0) return raw;
  const spans = makeColumns(exec.n + loose.length, kinds.length, false);
  for (let i = 0; i < exec.n; i++) copyRecord(exec, i, spans, i);
  loose.forEach((i, k) => copyRecord(aux, i, spans, exec.n + k));
  const rest = makeColumns(aux.n - loose.length, kinds.length, true);
  let at = 0;
  for (let i = 0; i < aux.n; i++) if (isSpan[aux.kind[i]] === 0) copyRecord(aux, i, rest, at++);
  return { ...raw, exec: spans, aux: rest, cpus: [...cpus, { cpu: NO_CPU, lo: exec.n, hi: exec.n + loose.length }] };
}

/**
 * The other way: the trace of a model as a file holds it, spans without a CPU among the other records, in the order of the rows.
 * @param {import('./model.js').Model} model @returns {Pick<RawTrace, 'kinds'|'exec'|'cpus'|'aux'>}
 */
export function tracePart({ kinds, exec, aux, rows, loose }) {
  const cpus = rows.cpu
    .filter(({ n }) => n > 0)
    .map(({ key, lo, n }) => ({ cpu: key, lo, hi: lo + n }))
    .sort((a, b) => a.lo - b.lo);
  const count = loose.hi - loose.lo;
  if (count === 0) return { kinds, exec, cpus, aux };
  const place = (/** @type {Row[]} */ list) => new Map(list.map((row, i) => [row.key, i]));
  const [pid, rpc] = [place(rows.pid), place(rows.rpc)];
  const rank = (/** @type {number} */ r) => pid.get(tidOf(exec, r)) ?? rows.pid.length + (rpc.get(rpcKey(exec, r)) ?? 0);
  const order = Array.from({ length: count }, (_, k) => loose.lo + k).sort((a, b) => rank(a) - rank(b) || a - b);
  const all = makeColumns(aux.n + count, kinds.length, true);
  order.forEach((r, k) => {
    copyRecord(exec, r, all, k);
    put(all, 'cpu', k, NO_CPU);
  });
  for (let i = 0; i < aux.n; i++) copyRecord(aux, i, all, count + i);
  return { kinds, exec, cpus, aux: all };
}

/** Ranges of spans: of each CPU row, and of those without a CPU where there are some. @param {import('./model.js').Model} model @returns {import('../format/payload.js').CpuRange[]} */
export const execRanges = ({ rows, loose }) => [
  ...rows.cpu.map(({ key, lo, n }) => ({ cpu: key, lo, hi: lo + n })),
  ...(loose.hi > loose.lo ? [loose] : []),
];

/**
 * Puts rows in the order in which the file first names them. Call before records are sorted by time.
 * @param {RawTrace} raw @returns {(rows: Record<import('./model.js').Group, Row[]>) => void}
 */
export function fileOrder({ exec, aux, meta }) {
  /** @type {Record<import('./model.js').Group, Map<number, number>>} */
  const places = { cpu: new Map(), pid: new Map(), rpc: new Map() };
  const see = (/** @type {Map<number, number>} */ map, /** @type {number} */ key) => {
    if (!map.has(key)) map.set(key, map.size);
  };
  for (const cpu of Array.isArray(meta.cpuOrder) ? meta.cpuOrder : []) see(places.cpu, cpu);
  for (const cols of [exec, aux]) {
    for (let i = 0; i < cols.n; i++) {
      see(places.pid, tidOf(cols, i));
      see(places.rpc, rpcKey(cols, i));
    }
  }
  return (rows) => {
    for (const group of /** @type {const} */ (['cpu', 'pid', 'rpc'])) {
      const place = (/** @type {Row} */ row) => places[group].get(row.key) ?? Infinity;
      rows[group].sort((a, b) => (place(a) === place(b) ? a.key - b.key : place(a) - place(b)));
    }
  };
}
