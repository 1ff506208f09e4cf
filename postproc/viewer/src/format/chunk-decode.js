// SPDX-License-Identifier: BSD-3-Clause
// Inflated chunks of the payload (docs/payload-format.md) to columns.

import { putAll, setArg } from './columns.js';
import { PayloadError } from './payload.js';
import { SIZES } from './tables.js';
import { visibleName, visibleTexts } from '../kit/visible.js';

/** @typedef {import('./columns.js').Columns} Columns */
/** @typedef {import('./payload.js').Chunk} Chunk */
/** @typedef {import('./payload.js').Kind} Kind */

/**
 * Splits a chunk into its columns.
 * @param {Uint8Array} bytes @param {number} count columns
 * @returns {Uint8Array[]}
 */
export function splitColumns(bytes, count) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const columns = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.length) throw new PayloadError('a column is missing');
    const size = view.getUint32(at, true);
    at += 4;
    if (at + size > bytes.length) throw new PayloadError('a column is cut short');
    columns.push(bytes.subarray(at, at + size));
    at += size;
  }
  if (at !== bytes.length) throw new PayloadError('bytes left over');
  return columns;
}

/** Numbers of which more bytes follow. */
let open = new Uint32Array(SIZES.chunk_records);

/**
 * Decodes n unsigned LEB128 values, of which all first bytes stand first, then the second bytes of those that have one, and so on;
 * an empty column is n zeros.
 * @param {Uint8Array} bytes @param {number} n @param {Float64Array} out
 */
export function decodeUv(bytes, n, out) {
  if (bytes.length === 0) {
    out.fill(0, 0, n);
    return;
  }
  const end = bytes.length;
  if (end < n) throw new PayloadError('a column has too few values');
  if (open.length < n) open = new Uint32Array(n);
  const more = open;
  let count = 0;
  for (let i = 0; i < n; i++) {
    const b = bytes[i];
    out[i] = b & 127;
    if (b >= 128) more[count++] = i;
  }
  let at = n;
  for (let scale = 128; count > 0; scale *= 128) {
    if (scale > 2 ** 63 || end - at < count) throw new PayloadError('a number is damaged');
    let still = 0;
    for (let k = 0; k < count; k++) {
      const b = bytes[at++];
      out[more[k]] += (b & 127) * scale;
      if (b >= 128) more[still++] = more[k];
    }
    count = still;
  }
  if (at < end) throw new PayloadError('a column has too many values');
}

/** @param {number} v */
const unzigzag = (v) => (v <= 0x7fffffff ? (v >>> 1) ^ -(v & 1) : v % 2 === 0 ? v / 2 : -(v + 1) / 2);

/** @param {Uint8Array} bytes @param {number} n @param {Float64Array} out */
export function decodeSv(bytes, n, out) {
  decodeUv(bytes, n, out);
  if (bytes.length === 0) return;
  for (let i = 0; i < n; i++) out[i] = unzigzag(out[i]);
}

/** @param {Uint8Array} bytes @param {number} n @param {Uint8Array} out @param {number} at */
function decodeU8(bytes, n, out, at) {
  if (bytes.length !== 0 && bytes.length !== n) throw new PayloadError('a column has a wrong length');
  if (bytes.length !== 0) out.set(bytes, at);
}

const scratch = new Float64Array(SIZES.chunk_records);
/** The value before, of each kind: all zero between two chunks. */
let before = new Float64Array(0);

/** Forgets the values of the kinds of some records. @param {Columns} cols @param {number} at @param {number} n */
function forget(cols, at, n) {
  for (let i = 0; i < n; i++) before[cols.kind[at + i]] = 0;
}

/**
 * Columns shared by exec and aux chunks: kind, pid, rpc, arg, ret, ipc, flags.
 * @param {Uint8Array[]} c the seven byte columns @param {number} n @param {Columns} cols @param {number} at
 * @param {number} kindCount
 */
