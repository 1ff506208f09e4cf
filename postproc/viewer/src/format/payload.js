// SPDX-License-Identifier: BSD-3-Clause
// The payload of a page (docs/payload-format.md): its description, its bytes, its compressed chunks.

import { Decoder } from './base91.js';
import { lowerBound } from './bounds.js';
import { SIZES } from './tables.js';
import { visibleTexts } from '../kit/visible.js';

/** @typedef {import('./columns.js').Columns} Columns */
/** @typedef {{id: string, severity: string, count: number, text: string}} Diagnostic */
/** @typedef {{kind: string, cpu?: number, count: number, first: number, last: number, offset: number, size: number, raw: number}} Chunk */
/** @typedef {{event: number, name: string}} Kind */
/** @typedef {{cpu: number, lo: number, hi: number}} CpuRange */
/** Records lost with a chunk: of a CPU (-1: not of one), from tick t0 to t1; `at` is where they would stand. @typedef {{cpu: number, t0: number, t1: number, count: number, at: number}} Gap */
/**
 * A trace as read: not yet indexed.
 * @typedef {object} RawTrace
 * @property {Record<string, any>} meta header keys, nsPerTick
 * @property {Kind[]} kinds
 * @property {Columns} exec execution spans, CPU after CPU
 * @property {CpuRange[]} cpus
 * @property {Columns} aux everything else
 * @property {Diagnostic[]} diagnostics
 * @property {Gap[]} [gaps]
 * @property {import('../trace/coarse.js').Coarse} [coarse]
 * @property {import('../tabs/documents.js').Document[]} [documents] RPC logs and plots in the same page
 */

export class PayloadError extends Error {}

export const FORMAT = 'kutrace-payload';
export const VERSION = 3;

/**
 * @param {string} text of the meta element
 * @returns {Record<string, any>}
 */
export function parseMeta(text) {
  let meta;
  try {
    meta = visibleTexts(JSON.parse(text));
  } catch (e) {
    throw new PayloadError(`The description of the trace in this page is damaged: ${/** @type {Error} */ (e).message}`);
  }
  if (meta === null || typeof meta !== 'object' || meta.format !== FORMAT) {
    throw new PayloadError('This page does not hold a kutrace trace.');
  }
  if (meta.version !== VERSION) throw new PayloadError(`Payload version ${meta.version} is not known to this viewer (it reads ${VERSION}).`);
  if (!(meta.nsPerTick > 0)) throw new PayloadError('The page does not say how long a tick is.');
  if (!Array.isArray(meta.chunks)) throw new PayloadError('The page lists no chunks.');
  return meta;
}

/** The data area, as far as its text has come. Pieces of text may have any length. */
export class DataArea {
  constructor() {
    this.bytes = new Uint8Array(1 << 20);
    /** Bytes that have come. */
    this.size = 0;
    this.decoder = new Decoder();
    /** Parts whose text is damaged, in order. @type {[number, number][]} */
    this.bad = [];
    this.damaged = (/** @type {number} */ from, /** @type {number} */ to) => {
      const last = this.bad.at(-1);
      if (last && from <= last[1]) last[1] = to;
      else this.bad.push([from, to]);
    };
  }

  /** @param {string} piece */
  add(piece) {
    this.makeRoom(Decoder.room(piece.length));
    this.size = this.decoder.decode(piece, this.bytes, this.size, this.damaged);
  }

  /** No more text comes. What does not make a whole byte is left out. */
  end() {
    this.makeRoom(Decoder.room(0));
    this.size = this.decoder.end(this.bytes, this.size, this.damaged);
  }

  /** @param {number} room */
  makeRoom(room) {
    if (this.size + room <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.size + room));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
  }

  /** Bytes of a chunk. @param {number} offset @param {number} size */
  slice(offset, size) {
    if (offset + size > this.size) throw new PayloadError('the data ends before it');
    const next = lowerBound(0, this.bad.length, (i) => this.bad[i][1], offset + 1);
    if (next < this.bad.length && this.bad[next][0] < offset + size) throw new PayloadError('its text is damaged');
    return this.bytes.subarray(offset, offset + size);
  }
}

/** @param {Uint8Array} bytes zlib stream @param {number} raw expected size @param {number} [most] the largest that it may be */
export async function inflate(bytes, raw, most = SIZES.chunk) {
  if (!(raw >= 0 && raw <= most && raw <= SIZES.inflation * bytes.length)) throw new PayloadError('impossible size');
  const stream = new DecompressionStream('deflate');
  const writer = stream.writable.getWriter();
  // What goes wrong here is seen by the reader below.
  writer.write(/** @type {any} */ (bytes)).catch(() => {});
  writer.close().catch(() => {});
  const out = new Uint8Array(raw);
  const reader = stream.readable.getReader();
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

/** @param {any} chunk @returns {chunk is Chunk} */
export function plausible(chunk) {
  return (
    chunk !== null &&
    typeof chunk === 'object' &&
    [chunk.count, chunk.offset, chunk.size, chunk.raw].every((v) => Number.isSafeInteger(v) && v >= 0) &&
    (chunk.kind !== 'exec' || (Number.isSafeInteger(chunk.cpu) && chunk.cpu >= 0)) &&
    (chunk.kind === 'names' ||
      chunk.kind === 'kinds' ||
      (chunk.count <= SIZES.chunk_records && Number.isFinite(chunk.first) && Number.isFinite(chunk.last)))
  );
}
