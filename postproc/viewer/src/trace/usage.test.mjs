// SPDX-License-Identifier: BSD-3-Clause
// Cells of what CPUs use: from tick to tick, none where ticks were skipped or samples are off.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceOf } from '../../test/samples.mjs';
import { firstCell, heightOf, usageOf, usedUntil } from './usage.js';

const [ON, TICK, SKIPPED, OFF, FAULTS, PAGES, MODEL] = [0x230, 0x231, 0x232, 0x233, 0x254, 0x256, 0x26f];
const AGAIN = 0x40000000;
const at = (us, event, arg) => [1 + us / 1e6, 0.00000001, 0, 41, 0, event, arg, 0, 0, 'x'];
const user = [1.0, 0.01, 0, 41, 0, 65536 + 41, 0, 0, 0, 'prog.41'];
const cells = (...events) => {
  const usage = usageOf(traceOf([user, ...events]));
  const { n, value, t0, t1 } = usage.rows.get(0);
  return { usage, n, values: [...value.subarray(0, n)], lengths: [...t1.subarray(0, n)].map((t, i) => Math.round((t - t0[i]) / 100)) };
};

test('a cell has what was used from tick to tick, zero where it was nothing', () => {
  const { usage, values, lengths } = cells(
    at(0, ON, 1e6),
    at(400, FAULTS, 3),
    at(1000, FAULTS, 4),
    at(1000.1, TICK, 100),
    at(2000.1, TICK, 200),
    at(2500, FAULTS, 9),
    at(2600, OFF, 0),
  );
  assert.deepEqual(values, [7, 0]);
  assert.deepEqual(lengths, [1000, 1000]);
  assert.equal(usage.quantity.word, 'faults');
  assert.equal(usage.most, 7);
});

test('where ticks were skipped is a gap, and what is said again begins nothing', () => {
  const { values } = cells(
    at(0, ON, 1e6),
    at(900, FAULTS, 1),
    at(1000, TICK, 0),
    at(1000.1, ON, 1e6 | AGAIN),
    at(37000, FAULTS, 5),
    at(38000, SKIPPED, 36),
    at(38000.1, TICK, 36e6),
    at(38500, FAULTS, 2),
    at(39000, TICK, 0),
  );
  assert.deepEqual(values, [1, 2]);
});

test('a model is preferred, since who has it looks for it; a trace without samples has no cells', () => {
  const { usage, values } = cells(at(0, ON, 1e6), at(10, PAGES, 1), at(20, MODEL, -1), at(21, MODEL, 2), at(1000, TICK, 0));
  assert.equal(usage.quantity.source, 'model');
  assert.deepEqual(values, [4294967297]);
  assert.equal(usageOf(traceOf([user])), null);
});

test('heights go from nothing to all, in both scales, and cells are found by time', () => {
  const { usage } = cells(at(0, ON, 1e6), at(10, FAULTS, 100), at(1000, TICK, 0), at(1010, FAULTS, 10), at(2000, TICK, 0));
  for (const linear of [true, false]) assert.deepEqual([heightOf(usage, 0, linear), heightOf(usage, 100, linear)], [0, 1]);
  assert.equal(heightOf(usage, 10, true), 0.1);
  assert.ok(heightOf(usage, 10, false) > 0.5);
  const row = usage.rows.get(0);
  assert.equal(firstCell(row, 0), 0);
  assert.equal(firstCell(row, row.t1[0]), 1);
  assert.equal(firstCell(row, 1e18), 2);
});

test('the tick tells all that was used in its cell', () => {
  const model = traceOf([
    user,
    at(0, ON, 1e6),
    at(10, FAULTS, 3),
    at(20, PAGES, 4),
    at(30, FAULTS, 2),
    at(1000, TICK, 0),
    at(1500, FAULTS, 8),
    at(2000, TICK, 0),
  ]);
  const { tick } = usageOf(model).rows.get(0);
  assert.deepEqual([...usedUntil(model, tick[0])].sort(), [
    [FAULTS, 5],
    [PAGES, 4],
  ]);
  assert.deepEqual([...usedUntil(model, tick[1])], [[FAULTS, 8]]);
});
