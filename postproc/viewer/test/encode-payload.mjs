// SPDX-License-Identifier: BSD-3-Clause
// Test encoder: a trace as read from span JSON becomes a payload page (docs/payload-format.md).

import { readFileSync } from 'node:fs';
import { deflateSync, gunzipSync } from 'node:zlib';
import { argOf, rpcOf, tidOf } from '../src/columns.js';
import { parseSpanJson } from '../src/span-json.js';

const CHUNK = 65536;

/** A growing byte buffer with the value encodings of the payload. */
class Bytes {
  constructor() {
    this.data = Buffer.alloc(1 << 16);
    this.n = 0;
  }

  byte(v) {
    if (this.n === this.data.length) this.data = Buffer.concat([this.data, Buffer.alloc(this.data.length)]);
    this.data[this.n++] = v;
  }

  uv(value) {
    let v = value;
    while (v >= 128) {
      this.byte((v % 128) + 128);
      v = Math.floor(v / 128);
    }
    this.byte(v);
  }

  sv(v) {
    this.uv(v >= 0 ? v * 2 : -v * 2 - 1);
  }

  done() {
    return this.data.subarray(0, this.n);
  }
}

/** A column of values; empty when all are zero. */
function column(values, write) {
  if (values.every((v) => v === 0)) return Buffer.alloc(0);
  const out = new Bytes();
  for (const v of values) out[write](v);
  return out.done();
}

const deltas = (values) => values.map((v, i) => v - (i > 0 ? values[i - 1] : 0));

function byKind(values, kinds) {
  const last = new Map();
  return values.map((v, i) => {
    const d = v - (last.get(kinds[i]) ?? 0);
    last.set(kinds[i], v);
    return d;
  });
}

function joinColumns(columns) {
  return Buffer.concat(columns.flatMap((c) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(c.length);
    return [size, c];
  }));
}

function sharedColumns(cols, lo, n) {
  const at = (f) => Array.from({ length: n }, (_, i) => f(lo + i));
  const kinds = at((i) => cols.kind[i]);
  return [
    column(kinds, 'uv'), column(deltas(at((i) => tidOf(cols, i))), 'sv'), column(deltas(at((i) => rpcOf(cols, i))), 'sv'),
    column(byKind(at((i) => argOf(cols, i)), kinds), 'sv'), column(byKind(at((i) => cols.ret[i]), kinds), 'sv'),
    column(at((i) => cols.ipc[i]), 'byte'), column(at((i) => cols.flags[i]), 'byte'),
  ];
}

function execChunk(cols, lo, n) {
  const gaps = [];
  let end = cols.start[lo];
  for (let i = lo; i < lo + n; i++) {
    gaps.push(cols.start[i] - end);
    end = cols.start[i] + cols.dur[i];
  }
  const raw = joinColumns([
    column(gaps, 'sv'), column(Array.from(cols.dur.subarray(lo, lo + n)), 'uv'), ...sharedColumns(cols, lo, n),
  ]);
  return { raw, first: cols.start[lo], last: end };
}

function auxChunk(cols, lo, n) {
  const start = Array.from(cols.start.subarray(lo, lo + n));
  const raw = joinColumns([
    column(deltas(start), 'sv'), column(Array.from(cols.dur.subarray(lo, lo + n)), 'uv'),
    column(deltas(Array.from(cols.cpu.subarray(lo, lo + n))), 'sv'), ...sharedColumns(cols, lo, n),
  ]);
  return { raw, first: Math.min(...start), last: start.reduce((m, s, i) => Math.max(m, s + cols.dur[lo + i]), 0) };
}

/**
 * Meta and data area of a trace; `documents` are RPC logs and plots as text, cut into parts of `partRecords`.
 * @param {Omit<import('../src/payload.js').RawTrace, 'documents'> & {documents?: {name: string, text: string}[], partRecords?: number}} trace
 */
export function encodePayload(trace) {
  const { exec, aux, cpus, kinds } = trace;
  const chunks = [];
  const parts = [];
  let offset = 0;
  const add = (fields, raw) => {
    const packed = deflateSync(raw);
    chunks.push({ ...fields, offset, size: packed.length, raw: raw.length });
    parts.push(packed);
    offset += packed.length;
  };
  const names = [...new Set(kinds.map((k) => k.name))];
  const nameIndex = new Map(names.map((name, i) => [name, i]));
  add({ kind: 'names', count: names.length, first: 0, last: 0 }, Buffer.from(JSON.stringify(names)));
  add({ kind: 'kinds', count: kinds.length, first: 0, last: 0 }, joinColumns([
    column(kinds.map((k) => k.event), 'sv'), column(kinds.map((k) => nameIndex.get(k.name)), 'uv'),
  ]));
  for (const { cpu, lo, hi } of cpus) {
    for (let at = lo; at < hi; at += CHUNK) {
      const n = Math.min(CHUNK, hi - at);
      const { raw, first, last } = execChunk(exec, at, n);
      add({ kind: 'exec', cpu, count: n, first, last }, raw);
    }
  }
  for (let at = 0; at < aux.n; at += CHUNK) {
    const n = Math.min(CHUNK, aux.n - at);
    const { raw, first, last } = auxChunk(aux, at, n);
    add({ kind: 'aux', count: n, first, last }, raw);
  }
  for (const [number, { name, text }] of (trace.documents ?? []).entries()) {
    const doc = JSON.parse(text);
    const list = doc.points ? 'points' : 'events';
    const rows = doc[list].filter((r) => r[0] !== 999);
    for (let at = 0; at === 0 || at < rows.length; at += trace.partRecords ?? CHUNK) {
      const part = rows.slice(at, at + (trace.partRecords ?? CHUNK));
      add({ kind: 'document', document: number, name, count: part.length, first: 0, last: 0 }, Buffer.from(JSON.stringify({ ...doc, [list]: part })));
    }
  }
  const exChunks = chunks.filter((c) => c.kind === 'exec');
  const meta = {
    format: 'kutrace-payload', version: 1, diagnostics: [], ...trace.meta,
    firstTick: exChunks.length ? Math.min(...exChunks.map((c) => c.first)) : 0,
    lastTick: exChunks.length ? Math.max(...exChunks.map((c) => c.last)) : 0,
    chunks,
  };
  meta.format = 'kutrace-payload';
  meta.version = 1;
  return { meta, data: Buffer.concat(parts) };
}

/** A page from the template. @param {string} template @param {{meta: object, data: Buffer|string}} payload */
export function fillTemplate(template, { meta, data }) {
  const metaText = JSON.stringify(meta).replaceAll('<', '\\u003c');
  return template.replace('@KUTRACE_META@', () => metaText)
    .replace('@KUTRACE_DATA@', () => (typeof data === 'string' ? data : data.toString('base64')));
}

/** @param {string} file span JSON, plain or .gz */
export function readSpanFile(file) {
  const bytes = readFileSync(file);
  return parseSpanJson((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
}

/** Span JSON of records, with a terminator. @param {any[][]} events @param {object} [header] */
export const spanJson = (events, header = {}) => JSON.stringify({
  title: 'test', tracebase: '2026-11-21_02:50:00', flags: 128, ...header, events: [...events, [999, 0, 0, 0, 0, 0, 0, 0, 0, '']],
});
