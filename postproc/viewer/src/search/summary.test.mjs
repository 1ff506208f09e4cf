// SPDX-License-Identifier: BSD-3-Clause
// The summary against counts over the JSON text itself, made without the viewer's model.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildModel } from '../trace/model.js';
import { SummaryJob } from './summary.js';
import { busyPart, leadWords, missingWords, shareWords, summarySections, summaryText } from '../words/summary-words.js';
import { durationWords, toNs } from '../trace/time.js';
import { readSpanFile } from '../../test/encode-payload.mjs';
import { story, traceOf } from '../../test/samples.mjs';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const FILES = {
  hello: fileOf('../../test/data/hello.span.json.gz'),
  rpc: fileOf('../../test/data/rpc.span.json.gz'),
  locks: fileOf('../../../../tests/data/locks.reference.json.gz'),
};
const RECORD = /^\[ *([\d.]+), *([\d.]+), *(-?\d+), *(-?\d+), *(-?\d+), *(-?\d+), *(-?\d+), *(-?\d+), *(-?\d+), *"(.*)"\]/;
const ticks = (text) => Math.round(Number(text) * 1e8);

/** Records of a file's text: times in ticks of 10 ns. */
function recordsOf(file) {
  const list = [];
  for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
    const [, start, dur, cpu, pid, rpc, event, arg, , , name] = RECORD.exec(line) ?? [];
    if (start === undefined) continue;
    const t0 = ticks(start);
    if (t0 >= 999e8) continue; // the end mark
    list.push({ t0, dur: ticks(dur), cpu: Number(cpu), pid: Number(pid), rpc: Number(rpc), event: Number(event), arg: Number(arg), name });
  }
  return list;
}

const classOf = (event) =>
  event === 65536
    ? 'idle'
    : event > 65536
      ? 'user'
      : event === 0xdff || event === 0x9ff
        ? 'sched'
        : event >= 0x800
          ? 'call'
          : event >= 0x500
            ? 'irq'
            : 'fault';
const CLASSES = ['call', 'irq', 'fault', 'sched', 'other', 'user', 'idle'];
const isSpan = (r) => r.cpu >= 0 && r.event >= 0x400 && r.event !== 131072;
const longest = (list) => list.reduce((a, b) => (b.dur > (a?.dur ?? -1) ? b : a), null);

function summaryOf(model) {
  const job = new SummaryJob(model);
  job.step(() => 0, 1);
  return job.made;
}

for (const [name, file] of Object.entries(FILES)) {
  const records = recordsOf(file);
  const model = buildModel(readSpanFile(file));
  const summary = summaryOf(model);

  test(`${name}: time of each CPU by class`, () => {
    const sums = new Map();
    for (const r of records.filter(isSpan)) {
      const of = sums.get(r.cpu) ?? {};
      of[classOf(r.event)] = (of[classOf(r.event)] ?? 0) + r.dur;
      sums.set(r.cpu, of);
    }
    assert.equal(summary.cpus.length, sums.size);
    for (const { cpu, sums: counted, recorded } of summary.cpus) {
      CLASSES.forEach((c, i) => assert.equal(counted[i], sums.get(cpu)[c] ?? 0, `CPU ${cpu}, ${c}`));
      assert.equal(
        recorded,
        Object.values(sums.get(cpu)).reduce((a, b) => a + b, 0),
      );
    }
    assert.equal(
      summary.all.recorded,
      summary.cpus.reduce((a, c) => a + c.recorded, 0),
    );
  });

  test(`${name}: longest interrupt, ready, try`, () => {
    const irqs = records.filter((r) => isSpan(r) && r.event >= 0x500 && r.event < 0x5ff);
    assert.equal(summary.irq.count, irqs.length);
    assert.equal(summary.irq.time, longest(irqs).dur);
    assert.equal(model.exec.dur[summary.irq.record], longest(irqs).dur);
    const ready = records.filter((r) => r.event === 0x302);
    assert.equal(summary.ready.count, ready.length);
    assert.equal(summary.ready.time, longest(ready).dur);
    assert.equal(model.aux.pid[summary.ready.record], longest(ready).pid);
    const tries = records.filter((r) => r.event === 0x283);
    assert.equal(summary.lock.count, tries.length);
    assert.equal(summary.lock.time, tries.length > 0 ? longest(tries).dur : -1);
    assert.equal(summary.tried, tries.length > 0);
  });

  test(`${name}: RPCs, or parts between marks`, () => {
    // A call: from a thread's request to its response; that of the server lies inside.
    const points = records.filter((r) => (r.event === 0x201 || r.event === 0x202) && (r.arg & 0xffff) !== 0).sort((a, b) => a.t0 - b.t0);
    const open = new Map();
    const sides = [];
    for (const p of points) {
      const key = `${p.arg & 0xffff} ${p.pid}`;
      if (p.event === 0x201 && !open.has(key)) open.set(key, p.t0);
      if (p.event === 0x202 && open.has(key)) {
        sides.push({ rpc: p.arg & 0xffff, t0: open.get(key), t1: p.t0 });
        open.delete(key);
      }
    }
    const calls = sides.filter((s) => !sides.some((o) => o !== s && o.rpc === s.rpc && o.t0 <= s.t0 && o.t1 >= s.t1));
    const elapsed = calls.map((c) => c.t1 - c.t0).sort((a, b) => b - a);
    assert.equal(summary.callCount, calls.length);
    assert.deepEqual(
      summary.calls.map((c) => c.t1 - c.t0),
      elapsed.slice(0, 3),
    );
    if (calls.length > 0) {
      assert.equal(summary.callMedian, elapsed.reverse()[Math.ceil(calls.length / 2) - 1]);
      assert.deepEqual(summary.callWindow, { t0: Math.min(...calls.map((c) => c.t0)), t1: Math.max(...calls.map((c) => c.t1)) });
    }
    const begun = new Map();
    const parts = [];
    for (const m of records.filter((r) => r.event >= 0x20a && r.event <= 0x20c).sort((a, b) => a.t0 - b.t0)) {
      const text = m.name.slice(m.name.indexOf('=') + 1);
      if (!text.startsWith('/')) begun.set(`${m.pid} ${text}`, m.t0);
      else if (begun.has(`${m.pid} ${text.slice(1)}`)) {
        parts.push(m.t0 - begun.get(`${m.pid} ${text.slice(1)}`));
        begun.delete(`${m.pid} ${text.slice(1)}`);
      }
    }
    assert.equal(summary.regionCount, parts.length);
    assert.deepEqual(
      summary.regions.map((r) => r.t1 - r.t0),
      parts.sort((a, b) => b - a).slice(0, 3),
    );
  });

  test(`${name}: in words, with what was counted`, () => {
    const sections = summarySections(model, summary);
    const first = sections[0];
    const longestOfFirst = summary.callCount > 0 ? summary.calls[0].t1 - summary.calls[0].t0 : summary.regions[0].t1 - summary.regions[0].t0;
    assert.equal(first.entries[0].time, longestOfFirst);
    for (const { entries } of sections) for (const e of entries) assert.match(e.why, /^[^ ].*\.$/);
    assert.match(leadWords(model, summary), new RegExp(`^${durationWords(toNs(model, model.t1 - model.t0))}: ${model.rows.pid.length} threads`));
    assert.ok(summaryText(model, summary).includes(first.entries[0].why));
  });
}

