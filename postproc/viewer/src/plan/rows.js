// SPDX-License-Identifier: BSD-3-Clause
// Which rows of a group are shown, and in what order: hidden, filtered, folded, pinned, sorted, moved by hand.

import { AUX, CLASS, CLASS_COUNT } from '../format/events.js';
import { firstEndingAfter, sumWindow } from '../trace/aggregate.js';
import { forEachOverlap, lowerBound } from '../format/bounds.js';
import { prepareGroup, prepareRow, spanAt } from '../trace/model.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Row} Row */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {'key'|'time'|'first'|'name'|'hand'} Order */
/**
 * @typedef {object} GroupRows what the user asked for in one group
 * @property {number[]} hidden keys @property {number[]} pinned keys, in order @property {number[]} highlit keys
 * @property {number[]} hand keys in the order made by hand
 * @property {Order} order @property {string} filter part of a label @property {boolean} fold rows that do not run in the window
 * @property {boolean} onlyHighlit
 */
/** @typedef {Record<Group, GroupRows>} RowsView */
/** @typedef {{rows: Row[], slot: Map<number, number>, missing: number}} Shown rows in order, place of each key, rows left out */

/** @type {[Order, string][]} */
export const ORDERS = [
  ['key', 'number'],
  ['time', 'CPU time'],
  ['first', 'first use'],
  ['name', 'name'],
  ['hand', 'by hand'],
];

/** @returns {GroupRows} */
const plain = () => ({ hidden: [], pinned: [], highlit: [], hand: [], order: 'key', filter: '', fold: false, onlyHighlit: false });
/** @returns {RowsView} */
export const plainRows = () => ({ cpu: plain(), pid: plain(), rpc: plain() });

/** How a trace opens: its threads by the time they run. @returns {RowsView} */
export const busiestFirst = () => ({ ...plainRows(), pid: { ...plain(), order: 'time' } });

/** @param {GroupRows} g */
const isPlain = (g) => g.hidden.length === 0 && g.pinned.length === 0 && g.order === 'key' && g.filter === '' && !g.fold && !g.onlyHighlit;

/** Time each row of a group executes in the whole trace. @type {WeakMap<Model, Map<Group, Float64Array>>} */
const timeCache = new WeakMap();

/** @param {Model} model @param {Group} group */
export function busyTimes(model, group) {
  let byGroup = timeCache.get(model);
  if (!byGroup) timeCache.set(model, (byGroup = new Map()));
  let times = byGroup.get(group);
  if (!times) {
    if (group !== 'cpu') prepareGroup(model, group);
    const sums = new Float64Array(CLASS_COUNT);
    times = Float64Array.from(model.rows[group], (row) => {
      prepareRow(model, row);
      if (row.n === 0) return 0;
      sums.fill(0);
      sumWindow(row, model.exec, model.cls, model.t0, model.t1, sums);
      return sums.reduce((a, b) => a + b, 0) - sums[CLASS.IDLE];
    });
    byGroup.set(group, times);
  }
  return times;
}

/** First tick at which anything of a row happens. @param {Model} model @param {Row} row */
function firstUse(model, row) {
  prepareRow(model, row);
  let t = row.n > 0 ? model.exec.start[spanAt(row, 0)] : Infinity;
  row.aux.forEach((list, c) => {
    if (list && c !== AUX.ROWNAME && list.index.length > 0) t = Math.min(t, model.aux.start[list.index[0]]);
  });
  return t;
}

/** True when a row runs (an RPC: runs, waits or has a record) in the window. @param {Model} model @param {Row} row @param {{t0: number, t1: number}} w */
export function isActive(model, row, { t0, t1 }) {
  prepareRow(model, row);
  if (row.n > 0) {
    const i = firstEndingAfter(row, model.exec, t0);
    if (i < row.n && model.exec.start[spanAt(row, i)] < t1) return true;
  }
  if (row.group === 'pid') return false;
  return row.aux.some((list) => {
    let any = false;
    if (list && lowerBound(0, list.index.length, (k) => model.aux.start[list.index[k]], t1) > 0)
      forEachOverlap(list, model.aux, t0, t1, 0, () => {
        any = true;
      });
    return any;
  });
}

