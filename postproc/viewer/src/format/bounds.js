// SPDX-License-Identifier: BSD-3-Clause
// Binary searches, and queries of lists of records that have a duration.

/** @typedef {import('./columns.js').Columns} Columns */
/**
 * Records sorted by start. Blocks are made at the first query.
 * @typedef {object} RecordList
 * @property {Uint32Array} index into the columns
 * @property {{starts: Float64Array, maxEnd: Float64Array, maxDur: Float64Array}|null} blocks
 */

const BLOCK = 64;

/**
 * First position in 0..n whose value is >= t, by a function of the position.
 * @param {number} lo @param {number} hi @param {(i: number) => number} value @param {number} t
 */
export function lowerBound(lo, hi, value, t) {
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (value(mid) < t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** First position of the list whose start is >= t. @param {RecordList} list @param {Columns} cols @param {number} t @param {number} [from] */
export function firstFrom(list, cols, t, from = 0) {
  const { index } = list;
  const { start } = cols;
  const n = index.length;
  // Neighbours are asked for one after another: the next first, then by the starts of blocks, which lie side by side in memory.
  if (from >= n || start[index[from]] >= t) return from;
  let lo = from + 1;
  let hi = Math.min(n, lo + 8);
  if (hi < n && start[index[hi - 1]] < t) {
    const { starts } = blocksOf(list, cols);
    const b = gallop(starts, t, (lo / BLOCK) | 0);
    hi = Math.min(n, b * BLOCK);
    lo = Math.max(lo, (b - 1) * BLOCK);
  }
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (start[index[mid]] < t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** @param {RecordList} list @param {Columns} cols */
function blocksOf(list, cols) {
  if (list.blocks) return list.blocks;
  const count = Math.ceil(list.index.length / BLOCK);
  const starts = new Float64Array(count);
  const maxEnd = new Float64Array(count).fill(-Infinity);
  const maxDur = new Float64Array(count);
  list.index.forEach((r, i) => {
    const b = (i / BLOCK) | 0;
    if (i % BLOCK === 0) starts[b] = cols.start[r];
    maxEnd[b] = Math.max(maxEnd[b], cols.start[r] + cols.dur[r]);
    maxDur[b] = Math.max(maxDur[b], cols.dur[r]);
  });
  return (list.blocks = { starts, maxEnd, maxDur });
}

/**
 * First of the sorted values from position `from` on that is at least t (with `after`: greater), by steps that grow.
 * @param {Float64Array} values @param {number} t @param {number} from @param {boolean} [after]
 */
export function gallop(values, t, from, after = false) {
  let lo = from;
  let hi = from;
  for (let step = 1; hi < values.length && (values[hi] < t || (after && values[hi] === t)); step *= 2) {
    lo = hi + 1;
    hi += step;
  }
  hi = Math.min(hi, values.length);
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (values[mid] < t || (after && values[mid] === t)) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/**
 * Calls visit(record, position in the list) for each record that touches t0..t1 and lasts at least minDur, in order of start.
 * @param {RecordList} list @param {Columns} cols @param {number} t0 @param {number} t1 @param {number} minDur
 * @param {(record: number, position: number) => void} visit
 */
export function forEachOverlap(list, cols, t0, t1, minDur, visit) {
  const { index } = list;
  const { maxEnd, maxDur } = blocksOf(list, cols);
  const end = firstFrom(list, cols, t1);
  for (let b = 0; b * BLOCK < end; b++) {
    if (maxEnd[b] < t0 || maxDur[b] < minDur) continue;
    const stop = Math.min(end, (b + 1) * BLOCK);
    for (let i = b * BLOCK; i < stop; i++) {
      const r = index[i];
      if (cols.dur[r] >= minDur && cols.start[r] + cols.dur[r] >= t0) visit(r, i);
    }
  }
}

/**
 * Groups 0..n by a key in 0..keys; a key below 0 leaves the item out.
 * @param {number} n @param {number} keys @param {(i: number) => number} keyOf
 * @returns {{offsets: Uint32Array, items: Uint32Array}} items of key k are offsets[k]..offsets[k + 1]
 */
export function groupBy(n, keys, keyOf) {
  const offsets = new Uint32Array(keys + 2);
  for (let i = 0; i < n; i++) {
    const k = keyOf(i);
    if (k >= 0) offsets[k + 2]++;
  }
  for (let k = 2; k < keys + 2; k++) offsets[k] += offsets[k - 1];
  const items = new Uint32Array(offsets[keys + 1]);
  for (let i = 0; i < n; i++) {
    const k = keyOf(i);
    if (k >= 0) items[offsets[k + 1]++] = i;
  }
  return { offsets: offsets.subarray(0, keys + 1), items };
}

/**
 * Sorts indexes that consist of a few sorted runs (one for each CPU).
 * @param {Uint32Array} index sorted in place by value[index[i]] @param {Float64Array} value
 */
export function mergeRuns(index, value) {
  const n = index.length;
  let runs = [0];
  for (let i = 1; i < n; i++) if (value[index[i]] < value[index[i - 1]]) runs.push(i);
  runs.push(n);
  let from = index;
  let to = runs.length > 2 ? new Uint32Array(n) : index;
  while (runs.length > 2) {
    const next = [0];
    for (let r = 0; r + 1 < runs.length; r += 2) {
      const end = runs[Math.min(r + 2, runs.length - 1)];
      mergeTwo(from, to, value, runs[r], runs[r + 1], end);
      next.push(end);
    }
    [from, to] = [to, from];
    runs = next;
  }
  if (from !== index) index.set(from);
}

/** @param {Uint32Array} from @param {Uint32Array} to @param {Float64Array} value @param {number} lo @param {number} mid @param {number} hi */
function mergeTwo(from, to, value, lo, mid, hi) {
  let a = lo;
  let b = mid;
  for (let k = lo; k < hi; k++) {
    to[k] = b >= hi || (a < mid && value[from[a]] <= value[from[b]]) ? from[a++] : from[b++];
  }
}
