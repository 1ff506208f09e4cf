// SPDX-License-Identifier: BSD-3-Clause
// The indexed trace: rows of execution spans and lists of other records for each row.

import { AUX, AUX_COUNT, EV, auxCategory, classOf, shapeOf } from '../format/events.js';
import { isSorted, orderByStart, permute, rpcKey, tidOf } from '../format/columns.js';
import { groupBy, mergeRuns } from '../format/bounds.js';
import { buildCumulative } from './aggregate.js';
import { makeRow, rpcRows, threadRows } from './find-rows.js';
import { findGaps } from './gaps.js';
import { coarseOf } from './coarse.js';
import { fileOrder, isPresorted, NO_CPU, withLooseSpans } from './profile-rows.js';

/** @typedef {import('../format/columns.js').Columns} Columns */
/** @typedef {import('../format/payload.js').RawTrace} RawTrace */
/** @typedef {import('../format/payload.js').Diagnostic} Diagnostic */
/** @typedef {import('../format/bounds.js').RecordList} RecordList */
/** @typedef {'cpu'|'pid'|'rpc'} Group */
/**
 * One line of the picture. Its spans are lo..lo+n of the columns, or, with `index`, those it lists.
 * @typedef {object} Row
 * @property {Group} group
 * @property {number} key CPU number, thread id or RPC id
 * @property {string} label
 * @property {number} lo
 * @property {number} n
 * @property {Uint32Array|null} index
 * @property {boolean} ready false until `prepareRow`
 * @property {import('./aggregate.js').Cumulative|null} cumulative
 * @property {(RecordList|undefined)[]} aux by category
 */
/**
 * @typedef {object} Model
 * @property {Record<string, any>} meta
 * @property {number} nsPerTick
 * @property {number} flags
 * @property {import('../format/payload.js').Kind[]} kinds
 * @property {Uint8Array} cls class of each kind
 * @property {Uint8Array} shape shape of each kind
 * @property {Columns} exec
 * @property {Columns} aux
 * @property {Uint8Array} category of each aux record
 * @property {Record<Group, Row[]>} rows
 * @property {Record<Group, Map<number, number>>} position of a key in its rows
 * @property {RecordList} wakeups
 * @property {RecordList} ipis
 * @property {number} t0 first tick
 * @property {number} t1 last tick, > t0
 * @property {{min: number, max: number}} freq MHz
 * @property {Diagnostic[]} diagnostics
 * @property {Lost[]} gaps where records were lost
 * @property {number[]} zones records of aux: parts of time that a person hatched (event -6)
 * @property {import('./coarse.js').Coarse} coarse
 * @property {boolean} [partial] true of the picture shown while the trace is being read
 * @property {import('../load/page-source.js').Source} [source] the page it came from
 * @property {import('../format/payload.js').CpuRange} loose spans of no CPU (profiles of threads or RPCs)
 * @property {import('../tabs/documents.js').Document[]} documents RPC logs and plots in the same page
 */
/** Something was lost on a CPU (-1: not of one CPU) between two ticks. @typedef {{cpu: number, t0: number, t1: number, count: number, why: string}} Lost */

