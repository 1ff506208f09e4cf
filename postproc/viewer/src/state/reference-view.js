// SPDX-License-Identifier: BSD-3-Clause
// A saved view as the span JSON has it (an object of KUtrace's own viewer), and the same as a state of ours.
// Rows are counted through all groups (CPU, PID, RPC), in each in the order of that viewer. Highlighted rows are run lengths:
// so many that are not, so many that are, and so on. Heights are in tracks: 20 a row, 10 a group's name.

import { SHAPE, AUX } from '../format/events.js';
import { tidOf } from '../format/columns.js';
import { plainRows } from '../plan/rows.js';
import { TRACKS } from '../plan/layout.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('./url-state.js').Shared} Shared */

const GROUPS = /** @type {Group[]} */ (['cpu', 'pid', 'rpc']);

/** Threads that have a row there: with a name or code of their own. @type {WeakMap<Model, number[]>} */
const threadCache = new WeakMap();

/** Keys of the rows of a group as that viewer orders them. @param {Model} model @param {Group} group @returns {number[]} */
function theirRows(model, group) {
  if (group !== 'pid') return model.rows[group].map((r) => r.key);
  const known = threadCache.get(model);
  if (known) return known;
  const { exec, aux, category, shape } = model;
  const found = new Set();
  for (let i = 0; i < aux.n; i++) if (category[i] === AUX.ROWNAME) found.add(tidOf(aux, i));
  for (let i = 0; i < exec.n; i++) if (shape[exec.kind[i]] === SHAPE.USER) found.add(tidOf(exec, i));
  const keys = model.rows.pid.map((r) => r.key).filter((key) => found.has(key));
  threadCache.set(model, keys);
  return keys;
}

/** Rows of each group as a view numbers them; null for a group whose number of rows is another. @param {Model} model @param {any} lengths */
function numberedRows(model, lengths) {
  return GROUPS.map((group, g) => {
    const want = Array.isArray(lengths) ? lengths[g] : undefined;
    const all = model.rows[group].map((r) => r.key);
    const theirs = theirRows(model, group);
    if (want === undefined || want === theirs.length) return theirs;
    return want === all.length ? all : null;
  });
}

/** True where a run-length code says so. @param {any} runs @param {boolean} first what its first run is of */
function decodeRuns(runs, first) {
  /** @type {boolean[]} */
  const out = [];
  let value = first;
  for (const run of Array.isArray(runs) ? runs : []) {
    if (!Number.isInteger(run) || run < 0 || run > 1e6) return [];
    for (let i = 0; i < run; i++) out.push(value);
    value = !value;
  }
  return out;
}

/** Runs of equal values, the first of false. @param {boolean[]} list */
function encodeRuns(list) {
  const runs = [0];
  let value = false;
  for (const v of list) {
    if (v !== value) {
      runs.push(0);
      value = v;
    }
    runs[runs.length - 1]++;
  }
  if (!value) runs.length = Math.max(1, runs.length - 1); // what follows is not highlighted
  return list.includes(true) ? runs : [0];
}

/**
 * Highlighted keys of each group. A group says by itself whether it has any: that decides what the first run is of; rows that
 * do not fit the groups are left out.
 * @param {any} v view object @param {Model} model @returns {Record<Group, number[]>|null} null: not to be told
 */
function highlitOf(v, model) {
  const rows = numberedRows(model, v.grouplength);
  const lengths = GROUPS.map((_, g) => Number(v.grouplength?.[g] ?? rows[g]?.length ?? 0));
  for (const first of [false, true]) {
    const on = decodeRuns(v.rowToHilite, first);
    const found = { cpu: /** @type {number[]} */ ([]), pid: /** @type {number[]} */ ([]), rpc: /** @type {number[]} */ ([]) };
    let at = 0;
    let fits = !on.slice(lengths.reduce((a, b) => a + b, 0)).includes(true);
    GROUPS.forEach((group, g) => {
      const part = on.slice(at, at + lengths[g]);
      at += lengths[g];
      if (Array.isArray(v.grouphashilite) && (Number(v.grouphashilite[g]) !== 0) !== part.includes(true)) fits = false;
      const keys = rows[g];
      if (keys === null && part.includes(true)) fits = false;
      if (keys) found[group] = keys.filter((_, i) => part[i] === true);
    });
    if (fits) return found;
  }
  return null;
}

/** What is searched for: text, a pattern or a time, and bounds of the duration. @param {any} v */
function queryOf(v) {
  const text = typeof v.search_text === 'string' ? v.search_text.trim() : '';
  if (/^(\d+:)?\d{1,3}\.\d*[+-]*$/.test(text)) return text; // a time: Enter goes there
  const bound = (/** @type {any} */ us, /** @type {string} */ op) => (Number(us) > 0 ? ` dur${op}${Number(us)}us` : '');
  const plain = /^[\w.]*$/.test(text) && !/^\d/.test(text);
  const term = text === '' ? '' : plain && !text.includes('.') ? text : patternOf(text);
  const query = `${term}${bound(v.usec_lo_time, '>=')}${bound(v.usec_hi_time, '<=')}`.trim();
  return query === '' ? '' : `${v.searchnot_value === 1 ? '!' : ''}${query}`;
}

/** @param {string} text a pattern of that viewer */
const patternOf = (text) => `/${text.replaceAll('/', '\\/')}/`;

