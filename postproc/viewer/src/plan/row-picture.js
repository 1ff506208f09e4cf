// SPDX-License-Identifier: BSD-3-Clause
// From (row, window) to a draw list: spans of two pixels or more one by one, anything finer as true shares of pixel columns.

import { CLASS_COUNT } from '../format/events.js';
import { Cursor, firstEndingAfter, inferredBetween, sumTo, touching } from '../trace/aggregate.js';

/** Spans narrower than this many pixels become shares: below, glyphs would be unreadable stripes. */
export const GLYPH_PIXELS = 2;

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Row} Row */
/**
 * Draw list of one row. Entries 0..n in order of x.
 * @typedef {object} RowPicture
 * @property {number} n
 * @property {Int32Array} x0 first pixel
 * @property {Int32Array} x1 one past the last pixel
 * @property {Int32Array} record of a span; -1 for a column of shares
 * @property {Uint32Array} count spans that touch a column
 * @property {Uint32Array} inferred how many of them were inferred
 * @property {Uint32Array} from first position of a column in its row
 * @property {Float32Array} shares CLASS_COUNT values for each entry that is a column
 */

/** @param {number} width pixels @returns {RowPicture} */
export function makePicture(width) {
  const size = 2 * width + 8;
  return {
    n: 0,
    x0: new Int32Array(size),
    x1: new Int32Array(size),
    record: new Int32Array(size),
    count: new Uint32Array(size),
    inferred: new Uint32Array(size),
    from: new Uint32Array(size),
    shares: new Float32Array(size * CLASS_COUNT),
  };
}

/** Moves a picture to the right. @param {RowPicture} pic @param {number} by pixels */
export function movePicture(pic, by) {
  if (by === 0) return;
  for (let k = 0; k < pic.n; k++) {
    pic.x0[k] += by;
    pic.x1[k] += by;
  }
}

const before = new Float64Array(CLASS_COUNT);
const cursor = new Cursor();

/**
 * Fills `out` with the picture of a row.
 * @param {Model} model @param {Row} row @param {number} t0 left edge, ticks @param {number} ticksPerPixel
 * @param {number} width pixels @param {RowPicture} out
 */
export function pictureRow(model, row, t0, ticksPerPixel, width, out) {
  const { exec, cls } = model;
  const { start, dur } = exec;
  const { index, lo, n } = row;
  const t1 = t0 + width * ticksPerPixel;
  const wide = GLYPH_PIXELS * ticksPerPixel;
  out.n = 0;
  cursor.position = 0;
  cursor.step = 0;
  cursor.whole.fill(0);
  let summed = -1; // column at whose left edge the cursor stands
  let free = 0; // first pixel not yet taken
  let i = firstEndingAfter(row, exec, t0);
  while (i < n) {
    const r = index ? index[i] : lo + i;
    const s = start[r];
    if (s >= t1) break;
    const d = dur[r];
    if (d >= wide) {
      const a = Math.max(free, Math.round((s - t0) / ticksPerPixel));
      const b = Math.min(width, Math.round((s + d - t0) / ticksPerPixel));
      if (b > a) {
        const k = out.n++;
        out.x0[k] = a;
        out.x1[k] = b;
        out.record[k] = r;
        free = b;
      }
      i++;
      continue;
    }
    const x = Math.max(0, Math.floor((s - t0) / ticksPerPixel), summed);
    if (x >= width) break;
    if (summed !== x) sumTo(row, exec, cls, t0 + x * ticksPerPixel, cursor);
    before.set(cursor.sums);
    const startedBefore = cursor.position;
    const end = t0 + (x + 1) * ticksPerPixel;
    sumTo(row, exec, cls, end, cursor);
    summed = x + 1;
    // A wide span drawn just before may have been rounded into this column: give the pixel back.
    if (out.n > 0 && out.x1[out.n - 1] > x) {
      if (out.x0[out.n - 1] >= x) out.n--;
      else out.x1[out.n - 1] = x;
    }
    const k = out.n++;
    out.x0[k] = x;
    out.x1[k] = x + 1;
    out.record[k] = -1;
    const { first, last } = touching(row, exec, t0 + x * ticksPerPixel, end, startedBefore, cursor.position);
    out.count[k] = last - first;
    out.inferred[k] = inferredBetween(row, exec, first, last);
    out.from[k] = first;
    for (let c = 0; c < CLASS_COUNT; c++) out.shares[k * CLASS_COUNT + c] = (cursor.sums[c] - before[c]) / ticksPerPixel;
    free = x + 1;
    // Go on with the span that reaches over the column's end, or else the next; `summed` makes sure that x moves on.
    const p = cursor.position;
    const q = p > 0 ? (index ? index[p - 1] : lo + p - 1) : r;
    i = Math.max(i, p > 0 && start[q] + dur[q] > end ? p - 1 : p);
  }
}
