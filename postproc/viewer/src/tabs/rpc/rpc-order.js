// SPDX-License-Identifier: BSD-3-Clause
// Which RPCs are shown and in what order; search by name and duration.

import { durationOf, startOf } from './rpc-log.js';

/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {'file'|'start'|'longest'|'shortest'|'method'} Sort */
/** @typedef {{text: string, invert: boolean, min: string, max: string}} RpcQuery bounds in µs, empty: none */
/** @typedef {{on: boolean, error: string, match: Uint8Array, count: number, total: number, min: number, max: number}} RpcSearch times in ns */

export const SORTS = /** @type {[Sort, string][]} */ ([
  ['file', 'File order'],
  ['start', 'By start'],
  ['longest', 'Longest first'],
  ['shortest', 'Shortest first'],
  ['method', 'By method, longest first'],
]);

/** What a search looks at. @param {RpcLog} log @param {number} i */
export const searchText = (log, i) => [`${log.method[i]}.${log.rpcid[i]}`, log.client[i], log.server[i], log.data[i]].join(' ');

/** "write(" is text, "write|read" a pattern: a text that is no sound pattern is looked for as it stands. @param {string} text */
function matcher(text) {
  const delimited = /^\/(.+)\/([a-z]*)$/.exec(text);
  try {
    const regex = delimited ? new RegExp(delimited[1], delimited[2].replaceAll(/[gy]/g, '')) : new RegExp(text, 'i');
    return { test: (/** @type {string} */ s) => regex.test(s), error: '' };
  } catch (e) {
    if (!delimited) return { test: (/** @type {string} */ s) => s.toLowerCase().includes(text.toLowerCase()), error: '' };
    return { test: () => false, error: `Bad pattern: ${/** @type {Error} */ (e).message.replace(/^Invalid regular expression:\s*/, '')}` };
  }
}

/** Bound in ns; null: none. @param {string} text µs, fractions allowed @returns {{ns: number|null, error: string}} */
function bound(text) {
  if (text.trim() === '') return { ns: null, error: '' };
  const v = Number(text);
  return Number.isFinite(v) && v >= 0 ? { ns: v * 1000, error: '' } : { ns: null, error: `"${text}" is no number of µs` };
}

/** @param {RpcLog} log @param {RpcQuery} query @returns {RpcSearch} */
export function searchRpcs(log, query) {
  const min = bound(query.min);
  const max = bound(query.max);
  const { test, error } = matcher(query.text);
  const on = query.text !== '' || min.ns !== null || max.ns !== null || min.error !== '' || max.error !== '';
  /** @type {RpcSearch} */
  const found = { on, error: min.error || max.error || error, match: new Uint8Array(log.n), count: 0, total: 0, min: Infinity, max: 0 };
  if (!on || found.error) return { ...found, min: 0 };
  for (let i = 0; i < log.n; i++) {
    const d = durationOf(log, i);
    const hit = (query.text === '' || test(searchText(log, i))) && d >= (min.ns ?? 0) && d <= (max.ns ?? Infinity);
    if (hit === query.invert) continue;
    found.match[i] = 1;
    found.count++;
    found.total += d;
    found.min = Math.min(found.min, d);
    found.max = Math.max(found.max, d);
  }
  if (found.count === 0) found.min = 0;
  return found;
}

/**
 * Records in the order of their rows. @param {RpcLog} log @param {Sort} sort @param {RpcSearch|null} only when set, others are left out
 * @returns {Uint32Array}
 */
export function orderRpcs(log, sort, only) {
  const order = Uint32Array.from({ length: log.n }, (_, i) => i).filter((i) => !only?.on || only.match[i] === 1);
  if (sort === 'file') return order;
  const start = Float64Array.from({ length: log.n }, (_, i) => startOf(log, i));
  const dur = Float64Array.from({ length: log.n }, (_, i) => durationOf(log, i));
  /** @type {Record<Sort, (a: number, b: number) => number>} */
  const by = {
    file: () => 0,
    start: (a, b) => start[a] - start[b],
    longest: (a, b) => dur[b] - dur[a],
    shortest: (a, b) => dur[a] - dur[b],
    method: (a, b) => (log.method[a] < log.method[b] ? -1 : log.method[a] > log.method[b] ? 1 : dur[b] - dur[a]),
  };
  return order.sort((a, b) => by[sort](a, b) || a - b);
}

/** Count, mean and percentiles of durations, in ns. @param {RpcLog} log @param {Uint32Array} order */
export function statisticsOf(log, order) {
  const d = Float64Array.from(order, (i) => durationOf(log, i)).sort();
  const at = (/** @type {number} */ share) => d[Math.min(d.length - 1, Math.max(0, Math.ceil(share * d.length) - 1))] ?? 0;
  return {
    count: d.length,
    total: d.reduce((a, b) => a + b, 0),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: d.length > 0 ? d[d.length - 1] : 0,
  };
}
