// SPDX-License-Identifier: BSD-3-Clause
// Kinds of things drawn over spans: each is whole, none takes what is another's, and what is drawn of a record stands in the legend.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hello, rpc } from '../../../test/samples.mjs';
import { kindOfItem, legendOf, OVER_KINDS, overGlyph, overLines } from './kinds.js';

test('categories and items belong to one kind each', () => {
  for (const key of ['categories', 'types']) {
    const all = OVER_KINDS.flatMap((kind) => kind[key]);
    assert.equal(new Set(all).size, all.length, key);
  }
  for (const kind of OVER_KINDS) for (const type of kind.types) assert.equal(kindOfItem({ type }), kind);
});

test('every sign of the legend has an id of its own, and no kind is without one', () => {
  const ids = ['waiting', 'beside', 'behind'].flatMap((section) => legendOf(section).map((entry) => entry.id));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(OVER_KINDS.every((kind) => kind.legend.entries.length > 0));
});

test('every record of a real trace has words of its kind, and a sign that the legend has or that stands beside the kinds', () => {
  const known = new Set([...['waiting', 'beside', 'behind'].flatMap((section) => legendOf(section).map((entry) => entry.id)), 'lost', 'zone']);
  for (const model of [hello(), rpc()]) {
    const seen = new Set();
    for (let record = 0; record < model.aux.n; record++) {
      seen.add(overGlyph(model, record));
      for (const line of overLines(model, record)) assert.ok(line.label !== '' && !/undefined|NaN/.test(line.text), `${line.label}: ${line.text}`);
    }
    assert.deepEqual(
      [...seen].filter((id) => !known.has(id)),
      [],
    );
    assert.ok(seen.size > 5, String([...seen]));
  }
});
