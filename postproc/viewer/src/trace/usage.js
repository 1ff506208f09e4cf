// SPDX-License-Identifier: BSD-3-Clause
// Samples of what CPUs use, as cells: what a CPU used from one tick to the next. Where ticks were skipped, or none are, is no cell.

import { argOf } from '../format/columns.js';
import { AUX, EV } from '../format/events.js';
import { QUANTITIES } from '../format/kinds.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {{word: string, source: string, unit: string}} Quantity */
/** @typedef {{n: number, t0: Float64Array, t1: Float64Array, value: Float64Array, tick: Int32Array}} Cells in order; tick: the record that ends each */
/** @typedef {{event: number, quantity: Quantity, most: number, rows: Map<number, Cells>}} Usage most: of all cells */

/** What is shown of a trace that has several, the first of these that was used. */
const PREFERENCE = [
  EV.USED_MODEL_BYTES,
  EV.USED_CACHE_MISSES,
  EV.USED_PAGES,
  EV.USED_FAULTS,
  EV.USED_INSTRUCTIONS,
  EV.USED_CYCLES,
  EV.USED_CACHE_REFERENCES,
  EV.USED_MAJOR_FAULTS,
  EV.USED_STEAL_TIME,
  EV.USED_SOFTIRQ_TIME,
  EV.USED_IRQ_TIME,
];

/** In the argument of TICK_ON: not the beginning, but said again. */
const SAID_AGAIN = 0x40000000;

const NO_RECORDS = new Uint32Array(0);

/** @type {WeakMap<Model, Usage|null>} */
const known = new WeakMap();

/** @param {Model} model @param {number} r */
const eventOf = (model, r) => model.kinds[model.aux.kind[r]].event;
/** Of a record of a sample. @param {Model} model @param {number} r */
export const amountOf = (model, r) => argOf(model.aux, r) >>> 0;

/** Null where a trace has no samples. @param {Model} model */
export function usageOf(model) {
  const found = known.get(model);
  if (found !== undefined) return found;
  const made = makeUsage(model);
  known.set(model, made);
  return made;
}

/** @param {Model} model @returns {Usage|null} */
function makeUsage(model) {
  const lists = model.rows.cpu.filter((row) => row.aux[AUX.MEMORY]);
  if (lists.length === 0) return null;
  const events = new Set(model.kinds.map((k) => k.event));
  const event = PREFERENCE.find((e) => events.has(e)) ?? PREFERENCE[0];
  const rows = new Map(lists.map((row) => [row.key, cellsOf(model, row.aux[AUX.MEMORY]?.index ?? NO_RECORDS, event)]));
  let most = 0;
  for (const { n, value } of rows.values()) for (let i = 0; i < n; i++) most = Math.max(most, value[i]);
  return { event, quantity: QUANTITIES[event], most, rows };
}

/** Whether samples begin or end there, or a tick does. @param {Model} model @param {number} r @param {number} event */
const isEdge = (model, r, event) => (event === EV.TICK_ON && (amountOf(model, r) & SAID_AGAIN) === 0) || event === EV.TICK || event === EV.TICK_OFF;

/**
 * Goes through a CPU's samples. used: a record of what is wanted; edge: where a cell ends, whole if no tick was skipped in it; away: times without samples.
 * @param {Model} model @param {Int32Array|Uint32Array} index of a row's samples @param {number} wanted
 * @param {{used: (r: number) => void, edge: (from: number, r: number, whole: boolean) => void, away?: (from: number, to: number) => void}} visit
 */
export function walkCells(model, index, wanted, { used, edge, away }) {
  const { start } = model.aux;
  let [from, skipped, gone] = [NaN, 0, -Infinity];
  for (const r of index) {
    const event = eventOf(model, r);
    if (event === wanted) used(r);
    else if (event === EV.TICK_SKIPPED) skipped = amountOf(model, r);
    else if (isEdge(model, r, event)) {
      if (event === EV.TICK_ON) away?.(gone, start[r]);
      if (event === EV.TICK_OFF) gone = start[r];
      edge(from, r, event === EV.TICK && skipped === 0 && from < start[r]);
      [from, skipped] = [event === EV.TICK_OFF ? NaN : start[r], 0];
    }
  }
  if (Number.isNaN(from)) away?.(gone, Infinity);
}

/** @param {Model} model @param {Int32Array|Uint32Array} index of a row's samples @param {number} wanted @returns {Cells} */
function cellsOf(model, index, wanted) {
  const cells = {
    n: 0,
    t0: new Float64Array(index.length),
    t1: new Float64Array(index.length),
    value: new Float64Array(index.length),
    tick: new Int32Array(index.length),
  };
  let sum = 0;
  walkCells(model, index, wanted, {
    used: (r) => {
      sum += amountOf(model, r);
    },
    edge: (from, r, whole) => {
      if (whole) {
        cells.t0[cells.n] = from;
        cells.t1[cells.n] = model.aux.start[r];
        cells.value[cells.n] = sum;
        cells.tick[cells.n++] = r;
      }
      sum = 0;
    },
  });
  return cells;
}

/** The first cell that ends behind a time. @param {Cells} cells @param {number} t */
export function firstCell({ n, t1 }, t) {
  let [lo, hi] = [0, n];
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (t1[mid] > t) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}

/** Share of the strip's height, 0..1. @param {Usage} usage @param {number} value @param {boolean} linear */
export const heightOf = ({ most }, value, linear) => (most === 0 ? 0 : linear ? value / most : Math.log1p(value) / Math.log1p(most));

/** Sums of what was used in the cell that a tick ends, by kind of event. @param {Model} model @param {number} tick record */
export function usedUntil(model, tick) {
  const row = model.rows.cpu.find((c) => c.key === /** @type {Int32Array} */ (model.aux.cpu)[tick]);
  const index = row?.aux[AUX.MEMORY]?.index ?? NO_RECORDS;
  /** @type {Map<number, number>} */
  const sums = new Map();
  let at = index.indexOf(tick);
  while (--at >= 0) {
    const event = eventOf(model, index[at]);
    if (QUANTITIES[event]) sums.set(event, (sums.get(event) ?? 0) + amountOf(model, index[at]));
    else if (isEdge(model, index[at], event)) break;
  }
  return sums;
}

/** What the strips show, beside them. @param {Usage|null} usage @param {number} scale 1: logarithmic, 2: linear */
export const stripLabel = (usage, scale) =>
  usage
    ? `${usage.quantity.word} ≤ ${usage.most.toLocaleString('en')}${usage.quantity.unit === 'ns' ? ' ns' : ''}, ${scale === 2 ? 'linear' : 'log'}${usage.quantity.source === 'model' ? ', model' : ''}`
    : '';
