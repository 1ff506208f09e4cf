// SPDX-License-Identifier: BSD-3-Clause
// The state of the view as a URL fragment and back. Times are ticks written in nanoseconds. Anything unreadable is ignored.

import { readAreaRows, writeAreaRows } from './area.js';
import { number, oneOf } from '../kit/address-values.js';
import { plainRows } from '../plan/rows.js';
import { readChoices, writeChoices } from './choices.js';
import { readSizes, writeSizes } from '../plan/sizes.js';
import { lookParts } from '../tabs/look-address.js';
import { clampWindow } from '../plan/view.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('./store.js').State} State */
/**
 * The part of the state that makes the picture.
 * @typedef {Partial<Pick<State, 'window'|'open'|'scroll'|'rowScale'|'show'|'sizes'|'theme'|'safe'|'colorBy'|'annotate'|'annotStyle'|'labelled'|'choices'|'cursors'|'range'|'rows'|'selection'|'panel'|'isolate'|'query'|'tab'|'charts'|'looks'>> & {tracks?: {top: number, bottom: number}}} Shared
 *   tracks: vertical place as a view of KUtrace's own viewer has it, instead of scroll and rowScale
 */

const GROUP_KEYS = /** @type {Group[]} */ (['cpu', 'pid', 'rpc']);
const THEMES = ['light', 'dark', 'contrast'];
const PANELS = /^[a-z]{0,20}$/;
const TABS = /^[a-z]{1,20}[0-9]{0,6}$/;
/** A part of what is seen in a tab: its id and the name of the part. Groups of rows have the same form. */
const LOOK_PART = /^(?!row\.)([a-z]{1,20}[0-9]{0,6})\.([a-z]{1,10})$/;

/** @param {Shared} s @param {Model} model */
export function encodeState(s, model) {
  const out = new URLSearchParams();
  const ns = (/** @type {number} */ t) => writeTime(t, model);
  const put = (/** @type {string} */ key, /** @type {string} */ value, /** @type {string} */ usual = '') => {
    if (value !== usual) out.set(key, value);
  };
  if (s.window && (s.window.t0 > model.t0 || s.window.t1 < model.t1)) put('t', `${ns(s.window.t0)}~${ns(s.window.t1)}`);
  if (s.open) put('open', GROUP_KEYS.filter((g) => s.open?.[g]).join(' '), 'cpu');
  if (s.scroll) put('y', String(Math.round(s.scroll)));
  if (s.rowScale) put('rows', String(Math.round(s.rowScale * 1e4) / 1e4), '1');
  if (s.tracks) put('tracks', `${s.tracks.top}~${s.tracks.bottom}`);
  if (s.show)
    put(
      'show',
      Object.entries(s.show)
        .map(([k, v]) => `${k}${v}`)
        .join(' '),
    );
  if (s.sizes) put('size', writeSizes(s.sizes));
  if (s.theme) put('theme', s.theme);
  if (s.safe) put('colors', 'safe');
  if (s.colorBy) put('by', s.colorBy, 'class');
  if (s.annotate) put('label', s.annotate, 'off');
  if (s.annotStyle) put('style', s.annotStyle, 'tall');
  if (s.cursors && (s.cursors.a !== null || s.cursors.b !== null))
    put('cursors', [s.cursors.a, s.cursors.b].map((t) => (t === null ? '' : ns(t))).join('~'));
  if (s.range) {
    put('range', `${ns(s.range.t0)}~${ns(s.range.t1)}`);
    if (s.range.rows) put('area', writeAreaRows(s.range.rows));
  }
  if (s.rows) for (const g of GROUP_KEYS) put(`row.${g}`, encodeRows(s.rows[g]));
  if (s.selection) put('sel', writeSelection(s.selection));
  if (s.labelled) put('labels', s.labelled.slice(0, MOST_LABELS).map(writeSelection).join(' '));
  if (s.query) put('q', s.query);
  if (s.isolate) put('isolate', '1');
  if (s.panel) put('panel', s.panel);
  if (s.choices) writeChoices(s.choices, put);
  if (s.tab) put('tab', s.tab, 'timeline');
  for (const [id, look] of Object.entries(s.looks ?? {})) {
    for (const [name, value] of lookParts(
      s.charts?.find((tab) => tab.id === id),
      look,
    ))
      put(`${id}.${name}`, value);
  }
  return out.toString();
}