function decodeShared(c, n, cols, at, kindCount) {
  const v = scratch;
  decodeUv(c[0], n, v);
  for (let i = 0; i < n; i++) {
    if (v[i] >= kindCount) throw new PayloadError('a record has an unknown kind');
    cols.kind[at + i] = v[i];
  }
  let sum = 0;
  decodeSv(c[1], n, v);
  for (let i = 0; i < n; i++) cols.pid[at + i] = sum += v[i];
  if (c[2].length !== 0) {
    sum = 0;
    decodeSv(c[2], n, v);
    for (let i = 0; i < n; i++) v[i] = sum += v[i];
    cols.rpc ??= new Uint16Array(cols.start.length);
    putAll(cols, 'rpc', at, v, n);
  }
  if (before.length < kindCount) before = new Float64Array(kindCount);
  const previous = before;
  if (c[3].length !== 0) {
    decodeSv(c[3], n, v);
    for (let i = 0; i < n; i++) setArg(cols, at + i, (previous[cols.kind[at + i]] += v[i]));
    forget(cols, at, n);
  }
  if (c[4].length !== 0) {
    decodeSv(c[4], n, v);
    for (let i = 0; i < n; i++) v[i] = previous[cols.kind[at + i]] += v[i];
    forget(cols, at, n);
    putAll(cols, 'ret', at, v, n);
  }
  decodeU8(c[5], n, cols.ipc, at);
  decodeU8(c[6], n, cols.flags, at);
}

/** @param {Uint8Array} bytes @param {Chunk} chunk @param {Columns} cols @param {number} at @param {number} kindCount */
export function decodeExec(bytes, chunk, cols, at, kindCount) {
  const n = chunk.count;
  const c = splitColumns(bytes, 9);
  decodeUv(c[1], n, scratch);
  putAll(cols, 'dur', at, scratch, n);
  decodeSv(c[0], n, scratch);
  let end = chunk.first;
  for (let i = 0; i < n; i++) {
    const start = end + scratch[i];
    cols.start[at + i] = start;
    end = start + cols.dur[at + i];
  }
  decodeShared(c.slice(2), n, cols, at, kindCount);
}

/** @param {Uint8Array} bytes @param {Chunk} chunk @param {Columns} cols @param {number} at @param {number} kindCount */
export function decodeAux(bytes, chunk, cols, at, kindCount) {
  const n = chunk.count;
  const c = splitColumns(bytes, 10);
  decodeUv(c[1], n, scratch);
  putAll(cols, 'dur', at, scratch, n);
  let sum = 0;
  decodeSv(c[0], n, scratch);
  for (let i = 0; i < n; i++) cols.start[at + i] = (sum += scratch[i]) - cols.dur[at + i];
  sum = 0;
  decodeSv(c[2], n, scratch);
  for (let i = 0; i < n; i++) scratch[i] = sum += scratch[i];
  putAll(cols, 'cpu', at, scratch, n);
  decodeShared(c.slice(3), n, cols, at, kindCount);
}

/**
 * Reads names and kinds; both must be whole.
 * @param {Chunk[]} chunks @param {(chunk: Chunk) => Promise<Uint8Array>} load
 * @returns {Promise<Kind[]>}
 */
export async function readKinds(chunks, load) {
  const namesChunk = chunks.find((c) => c.kind === 'names');
  const kindsChunk = chunks.find((c) => c.kind === 'kinds');
  if (!kindsChunk) return [];
  let names;
  try {
    if (!namesChunk) throw new PayloadError('missing');
    names = visibleTexts(JSON.parse(new TextDecoder().decode(await load(namesChunk))));
    if (!Array.isArray(names)) throw new PayloadError('not a list');
  } catch {
    names = null; // handled below: spans are drawn, their names are lost
  }
  const n = kindsChunk.count;
  if (n > SIZES.kinds) throw new PayloadError('impossible size');
  const columns = splitColumns(await load(kindsChunk), 2);
  const events = new Float64Array(n);
  const index = new Float64Array(n);
  decodeSv(columns[0], n, events);
  decodeUv(columns[1], n, index);
  const kinds = [];
  for (let i = 0; i < n; i++) {
    kinds.push({ event: events[i], name: names ? visibleName(String(names[index[i]] ?? '(name lost)').slice(0, SIZES.name)) : '(name lost)' });
  }
  if (!names) /** @type {any} */ (kinds).namesLost = true;
  return kinds;
}
