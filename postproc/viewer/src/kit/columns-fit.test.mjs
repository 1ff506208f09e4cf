// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsThatFit, readColumns, writeColumns } from './columns-fit.js';

const cols = (...list) => list.map(([width, rank]) => ({ width, rank }));

test('as many columns as fit: the least important go first, what has no rank stays', () => {
  const c = cols([100, 0], [50, 1], [50, 3], [50, 2], [50, 0]);
  assert.deepEqual(columnsThatFit(c, 300), [true, true, true, true, true]);
  assert.deepEqual(columnsThatFit(c, 299), [true, true, false, true, true]);
  assert.deepEqual(columnsThatFit(c, 249), [true, true, false, false, true]);
  assert.deepEqual(columnsThatFit(c, 10), [true, false, false, false, true]);
});

test('chosen columns are kept as their numbers; the first always shows', () => {
  assert.deepEqual(readColumns(writeColumns([true, false, true, false]), 4), [true, false, true, false]);
  assert.deepEqual(readColumns('2', 3), [true, false, true]);
  for (const text of ['', 'x', '1..2', '1.', '-1', '1234']) assert.equal(readColumns(text, 4), null, text);
});