/** @param {RawTrace} given @returns {Model} */
export function buildModel(given) {
  const raw = withLooseSpans(given);
  const { exec, aux, kinds, meta } = raw;
  const diagnostics = [...raw.diagnostics];
  const cls = Uint8Array.from(kinds, (k) => classOf(k.event, k.name));
  const shape = Uint8Array.from(kinds, (k) => shapeOf(k.event, k.name));
  const order = isPresorted(raw) ? fileOrder(raw) : null;
  const repaired = sortRows(raw);
  if (repaired > 0 && !order) diagnostics.push(sortNote(repaired));
  if (!isSorted(aux, 0, aux.n)) permute(aux, 0, orderByStart(aux, 0, aux.n));
  const category = new Uint8Array(aux.n);
  const instant = Uint8Array.from(kinds, (k) => auxCategory(k.event, 0));
  const lasting = Uint8Array.from(kinds, (k) => auxCategory(k.event, 1));
  for (let i = 0; i < aux.n; i++) category[i] = (aux.dur[i] > 0 ? lasting : instant)[aux.kind[i]];

  const rows = {
    cpu: raw.cpus.filter(({ cpu }) => cpu !== NO_CPU).map(({ cpu, lo, hi }) => Object.assign(makeRow('cpu', cpu, `CPU ${cpu}`), { lo, n: hi - lo })),
    pid: threadRows(raw, category, shape),
    rpc: rpcRows(raw, category),
  };
  addBareCpus(rows.cpu, aux, category);
  order?.(rows);
  const position = { cpu: positions(rows.cpu), pid: positions(rows.pid), rpc: positions(rows.rpc) };
  const { t0, t1 } = rangeOf(raw.cpus, exec, aux);
  const overlaps = countOverlaps(rows.cpu, exec);
  if (overlaps > 0) diagnostics.push(overlapNote(overlaps));
  const inferred = countInferred(exec) + countInferred(aux);
  // Whatever the tools infer they count by its kind, as `check` does; here only what nobody counted.
  if (inferred > 0 && !diagnostics.some((d) => d.severity === 'repair')) diagnostics.push(inferredNote(inferred));
  for (const row of rows.cpu) {
    row.cumulative = buildCumulative(row, exec, cls);
    row.ready = true;
  }
  /** @type {Model} */
  const model = {
    meta,
    nsPerTick: meta.nsPerTick,
    flags: Number(meta.flags) || 0,
    kinds,
    cls,
    shape,
    exec,
    aux,
    category,
    rows,
    position,
    wakeups: listOf(aux.n, (i) => category[i] === AUX.WAKEUP),
    ipis: listOf(aux.n, (i) => category[i] === AUX.IPI),
    t0,
    t1,
    freq: freqRange(aux, category),
    diagnostics,
    gaps: [],
    zones: zonesIn(aux, category, kinds),
    coarse: /** @type {any} */ (raw.coarse),
    loose: raw.cpus.find(({ cpu }) => cpu === NO_CPU) ?? { cpu: NO_CPU, lo: 0, hi: 0 },
    documents: raw.documents ?? [],
  };
  distributeAux(model);
  if (!raw.coarse || repaired > 0) model.coarse = coarseOf(model);
  model.gaps = findGaps(model, raw.gaps ?? []);
  return model;
}

/** @param {number} count @returns {Diagnostic} */
const sortNote = (count) => ({
  id: 'viewer.order',
  severity: 'repair',
  count,
  text: 'CPU rows were not in time order and were sorted.',
});
/** @param {number} count @returns {Diagnostic} */
const overlapNote = (count) => ({
  id: 'viewer.overlap',
  severity: 'damage',
  count,
  text: 'spans begin before the span ahead of them on the same CPU ends.',
});
/** @param {number} count @returns {Diagnostic} */
const inferredNote = (count) => ({
  id: 'viewer.inferred',
  severity: 'info',
  count,
  text: 'records are inferred: a boundary was repaired or guessed.',
});

/** @param {RawTrace} raw @returns {number} rows that had to be sorted */
function sortRows({ exec, cpus }) {
  let repaired = 0;
  for (const { lo, hi } of cpus) {
    if (isSorted(exec, lo, hi)) continue;
    permute(exec, lo, orderByStart(exec, lo, hi));
    repaired++;
  }
  return repaired;
}

/** @param {Row[]} cpuRows @param {Columns} exec */
function countOverlaps(cpuRows, exec) {
  const { start, dur } = exec;
  let count = 0;
  for (const { lo, n } of cpuRows) {
    for (let i = lo + 1; i < lo + n; i++) if (start[i - 1] + dur[i - 1] > start[i]) count++;
  }
  return count;
}

/** @param {Columns} cols */
function countInferred({ flags, n }) {
  let count = 0;
  for (let i = 0; i < n; i++) count += flags[i] & 1;
  return count;
}

