// SPDX-License-Identifier: BSD-3-Clause
// Clock frequencies behind the spans: in eighths of the range that occurs.

import { firstFrom } from '../format/bounds.js';
import { AUX } from '../format/events.js';
import { hasFreq, megahertz } from '../trace/model.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./layout.js').Layout} Layout */
/** @typedef {import('./layout.js').PlacedRow} PlacedRow */
/** @typedef {import('./item-walk.js').Frame} Frame */
/** @typedef {{x0: number, x1: number, y0: number, y1: number, level: number}} FreqBand */

/**
 * Frequency bands behind one row: one look at each pixel, runs of one colour joined.
 * @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {number} from first x @param {number} to
 * @returns {FreqBand[]}
 */
export function freqBands(model, layout, frame, placed, from, to) {
  const list = placed.row.aux[AUX.FREQ];
  /** @type {FreqBand[]} */
  const bands = [];
  if (!list || !hasFreq(model)) return bands;
  const { aux } = model;
  const y0 = Math.round(placed.y);
  const y1 = y0 + placed.zones.span + placed.zones.spanHeight + 1;
  let i = 0;
  for (let x = Math.floor(from); x < to; x++) {
    const t = frame.t0 + (x - layout.left + 0.5) * frame.tpp;
    // Walk a little, then search: neighbouring pixels are near.
    for (let k = 0; k < 4 && i + 1 < list.index.length && aux.start[list.index[i + 1]] <= t; k++) i++;
    if (i + 1 < list.index.length && aux.start[list.index[i + 1]] <= t) i = firstFrom(list, aux, t, i + 1) - 1;
    const r = list.index[i];
    if (aux.start[r] > t || aux.start[r] + aux.dur[r] < t) continue;
    const level = freqLevel(model, megahertz(aux.arg[r]));
    const last = bands[bands.length - 1];
    if (last && last.level === level && last.x1 === x) last.x1 = x + 1;
    else bands.push({ x0: x, x1: x + 1, y0, y1, level });
  }
  return bands;
}

/** Eighth of the range, 0..7. @param {Model} model @param {number} mhz */
export function freqLevel(model, mhz) {
  const { min, max } = model.freq;
  return Math.max(0, Math.min(7, Math.floor(((mhz - min) / (max - min)) * 8)));
}
