// SPDX-License-Identifier: BSD-3-Clause
// Sentences about waits: each is made from records of a small scene, and says nothing that they do not.
import assert from 'node:assert/strict';
import test from 'node:test';
import { waitFor, WAIT_LETTERS } from '../format/events.js';
import { prepareAll } from '../trace/model.js';
import { relationLines } from './relations.js';
import { idleWords, numberWords, ranOn, waitSentence, wakerWords, wokenBy } from './wait-words.js';
import { rpc as loadRpc, traceOf } from '../../test/samples.mjs';

const IDLE = 65536;
const idle = (t, dur, cpu) => [t, dur, cpu, 0, 0, IDLE, 0, 0, 0, '-idle-'];
const user = (t, dur, cpu, tid, name) => [t, dur, cpu, tid, 0, IDLE + tid, 0, 0, 0, `${name}.${tid}`];
const wakeup = (t, dur, cpu, tid, toCpu, to) => [t, dur, cpu, tid, 0, -3, toCpu, to, 0, '-wakeup-'];
const wait = (t, dur, tid, letter) => [t, dur, -1, tid, 0, 0x300 + letter.charCodeAt(0) - 97, 0, 0, 0, `wait_${letter}`];

/**
 * Thread 42 sleeps in futex on CPU 1 from 1.0 to 1.2; 41 exits on CPU 0 and wakes it; 43 runs on CPU 1 until 1.3, when 42 runs there.
 * CPU 2 is idle all the time, CPU 3 from 1.25 on; before, thread 0 and an interrupt.
 */
const scene = () => {
  const m = traceOf([
    user(0.9, 0.3, 0, 41, 'main'),
    [1.2, 0.2, 0, 41, 0, 0x8e7, 0, 0, 0, 'exit_group'],
    [0.9, 0.1, 1, 42, 0, 0x8ca, 5, 0, 0, 'futex'],
    [0.99, 0.01, 1, 42, 0, 0xdff, 0, 0, 0, '-sched-'],
    user(1.0, 0.3, 1, 43, 'other'),
    [1.3, 0.1, 1, 42, 0, 0x8ca, 5, 0, 0, 'futex'],
    idle(0.9, 0.5, 2),
    [1.2, 0.02, 3, 0, 0, 0x5ec, 0, 0, 0, 'timer'],
    [1.22, 0.03, 3, 0, 0, 0xdff, 0, 0, 0, '-sched-'],
    idle(1.25, 0.15, 3),
    wait(1.0, 0.2, 42, 'l'),
    wakeup(1.2, 0.1, 0, 41, 1, 42),
    wait(1.2, 0.1, 42, 'c'),
  ]);
  m.exec.dur[[...m.exec.kind].findIndex((k) => m.kinds[k].name === 'futex')] = 0.09 * 1e8;
  prepareAll(m);
  return m;
};
const waitOf = (m, event) => [...Array(m.aux.n).keys()].find((r) => m.kinds[m.aux.kind[r]].event === event);
const lines = (m, r) => relationLines(m, { cols: 'aux', record: r }).map((l) => `${l.label}: ${l.text}`);

test('a wait has its waker and what the thread was doing: a futex ended by an exit', () => {
  const m = scene();
  const text = lines(m, waitOf(m, 0x30b));
  assert.deepEqual(text.slice(0, 3), ['Waits for: a lock', 'Was in: futex', 'Woken by: main (41) on CPU 0 in exit_group']);
  assert.equal(
    waitSentence(m, waitOf(m, 0x30b), 'The caller', 0.2 * 1e8),
    'The caller waited 200.0 ms in futex for a lock, woken by main (41) on CPU 0 in exit_group.',
  );
});

test('ready: which CPUs were idle, and who ran where the thread then ran', () => {
  const m = scene();
  const r = waitOf(m, 0x302);
  assert.deepEqual(lines(m, r).slice(0, 5), [
    'Waits for: a CPU (ready to run)',
    'Was in: futex',
    'Woken by: main (41) on CPU 0 in exit_group',
    'Idle meanwhile: CPU 2 was idle all of it, CPU 3 was idle for 50.00 ms of it',
    'CPU 1 meanwhile: other (43) 100.0 ms (where it ran before and after)',
  ]);
  assert.equal(ranOn(m, 3, { t0: 1.2e8, t1: 1.3e8 }), 'idle 50.00 ms, kernel work of the idle thread 30.00 ms, interrupts 20.00 ms');
  assert.match(
    waitSentence(m, r, 'It', 0.1 * 1e8),
    /^It was ready for 100\.0 ms, woken by main \(41\) on CPU 0 in exit_group; CPU 2 was idle all of it/,
  );
});

