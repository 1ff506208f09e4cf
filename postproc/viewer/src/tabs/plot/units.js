// SPDX-License-Identifier: BSD-3-Clause
// Values of a scatter plot in words: the file gives unit, multiplier and whether thousands are 1000 or 1024.

/** @typedef {import('./plot-data.js').PlotAxis} PlotAxis */

const UP = ['', 'K', 'M', 'G', 'T', 'P'];
const DOWN = ['', 'm', 'µ', 'n', 'p'];

/**
 * The power of the axis' thousands that fits a size, and its prefix. Only seconds are made smaller: there are no millibytes.
 * @param {number} size > 0, in units @param {number} thousands @param {string} unit
 */
export function prefixFor(size, thousands, unit) {
  let k = 0;
  while (size >= thousands ** (k + 1) * 0.9999999 && k < UP.length - 1) k++;
  const seconds = thousands === 1000 && (unit === 's' || unit === 'sec');
  if (seconds) k = 0; // no kiloseconds
  while (seconds && size > 0 && size < thousands ** k && -k < DOWN.length - 1) k--;
  const name = k >= 0 ? UP[k] + (k > 0 && thousands === 1024 ? 'i' : '') : DOWN[-k];
  return { scale: thousands ** k, name: name + unit };
}

/** @param {number} v units @param {number} thousands @param {string} unit @param {number} [digits] */
export function valueWords(v, thousands, unit, digits = 4) {
  const { scale, name } = prefixFor(Math.abs(v), thousands, unit);
  const scaled = v / scale;
  const text = Math.abs(scaled) >= 10 ** digits || scaled === 0 ? String(Math.round(scaled)) : String(Number(scaled.toPrecision(digits)));
  return name === '' ? text : `${text} ${name}`;
}

/** A value of an axis. @param {PlotAxis} axis @param {number} v */
export const axisWords = (axis, v) => valueWords(v * axis.mul, axis.thousands, axis.unit);

/** With all its digits, as in the file. @param {PlotAxis} axis @param {number} v */
export function exactWords(axis, v) {
  const short = axisWords(axis, v);
  const digits = String(Number(v.toPrecision(12)));
  const exact = axis.mul === 1 && axis.unit !== '' ? `${digits} ${axis.unit}` : digits;
  return exact === short ? short : `${exact} (${short})`;
}

/** Slope of a line, as a rate of the two units. @param {PlotAxis} x @param {PlotAxis} y @param {number} dx @param {number} dy */
export function slopeWords(x, y, dx, dy) {
  if (dx === 0) return 'vertical';
  const slope = (dy * y.mul) / (dx * x.mul);
  return `${valueWords(slope, y.thousands, y.unit)}/${x.unit || 'unit'}`.replace(/^(-?[\d.e+]+)\//, '$1 /');
}
