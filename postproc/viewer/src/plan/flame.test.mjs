// SPDX-License-Identifier: BSD-3-Clause
// The graph of a profile: boxes tile their caller, narrow ones share one box and are counted, keys lead from frame to frame, text finds frames.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce } from '../kit/slices.js';
import { Profile } from '../search/profile.js';
import { flameBoxes, flameMatches, flameNames, flameStep } from './flame.js';
import { rpc, traceOf } from '../../test/samples.mjs';

const all = { t0: -Infinity, t1: Infinity, tid: -1 };
const counted = (model, of = 'running', by = 'thread') => atOnce(new Profile(model, of, by, all).count());
/** Thread 7 is in read for 6 of 10 ms, 2 of them in an interrupt inside it; thread 8 runs for 30 ms. */
const small = () =>
  counted(
    traceOf([
      [1.0, 0.004, 0, 7, 0, 65543, 0, 0, 0, 'a.7'],
      [1.004, 0.002, 0, 7, 0, 0x800, 3, 0, 0, 'read'],
      [1.006, 0.002, 0, 7, 0, 0x505, 0, 0, 0, 'eth0'],
      [1.008, 0.002, 0, 7, 0, 0x800, 3, 0, 0, 'read'],
      [1.01, 0.03, 0, 8, 0, 65544, 0, 0, 0, 'b.8'],
    ]),
  );
const named = (p, boxes) => boxes.map((b) => [p.name(p.nodes[b.node].frame), Math.round(b.x), Math.round(b.w), b.depth]);

test('boxes are as wide as their time, the widest first, callers above', () => {
  const p = small();
  assert.deepEqual(
    named(p, flameBoxes(p, -1, 400)).sort((a, b) => a[3] - b[3] || a[1] - b[1]),
    [
      ['b.8', 0, 300, 0],
      ['a.7', 300, 100, 0],
      ['user code', 0, 300, 1],
      ['read', 300, 60, 1],
      ['user code', 360, 40, 1],
      ['eth0', 300, 20, 2],
    ],
  );
});

test('inside a frame it has the whole width, and its callers stand above', () => {
  const p = small();
  const read = p.nodes.findIndex((n) => p.name(n.frame) === 'read');
  assert.deepEqual(named(p, flameBoxes(p, read, 300)), [
    ['a.7', 0, 300, 0],
    ['read', 0, 300, 1],
    ['eth0', 0, 100, 2],
  ]);
});

test('nothing is cut silently: narrow frames share a box that counts them, and boxes add up', () => {
  const p = counted(rpc());
  const boxes = flameBoxes(p, -1, 300);
  assert.equal(
    boxes.filter((b) => b.depth === 0).reduce((sum, b) => sum + b.ns, 0),
    p.total,
  );
  const top = boxes.filter((b) => b.depth === 0);
  assert.ok(top.some((b) => b.more > 0));
  assert.equal(
    top.reduce((sum, b) => sum + Math.max(1, b.more), 0),
    p.roots.filter((i) => p.nodes[i].ns > 0).length,
  );
});

test('keys lead to callers, to what they called, and along a row', () => {
  const p = small();
  const boxes = flameBoxes(p, -1, 400);
  const name = (i) => p.name(p.nodes[i].frame);
  const first = flameStep(boxes, -1, 'ArrowDown');
  assert.equal(name(first), 'b.8');
  const right = flameStep(boxes, first, 'ArrowRight');
  assert.equal(name(right), 'a.7');
  const down = flameStep(boxes, right, 'ArrowDown');
  assert.equal(name(down), 'read');
  assert.equal(flameStep(boxes, down, 'ArrowUp'), right);
  assert.equal(flameStep(boxes, first, 'ArrowLeft'), first);
});

test('text finds frames; the outermost of them are added up once; names add up to all', () => {
  const p = small();
  const { found, ns } = flameMatches(p, 'E');
  assert.equal(found.size, 4); // read, eth0, user code of both threads
  assert.equal(ns, 40e6);
  const names = flameNames(p);
  assert.equal(
    names.reduce((sum, r) => sum + r.own, 0),
    p.total,
  );
  assert.equal(names.find((r) => r.name === 'read').total, 6e6);
});
