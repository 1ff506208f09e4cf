// SPDX-License-Identifier: BSD-3-Clause
// What the thread of an RPC did in a part of it: ran, or waited and why. From the spans and waits of the same trace.

import { AUX, CLASS, waitFor, waitLetter } from '../../format/events.js';
import { firstEndingAfter } from '../../trace/aggregate.js';
import { forEachOverlap } from '../../format/bounds.js';
import { prepareGroup, prepareRow, spanAt } from '../../trace/model.js';
import { toNs } from '../../trace/time.js';

/** @typedef {import('../../trace/model.js').Model} Model */
/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {{kind: 'run'|'wait'|'lock'|'queue', t0: number, t1: number, cls: number, event: number, name: string}} Piece ns */
/** @typedef {{tid: number, t0: number, t1: number, label: string}} Part one thread's part of an RPC, ns */

/** Parts of an RPC that one thread of the trace did. @param {RpcLog} log @param {number} i @returns {Part[]} */
export function partsOf(log, i) {
  if (!log.threads) return [];
  const [t1, t2, t3, t4] = log.t.map((t) => t[i]);
  const client = log.threads.client[i];
  const server = log.threads.server[i];
  const whole = Number.isNaN(t2) || Number.isNaN(t3);
  const parts = whole
    ? [{ tid: client, t0: t1, t1: t4, label: 'T1 to T4, client' }]
    : [
        { tid: client, t0: t1, t1: t2, label: 'T1 to T2, client' },
        { tid: server, t0: t2, t1: t3, label: 'T2 to T3, server' },
        { tid: client, t0: t3, t1: t4, label: 'T3 to T4, client' },
      ];
  return parts.filter((p) => p.tid > 0 && p.t1 > p.t0);
}

/**
 * Pieces of a thread's time in t0..t1 ns, in time order, at least `min` ns long.
 * @param {Model} model @param {Part} part @param {number} min @returns {Piece[]}
 */
export function piecesOf(model, part, min) {
  const p = model.position.pid.get(part.tid);
  if (p === undefined) return [];
  prepareGroup(model, 'pid');
  const row = model.rows.pid[p];
  prepareRow(model, row);
  const { exec, aux, kinds, cls } = model;
  const ticks = (/** @type {number} */ ns) => ns / model.nsPerTick;
  /** @type {Piece[]} */
  const pieces = [];
  const add = (/** @type {Piece} */ piece) => {
    const t0 = Math.max(piece.t0, part.t0);
    const t1 = Math.min(piece.t1, part.t1);
    if (t1 - t0 > min) pieces.push({ ...piece, t0, t1 });
  };
  for (let k = firstEndingAfter(row, exec, ticks(part.t0)); k < row.n; k++) {
    const r = spanAt(row, k);
    const t0 = toNs(model, exec.start[r]);
    if (t0 >= part.t1) break;
    const { event, name } = kinds[exec.kind[r]];
    if (cls[exec.kind[r]] === CLASS.IDLE) continue;
    add({ kind: 'run', t0, t1: toNs(model, exec.start[r] + exec.dur[r]), cls: cls[exec.kind[r]], event, name });
  }
  for (const [category, kind] of /** @type {[number, 'wait'|'lock'][]} */ ([
    [AUX.WAIT, 'wait'],
    [AUX.LOCK, 'lock'],
  ])) {
    const list = row.aux[category];
    if (!list) continue;
    forEachOverlap(list, aux, ticks(part.t0), ticks(part.t1), 0, (r) => {
      const { event, name } = kinds[aux.kind[r]];
      add({ kind, t0: toNs(model, aux.start[r]), t1: toNs(model, aux.start[r] + aux.dur[r]), cls: -1, event, name });
    });
  }
  return pieces.sort((a, b) => a.t0 - b.t0);
}

/** Queue spans of an RPC row. @param {Model} model @param {number} rpcid @param {number} t0 @param {number} t1 ns @returns {Piece[]} */
export function queuesOf(model, rpcid, t0, t1) {
  const p = model.position.rpc.get(rpcid & 0xffff);
  const list = p === undefined ? undefined : model.rows.rpc[p].aux[AUX.QUEUED];
  /** @type {Piece[]} */
  const pieces = [];
  if (!list) return pieces;
  const { aux, kinds } = model;
  forEachOverlap(list, aux, t0 / model.nsPerTick, t1 / model.nsPerTick, 0, (r) => {
    const start = Math.max(t0, toNs(model, aux.start[r]));
    const end = Math.min(t1, toNs(model, aux.start[r] + aux.dur[r]));
    if (end > start) pieces.push({ kind: 'queue', t0: start, t1: end, cls: -1, event: aux.arg[r], name: kinds[aux.kind[r]].name });
  });
  return pieces;
}

/**
 * Time by what the thread did in a part, longest first. Lock spans lie beside waits, so they are not in the sum.
 * @param {Model} model @param {Part} part @returns {{label: string, ns: number}[]}
 */
export function sumsOf(model, part) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  let known = 0;
  for (const piece of piecesOf(model, part, 0)) {
    if (piece.kind === 'lock') continue;
    const label = piece.kind === 'run' ? 'running' : `waiting for ${waitFor(piece.event)} (${waitLetter(piece.event)})`;
    sums.set(label, (sums.get(label) ?? 0) + piece.t1 - piece.t0);
    known += piece.t1 - piece.t0;
  }
  const rest = part.t1 - part.t0 - known;
  if (rest > 0) sums.set('not recorded', rest);
  return [...sums].map(([label, ns]) => ({ label, ns })).sort((a, b) => b.ns - a.ns);
}
