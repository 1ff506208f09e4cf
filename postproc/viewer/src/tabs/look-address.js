// SPDX-License-Identifier: BSD-3-Clause
// What is seen in a tab as parts of the address and back: pure. Each part is a short name and a value; what is as at first is left
// out, what cannot be read or is not in the data is ignored. state/url-state.js puts the parts of all tabs into the address.

import { number, oneOf } from '../kit/address-values.js';
import { changePlotLook, DOT, firstPlotLook } from './plot/plot-look.js';
import { rangeOfLog } from './rpc/rpc-log.js';
import { changeRpcLook, COLORS, firstRpcLook, ROW_SCALE, TEXT_SCALES } from './rpc/rpc-look.js';
import { SORTS } from './rpc/rpc-order.js';

/** @typedef {import('./catalog.js').Chart} Chart */
/** @typedef {import('./rpc/rpc-look.js').RpcLook} RpcLook */
/** @typedef {import('./plot/plot-look.js').PlotLook} PlotLook */
/** @typedef {import('./rpc/rpc-log.js').RpcLog} RpcLog */
/** @typedef {import('./plot/plot-data.js').Plot} Plot */
/** @typedef {(name: string, value: string, usual?: string) => void} Put writes a part unless it has its usual value */

const DRAGS = ['move', 'measure', 'zoom'];
const LONGEST_QUERY = 200;

/**
 * Parts of a look, or of an address that was not yet read, since its tab was not shown.
 * @param {Chart|undefined} chart @param {object|string} look @returns {[string, string][]}
 */
export function lookParts(chart, look) {
  if (typeof look === 'string') return [...new URLSearchParams(look)];
  /** @type {[string, string][]} */
  const parts = [];
  /** @type {Put} */
  const put = (name, value, usual = '') => {
    if (value !== usual) parts.push([name, value]);
  };
  if (chart?.kind === 'rpc') rpcParts(/** @type {RpcLook} */ (look), chart.data(), put);
  else if (chart?.kind === 'plot') plotParts(/** @type {PlotLook} */ (look), chart.data(), put);
  return parts;
}

/** @param {Chart} chart @param {string} text parts as in the address @returns {RpcLook|PlotLook} */
export function lookOfParts(chart, text) {
  const parts = new URLSearchParams(text);
  return chart.kind === 'rpc' ? rpcLookOf(parts, chart.data()) : plotLookOf(parts, chart.data());
}

/** Numbers have all their digits, so that the picture is the same. @param {RpcLook} look @param {RpcLog} log @param {Put} put */
function rpcParts(look, log, put) {
  const range = rangeOfLog(log, look.relative);
  put('rel', look.relative ? '1' : '');
  if (look.t0 > range.t0 || look.t1 < range.t1) put('t', `${look.t0}~${look.t1}`);
  put('by', look.color, 'method');
  put('label', look.annotate ? '1' : '');
  put('sort', look.sort, 'file');
  put('q', look.query.text);
  put('not', look.query.invert ? '1' : '');
  put('min', look.query.min);
  put('max', look.query.max);
  put('only', look.only ? '1' : '');
  put('y', String(Math.round(look.scroll)), '0');
  put('rows', look.rowScale.toFixed(3), '1.000');
  put('text', String(look.textScale), '1');
  put('sel', look.selected < 0 ? '' : String(look.selected));
  put('drag', look.drag, 'move');
  if (look.measure) put('m', `${look.measure.a.row}.${look.measure.a.k}~${look.measure.b.row}.${look.measure.b.k}`);
}

