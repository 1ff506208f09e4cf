// SPDX-License-Identifier: BSD-3-Clause
// The line below a scatter plot, what is said beside the pointer, and a point in words.

import { clockWords } from '../../trace/time.js';
import { placeTip } from '../frame/pane.js';
import { nearestPoint } from './plot-scene.js';
import { axisWords, exactWords } from './units.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-view.js').PlotView} PlotView */

/** Pixels from the pointer to a point that it is on. */
export const REACH = 9;

/** Instant of a point in ns. @param {Plot} plot @param {number} i */
export const instantOf = (plot, i) => Math.round(plot.x[i] * plot.xAxis.mul * 1e9);
/** True when x is time in seconds. @param {Plot} plot */
export const isTime = (plot) => /^s(ec)?$/.test(plot.xAxis.unit);

/** @param {Plot} plot @param {number} i @param {number} series @returns {{label: string, text: string}[]} */
export function pointWords(plot, i, series) {
  const lines = [
    { label: plot.xAxis.label, text: exactWords(plot.xAxis, plot.x[i]) },
    { label: [plot.yAxis.label, plot.series[series].name].filter(Boolean).join(', '), text: exactWords(plot.yAxis, plot.series[series].y[i]) },
  ];
  if (isTime(plot) && plot.base !== null) lines.push({ label: 'At', text: clockWords(plot.base, instantOf(plot, i), 9) });
  return lines;
}

/** @param {PlotView} view */
export function hover({ scene, pointer, plot, io, pane }) {
  const found = scene && pointer && nearestPoint(plot, io.look(), scene.layout, pointer.x, pointer.y, REACH);
  if (!scene || !pointer || !found) {
    pane.tip.hidden = true;
    return;
  }
  const more = found.same > 1 ? [`${found.same} points at this pixel`] : [];
  placeTip(pane.tip, [...pointWords(plot, found.i, found.series).map((l) => `${l.label}: ${l.text}`), ...more], pointer, scene.layout);
}

/** @param {PlotView} view */
export function say({ scene, plot, io, pane, failed, found }) {
  if (!scene) return;
  const look = io.look();
  const m = scene.measure;
  const problem = failed.look === look && failed.text ? `${failed.text}  ·  ` : '';
  // Points that lie at the same pixel as others.
  const sharing =
    found.shared > 0 ? `, on ${found.places.toLocaleString('en')} pixels: ${found.shared.toLocaleString('en')} points share theirs` : '';
  pane.status.textContent =
    `${problem}${m ? `Δx ${m.dx}, Δy ${m.dy}, slope ${m.slope}  ·  ` : ''}${found.inside.toLocaleString('en')} points in view of ` +
    `${plot.dots.toLocaleString('en')}${sharing}  ·  x ${axisWords(plot.xAxis, look.x0)} to ${axisWords(plot.xAxis, look.x1)}` +
    `, y ${axisWords(plot.yAxis, look.y0)} to ${axisWords(plot.yAxis, look.y1)}`;
  pane.canvas.setAttribute('aria-label', `Scatter plot ${plot.title}: ${plot.yAxis.label} over ${plot.xAxis.label}, ${pane.status.textContent}`);
}
