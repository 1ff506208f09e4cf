// SPDX-License-Identifier: BSD-3-Clause
// RPC logs: one record an RPC, with its four times. Reads the JSON of dumplogfile-like tools into columns.
// T1 request sent, T2 request received, T3 response sent, T4 response received. Times are ns; NaN: not recorded.

import { parseBase } from '../../trace/time.js';
import { isEnd } from '../frame/records-end.js';

/** @typedef {import('../../format/payload.js').Diagnostic} Diagnostic */
/** @typedef {import('../../plan/view.js').Window} Range */
/**
 * @typedef {object} RpcLog
 * @property {string} title
 * @property {number|null} base instant of time 0, ms since 1970
 * @property {number} gbs speed of the network, Gb/s
 * @property {number} n
 * @property {Float64Array[]} t T1..T4
 * @property {Float64Array} start first time that is known @property {Float64Array} end last time that is known
 * @property {{absolute: Range, relative: Range}} range of all times, and of all durations
 * @property {string[]} client @property {string[]} server @property {string[]} method @property {string[]} type
 * @property {string[]} status @property {string[]} data at most 24 characters
 * @property {Float64Array} rpcid @property {Float64Array} parent @property {Float64Array} dataLength bytes
 * @property {Float64Array} requestCode 10 log2 of the bytes; 0: not known @property {Float64Array} responseCode
 * @property {{client: Int32Array, server: Int32Array}|null} threads thread ids, when it comes from a trace; -1 none
 * @property {Diagnostic[]} diagnostics
 */

export const FIELDS = 15;
export const DEFAULT_GBS = 1;

/** @param {number} n @returns {RpcLog} */
export function makeRpcLog(n) {
  const numbers = () => new Float64Array(n);
  const strings = () => new Array(n).fill('');
  return {
    title: '',
    base: null,
    gbs: DEFAULT_GBS,
    n,
    t: [0, 1, 2, 3].map(() => new Float64Array(n).fill(NaN)),
    start: numbers(),
    end: numbers(),
    range: { absolute: { t0: 0, t1: 1 }, relative: { t0: 0, t1: 1 } },
    client: strings(),
    server: strings(),
    method: strings(),
    type: strings(),
    status: strings(),
    data: strings(),
    rpcid: numbers(),
    parent: numbers(),
    dataLength: numbers(),
    requestCode: numbers(),
    responseCode: numbers(),
    threads: null,
    diagnostics: [],
  };
}

const NUMBERS = [0, 1, 2, 3, 6, 7, 8, 9, 13];

/** @param {any} r */
export const isRpcRecord = (r) => Array.isArray(r) && r.length >= FIELDS && NUMBERS.every((i) => Number.isFinite(r[i]));

/** @param {any} v */
const number = (v) => (Number.isFinite(v) ? Number(v) : 0);

/**
 * @param {any} doc parsed JSON @returns {RpcLog}
 */
export function rpcLogOf(doc) {
  const all = /** @type {any[]} */ (doc.events);
  const end = all.findIndex(isEnd);
  const given = end < 0 ? all : all.slice(0, end);
  const records = given.filter(isRpcRecord);
  const log = makeRpcLog(records.length);
  log.title = String(doc.title ?? '');
  log.base = parseBase(doc.tracebase);
  log.gbs = doc.gbs > 0 ? Number(doc.gbs) : DEFAULT_GBS;
  const shift = number(doc.deltaT23);
  records.forEach((r, i) => {
    for (let k = 0; k < 4; k++) log.t[k][i] = Math.round((r[k] + (k === 1 || k === 2 ? shift : 0)) * 1e9);
    [log.client[i], log.server[i]] = [String(r[4]), String(r[5])];
    [log.requestCode[i], log.responseCode[i], log.rpcid[i], log.parent[i]] = r.slice(6, 10);
    [log.type[i], log.method[i], log.status[i]] = [String(r[10]), String(r[11]), String(r[12])];
    log.dataLength[i] = r[13];
    log.data[i] = String(r[14]);
  });
  return finishRpcLog(log, given.length - records.length);
}

/** Fills in what follows from the times. @param {RpcLog} log @param {number} malformed records that were left out @returns {RpcLog} */
export function finishRpcLog(log, malformed) {
  let [first, last, longest] = [Infinity, -Infinity, 0];
  for (let i = 0; i < log.n; i++) {
    const known = knownTimes(log, i);
    log.start[i] = Math.min(...known);
    log.end[i] = Math.max(...known);
    first = Math.min(first, log.start[i]);
    last = Math.max(last, log.end[i]);
    longest = Math.max(longest, log.end[i] - log.start[i]);
  }
  if (log.n > 0) log.range = { absolute: { t0: first, t1: Math.max(last, first + 1) }, relative: { t0: 0, t1: Math.max(1, longest) } };
  log.diagnostics = diagnosticsOf(log, malformed);
  return log;
}

/** @param {RpcLog} log @param {number} malformed @returns {Diagnostic[]} */
function diagnosticsOf(log, malformed) {
  const notes = [];
  if (malformed > 0) notes.push({ id: 'viewer.records', severity: 'damage', count: malformed, text: 'records are malformed and are not shown.' });
  let backward = 0;
  let partial = 0;
  for (let i = 0; i < log.n; i++) {
    if (isBackward(log, i)) backward++;
    if (log.t.some((t) => Number.isNaN(t[i]))) partial++;
  }
  if (backward > 0) {
    notes.push({ id: 'viewer.rpc-times', severity: 'damage', count: backward, text: 'RPCs have times that run backward; they are drawn grey.' });
  }
  if (partial > 0)
    notes.push({ id: 'viewer.rpc-partial', severity: 'info', count: partial, text: 'RPCs were recorded on one side only or not to their end.' });
  return notes;
}

/** Times that are known, in order. @param {RpcLog} log @param {number} i */
export const knownTimes = (log, i) => log.t.map((t) => t[i]).filter((v) => !Number.isNaN(v));

/** @param {RpcLog} log @param {number} i */
export function isBackward(log, i) {
  let last = -Infinity;
  for (const t of log.t) {
    if (t[i] < last) return true;
    if (!Number.isNaN(t[i])) last = t[i];
  }
  return false;
}

/** @param {RpcLog} log @param {number} i */
export const startOf = (log, i) => log.start[i];
/** @param {RpcLog} log @param {number} i */
export const endOf = (log, i) => log.end[i];
/** @param {RpcLog} log @param {number} i */
export const durationOf = (log, i) => log.end[i] - log.start[i];

/** Time range of all RPCs; of their durations when `relative`. @param {RpcLog} log @param {boolean} relative */
export const rangeOfLog = (log, relative) => (relative ? log.range.relative : log.range.absolute);

/** Bytes of a length code. @param {number} code */
export const bytesOfCode = (code) => 2 ** (code / 10);
/** Estimated time on the wire in ns; 0 when the length is not known. @param {RpcLog} log @param {number} code */
export const wireTime = (log, code) => (code > 0 ? (bytesOfCode(code) * 8) / log.gbs : 0);
