// SPDX-License-Identifier: BSD-3-Clause
// Pages and files for tests: a trace as read from span JSON becomes a payload page, by the viewer's own encoder.

import { readFileSync } from 'node:fs';
import { deflateSync, gunzipSync } from 'node:zlib';
import { Encoder } from '../src/format/base91.js';
import { describe, metaText, traceChunks } from '../src/format/encode-payload.js';
import { SIZES } from '../src/format/tables.js';
import { parseSpanJson } from '../src/format/span-json.js';

/** Chunks of RPC logs and plots. */
function* documentChunks(documents, partRecords) {
  for (const [number, { name, text }] of documents.entries()) {
    const doc = JSON.parse(text);
    const list = doc.points ? 'points' : 'events';
    const rows = doc[list].filter((r) => r[0] !== 999);
    for (let at = 0; at === 0 || at < rows.length; at += partRecords) {
      const part = rows.slice(at, at + partRecords);
      yield {
        fields: { kind: 'document', document: number, name, count: part.length, first: 0, last: 0 },
        raw: Buffer.from(JSON.stringify({ ...doc, [list]: part })),
      };
    }
  }
}

/**
 * Meta and data area of a trace; `documents` are RPC logs and plots as text, cut into parts of `partRecords`.
 * @param {Omit<import('../src/format/payload.js').RawTrace, 'documents'> & {documents?: {name: string, text: string}[], partRecords?: number}} trace
 */
export function encodePayload(trace) {
  const chunks = [];
  const parts = [];
  let offset = 0;
  for (const list of [traceChunks(trace), documentChunks(trace.documents ?? [], trace.partRecords ?? SIZES.chunk_records)]) {
    for (const { fields, raw } of list) {
      const packed = deflateSync(raw);
      chunks.push({ ...fields, offset, size: packed.length, raw: raw.length });
      parts.push(packed);
      offset += packed.length;
    }
  }
  return { meta: describe(trace.meta, trace.meta.diagnostics ?? [], chunks), data: Buffer.concat(parts) };
}

/** Bytes as text of a page. @param {Uint8Array} bytes */
export function textOf(bytes) {
  const encoder = new Encoder();
  return Buffer.concat([encoder.encode(bytes), encoder.end()]).toString('latin1');
}

const VIEWER = '<script id="kutrace-viewer">';

/** The template with its viewer compressed, as the packer writes it. @param {string} template */
function packViewer(template) {
  const begin = template.indexOf(VIEWER);
  const end = template.indexOf('</script>', begin);
  const script = Buffer.from(template.slice(begin + VIEWER.length, end));
  const packed = `<script id="kutrace-viewer" type="text/plain" data-size="${script.length}">${textOf(deflateSync(script))}`;
  return template.slice(0, begin) + packed + template.slice(end);
}

/** A page from the template. @param {string} template @param {{meta: object, data: Buffer|string}} payload */
export function fillTemplate(template, { meta, data }) {
  return packViewer(template)
    .replace('@KUTRACE_META@', () => metaText(meta))
    .replace('@KUTRACE_DATA@', () => (typeof data === 'string' ? data : textOf(data)));
}

/** @param {string} file span JSON, plain or .gz */
export function readSpanFile(file) {
  const bytes = readFileSync(file);
  return parseSpanJson((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
}

/** Span JSON of records, with a terminator. @param {any[][]} events @param {object} [header] */
export const spanJson = (events, header = {}) =>
  JSON.stringify({
    title: 'test',
    tracebase: '2026-11-21_02:50:00',
    flags: 128,
    ...header,
    events: [...events, [999, 0, 0, 0, 0, 0, 0, 0, 0, '']],
  });
