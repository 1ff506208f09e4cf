// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeSv, decodeUv } from './chunk-decode.js';
import { LETTERS } from './base91.js';
import { DataArea, parseMeta, PayloadError } from './payload.js';
import { readPayload, TraceReader } from '../load/trace-reader.js';
import { argOf, rpcOf } from './columns.js';
import { buildModel } from '../trace/model.js';
import { encodePayload, readSpanFile, textOf } from '../../test/encode-payload.mjs';
import { makeTrace } from '../../test/synthetic.mjs';

const data = (name) => fileURLToPath(new URL(`../../test/data/${name}`, import.meta.url));
const read = ({ meta, data: bytes }) => readPayload(parseMeta(JSON.stringify(meta)), textOf(bytes));

// Made by arithmetic on one large number; tests/base91_test.cc has the same.
const BASE91_WORDS = [
  [[], ''],
  [[0], '!!'],
  [[255], 'm#'],
  [[107, 117], '9`$'],
  [[1, 2, 3], "^':!"],
  [[255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], '"~"~"~"~"~"~"~"~'],
  [[107, 117, 116, 114, 97, 99, 101], '9`8[Th@B('],
];

function sameColumns(a, b) {
  assert.equal(a.n, b.n);
  for (let i = 0; i < a.n; i++) {
    for (const key of ['start', 'dur', 'kind', 'pid', 'ret', 'ipc', 'flags']) assert.equal(a[key][i], b[key][i], `${key} of ${i}`);
    assert.equal(a.cpu?.[i], b.cpu?.[i]);
    assert.equal(argOf(a, i), argOf(b, i));
    assert.equal(rpcOf(a, i), rpcOf(b, i));
  }
}

test('numbers: every length of unsigned and zigzag LEB128', () => {
  const out = new Float64Array(4);
  decodeUv(Uint8Array.of(0, 127, 0x80, 0xff, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f), 4, out);
  assert.deepEqual([...out], [0, 127, 128, 2 ** 53 - 1], 'the first bytes of all, then the second of those that have one');
  decodeSv(Uint8Array.of(0, 1, 2, 0xff, 0xff, 0xff, 0xff, 0x0f), 4, out);
  assert.deepEqual([...out], [0, -1, 1, -(2 ** 31)]);
  decodeSv(new Uint8Array(0), 4, out);
  assert.deepEqual([...out], [0, 0, 0, 0]);
});

test('numbers: too few, too many and endless values are errors', () => {
  const out = new Float64Array(2);
  assert.throws(() => decodeUv(Uint8Array.of(1), 2, out), PayloadError);
  assert.throws(() => decodeUv(Uint8Array.of(1, 2, 3), 2, out), PayloadError);
  assert.throws(() => decodeUv(Uint8Array.of(1, 0x80), 2, out), PayloadError);
  assert.throws(() => decodeUv(new Uint8Array(20).fill(0xff), 2, out), PayloadError);
  assert.throws(() => decodeUv(new Uint8Array(40).fill(0xff), 2, out), PayloadError);
});

test('bytes as text: known words, every length, every byte, and no letter that means something in HTML', () => {
  for (const [bytes, text] of BASE91_WORDS) {
    assert.equal(textOf(Buffer.from(bytes)), text);
    const area = new DataArea();
    area.add(text);
    area.end();
    assert.deepEqual([...area.bytes.subarray(0, area.size)], bytes);
  }
  for (let length = 0; length < 70; length++) {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 89 + length * 7 + 255) & 255));
    const area = new DataArea();
    area.add(textOf(bytes));
    area.end();
    assert.deepEqual(Buffer.from(area.bytes.subarray(0, area.size)), bytes, `length ${length}`);
    assert.deepEqual(area.bad, []);
  }
  assert.equal(LETTERS.length, 91);
  assert.doesNotMatch(LETTERS, /[&<>\s]/);
});

test('the data area takes text in pieces of any length, and knows what is damaged', () => {
  const bytes = Buffer.from(Array.from({ length: 50 }, (_, i) => i * 5));
  const text = textOf(bytes);
  for (let step = 1; step <= text.length; step++) {
    const area = new DataArea();
    for (let at = 0; at < text.length; at += step) area.add(`${text.slice(at, at + step)}\n`);
    area.end();
    assert.deepEqual(Buffer.from(area.slice(0, 50)), bytes);
    assert.throws(() => area.slice(40, 20), PayloadError);
  }
  const area = new DataArea();
  area.add(text.slice(0, 20));
  area.add(`&<é~~~${text.slice(26, 40)}`);
  area.add(text.slice(40));
  area.end();
  assert.deepEqual(Buffer.from(area.slice(0, 13)), bytes.subarray(0, 13));
  assert.deepEqual(Buffer.from(area.slice(26, 24)), bytes.subarray(26));
  assert.throws(() => area.slice(10, 10), /damaged/);
});

test('a trace is read while its text is still coming, and the coarse picture grows to the whole', async () => {
  const trace = makeTrace({ spans: 300000, aux: 3000, cpus: 2 });
  const { meta, data: bytes } = encodePayload(trace);
  const text = textOf(bytes);
  const steps = [];
  let began = () => {};
  const first = new Promise((resolve) => {
    began = resolve;
  });
  const reader = new TraceReader(parseMeta(JSON.stringify(meta)), (done, _total, coarse) => {
    steps.push({ done, sum: coarse.sums.reduce((a, b) => a + b) });
    began();
  });
  const result = reader.read();
  const half = Math.floor(text.length / 2);
  reader.add(text.slice(0, half));
  await first;
  assert.ok(steps.at(-1).done < 300000, 'some chunks are read before the rest has come');
  reader.add(text.slice(half));
  reader.end();
  const raw = await result;
  assert.equal(raw.exec.n, 300000);
  const all = trace.exec.dur.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(steps.at(-1).sum - all) < all * 1e-9);
  assert.ok(steps.every((s, i) => i === 0 || s.sum >= steps[i - 1].sum));
});

