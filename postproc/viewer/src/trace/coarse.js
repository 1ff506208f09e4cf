// SPDX-License-Identifier: BSD-3-Clause
// A coarse picture of the whole trace: time of each class on each CPU in equal slices. It grows while the trace is read, is
// the first picture shown, and stays as the ground of the overview strip. Exact sums come from aggregate.js.

import { CLASS_COUNT } from '../format/events.js';

/**
 * @typedef {object} Coarse
 * @property {number} t0 @property {number} t1 ticks
 * @property {number} bins slices of each CPU
 * @property {number[]} cpus CPU numbers, in order
 * @property {Float64Array} sums ticks: [(slot of the CPU * bins + slice) * CLASS_COUNT + class]
 */

const MOST_CELLS = 32768;
const MOST_BINS = 1600;

/** @param {number} t0 @param {number} t1 @param {number[]} cpus @returns {Coarse} */
export function makeCoarse(t0, t1, cpus) {
  const bins = Math.max(16, Math.min(MOST_BINS, Math.floor(MOST_CELLS / Math.max(1, cpus.length))));
  return { t0, t1: Math.max(t1, t0 + 1), bins, cpus, sums: new Float64Array(cpus.length * bins * CLASS_COUNT) };
}

/** The coarse picture of a page that has not been read, null when its description does not tell the range. @param {Record<string, any>} meta */
export function emptyCoarse(meta) {
  if (!Number.isFinite(meta.firstTick) || !(meta.lastTick > meta.firstTick)) return null;
  const cpus = new Set(
    meta.chunks
      .filter((/** @type {any} */ c) => c?.kind === 'exec' && Number.isSafeInteger(c.cpu) && c.cpu >= 0)
      .map((/** @type {any} */ c) => c.cpu),
  );
  return makeCoarse(
    meta.firstTick,
    meta.lastTick,
    [...cpus].sort((a, b) => a - b),
  );
}

/**
 * Adds spans lo..hi of one CPU; time outside t0..t1 is left out.
 * @param {Coarse} coarse @param {number} slot of the CPU @param {import('../format/columns.js').Columns} exec @param {number} lo @param {number} hi
 * @param {Uint8Array} cls class of each kind
 */
export function addSpans({ t0, t1, bins, sums }, slot, exec, lo, hi, cls) {
  const { start, dur, kind } = exec;
  const width = (t1 - t0) / bins;
  const base = slot * bins * CLASS_COUNT;
  for (let i = lo; i < hi; i++) {
    const s = start[i] > t0 ? start[i] : t0;
    const end = start[i] + dur[i];
    const e = end < t1 ? end : t1;
    if (e <= s) continue;
    const first = Math.min(bins - 1, ((s - t0) / width) | 0);
    const last = Math.min(bins - 1, ((e - t0) / width) | 0);
    const c = base + cls[kind[i]];
    if (first === last) {
      sums[c + first * CLASS_COUNT] += e - s;
      continue;
    }
    sums[c + first * CLASS_COUNT] += t0 + (first + 1) * width - s;
    for (let b = first + 1; b < last; b++) sums[c + b * CLASS_COUNT] += width;
    sums[c + last * CLASS_COUNT] += e - (t0 + last * width);
  }
}

/** The coarse picture of all rows, when it was not made while reading. @param {import('./model.js').Model} model @returns {Coarse} */
export function coarseOf(model) {
  const coarse = makeCoarse(
    model.t0,
    model.t1,
    model.rows.cpu.map((row) => row.key),
  );
  model.rows.cpu.forEach((row, slot) => addSpans(coarse, slot, model.exec, row.lo, row.lo + row.n, model.cls));
  return coarse;
}

/**
 * Shares of each class in a slice of a CPU, 0..1; they sum to less than 1 where nothing is known.
 * @param {Coarse} coarse @param {number} slot @param {number} from slice @param {number} to one past the last @param {Float32Array} out CLASS_COUNT values
 */
export function sharesOf({ t0, t1, bins, sums }, slot, from, to, out) {
  const ticks = ((t1 - t0) / bins) * (to - from);
  out.fill(0);
  for (let b = from; b < to; b++) {
    const at = (slot * bins + b) * CLASS_COUNT;
    for (let c = 0; c < CLASS_COUNT; c++) out[c] += sums[at + c] / ticks;
  }
}