/** CPUs that have points but no spans get a row too. @param {Row[]} cpuRows @param {Columns} aux @param {Uint8Array} category */
function addBareCpus(cpuRows, aux, category) {
  const known = new Set(cpuRows.map((r) => r.key));
  const cpu = /** @type {Int32Array} */ (aux.cpu);
  for (let i = 0; i < aux.n; i++) {
    const c = cpu[i];
    if (c < 0 || known.has(c) || category[i] === AUX.ROWNAME || category[i] === AUX.MESSAGE || category[i] === AUX.MANUAL) continue;
    known.add(c);
    cpuRows.push(makeRow('cpu', c, `CPU ${c}`));
  }
  cpuRows.sort((a, b) => a.key - b.key);
}

/** @param {Columns} aux @param {Uint8Array} category @param {import('../format/payload.js').Kind[]} kinds */
function zonesIn(aux, category, kinds) {
  const zones = [];
  for (let i = 0; i < aux.n; i++) if (category[i] === AUX.MANUAL && kinds[aux.kind[i]].event === EV.ZONE) zones.push(i);
  return zones;
}

/** @param {Row[]} list */
const positions = (list) => new Map(list.map((row, i) => [row.key, i]));

/** @param {number} n @param {(i: number) => boolean} test @returns {RecordList} */
function listOf(n, test) {
  const { items } = groupBy(n, 1, (i) => (test(i) ? 0 : -1));
  return { index: items, blocks: null };
}

/** Time range of the spans; of all records when there are no spans. @param {import('../format/payload.js').CpuRange[]} cpus @param {Columns} exec @param {Columns} aux */
function rangeOf(cpus, exec, aux) {
  let t0 = Infinity;
  let t1 = -Infinity;
  for (const { cpu, lo, hi } of cpus) {
    if (hi === lo) continue;
    t0 = Math.min(t0, exec.start[lo]);
    if (cpu !== NO_CPU) t1 = Math.max(t1, exec.start[hi - 1] + exec.dur[hi - 1]);
    else for (let i = lo; i < hi; i++) t1 = Math.max(t1, exec.start[i] + exec.dur[i]); // of many rows
  }
  if (t0 > t1) {
    for (let i = 0; i < aux.n; i++) {
      t0 = Math.min(t0, aux.start[i]);
      t1 = Math.max(t1, aux.start[i] + aux.dur[i]);
    }
  }
  if (t0 > t1) return { t0: 0, t1: 1 };
  return { t0, t1: Math.max(t1, t0 + 1) };
}

/** MHz of a frequency record. @param {number} arg */
export const megahertz = (arg) => (arg < 100 ? arg * 100 : arg > 100000 ? arg / 1000 : arg);

/** True when the clock frequency changes enough to be worth a band. @param {Model} model */
export const hasFreq = (model) => model.freq.max - model.freq.min >= 9;

/** @param {Columns} aux @param {Uint8Array} category */
function freqRange(aux, category) {
  let min = Infinity;
  let max = 0;
  for (let i = 0; i < aux.n; i++) {
    if (category[i] !== AUX.FREQ) continue;
    min = Math.min(min, megahertz(aux.arg[i]));
    max = Math.max(max, megahertz(aux.arg[i]));
  }
  return { min, max };
}

const CPU_CATEGORIES = new Set([AUX.POINT, AUX.MARK, AUX.SAMPLE, AUX.FREQ, AUX.PACKET, AUX.MESSAGE, AUX.RPC, AUX.MEMORY]);
const PID_CATEGORIES = new Set([AUX.POINT, AUX.MARK, AUX.WAIT, AUX.LOCK, AUX.RPC, AUX.PACKET]);
const RPC_CATEGORIES = new Set([AUX.WAIT, AUX.MARK, AUX.QUEUED, AUX.MESSAGE, AUX.RPC]);

/**
 * A quick way from a key to its position, -1 none: a table when the keys are small enough for the number of questions.
 * @param {Map<number, number>} map @param {number} questions
 * @returns {(key: number) => number}
 */
