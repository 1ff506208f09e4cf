// SPDX-License-Identifier: BSD-3-Clause
// The payload of a trace that did not come in a page (span JSON), made when a copy of the page is saved.

import { Encoder } from '../format/base91.js';
import { describe, traceChunks } from '../format/encode-payload.js';
import { makeSource } from './page-source.js';
import { tracePart } from '../trace/profile-rows.js';

/** @typedef {import('../trace/model.js').Model} Model */

/** Notes of the viewer that whoever opens the copy makes again. */
const MADE_AGAIN = ['viewer.overlap', 'viewer.inferred'];
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
  const encoder = new Encoder();
  /** @type {BlobPart[]} */
  const text = [];
  /** @type {import('../format/payload.js').Chunk[]} */
  const chunks = [];
  let [offset, done] = [0, 0];
  for (const { fields, raw } of traceChunks(trace)) {
    const packed = await deflate(raw);
    chunks.push({ ...fields, offset, size: packed.length, raw: raw.length });
    text.push(encoder.encode(packed));
    offset += packed.length;
    if (fields.kind === 'exec' || fields.kind === 'aux') done += fields.count;
    await progress(done / total);
  }
  const meta = describe(
    model.meta,
    model.diagnostics.filter((d) => !MADE_AGAIN.includes(d.id)),
    chunks,
  );
  return makeSource(JSON.stringify(meta), [...text, encoder.end()]);
}
