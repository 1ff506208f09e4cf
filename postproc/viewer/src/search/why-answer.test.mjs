// SPDX-License-Identifier: BSD-3-Clause
// The page's answers to "why was this slow" are those of `kutrace why`, in every part, sum, step and word; what can be asked of a selection.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { assertSameAnswers } from '../../test/why-agreement.mjs';
import { WHY_CAUSES } from '../format/why-tables.js';
import { atOnce } from '../kit/slices.js';
import { LOOKED_AT } from '../plan/why-look.js';
import { kinWords, leadWords } from '../words/why-summary.js';
import { WhyWords } from '../words/why-words.js';
import { onPage, run, skip, tests } from '../../test/programs.mjs';
import { traceOf } from '../../test/samples.mjs';
import { answerOf, lifeOf, recordsOf, subjectsOf } from './why-answer.js';

const TRACES = [
  ...['hello', 'rpc', 'locks'].map((name) => `${name}.trace.gz`),
  ...['convoy', 'inversion', 'lock', 'lost', 'none', 'peer', 'preempt'].map((name) => `why/seeded/${name}.trace.gz`),
];

for (const name of TRACES) {
  test(`${name}: the page answers what kutrace why does`, { skip }, async () => {
    const file = path.join(tests, 'data', name);
    await onPage(file, (_, model) => assertSameAnswers(model, JSON.parse(run('why', file, '--json', '--slowest', '60'))));
  });
}

/** Thread 41 holds a lock over a sleep, which 42 tries for; both in the RPC 7. */
const locked = () =>
  traceOf([
    [1.0, 0.001, 0, 42, 0, 65536 + 42, 0, 0, 0, 'try.42'],
    [1.0, 0, 0, 42, 0, 0x201, 7, 0, 0, 'read.7'],
    [1.0005, 0, 0, 42, 0, 0x210, 9, 0, 0, 'try_big'],
    [1.001, 0.004, -1, 42, 0, 0x30b, 0, 0, 0, 'wait_lock'],
    [1.001, 0.003, 0, 0, 0, 65536, 0, 0, 0, '-idle-'],
    [1.004, 0.0005, 0, 41, 0, 65536 + 41, 0, 0, 0, 'hold.41'],
    [1.0045, 0.0005, 0, 41, 0, 0x800 + 202, 0, 0, 0, 'futex'],
    [0.9995, 0, 0, 41, 0, 0x211, 9, 0, 0, 'acq_big'],
    [0.9995, 0.0005, 0, 41, 0, 65536 + 41, 0, 0, 0, 'hold.41'],
    [1.0, 0.004, -1, 41, 0, 0x313, 0, 0, 0, 'wait_time'],
    [1.0048, 0, 0, 41, 0, 0x212, 9, 0, 0, 'rel_big'],
    [1.005, 0, 0, 41, 0, 0x206, 42, 0, 0, 'runnable.42'],
    [1.005, 0.001, 0, 42, 0, 65536 + 42, 0, 0, 0, 'try.42'],
    [1.0055, 0, 0, 42, 0, 0x211, 9, 0, 0, 'acq_big'],
    [1.006, 0, 0, 42, 0, 0x202, 7, 0, 0, 'read.7'],
  ]);
const recordNamed = (model, cols, name) => ({ cols, record: [...model[cols].kind].findIndex((k) => model.kinds[k].name === name) });

test('of a span one can ask its RPC and its thread; of a wait the wait first; of what is idle nothing', () => {
  const model = locked();
  const records = atOnce(recordsOf(model));
  const wait = recordNamed(model, 'aux', 'wait_lock');
  assert.deepEqual(Object.keys(subjectsOf(records, wait, null)), ['wait', 'rpc', 'life']);
  const { t0 } = model;
  const asked = subjectsOf(records, recordNamed(model, 'exec', 'try.42'), { t0, t1: t0 + 100000 });
  assert.deepEqual(Object.keys(asked), ['rpc', 'range', 'life']);
  assert.equal(asked.rpc.rpc, 7);
  assert.equal(asked.range.to, t0 + 100000);
  assert.deepEqual(subjectsOf(records, recordNamed(model, 'exec', '-idle-'), null), {});
});

test('the holder of a lock leads, and what it waited for; parts add up to the RPC', () => {
  const model = locked();
  const records = atOnce(recordsOf(model));
  const { rpc } = subjectsOf(records, recordNamed(model, 'aux', 'wait_lock'), null);
  const answer = atOnce(answerOf(records, rpc));
  assert.equal(answer.elapsed, 6e6);
  assert.equal(
    answer.sums.reduce((sum, s) => sum + s.ns, 0),
    6e6,
  );
  assert.deepEqual([answer.named.cause, answer.named.object], ['lock', 'big']);
  assert.equal(new WhyWords(records, answer.path).actors(answer.named), 'held by hold.41');
  assert.match(leadWords(answer), /^Cause: waiting for lock big \(held by hold\.41\): /);
  assert.equal(kinWords(answer), 'Of 1 RPCs read of try: too few to say what is usual.');
});

test('what a name of the trace holds is never taken for a place in a sentence', () => {
  const model = traceOf([
    [1.0, 0.001, 0, 42, 0, 65536 + 42, 0, 0, 0, '{name}.42'],
    [1.001, 0.002, -1, 42, 0, 0x313, 0, 0, 0, 'wait_time'],
    [1.001, 0.002, 0, 0, 0, 65536, 0, 0, 0, '-idle-'],
    [1.003, 0, 0, 41, 0, 0x206, 42, 0, 0, 'runnable.42'],
    [1.003, 0.001, 0, 41, 0, 65536 + 41, 0, 0, 0, '{actor}$&.41'],
    [1.004, 0.001, 0, 42, 0, 65536 + 42, 0, 0, 0, '{name}.42'],
  ]);
  const records = atOnce(recordsOf(model));
  const { path } = atOnce(answerOf(records, lifeOf(records, 42)));
  const words = new WhyWords(records, path);
  assert.equal(words.link(path.links[1]), '{name}.42 waited until {actor}$&.41 woke it from its own code');
});

test('every cause has a look of its own', () => {
  assert.deepEqual([...LOOKED_AT].sort(), WHY_CAUSES.map((c) => c.id).sort());
});
