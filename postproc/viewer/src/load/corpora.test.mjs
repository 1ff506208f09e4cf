// SPDX-License-Identifier: BSD-3-Clause
// The inputs that the programs' fuzz targets begin with, and damaged copies of them, in front of every reader of the page: each gives a
// trace, a document or a message of ours, never an exception of JavaScript. The same on every machine: the damage follows from a seed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { PayloadError } from '../format/payload.js';
import { parseQuery } from '../search/query.js';
import { compileQuery } from '../search/compile-query.js';
import { notesOf } from '../state/notes.js';
import { decodeState } from '../state/url-state.js';
import { viewsOf } from '../state/views.js';
import { visibleTexts } from '../kit/visible.js';
import { textOf } from '../../test/encode-payload.mjs';
import { hello } from '../../test/samples.mjs';
import { random } from '../../test/synthetic.mjs';
import { createJob } from './load-job.js';
import { documentOfFile } from './open-files.js';

const CORPUS = new URL('../../../../tests/fuzz/corpus/', import.meta.url);
/** Damaged copies of each input. */
const COPIES = 12;

/** @param {string} target */
const inputsOf = (target) =>
  readdirSync(new URL(`${target}/`, CORPUS)).map((name) => ({ name, bytes: readFileSync(new URL(`${target}/${name}`, CORPUS)) }));

/** A copy with bits turned, a part lost or a part twice. @param {Buffer} bytes @param {() => number} rnd */
function damaged(bytes, rnd) {
  const place = () => Math.floor(rnd() * bytes.length);
  const [from, to] = [place(), place()].sort((a, b) => a - b);
  switch (Math.floor(rnd() * 4)) {
    case 0:
      return bytes.subarray(0, to);
    case 1:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
    default: {
      const copy = Buffer.from(bytes);
      for (let i = 0; i < 8 && copy.length > 0; i++) copy[place()] ^= 1 << Math.floor(rnd() * 8);
      return copy;
    }
  }
}

/** A page of chunks, which are compressed here: no damage finds a valid checksum. @param {object[]} chunks @param {Buffer[]} raws */
function pageOf(chunks, raws) {
  const packed = raws.map((raw) => deflateSync(raw, { level: 1 }));
  let offset = 0;
  const list = chunks.map((c, i) => {
    const chunk = { first: 0, last: 1000, ...c, offset, size: packed[i].length, raw: raws[i].length };
    offset += packed[i].length;
    return chunk;
  });
  const meta = JSON.stringify({ format: 'kutrace-payload', version: 3, nsPerTick: 25.5, chunks: list });
  return `<html><script id="kutrace-meta" type="application/json">${meta}</script><script id="kutrace-data">${textOf(Buffer.concat(packed))}</script></html>`;
}

/** As tests/support/made_page.cc lays out its pieces: kind, count, size, columns. @param {Buffer} bytes */
function pageOfPieces(bytes) {
  const [chunks, raws] = [[], []];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = Math.min(bytes.readUInt16LE(at + 2), bytes.length - at - 4);
    chunks.push({ kind: ['names', 'kinds', 'exec', 'aux'][bytes[at] & 3], cpu: 1, count: (bytes[at] >> 2) | (bytes[at + 1] << 6) });
    raws.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return pageOf(chunks, raws);
}

/** Parts of a document, between zeros, behind a table of kinds. @param {Buffer} bytes */
function pageOfDocument(bytes) {
  const parts = bytes.toString('latin1').split('\0');
  const documents = parts.map(() => ({ kind: 'document', document: 0, count: 1 }));
  return pageOf(
    [{ kind: 'names', count: 1 }, { kind: 'kinds', count: 0 }, ...documents],
    [Buffer.from('["x"]'), Buffer.alloc(8), ...parts.map((p) => Buffer.from(p, 'latin1'))],
  );
}

/** What a file comes to in the page. @param {string|Buffer} content */
const opened = (content) =>
  new Promise((resolve) => {
    const job = createJob(
      (reply) => (reply.type === 'model' || reply.type === 'error') && resolve(reply),
      () => {},
    );
    job({ type: 'file', file: new Blob([content]) });
  });

const MAKE = {
  page: (bytes) => (bytes[0] === 0 ? Buffer.concat([Buffer.from('<'), bytes.subarray(1)]) : pageOfPieces(bytes.subarray(1))),
  documents: (bytes) => (bytes[0] === 1 ? bytes.subarray(1) : pageOfDocument(bytes)),
};

