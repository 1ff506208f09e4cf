// SPDX-License-Identifier: BSD-3-Clause
// Files of every format version that was ever given out stay readable: those of tests/data/formats that the page opens, against the facts that the
// programs' tests read them by, too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toNs } from '../trace/time.js';
import { createJob } from './load-job.js';

const folder = new URL('../../../../tests/data/formats/', import.meta.url);
const facts = readFileSync(new URL('facts.txt', folder), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' '));
const opened = facts.filter(([name]) => /\.(json|html)\.gz$/.test(name));

/** What the page makes of a file. @returns {Promise<any>} */
const load = (name) =>
  new Promise((resolve, reject) => {
    const job = createJob(
      (reply) => {
        if (reply.type === 'model') resolve(reply.model);
        if (reply.type === 'error') reject(new Error(reply.message));
      },
      async () => {},
    );
    job({ type: 'file', file: new Blob([readFileSync(new URL(name, folder))]) });
  });

test('there are files of both kinds', () => {
  assert.ok(opened.length >= 4, String(opened));
});

for (const [name, spans, others, ns] of opened) {
  test(`${name} is read`, async () => {
    const model = await load(name);
    const time = model.exec.dur.reduce((a, b) => a + b, 0);
    assert.deepEqual([model.exec.n, model.aux.n, toNs(model, time)], [spans, others, ns].map(Number));
  });
}
