// SPDX-License-Identifier: BSD-3-Clause
// Pages that were made to take all time or memory: what is read is limited, linear, and what is left out is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { makeColumns, removeRecords } from '../format/columns.js';
import { SIZES } from '../format/tables.js';
import { buildModel } from '../trace/model.js';
import { DataArea, parseMeta } from '../format/payload.js';
import { readPayload } from './trace-reader.js';
import { forEachGap } from '../trace/gaps.js';
import { encodePayload, textOf } from '../../test/encode-payload.mjs';
import { makeTrace, random } from '../../test/synthetic.mjs';

const told = (raw, id) => raw.diagnostics.find((d) => d.id === id);
const reading = ({ meta, data }, change) => {
  const parsed = parseMeta(JSON.stringify(meta));
  change(parsed);
  return readPayload(parsed, textOf(data));
};

test('a chunk that is listed again and again is read once', async () => {
  const payload = encodePayload(makeTrace({ spans: 3000, aux: 30, cpus: 2 }));
  const raw = await reading(payload, (meta) => {
    const exec = meta.chunks.filter((c) => c.kind === 'exec');
    for (let i = 0; i < 20000; i++) meta.chunks.push({ ...exec[0], cpu: i });
  });
  assert.equal(raw.exec.n, 3000);
  assert.ok(told(raw, 'viewer.chunks').count >= 20000 * 1000);
  buildModel(raw);
});

test('a chunk cannot claim more than its bytes can hold', async () => {
  const payload = encodePayload(makeTrace({ spans: 3000, aux: 30, cpus: 2 }));
  const raw = await reading(payload, (meta) => {
    for (const c of meta.chunks) if (c.kind === 'aux') c.raw = 2 ** 28;
  });
  assert.equal(raw.exec.n, 3000);
  assert.equal(raw.aux.n, 0);
  assert.equal(told(raw, 'viewer.chunks').count, 30);
});

test('more CPUs and kinds than there can be are left out', async () => {
  const payload = encodePayload(makeTrace({ spans: 300, cpus: 1 }));
  const raw = await reading(payload, (meta) => {
    for (let i = 1; i <= SIZES.browser_cpus + 10; i++)
      meta.chunks.push({ kind: 'exec', cpu: i, count: 1, first: 0, last: 1, offset: payload.data.length + i, size: 1, raw: 36 });
  });
  assert.equal(raw.exec.n, 300);
  await assert.rejects(
    reading(payload, (meta) => {
      meta.chunks.find((c) => c.kind === 'kinds').count = 2 ** 24;
    }),
    /table of event kinds is damaged/,
  );
});

test('holes are closed in one pass, and every record keeps its own argument', () => {
  const rnd = random(9);
  for (let round = 0; round < 20; round++) {
    const n = 500;
    const cols = makeColumns(n, 1, true);
    for (let i = 0; i < n; i++) {
      cols.start[i] = i;
      if (i % 7 === 0) cols.wideArg.set(i, 2 ** 40 + i);
    }
    const holes = [];
    for (let at = 0; at < n; ) {
      const lo = at + Math.floor(rnd() * 40);
      const hi = Math.min(n, lo + 1 + Math.floor(rnd() * 30));
      if (lo < n) holes.push({ lo, hi });
      at = hi + 1;
    }
    removeRecords(cols, holes);
    const kept = Array.from({ length: n }, (_, i) => i).filter((i) => !holes.some(({ lo, hi }) => i >= lo && i < hi));
    assert.deepEqual([...cols.start.subarray(0, cols.n)], kept);
    for (let i = 0; i < cols.n; i++) assert.equal(cols.wideArg.get(i), kept[i] % 7 === 0 ? 2 ** 40 + kept[i] : undefined);
  }
});

test('damaged text is found wherever it is', () => {
  const bytes = deflateSync(Buffer.alloc(1000, 'x'));
  const text = textOf(Buffer.concat(Array.from({ length: 200 }, () => bytes)));
  const area = new DataArea();
  area.add([...text].map((c, i) => (i % 400 === 200 ? '&' : c)).join(''));
  area.end();
  const plain = (offset, size) => !area.bad.some(([a, b]) => offset < b && offset + size > a);
  for (let at = 0; at + 20 < area.size; at += 7) {
    let whole = true;
    try {
      area.slice(at, 20);
    } catch {
      whole = false;
    }
    assert.equal(whole, plain(at, 20), `at ${at}`);
  }
});

test('of many gaps only those in the window are looked at', () => {
  const gaps = Array.from({ length: 100000 }, (_, i) => ({ cpu: i % 4 === 3 ? -1 : i % 4, t0: i * 10, t1: i * 10 + 5, count: 1, why: '' }));
  const seen = [];
  forEachGap(gaps, 1, 50000, 50100, (gap) => seen.push(gap));
  assert.deepEqual(
    seen,
    gaps.filter((g) => (g.cpu === 1 || g.cpu === -1) && g.t1 >= 50000 && g.t0 < 50100),
  );
});
