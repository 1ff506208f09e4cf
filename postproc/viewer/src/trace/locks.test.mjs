// SPDX-License-Identifier: BSD-3-Clause
// One model of locks: rows, search, statistics, states and details answer alike, and no list of holders is cut.
import assert from 'node:assert/strict';
import test from 'node:test';
import { coveredTime, heldDuring, LocksJob, lockBook, lockRows, triedDuring } from './locks.js';
import { lockLines, percent } from '../words/lock-words.js';
import { prepareAll } from './model.js';
import { relationLines } from '../words/relations.js';
import { runSearch } from '../search/search.js';
import { StatsJob } from '../search/statistics.js';
import { StatesJob } from '../search/thread-states.js';
import { overLines } from '../draw/over/kinds.js';
import { traceOf } from '../../test/samples.mjs';

const HELD = 0x282;
const TRY = 0x283;
const lock = (t, dur, tid, event, arg, name) => [t, dur, -1, tid, 0, event, arg, 0, 0, `${event === HELD ? '=' : '~'}${name}`];

/**
 * Lock 7, "big": held by 10 (1.0 to 1.3, 1.4 to 1.5) and 11 (1.3 to 1.35); 12 tries from 1.1 to 1.5, of which it sleeps 0.1 s, is ready
 * 0.05 s, runs 0.25 s. Lock 8, "small": held by 11, nobody tries. 13 sleeps for a lock that nothing tells of, for 0.6 s.
 */
const scene = () => {
  const m = traceOf([
    [1.0, 1.0, 0, 10, 0, 65546, 0, 0, 0, 'a.10'],
    [1.0, 0.1, 1, 12, 0, 65548, 0, 0, 0, 'c.12'],
    [1.1, 0.15, 1, 11, 0, 65547, 0, 0, 0, 'b.11'],
    [1.25, 0.75, 1, 12, 0, 65548, 0, 0, 0, 'c.12'],
    [1.0, 0.2, 2, 13, 0, 65549, 0, 0, 0, 'd.13'],
    [1.2, 0.6, 2, 0, 0, 65536, 0, 0, 0, '-idle-'],
    [1.8, 0.2, 2, 13, 0, 65549, 0, 0, 0, 'd.13'],
    lock(1.0, 0.3, 10, HELD, 7, 'big'),
    lock(1.1, 0.4, 12, TRY, 7, 'big'),
    [1.1, 0.1, -1, 12, 0, 0x30b, 0, 0, 0, 'wait_lock'],
    [1.2, 0.05, -1, 12, 0, 0x302, 0, 0, 0, 'wait_cpu'],
    [1.2, 0.6, -1, 13, 0, 0x30b, 0, 0, 0, 'wait_lock'],
    lock(1.3, 0.05, 11, HELD, 7, 'big'),
    lock(1.4, 0.1, 10, HELD, 7, 'big'),
    lock(1.6, 0.2, 11, HELD, 8, 'small'),
    [1.6, 0.00000001, 1, 11, 0, 0x211, 8, 0, 0, 'acq_small'],
    [1.9, 0.00000001, 1, 11, 0, 0x211, 8, 0, 0, 'acq_small'],
  ]);
  prepareAll(m);
  return m;
};
const S = 1e8; // ticks of 10 ns
const recordOf = (m, event, tid, arg) =>
  [...Array(m.aux.n).keys()].find(
    (r) => m.kinds[m.aux.kind[r]].event === event && m.aux.pid[r] === tid && (arg === undefined || m.aux.arg[r] === arg),
  );

test('who held the lock during a try: every holder with its share, and the share of nobody', () => {
  const m = scene();
  const found = heldDuring(m, recordOf(m, TRY, 12));
  assert.deepEqual(
    found.holders.map((h) => [h.tid, h.time / S, h.count, h.longest / S]),
    [
      [10, 0.3, 2, 0.3],
      [11, 0.05, 1, 0.05],
    ],
  );
  assert.equal(found.free / S, 0.05);
  assert.equal(found.count, 3);
  const text = lockLines(m, recordOf(m, TRY, 12)).map((l) => `${l.label}: ${l.text}`);
  assert.deepEqual(text, [
    'Meanwhile it was: running 250.0 ms, ready 50.00 ms, blocked: lock 100.0 ms',
    'Held by: a (10): 300.0 ms in 2 holds, 75.0 % of the try; longest 300.0 ms',
    'Held by: b (11): 50.00 ms in 1 hold, 12.5 % of the try; longest 50.00 ms',
    'Held by nobody: 50.00 ms, 12.5 % of the try',
    'List: all 3 holds meanwhile',
  ]);
  const list = lockLines(m, recordOf(m, TRY, 12)).at(-1);
  assert.equal(runSearch(m, list.query).count, 3, list.query);
});

test('who tried during a hold, and a hold that nobody waited for', () => {
  const m = scene();
  assert.equal(triedDuring(m, recordOf(m, HELD, 11, 8)).count, 0);
  assert.deepEqual(
    lockLines(m, recordOf(m, HELD, 11, 8)).map((l) => l.text),
    ['nobody'],
  );
  assert.deepEqual(
    lockLines(m, recordOf(m, HELD, 10, 7)).map((l) => l.text),
    ['c (12): 200.0 ms in 1 try, 66.7 % of the hold; longest 400.0 ms', 'all 1 try meanwhile'],
  );
});

