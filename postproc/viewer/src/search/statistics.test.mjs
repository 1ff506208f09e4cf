// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import test from 'node:test';
import { CLASS_COUNT } from '../format/events.js';
import { rpcKey } from '../format/columns.js';
import { sumWindow } from '../trace/aggregate.js';
import { prepareGroup, prepareRow } from '../trace/model.js';
import { escapeRegex } from './query.js';
import { differences, histogram, HISTOGRAM_EDGES, quantile, StatsJob } from './statistics.js';
import { ListJob, SUBJECTS } from './subjects.js';
import { allCalls, callsOf, StatesJob } from './thread-states.js';
import { callWords, stateParts } from '../words/state-words.js';
import { rpcLogOfTrace } from '../tabs/rpc/rpc-trace.js';
import { toNs } from '../trace/time.js';
import { runSearch } from './search.js';
import { cpuOfSpan } from '../trace/lookups.js';
import { hello as loadHello, rpc as loadRpc, story, traceOf } from '../../test/samples.mjs';
import { random } from '../../test/synthetic.mjs';

const hello = loadHello();
const rpc = loadRpc();
const forever = [() => 0, 1];
const statsOf = (m, w, by, more = {}) => {
  const job = new StatsJob(m, w, { of: 'span', by, ...more });
  job.step(...forever);
  return job.made;
};
const windows = (m, n, seed = 7) => {
  const rnd = random(seed);
  return Array.from({ length: n }, () => {
    const t0 = Math.floor(m.t0 + rnd() * (m.t1 - m.t0));
    return { t0, t1: Math.floor(t0 + 1 + rnd() * (m.t1 - t0)) };
  });
};

test('totals of every grouping are the time of the window, to the tick', () => {
  for (const m of [hello, rpc]) {
    for (const w of windows(m, 12)) {
      const sums = new Float64Array(CLASS_COUNT);
      for (const row of m.rows.cpu) {
        const one = new Float64Array(CLASS_COUNT);
        sumWindow(row, m.exec, m.cls, w.t0, w.t1, one);
        one.forEach((v, c) => {
          sums[c] += v;
        });
      }
      const whole = sums.reduce((a, b) => a + b, 0);
      for (const [by] of SUBJECTS.span.by) {
        const s = statsOf(m, w, by);
        assert.equal(s.all.total, whole, by);
        assert.equal(
          s.rows.reduce((a, r) => a + r.total, 0),
          whole,
          by,
        );
        assert.equal(
          s.rows.reduce((a, r) => a + r.count, 0),
          s.all.count,
          by,
        );
      }
    }
  }
});

test('waits by reason: counts and totals of a window are those of a plain scan', () => {
  for (const w of windows(rpc, 8)) {
    const s = statsOf(rpc, w, 'reason', { of: 'wait' });
    const plain = new Map();
    for (let r = 0; r < rpc.aux.n; r++) {
      const { event } = rpc.kinds[rpc.aux.kind[r]];
      const time = Math.min(w.t1, rpc.aux.start[r] + rpc.aux.dur[r]) - Math.max(w.t0, rpc.aux.start[r]);
      if (event < 0x300 || event > 0x31f || rpc.aux.start[r] >= w.t1 || rpc.aux.start[r] + rpc.aux.dur[r] <= w.t0) continue;
      const key = String.fromCharCode(97 + (event & 31));
      const { count = 0, total = 0 } = plain.get(key) ?? {};
      plain.set(key, { count: count + 1, total: total + time });
    }
    assert.deepEqual(
      new Map(s.rows.map((r) => [r.key, { count: r.count, total: r.total }])),
      new Map([...plain].sort(([a], [b]) => plain.get(b).total - plain.get(a).total)),
    );
  }
});

test('counts, means, percentiles and extremes agree with a plain scan', () => {
  const [w] = windows(hello, 1, 3);
  const s = statsOf(hello, w, 'name');
  const row = s.rows.find((r) => r.label === 'page_fault');
  const durations = [];
  for (let r = 0; r < hello.exec.n; r++) {
    const { start, dur, kind } = hello.exec;
    if (hello.kinds[kind[r]].name === 'page_fault' && start[r] < w.t1 && start[r] + dur[r] > w.t0) durations.push(dur[r]);
  }
  durations.sort((a, b) => a - b);
  assert.ok(durations.length > 100);
  assert.equal(row.count, durations.length);
  assert.deepEqual([...row.sorted], durations);
  assert.equal(row.mean, durations.reduce((a, b) => a + b, 0) / durations.length);
  assert.equal(row.p50, durations[Math.ceil(durations.length / 2) - 1]);
  assert.equal(row.p99, durations[Math.ceil(durations.length * 0.99) - 1]);
  assert.deepEqual([row.min, row.max], [durations[0], durations.at(-1)]);
});

