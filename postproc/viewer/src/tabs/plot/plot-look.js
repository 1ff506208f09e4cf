// SPDX-License-Identifier: BSD-3-Clause
// What the user sees of a scatter plot: plain data, and its changes.

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-data.js').Area} Area */
/** @typedef {{ax: number, ay: number, bx: number, by: number}} Triangle */
/** @typedef {Area & {dot: number, drag: Drag, band: import('../frame/band.js').Band|null, measure: Triangle|null, selected: number, series: number}} PlotLook
 *   dot: factor of the radius; band: while one is drawn; selected: a point of `series`, -1 none */
/** @typedef {import('../frame/band.js').Drag} Drag */

export const DOT = { min: 0.25, max: 8 };

const DEEPEST = 1e-9;

/** @param {Plot} plot @returns {PlotLook} */
export const firstPlotLook = (plot) => ({ ...plot.area, dot: 1, drag: 'move', band: null, measure: null, selected: -1, series: 0 });

/** Keeps a..b inside lo..hi and not too narrow. @param {number} a @param {number} b @param {number} lo @param {number} hi */
export function clampSpan(a, b, lo, hi) {
  if (a >= lo && b <= hi && b - a >= (hi - lo) * DEEPEST) return [a, b]; // to the last bit: an address gives the same picture
  const width = Math.min(hi - lo, Math.max((hi - lo) * DEEPEST, b - a));
  const middle = (a + b) / 2;
  const from = Math.min(Math.max(middle - width / 2, lo), hi - width);
  return [from, from + width];
}

/** @param {Plot} plot @param {Area} area @returns {Area} */
export function clampArea(plot, area) {
  const all = plot.area;
  const [x0, x1] = clampSpan(area.x0, area.x1, all.x0, all.x1);
  const [y0, y1] = clampSpan(area.y0, area.y1, all.y0, all.y1);
  return { x0, x1, y0, y1 };
}

/** @param {Plot} plot @param {PlotLook} look @param {Partial<PlotLook>} change @returns {PlotLook} */
export const changePlotLook = (plot, look, change) => ({ ...look, ...change, ...clampArea(plot, { ...look, ...change }) });

/**
 * Zooms about a place of the area. @param {Area} area @param {number} factor above 1: wider @param {number} atX 0..1 from the left
 * @param {number} atY 0..1 from the bottom @param {'both'|'x'|'y'} axes @param {{x: number, y: number}} [fixed] what is to be there, when not what is there
 * @returns {Area}
 */
export function zoomArea(area, factor, atX, atY, axes, fixed) {
  const zoom = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ at, value = a + (b - a) * at) => {
    const width = (b - a) * factor;
    return [value - width * at, value + width * (1 - at)];
  };
  const [x0, x1] = axes === 'y' ? [area.x0, area.x1] : zoom(area.x0, area.x1, atX, fixed?.x);
  const [y0, y1] = axes === 'x' ? [area.y0, area.y1] : zoom(area.y0, area.y1, atY, fixed?.y);
  return { x0, x1, y0, y1 };
}

/** The area that a triangle spans, with a margin. @param {Triangle} m @returns {Area} */
export function areaOf({ ax, ay, bx, by }) {
  const [w, h] = [Math.abs(bx - ax), Math.abs(by - ay)];
  return zoomArea({ x0: Math.min(ax, bx), x1: Math.min(ax, bx) + w, y0: Math.min(ay, by), y1: Math.min(ay, by) + h }, 1.2, 0.5, 0.5, 'both');
}

/** @param {Area} area @param {number} dx share of the width, to larger x @param {number} dy @returns {Area} */
export function panArea({ x0, x1, y0, y1 }, dx, dy) {
  const w = (x1 - x0) * dx;
  const h = (y1 - y0) * dy;
  return { x0: x0 + w, x1: x1 + w, y0: y0 + h, y1: y1 + h };
}