for (const target of ['span_json', 'side_document', 'page', 'documents', 'event_text', 'input', 'raw']) {
  test(`what is opened: ${target}`, async () => {
    const rnd = random(13);
    const make = MAKE[target] ?? ((bytes) => bytes);
    let traces = 0;
    for (const { name, bytes } of inputsOf(target)) {
      for (let copy = 0; copy <= COPIES; copy++) {
        const content = make(copy === 0 ? bytes : damaged(bytes, rnd));
        const reply = await opened(content);
        assert.ok(reply.type === 'model' || reply.known, `${name}, copy ${copy}: ${reply.message}`);
        if (reply.type === 'model') traces++;
        try {
          await documentOfFile(new File([content], name));
        } catch (e) {
          assert.ok(e instanceof PayloadError, `${name}, copy ${copy}, as a document: ${e.stack}`);
        }
      }
    }
    if (MAKE[target] || target === 'span_json') assert.ok(traces > 0, 'none of it is a trace');
  });
}

test('headers whose values are not what they should be', async () => {
  const events = '"events":[[1.0, 0.5, 0, 7, 0, 65543, 0, 0, 0, "x"],[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, ""]]';
  const depth = 50000;
  for (const odd of [
    '{"toString":1,"valueOf":2}',
    `${'['.repeat(depth)}${']'.repeat(depth)}`,
    `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    '1e999',
    '[]',
    'null',
  ]) {
    const header = ['title', 'tracebase', 'hostName', 'cpuModelName', 'presorted', 'extra', 'savedview', 'findings']
      .map((key) => `"${key}":${odd}`)
      .join();
    const { model, message } = /** @type {any} */ (await opened(`{${header},${events}}`));
    assert.ok(model, `${odd.slice(0, 40)}: ${message}`);
    for (const key of ['title', 'tracebase', 'hostName']) assert.equal(typeof String(model.meta[key]), 'string');
    notesOf(model.meta.extra, 10);
    viewsOf(model.meta.savedview, model);
    const page = pageOf([], []).replace('"nsPerTick":25.5', () => `"nsPerTick":10,${header},"diagnostics":${odd}`);
    const reply = await opened(page);
    assert.ok(reply.type === 'model' || reply.known, reply.message);
    for (const doc of [
      `{${header},"points":[[1,2],[3,${odd}]]}`,
      `{${header},"gbs":${odd},"deltaT23":${odd},"events":[[1,2,3,4,${odd},"b",1,2,3,4,${odd},"m","s",5,${odd}]]}`,
    ]) {
      const { data } = /** @type {any} */ (await documentOfFile(new File([doc], 'd.json')));
      assert.equal(typeof data.title, 'string');
    }
  }
});

test('what is kept and shared: addresses, views, notes, queries', () => {
  const rnd = random(17);
  const model = hello();
  const address = Buffer.from('#v=1&w=100~2000&open=cpu,pid&q=a%20b%2Fc&rows.pid=h41,p37&sel=exec~5&notes=1&labelled=exec~7');
  const texts = [address, ...inputsOf('span_json').map((f) => f.bytes), ...inputsOf('side_document').map((f) => f.bytes)];
  for (const bytes of texts) {
    for (let copy = 0; copy <= COPIES; copy++) {
      const text = (copy === 0 ? bytes : damaged(bytes, rnd)).toString('utf8').slice(0, 2000);
      decodeState(`#${text}`, model);
      parseQuery(text);
      compileQuery(model, text);
    }
  }
  // Whatever JSON can hold, which is what they are read from.
  const odd = JSON.parse(
    `[null, 0, -1, 1e308, 1e999, "", "__proto__", "${'a'.repeat(5000)}", [], [[]], {}, {"__proto__": null}, {"toString": 1, "valueOf": 2}, {"length": 1e9}, true]`,
  );
  const keys = ['name', 'hash', 'window', 't0', 'start', 'text', 'rows', 'version', 'items', 'views', 'x', '0', 'toString'];
  const value = (depth) => {
    if (depth === 0 || rnd() < 0.4) return odd[Math.floor(rnd() * odd.length)];
    if (rnd() < 0.5) return Array.from({ length: Math.floor(rnd() * 12) }, () => value(depth - 1));
    return Object.fromEntries(Array.from({ length: Math.floor(rnd() * 6) }, () => [keys[Math.floor(rnd() * keys.length)], value(depth - 1)]));
  };
  for (let i = 0; i < 3000; i++) {
    const v = visibleTexts(value(3));
    notesOf(v, 10);
    viewsOf(v, model);
  }
});