test('no CPU idle, many idle, and CPUs in runs', () => {
  const m = traceOf([
    ...[0, 1, 2, 3, 4, 5].map((c) => idle(1, 1, c)),
    user(1, 1, 6, 9, 'x'),
    ...[7, 8, 9, 10, 11].map((c) => idle(1, 0.5 + c / 1000, c)),
  ]);
  const w = { t0: 1e8, t1: 2e8 };
  assert.equal(
    idleWords(m, w),
    'CPUs 0-5 were idle all of it, CPU 11 was idle for 511.0 ms of it, CPU 10 was idle for 510.0 ms of it, CPU 9 was idle for 509.0 ms of it, 2 more for 508.0 ms of it or less',
  );
  assert.equal(idleWords(traceOf([user(1, 1, 0, 9, 'x')]), w), 'no CPU was idle in it');
  assert.deepEqual([numberWords([0, 2, 3, 5, 6, 7, 9]), numberWords([]), numberWords([4])], ['0, 2, 3, 5-7, 9', '', '4']);
});

test('an interrupt is named with what it came on top of, never its thread as the waker', () => {
  const m = traceOf([
    user(1.0, 0.1, 0, 41, 'main'),
    [1.1, 0.05, 0, 41, 0, 0x801, 3, 0, 0, 'write'],
    [1.15, 0.05, 0, 41, 0, 0x5ff, 3, 0, 0, 'BH:rx'],
    [1.2, 0.1, 0, 41, 0, 0x801, 0, 0, 0, 'write'],
    idle(1.0, 0.1, 1),
    [1.1, 0.1, 1, 0, 0, 0x5ec, 0, 0, 0, 'timer'],
    idle(1.2, 0.1, 1),
    wakeup(1.16, 0.1, 0, 41, 1, 50),
    wakeup(1.17, 0.1, 1, 0, 1, 51),
    wakeup(1.05, 0.1, 0, 41, 1, 52),
  ]);
  prepareAll(m);
  const texts = [...m.wakeups.index].map((r) => wakerWords(m, r).text);
  assert.deepEqual(texts.sort(), [
    'BH:rx on CPU 0, while main (41) was in write',
    'main (41) on CPU 0 in its own code',
    'timer on CPU 1, while it was idle',
  ]);
});

test('no wakeup recorded: a ready thread is said to be taken as ready, a sleeper is not explained', () => {
  const m = traceOf([
    user(1, 0.1, 0, 42, 'x'),
    user(1.5, 0.1, 0, 42, 'x'),
    wait(1.1, 0.4, 42, 'c'),
    wait(2, 1, 42, 'z'),
    wait(3, 1, 42, 'n'),
    user(1, 3, 1, 43, 'y'),
  ]);
  prepareAll(m);
  assert.match(wokenBy(m, waitOf(m, 0x302)).text, /^no wakeup is recorded: taken as ready all along/);
  assert.equal(wokenBy(m, waitOf(m, 0x319)).text, 'no wakeup is recorded');
  assert.equal(wokenBy(m, waitOf(m, 0x30d)).text, 'nobody: it lasts to the end of the trace');
  assert.equal(waitSentence(m, waitOf(m, 0x30d), 'It', 1e8), 'It waited 1.000 s in its own code for the network, to the end of the trace.');
  assert.equal(
    waitSentence(m, waitOf(m, 0x319), 'It', 1e8),
    'It waited 1.000 s in its own code for a reason that is not recorded; no wakeup is recorded.',
  );
});

test('every idle CPU that is named in the rpc trace was idle, to the tick', () => {
  const m = loadRpc();
  prepareAll(m);
  let named = 0;
  for (let r = 0; r < m.aux.n; r++) {
    if (m.kinds[m.aux.kind[r]].event !== 0x302) continue;
    const w = { t0: m.aux.start[r], t1: m.aux.start[r] + m.aux.dur[r] };
    const said = /CPUs? ([\d, -]+) (?:was|were) idle all of it/.exec(idleWords(m, w));
    const all = m.rows.cpu.filter((row) => {
      let time = 0;
      for (let i = row.lo; i < row.lo + row.n; i++)
        if (m.kinds[m.exec.kind[i]].event === IDLE)
          time += Math.max(0, Math.min(w.t1, m.exec.start[i] + m.exec.dur[i]) - Math.max(w.t0, m.exec.start[i]));
      return time === w.t1 - w.t0;
    });
    assert.equal(said?.[1] ?? '', numberWords(all.map((row) => row.key)));
    if (all.length > 0) named++;
  }
  assert.ok(named > 100, `${named} of the waits for a CPU had an idle one beside it`);
});

test('each reason of a wait reads after "for"', () => {
  for (const c of WAIT_LETTERS) assert.match(`waits for ${waitFor(0x300 + c.charCodeAt(0) - 97)}`, /^waits for (a |an |the |another |memory)/, c);
});