test('the query of each row finds the spans it counts', () => {
  const w = { t0: hello.t0, t1: hello.t1 };
  for (const of of ['span', 'wait']) {
    for (const [by] of SUBJECTS[of].by) {
      for (const [and] of [[''], ...SUBJECTS[of].by.filter(([key]) => key !== by)]) {
        for (const row of statsOf(hello, w, by, { of, and }).rows) {
          const { hits, auxHits } = runSearch(hello, row.query);
          const found = of === 'wait' ? auxHits.length : hits.reduce((n, h) => n + h.length, 0);
          assert.equal(found, row.count, `${by} ${and}: ${row.query}`);
        }
      }
    }
  }
});

/** All records of a subject that touch a window, each by its own plain rule. */
function plainRecords(m, of, { t0, t1 }) {
  const { aux, kinds, category } = m;
  const found = [];
  const touches = (start, dur) => start < t1 && start + dur > t0;
  const add = (tid, start, dur) => touches(start, dur) && found.push({ tid, dur, total: Math.min(t1, start + dur) - Math.max(t0, start) });
  for (let r = 0; r < aux.n; r++) {
    const { event } = kinds[aux.kind[r]];
    const is = { try: event === 0x282 && category[r] === 7, hold: event === 0x283 || event === 0x282 ? false : category[r] === 7 }[of];
    if (is) add(aux.pid[r] >>> 0, aux.start[r], aux.dur[r]);
    if (of === 'wakeup' && event === 0x302) {
      const woken = [...m.wakeups.index].some((x) => aux.ret[x] === aux.pid[r] >>> 0 && Math.abs(aux.start[x] - aux.start[r]) * m.nsPerTick <= 50);
      if (woken) add(aux.pid[r] >>> 0, aux.start[r], aux.dur[r]);
    }
  }
  if (of === 'call') for (const c of allCalls(m, { t0, t1 })) add(c.tid, c.t0, c.t1 - c.t0);
  return found;
}

test('wakeup latencies and calls of RPCs: counts, times and percentiles of a window are those of a plain scan', () => {
  for (const of of ['wakeup', 'call']) {
    for (const w of [{ t0: rpc.t0, t1: rpc.t1 }, ...windows(rpc, 6)]) {
      const plain = plainRecords(rpc, of, w);
      const s = statsOf(rpc, w, 'thread', { of });
      assert.equal(s.all.count, plain.length, of);
      assert.equal(
        s.all.total,
        plain.reduce((sum, r) => sum + r.total, 0),
      );
      assert.deepEqual(
        [...s.all.sorted],
        plain.map((r) => r.dur).sort((a, b) => a - b),
      );
      for (const row of s.rows) assert.equal(row.count, plain.filter((r) => String(r.tid) === row.key).length, row.label);
    }
  }
  assert.ok(statsOf(rpc, rpc, 'thread', { of: 'wakeup' }).all.count > 50);
  assert.deepEqual(
    statsOf(rpc, rpc, 'method', { of: 'call' }).rows.map((r) => [r.label, r.count]),
    [
      ['ping', 20],
      ['write', 10],
      ['read', 10],
    ],
  );
});

test('two groupings at once add up to the first, and name both', () => {
  for (const [of, by, and] of [
    ['span', 'thread', 'class'],
    ['span', 'name', 'cpu'],
    ['wait', 'reason', 'thread'],
    ['wakeup', 'thread', 'wakercpu'],
    ['call', 'method', 'server'],
  ]) {
    const one = statsOf(rpc, rpc, by, { of });
    const two = statsOf(rpc, rpc, by, { of, and });
    assert.equal(two.all.total, one.all.total);
    assert.ok(two.rows.length >= one.rows.length);
    for (const row of one.rows) {
      const parts = two.rows.filter((r) => JSON.parse(r.key)[0] === row.key);
      assert.ok(parts.every((p) => p.label.startsWith(`${row.label}, `)));
      assert.equal(
        parts.reduce((sum, p) => sum + p.total, 0),
        row.total,
        row.label,
      );
    }
  }
});

