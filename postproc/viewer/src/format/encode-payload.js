// SPDX-License-Identifier: BSD-3-Clause
// A trace as a payload (docs/payload-format.md): its chunks before compression, and the description of the page. Pages saved from span
// JSON and the tests' pages are made by it.

import { argOf, rpcOf, tidOf } from './columns.js';
import { FORMAT, VERSION } from './payload.js';
import { SIZES } from './tables.js';

/** @typedef {import('./columns.js').Columns} Columns */
/** @typedef {import('./payload.js').Chunk} Chunk */
/** What a chunk holds. @typedef {{kind: string, cpu?: number, count: number, first: number, last: number}} Fields */
/** @typedef {{fields: Fields, raw: Uint8Array}} Unpacked */
/** @typedef {(i: number) => number} Value of the i-th record of a chunk */

/** Bytes that grow. */
class Bytes {
  constructor() {
    this.data = new Uint8Array(1 << 14);
    this.n = 0;
  }

  /** @param {number} v 0 to 255 */
  push(v) {
    if (this.n === this.data.length) {
      const larger = new Uint8Array(this.data.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.n++] = v;
  }
}

/** A column in the value encodings of the payload: the first bytes of all numbers, then the second bytes of those that have one, and so on. */
class Planes {
  constructor() {
    this.planes = [new Bytes()];
  }

  /** @param {number} v 0 to 255 */
  u8(v) {
    this.planes[0].push(v);
  }

  /** @param {number} value */
  uv(value) {
    let v = value;
    let k = 0;
    for (; v >= 128; v = Math.floor(v / 128)) this.plane(k++).push((v % 128) + 128);
    this.plane(k).push(v);
  }

  /** @param {number} v */
  sv(v) {
    this.uv(v >= 0 ? v * 2 : -v * 2 - 1);
  }

  /** @param {number} k */
  plane(k) {
    this.planes[k] ??= new Bytes();
    return this.planes[k];
  }

