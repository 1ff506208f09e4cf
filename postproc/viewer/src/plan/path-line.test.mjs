// SPDX-License-Identifier: BSD-3-Clause
// Where the steps of a critical path lie: on rows of threads, and of CPUs while they run; of many in a pixel one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutRows } from './layout.js';
import { pathPieces } from './path-line.js';
import { initialState } from '../state/store.js';
import { story } from '../../test/samples.mjs';

const step = (from, to, tid, cpu, state) => ({ from, to, tid, cpu, state, first: 0, count: 1, link: 0, certainty: 0, records: [] });
const model = story();
const layoutWith = (pid) => layoutRows(model, { ...initialState(), open: { cpu: true, pid, rpc: false } }, { width: 1000, height: 800 });

test('a step that runs lies on its thread and its CPU, one that waits on its thread', () => {
  const steps = [step(0, 10, 41, 0, 'running'), step(10, 30, 42, -1, 'waiting')];
  const pieces = pathPieces(layoutWith(true), (t) => 200 + t * 10, { t0: 0, t1: 30 }, steps);
  assert.deepEqual(
    pieces.map(({ step: i, x0, x1, state, cpu }) => [i, x0, x1, state, cpu !== null]),
    [
      [0, 200, 300, 'running', true],
      [1, 300, 500, 'waiting', false],
    ],
  );
  assert.ok(pieces[0].y < pieces[1].y);
});

test('where rows of threads are closed, what runs lies on its CPU, and what waits nowhere', () => {
  const steps = [step(0, 10, 41, 0, 'running'), step(10, 30, 42, -1, 'waiting')];
  const pieces = pathPieces(layoutWith(false), (t) => 200 + t * 10, { t0: 0, t1: 30 }, steps);
  assert.deepEqual(
    pieces.map((p) => [p.step, p.cpu]),
    [[0, null]],
  );
});

test('steps out of sight make no piece, and many in a pixel make few', () => {
  const many = Array.from({ length: 10000 }, (_, i) => step(i, i + 1, 41, 0, 'running'));
  const layout = layoutWith(true);
  const pieces = pathPieces(layout, (t) => layout.left + t / 100, { t0: 0, t1: 5000 }, many);
  assert.ok(pieces.length > 50 && pieces.length <= 101, String(pieces.length));
  assert.ok(pieces.every((p) => p.step < 5000));
});
