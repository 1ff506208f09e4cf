// SPDX-License-Identifier: BSD-3-Clause
// Whatever a file looks like, four times as much of it takes the page's readers at most about four times the steps. Steps are counted, not
// timed: how often each block of the viewer's sources ran. The shapes are those of tests/linear_test.cc that a page can be given, and its own.
import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { deflateSync, gzipSync } from 'node:zlib';
import { compileQuery } from '../search/compile-query.js';
import { parseQuery } from '../search/query.js';
import { notesOf } from '../state/notes.js';
import { decodeState } from '../state/url-state.js';
import { viewsOf } from '../state/views.js';
import { textOf } from '../../test/encode-payload.mjs';
import { hello } from '../../test/samples.mjs';
import { createJob } from './load-job.js';
import { documentOfFile } from './open-files.js';

// Optimised code does not count.
setFlagsFromString('--no-opt');
setFlagsFromString('--no-sparkplug');
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** How often blocks of the viewer's sources ran while this did. @param {() => unknown} run */
async function steps(run) {
  await session.post('Profiler.takePreciseCoverage'); // counts begin anew
  await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let sum = 0;
  for (const { url, functions } of result)
    if (url.includes('/viewer/src/') && !url.endsWith('.test.mjs')) for (const { ranges } of functions) for (const { count } of ranges) sum += count;
  return sum;
}

/** @param {string|Buffer} bytes */
const open = (bytes) =>
  new Promise((resolve) => {
    const job = createJob(
      (reply) => {
        if (reply.type === 'model' || reply.type === 'error') resolve(reply);
      },
      () => {},
    );
    job({ type: 'file', file: new Blob([bytes]) });
  });
const asDocument = (bytes) => documentOfFile(new File([bytes], 'f')).catch(() => {});

const JSON_HEAD = '{"tracebase":"2026-01-01_00:00:00",\n"events":[';
const JSON_END = '\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, ""]]}\n';
const repeat = (n, piece) => Array.from({ length: n }, (_, i) => piece(i)).join('');
const record = (i, pid, name) => `[${1 + i / 1000}, 0.0001, 0, ${pid}, 0, ${65536 + pid}, 0, 0, 0, "${name}"],\n`;

/** A page of chunks of these kinds. @param {{kind: string, count: number, raw: Buffer}[]} chunks */
function pageOf(chunks) {
  const packed = chunks.map(({ raw }) => deflateSync(raw, { level: 1 }));
  let offset = 0;
  const list = chunks.map(({ kind, count, raw }, i) => {
    const chunk = { kind, cpu: 1, count, first: 0, last: 1000, offset, size: packed[i].length, raw: raw.length };
    offset += packed[i].length;
    return chunk;
  });
  const meta = JSON.stringify({ format: 'kutrace-payload', version: 3, nsPerTick: 25.5, chunks: list });
  return `<html><script id="kutrace-meta" type="application/json">${meta}</script><script id="kutrace-data">${textOf(Buffer.concat(packed))}</script></html>`;
}
const column = (bytes) => {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  return Buffer.concat([size, bytes]);
};

/** Many kinds, and chunks that use one of them each. @param {number} n */
const pageOfKinds = (n) =>
  pageOf([
    { kind: 'names', count: 2, raw: Buffer.from('["","x"]') },
    { kind: 'kinds', count: n, raw: Buffer.concat([column(Buffer.alloc(4 * n)), column(Buffer.alloc(4 * n))]) },
    ...Array.from({ length: n }, () => ({ kind: 'exec', count: 1, raw: Buffer.concat(Array.from({ length: 9 }, () => column(Buffer.alloc(1)))) })),
  ]);

const MODEL = hello();