/** A state for others to open: light, dark and the colours are theirs. @param {string} hash */
export function withoutTheme(hash) {
  const q = new URLSearchParams(hash);
  q.delete('theme');
  q.delete('colors');
  return q.toString();
}

const MOST_LABELS = 200;

/** @param {import('./store.js').Selection} s */
const writeSelection = (s) => `${s.cols === 'exec' ? 'e' : 'a'}${s.record}`;

/** @param {string} text @param {Model} model @returns {import('./store.js').Selection|null} */
function readSelection(text, model) {
  const found = /^([ea])(\d+)$/.exec(text);
  const cols = found?.[1] === 'e' ? 'exec' : 'aux';
  return found && Number(found[2]) < model[cols].n ? { cols, record: Number(found[2]) } : null;
}

/** @param {import('../plan/rows.js').GroupRows} g */
function encodeRows(g) {
  const parts = [];
  for (const [k, list] of /** @type {[string, number[]][]} */ ([
    ['h', g.hidden],
    ['p', g.pinned],
    ['l', g.highlit],
    ['m', g.hand],
  ])) {
    if (list.length > 0) parts.push(`${k}${list.join(',')}`);
  }
  if (g.order !== 'key') parts.push(`o${g.order}`);
  if (g.fold) parts.push('f');
  if (g.onlyHighlit) parts.push('x');
  if (g.filter) parts.push(`q${encodeURIComponent(g.filter)}`);
  return parts.join(' ');
}

