// SPDX-License-Identifier: BSD-3-Clause
// A page that the programs wrote, layout and all: it holds the records that they read from it, too (tests/facts_test.cc).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recordsOf } from '../../test/records.mjs';
import { parseMeta } from '../format/payload.js';
import { readPayload } from './trace-reader.js';

const data = (name) => readFileSync(new URL(`../../../../tests/data/${name}`, import.meta.url), 'utf8');
const part = (page, id) => new RegExp(`<script id="${id}"[^>]*>([\\s\\S]*?)</script>`).exec(page)?.[1] ?? '';

test('a page of the programs holds the records that they read from it', async () => {
  const page = data('payload.page.html');
  const trace = await readPayload(parseMeta(part(page, 'kutrace-meta')), part(page, 'kutrace-data'));
  const want = JSON.parse(data('payload.records.json'));
  assert.deepEqual(recordsOf(trace), want.map((r) => JSON.stringify(r)).sort());
});
