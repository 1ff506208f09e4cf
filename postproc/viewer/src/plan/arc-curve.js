// SPDX-License-Identifier: BSD-3-Clause
// The curve of an arc: its shape, the part of it that lies in a box, and how far along the curve that part begins. Pure.

/** @typedef {{x0: number, y0: number, x1: number, y1: number, h: number}} Ends of an arc, and the height of spans on its row */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {[number, number, number, number]} Cubic control values of one coordinate */
/** @typedef {{x: Cubic, y: Cubic, skipped: number, last: boolean}} Piece skipped: length of the curve before it; last: it holds the end, where the head is */

/** Control points of an arc: it leaves flat and arrives steeply; on one row it rises above it. @param {Ends} ends @returns {{x: Cubic, y: Cubic}} */
export function arcCurve({ x0, y0, x1, y1, h }) {
  const dx = x1 - x0;
  if (Math.abs(y1 - y0) < 2) {
    const rise = Math.min(h * 0.75, 6 + Math.abs(dx) * 0.2);
    return { x: [x0, x0 + dx * 0.25, x1 - dx * 0.2, x1], y: [y0, y0 - rise, y1 - rise, y1] };
  }
  const steep = (y0 < y1 ? -1 : 1) * Math.min(30, Math.abs(y1 - y0) * 0.6);
  return { x: [x0, x0 + dx * 0.5, x1 - dx * 0.1, x1], y: [y0, y0, y1 + steep, y1] };
}

/** @param {Cubic} c @param {number} a @param {number} b @param {number} d polar form: at a = b = d it is the curve's value */
function blossom([p, q, r, s], a, b, d) {
  const mix = (/** @type {number} */ u, /** @type {number} */ v, /** @type {number} */ t) => u + (v - u) * t;
  const [pq, qr, rs] = [mix(p, q, a), mix(q, r, a), mix(r, s, a)];
  return mix(mix(pq, qr, b), mix(qr, rs, b), d);
}

/** @param {Cubic} c @param {number} t */
const valueAt = (c, t) => blossom(c, t, t, t);

/** @param {Cubic} c @param {number} t */
const slopeAt = ([p, q, r, s], t) => 3 * ((1 - t) * (1 - t) * (q - p) + 2 * (1 - t) * t * (r - q) + t * t * (s - r));

/** @param {Cubic} c @param {number} a @param {number} b @returns {Cubic} the curve between two of its parameters */
const part = (c, a, b) => [valueAt(c, a), blossom(c, a, a, b), blossom(c, a, b, b), valueAt(c, b)];

const HALVINGS = 52;

/** Parameter at which a coordinate that only grows or only falls passes a value. @param {Cubic} c @param {number} value @param {number} a @param {number} b */
function passes(c, value, a, b) {
  const [p, q, r, s] = c;
  const grows = s >= p;
  const [c1, c2, c3] = [3 * (q - p), 3 * (r - 2 * q + p), s - 3 * r + 3 * q - p];
  for (let i = 0; i < HALVINGS; i++) {
    const t = (a + b) / 2;
    if (p + t * (c1 + t * (c2 + t * c3)) < value === grows) a = t;
    else b = t;
  }
  return (a + b) / 2;
}

/** Parameters of a..b between which such a coordinate is in lo..hi; null when it is not. @param {Cubic} c @param {number} lo @param {number} hi @param {number} a @param {number} b @returns {[number, number]|null} */
function between(c, lo, hi, a, b) {
  const [from, to] = [valueAt(c, a), valueAt(c, b)];
  if (Math.max(from, to) < lo || Math.min(from, to) > hi) return null;
  const inside = (/** @type {number} */ v) => v >= lo && v <= hi;
  const begin = inside(from) ? a : passes(c, from < lo ? lo : hi, a, b);
  const end = inside(to) ? b : passes(c, to < lo ? lo : hi, a, b);
  return begin <= end ? [begin, end] : null;
}

/** Places and weights of Gauss' rule of three points on 0..1. */
const GAUSS = /** @type {const} */ ([
  [0.5 - Math.sqrt(0.15), 5 / 18],
  [0.5, 8 / 18],
  [0.5 + Math.sqrt(0.15), 5 / 18],
]);
const PANELS = 8;

/**
 * Length of the curve up to t. What x alone goes is exact, and the rest, which is at most what y goes, is summed: so that dashes stay
 * where they are on a curve that begins a million windows away.
 * @param {Cubic} x @param {Cubic} y @param {number} t
 */
function lengthTo(x, y, t) {
  let more = 0;
  for (let i = 0; i < PANELS; i++) {
    for (const [at, weight] of GAUSS) {
      const u = ((i + at) / PANELS) * t;
      const [dx, dy] = [Math.abs(slopeAt(x, u)), slopeAt(y, u)];
      if (dy !== 0) more += ((dy * dy) / (Math.sqrt(dx * dx + dy * dy) + dx)) * weight * (t / PANELS);
    }
  }
  return Math.abs(valueAt(x, t) - x[0]) + more;
}

/** Part of an arc that is in a box, null when none is. @param {Ends} ends @param {Box} box @returns {Piece|null} */
export function arcInBox(ends, { left, top, right, bottom }) {
  const { x, y } = arcCurve(ends);
  let range = between(x, left, right, 0, 1);
  // On one row it rises and falls again, never far.
  const flat = Math.abs(y[3] - y[0]) < 2;
  if (range && flat) {
    const heights = [...range, Math.min(range[1], Math.max(range[0], 0.5))].map((t) => valueAt(y, t));
    if (Math.max(...heights) < top || Math.min(...heights) > bottom) range = null;
  } else if (range) range = between(y, top, bottom, ...range);
  if (!range) return null;
  const [a, b] = range;
  if (a === 0 && b === 1) return { x, y, skipped: 0, last: true };
  return { x: part(x, a, b), y: part(y, a, b), skipped: a === 0 ? 0 : lengthTo(x, y, a), last: b === 1 };
}

/** All of an arc. @param {Ends} ends @returns {Piece} */
export const wholeArc = (ends) => ({ ...arcCurve(ends), skipped: 0, last: true });

/** True when the curve passes a point no farther than `reach` away. @param {Ends} ends @param {number} x @param {number} y @param {number} reach */
export const arcPasses = (ends, x, y, reach) => arcInBox(ends, { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach }) !== null;
