// SPDX-License-Identifier: BSD-3-Clause
// Files of every kind that people open: what a page can read comes as text, what it cannot is named, with what to do instead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FILE_KINDS, LIMITS } from '../format/tables.js';
import { createJob } from './load-job.js';
import { FileText, fileKind } from './file-text.js';
import { documentOfFile } from './open-files.js';

const JSON_TEXT =
  '{"tracebase":"2026-01-01_00:00:00","title":"café",\n"events":[\n[1.0, 0.5, 0, 7, 0, 65543, 0, 0, 0, "x"],\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, ""]]}\n';

async function read(bytes) {
  const file = new FileText(new Blob([bytes]));
  let text = '';
  for await (const piece of file.pieces()) text += piece;
  return { text, findings: file.findings };
}

/** What opening a file comes to: a model or an error. */
const opened = (bytes) =>
  new Promise((resolve) => {
    const job = createJob(
      (reply) => {
        if (reply.type === 'model') resolve(reply.model);
        if (reply.type === 'error') resolve(reply);
      },
      () => {},
    );
    job({ type: 'file', file: new Blob([bytes]) });
  });

/** Bytes that begin as a kind does. */
function sample({ offset, magic }) {
  const bytes = Buffer.alloc(600, 0x41);
  Buffer.from(magic.replaceAll('??', '41').replaceAll('?', '4'), 'hex').copy(bytes, offset);
  return bytes;
}

for (const kind of FILE_KINDS) {
  test(`${kind.words} (${kind.id})`, async () => {
    assert.equal(fileKind(sample(kind)), kind);
    if (kind.how === 'mark') return;
    const words = (e) => e.message.includes(kind.words) && e.message.includes(kind.remedy);
    if (kind.id !== 'gzip') await assert.rejects(read(sample(kind)), words);
    await assert.rejects(read(gzipSync(sample(kind))), (e) => words(e) && e.message.includes('inside gzip data'));
    const reply = await opened(gzipSync(sample(kind)));
    assert.ok(reply.known && words(reply), reply.message);
    assert.equal(await documentOfFile(new File([sample(kind)], 'f')), null, 'it is left to what says so');
  });
}

test('text with a mark, compressed or not', async () => {
  for (const bytes of [JSON_TEXT, `\ufeff${JSON_TEXT}`, gzipSync(JSON_TEXT), gzipSync(`\ufeff${JSON_TEXT}`)]) {
    assert.deepEqual(await read(bytes), { text: JSON_TEXT, findings: [] });
    const model = await opened(bytes);
    assert.equal(model.meta.title, 'café');
    assert.deepEqual(model.diagnostics, []);
  }
});

test('UTF-16 without a mark, a raw trace and event text are told from JSON', async () => {
  assert.match((await opened(Buffer.from(JSON_TEXT, 'utf16le'))).message, /is UTF-16 text/);
  assert.match((await opened(Buffer.from('78563412785634120090a1b2c3d40603', 'hex'))).message, /raw trace.*kutrace report/);
  assert.match((await opened('# ## VERSION: 3\n')).message, /event text.*kutrace report/);
  assert.match((await opened('')).message, /not a span JSON/);
  assert.match((await opened('<!doctype html><p>x')).message, /does not hold a kutrace trace/);
});

test('of damaged gzip data what came before is used, and that is told', async () => {
  const long = JSON_TEXT.replace('[1.0', `${'[0.25, 0.5, 0, 7, 0, 65543, 0, 0, 0, "y"],\n'.repeat(60000)}[1.0`);
  const whole = gzipSync(long);
  for (const bytes of [whole.subarray(0, -9), Buffer.concat([whole, Buffer.from('other bytes')])]) {
    const model = await opened(bytes);
    assert.ok(model.exec?.n > 0, model.message);
    assert.equal(model.diagnostics.find((d) => d.id === 'damaged_stream')?.severity, 'damage');
  }
  assert.match((await opened(whole.subarray(0, 12))).message, /damaged before anything/);
  await assert.rejects(documentOfFile(new File([gzipSync('{"points":[[1,2]]}').subarray(0, -9)], 'plot.json.gz')).then(assert.ok));
});

test('a small file inflates to no more than its limit', async () => {
  const bomb = gzipSync(Buffer.alloc(LIMITS.inflated.base + (64 << 20), 0x20), { level: 9 });
  let [letters, pieces] = [0, 0];
  const file = new FileText(new Blob([bomb]));
  for await (const piece of file.pieces()) {
    letters += piece.length;
    pieces++;
  }
  assert.equal(letters, LIMITS.inflated.base + LIMITS.inflated.perByte * bomb.length);
  assert.ok(pieces > 10);
  assert.deepEqual(file.findings, ['limit_reached']);
});
