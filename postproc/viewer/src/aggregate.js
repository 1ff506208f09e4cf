// SPDX-License-Identifier: BSD-3-Clause
// Time by class in any window of a row, exactly, at a cost that does not depend on the number of spans in it.

import { CLASS_COUNT } from './events.js';

/** @typedef {import('./columns.js').Columns} Columns */
/** @typedef {import('./model.js').Row} Row */
/**
 * Sums of a row at every 64th span, the start of that span, the longest of the 64; how many before it were inferred (null: none in the row).
 * @typedef {{sums: Float64Array, starts: Float64Array, longest: Float32Array, inferred: Uint32Array|null}} Cumulative
 */

const BLOCK = 64;

/**
 * sums[b * CLASS_COUNT + c] = ticks of class c in the row's spans before span b * 64.
 * @param {Row} row @param {Columns} exec @param {Uint8Array} cls class of each kind
 * @returns {Cumulative}
 */
export function buildCumulative(row, exec, cls) {
  const { index, lo, n } = row;
  const blocks = Math.floor(n / BLOCK) + 1;
  const sums = new Float64Array(blocks * CLASS_COUNT);
  const starts = new Float64Array(Math.ceil(n / BLOCK));
  const longest = new Float32Array(starts.length);
  const inferred = new Uint32Array(blocks);
  let guessed = 0;
  const now = new Float64Array(CLASS_COUNT);
  const { start, dur, kind, flags } = exec;
  for (let i = 0; i < n; i++) {
    const r = index ? index[i] : lo + i;
    if (i % BLOCK === 0) {
      sums.set(now, (i / BLOCK) * CLASS_COUNT);
      starts[i / BLOCK] = start[r];
      inferred[i / BLOCK] = guessed;
    }
    guessed += flags[r] & 1;
    now[cls[kind[r]]] += dur[r];
    const b = (i / BLOCK) | 0;
    if (dur[r] > longest[b]) longest[b] = dur[r];
  }
  if (n % BLOCK === 0) {
    sums.set(now, (n / BLOCK) * CLASS_COUNT);
    inferred[n / BLOCK] = guessed;
  }
  return { sums, starts, longest, inferred: guessed > 0 ? inferred : null };
}

/** Number of inferred spans among the positions first..last-1 of a row. @param {Row} row @param {Columns} exec @param {number} first @param {number} last */
export function inferredBetween(row, exec, first, last) {
  const before = row.cumulative?.inferred;
  if (!before) return 0;
  const upTo = (/** @type {number} */ i) => {
    let count = before[(i / BLOCK) | 0];
    for (let k = i - (i % BLOCK); k < i; k++) count += exec.flags[row.index ? row.index[k] : row.lo + k] & 1;
    return count;
  };
  return upTo(last) - upTo(first);
}

/**
 * Positions first..last-1 of the spans that touch t0..t1, from how many start at or before each. An empty span belongs where it starts.
 * @param {Row} row @param {Columns} exec @param {number} t0 @param {number} t1 @param {number} by0 @param {number} by1
 */
export function touching({ index, lo }, { start, dur }, t0, t1, by0, by1) {
  let first = by0;
  let last = by1;
  for (; first > 0; first--) {
    const r = index ? index[first - 1] : lo + first - 1;
    if (start[r] + dur[r] <= t0 && start[r] < t0) break;
  }
  while (last > first && start[index ? index[last - 1] : lo + last - 1] >= t1) last--;
  return { first, last };
}

/**
 * Number of spans that start at or before t, looking from position `from` on.
 * @param {Row} row @param {Columns} exec @param {number} t @param {number} [from] a position whose spans before all start at or before t
 */
