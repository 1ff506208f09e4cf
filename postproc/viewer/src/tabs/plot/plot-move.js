// SPDX-License-Identifier: BSD-3-Clause
// Moves a scatter plot: its area, and which point is selected.

import { panArea, zoomArea } from './plot-look.js';
import { instantOf, isTime, say } from './plot-status.js';

/** @typedef {ReturnType<typeof plotMove>} PlotMove */

/** @param {import('./plot-view.js').PlotView} view */
export function plotMove(view) {
  const { io, plot } = view;
  /** Where the pointer is, as shares of the area. */
  const shares = () => {
    if (!view.scene || !view.pointer) return { x: 0.5, y: 0.5 };
    const { left, right, top, bottom } = view.scene.layout;
    const clamp = (/** @type {number} */ v) => Math.min(1, Math.max(0, v));
    return { x: clamp((view.pointer.x - left) / (right - left)), y: clamp((bottom - view.pointer.y) / (bottom - top)) };
  };
  const whyNoJump = () => io.whyNoJump() || (isTime(plot) ? '' : 'The x axis of this plot is not time in seconds');
  /** @param {boolean} go to the timeline, else it only moves there */
  function jump(go) {
    const { selected } = io.look();
    if (selected < 0) return;
    const t = instantOf(plot, selected);
    const problem = whyNoJump() || io.jump({ t0: t, t1: t, base: plot.base, rpcid: 0 }, go);
    if (!go) return;
    view.failed = { text: problem, look: io.look() };
    say(view);
  }
  /** @param {number} i -1 none @param {number} series */
  function select(i, series) {
    const look = io.look();
    if (i < 0) {
      io.set({ selected: -1 });
      return;
    }
    const [x, y] = [plot.x[i], plot.series[series].y[i]];
    const dx = x < look.x0 || x > look.x1 ? (x - (look.x0 + look.x1) / 2) / (look.x1 - look.x0) : 0;
    const dy = y < look.y0 || y > look.y1 ? (y - (look.y0 + look.y1) / 2) / (look.y1 - look.y0) : 0;
    io.set({ selected: i, series, ...panArea(look, dx, dy) });
    jump(false);
  }
  return {
    jump,
    select,
    whyNoJump,
    /** @param {number} factor @param {'both'|'x'|'y'} axes @param {{x: number, y: number}} [fixed] */
    zoom: (factor, axes, fixed) => io.set(zoomArea(io.look(), factor, shares().x, shares().y, axes, fixed)),
    /** @param {number} dx @param {number} dy */
    pan: (dx, dy) => io.set(panArea(io.look(), dx, dy)),
    /** @param {number} step */
    neighbour: (step) => {
      const look = io.look();
      for (let k = look.selected < 0 ? (step > 0 ? 0 : plot.n - 1) : look.selected + step; k >= 0 && k < plot.n; k += step) {
        const series = plot.series.findIndex((s) => !Number.isNaN(s.y[k]));
        if (series >= 0) return select(k, series);
      }
    },
  };
}
