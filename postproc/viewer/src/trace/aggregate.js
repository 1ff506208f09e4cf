// SPDX-License-Identifier: BSD-3-Clause
// Time by class in any window of a row, exactly, at a cost that does not depend on the number of spans in it.

import { gallop } from '../format/bounds.js';
import { CLASS_COUNT } from '../format/events.js';

/** @typedef {import('../format/columns.js').Columns} Columns */
/** @typedef {import('./model.js').Row} Row */
/**
 * Sums of a row at every BLOCK-th span, the start of that span, the longest of the block; and within a block the ticks of each class
 * since its first span at every PART-th one, the first value WIDE where they do not fit 32 bits. How many spans before a block were
 * inferred (null: none in the row).
 * @typedef {{sums: Float64Array, starts: Float64Array, longest: Float32Array, parts: Uint32Array, inferred: Uint32Array|null}} Cumulative
 */

const BLOCK = 128;
const PART = 32;
const PARTS = BLOCK / PART - 1; // the first part's sums are the block's
const WIDE = 0xffffffff;

/**
 * sums[b * CLASS_COUNT + c] = ticks of class c in the row's spans before span b * BLOCK.
 * @param {Row} row @param {Columns} exec @param {Uint8Array} cls class of each kind
 * @returns {Cumulative}
 */
export function buildCumulative(row, exec, cls) {
  const { index, lo, n } = row;
  const count = Math.ceil(n / BLOCK);
  const sums = new Float64Array(count * CLASS_COUNT);
  const starts = new Float64Array(count);
  const longest = new Float32Array(count);
  const parts = new Uint32Array(Math.max(0, Math.ceil(n / PART) - count) * CLASS_COUNT);
  const inferred = new Uint32Array(Math.floor(n / BLOCK) + 1);
  let guessed = 0;
  const now = new Float64Array(CLASS_COUNT);
  const { start, dur, kind, flags } = exec;
  for (let i = 0; i < n; i++) {
    const r = index ? index[i] : lo + i;
    const b = (i / BLOCK) | 0;
    if (i % BLOCK === 0) {
      sums.set(now, b * CLASS_COUNT);
      starts[b] = start[r];
      inferred[b] = guessed;
    } else if (i % PART === 0) {
      const at = partAt(i);
      for (let c = 0; c < CLASS_COUNT; c++) {
        const ticks = now[c] - sums[b * CLASS_COUNT + c];
        if (ticks >= WIDE) {
          parts[at] = WIDE;
          break;
        }
        parts[at + c] = ticks;
      }
    }
    guessed += flags[r] & 1;
    now[cls[kind[r]]] += dur[r];
    if (dur[r] > longest[b]) longest[b] = dur[r];
  }
  if (n % BLOCK === 0) inferred[n / BLOCK] = guessed;
  return { sums, starts, longest, parts, inferred: guessed > 0 ? inferred : null };
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

/** Where the sums at span i stand, a multiple of PART that begins no block. @param {number} i */
const partAt = (i) => (((i / BLOCK) | 0) * PARTS + (i % BLOCK) / PART - 1) * CLASS_COUNT;

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
    const b = gallop(blocks.starts, t, (lo / BLOCK) | 0, true);
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
    while (cumulative && i < n && cumulative.longest[(i / BLOCK) | 0] * 1.0001 < least && cumulative.starts[(i / BLOCK) | 0] < t1)
      i = (((i / BLOCK) | 0) + 1) * BLOCK;
    if (i >= n) return;
    const r = index ? index[i] : lo + i;
    if (start[r] >= t1) return;
    if (dur[r] >= least) visit(r);
  }
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
    /** By how many spans it moved last. */
    this.step = 0;
  }
}

/**
 * Moves a cursor to t: sums are the ticks of each class before t. Spans of a row do not overlap in a sound trace.
 * @param {Row} row @param {Columns} exec @param {Uint8Array} cls @param {number} t not before the cursor's instant
 * @param {Cursor} cursor
 */
export function sumTo(row, exec, cls, t, cursor) {
  const { index, lo: base, n, cumulative } = row;
  const { start, dur, kind } = exec;
  const { whole, sums } = cursor;
  let i = cursor.position;
  let r = -1;
  // Pixels ask for spans at much the same distance: if that was small, the next spans first; then those from the sums nearest to t.
  for (let stop = cumulative ? Math.min(n, i + (cursor.step > 2 * PART ? 1 : PART)) : n; ; stop = n) {
    for (; i < stop; i++) {
      const next = index ? index[i] : base + i;
      if (start[next] > t) break;
      r = next;
      whole[cls[kind[r]]] += dur[r];
    }
    if (i < stop || i === n || !cumulative) break;
    const to = sumsBefore(row, exec, cumulative, t, i);
    if (to <= i) continue;
    i = to;
    sumsAt(cumulative, i, whole);
  }
  if (r < 0 && i > 0) r = index ? index[i - 1] : base + i - 1;
  cursor.step = i - cursor.position;
  cursor.position = i;
  for (let c = 0; c < CLASS_COUNT; c++) sums[c] = whole[c];
  if (i === 0) return;
  const over = start[r] + dur[r] - t;
  if (over > 0) sums[cls[kind[r]]] -= over;
}

/**
 * The last span with sums that starts at or before t, looking from span `from`, which does.
 * @param {Row} row @param {Columns} exec @param {Cumulative} cumulative @param {number} t @param {number} from
 */
function sumsBefore({ index, lo: base, n }, { start }, { starts, parts }, t, from) {
  const b = gallop(starts, t, (from / BLOCK) | 0, true) - 1;
  const first = b * BLOCK;
  let lo = 0; // parts of the block: the first starts at or before t
  let hi = Math.ceil(Math.min(BLOCK, n - first) / PART);
  while (hi - lo > 1) {
    const mid = (lo + hi) >>> 1;
    const i = first + mid * PART;
    if (start[index ? index[i] : base + i] <= t) lo = mid;
    else hi = mid;
  }
  while (lo > 0 && parts[partAt(first + lo * PART)] === WIDE) lo--;
  return first + lo * PART;
}

/** Ticks of each class in the spans before the i-th, which has sums. @param {Cumulative} cumulative @param {number} i @param {Float64Array} out */
function sumsAt({ sums, parts }, i, out) {
  const at = ((i / BLOCK) | 0) * CLASS_COUNT;
  const part = i % BLOCK === 0 ? -1 : partAt(i);
  for (let c = 0; c < CLASS_COUNT; c++) out[c] = part < 0 ? sums[at + c] : sums[at + c] + parts[part + c];
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
  left.step = 0;
  left.whole.fill(0);
  sumTo(row, exec, cls, t0, left);
  const by0 = left.position;
  for (let c = 0; c < CLASS_COUNT; c++) out[c] = -left.sums[c];
  sumTo(row, exec, cls, t1, left);
  for (let c = 0; c < CLASS_COUNT; c++) out[c] += left.sums[c];
  return touching(row, exec, t0, t1, by0, left.position);
}
