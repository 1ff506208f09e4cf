// SPDX-License-Identifier: BSD-3-Clause
// Reads the payload of a page (docs/payload-format.md) into columns.

import { makeColumns, setArg, setRpc, clearRecords } from './columns.js';
import { readDocuments } from './sisters/payload-documents.js';

/** @typedef {import('./columns.js').Columns} Columns */
/** @typedef {{id: string, severity: string, count: number, text: string}} Diagnostic */
/** @typedef {{kind: string, cpu?: number, count: number, first: number, last: number, offset: number, size: number, raw: number}} Chunk */
/** @typedef {{event: number, name: string}} Kind */
/** @typedef {{cpu: number, lo: number, hi: number}} CpuRange */
/**
 * A trace as read: not yet indexed.
 * @typedef {object} RawTrace
 * @property {Record<string, any>} meta header keys, nsPerTick
 * @property {Kind[]} kinds
 * @property {Columns} exec execution spans, CPU after CPU
 * @property {CpuRange[]} cpus
 * @property {Columns} aux everything else
 * @property {Diagnostic[]} diagnostics
 * @property {import('./sisters/documents.js').Document[]} [documents] RPC logs and plots in the same page
 */

export class PayloadError extends Error {}

const CHUNK_RECORDS = 65536;
const RAW_LIMIT = 1 << 28;

/**
 * @param {string} text of the meta element
 * @returns {Record<string, any>}
 */
export function parseMeta(text) {
  let meta;
  try {
    meta = JSON.parse(text);
  } catch (e) {
    throw new PayloadError(`The description of the trace in this page is damaged: ${/** @type {Error} */ (e).message}`);
  }
  if (meta === null || typeof meta !== 'object' || meta.format !== 'kutrace-payload') {
    throw new PayloadError('This page does not hold a kutrace trace.');
  }
  if (meta.version !== 1) throw new PayloadError(`Payload version ${meta.version} is not known to this viewer (it reads 1).`);
  if (!(meta.nsPerTick > 0)) throw new PayloadError('The page does not say how long a tick is.');
  if (!Array.isArray(meta.chunks)) throw new PayloadError('The page lists no chunks.');
  return meta;
}

/** @param {string} text base64 @returns {Uint8Array} */
export function base64Decode(text) {
  const native = /** @type {any} */ (Uint8Array).fromBase64;
  if (native) return native.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * Bytes of one chunk, decoded from the part of the text that holds it.
 * @param {string} text @param {number} offset @param {number} size
 */
export function chunkBytes(text, offset, size) {
  const first = Math.floor(offset / 3);
  const last = Math.ceil((offset + size) / 3);
  if (last * 4 > text.length) throw new PayloadError('the data ends before it');
  const bytes = base64Decode(text.slice(first * 4, last * 4));
  const skip = offset - first * 3;
  if (bytes.length < skip + size) throw new PayloadError('the data ends before it');
  return bytes.subarray(skip, skip + size);
}

/** @param {Uint8Array} bytes zlib stream @param {number} raw expected size */
export async function inflate(bytes, raw) {
  if (!(raw >= 0 && raw <= RAW_LIMIT)) throw new PayloadError('impossible size');
  const stream = new Blob([/** @type {any} */ (bytes)]).stream().pipeThrough(new DecompressionStream('deflate'));
  const out = new Uint8Array(raw);
  const reader = stream.getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.length > raw) {
      reader.cancel().catch(() => {});
      throw new PayloadError('larger than stated');
    }
    out.set(value, at);
    at += value.length;
  }
  if (at !== raw) throw new PayloadError('smaller than stated');
  return out;
}

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

/**
 * Decodes n unsigned LEB128 values; an empty column is n zeros.
 * @param {Uint8Array} bytes @param {number} n @param {Float64Array} out
 */
export function decodeUv(bytes, n, out) {
  if (bytes.length === 0) {
    out.fill(0, 0, n);
    return;
  }
  let at = 0;
  const end = bytes.length;
  for (let i = 0; i < n; i++) {
    if (at >= end) throw new PayloadError('a column has too few values');
    let b = bytes[at++];
    if (b < 128) {
      out[i] = b;
      continue;
    }
    let value = b & 127;
    let scale = 128;
    do {
      if (at >= end || scale > 2 ** 63) throw new PayloadError('a number is damaged');
      b = bytes[at++];
      value += (b & 127) * scale;
      scale *= 128;
    } while (b >= 128);
    out[i] = value;
  }
  if (at !== end) throw new PayloadError('a column has too many values');
}