/** @param {URLSearchParams} parts @param {RpcLog} log @returns {RpcLook} */
function rpcLookOf(parts, log) {
  const look = changeRpcLook(log, firstRpcLook(log), { relative: parts.get('rel') === '1' });
  /** @type {Partial<RpcLook>} */
  const change = { annotate: parts.get('label') === '1', only: parts.get('only') === '1' };
  const window = numbers(parts.get('t'), 2);
  if (window && window[1] > window[0]) [change.t0, change.t1] = window;
  oneOf(
    parts.get('by'),
    COLORS.map(([v]) => v),
    (v) => {
      change.color = /** @type {any} */ (v);
    },
  );
  oneOf(
    parts.get('sort'),
    SORTS.map(([v]) => v),
    (v) => {
      change.sort = /** @type {any} */ (v);
    },
  );
  oneOf(parts.get('drag'), DRAGS, (v) => {
    change.drag = /** @type {any} */ (v);
  });
  const word = (/** @type {string} */ name) => (parts.get(name) ?? '').slice(0, LONGEST_QUERY);
  change.query = { text: word('q'), invert: parts.get('not') === '1', min: word('min'), max: word('max') };
  number(parts.get('y'), 0, 1e9, (v) => {
    change.scroll = v;
  });
  number(parts.get('rows'), ROW_SCALE.min, ROW_SCALE.max, (v) => {
    change.rowScale = v;
  });
  oneOf(parts.get('text'), TEXT_SCALES.map(String), (v) => {
    change.textScale = Number(v);
  });
  const selected = whole(parts.get('sel'));
  if (selected < log.n) change.selected = selected;
  const snaps = /^(\d+)\.([0-3])~(\d+)\.([0-3])$/
    .exec(parts.get('m') ?? '')
    ?.slice(1)
    .map(Number);
  if (snaps) {
    const [a, b] = [
      { row: snaps[0], k: snaps[1] },
      { row: snaps[2], k: snaps[3] },
    ];
    if ([a, b].every((s) => Number.isFinite(log.t[s.k][s.row]))) change.measure = { a, b };
  }
  return changeRpcLook(log, look, change);
}

/** @param {PlotLook} look @param {Plot} plot @param {Put} put */
function plotParts(look, plot, put) {
  const { area } = plot;
  if (look.x0 > area.x0 || look.x1 < area.x1) put('x', `${look.x0}~${look.x1}`);
  if (look.y0 > area.y0 || look.y1 < area.y1) put('y', `${look.y0}~${look.y1}`);
  put('dot', look.dot.toFixed(3), '1.000');
  put('sel', look.selected < 0 ? '' : `${look.selected}.${look.series}`);
  put('drag', look.drag, 'move');
  if (look.measure) put('m', [look.measure.ax, look.measure.ay, look.measure.bx, look.measure.by].join('~'));
}

/** @param {URLSearchParams} parts @param {Plot} plot @returns {PlotLook} */
function plotLookOf(parts, plot) {
  /** @type {Partial<PlotLook>} */
  const change = {};
  const x = numbers(parts.get('x'), 2);
  const y = numbers(parts.get('y'), 2);
  if (x && x[1] > x[0]) [change.x0, change.x1] = x;
  if (y && y[1] > y[0]) [change.y0, change.y1] = y;
  number(parts.get('dot'), DOT.min, DOT.max, (v) => {
    change.dot = v;
  });
  oneOf(parts.get('drag'), DRAGS, (v) => {
    change.drag = /** @type {any} */ (v);
  });
  const [selected, series] = (parts.get('sel') ?? '').split('.').map(whole);
  if (selected >= 0 && Number.isFinite(plot.series[series]?.y[selected])) Object.assign(change, { selected, series });
  const m = numbers(parts.get('m'), 4);
  if (m) change.measure = { ax: m[0], ay: m[1], bx: m[2], by: m[3] };
  return changePlotLook(plot, firstPlotLook(plot), change);
}

/** Numbers joined by ~; null when they are not as many. @param {string|null} text @param {number} count */
function numbers(text, count) {
  const list = (text ?? '').split('~');
  const values = list.map(Number);
  return list.length === count && list.every((v) => v !== '') && values.every(Number.isFinite) ? values : null;
}

/** A number of a record, -1 for anything else. @param {string|null} text */
const whole = (text) => (/^\d{1,10}$/.test(text ?? '') ? Number(text) : -1);
