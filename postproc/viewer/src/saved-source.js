// SPDX-License-Identifier: BSD-3-Clause
// The payload of a trace that did not come in a page (span JSON), made when a copy of the page is saved.

import { describe, traceChunks } from './encode-payload.js';
import { makeSource } from './page-source.js';
import { tracePart } from './profile-rows.js';

/** @typedef {import('./model.js').Model} Model */

/** Notes of the viewer that whoever opens the copy makes again. */
const MADE_AGAIN = ['viewer.overlap', 'viewer.inferred'];
/** Bytes that make whole groups of base64, few enough for one call. */
const STEP = 3 * 8192;

/** Base64 of bytes that come in pieces of any length. */
class Base64 {
  constructor() {
    this.rest = new Uint8Array(0);
    /** @type {string[]} */
    this.parts = [];
  }

  /** @param {Uint8Array} bytes */
  add(bytes) {
    const all = new Uint8Array(this.rest.length + bytes.length);
    all.set(this.rest);
    all.set(bytes, this.rest.length);
    const whole = all.length - (all.length % 3);
    this.encode(all.subarray(0, whole));
    this.rest = all.slice(whole);
  }

  end() {
    this.encode(this.rest);
    return this.parts;
  }

  /** @param {Uint8Array} bytes */
  encode(bytes) {
    for (let at = 0; at < bytes.length; at += STEP) this.parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + STEP))));
  }
}

/** @param {Uint8Array} raw @returns {Promise<Uint8Array>} */
const deflate = async (raw) =>
  new Uint8Array(await new Response(new Blob([/** @type {any} */ (raw)]).stream().pipeThrough(new CompressionStream('deflate'))).arrayBuffer());

/** The trace of a model as the elements of a page. @param {Model} model @param {(share: number) => Promise<void>} [progress] @returns {Promise<import('./page-source.js').Source>} */
export async function encodeSource(model, progress = async () => {}) {
  const trace = tracePart(model);
  const total = Math.max(
    1,
    trace.cpus.reduce((n, { lo, hi }) => n + hi - lo, trace.aux.n),
  );
  const text = new Base64();
  /** @type {import('./payload.js').Chunk[]} */
  const chunks = [];
  let [offset, done] = [0, 0];
  for (const { fields, raw } of traceChunks(trace)) {
    const packed = await deflate(raw);
    chunks.push({ ...fields, offset, size: packed.length, raw: raw.length });
    text.add(packed);
    offset += packed.length;
    if (fields.kind === 'exec' || fields.kind === 'aux') done += fields.count;
    await progress(done / total);
  }
  const meta = describe(
    model.meta,
    model.diagnostics.filter((d) => !MADE_AGAIN.includes(d.id)),
    chunks,
  );
  return makeSource(JSON.stringify(meta), text.end());
}
