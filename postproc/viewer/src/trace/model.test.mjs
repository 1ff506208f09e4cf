// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from '../../build.mjs';
import { buildModel, prepareGroup, prepareRow } from './model.js';
import { layoutRows, rowAt, rowTop, visibleRows, zonesOf } from '../plan/layout.js';
import { hitsBetween, nextMatch, runSearch } from '../search/search.js';
import { parseSpanJson } from '../format/span-json.js';
import { PayloadError } from '../format/payload.js';
import { overLines } from '../draw/over/kinds.js';
import { detailLines, linesAsText } from '../words/words.js';
import { threadWords, wakeupOf } from './lookups.js';
import { relationLines } from '../words/relations.js';
import { readSpanFile, spanJson } from '../../test/encode-payload.mjs';
import { traceOf } from '../../test/samples.mjs';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const hello = buildModel(readSpanFile(file('../../test/data/hello.span.json.gz')));
const rpc = buildModel(readSpanFile(file('../../test/data/rpc.span.json.gz')));
const size = { width: 1600, height: 900 };
const view = { open: { cpu: true, pid: true, rpc: false }, scroll: 0, rowScale: 1 };

const small = () =>
  traceOf(
    [
      [1.0, 0.00001, 0, 41, 0, 65536 + 41, 0, 0, 8, 'prog.41'],
      [1.00001, 0.000002, 0, 41, 0, 2049, 3, 0xfff5, 4, 'write'],
      [1.000005, 0.00000001, 0, 41, 0, 518, 42, 0, 0, 'runnable.42'],
      [1.000005, 0.00002, 0, 41, 0, -3, 1, 42, 0, '-wakeup-'],
      [0.9, 0.10000499, -1, 42, 0, 768 + 3, 0, 0, 0, 'wait_disk'],
      [1.00000501, 0.00001999, -1, 42, 0, 770, 0, 0, 0, 'wait_cpu'],
      [1.000012, 0.0001, 0, 0, 0, 65536, 0, 0, 0, '-idle-'],
      [1.0, 0.000025, 1, 0, 0, 65536, 1, 0, 0, '-idlelp-'],
      [1.000025, 0.00004, 1, 42, 0, 65536 + 42, 0, 0, 8, 'other.42'],
    ],
    { extra: [], savedview: [['1', null]] },
  );

test('rows: CPUs, threads with names, RPCs', () => {
  assert.deepEqual(
    hello.rows.cpu.map((r) => r.key),
    [0, 1],
  );
  assert.ok(hello.rows.pid.some((r) => r.label === 'init+exe.42'));
  assert.ok(hello.rows.pid.every((r, i, all) => i === 0 || r.key > all[i - 1].key));
  assert.ok(rpc.rows.rpc.length > 0);
  assert.ok(rpc.rows.rpc.every((r) => !r.label.endsWith('.0')));
});

test('rows of threads hold all their spans, in time order', () => {
  prepareGroup(hello, 'pid');
  let total = 0;
  for (const row of hello.rows.pid) {
    prepareRow(hello, row);
    total += row.n;
    for (let i = 1; i < row.n; i++) assert.ok(hello.exec.start[row.index[i]] >= hello.exec.start[row.index[i - 1]]);
  }
  assert.equal(total, hello.exec.pid.subarray(0, hello.exec.n).filter((p) => p > 0).length);
});

test('span JSON: extra and savedview are kept, points have no duration, bad files give a message', () => {
  const m = small();
  assert.deepEqual(m.meta.savedview, [['1', null]]);
  assert.equal(m.aux.dur[[...m.category].indexOf(0)], 0);
  assert.throws(() => parseSpanJson('{"events":'), PayloadError);
  assert.throws(() => parseSpanJson('[]'), PayloadError);
  const odd = parseSpanJson(spanJson([[1, 2, 3], 'x', [1, 0.1, 0, 1, 0, 65537, 0, 0, 0, 'ok']]));
  assert.equal(odd.exec.n, 1);
  assert.equal(odd.diagnostics[0].count, 2);
});

test('empty and one-span traces have a range', () => {
  const empty = traceOf([]);
  assert.ok(empty.t1 > empty.t0);
  const one = traceOf([[1, 0, 0, 1, 0, 65537, 0, 0, 0, 'x.1']]);
  assert.ok(one.t1 > one.t0);
});

test('spans out of order are sorted and reported', () => {
  const m = buildModel(
    parseSpanJson(
      spanJson([
        [2, 0.5, 0, 1, 0, 2048, 5, 0, 0, 'b'],
        [1, 0.5, 0, 1, 0, 2049, 4, 0, 0, 'a'],
        [1.2, 1, 0, 1, 0, 2049, 4, 0, 0, 'a'],
      ]),
    ),
  );
  assert.deepEqual([...m.exec.start], [1e8, 1.2e8, 2e8]);
  assert.deepEqual([...m.exec.arg], [4, 4, 5]);
  assert.deepEqual(
    m.diagnostics.map((d) => d.id),
    ['viewer.order', 'viewer.overlap'],
  );
});

test('details: a system call', () => {
  const m = small();
  const text = linesAsText(detailLines(m, { cols: 'exec', record: 1 }));
  assert.match(text, /Name: write/);
  assert.match(text, /What: system call 1/);
  assert.match(text, /CPU: 0/);
  assert.match(text, /Thread: prog \(41\)/);
  assert.match(text, /Start: 2026-11-21 02:50:01.000010000/);
  assert.match(text, /After trace start: 10 000 ns/);
  assert.match(text, /Duration: 2.000 µs \(2 000 ns\)/);
  assert.match(text, /Return: -11 \(EAGAIN\)/);
  assert.match(text, /IPC: 1\/2 instructions/);
});