/** @param {string} hash with or without the leading # @param {Model} model @returns {Shared} */
export function decodeState(hash, model) {
  const q = new URLSearchParams(hash.replace(/^#/, ''));
  /** @type {Shared} */
  const s = {};
  const window = pair(q.get('t'), model);
  if (window && window.t1 > window.t0) s.window = clampWindow(window, model);
  const open = q.get('open');
  if (open !== null)
    s.open = {
      cpu: false,
      pid: false,
      rpc: false,
      ...Object.fromEntries(
        open
          .split(' ')
          .filter((g) => GROUP_KEYS.includes(/** @type {Group} */ (g)))
          .map((g) => [g, true]),
      ),
    };
  number(q.get('y'), 0, 1e9, (v) => {
    s.scroll = v;
  });
  number(q.get('rows'), 0.3, 4, (v) => {
    s.rowScale = v;
  });
  const [top, last] = (q.get('tracks') ?? '').split('~').map(Number);
  if (Number.isFinite(top) && last > top) s.tracks = { top, bottom: last };
  const show = q.get('show');
  if (show !== null) s.show = Object.fromEntries([...show.matchAll(/([a-z]+)([0-9])/g)].map(([, k, v]) => [k, Number(v)]));
  const sizes = q.get('size');
  if (sizes !== null) s.sizes = readSizes(sizes);
  oneOf(q.get('theme'), THEMES, (v) => {
    s.theme = /** @type {any} */ (v);
  });
  if (q.get('colors') === 'safe') s.safe = true;
  oneOf(q.get('by'), ['class', 'kind', 'cpu', 'thread'], (v) => {
    s.colorBy = /** @type {any} */ (v);
  });
  oneOf(q.get('label'), ['off', 'user', 'all'], (v) => {
    s.annotate = /** @type {any} */ (v);
  });
  oneOf(q.get('style'), ['tall', 'short'], (v) => {
    s.annotStyle = /** @type {any} */ (v);
  });
  const cursors = q.get('cursors');
  if (cursors !== null) {
    const [a, b] = cursors.split('~').map((v) => (v === '' ? null : ticks(v, model)));
    s.cursors = { a: a ?? null, b: b ?? null };
  }
  const range = pair(q.get('range'), model);
  const areaRows = readAreaRows(q.get('area'), model);
  if (range && range.t1 > range.t0) s.range = areaRows ? { ...range, rows: areaRows } : range;
  const rows = plainRows();
  let any = false;
  for (const g of GROUP_KEYS) {
    const text = q.get(`row.${g}`);
    if (text === null) continue;
    any = true;
    decodeRows(text, rows[g]);
  }
  if (any) s.rows = rows;
  const selection = readSelection(q.get('sel') ?? '', model);
  if (selection) s.selection = selection;
  const labels = q.get('labels');
  if (labels !== null)
    s.labelled = labels
      .split(' ')
      .slice(0, MOST_LABELS)
      .map((l) => readSelection(l, model))
      .filter((l) => l !== null);
  const choices = readChoices(q);
  if (Object.keys(choices).length > 0) s.choices = choices;
  if (q.has('q')) s.query = String(q.get('q')).slice(0, 500);
  if (q.get('isolate') === '1') s.isolate = true;
  const panel = q.get('panel');
  if (panel !== null && PANELS.test(panel)) s.panel = panel;
  const tab = q.get('tab');
  if (tab !== null && TABS.test(tab)) s.tab = tab;
  const looks = decodeLooks(q);
  if (Object.keys(looks).length > 0) s.looks = looks;
  return s;
}

/** Parts of each tab as they are: they are read when the tab is shown. @param {URLSearchParams} q @returns {Record<string, string>} */
function decodeLooks(q) {
  /** @type {Map<string, URLSearchParams>} */
  const found = new Map();
  for (const [key, value] of q) {
    const [, id, name] = LOOK_PART.exec(key) ?? [];
    if (id === undefined) continue;
    const parts = found.get(id) ?? new URLSearchParams();
    found.set(id, parts);
    parts.set(name, value);
  }
  return Object.fromEntries([...found].map(([id, parts]) => [id, parts.toString()]));
}

/** @param {string} text @param {import('../plan/rows.js').GroupRows} g */
function decodeRows(text, g) {
  const list = (/** @type {string} */ v) => v.split(',').map(Number).filter(Number.isFinite);
  for (const part of text.split(' ')) {
    const value = part.slice(1);
    if (part[0] === 'h') g.hidden = list(value);
    if (part[0] === 'p') g.pinned = list(value);
    if (part[0] === 'l') g.highlit = list(value);
    if (part[0] === 'm') g.hand = list(value);
    if (part[0] === 'o' && ['time', 'first', 'name', 'hand'].includes(value)) g.order = /** @type {any} */ (value);
    if (part === 'f') g.fold = true;
    if (part === 'x') g.onlyHighlit = true;
    if (part[0] === 'q') g.filter = safeDecode(value);
  }
}

/** @param {string} text */
function safeDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Nanoseconds of a time, with as few decimals as bring back the very same time: the picture depends on it. @param {number} t @param {Model} model */
function writeTime(t, model) {
  const exact = t * model.nsPerTick;
  for (let decimals = 0; decimals <= 6; decimals++) {
    const text = String(Number(exact.toFixed(decimals)));
    if (ticks(text, model) === t) return text;
  }
  return String(exact);
}

/** @param {string} text @param {Model} model @returns {number|null} */
function ticks(text, model) {
  const v = Number(text) / model.nsPerTick;
  if (text === '' || !Number.isFinite(v)) return null;
  return Math.abs(v - Math.round(v)) < 1e-5 ? Math.round(v) : v;
}

/** @param {string|null} text @param {Model} model @returns {{t0: number, t1: number}|null} */
function pair(text, model) {
  const [a, b] = (text ?? '').split('~').map((v) => ticks(v, model));
  return a === null || a === undefined || b === null || b === undefined ? null : { t0: a, t1: b };
}
