// SPDX-License-Identifier: BSD-3-Clause
// Scatter plots: [x, y] or [x, raw y, aligned y]. Reads the JSON of mystery3- and tcpalign-like tools.

import { lowerBound } from '../../format/bounds.js';
import { parseBase } from '../../trace/time.js';
import { isEnd } from '../frame/records-end.js';

/** @typedef {import('../../format/payload.js').Diagnostic} Diagnostic */
/** @typedef {{label: string, unit: string, mul: number, thousands: number}} PlotAxis a value v stands for v * mul units */
/**
 * @typedef {object} Plot
 * @property {string} title
 * @property {number|null} base instant of x = 0, ms since 1970
 * @property {PlotAxis} xAxis @property {PlotAxis} yAxis
 * @property {number} n
 * @property {Float64Array} x does not decrease
 * @property {{name: string, y: Float64Array}[]} series NaN: no point
 * @property {string|null} color of the first series
 * @property {number} radius CSS px
 * @property {Uint32Array|null} place of each point in the file, where its points stand in another order
 * @property {number} dots of all series: points that are there
 * @property {Area} area of all points, with a margin
 * @property {Diagnostic[]} diagnostics
 */
/** @typedef {{x0: number, x1: number, y0: number, y1: number}} Area */

export const DEFAULT_RADIUS = 2;

/** @param {any} r */
export const isPoint = (r) => Array.isArray(r) && Number.isFinite(r[0]) && Number.isFinite(r[1]) && (r.length < 3 || Number.isFinite(r[2]));

/** @param {any} doc @param {string} letter X or Y @returns {PlotAxis} */
function axisOf(doc, letter) {
  const positive = (/** @type {any} */ v, /** @type {number} */ other) => (Number(v) > 0 ? Number(v) : other);
  return {
    label: String(doc[`axisLabel${letter}`] ?? letter),
    unit: String(doc[`shortUnits${letter}`] ?? ''),
    mul: positive(doc[`shortMul${letter}`], 1),
    thousands: Number(doc[`thousands${letter}`]) === 1024 ? 1024 : 1000,
  };
}

/** A CSS colour by name or number; anything else is not used. @param {any} v */
const colorOf = (v) => (/^(#[0-9a-f]{3,8}|[a-z]{3,25})$/i.test(String(v ?? '')) ? String(v) : null);

/** The points before the sentinel as columns. @param {any[]} points */
function columnsOf(points) {
  const [x, y, aligned] = [0, 1, 2].map(() => new Float64Array(points.length));
  let [n, malformed, triples] = [0, 0, false];
  for (let i = 0; i < points.length; i++) {
    const p = points[i];
    if (isEnd(p)) break;
    if (!isPoint(p)) {
      malformed++;
      continue;
    }
    x[n] = p[0];
    y[n] = p[1];
    aligned[n++] = p.length >= 3 ? p[2] : NaN;
    triples ||= p.length >= 3;
  }
  const cut = (/** @type {Float64Array} */ list) => (n === list.length ? list : list.slice(0, n));
  return { n, malformed, triples, x: cut(x), y: cut(y), aligned: cut(aligned) };
}

/** @param {any} doc parsed JSON @returns {Plot} */
export function plotOf(doc) {
  const { n, malformed, triples, x, y, aligned } = columnsOf(/** @type {any[]} */ (doc.points));
  const plot = finishPlot({
    title: String(doc.title ?? ''),
    base: parseBase(doc.tracebase),
    xAxis: axisOf(doc, 'X'),
    yAxis: axisOf(doc, 'Y'),
    n,
    x,
    series: [{ name: triples ? 'before alignment' : '', y }, ...(triples ? [{ name: 'after alignment', y: aligned }] : [])],
    color: colorOf(doc.dotColor),
    radius: Math.min(20, Number(doc.dotRadius) > 0 ? Number(doc.dotRadius) : DEFAULT_RADIUS),
    diagnostics: [],
  });
  if (malformed > 0) {
    plot.diagnostics.push({ id: 'viewer.records', severity: 'damage', count: malformed, text: 'points are malformed and are not shown.' });
  }
  return plot;
}

/** Places of x from left to right; null when they stand so already. @param {Float64Array} x */
function placesInOrder(x) {
  let i = 1;
  while (i < x.length && x[i] >= x[i - 1]) i++;
  return i >= x.length ? null : Uint32Array.from(x, (_, k) => k).sort((a, b) => x[a] - x[b] || a - b);
}

/** Puts the points in order of x and fills in what follows from them. @param {Omit<Plot, 'area'|'place'|'dots'>} given @returns {Plot} */
export function finishPlot(given) {
  const place = placesInOrder(given.x);
  const inOrder = (/** @type {Float64Array} */ list) => (place ? list.map((_, i) => list[place[i]]) : list);
  const plot = { ...given, x: inOrder(given.x), series: given.series.map((s) => ({ ...s, y: inOrder(s.y) })) };
  const span = (/** @type {Float64Array[]} */ lists) => {
    let lo = Infinity;
    let hi = -Infinity;
    for (const list of lists) {
      for (const v of list) {
        if (v < lo) lo = v;
        if (v > hi) hi = v;
      }
    }
    if (lo > hi) return [0, 1];
    const margin = hi > lo ? (hi - lo) * 0.03 : Math.abs(hi) * 0.5 || 0.5;
    return [lo - margin, hi + margin];
  };
  const [x0, x1] = span([plot.x]);
  const [y0, y1] = span(plot.series.map((s) => s.y));
  let dots = 0;
  for (const { y } of plot.series) for (let i = 0; i < plot.n; i++) if (!Number.isNaN(y[i])) dots++;
  return { ...plot, place, dots, area: { x0, x1, y0, y1 } };
}

/** Place of a point in its file, from 0. @param {Plot} plot @param {number} i */
export const placeOf = (plot, i) => (plot.place ? plot.place[i] : i);

/** Points between two x, as a range. @param {Pick<Plot, 'x'|'n'>} plot @param {number} x0 @param {number} x1 */
export function rangeBetween({ x, n }, x0, x1) {
  const lo = lowerBound(0, n, (i) => x[i], x0);
  let hi = lowerBound(lo, n, (i) => x[i], x1);
  while (hi < n && x[hi] === x1) hi++;
  return { lo, hi };
}