test('a call is told by where most of it went', () => {
  const { calls } = summaryOf(buildModel(readSpanFile(FILES.rpc)));
  assert.equal(calls[0].label, 'ping.58512');
  const model = buildModel(readSpanFile(FILES.rpc));
  const [first] = summarySections(model, summaryOf(model));
  assert.equal(first.entries[0].why, 'The caller ran for 13.80 ms, most in write (5.273 ms); the server server4 (53) had it for 675.0 µs.');
  const part = busyPart(model, summaryOf(model));
  assert.ok(part && part.t0 <= calls[0].t0 && part.t1 >= calls[0].t1);
});

test('without RPCs and marks the threads that hurt most are told', () => {
  const model = story();
  const [first] = summarySections(model, summaryOf(model));
  assert.equal(first.title, 'Threads that hurt most');
  assert.deepEqual(
    first.entries.map((e) => e.name),
    ['other (42)'],
  );
  assert.match(first.entries[0].why, /^Ready 14\.00 µs, blocked: disk 11\.00 µs; it ran for 45\.00 µs\.$/);
});

test('traces of nothing have a summary too', () => {
  for (const events of [[], [[1, 0.00001, 0, 41, 0, 65536 + 41, 0, 0, 0, 'prog.41']]]) {
    const model = traceOf(events);
    const summary = summaryOf(model);
    assert.deepEqual(summarySections(model, summary), []);
    assert.match(leadWords(model, summary), /records?\./);
  }
});

test('a sleep for a lock counts where no try is recorded', () => {
  const model = traceOf([
    [1, 0.00001, 0, 41, 0, 65536 + 41, 0, 0, 0, 'prog.41'],
    [1.00001, 0.00002, -1, 41, 0, 768 + 11, 0, 0, 0, 'wait_lock'],
  ]);
  const summary = summaryOf(model);
  assert.equal(summary.tried, false);
  const section = summarySections(model, summary).find((s) => s.title === 'Longest sleep for a lock');
  assert.equal(section?.entries[0].time, 2000);
});

test('what is missing: damage in words, the rest behind it', () => {
  const model = story();
  assert.deepEqual(missingWords(model), { damage: [], behind: '' });
  model.diagnostics.push(
    { id: 'a', severity: 'damage', count: 2, text: 'blocks are unreadable.' },
    { id: 'b', severity: 'repair', count: 3, text: 'x' },
    { id: 'c', severity: 'info', count: 1, text: 'y' },
  );
  assert.deepEqual(missingWords(model), { damage: ['2 blocks are unreadable.'], behind: '3 repairs and 1 note' });
});

test('counted in slices, the summary is the same', () => {
  const model = buildModel(readSpanFile(FILES.rpc));
  const job = new SummaryJob(model);
  let steps = 0;
  while (!job.done) {
    job.step(() => 1, 0); // the time is always up
    steps++;
  }
  assert.ok(steps > 10);
  assert.equal(summaryText(model, job.made), summaryText(model, summaryOf(model)));
});

test('shares: zero is 0.0, what is less than the last digit says so', () => {
  assert.deepEqual([shareWords(0, 5), shareWords(1, 1e6), shareWords(1, 3)], ['0.0', '<0.1', '33.3']);
});
