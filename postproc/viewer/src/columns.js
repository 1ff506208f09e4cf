// SPDX-License-Identifier: BSD-3-Clause
// Records as a struct of arrays.

/**
 * @typedef {object} Columns
 * @property {number} n records in use
 * @property {Float64Array} start ticks
 * @property {Float64Array} dur ticks
 * @property {Int32Array|null} cpu only for records that are not execution spans; -1 none
 * @property {Uint16Array|Uint32Array} kind index into kinds
 * @property {Int32Array} pid thread id; 0 idle, -1 none
 * @property {Int32Array|null} rpc null: all zero
 * @property {Int32Array} arg low 32 bits
 * @property {Map<number, number>} wideArg arguments that do not fit 32 bits, by record
 * @property {Uint16Array|Int32Array} ret
 * @property {Uint8Array} ipc
 * @property {Uint8Array} flags bit 0: inferred
 */

/**
 * @param {number} n @param {number} kindCount @param {boolean} aux
 * @returns {Columns}
 */
export function makeColumns(n, kindCount, aux) {
  return {
    n,
    start: new Float64Array(n),
    dur: new Float64Array(n),
    cpu: aux ? new Int32Array(n) : null,
    kind: kindCount <= 65536 ? new Uint16Array(n) : new Uint32Array(n),
    pid: new Int32Array(n),
    rpc: null,
    arg: new Int32Array(n),
    wideArg: new Map(),
    ret: aux ? new Int32Array(n) : new Uint16Array(n),
    ipc: new Uint8Array(n),
    flags: new Uint8Array(n),
  };
}

/** @param {Columns} cols @param {number} i @param {number} value */
export function setArg(cols, i, value) {
  cols.arg[i] = value;
  if (cols.arg[i] !== value) cols.wideArg.set(i, value);
}

/** @param {Columns} cols @param {number} i */
export const argOf = (cols, i) => (cols.wideArg.size > 0 ? cols.wideArg.get(i) : undefined) ?? cols.arg[i];

/** @param {Columns} cols @param {number} i @param {number} value */
export function setRpc(cols, i, value) {
  if (value === 0 && cols.rpc === null) return;
  cols.rpc ??= new Int32Array(cols.start.length);
  cols.rpc[i] = value;
}

/** @param {Columns} cols @param {number} i */
export const rpcOf = (cols, i) => (cols.rpc === null ? 0 : cols.rpc[i]);

/**
 * RPC row of a record, 0 none: the field may hold the message length above its low 16 bits.
 * @param {Columns} cols @param {number} i
 */
export const rpcKey = (cols, i) => {
  const v = rpcOf(cols, i);
  return v > 0 ? v & 0xffff : 0;
};

/** Thread id as a number; -1 none. @param {Columns} cols @param {number} i */
export const tidOf = (cols, i) => (cols.pid[i] === -1 ? -1 : cols.pid[i] >>> 0);

/** @param {Columns} cols @returns {Record<string, any>} the arrays, by name */
function arraysOf(cols) {
  const { start, dur, cpu, kind, pid, rpc, arg, ret, ipc, flags } = cols;
  return { start, dur, cpu, kind, pid, rpc, arg, ret, ipc, flags };
}

/** Forgets records lo..hi. @param {Columns} cols @param {number} lo @param {number} hi */
export function clearRecords(cols, lo, hi) {
  for (const array of Object.values(arraysOf(cols))) array?.fill(0, lo, hi);
  for (const i of [...cols.wideArg.keys()]) if (i >= lo && i < hi) cols.wideArg.delete(i);
}

/** Reorders records lo..lo+order.length by `order` (indexes into cols). @param {Columns} cols @param {number} lo @param {ArrayLike<number>} order */
export function permute(cols, lo, order) {
  const n = order.length;
  for (const array of Object.values(arraysOf(cols))) {
    if (!array) continue;
    const copy = array.slice(lo, lo + n);
    for (let i = 0; i < n; i++) array[lo + i] = copy[order[i] - lo];
  }
  if (cols.wideArg.size === 0) return;
  const moved = new Map();
  for (const [i, v] of cols.wideArg) if (i < lo || i >= lo + n) moved.set(i, v);
  for (let i = 0; i < n; i++) {
    const v = cols.wideArg.get(order[i]);
    if (v !== undefined) moved.set(lo + i, v);
  }
  cols.wideArg = moved;
}

/**
 * Indexes lo..hi sorted by start, stable (radix sort, 16 bits a pass).
 * @param {Columns} cols @param {number} lo @param {number} hi
 * @returns {Uint32Array}
 */
export function orderByStart(cols, lo, hi) {
  const n = hi - lo;
  let min = Infinity;
  let max = -Infinity;
  for (let i = lo; i < hi; i++) {
    min = Math.min(min, cols.start[i]);
    max = Math.max(max, cols.start[i]);
  }
  let order = new Uint32Array(n);
  let next = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = lo + i;
  const counts = new Uint32Array(65537);
  for (let scale = 1; n > 1 && scale <= max - min; scale *= 65536) {
    counts.fill(0);
    const digit = (/** @type {number} */ i) => Math.floor((cols.start[i] - min) / scale) % 65536;
    for (let i = 0; i < n; i++) counts[digit(order[i]) + 1]++;
    for (let d = 0; d < 65536; d++) counts[d + 1] += counts[d];
    for (let i = 0; i < n; i++) next[counts[digit(order[i])]++] = order[i];
    [order, next] = [next, order];
  }
  return order;
}

/** True when starts do not decrease in lo..hi. @param {Columns} cols @param {number} lo @param {number} hi */
export function isSorted(cols, lo, hi) {
  const { start } = cols;
  for (let i = lo + 1; i < hi; i++) if (start[i] < start[i - 1]) return false;
  return true;
}