/** @type {[string, number, (n: number) => string|Buffer, ((bytes: any) => unknown)?][]} */
const SHAPES = [
  ['bad records on one line', 4000, (n) => JSON_HEAD + '[a], '.repeat(n) + JSON_END],
  ['bad records without a comma', 4000, (n) => `${JSON_HEAD}${'[a '.repeat(n)}\n`],
  ['open brackets', 4000, (n) => `{${'"a":[[], ['.repeat(n)}`],
  ['open brackets on lines', 4000, (n) => `{${'"a":[\n'.repeat(n)}`],
  ['quotes that do not end', 4000, (n) => `{${'"a\\"], ['.repeat(n)}`],
  ['values of quotes', 4000, (n) => `{${'"a":["b\\", '.repeat(n)}`],
  ['nested lists behind the records', 4000, (n) => `${JSON_HEAD}${record(0, 5, 'x')}[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, ""]],"a":${'['.repeat(n)}`],
  ['members and no records', 4000, (n) => `{${repeat(n, (i) => `"m${i}":{"a":[1,2]},`)}"events":[${JSON_END}`],
  ['names that need care', 2000, (n) => JSON_HEAD + repeat(n, (i) => record(i, 5, `\\u00e9${i}`)) + JSON_END],
  ['a thread each', 2000, (n) => JSON_HEAD + repeat(n, (i) => record(i, 100 + i, 't')) + JSON_END],
  ['records that overlap', 2000, (n) => JSON_HEAD + repeat(n, (i) => `[${1 + i / 1e6}, 5.0, 0, 7, 0, 65543, 0, 0, 0, "x"],\n`) + JSON_END],
  ['one long name', 20000, (n) => JSON_HEAD + record(0, 5, 'n'.repeat(n)) + JSON_END],
  ['compressed', 4000, (n) => gzipSync(JSON_HEAD + repeat(n, (i) => record(i, 5, 'x')) + JSON_END)],
  ['gzip members', 200, (n) => Buffer.concat(Array.from({ length: n }, (_, i) => gzipSync(record(i, 5, 'x'))))],
  ['beginnings of gzip members', 4000, (n) => Buffer.concat([gzipSync(JSON_HEAD), Buffer.from('1f8b080000000000020a'.repeat(n), 'hex')])],
  ['a page of kinds and chunks', 100, pageOfKinds],
  ['a page of scripts', 2000, (n) => `<html>${'<script id="kutrace-meta" type="application/json">{}'.repeat(n)}`],
  ['a page of ends', 4000, (n) => `<html><script id="kutrace-data">${'</script'.repeat(n)}`],
  ['a document of brackets', 4000, (n) => `{"points":${'['.repeat(n)}`, asDocument],
  ['a document of points', 4000, (n) => `{"points":[${'[1,2],'.repeat(n)}[1,2]]}`, asDocument],
  ['a query of words', 1000, (n) => 'cpu:1 '.repeat(n), (text) => compileQuery(MODEL, text)],
  ['a query of brackets', 1000, (n) => '('.repeat(n), (text) => parseQuery(text)],
  ['a query of quotes', 1000, (n) => '"a '.repeat(n), (text) => parseQuery(text)],
  ['an address', 2000, (n) => '#v=1&' + 'sel=exec~5&a=%41&'.repeat(n), (text) => decodeState(text, MODEL)],
  [
    'notes',
    1000,
    (n) => JSON.stringify(Array.from({ length: n }, (_, i) => [i, 1e-8, 0, 0, 0, -4, 0, 0, 0, 'x'])),
    (text) => notesOf(JSON.parse(text), 10),
  ],
  ['views', 1000, (n) => JSON.stringify(Array.from({ length: n }, (_, i) => ({ hash: `a=${i}` }))), (text) => viewsOf(JSON.parse(text), MODEL)],
];

for (const [name, n, make, run = open] of SHAPES) {
  test(`${name}: four times as much, four times the steps`, async () => {
    const tried = async (size) => {
      const input = make(size);
      return steps(async () => {
        try {
          await run(input);
        } catch (e) {
          if (!(e instanceof Error) || e instanceof RangeError || e instanceof TypeError) throw e;
        }
      });
    };
    await tried(n); // what is made once and kept
    const [one, four] = [await tried(n), await tried(4 * n)];
    console.log(`# ${name}: ${one} -> ${four} steps`);
    assert.ok(one > 0, 'nothing is counted');
    assert.ok(four <= 4 * 1.25 * one + 20000, `${one} steps, and of four times as much ${four}`);
  });
}