test('a thousand holders: the first are named, the others counted with their time, and all of them can be listed', () => {
  const holds = Array.from({ length: 1000 }, (_, i) => lock(1.1 + i * 0.0004, 0.0003, 100 + i, HELD, 7, 'big'));
  const m = traceOf([[1.0, 1.0, 0, 12, 0, 65548, 0, 0, 0, 'c.12'], lock(1.1, 0.4, 12, TRY, 7, 'big'), ...holds]);
  prepareAll(m);
  const lines = lockLines(m, recordOf(m, TRY, 12));
  assert.ok(
    lines.some((l) => l.text === '988 more threads: 296.4 ms in 988 holds'),
    lines.map((l) => l.text).join('\n'),
  );
  assert.ok(lines.some((l) => l.label === 'Held by nobody' && l.text === '100.0 ms, 25.0 % of the try'));
  assert.equal(runSearch(m, lines.at(-1).query).count, 1000);
});

test('holds that overlap are said to, and those without a length are counted', () => {
  const m = traceOf([
    lock(1.0, 0.4, 12, TRY, 7, 'big'),
    lock(1.0, 0.2, 10, HELD, 7, 'big'),
    lock(1.1, 0.2, 11, HELD, 7, 'big'),
    ...[1.0, 1.1, 1.35].map((t) => [t, 0.00000001, 0, 10, 0, 0x211, 7, 0, 0, 'acq_big']),
    [0.9, 1, 0, 10, 0, 65546, 0, 0, 0, 'a.10'],
  ]);
  prepareAll(m);
  const text = lockLines(m, recordOf(m, TRY, 12)).map((l) => `${l.label}: ${l.text}`);
  assert.ok(text.includes('Held by several: holds overlap by 100.0 ms: readers, or records that raced'), text.join('\n'));
  assert.ok(text.includes('Not counted: 1 hold of this lock without a record of its length, in the whole trace'));
  assert.ok(text.includes('Held by nobody: 100.0 ms, 25.0 % of the try'));
});

test('the longest wait for a lock is one figure: search, statistics, states and the table of locks', () => {
  const m = scene();
  const whole = { t0: m.t0, t1: m.t1 };
  const search = runSearch(m, 'wait:lock');
  assert.equal(search.count, 2, 'the try, and the sleep without one');
  assert.equal(search.max / S, 0.6);
  const stats = new StatsJob(m, whole, { of: 'wait', by: 'reason' });
  stats.step(() => 0, 1);
  const row = stats.made.rows.find((r) => r.label === 'lock');
  assert.deepEqual([row.count, row.max / S, row.total / S], [2, 0.6, 1.0]);
  const states = new StatesJob(m, whole);
  states.step(() => 0, 1);
  assert.deepEqual(
    states.rows.map((s) => [s.key, s.lockWaits, s.longestLock / S]),
    [
      [10, 0, 0],
      [11, 0, 0],
      [12, 1, 0.4],
      [13, 1, 0.6],
    ],
  );
  assert.equal(search.total, row.total);
  assert.deepEqual([...lockBook(m).waits].map((r) => m.aux.dur[r] / S).sort(), [0.4, 0.6]);
  assert.deepEqual(
    lockRows(m, whole).map((r) => [r.lock.name, r.tries, r.longestTry / S, r.worst, r.waiters.length, r.holds, r.held / S, r.holders.length]),
    [
      ['big', 1, 0.4, recordOf(m, TRY, 12), 1, 3, 0.45, 2],
      ['small', 0, 0, -1, 0, 1, 0.2, 1],
    ],
  );
  assert.equal(lockBook(m).byKey.get(8).unseen, 1);
});

test('a part of the time: totals are clipped, the longest are whole', () => {
  const m = scene();
  const [big] = lockRows(m, { t0: 1.2 * S, t1: 1.3 * S });
  assert.deepEqual([big.tries, big.waited / S, big.longestTry / S, big.holds, big.held / S], [1, 0.1, 0.4, 1, 0.1]);
  assert.equal(coveredTime(m, big.lock.holds, { t0: 1.2 * S, t1: 1.3 * S }) / S, 0.1);
  const job = new LocksJob(m, m);
  job.step(() => 1, 0);
  assert.deepEqual([job.done, job.share], [false, 0.5], 'a lock at a time');
  assert.deepEqual(lockRows(m, { t0: 1.9 * S, t1: 2 * S }), []);
});

test('details of a try and of the sleep inside it name the lock and lead to each other', () => {
  const m = scene();
  const t = recordOf(m, TRY, 12);
  assert.equal(overLines(m, t).find((l) => l.label === 'Lock').text, 'big (number 7)');
  const part = relationLines(m, { cols: 'aux', record: recordOf(m, 0x30b, 12) }).find((l) => l.label === 'Part of a try');
  assert.deepEqual([part.text, part.link.record], ['of big, 400.0 ms in all', t]);
  assert.equal(
    relationLines(m, { cols: 'aux', record: recordOf(m, 0x30b, 13) }).find((l) => l.label === 'Part of a try'),
    undefined,
  );
});

test('shares: nothing is shown as none, and little as less than the last digit', () => {
  assert.deepEqual([percent(0, 10), percent(1, 1e6), percent(1, 3), percent(1, 0)], ['0.0 %', '<0.1 %', '33.3 %', '0.0 %']);
});
