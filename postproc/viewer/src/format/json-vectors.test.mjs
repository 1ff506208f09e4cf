// SPDX-License-Identifier: BSD-3-Clause
// Damaged span JSON: the reader keeps and counts what the list says, which the programs' tests run too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recordsOf } from '../../test/records.mjs';
import { damagedMembers } from './damaged-json.js';
import { parseSpanJson } from './span-json.js';

const all = JSON.parse(readFileSync(new URL('../../../../tests/data/span_json.vectors.json', import.meta.url), 'utf8'));

for (const v of all.vectors) {
  test(`damaged span JSON: ${v.name}`, () => {
    let text = (v.before ?? all.before) + v.list + (v.after ?? all.after);
    for (const key of ['A', 'B', 'END']) text = text.replaceAll(`$${key}`, () => all[key]);
    if (v.refused) {
      assert.throws(() => parseSpanJson(text));
      return;
    }
    const trace = parseSpanJson(text);
    const want = v.records.map((r) => JSON.stringify(typeof r === 'string' ? all.records[r] : r)).sort();
    assert.deepEqual(recordsOf(trace), want);
    const count = (severity) => trace.diagnostics.filter((d) => d.severity === severity).reduce((n, d) => n + d.count, 0);
    assert.equal(count('damage'), v.damage, JSON.stringify(trace.diagnostics));
    assert.equal(count('repair'), v.repairs ?? 0);
    assert.equal(trace.meta.title, v.title ?? 't');
  });
}

// Shapes of tests/linear_test.cc: each begins what has no end again and again.
for (const piece of ['"a":[[], [', '"a":[\n', '"a\\"], [', '"a":["b\\", ', '"a":"\n', '"a":{"b":[', ',x', '"a":x,', '"a":1,']) {
  test(`damage costs as many steps as it has letters: ${JSON.stringify(piece)}`, () => {
    const looked = (n) => damagedMembers(`{${piece.repeat(n)}`).looked;
    const [one, four] = [looked(5000), looked(20000)];
    assert.ok(four <= 4.5 * one + 2e6, `${one} letters, of four times as much ${four}`);
    assert.ok(four <= 2200 * 20000, `${four} letters`);
  });
}