test('an area of some rows has what lies on them, to the tick', () => {
  prepareGroup(rpc, 'pid');
  for (const w of windows(rpc, 5)) {
    for (const group of ['cpu', 'pid', 'rpc']) {
      const all = rpc.rows[group].map((row) => row.key);
      for (const keys of [all.slice(1, 3), all.slice(0, 1)]) {
        const rows = { group, keys };
        let plain = 0;
        rpc.rows.cpu.forEach((cpu) => {
          for (let r = cpu.lo; r < cpu.lo + cpu.n; r++) {
            const key = { cpu: cpu.key, pid: rpc.exec.pid[r] >>> 0, rpc: rpcKey(rpc.exec, r) }[group];
            if (keys.includes(key)) plain += Math.max(0, Math.min(w.t1, rpc.exec.start[r] + rpc.exec.dur[r]) - Math.max(w.t0, rpc.exec.start[r]));
          }
        });
        assert.equal(statsOf(rpc, w, 'class', { rows }).all.total, plain, `${group} ${keys}`);
      }
    }
    const keys = rpc.rows.pid.slice(0, 6).map((row) => row.key);
    const here = statsOf(rpc, w, 'thread', { of: 'wait', rows: { group: 'pid', keys } });
    const everywhere = statsOf(rpc, w, 'thread', { of: 'wait' });
    assert.deepEqual(
      here.rows.map((r) => [r.key, r.count, r.total]),
      everywhere.rows.filter((r) => keys.includes(Number(r.key))).map((r) => [r.key, r.count, r.total]),
    );
  }
});

test('the list of a bar has just the records that the bar counts', () => {
  for (const [of, by] of [
    ['call', 'method'],
    ['wakeup', 'thread'],
    ['span', 'name'],
  ]) {
    const s = statsOf(rpc, rpc, by, { of });
    const row = s.rows[1];
    for (const bar of histogram(row.sorted, rpc.nsPerTick)) {
      const job = new ListJob(rpc, rpc, s.ask, { key: row.key, ...bar });
      job.step(...forever);
      assert.equal(job.list.length, bar.count);
      for (const { dur } of job.list) assert.ok(dur * rpc.nsPerTick >= bar.from && dur * rpc.nsPerTick < bar.to);
    }
  }
});

test('statistics of matches only', () => {
  const search = runSearch(hello, 'cpu:1 dur>5us');
  const s = statsOf(hello, { t0: hello.t0, t1: hello.t1 }, 'cpu', { matches: search });
  assert.equal(s.rows.length, 1);
  assert.equal(
    s.all.count,
    search.hits.reduce((n, h) => n + h.length, 0),
  );
});

test('histogram bars hold every span once', () => {
  const s = statsOf(hello, { t0: hello.t0, t1: hello.t1 }, 'class');
  for (const row of [s.all, ...s.rows]) {
    const bars = histogram(row.sorted, hello.nsPerTick);
    assert.equal(
      bars.reduce((n, b) => n + b.count, 0),
      row.count,
    );
    for (const b of bars) assert.equal(b.count, [...row.sorted].filter((d) => d * 10 >= b.from && d * 10 < b.to).length, `${b.from}`);
  }
  assert.deepEqual(HISTOGRAM_EDGES.slice(0, 5), [0, 1, 2, 5, 10]);
  assert.deepEqual(histogram(new Float64Array(0), 10), []);
});

test('quantiles by nearest rank, and names as patterns', () => {
  assert.deepEqual(
    [0.5, 0.95, 1].map((q) => quantile(Float64Array.of(1, 2, 3, 4), q)),
    [2, 4, 4],
  );
  assert.equal(quantile(new Float64Array(0), 0.5), 0);
  assert.ok(new RegExp(`^${escapeRegex('a.b (c)/[d]')}$`).test('a.b (c)/[d]'));
});

test('differences join two statistics', () => {
  const middle = Math.floor((hello.t0 + hello.t1) / 2);
  const a = statsOf(hello, { t0: hello.t0, t1: middle }, 'name');
  const b = statsOf(hello, { t0: middle, t1: hello.t1 }, 'name');
  const d = differences(a, b);
  assert.equal(
    d.reduce((n, x) => n + x.count, 0),
    b.all.count - a.all.count,
  );
  assert.equal(
    d.reduce((n, x) => n + x.total, 0),
    b.all.total - a.all.total,
  );
  assert.ok(d.some((x) => x.a === null) || d.some((x) => x.b === null) || d.every((x) => x.a && x.b));
  assert.deepEqual(
    d.map((x) => Math.abs(x.total)),
    d.map((x) => Math.abs(x.total)).sort((p, q) => q - p),
  );
});

