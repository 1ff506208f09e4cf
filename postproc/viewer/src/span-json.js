// SPDX-License-Identifier: BSD-3-Clause
// Reads the span JSON (records of ten fields) into columns. Times become ticks of 10 ns.

import { makeColumns, put, setArg, setRpc } from './columns.js';
import { EV } from './events.js';
import { PayloadError } from './payload.js';

/** @typedef {import('./payload.js').RawTrace} RawTrace */
/** @typedef {[number, number, number, number, number, number, number, number, number, string]} SpanRecord */

export const JSON_NS_PER_TICK = 10;
const TICKS_PER_SECOND = 1e9 / JSON_NS_PER_TICK;

/** @param {SpanRecord} r */
const isExec = (r) => r[2] >= 0 && r[5] >= EV.EXEC_FIRST;

/** @param {any} r @returns {r is SpanRecord} */
const isRecord = (r) => Array.isArray(r) && r.length >= 10 && r.slice(0, 9).every((v) => Number.isFinite(v));

/** Ends the events. @param {SpanRecord} r */
const isTerminator = (r) => r[0] === 999 && r[5] === 0 && r[9] === '';

/**
 * Start and duration in ticks, made from rounded ends so that spans that meet in the text meet here.
 * Points are written with 10 ns.
 * @param {SpanRecord} r
 */
function ticksOf(r) {
  const start = Math.round(r[0] * TICKS_PER_SECOND);
  let dur = Math.max(0, Math.round(r[1] * TICKS_PER_SECOND));
  if (!isExec(r) && dur === 1) dur = 0;
  return { start, dur };
}

/**
 * @param {string} text
 * @returns {RawTrace}
 */
export function parseSpanJson(text) {
  let doc;
  try {
    doc = JSON.parse(text);
  } catch (e) {
    throw new PayloadError(`This is not a span JSON file: ${/** @type {Error} */ (e).message}`);
  }
  if (doc === null || typeof doc !== 'object' || !Array.isArray(doc.events)) {
    throw new PayloadError('This JSON has no "events" list, so it is not a span JSON file.');
  }
  const { events, extra, savedview, ...header } = doc;
  const records = /** @type {SpanRecord[]} */ (events.filter(isRecord).filter((/** @type {SpanRecord} */ r) => !isTerminator(r)));
  const dropped = events.length - records.length - (events.some((/** @type {any} */ r) => isRecord(r) && isTerminator(r)) ? 1 : 0);
  const meta = { ...header, nsPerTick: JSON_NS_PER_TICK };
  if (extra !== undefined) meta.extra = extra;
  if (savedview !== undefined) meta.savedview = savedview;
  if (meta.presorted) meta.cpuOrder = [...new Set(records.filter(isExec).map((r) => r[2]))];
  return { ...columnsOf(records), meta, diagnostics: dropped > 0 ? [droppedNote(dropped)] : [] };
}

/** @param {number} count */
const droppedNote = (count) => ({
  id: 'viewer.records',
  severity: 'damage',
  count,
  text: 'records of the JSON file are malformed and are not shown.',
});

/**
 * @param {SpanRecord[]} records
 * @returns {Pick<RawTrace, 'kinds'|'exec'|'cpus'|'aux'>}
 */
function columnsOf(records) {
  /** @type {Map<string, number>} */
  const kindIndex = new Map();
  /** @type {{event: number, name: string}[]} */
  const kinds = [];
  const kindOf = (/** @type {SpanRecord} */ r) => {
    const key = `${r[5]} ${r[9]}`;
    let k = kindIndex.get(key);
    if (k === undefined) {
      kindIndex.set(key, (k = kinds.length));
      kinds.push({ event: r[5], name: String(r[9]) });
    }
    return k;
  };
  /** @type {Map<number, SpanRecord[]>} */
  const byCpu = new Map();
  const rest = [];
  const kindList = new Map();
  for (const r of records) {
    kindList.set(r, kindOf(r));
    if (!isExec(r)) rest.push(r);
    else if (byCpu.has(r[2])) byCpu.get(r[2])?.push(r);
    else byCpu.set(r[2], [r]);
  }
  const exec = makeColumns(records.length - rest.length, kinds.length, false);
  const cpus = [];
  let at = 0;
  for (const cpu of [...byCpu.keys()].sort((a, b) => a - b)) {
    const lo = at;
    for (const r of byCpu.get(cpu) ?? []) store(exec, at++, r, kindList.get(r));
    cpus.push({ cpu, lo, hi: at });
  }
  const aux = makeColumns(rest.length, kinds.length, true);
  rest.forEach((r, i) => {
    store(aux, i, r, kindList.get(r));
    put(aux, 'cpu', i, r[2]);
  });
  return { kinds, exec, cpus, aux };
}

/** @param {import('./columns.js').Columns} cols @param {number} i @param {SpanRecord} r @param {number} kind */
function store(cols, i, r, kind) {
  const { start, dur } = ticksOf(r);
  cols.start[i] = start;
  put(cols, 'dur', i, dur);
  cols.kind[i] = kind;
  cols.pid[i] = r[3];
  setRpc(cols, i, r[4]);
  setArg(cols, i, r[6]);
  put(cols, 'ret', i, r[7]);
  cols.ipc[i] = r[8];
}