/** @param {any} v a view object @param {Model} model @returns {Shared|null} */
export function stateOfView(v, model) {
  if (!Number.isFinite(v.xleft_ts) || !Number.isFinite(v.xright_ts) || v.xright_ts <= v.xleft_ts) return null;
  const ticks = (/** @type {number} */ s) => Math.round((s * 1e9) / model.nsPerTick);
  const compress = Array.isArray(v.groupcompress) ? v.groupcompress : [2, 0, 0];
  const rows = plainRows();
  const highlit = highlitOf(v, model);
  GROUPS.forEach((group, g) => {
    rows[group].highlit = highlit?.[group] ?? [];
    rows[group].onlyHighlit = compress[g] === 1 && rows[group].highlit.length > 0;
  });
  return {
    window: { t0: ticks(v.xleft_ts), t1: ticks(v.xright_ts) },
    open: { cpu: compress[0] > 0, pid: compress[1] > 0, rpc: compress[2] > 0 },
    rows: GROUPS.some((g) => rows[g].highlit.length > 0) ? rows : undefined,
    tracks: Number.isFinite(v.ytop_track) && v.ybot_track > v.ytop_track ? { top: v.ytop_track, bottom: v.ybot_track } : undefined,
    show: showOf(v),
    safe: v.cb_value === 1 ? true : undefined,
    query: queryOf(v),
    annotate: v.annotateall_value === 1 ? 'all' : v.annotateuser_value === 1 ? 'user' : 'off',
    annotStyle: v.annottype_value === 1 ? 'short' : 'tall',
  };
}

/** Values of that viewer's options as ours. @param {any} v @returns {Record<string, number>} */
function showOf(v) {
  const marks = v.marks_value ?? 3;
  const cycle = (/** @type {unknown} */ x) => (x === 1 ? 2 : x === 0 || x === -1 ? 0 : 1); // 2 normal, 1 bold
  return {
    marks: marks === 3 ? 1 : marks === 1 ? 2 : marks === 2 ? 3 : 0,
    arcs: cycle(v.arcs_value),
    freq: cycle(v.freq_value),
    ipc: /** @type {Record<number, number>} */ ({ 0: 0, 3: 1, 2: 2, 1: 3 })[v.ipc_value] ?? 0,
    samples: v.samp_value > 1 ? 2 : v.samp_value > 0 ? 1 : 0,
    locks: cycle(v.lock_value),
    waits: v.waits_value === 0 ? 0 : 1,
  };
}

/** A state of ours as a view object. @param {Shared} s @param {Model} model */
export function viewOfState(s, model) {
  const window = s.window ?? { t0: model.t0, t1: model.t1 };
  const seconds = (/** @type {number} */ t) => (t * model.nsPerTick) / 1e9;
  const range = 1000;
  const k = (model.t1 - model.t0) / (window.t1 - window.t0);
  const open = s.open ?? { cpu: true, pid: false, rpc: false };
  const show = s.show ?? {};
  const back = (/** @type {number|undefined} */ x) => (x === 2 ? 1 : x === 0 ? 0 : 2);
  const keys = GROUPS.map((group) => theirRows(model, group));
  const lit = GROUPS.map((group, g) => keys[g].map((key) => s.rows?.[group].highlit.includes(key) ?? false));
  const tracks = GROUPS.reduce((n, group, g) => n + (keys[g].length > 0 ? TRACKS.header + (open[group] ? keys[g].length * TRACKS.row : 0) : 0), 0);
  return {
    savedtransformX: { k, x: (-range * k * (window.t0 - model.t0)) / (model.t1 - model.t0), y: 0 },
    rangeX: range,
    xleft_ts: seconds(window.t0),
    xright_ts: seconds(window.t1),
    savedtransformY: { k: 1, x: 0, y: 0 },
    rangeY: 600,
    ytop_track: s.tracks?.top ?? 0,
    ybot_track: s.tracks?.bottom ?? tracks,
    grouplength: [...keys.map((list) => list.length), 0],
    groupcompress: [...GROUPS.map((g) => (!open[g] ? 0 : s.rows?.[g].onlyHighlit ? 1 : 2)), 0],
    grouplabelypos: [0, 0, 0, 0],
    groupfirsttrack: [0, 0, 0, 0],
    grouphashilite: [...lit.map((list) => (list.includes(true) ? 1 : 0)), 0],
    annottype_value: s.annotStyle === 'short' ? 1 : 0,
    annotateuser_value: s.annotate === 'user' ? 1 : 0,
    annotateall_value: s.annotate === 'all' ? 1 : 0,
    marks_value: [0, 3, 1, 2][show.marks ?? 1],
    arcs_value: back(show.arcs),
    freq_value: back(show.freq),
    waits_value: show.waits === 0 ? 0 : 1,
    ipc_value: [0, 3, 2, 1][show.ipc ?? 0],
    samp_value: show.samples ?? 0,
    ovhd_value: 1,
    lock_value: back(show.locks),
    cb_value: s.safe ? 1 : 0,
    searchnot_value: s.query?.startsWith('!') ? 1 : 0,
    search_text: s.query?.replace(/^!/, '') ?? '',
    minmax_units_value: 1,
    usec_lo_time: 0,
    usec_hi_time: 0,
    basetime0_value: 0,
    annotated_one_d: -1,
    rowToHilite: encodeRuns(lit.flat()),
    dummy: 0,
  };
}