test('what a lost chunk held is said: its CPU and time', async () => {
  const { meta, data: bytes } = encodePayload(makeTrace({ spans: 300000, cpus: 2 }));
  const bad = meta.chunks.filter((c) => c.kind === 'exec')[1];
  bytes[bad.offset + (bad.size >> 1)] ^= 0x55;
  const model = buildModel(await read({ meta, data: bytes }));
  assert.deepEqual(
    model.gaps.map(({ cpu, t0, t1, count }) => ({ cpu, t0, t1, count })),
    [{ cpu: bad.cpu, t0: bad.first, t1: bad.last, count: bad.count }],
  );
  for (const row of model.rows.cpu) for (let i = row.lo + 1; i < row.lo + row.n; i++) assert.ok(model.exec.start[i] >= model.exec.start[i - 1]);
});

for (const name of ['hello.span.json.gz', 'rpc.span.json.gz']) {
  test(`${name} survives the round trip`, async () => {
    const trace = readSpanFile(data(name));
    const back = await read(encodePayload(trace));
    assert.deepEqual(back.kinds, trace.kinds);
    assert.deepEqual(back.cpus, trace.cpus);
    sameColumns(back.exec, trace.exec);
    sameColumns(back.aux, trace.aux);
    assert.deepEqual(back.diagnostics, []);
  });
}

test('large values and flags survive the round trip', async () => {
  const trace = makeTrace({ spans: 150000, aux: 70000, cpus: 1, firstThread: 4000000 });
  trace.exec.flags[7] = 1;
  trace.exec.arg[9] = 0;
  trace.exec.wideArg.set(9, 2 ** 45);
  const back = await read(encodePayload(trace));
  sameColumns(back.exec, trace.exec);
  sameColumns(back.aux, trace.aux);
});

test('a damaged chunk is dropped, counted, and the rest is shown', async () => {
  const { meta, data: bytes } = encodePayload(makeTrace({ spans: 200000, cpus: 2 }));
  const bad = meta.chunks.filter((c) => c.kind === 'exec')[1];
  bytes[bad.offset + (bad.size >> 1)] ^= 0x55;
  const raw = await read({ meta, data: bytes });
  assert.equal(raw.exec.n, 200000 - bad.count);
  const note = raw.diagnostics.find((d) => d.id === 'viewer.chunks');
  assert.equal(note.severity, 'damage');
  assert.equal(note.count, bad.count);
  assert.equal(buildModel(raw).exec.n, raw.exec.n);
});

test('cut text keeps the chunks before the cut', async () => {
  const { meta, data: bytes } = encodePayload(makeTrace({ spans: 200000, cpus: 2 }));
  const text = textOf(bytes);
  const raw = await readPayload(meta, text.slice(0, Math.floor(text.length * 0.6)));
  assert.ok(raw.exec.n > 0 && raw.exec.n < 200000);
  assert.equal(raw.diagnostics.length, 1);
});

test('every single changed byte of a small payload gives a result or a PayloadError', async () => {
  const { meta, data: bytes } = encodePayload(makeTrace({ spans: 40, aux: 12, threads: 3, cpus: 2 }));
  for (let i = 0; i < bytes.length; i += 7) {
    const copy = Buffer.from(bytes);
    copy[i] ^= 0xff;
    try {
      buildModel(await read({ meta, data: copy }));
    } catch (e) {
      assert.ok(e instanceof PayloadError, `${i}: ${e.stack}`);
    }
  }
});

test('impossible descriptions are refused or dropped', async () => {
  assert.throws(() => parseMeta('{"format":'), PayloadError);
  assert.throws(() => parseMeta('null'), PayloadError);
  assert.throws(() => parseMeta('{"format":"kutrace-payload","version":1}'), /version 1/);
  const { meta, data: bytes } = encodePayload(makeTrace({ spans: 100, cpus: 1 }));
  for (const change of [
    { count: 70000 },
    { count: -1 },
    { raw: 2 ** 40 },
    { offset: 1e15 },
    { size: 'x' },
    { count: 99 },
    { count: 101 },
    { raw: 5 },
  ]) {
    const copy = structuredClone(meta);
    Object.assign(
      copy.chunks.find((c) => c.kind === 'exec'),
      change,
    );
    const raw = await read({ meta: copy, data: bytes });
    assert.equal(raw.exec.n, 0, JSON.stringify(change));
    assert.equal(raw.diagnostics[0].severity, 'damage');
  }
});

test('records that compress to next to nothing are read', async () => {
  const trace = makeTrace({ spans: 200000, cpus: 1 });
  for (let i = 0; i < 200000; i++) {
    trace.exec.start[i] = 1000 + i;
    for (const key of ['dur', 'pid']) trace.exec[key][i] = 1;
    for (const key of ['kind', 'arg', 'ret', 'ipc']) trace.exec[key][i] = 0;
  }
  const payload = encodePayload(trace);
  assert.ok(payload.data.length < 200000 / 64);
  assert.equal((await read(payload)).exec.n, 200000);
});

test('lost names leave the spans', async () => {
  const { meta, data: bytes } = encodePayload(makeTrace({ spans: 100, cpus: 1 }));
  bytes[meta.chunks.find((c) => c.kind === 'names').offset + 5] ^= 0xff;
  const raw = await read({ meta, data: bytes });
  assert.equal(raw.exec.n, 100);
  assert.ok(raw.diagnostics.some((d) => d.id === 'viewer.names'));
});