export function startedBy(row, exec, t, from = 0) {
  const { index, lo: base, n } = row;
  const { start } = exec;
  let lo = from;
  // A few steps first: neighbouring pixels ask for neighbouring spans.
  for (let k = 0; k < 8; k++) {
    if (lo >= n || start[index ? index[lo] : base + lo] > t) return lo;
    lo++;
  }
  let hi = n;
  const blocks = row.cumulative;
  if (blocks) {
    const b = blockAfter(blocks.starts, t, (lo / BLOCK) | 0);
    hi = Math.min(n, b * BLOCK);
    lo = Math.max(lo, (b - 1) * BLOCK);
  }
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (start[index ? index[mid] : base + mid] <= t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/**
 * Calls visit(record) for each span of a row that touches t0..t1 and lasts at least `least` ticks.
 * @param {Row} row @param {Columns} exec @param {number} t0 @param {number} t1 @param {number} least @param {(record: number) => void} visit
 */
export function forEachLong(row, exec, t0, t1, least, visit) {
  const { index, lo, n, cumulative } = row;
  const { start, dur } = exec;
  for (let i = firstEndingAfter(row, exec, t0); i < n; i++) {
    // The rest of the block is skipped when none of it is long enough. (The margin is for the rounding of `longest`.)
    while (cumulative && i < n && cumulative.longest[(i / BLOCK) | 0] * 1.0001 < least && cumulative.starts[(i / BLOCK) | 0] < t1) i = (((i / BLOCK) | 0) + 1) * BLOCK;
    if (i >= n) return;
    const r = index ? index[i] : lo + i;
    if (start[r] >= t1) return;
    if (dur[r] >= least) visit(r);
  }
}

/** First block that starts after t, by galloping from block `from`. @param {Float64Array} starts @param {number} t @param {number} from */
function blockAfter(starts, t, from) {
  let lo = from;
  let hi = from;
  let step = 1;
  while (hi < starts.length && starts[hi] <= t) {
    lo = hi + 1;
    hi += step;
    step *= 2;
  }
  hi = Math.min(hi, starts.length);
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (starts[mid] <= t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/**
 * First span (position in the row) that ends after t, looking from position `from` on.
 * @param {Row} row @param {Columns} exec @param {number} t @param {number} [from]
 */
export function firstEndingAfter(row, exec, t, from = 0) {
  const i = startedBy(row, exec, t, from);
  if (i <= from) return i;
  const r = row.index ? row.index[i - 1] : row.lo + i - 1;
  return exec.start[r] + exec.dur[r] > t ? i - 1 : i;
}

/** Sums of a row up to an instant; moved along by `sumTo`. */
export class Cursor {
  constructor() {
    /** Spans that start at or before the instant. */
    this.position = 0;
    this.sums = new Float64Array(CLASS_COUNT);
    /** Sums of the spans before `position`, whole. */
    this.whole = new Float64Array(CLASS_COUNT);
  }
}

/**
 * Moves a cursor to t: sums are the ticks of each class before t. Spans of a row do not overlap in a sound trace.
 * @param {Row} row @param {Columns} exec @param {Uint8Array} cls @param {number} t not before the cursor's instant
 * @param {Cursor} cursor
 */
export function sumTo(row, exec, cls, t, cursor) {
  const { index, lo: base, cumulative } = row;
  const { start, dur, kind } = exec;
  const { whole, sums } = cursor;
  const to = startedBy(row, exec, t, cursor.position);
  let from = cursor.position;
  if (cumulative && to - from > BLOCK) {
    from = ((to / BLOCK) | 0) * BLOCK;
    const at = (from / BLOCK) * CLASS_COUNT;
    for (let c = 0; c < CLASS_COUNT; c++) whole[c] = cumulative.sums[at + c];
  }
  for (let i = from; i < to; i++) {
    const r = index ? index[i] : base + i;
    whole[cls[kind[r]]] += dur[r];
  }
  cursor.position = to;
  for (let c = 0; c < CLASS_COUNT; c++) sums[c] = whole[c];
  if (to === 0) return;
  const r = index ? index[to - 1] : base + to - 1;
  const over = start[r] + dur[r] - t;
  if (over > 0) sums[cls[kind[r]]] -= over;
}

const left = new Cursor();

/**
 * Ticks of each class between t0 and t1; spans are clipped to the window.
 * @param {Row} row @param {Columns} exec @param {Uint8Array} cls
 * @param {number} t0 @param {number} t1 @param {Float64Array} out CLASS_COUNT sums
 * @returns {{first: number, last: number}} positions of the spans touched: first..last-1
 */
export function sumWindow(row, exec, cls, t0, t1, out) {
  left.position = 0;
  left.whole.fill(0);
  sumTo(row, exec, cls, t0, left);
  const by0 = left.position;
  for (let c = 0; c < CLASS_COUNT; c++) out[c] = -left.sums[c];
  sumTo(row, exec, cls, t1, left);
  for (let c = 0; c < CLASS_COUNT; c++) out[c] += left.sums[c];
  return touching(row, exec, t0, t1, by0, left.position);
}
