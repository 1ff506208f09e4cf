// SPDX-License-Identifier: BSD-3-Clause
// Which pixels of a scatter plot hold points, and how many: pure. A point's pixel follows from its value and the zoom, not from
// where the window begins, so that a moved picture equals one made anew.

import { rangeBetween } from './plot-data.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-data.js').Area} Area */
/** @typedef {{width: number, height: number, margin: number}} Grid pixels of the plot, and around it for dots that reach in */
/**
 * Pixels of one series. A pixel is row * stride + column, from the corner of the margin.
 * @typedef {object} SeriesPixels
 * @property {Uint8Array} counts points of each pixel, at most 255
 * @property {Uint32Array} pixels that hold points, those with fewest first; as long as the most there may be
 * @property {number[]} ends where each level ends in `pixels`
 */
/**
 * @typedef {object} PlotPixels
 * @property {number} stride @property {number} rows @property {SeriesPixels[]} series
 * @property {number} inside points in view @property {number} places pixels in view that hold any
 * @property {number} shared points in view that are not alone at their pixel
 */

/** A pixel is of the last level whose count it reaches. */
export const LEVELS = [1, 2, 10, 100];
const FULL = 255;
/** No points: no level. */
export const LEVEL_OF = Uint8Array.from({ length: FULL + 1 }, (_, n) => LEVELS.filter((least) => n >= least).length - 1);

/** Makes the pixels of frame after frame, in the same arrays. @param {Plot} plot */
export function createPlotRaster(plot) {
  /** @type {PlotPixels} */
  const result = { stride: 0, rows: 0, series: plot.series.map(() => ({ counts: new Uint8Array(0), pixels: new Uint32Array(0), ends: [] })), inside: 0, places: 0, shared: 0 };
  let found = new Uint32Array(0);

  /** @param {Area} area @param {Grid} grid @returns {PlotPixels} */
  return (area, grid) => {
    result.stride = grid.width + 2 * grid.margin;
    result.rows = grid.height + 2 * grid.margin;
    const size = result.stride * result.rows;
    const most = Math.min(size, plot.n);
    if (found.length < most) found = new Uint32Array(most);
    let inside = 0;
    result.series.forEach((series, s) => {
      if (series.counts.length === size) series.counts.fill(0);
      else series.counts = new Uint8Array(size);
      if (series.pixels.length < most) series.pixels = new Uint32Array(most);
      const counted = countPixels(plot, plot.series[s].y, area, grid, series.counts, found);
      inside += counted.inside;
      series.ends = byLevel(series, found, counted.n);
    });
    const { places, alone } = placesOf(result, grid);
    return Object.assign(result, { inside, places, shared: inside - alone });
  };
}

/** Counts the points of each pixel; lists in `found` those with any. @param {Plot} plot @param {Float64Array} y @param {Area} area @param {Grid} grid
 *  @param {Uint8Array} counts @param {Uint32Array} found */
function countPixels({ x, n: all }, y, area, { width, height, margin }, counts, found) {
  const stride = width + 2 * margin;
  const rows = height + 2 * margin;
  const [right, bottom] = [margin + width, margin + height];
  const kx = width / (area.x1 - area.x0);
  const ky = height / (area.y1 - area.y0);
  const ox = margin + 0.5 - Math.floor(area.x0 * kx + 0.5);
  const oy = margin + 0.5 + Math.floor(area.y1 * ky + 0.5);
  const { lo, hi } = rangeBetween({ x, n: all }, area.x0 - (margin + 1) / kx, area.x1 + (margin + 1) / kx);
  let n = 0;
  let inside = 0;
  for (let i = lo; i < hi; i++) {
    const fx = x[i] * kx + ox;
    const fy = oy - y[i] * ky;
    if (!(fx >= 0 && fx < stride && fy >= 0 && fy < rows)) continue; // NaN too
    const px = fx | 0;
    const py = fy | 0;
    const p = py * stride + px;
    const count = counts[p];
    if (count === 0) found[n++] = p;
    if (count < FULL) counts[p] = count + 1;
    if (px >= margin && px < right && py >= margin && py < bottom) inside++;
  }
  return { n, inside };
}

/** Puts the pixels found in the order of their levels; returns where each ends. @param {SeriesPixels} series @param {Uint32Array} found @param {number} n */
function byLevel({ counts, pixels }, found, n) {
  const at = new Uint32Array(LEVELS.length + 1);
  for (let i = 0; i < n; i++) at[LEVEL_OF[counts[found[i]]] + 1]++;
  for (let level = 0; level < LEVELS.length; level++) at[level + 1] += at[level];
  const ends = [...at.subarray(1)];
  for (let i = 0; i < n; i++) pixels[at[LEVEL_OF[counts[found[i]]]]++] = found[i];
  return ends;
}

/** Pixels in view that hold points of any series, and points that are alone at theirs. @param {PlotPixels} result @param {Grid} grid */
function placesOf({ series, stride }, { width, height, margin }) {
  let places = 0;
  let alone = 0;
  series.forEach(({ counts, pixels, ends }, s) => {
    for (let i = 0; i < ends[ends.length - 1]; i++) {
      const p = pixels[i];
      const px = (p % stride) - margin;
      if (px < 0 || px >= width || p < margin * stride || p >= (margin + height) * stride) continue;
      let before = false;
      let after = false;
      for (let o = 0; o < series.length; o++) {
        if (o === s || series[o].counts[p] === 0) continue;
        if (o < s) before = true;
        else after = true;
      }
      if (!before) places++; // else it was counted already
      if (!before && !after && counts[p] === 1) alone++;
    }
  });
  return { places, alone };
}
