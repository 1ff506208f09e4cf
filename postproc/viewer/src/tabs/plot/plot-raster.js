// SPDX-License-Identifier: BSD-3-Clause
// Which pixels of a scatter plot hold points, and how many: pure. A point's pixel follows from its value and the zoom, not from
// where the window begins, so that a moved picture equals one made anew. Pixels are kept by column, as the points are in order of x:
// what is written stays near in memory.

import { rangeBetween } from './plot-data.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-data.js').Area} Area */
/** @typedef {{width: number, height: number, margin: number}} Grid pixels of the plot, and around it for dots that reach in */
/**
 * Pixels of one series. A pixel is column * rows + row, from the corner of the margin.
 * @typedef {object} SeriesPixels
 * @property {Uint8Array} counts points of each pixel, at most 255
 * @property {Uint32Array} pixels that hold points, those with fewest first; room for the most there may be
 * @property {number[]} ends where each level ends in `pixels`
 */
/**
 * @typedef {object} PlotPixels
 * @property {number} columns @property {number} rows with the margins @property {SeriesPixels[]} series
 * @property {number} inside points in view @property {number} places pixels in view that hold any
 * @property {number} shared points in view that are not alone at their pixel
 */

/** A pixel is of the last level whose count it reaches. */
export const LEVELS = [1, 2, 10, 100];
/** Stands for a pixel without points. */
const EMPTY = LEVELS.length;
const FULL = 255;
export const LEVEL_OF = Uint8Array.from({ length: FULL + 1 }, (_, n) => (n === 0 ? EMPTY : LEVELS.filter((least) => n >= least).length - 1));

/** Makes the pixels of frame after frame, in the same arrays. @param {Plot} plot */
export function createPlotRaster(plot) {
  /** @type {PlotPixels} */
  const result = {
    columns: 0,
    rows: 0,
    series: plot.series.map(() => ({ counts: new Uint8Array(0), pixels: new Uint32Array(0), ends: [] })),
    inside: 0,
    places: 0,
    shared: 0,
  };

  /** @param {Area} area @param {Grid} grid @returns {PlotPixels} */
  return (area, grid) => {
    result.columns = grid.width + 2 * grid.margin;
    result.rows = rowsOf(grid);
    const size = result.columns * result.rows;
    const most = Math.min(size, plot.n) + 1; // one for what is thrown away
    let inside = 0;
    const inView = new Uint32Array(EMPTY + 1);
    result.series.forEach((series, s) => {
      if (series.counts.length === size) series.counts.fill(0);
      else series.counts = new Uint8Array(size);
      if (series.pixels.length < most) series.pixels = new Uint32Array(most);
      inside += countPoints(plot, plot.series[s].y, area, grid, series.counts);
      series.ends = listPixels(series, grid, inView);
    });
    const places = inView.subarray(0, EMPTY).reduce((a, b) => a + b, 0);
    const both = sharedAmong(result.series, grid);
    return Object.assign(result, { inside, places: places - both.places, shared: inside - (inView[0] - both.alone) });
  };
}

/** Pixels of a column, with the margins: whole words. @param {Grid} grid */
const rowsOf = ({ height, margin }) => (height + 2 * margin + 3) & ~3;

/** Counts the points of each pixel; returns how many are in view. @param {Plot} plot @param {Float64Array} y @param {Area} area @param {Grid} grid @param {Uint8Array} counts */
function countPoints({ x, n }, y, area, grid, counts) {
  const { width, height, margin } = grid;
  const columns = width + 2 * margin;
  const last = height + 2 * margin;
  const rows = rowsOf(grid);
  const [right, bottom] = [margin + width, margin + height];
  const kx = width / (area.x1 - area.x0);
  const ky = height / (area.y1 - area.y0);
  const ox = margin + 0.5 - Math.floor(area.x0 * kx + 0.5);
  const oy = margin + 0.5 + Math.floor(area.y1 * ky + 0.5);
  const { lo, hi } = rangeBetween({ x, n }, area.x0 - (margin + 1) / kx, area.x1 + (margin + 1) / kx);
  let inside = 0;
  for (let i = lo; i < hi; i++) {
    const fx = x[i] * kx + ox;
    const fy = oy - y[i] * ky;
    if (!(fx >= 0 && fx < columns && fy >= 0 && fy < last)) continue; // NaN too
    const p = (fx | 0) * rows + (fy | 0);
    if (counts[p] < FULL) counts[p]++;
    if (fx >= margin && fx < right && fy >= margin && fy < bottom) inside++;
  }
  return inside;
}

/**
 * Lists the pixels of a series by level; returns where each level ends. Four empty pixels are skipped at once; in a crowd there is
 * no branch on a pixel, since half of them may be empty.
 * @param {SeriesPixels} series @param {Grid} grid @param {Uint32Array} inView gets how many in view are of each level
 */
function listPixels({ counts, pixels }, grid, inView) {
  const { width, height, margin } = grid;
  const rows = rowsOf(grid);
  const all = new Uint32Array(EMPTY + 1);
  const outside = new Uint32Array(EMPTY + 1);
  const words = new Uint32Array(counts.buffer);
  for (let w = 0; w < words.length; w++) if (words[w] !== 0) tally(counts, w * 4, w * 4 + 4, all);
  const [first, last] = [margin * rows, (margin + width) * rows];
  tally(counts, 0, first, outside);
  tally(counts, last, counts.length, outside);
  for (let column = first; column < last; column += rows) {
    tally(counts, column, column + margin, outside);
    tally(counts, column + margin + height, column + rows, outside);
  }
  const at = new Uint32Array(EMPTY + 1);
  const ends = [];
  let sum = 0;
  for (let level = 0; level < EMPTY; level++) {
    at[level] = sum;
    sum += all[level];
    ends.push(sum);
    inView[level] += all[level] - outside[level];
  }
  const [trash, step] = [sum, Uint8Array.from(at, (_, level) => (level === EMPTY ? 0 : 1))];
  at[EMPTY] = trash;
  for (let w = 0; w < words.length; w++) {
    if (words[w] === 0) continue;
    for (let p = w * 4; p < w * 4 + 4; p++) {
      const level = LEVEL_OF[counts[p]];
      const k = at[level];
      pixels[k] = p;
      at[level] = k + step[level];
    }
  }
  return ends;
}

/** Adds up levels. @param {Uint8Array} counts @param {number} from @param {number} to @param {Uint32Array} sums */
function tally(counts, from, to, sums) {
  for (let p = from; p < to; p++) sums[LEVEL_OF[counts[p]]]++;
}

/** Pixels in view that several series hold: how often they were counted too much, and how many points seemed alone there. @param {SeriesPixels[]} series @param {Grid} grid */
function sharedAmong(series, grid) {
  const { width, height, margin } = grid;
  const rows = rowsOf(grid);
  let places = 0;
  let alone = 0;
  if (series.length === 1) return { places, alone };
  series.forEach(({ counts, pixels, ends }, s) => {
    for (let i = 0; i < ends[EMPTY - 1]; i++) {
      const p = pixels[i];
      const column = Math.floor(p / rows);
      const row = p - column * rows;
      if (column < margin || column >= margin + width || row < margin || row >= margin + height) continue;
      if (holdsAny(series, 0, s, p)) places++;
      else if (!holdsAny(series, s + 1, series.length, p)) continue;
      if (counts[p] === 1) alone++;
    }
  });
  return { places, alone };
}

/** @param {SeriesPixels[]} series @param {number} from @param {number} to @param {number} p */
function holdsAny(series, from, to, p) {
  for (let s = from; s < to; s++) if (series[s].counts[p] > 0) return true;
  return false;
}
