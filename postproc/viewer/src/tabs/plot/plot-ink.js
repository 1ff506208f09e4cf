// SPDX-License-Identifier: BSD-3-Clause
// Dots grown from the pixels of one series, in columns as plot-raster.js keeps them: pure. A byte has a bit for each level whose dot
// covers it and one for a ring; the highest level is what shows.

import { LEVEL_OF, LEVELS } from './plot-raster.js';

/** @typedef {import('./plot-raster.js').SeriesPixels} SeriesPixels */
/** @typedef {{reach: number, halves: number[]}} Disc half heights of its columns, from the left */

export const RING = 1 << LEVELS.length;
const BIT_OF = Uint8Array.from(LEVEL_OF, (level) => (level < LEVELS.length ? 1 << level : 0));
/** Growing all pixels at once pays when stamps would write more bytes than this many times the picture. */
const CROWDED = 2;
/** Growing goes pixel by pixel outwards: large dots are stamped. */
const FARTHEST = 8;

/** Round at every size. @param {number} r @returns {Disc} */
export function discOf(r) {
  const reach = Math.ceil(r);
  const halves = [];
  for (let x = -reach; x <= reach; x++) {
    const room = r * r + Math.max(0.5, r / 2) - x * x;
    halves.push(room < 0 ? -1 : Math.floor(Math.sqrt(room)));
  }
  return { reach, halves };
}

/** Pixels of a disc. @param {Disc} disc */
export const areaOfDisc = ({ halves }) => halves.reduce((sum, half) => sum + 2 * half + 1, 0);

/** Makes the ink of frame after frame, in the same arrays. */
export function createInk() {
  let ink = new Uint8Array(0);
  let bits = new Uint8Array(0);
  let grown = new Uint8Array(0);

  /**
   * Ink of a series, and where its pixel 0 is. More columns left and right, so that no disc leaves the array; one that leaves a column ends in a margin.
   * @param {SeriesPixels} series @param {number} rows of a column, whole words @param {Disc} disc @param {Disc|null} ring
   */
  return (series, rows, disc, ring) => {
    const size = series.counts.length;
    const base = (Math.max(disc.reach, ring?.reach ?? 0) + 1) * rows;
    if (ink.length === size + 2 * base) ink.fill(0);
    else ink = new Uint8Array(size + 2 * base);
    const n = series.ends[series.ends.length - 1];
    if (!ring && disc.reach <= FARTHEST && n * areaOfDisc(disc) > CROWDED * size) {
      if (bits.length !== size) [bits, grown] = [new Uint8Array(size), new Uint8Array(size)];
      for (let p = 0; p < size; p++) bits[p] = BIT_OF[series.counts[p]];
      grow(ink, base, bits, grown, rows, disc);
    } else {
      if (ring) for (let level = 0; level < LEVELS.length; level++) stamp(ink, base, series, rows, ring, level, RING);
      for (let level = 0; level < LEVELS.length; level++) stamp(ink, base, series, rows, disc, level, 1 << level);
    }
    return { ink, base };
  };
}

/** Stamps the discs of one level. Below a pixel of its own level only the edge is new. @param {Uint8Array} ink @param {number} base @param {SeriesPixels} series
 *  @param {number} rows @param {Disc} disc @param {number} level @param {number} code */
function stamp(ink, base, { counts, pixels, ends }, rows, { reach, halves }, level, code) {
  /** @type {number[]} */
  const whole = [];
  /** @type {number[]} */
  const edge = [];
  halves.forEach((half, k) => {
    for (let y = -half; y <= half; y++) whole.push((k - reach) * rows + y);
    if (half >= 0) edge.push((k - reach) * rows + half);
  });
  for (let i = level === 0 ? 0 : ends[level - 1]; i < ends[level]; i++) {
    const p = pixels[i];
    const offsets = LEVEL_OF[counts[p - 1]] === level ? edge : whole;
    for (let k = 0; k < offsets.length; k++) ink[base + p + offsets[k]] = code;
  }
}

/** Grows all pixels to discs, four at a time: first up and down, step by step; each height is laid where the disc has it.
 *  @param {Uint8Array} ink @param {number} base @param {Uint8Array} bits @param {Uint8Array} grown @param {number} rows @param {Disc} disc */
function grow(ink, base, bits, grown, rows, { reach, halves }) {
  const [to, from, now] = [ink, bits, grown].map((bytes) => new Uint32Array(bytes.buffer));
  now.set(from);
  for (let step = 0; step <= Math.max(...halves); step++) {
    if (step > 0) spread(now, from, step);
    halves.forEach((half, k) => {
      if (half !== step) return;
      const at = (base + (k - reach) * rows) >> 2;
      for (let w = 0; w < now.length; w++) to[at + w] |= now[w];
    });
  }
}

/** Adds what lies `step` bytes before and behind each. @param {Uint32Array} now @param {Uint32Array} from @param {number} step */
function spread(now, from, step) {
  const whole = step >> 2;
  const bits = (step & 3) * 8;
  const rest = 32 - bits;
  for (let w = whole + 1; w < from.length - whole - 1; w++) {
    now[w] |=
      bits === 0
        ? from[w - whole] | from[w + whole]
        : (from[w - whole] << bits) | (from[w - whole - 1] >>> rest) | (from[w + whole] >>> bits) | (from[w + whole + 1] << rest);
  }
}