test('details: a wait tells its reason and who ended it', () => {
  const m = small();
  const waits = [...m.category.keys()].filter((i) => m.category[i] === 1);
  const disk = waits.find((i) => m.kinds[m.aux.kind[i]].name === 'wait_disk');
  const ready = waits.find((i) => m.kinds[m.aux.kind[i]].name === 'wait_cpu');
  assert.notEqual(wakeupOf(m, disk), null);
  const text = linesAsText(relationLines(m, { cols: 'aux', record: disk }));
  assert.match(text, /Waits for: the disk/);
  assert.match(text, /Woken by: prog \(41\) on CPU 0 in its own code/);
  assert.match(linesAsText(relationLines(m, { cols: 'aux', record: ready })), /Woken by: prog \(41\)/);
});

test('details: inferred spans say so', () => {
  const flagged = () => {
    const raw = parseSpanJson(spanJson([[1, 0.5, 0, 1, 0, 2048, 0, 0, 0, 'read']]));
    raw.exec.flags[0] = 1;
    return raw;
  };
  const m = buildModel(flagged());
  assert.match(linesAsText(detailLines(m, { cols: 'exec', record: 0 })), /Inferred/);
  assert.ok(m.diagnostics.some((d) => d.id === 'viewer.inferred' && d.count === 1));
  for (const [severity, count] of [
    ['repair', 1],
    ['info', 2],
  ]) {
    const found = buildModel({ ...flagged(), diagnostics: [{ id: 'missing_sched', severity, count: 1, text: 'x' }] });
    assert.equal(found.diagnostics.length, count, 'what a repair tells of is not counted again');
  }
});

test('every record of a real trace can be told in words', () => {
  for (const m of [hello, rpc]) {
    for (const cols of ['exec', 'aux']) {
      for (let record = 0; record < m[cols].n; record += 7) {
        for (const line of [...detailLines(m, { cols, record }), ...(cols === 'aux' ? overLines(m, record) : [])])
          assert.ok(!/undefined|NaN/.test(line.text), `${line.label}: ${line.text}`);
      }
    }
  }
  assert.equal(threadWords(hello, 0), 'idle (0)');
  assert.equal(threadWords(hello, 999999), '999999');
});

test('search: bad patterns are told, an empty text is no search', () => {
  assert.match(runSearch(hello, '/(/').error, /Bad pattern/);
  assert.equal(runSearch(hello, '/(/').count, 0);
  assert.equal(runSearch(hello, ''), null);
});

test('search: counts, sums and order agree with a plain scan', () => {
  for (const text of ['page_fault', 'wait', 'e', 'no such thing']) {
    const s = runSearch(hello, text);
    const all = [];
    for (const cols of ['exec', 'aux']) {
      for (let record = 0; record < hello[cols].n; record++) {
        const { event, name } = hello.kinds[hello[cols].kind[record]];
        if (name.includes(text) && event !== 0x20e && event !== 0x20f) all.push({ cols, record });
      }
    }
    assert.equal(s.count, all.length);
    const durations = all.map(({ cols, record }) => hello[cols].dur[record]);
    assert.equal(
      s.total,
      durations.reduce((a, b) => a + b, 0),
    );
    if (all.length === 0) continue;
    assert.equal(s.min, Math.min(...durations));
    assert.equal(s.max, Math.max(...durations));
    if (all.length > 2000) continue;
    const seen = new Set();
    let at = null;
    let t = -Infinity;
    for (let i = 0; i < all.length; i++) {
      at = nextMatch(hello, s, at, hello.t0 - 1e9, true);
      seen.add(`${at.cols}${at.record}`);
      assert.ok(hello[at.cols].start[at.record] >= t);
      t = hello[at.cols].start[at.record];
    }
    assert.equal(seen.size, all.length, 'next visits every match');
    const back = nextMatch(hello, s, at, 0, false);
    assert.deepEqual(nextMatch(hello, s, back, 0, true), at, 'previous undoes next');
  }
  assert.equal(hitsBetween(Uint32Array.of(1, 5, 9), 2, 9), 1);
});

test('layout: rows do not overlap, are found again, and scrolling is limited', () => {
  const layout = layoutRows(hello, view, size);
  const rows = visibleRows(layout);
  let y = 0;
  for (const p of rows) {
    assert.ok(p.y >= y);
    y = p.y + p.h;
    assert.equal(rowAt(layout, p.y + 1).row.row, p.row);
    assert.equal(rowTop(layout, p.row.group, p.row.key).y, p.y);
    const z = zonesOf(p.h);
    assert.ok(z.text + z.textHeight <= p.h + 1, 'zones fit');
  }
  assert.equal(rowAt(layout, 5).header, 'cpu');
  assert.equal(rowTop(layout, 'rpc', 1), null);
  assert.equal(layoutRows(hello, { ...view, scroll: 1e9 }, size).scroll, Math.max(0, layout.contentHeight - layout.bottom));
});

test('the template: placeholders once, licences kept, same bytes again, committed file up to date', async () => {
  const page = await build();
  assert.equal(page.split('@KUTRACE_META@').length, 2);
  assert.equal(page.split('@KUTRACE_DATA@').length, 2);
  assert.match(page, /Permission to use, copy, modify/);
  assert.ok(!/https?:\/\/(?!www\.w3\.org)/.test(page.replace(/https:\/\/(d3js|github)[^\s*]*/g, '')), 'no addresses');
  assert.equal(await build(), page);
  assert.ok(readFileSync(file('../../dist/template.html'), 'utf8') === page, 'dist is not what the sources build: run npm run build');
});