/** @type {WeakMap<Model, Map<Group, {asked: GroupRows, t0: number, t1: number, shown: Shown}>>} */
const shownCache = new WeakMap();

/**
 * Rows of a group as the user wants them.
 * @param {Model} model @param {Group} group @param {RowsView|undefined} view @param {{t0: number, t1: number}|undefined} window for folding
 * @returns {Shown}
 */
export function shownRows(model, group, view, window) {
  const asked = view?.[group];
  if (!asked || isPlain(asked)) return { rows: model.rows[group], slot: model.position[group], missing: 0 };
  let byGroup = shownCache.get(model);
  if (!byGroup) shownCache.set(model, (byGroup = new Map()));
  const old = byGroup.get(group);
  const w = window ?? model;
  if (old && old.asked === asked && (!asked.fold || (old.t0 === w.t0 && old.t1 === w.t1))) return old.shown;
  const rows = arrange(model, group, asked, w);
  const shown = { rows, slot: new Map(rows.map((row, i) => [row.key, i])), missing: model.rows[group].length - rows.length };
  byGroup.set(group, { asked, t0: w.t0, t1: w.t1, shown });
  return shown;
}

/** @param {Model} model @param {Group} group @param {GroupRows} asked @param {{t0: number, t1: number}} w @returns {Row[]} */
function arrange(model, group, asked, w) {
  if (group !== 'cpu') prepareGroup(model, group);
  const hidden = new Set(asked.hidden);
  const pinned = new Set(asked.pinned);
  const highlit = new Set(asked.highlit);
  const low = asked.filter.toLowerCase();
  const kept = model.rows[group].filter(
    (row) =>
      pinned.has(row.key) ||
      (!hidden.has(row.key) &&
        (low === '' || row.label.toLowerCase().includes(low)) &&
        (!asked.onlyHighlit || highlit.size === 0 || highlit.has(row.key)) &&
        (!asked.fold || highlit.has(row.key) || isActive(model, row, w))),
  );
  const top = asked.pinned.flatMap((key) => kept.filter((r) => r.key === key));
  return [
    ...top,
    ...sorted(
      model,
      group,
      asked,
      kept.filter((r) => !pinned.has(r.key)),
    ),
  ];
}

/** @param {Model} model @param {Group} group @param {GroupRows} asked @param {Row[]} rows */
function sorted(model, group, asked, rows) {
  if (asked.order === 'key') return rows;
  const place = new Map(asked.hand.map((key, i) => [key, i]));
  const times = asked.order === 'time' ? busyTimes(model, group) : null;
  const measureOf = /** @type {Record<string, (row: Row) => number>} */ ({
    time: (row) => -(times?.[model.position[group].get(row.key) ?? 0] ?? 0),
    first: (row) => firstUse(model, row),
    hand: (row) => place.get(row.key) ?? Infinity,
  })[asked.order];
  if (!measureOf) return [...rows].sort((a, b) => a.label.localeCompare(b.label) || a.key - b.key);
  const values = new Map(rows.map((row) => [row, measureOf(row)]));
  const v = (/** @type {Row} */ row) => /** @type {number} */ (values.get(row));
  return [...rows].sort((a, b) => (v(a) < v(b) ? -1 : v(a) > v(b) ? 1 : 0));
}

/** A list with a key added or taken away. @param {number[]} keys @param {number} key @param {boolean} [on] */
export function toggled(keys, key, on = !keys.includes(key)) {
  return on ? (keys.includes(key) ? keys : [...keys, key]) : keys.filter((k) => k !== key);
}

/** Order by hand after a row is moved to a place among the rows shown. @param {Row[]} shown @param {number} key @param {number} to @returns {number[]} */
export function movedKeys(shown, key, to) {
  const keys = shown.map((r) => r.key).filter((k) => k !== key);
  keys.splice(Math.max(0, Math.min(keys.length, to)), 0, key);
  return keys;
}

/** Keys of rows whose label begins with the same letters; of CPUs, the same number. @param {Model} model @param {Row} row @returns {number[]} */
export function alike(model, row) {
  if (row.group === 'cpu') return [row.key];
  const stem = (/** @type {string} */ label) => (/^[A-Za-z_-]+/.exec(label) ?? [label])[0];
  return model.rows[row.group].filter((r) => stem(r.label) === stem(row.label)).map((r) => r.key);
}
