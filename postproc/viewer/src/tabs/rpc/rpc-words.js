// SPDX-License-Identifier: BSD-3-Clause
// Everything about one RPC in words; a log as CSV.

import { csvText } from '../../kit/csv.js';
import { clockWords, durationWords, exactNs } from '../../trace/time.js';
import { bytesOfCode, durationOf, isBackward, wireTime } from './rpc-log.js';
import { partsOf, sumsOf } from './rpc-states.js';

/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {{label: string, text: string, note?: boolean}} Line */

export const TIME_NAMES = ['T1 request sent', 'T2 request received', 'T3 response sent', 'T4 response received'];
const PARTS = ['Request (T1 to T2)', 'Server (T2 to T3)', 'Response (T3 to T4)'];

const MOST_SUMS = 5;

/** @param {RpcLog} log @param {number} i */
export const nameOfRpc = (log, i) => `${log.method[i]}.${log.rpcid[i]}`;

/** Bytes of a length code: it is rounded to a tenth of a power of two. @param {RpcLog} log @param {number} code */
function lengthWords(log, code) {
  if (code <= 0) return 'not recorded';
  return `about ${Math.round(bytesOfCode(code)).toLocaleString('en')} bytes, ${durationWords(wireTime(log, code))} on the wire at ${log.gbs} Gb/s (estimated)`;
}

/** @param {RpcLog} log @param {number} i @param {import('../../trace/model.js').Model|null} model @returns {Line[]} */
export function rpcLines(log, i, model) {
  /** @type {Line[]} */
  const lines = [{ label: 'RPC', text: `${nameOfRpc(log, i)} (row ${i + 1} of the file)` }];
  const add = (/** @type {string} */ label, /** @type {string} */ text, note = false) => {
    if (text !== '') lines.push({ label, text, note });
  };
  add('Client', log.client[i]);
  add('Server', log.server[i]);
  add('Type', log.type[i]);
  add('Status', log.status[i]);
  add('Parent RPC', log.parent[i] > 0 ? String(log.parent[i]) : '');
  add('Whole time', `${durationWords(durationOf(log, i))} (${exactNs(durationOf(log, i))})`);
  if (isBackward(log, i)) add('Damaged', 'its times run backward, as when the clocks of client and server are not aligned', true);
  log.t.forEach((t, k) => add(TIME_NAMES[k], Number.isNaN(t[i]) ? 'not recorded' : clockWords(log.base, t[i], 9)));
  PARTS.forEach((label, k) => {
    const d = log.t[k + 1][i] - log.t[k][i];
    if (!Number.isNaN(d)) add(label, durationWords(d));
  });
  add('Request length', lengthWords(log, log.requestCode[i]));
  add('Response length', lengthWords(log, log.responseCode[i]));
  add(
    'Data',
    log.data[i] === '' ? '' : `${log.data[i]}${log.dataLength[i] > log.data[i].length ? ` … (${log.dataLength[i].toLocaleString('en')} bytes)` : ''}`,
  );
  if (model && log.threads) {
    for (const part of partsOf(log, i)) {
      const list = sumsOf(model, part);
      const sums = list.slice(0, MOST_SUMS).map(({ label, ns }) => `${label} ${durationWords(ns)}`);
      const rest = list.slice(MOST_SUMS);
      if (rest.length > 0) sums.push(`${rest.length} more ${durationWords(rest.reduce((n, { ns }) => n + ns, 0))}`);
      add(`${part.label}: thread ${part.tid}`, sums.join('; '));
    }
  }
  return lines;
}

/** Tooltip: two lines. @param {RpcLog} log @param {number} i */
export function rpcTip(log, i) {
  const parts = PARTS.map((_, k) => log.t[k + 1][i] - log.t[k][i]);
  const words = parts.some(Number.isNaN)
    ? ''
    : `${durationWords(parts[0])} request, ${durationWords(parts[1])} server, ${durationWords(parts[2])} response`;
  return [
    `${nameOfRpc(log, i)}  ${durationWords(durationOf(log, i))}`,
    isBackward(log, i) ? 'times run backward' : words || log.type[i],
    [log.client[i], log.server[i]].filter(Boolean).join(' → '),
    log.data[i],
  ].filter(Boolean);
}

/** Rows in the order shown; times in ns since the base minute. @param {RpcLog} log @param {Uint32Array} order */
export function rpcCsv(log, order) {
  const head = [
    'row',
    'method',
    'rpcid',
    'parent',
    'client',
    'server',
    'type',
    'status',
    'T1 ns',
    'T2 ns',
    'T3 ns',
    'T4 ns',
    'duration ns',
    'request bytes (estimated)',
    'response bytes (estimated)',
    'data bytes',
    'data',
  ];
  const time = (/** @type {number} */ v) => (Number.isNaN(v) ? '' : v);
  const size = (/** @type {number} */ code) => (code > 0 ? Math.round(bytesOfCode(code)) : '');
  return csvText(
    head,
    Array.from(order, (i) => [
      i + 1,
      log.method[i],
      log.rpcid[i],
      log.parent[i],
      log.client[i],
      log.server[i],
      log.type[i],
      log.status[i],
      ...log.t.map((t) => time(t[i])),
      durationOf(log, i),
      size(log.requestCode[i]),
      size(log.responseCode[i]),
      log.dataLength[i],
      log.data[i],
    ]),
  );
}