test('parts of a thread add up to the window, and running is the time of its spans', () => {
  for (const m of [hello, rpc]) {
    for (const w of windows(m, 6)) {
      const job = new StatesJob(m, w);
      job.step(...forever);
      assert.equal(job.rows.length, m.rows.pid.length);
      for (const s of job.rows) {
        const sum = s.running + s.ready + Object.values(s.blocked).reduce((a, b) => a + b, 0) + s.unknown;
        assert.ok(sum >= w.t1 - w.t0, `${s.label}: ${sum} of ${w.t1 - w.t0}`);
        let plain = 0;
        for (let r = 0; r < m.exec.n; r++) {
          if (m.exec.pid[r] >>> 0 === s.key && m.cls[m.exec.kind[r]] !== 6)
            plain += Math.max(0, Math.min(w.t1, m.exec.start[r] + m.exec.dur[r]) - Math.max(w.t0, m.exec.start[r]));
        }
        assert.equal(s.running, plain, s.label);
      }
    }
  }
});

test('a thread that waited for disk, then for a CPU', () => {
  const m = story();
  const job = new StatesJob(m, { t0: 1e8, t1: 1e8 + 7000 });
  job.step(...forever);
  const s = job.rows.find((r) => r.key === 42);
  assert.deepEqual([s.ready, s.blocked.d, s.running], [1400, 1100, 4500]);
  assert.deepEqual([s.wakeups, s.latency50, s.latencyMax], [1, 1400, 1400]);
  assert.equal(s.hurt, 2500);
  assert.deepEqual(
    stateParts(s).map((p) => p.label),
    ['running', 'ready', 'blocked: disk'],
  );
});

test('calls: sides are paired by thread, servers lie inside, the slowest comes first', () => {
  const calls = allCalls(rpc, rpc);
  assert.equal(calls.length, 40);
  for (let i = 1; i < calls.length; i++) assert.ok(calls[i].t1 - calls[i].t0 <= calls[i - 1].t1 - calls[i - 1].t0);
  for (const c of calls) {
    for (const s of c.servers) assert.ok(s.t0 >= c.t0 && s.t1 <= c.t1 && s.tid !== c.tid);
    assert.equal(c.outside + c.servers.reduce((n, s) => n + s.t1 - s.t0, 0), c.t1 - c.t0);
  }
  assert.equal(calls[0].label, 'ping.58512');
  assert.equal(toNs(rpc, calls[0].t1) - toNs(rpc, calls[0].t0), 14454670, 'from its request to the response with its id');
  const log = rpcLogOfTrace(rpc);
  for (const c of calls) {
    const [row] = [...log.rpcid.keys()].filter((i) => log.rpcid[i] === c.key && log.t[0][i] === toNs(rpc, c.t0));
    assert.equal(log.t[3][row], toNs(rpc, c.t1), `${c.label}: the table of calls and the tab of RPCs agree`);
  }
  const words = callWords(rpc, calls[0])
    .map((l) => l.text)
    .join('\n');
  assert.match(words, /14\.45 ms from request to response, called by sh\+client4 \(61\)/);
  assert.match(words, /The caller meanwhile: running 13\.80 ms, ready 397\.5 µs, blocked: net 254\.3 µs/);
  assert.match(words, /waited 254\.3 µs in read for the network, woken by BH:rx on CPU 3, while server4 \(53\) was in write/);
  assert.match(words, /was ready for 397\.5 µs, woken by BH:rx on CPU 3, while server4 \(53\) was in write; CPUs 0, 2 were idle all of it/);
});

test('a request without a response is no call; one after another are two', () => {
  const point = (t, pid, event) => [t, 0.00000001, 0, pid, 7, event, 7, 0, 0, 'read.7'];
  const m = traceOf([
    [1, 1, 0, 5, 0, 65541, 0, 0, 0, 'c.5'],
    point(1.1, 5, 513),
    point(1.2, 5, 514),
    point(1.3, 5, 513),
    point(1.35, 6, 513),
    point(1.38, 6, 514),
    point(1.4, 5, 514),
    point(1.5, 5, 513),
  ]);
  prepareGroup(m, 'pid');
  prepareRow(m, m.rows.pid[0]);
  const calls = callsOf(m, m.rows.rpc[0]);
  assert.deepEqual(
    calls.map((c) => [c.t1 - c.t0, c.servers.length]),
    [
      [1e7, 0],
      [1e7, 1],
    ].map(([d, n]) => [d, n]),
  );
  assert.equal(cpuOfSpan(m, 0), 0);
});
