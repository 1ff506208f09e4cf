// SPDX-License-Identifier: BSD-3-Clause
// Rows: how one begins, and which threads and RPCs a trace has, and what their rows are called.

import { rpcKey, tidOf } from '../format/columns.js';
import { AUX } from '../format/events.js';

/** @typedef {import('../format/payload.js').RawTrace} RawTrace */
/** @typedef {import('./model.js').Group} Group */
/** @typedef {import('./model.js').Row} Row */

/** @param {Group} group @param {number} key @param {string} label @returns {Row} */
export const makeRow = (group, key, label) => ({
  group,
  key,
  label,
  lo: 0,
  n: 0,
  index: null,
  ready: false,
  cumulative: null,
  aux: [],
});

/**
 * Threads: every thread id above 0 that ran, waited or has a name, in numeric order.
 * @param {RawTrace} raw @param {Uint8Array} category @param {Uint8Array} shape
 */
export function threadRows({ exec, aux, kinds }, category, shape) {
  /** @type {Map<number, string>} */
  const labels = new Map();
  const named = new Set();
  for (let i = 0; i < aux.n; i++) {
    const tid = tidOf(aux, i);
    if (tid <= 0) continue;
    if (category[i] === AUX.ROWNAME) {
      labels.set(tid, kinds[aux.kind[i]].name);
      named.add(tid);
    } else if (category[i] === AUX.WAIT && !labels.has(tid)) {
      labels.set(tid, '');
    }
  }
  let last = -1;
  for (let i = 0; i < exec.n; i++) {
    const user = shape[exec.kind[i]] === 1;
    if (exec.pid[i] === last && !user) continue;
    const tid = tidOf(exec, i);
    if (tid > 0 && !named.has(tid) && (user || !labels.has(tid))) {
      labels.set(tid, user ? kinds[exec.kind[i]].name : '');
      if (user) named.add(tid);
    }
    last = exec.pid[i];
  }
  return [...labels.keys()].sort((a, b) => a - b).map((tid) => makeRow('pid', tid, labels.get(tid) || `thread ${tid}`));
}

/**
 * RPCs in order of first appearance; the longest name wins.
 * @param {RawTrace} raw @param {Uint8Array} category
 */
export function rpcRows({ exec, aux, kinds }, category) {
  /** @type {Map<number, string>} */
  const labels = new Map();
  for (let i = 0; i < aux.n; i++) {
    const isPoint = category[i] === AUX.RPC;
    const id = isPoint ? aux.arg[i] & 0xffff : rpcKey(aux, i);
    if (id <= 0) continue;
    const { name } = kinds[aux.kind[i]];
    const offered = (isPoint || category[i] === AUX.MESSAGE) && !name.endsWith('.0') ? name : '';
    if (offered.length > (labels.get(id)?.length ?? -1)) labels.set(id, offered);
  }
  let last = 0;
  for (let i = 0; exec.rpc && i < exec.n; i++) {
    const id = rpcKey(exec, i);
    if (id !== last && id > 0 && !labels.has(id)) labels.set(id, '');
    last = id;
  }
  return [...labels].map(([id, name]) => makeRow('rpc', id, name || `RPC ${id}`));
}