  bytes() {
    const out = new Uint8Array(this.planes.reduce((sum, { n }) => sum + n, 0));
    let at = 0;
    for (const { data, n } of this.planes) {
      out.set(data.subarray(0, n), at);
      at += n;
    }
    return out;
  }
}

const NOTHING = new Uint8Array(0);

/** A column of n values; empty when all are zero. @param {number} n @param {Value} value @param {'u8'|'uv'|'sv'} write @returns {Uint8Array} */
function column(n, value, write) {
  const out = new Planes();
  let any = false;
  for (let i = 0; i < n; i++) {
    const v = value(i);
    any ||= v !== 0;
    out[write](v);
  }
  return any ? out.bytes() : NOTHING;
}

/** Differences from the value before. @param {Value} value @returns {Value} */
function delta(value) {
  let last = 0;
  return (i) => {
    const v = value(i);
    const d = v - last;
    last = v;
    return d;
  };
}

/** Differences from the value before of the same kind. @param {Value} value @param {Value} kind @returns {Value} */
function byKind(value, kind) {
  /** @type {Map<number, number>} */
  const last = new Map();
  return (i) => {
    const [v, k] = [value(i), kind(i)];
    const d = v - (last.get(k) ?? 0);
    last.set(k, v);
    return d;
  };
}

/** @param {Uint8Array[]} columns */
function join(columns) {
  const out = new Uint8Array(columns.reduce((sum, c) => sum + 4 + c.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const c of columns) {
    view.setUint32(at, c.length, true);
    out.set(c, at + 4);
    at += 4 + c.length;
  }
  return out;
}

/** @param {Columns} cols @param {number} lo @param {number} n */
function sharedColumns(cols, lo, n) {
  const kind = (/** @type {number} */ i) => cols.kind[lo + i];
  return [
    column(n, kind, 'uv'),
    column(
      n,
      delta((i) => tidOf(cols, lo + i)),
      'sv',
    ),
    column(
      n,
      delta((i) => rpcOf(cols, lo + i)),
      'sv',
    ),
    column(
      n,
      byKind((i) => argOf(cols, lo + i), kind),
      'sv',
    ),
    column(
      n,
      byKind((i) => cols.ret[lo + i], kind),
      'sv',
    ),
    column(n, (i) => cols.ipc[lo + i], 'u8'),
    column(n, (i) => cols.flags[lo + i], 'u8'),
  ];
}

/** @param {Columns} cols @param {number} lo @param {number} n */
function execChunk(cols, lo, n) {
  const { start, dur } = cols;
  let end = start[lo];
  const gaps = column(
    n,
    (i) => {
      const gap = start[lo + i] - end;
      end = start[lo + i] + dur[lo + i];
      return gap;
    },
    'sv',
  );
  return { raw: join([gaps, column(n, (i) => dur[lo + i], 'uv'), ...sharedColumns(cols, lo, n)]), first: start[lo], last: end };
}

/** @param {Columns} cols @param {number} lo @param {number} n */
function auxChunk(cols, lo, n) {
  const { start, dur } = cols;
  const cpu = /** @type {Int16Array} */ (cols.cpu);
  let [first, last] = [Infinity, 0];
  for (let i = lo; i < lo + n; i++) {
    first = Math.min(first, start[i]);
    last = Math.max(last, start[i] + dur[i]);
  }
  const raw = join([
    column(
      n,
      delta((i) => start[lo + i] + dur[lo + i]),
      'sv',
    ),
    column(n, (i) => dur[lo + i], 'uv'),
    column(
      n,
      delta((i) => cpu[lo + i]),
      'sv',
    ),
    ...sharedColumns(cols, lo, n),
  ]);
  return { raw, first, last };
}

/** Start and length of pieces of at most `most`. @param {number} lo @param {number} hi @param {number} [most] */
function* pieces(lo, hi, most = SIZES.chunk_records) {
  for (let at = lo; at < hi; at += most) yield { at, n: Math.min(most, hi - at) };
}

/**
 * The chunks of a trace in file order. Execution spans must be in order of time on each CPU.
 * @param {Pick<import('./payload.js').RawTrace, 'kinds'|'exec'|'cpus'|'aux'>} trace @returns {Generator<Unpacked>}
 */
export function* traceChunks({ kinds, exec, cpus, aux }) {
  const text = new TextEncoder();
  const names = [...new Set(kinds.map((k) => k.name))];
  const nameIndex = new Map(names.map((name, i) => [name, i]));
  yield { fields: { kind: 'names', count: names.length, first: 0, last: 0 }, raw: text.encode(JSON.stringify(names)) };
  yield {
    fields: { kind: 'kinds', count: kinds.length, first: 0, last: 0 },
    raw: join([column(kinds.length, (i) => kinds[i].event, 'sv'), column(kinds.length, (i) => nameIndex.get(kinds[i].name) ?? 0, 'uv')]),
  };
  for (const { cpu, lo, hi } of cpus) {
    for (const { at, n } of pieces(lo, hi)) {
      const { raw, first, last } = execChunk(exec, at, n);
      yield { fields: { kind: 'exec', cpu, count: n, first, last }, raw };
    }
  }
  for (const { at, n } of pieces(0, aux.n)) {
    const { raw, first, last } = auxChunk(aux, at, n);
    yield { fields: { kind: 'aux', count: n, first, last }, raw };
  }
}

/** The description of a page. @param {Record<string, any>} header @param {import('./payload.js').Diagnostic[]} diagnostics @param {Chunk[]} chunks */
export function describe(header, diagnostics, chunks) {
  const exec = chunks.filter((c) => c.kind === 'exec');
  return {
    ...header,
    format: FORMAT,
    version: VERSION,
    diagnostics,
    firstTick: exec.reduce((t, c) => Math.min(t, c.first), exec[0]?.first ?? 0),
    lastTick: exec.reduce((t, c) => Math.max(t, c.last), 0),
    chunks,
  };
}

/** A description as it stands in a page: no name can end the element. @param {object} meta */
export const metaText = (meta) => JSON.stringify(meta).replaceAll('<', '\\u003c');