/** @param {number} v */
const unzigzag = (v) => (v <= 0x7fffffff ? (v >>> 1) ^ -(v & 1) : (v % 2 === 0 ? v / 2 : -(v + 1) / 2));

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

const scratch = new Float64Array(CHUNK_RECORDS);

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
    for (let i = 0; i < n; i++) setRpc(cols, at + i, sum += v[i]);
  }
  const previous = new Float64Array(kindCount);
  if (c[3].length !== 0) {
    decodeSv(c[3], n, v);
    for (let i = 0; i < n; i++) setArg(cols, at + i, previous[cols.kind[at + i]] += v[i]);
    previous.fill(0);
  }
  if (c[4].length !== 0) {
    decodeSv(c[4], n, v);
    for (let i = 0; i < n; i++) cols.ret[at + i] = previous[cols.kind[at + i]] += v[i];
  }
  decodeU8(c[5], n, cols.ipc, at);
  decodeU8(c[6], n, cols.flags, at);
}

/** @param {Uint8Array} bytes @param {Chunk} chunk @param {Columns} cols @param {number} at @param {number} kindCount */
export function decodeExec(bytes, chunk, cols, at, kindCount) {
  const n = chunk.count;
  const c = splitColumns(bytes, 9);
  decodeUv(c[1], n, scratch);
  for (let i = 0; i < n; i++) cols.dur[at + i] = scratch[i];
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
  const cpu = /** @type {Int32Array} */ (cols.cpu);
  const c = splitColumns(bytes, 10);
  let sum = 0;
  decodeSv(c[0], n, scratch);
  for (let i = 0; i < n; i++) cols.start[at + i] = sum += scratch[i];
  decodeUv(c[1], n, scratch);
  for (let i = 0; i < n; i++) cols.dur[at + i] = scratch[i];
  sum = 0;
  decodeSv(c[2], n, scratch);
  for (let i = 0; i < n; i++) cpu[at + i] = sum += scratch[i];
  decodeShared(c.slice(3), n, cols, at, kindCount);
}

/** @param {any} chunk @returns {chunk is Chunk} */
function plausible(chunk) {
  return chunk !== null && typeof chunk === 'object'
    && [chunk.count, chunk.offset, chunk.size, chunk.raw].every((v) => Number.isSafeInteger(v) && v >= 0)
    && (chunk.kind === 'names' || chunk.kind === 'kinds' || (chunk.count <= CHUNK_RECORDS && Number.isFinite(chunk.first)));
}

/**
 * Reads names and kinds; both must be whole.
 * @param {Chunk[]} chunks @param {(chunk: Chunk) => Promise<Uint8Array>} load
 * @returns {Promise<Kind[]>}
 */
async function readKinds(chunks, load) {
  const namesChunk = chunks.find((c) => c.kind === 'names');
  const kindsChunk = chunks.find((c) => c.kind === 'kinds');
  if (!kindsChunk) return [];
  let names;
  try {
    if (!namesChunk) throw new PayloadError('missing');
    names = JSON.parse(new TextDecoder().decode(await load(namesChunk)));
    if (!Array.isArray(names)) throw new PayloadError('not a list');
  } catch {
    names = null; // handled below: spans are drawn, their names are lost
  }
  const n = kindsChunk.count;
  const columns = splitColumns(await load(kindsChunk), 2);
  const events = new Float64Array(n);
  const index = new Float64Array(n);
  decodeSv(columns[0], n, events);
  decodeUv(columns[1], n, index);
  const kinds = [];
  for (let i = 0; i < n; i++) {
    kinds.push({ event: events[i], name: names ? String(names[index[i]] ?? '(name lost)') : '(name lost)' });
  }
  if (!names) /** @type {any} */ (kinds).namesLost = true;
  return kinds;
}

/** @param {Error} error */
const reason = (error) => (error instanceof PayloadError ? error.message : 'its compressed data is damaged');