function finder(map, questions) {
  let most = 0;
  for (const key of map.keys()) most = Math.max(most, key);
  if (most > questions * 16 + 65536) return (key) => map.get(key) ?? -1;
  const table = new Int32Array(most + 1).fill(-1);
  for (const [key, p] of map) table[key] = p;
  return (key) => (key >= 0 && key <= most ? table[key] : -1);
}

/** Gives each row its lists of other records. @param {Model} model */
function distributeAux({ aux, category, rows, position }) {
  const cpu = /** @type {Int32Array} */ (aux.cpu);
  /** @type {[Group, Set<number>, (i: number) => number][]} */
  const plans = [
    ['cpu', CPU_CATEGORIES, (i) => cpu[i]],
    ['pid', PID_CATEGORIES, (i) => tidOf(aux, i)],
    ['rpc', RPC_CATEGORIES, (i) => (category[i] === AUX.RPC ? aux.arg[i] & 0xffff : rpcKey(aux, i))],
  ];
  for (const [group, wanted, keyOf] of plans) {
    const find = finder(position[group], aux.n);
    const want = Uint8Array.from({ length: AUX_COUNT }, (_, c) => (wanted.has(c) ? 1 : 0));
    const slots = new Int32Array(aux.n).fill(-1);
    for (let i = 0; i < aux.n; i++) {
      const c = category[i];
      const p = want[c] === 1 ? find(keyOf(i)) : -1;
      if (p >= 0) slots[i] = p * AUX_COUNT + c;
    }
    const { offsets, items } = groupBy(aux.n, rows[group].length * AUX_COUNT, (i) => slots[i]);
    rows[group].forEach((row, p) => {
      for (let c = 0; c < AUX_COUNT; c++) {
        const k = p * AUX_COUNT + c;
        if (offsets[k + 1] > offsets[k]) row.aux[c] = { index: items.subarray(offsets[k], offsets[k + 1]), blocks: null };
      }
    });
  }
}

/**
 * Makes the span lists of one group's rows (threads or RPCs). Called when the group first opens.
 * @param {Model} model @param {'pid'|'rpc'} group
 */
export function prepareGroup(model, group) {
  const list = model.rows[group];
  if (list.length === 0 || list[0].index) return;
  const { exec } = model;
  const find = finder(model.position[group], exec.n);
  const slots = new Int32Array(exec.n).fill(-1);
  for (let i = 0; i < exec.n; i++) {
    const key = group === 'pid' ? tidOf(exec, i) : rpcKey(exec, i);
    if (key > 0) slots[i] = find(key);
  }
  const { offsets, items } = groupBy(exec.n, list.length, (i) => slots[i]);
  list.forEach((row, p) => {
    row.index = items.subarray(offsets[p], offsets[p + 1]);
    row.n = row.index.length;
  });
}

/** Prepares all rows of threads and RPCs. @param {Model} model */
export function prepareAll(model) {
  for (const group of /** @type {('pid'|'rpc')[]} */ (['pid', 'rpc'])) {
    prepareGroup(model, group);
    for (const row of model.rows[group]) prepareRow(model, row);
  }
}

/** Sorts a row's spans by time and sums them; done once, when the row is first seen. @param {Model} model @param {Row} row */
export function prepareRow(model, row) {
  if (row.ready) return;
  row.ready = true;
  if (!row.index) return;
  mergeRuns(row.index, model.exec.start);
  row.cumulative = buildCumulative(row, model.exec, model.cls);
}

/** Record number of a row's i-th span. @param {Row} row @param {number} i */
export const spanAt = (row, i) => (row.index ? row.index[i] : row.lo + i);

/** Bytes of all arrays of a model, each buffer once. @param {Model} model */
export function modelBytes(model) {
  const { exec, aux, cls, shape, category, wakeups, ipis, rows, coarse } = model;
  const buffers = new Set();
  const add = (/** @type {any} */ value) => {
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
    else if (value !== null && typeof value === 'object' && !(value instanceof Map)) for (const v of Object.values(value)) add(v);
  };
  add([exec, aux, cls, shape, category, wakeups, ipis, rows, coarse]);
  let sum = 0;
  for (const b of buffers) sum += b.byteLength;
  return sum;
}
