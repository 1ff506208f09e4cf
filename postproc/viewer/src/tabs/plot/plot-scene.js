// SPDX-License-Identifier: BSD-3-Clause
// Where points, ticks and the measuring triangle of a scatter plot are on the page: pure.

import { scaleLinear } from 'd3-scale';
import { tickCount } from '../../plan/axis.js';
import { AXIS_HEIGHT } from '../../plan/layout.js';
import { rangeBetween } from './plot-data.js';
import { prefixFor, slopeWords, axisWords } from './units.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-look.js').PlotLook} PlotLook */
/** @typedef {{left: number, right: number, top: number, bottom: number, width: number, height: number}} PlotLayout */
/** @typedef {{at: number, label: string}} PlotTick px */
/** @typedef {{caption: string, ticks: PlotTick[]}} PlotTicks */
/** @typedef {{x0: number, y0: number, x1: number, y1: number, dx: string, dy: string, slope: string}} TriangleWords */
/** @typedef {{layout: PlotLayout, x: PlotTicks, y: PlotTicks, measure: TriangleWords|null}} PlotScene */

/** @param {{width: number, height: number}} size @returns {PlotLayout} */
export function layoutPlot(size) {
  const left = size.width < 600 ? 58 : 84;
  return {
    left,
    right: Math.max(left + 10, size.width - 16),
    top: 12,
    bottom: Math.max(28, size.height - AXIS_HEIGHT),
    width: size.width,
    height: size.height,
  };
}

/** Values to pixels and back. @param {PlotLayout} layout @param {import('./plot-data.js').Area} look */
export const scalesOf = (layout, look) => ({
  x: scaleLinear([look.x0, look.x1], [layout.left, layout.right]),
  y: scaleLinear([look.y0, look.y1], [layout.bottom, layout.top]),
});

/**
 * @param {import('./plot-data.js').PlotAxis} axis @param {number} lo @param {number} hi @param {number} count wanted
 * @param {(v: number) => number} at @returns {PlotTicks}
 */
function ticksOf(axis, lo, hi, count, at) {
  const size = Math.max(Math.abs(lo), Math.abs(hi)) * axis.mul;
  const { scale, name } = prefixFor(size, axis.thousands, axis.unit);
  const values = scaleLinear([(lo * axis.mul) / scale, (hi * axis.mul) / scale], [0, 1]);
  const wanted = Math.max(2, count);
  const format = values.tickFormat(wanted, 'f');
  const ticks = values.ticks(wanted).map((v) => ({ at: at((v * scale) / axis.mul), label: format(v) }));
  return { caption: captionOf(axis.label, name), ticks };
}

/** A unit at the end of a label, in brackets. */
const UNIT = /\s*\(((nano|micro|milli|kilo|mega|giga|[pnuµmKkMGTP])?i?(s|secs?|seconds?|b|bytes?|units?))\)\s*$/i;

/** Label of an axis; a unit that the file wrote in its label gives way to the one of the ticks. @param {string} label @param {string} unit */
const captionOf = (label, unit) => (unit === '' ? label : `${label.replace(UNIT, '')} (${unit})`);

/** @param {Plot} plot @param {PlotLook} look @param {{width: number, height: number}} size @returns {PlotScene} */
export function plotScene(plot, look, size) {
  const layout = layoutPlot(size);
  const at = scalesOf(layout, look);
  return {
    layout,
    x: ticksOf(plot.xAxis, look.x0, look.x1, tickCount(layout), at.x),
    y: ticksOf(plot.yAxis, look.y0, look.y1, (layout.bottom - layout.top) / 55, at.y),
    measure: look.measure && triangle(plot, look.measure, at),
  };
}

/** @param {Plot} plot @param {import('./plot-look.js').Triangle} m @param {ReturnType<typeof scalesOf>} at @returns {TriangleWords} */
function triangle(plot, m, at) {
  const dx = m.bx - m.ax;
  const dy = m.by - m.ay;
  return {
    x0: at.x(m.ax),
    y0: at.y(m.ay),
    x1: at.x(m.bx),
    y1: at.y(m.by),
    dx: axisWords(plot.xAxis, dx),
    dy: axisWords(plot.yAxis, dy),
    slope: slopeWords(plot.xAxis, plot.yAxis, dx, dy),
  };
}

/**
 * The point nearest to a place, within reach; `same` counts those drawn at the same place (less than a pixel away).
 * @param {Plot} plot @param {PlotLook} look @param {PlotLayout} layout @param {number} px @param {number} py @param {number} reach px
 * @returns {{i: number, series: number, same: number}|null}
 */
export function nearestPoint(plot, look, layout, px, py, reach) {
  const at = scalesOf(layout, look);
  let best = /** @type {{i: number, series: number, d: number}|null} */ (null);
  const { lo, hi } = rangeBetween(plot, at.x.invert(px - reach), at.x.invert(px + reach));
  plot.series.forEach(({ y }, series) => {
    for (let i = lo; i < hi; i++) {
      const dx = at.x(plot.x[i]) - px;
      if (dx > reach || dx < -reach) continue;
      const dy = at.y(y[i]) - py;
      const d = dx * dx + dy * dy;
      if (d <= reach * reach && (!best || d < best.d)) best = { i, series, d };
    }
  });
  const found = /** @type {{i: number, series: number}|null} */ (best);
  if (!found) return null;
  const x = at.x(plot.x[found.i]);
  const y0 = at.y(plot.series[found.series].y[found.i]);
  let same = 0;
  const beside = rangeBetween(plot, at.x.invert(x - 1), at.x.invert(x + 1));
  for (const { y } of plot.series) {
    for (let i = beside.lo; i < beside.hi; i++) if (Math.abs(at.x(plot.x[i]) - x) < 1 && Math.abs(at.y(y[i]) - y0) < 1) same++;
  }
  return { i: found.i, series: found.series, same };
}