/**
 * Reads a whole payload. Damaged chunks are dropped and reported.
 * @param {Record<string, any>} meta from parseMeta
 * @param {string} text base64 of the data area
 * @param {(done: number, total: number) => (Promise<void>|void)} [progress]
 * @returns {Promise<RawTrace>}
 */
export async function readPayload(meta, text, progress = () => {}) {
  const data = text.trim();
  /** @type {Diagnostic[]} */
  const diagnostics = [...(Array.isArray(meta.diagnostics) ? meta.diagnostics : [])];
  const sound = /** @type {Chunk[]} */ (meta.chunks.filter(plausible));
  const lost = { chunks: meta.chunks.length - sound.length, records: 0, why: lostWhy(meta.chunks.length - sound.length) };
  const load = (/** @type {Chunk} */ c) => inflate(chunkBytes(data, c.offset, c.size), c.raw);
  let kinds;
  try {
    kinds = await readKinds(sound, load);
  } catch (e) {
    throw new PayloadError(`The table of event kinds is damaged (${reason(/** @type {Error} */ (e))}); nothing can be shown.`);
  }
  if (/** @type {any} */ (kinds).namesLost) {
    diagnostics.push({ id: 'viewer.names', severity: 'damage', count: 1, text: 'The table of names is damaged: spans have no names.' });
  }
  const execChunks = sound.filter((c) => c.kind === 'exec')
    .map((c, i) => ({ c, i }))
    .sort((a, b) => (a.c.cpu ?? 0) - (b.c.cpu ?? 0) || a.i - b.i).map(({ c }) => c);
  const auxChunks = sound.filter((c) => c.kind === 'aux');
  const total = [...execChunks, ...auxChunks].reduce((s, c) => s + c.count, 0);
  if (total > data.length * 64 + 1024) throw new PayloadError('The page claims more records than its data can hold.');
  let done = 0;
  /** @param {Chunk[]} chunks @param {boolean} aux */
  const readAll = async (chunks, aux) => {
    const cols = makeColumns(chunks.reduce((s, c) => s + c.count, 0), kinds.length, aux);
    /** @type {CpuRange[]} */
    const ranges = [];
    let at = 0;
    let pending = chunks.length > 0 ? settle(load, chunks[0]) : null;
    for (let k = 0; k < chunks.length; k++) {
      const c = chunks[k];
      const result = await pending;
      pending = k + 1 < chunks.length ? settle(load, chunks[k + 1]) : null;
      try {
        if (!result || result.error) throw result?.error;
        (aux ? decodeAux : decodeExec)(/** @type {Uint8Array} */ (result.bytes), c, cols, at, kinds.length);
        const cpu = aux ? -1 : c.cpu ?? 0;
        const open = ranges[ranges.length - 1];
        if (open && open.cpu === cpu) open.hi = at + c.count;
        else ranges.push({ cpu, lo: at, hi: at + c.count });
        at += c.count;
      } catch (e) {
        clearRecords(cols, at, at + c.count);
        lost.chunks++;
        lost.records += c.count;
        lost.why ||= reason(/** @type {Error} */ (e));
      }
      done += c.count;
      await progress(done, total);
    }
    cols.n = at;
    return { cols, ranges };
  };
  const { cols: exec, ranges: cpus } = await readAll(execChunks, false);
  const { cols: aux } = await readAll(auxChunks, true);
  if (lost.chunks > 0) {
    diagnostics.push({
      id: 'viewer.chunks', severity: 'damage', count: lost.records,
      text: `records lost: ${lost.chunks} of ${meta.chunks.length} chunks of this page are unreadable (first: ${lost.why}).`,
    });
  }
  const documents = await readDocuments(sound, load, diagnostics);
  return { meta, kinds, exec, cpus, aux, diagnostics, documents };
}

/** @param {number} bad */
const lostWhy = (bad) => (bad > 0 ? 'its description is damaged' : '');

/**
 * A promise that never rejects, so that reading ahead cannot leave an unhandled error.
 * @param {(c: Chunk) => Promise<Uint8Array>} load @param {Chunk} chunk
 * @returns {Promise<{bytes?: Uint8Array, error?: Error}>}
 */
async function settle(load, chunk) {
  try {
    return { bytes: await load(chunk) };
  } catch (error) {
    return { error: /** @type {Error} */ (error) };
  }
}
