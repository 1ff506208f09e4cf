// SPDX-License-Identifier: BSD-3-Clause
// Records as a struct of arrays.

/**
 * Fields are as narrow as the values met so far allow; `put` widens them. A Float64Array holds whole numbers.
 * @typedef {object} Columns
 * @property {number} n records in use
 * @property {Float64Array} start ticks
 * @property {Uint32Array|Float64Array} dur ticks
 * @property {Int16Array|Int32Array|null} cpu only for records that are not execution spans; -1 none
 * @property {Uint16Array|Uint32Array} kind index into kinds
 * @property {Int32Array} pid thread id; 0 idle, -1 none
 * @property {Uint16Array|Int32Array|null} rpc null: all zero
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
    dur: new Uint32Array(n),
    cpu: aux ? new Int16Array(n) : null,
    kind: kindCount <= 65536 ? new Uint16Array(n) : new Uint32Array(n),
    pid: new Int32Array(n),
    rpc: null,
    arg: new Int32Array(n),
    wideArg: new Map(),
    ret: new Uint16Array(n),
    ipc: new Uint8Array(n),
    flags: new Uint8Array(n),
  };
}

/** Array type that follows when a value does not fit. @type {Record<'dur'|'cpu'|'rpc'|'ret', new (n: number) => any>} */
const WIDER = { dur: Float64Array, cpu: Int32Array, rpc: Int32Array, ret: Int32Array };

/**
 * Stores count values at `at`; widens the column when one does not fit.
 * @param {Columns} cols @param {'dur'|'cpu'|'rpc'|'ret'} name @param {number} at @param {Float64Array} values @param {number} count
 */
export function putAll(cols, name, at, values, count) {
  let array = /** @type {any} */ (cols[name]);
  for (let i = 0; i < count; i++) {
    const v = values[i];
    array[at + i] = v;
    if (array[at + i] !== v) {
      if (array.constructor === WIDER[name]) continue; // a damaged value: cut to what the field can hold
      array = widen(cols, name);
      array[at + i] = v;
    }
  }
}

/** @param {Columns} cols @param {'dur'|'cpu'|'rpc'|'ret'} name */
function widen(cols, name) {
  const wide = new WIDER[name](cols.start.length);
  wide.set(/** @type {any} */ (cols[name]));
  /** @type {any} */ (cols)[name] = wide;
  return wide;
}

const one = new Float64Array(1);

/** Stores one value. @param {Columns} cols @param {'dur'|'cpu'|'rpc'|'ret'} name @param {number} i @param {number} value */
export function put(cols, name, i, value) {
  one[0] = value;
  putAll(cols, name, i, one, 1);
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
  cols.rpc ??= new Uint16Array(cols.start.length);
  put(cols, 'rpc', i, value);
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

/** The same records, with room for others or without. @param {Columns} cols @param {number} room @returns {Columns} */
export function resized(cols, room) {
  if (cols.start.length === room) return cols;
  const arrays = Object.entries(arraysOf(cols)).map(([name, array]) => {
    if (array === null) return [name, null];
    const other = new array.constructor(room);
    other.set(array.subarray(0, Math.min(cols.n, room)));
    return [name, other];
  });
  return { ...cols, .../** @type {any} */ (Object.fromEntries(arrays)) };
}

/** Forgets some ranges of records: those behind move down. @param {Columns} cols @param {{lo: number, hi: number}[]} holes in order, apart */
export function removeRecords(cols, holes) {
  if (holes.length === 0) return;
  const kept = cols.n - holes.reduce((sum, { lo, hi }) => sum + hi - lo, 0);
  for (const array of Object.values(arraysOf(cols))) {
    if (!array) continue;
    let to = holes[0].lo;
    holes.forEach(({ hi }, i) => {
      const end = holes[i + 1]?.lo ?? cols.n;
      array.copyWithin(to, hi, end);
      to += end - hi;
    });
    array.fill(0, kept, cols.n);
  }
  if (cols.wideArg.size > 0) {
    let [next, gone] = [0, 0];
    const moved = new Map();
    for (const [at, v] of [...cols.wideArg].sort((a, b) => a[0] - b[0])) {
      for (; next < holes.length && holes[next].hi <= at; next++) gone += holes[next].hi - holes[next].lo;
      if (next >= holes.length || at < holes[next].lo) moved.set(at - gone, v);
    }
    cols.wideArg = moved;
  }
  cols.n = kept;
}

// One function for each width: one for all would be compiled for none.
/** @param {Uint8Array} to @param {Uint8Array} from @param {ArrayLike<number>} order @param {number} lo */
const gather1 = (to, from, order, lo) => {
  for (let i = 0; i < to.length; i++) to[i] = from[order[i] - lo];
};
/** @param {Uint16Array} to @param {Uint16Array} from @param {ArrayLike<number>} order @param {number} lo */
const gather2 = (to, from, order, lo) => {
  for (let i = 0; i < to.length; i++) to[i] = from[order[i] - lo];
};
/** @param {Uint32Array} to @param {Uint32Array} from @param {ArrayLike<number>} order @param {number} lo */
const gather4 = (to, from, order, lo) => {
  for (let i = 0; i < to.length; i++) to[i] = from[order[i] - lo];
};
/** @param {Float64Array} to @param {Float64Array} from @param {ArrayLike<number>} order @param {number} lo */
const gather8 = (to, from, order, lo) => {
  for (let i = 0; i < to.length; i++) to[i] = from[order[i] - lo];
};

/** @param {any} array @param {number} lo @param {ArrayLike<number>} order */
function gather(array, lo, order) {
  const size = array.BYTES_PER_ELEMENT;
  const part = array.subarray(lo, lo + order.length);
  const copy = part.slice();
  const as = (/** @type {any} */ type) => [new type(part.buffer, part.byteOffset, part.length), new type(copy.buffer, 0, part.length)];
  const [to, from] = as(size === 1 ? Uint8Array : size === 2 ? Uint16Array : size === 4 ? Uint32Array : Float64Array);
  (size === 1 ? gather1 : size === 2 ? gather2 : size === 4 ? gather4 : gather8)(to, from, order, lo);
}

/** Reorders records lo..lo+order.length by `order` (indexes into cols). @param {Columns} cols @param {number} lo @param {ArrayLike<number>} order */
export function permute(cols, lo, order) {
  const n = order.length;
  for (const array of Object.values(arraysOf(cols))) if (array) gather(array, lo, order);
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
  const digits = new Uint16Array(n);
  const { start } = cols;
  for (let scale = 1; n > 1 && scale <= max - min; scale *= 65536) {
    counts.fill(0);
    for (let i = 0; i < n; i++) {
      const d = (digits[order[i] - lo] = Math.floor((start[order[i]] - min) / scale) % 65536);
      counts[d + 1]++;
    }
    for (let d = 0; d < 65536; d++) counts[d + 1] += counts[d];
    for (let i = 0; i < n; i++) next[counts[digits[order[i] - lo]]++] = order[i];
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
