// SPDX-License-Identifier: BSD-3-Clause
// What all CPUs together used, by program: sums over the CPUs' cells, on a grid of one cell's width. Where any CPU has no cell is no sum.

import { tidOf } from '../format/columns.js';
import { AUX } from '../format/events.js';
import { threadWords } from './lookups.js';
import { amountOf, usageOf, walkCells } from './usage.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./usage.js').Usage} Usage */
/** @typedef {{name: string, values: Float64Array}} Program its sum in each column */
/**
 * @typedef {object} Machine
 * @property {import('./usage.js').Quantity} quantity
 * @property {number} t0 where the grid begins @property {number} width of a column @property {number} n columns
 * @property {Program[]} programs those that used most first, the rest as one at the end
 * @property {Float64Array} totals of the columns; NaN where a CPU has no cell @property {number} most of them
 */

/** Programs that are told apart. */
export const NAMED = 6;
/** Of a trace with more cells several share a column. */
const MOST_COLUMNS = 100_000;

/** @type {WeakMap<Model, Machine|null>} */
const known = new WeakMap();

/** Null where a trace has no cells. @param {Model} model */
export function machineOf(model) {
  const found = known.get(model);
  if (found !== undefined) return found;
  const usage = usageOf(model);
  const made = usage && makeMachine(model, usage);
  known.set(model, made);
  return made;
}

/** @param {Usage} usage @returns {{t0: number, width: number, n: number}|null} */
function gridOf({ rows }) {
  let [from, to, sum, count] = [Infinity, -Infinity, 0, 0];
  for (const { n, t0, t1 } of rows.values()) {
    if (n === 0) continue;
    from = Math.min(from, t0[0]);
    to = Math.max(to, t1[n - 1]);
    for (let i = 0; i < n; i++) sum += t1[i] - t0[i];
    count += n;
  }
  if (count === 0) return null;
  const width = Math.max(sum / count, (to - from) / MOST_COLUMNS);
  return { t0: from, width, n: Math.ceil((to - from) / width) };
}

/**
 * Every CPU's cells, with what each thread used in it; and the times at which a CPU had no ticks to take.
 * @param {Model} model @param {Usage} usage @param {(from: number, to: number, amounts: Map<number, number>) => void} cell @param {(from: number, to: number) => void} away
 */
function eachCell(model, usage, cell, away) {
  for (const row of model.rows.cpu) {
    const list = row.aux[AUX.MEMORY];
    if (!list) continue;
    /** @type {Map<number, number>} */
    const amounts = new Map();
    walkCells(model, list.index, usage.event, {
      used: (r) => {
        const tid = tidOf(model.aux, r);
        amounts.set(tid, (amounts.get(tid) ?? 0) + amountOf(model, r));
      },
      edge: (from, r, whole) => {
        if (whole) cell(from, model.aux.start[r], amounts);
        amounts.clear();
      },
      away,
    });
  }
}

/** @param {Model} model @param {Usage} usage @returns {Machine|null} */
function makeMachine(model, usage) {
  const grid = gridOf(usage);
  if (!grid) return null;
  const nameOf = namesOf(model);
  /** @type {Map<string, number>} */
  const sums = new Map();
  const add = (/** @type {number} */ amount, /** @type {number} */ tid) => sums.set(nameOf(tid), (sums.get(nameOf(tid)) ?? 0) + amount);
  eachCell(
    model,
    usage,
    (_from, _to, amounts) => amounts.forEach(add),
    () => {},
  );
  const ranked = [...sums].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const names = ranked.length > NAMED ? [...ranked.slice(0, NAMED), 'others'] : ranked;
  const programs = names.map((name) => ({ name, values: new Float64Array(grid.n) }));
  const place = new Map(ranked.map((name, i) => [name, Math.min(i, NAMED)]));
  const totals = fill(model, usage, grid, (tid) => programs[place.get(nameOf(tid)) ?? 0].values);
  let most = 0;
  for (const total of totals) if (total > most) most = total;
  return { quantity: usage.quantity, ...grid, programs, totals, most };
}

/** Shares of each cell go where it lies. @param {Model} model @param {Usage} usage @param {{t0: number, width: number, n: number}} grid @param {(tid: number) => Float64Array} valuesOf @returns {Float64Array} totals */
function fill(model, usage, { t0, width, n }, valuesOf) {
  const totals = new Float64Array(n);
  const there = new Uint16Array(n);
  const columnOf = (/** @type {number} */ t) => Math.max(0, Math.min(n, Math.floor((t - t0) / width)));
  const cover = (/** @type {number} */ from, /** @type {number} */ to) => {
    const last = columnOf(to - width / 2);
    for (let i = columnOf(from + width / 2); i <= last && i < n; i++) {
      const middle = t0 + (i + 0.5) * width;
      if (from <= middle && middle < to) there[i]++;
    }
  };
  const cell = (/** @type {number} */ from, /** @type {number} */ to, /** @type {Map<number, number>} */ amounts) => {
    cover(from, to);
    for (const [tid, amount] of amounts) {
      const values = valuesOf(tid);
      for (let i = columnOf(from); i < n && t0 + i * width < to; i++) {
        const share = (amount * (Math.min(to, t0 + (i + 1) * width) - Math.max(from, t0 + i * width))) / (to - from);
        values[i] += share;
        totals[i] += share;
      }
    }
  };
  eachCell(model, usage, cell, cover);
  for (let i = 0; i < n; i++) if (there[i] < usage.rows.size) totals[i] = NaN;
  return totals;
}

/** Names without the threads' numbers. @param {Model} model @returns {(tid: number) => string} */
function namesOf(model) {
  /** @type {Map<number, string>} */
  const names = new Map();
  return (tid) => {
    const name = names.get(tid) ?? threadWords(model, tid).replace(/ \(\d+\)$/, '');
    names.set(tid, name);
    return name;
  };
}

/** The column with the highest total of those that begin in [t0, t1), or else the one that t0 is in; -1: none has a total. @param {Machine} machine @param {number} t0 @param {number} t1 */
export function highestColumn({ t0: start, width, n, totals }, t0, t1) {
  const first = Math.floor((t0 - start) / width);
  const last = Math.max(first + 1, Math.ceil((t1 - start) / width));
  let best = -1;
  for (let i = Math.max(0, first); i < last && i < n; i++) if (totals[i] >= 0 && (best < 0 || totals[i] > totals[best])) best = i;
  return best;
}

/** @param {Machine} machine @param {number} column */
export function columnWords({ quantity, programs, totals }, column) {
  const of = programs
    .map(({ name, values }) => ({ name, value: values[column] }))
    .filter(({ value }) => value >= 0.5)
    .sort((a, b) => b.value - a.value)
    .map(({ name, value }) => `${name} ${Math.round(value).toLocaleString('en')}`);
  const source = quantity.source === 'model' ? ' (model, not measured)' : '';
  return `${quantity.word} of all CPUs: ${Math.round(totals[column]).toLocaleString('en')} ${quantity.unit}${source}${of.length > 0 ? `: ${of.join(', ')}` : ''}`;
}
