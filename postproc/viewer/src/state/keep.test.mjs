// SPDX-License-Identifier: BSD-3-Clause
// What is kept and shared: address, views, notes, history, rows; and small helpers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { csvCell, csvText } from '../kit/csv.js';
import { createHistory } from '../kit/history.js';
import { decodeState, encodeState } from './url-state.js';
import { emptyViews, savedView, viewsOf } from './views.js';
import { noteRecord, notesOf } from './notes.js';
import { alike, busyTimes, isActive, movedKeys, plainRows, shownRows, toggled } from '../plan/rows.js';
import { fuzzyFind, fuzzyScore } from '../kit/fuzzy.js';
import { deltaWords, placeCursor, snap } from '../plan/cursors.js';
import { colorRuns, SvgContext } from '../kit/svg-context.js';
import { initialState, TOGGLES } from './store.js';
import { KEYS, keyOf, withKey } from '../input/keys.js';
import { THEMES } from '../plan/shades.js';
import { makePalette, paletteName } from '../plan/colors.js';
import { makeTint } from '../plan/tint.js';
import { relationLines } from '../words/relations.js';
import { neighbourOnCpu, neighbourOnThread, wakeeOf, wakerOf } from '../trace/neighbours.js';
import { placeLabels, shortName } from '../plan/annotations.js';
import { layoutRows, visibleRows } from '../plan/layout.js';
import { prepareRow } from '../trace/model.js';
import { glyphOf } from '../draw/glyph-names.js';
import { hello as loadHello, rpc as loadRpc, story } from '../../test/samples.mjs';
import { timeScale } from '../plan/view.js';

const hello = loadHello();
const rpc = loadRpc();

test('the address holds the whole view, and comes back the same', () => {
  const state = {
    ...initialState(),
    window: { t0: hello.t0 + 1000, t1: hello.t0 + 777777 },
    open: { cpu: true, pid: true, rpc: false },
    scroll: 120,
    rowScale: 1.5,
    theme: 'dark',
    safe: true,
    colorBy: 'cpu',
    isolate: true,
    annotate: 'all',
    annotStyle: 'short',
    cursors: { a: hello.t0 + 5, b: null },
    range: { t0: hello.t0 + 10, t1: hello.t0 + 20 },
    selection: { cols: 'aux', record: 5 },
    query: 'a b/c&d=#"é" dur>1us',
    panel: 'states',
    labelled: [
      { cols: 'exec', record: 7 },
      { cols: 'aux', record: 0 },
    ],
    choices: { 'statistics.by': 'thread', 'compare.a': '5~9', 'results.order': 'longest' },
    sizes: { text: 1.25, label: 222, lines: 2, panel: 400, figure: { width: 1200, height: 900, scale: 2 } },
    rows: {
      ...plainRows(),
      pid: { hidden: [41, 42], pinned: [37], highlit: [36], hand: [1, 2], order: 'time', filter: 'a b&', fold: true, onlyHighlit: true },
    },
  };
  state.show.arcs = 2;
  const back = decodeState(`#${encodeState(state, hello)}`, hello);
  for (const key of [
    'window',
    'open',
    'scroll',
    'rowScale',
    'show',
    'theme',
    'safe',
    'colorBy',
    'isolate',
    'annotate',
    'annotStyle',
    'cursors',
    'range',
    'selection',
    'query',
    'panel',
    'rows',
    'labelled',
    'choices',
    'sizes',
  ]) {
    assert.deepEqual(back[key], state[key], key);
  }
});

test('a broken address is ignored, part by part', () => {
  for (const hash of [
    '#',
    '#t=x',
    '#t=5~',
    '#t=9~1',
    '#sel=e99999999',
    '#sel=q1',
    '#theme=pink&by=x&label=y',
    '#row.pid=q%25E0%25A4%25A',
    '#panel=<b>',
    '#cursors=~',
    '#show=%',
    '#range=1',
    '#p.x=1&p.a.b.c=2&p.A.b=3',
    `#p.a.b=${'x'.repeat(101)}`,
    '#labels=q e e99999999',
  ]) {
    const s = decodeState(hash, hello);
    assert.deepEqual(s.labelled ?? [], []);
    for (const key of ['choices', 'window', 'selection', 'theme', 'colorBy', 'annotate', 'panel', 'range'])
      assert.equal(s[key], undefined, `${hash} ${key}`);
  }
  const far = decodeState('#t=-99999999999999~99999999999999', hello).window;
  assert.deepEqual(far, { t0: hello.t0, t1: hello.t1 });
});

test('views of the reference are read, and ours are written so that both can read them', () => {
  const file = new URL('../../../../tests/data/hello_world_demo.reference.json.gz', import.meta.url);
  const { savedview } = JSON.parse(gunzipSync(readFileSync(file)).toString());
  const m = { ...hello, t0: 49.4e8, t1: 53.1e8, nsPerTick: 10 };
  const views = viewsOf(savedview, m);
  assert.deepEqual(
    views.map((v) => v.label),
    ['⇐', '①', '②', '③', '④'],
  );
  const w = decodeState(views[1].hash, m).window;
  assert.ok(Math.abs(w.t0 / 1e8 - 50.08196468481376) < 1e-7 && Math.abs(w.t1 / 1e8 - 50.086064684813756) < 1e-7);
  assert.equal(decodeState(views[2].hash, m).show.ipc, 2, 'kernel only');
  assert.equal(decodeState(views[1].hash, m).show.freq, 0);
  const written = savedView(views, m);
  assert.ok(Math.abs(written[1][1].xleft_ts - 50.08196468481376) < 1e-7);
  assert.equal(written[2][1].ipc_value, 2);
  assert.deepEqual(written[1][1].groupcompress, [2, 0, 0, 0]);
  assert.deepEqual(viewsOf(JSON.parse(JSON.stringify(written)), m), views, 'ours come back whole');
  assert.deepEqual(
    written.map(([label]) => label),
    savedview.map(([label]) => label),
    'labels as the reference writes them',
  );
  const odd = [...emptyViews(), { label: '<i>é & "', hash: null }];
  assert.match(savedView(odd, m)[5][0], /^[ -%'-~]*(&#x[0-9a-f]+;[ -%'-~]*)*$/);
  assert.ok(!/[<>"]/.test(savedView(odd, m)[5][0]));
  assert.deepEqual(viewsOf(savedView(odd, m), m), odd);
  assert.deepEqual(viewsOf('nonsense', m), emptyViews());
  assert.deepEqual(viewsOf([['&lt;b&gt;x', null]], m)[0].label, '&lt;b&gt;x', 'markup is text');
});

test('notes become callouts of the span JSON and come back', () => {
  const notes = [
    { id: 1, t: 5000000123, group: 'cpu', key: 3, text: 'a "note"\nof <two> lines', dx: -200, dy: 35 },
    { id: 2, t: 7, group: 'pid', key: 4100000, text: 'b', dx: 0, dy: 0 },
    { id: 3, t: 9, group: 'rpc', key: 77, text: 'c', dx: 2047, dy: -2048 },
  ];
  const records = notes.map((n) => noteRecord(n, 10));
  assert.ok(records.every((r) => r.length === 10 && r[5] === -4));
  const back = notesOf([...JSON.parse(JSON.stringify(records)), [1, 1, 0, 0, 0, -6, 0, 0, 0, 'zone'], 'x'], 10);
  assert.deepEqual(back.notes, notes);
  assert.equal(back.others.length, 2, 'what is no callout stays');
  const foreign = notesOf([[50.1, 1e-8, 2, 0, 0, -4, 3, 2, 0, 'theirs']], 10).notes[0];
  assert.deepEqual([foreign.group, foreign.key, foreign.text, foreign.dx], ['cpu', 2, 'theirs', 24]);
});

test('history goes back and forward, and joins what follows quickly', () => {
  const h = createHistory({ quiet: 500 });
  for (const [state, time] of [
    ['a', 0],
    ['b', 1000],
    ['c', 1100],
    ['d', 1200],
    ['e', 5000],
  ])
    h.record(state, time);
  assert.equal(h.back(), 'd');
  assert.equal(h.back(), 'a');
  assert.equal(h.back(), undefined);
  assert.equal(h.forward(), 'd');
  h.record('f', 9000);
  assert.equal(h.forward(), undefined);
  assert.equal(h.back(), 'd');
  const small = createHistory({ limit: 2 });
  for (const s of 'abcd') small.record(s, 0);
  assert.deepEqual([small.back(), small.back(), small.back()], ['c', 'b', undefined]);
});

test('rows: hidden, pinned, filtered, sorted, folded, moved', () => {
  const keys = (change, window) =>
    shownRows(hello, 'pid', { ...plainRows(), pid: { ...plainRows().pid, ...change } }, window ?? hello).rows.map((r) => r.key);
  const all = hello.rows.pid.map((r) => r.key);
  assert.deepEqual(keys({}), all);
  assert.deepEqual(keys({ hidden: [all[0]] }), all.slice(1));
  assert.deepEqual(keys({ pinned: [all[5], all[2]] }).slice(0, 3), [all[5], all[2], all[0]]);
  assert.ok(
    keys({ filter: 'KWORK' }).length > 0 && keys({ filter: 'KWORK' }).every((k) => hello.rows.pid.find((r) => r.key === k).label.includes('kwork')),
  );
  assert.deepEqual(keys({ onlyHighlit: true, highlit: [all[3]] }), [all[3]]);
  const times = busyTimes(hello, 'pid');
  const byTime = keys({ order: 'time' }).map((k) => times[hello.position.pid.get(k)]);
  assert.ok(byTime.every((t, i) => i === 0 || t <= byTime[i - 1]) && byTime[0] > 0);
  const names = keys({ order: 'name' }).map((k) => hello.rows.pid.find((r) => r.key === k).label);
  assert.deepEqual(
    names,
    [...names].sort((a, b) => a.localeCompare(b)),
  );
  assert.deepEqual(keys({ order: 'hand', hand: movedKeys(hello.rows.pid, all[4], 0) }), [all[4], ...all.filter((_, i) => i !== 4)]);
  const w = { t0: hello.t0, t1: hello.t0 + 100000 };
  const folded = keys({ fold: true }, w);
  assert.ok(folded.length > 0 && folded.length < all.length);
  for (const row of hello.rows.pid) {
    const runs = [...row.index].some((r) => hello.exec.start[r] < w.t1 && hello.exec.start[r] + hello.exec.dur[r] > w.t0);
    assert.equal(folded.includes(row.key), runs, row.label);
    assert.equal(isActive(hello, row, w), runs);
  }
  const shown = shownRows(hello, 'pid', { ...plainRows(), pid: { ...plainRows().pid, hidden: [all[0], all[1]] } }, hello);
  assert.equal(shown.missing, 2);
  assert.deepEqual(toggled([1, 2], 2), [1]);
  assert.ok(
    alike(
      hello,
      hello.rows.pid.find((r) => r.label.startsWith('kworker')),
    ).length > 1,
  );
  assert.deepEqual(alike(hello, hello.rows.cpu[1]), [1], 'CPU 1 is not CPU 10');
});

test('fuzzy: letters in order, words first', () => {
  assert.equal(fuzzyScore('xyz', 'abc'), 0);
  assert.deepEqual(
    fuzzyFind('kc', ['kernel code', 'back', 'kc'], (x) => x, 3),
    ['kc', 'kernel code'],
  );
  assert.equal(fuzzyFind('', ['a', 'b'], (x) => x, 1).length, 1);
});

test('CSV: quotes, lines, and no formulas', () => {
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
  assert.equal(csvCell('=1+1'), "'=1+1");
  assert.equal(csvCell('-idle-'), "'-idle-");
  assert.equal(csvCell(-5), '-5');
  assert.equal(csvText(['x', 'y'], [[1, 'a\nb']]), 'x,y\r\n1,"a\nb"\r\n');
});

test('cursors snap to edges within reach, and the nearer one moves', () => {
  const row = hello.rows.cpu[0];
  const t = hello.exec.start[row.lo + 10];
  assert.equal(snap(hello, row, t + 3, 5), t);
  assert.equal(snap(hello, null, t + 3, 5), t + 3);
  const late = hello.exec.start[row.lo + 10] + hello.exec.dur[row.lo + 10];
  assert.equal(snap(hello, row, late - 1, 2), late);
  assert.deepEqual(placeCursor(placeCursor({ a: null, b: null }, 5), 9), { a: 5, b: 9 });
  assert.deepEqual(placeCursor({ a: 5, b: 9 }, 6), { a: 6, b: 9 });
  assert.deepEqual(placeCursor({ a: 5, b: 9 }, 100), { a: 5, b: 100 });
  assert.equal(deltaWords(hello, 0, 100000), '1.000 ms (1.000 kHz)');
  assert.match(deltaWords(hello, 100, 0), /^−1\.000 µs/);
});

test('runs of one colour rebuild the picture, and SVG holds no raw text', () => {
  const pixels = Uint32Array.of(1, 2, 2, 1, 2, 2, 3, 3, 1);
  const back = new Uint32Array(9).fill(1);
  for (const r of colorRuns(pixels, 3, 3, 1)) for (let y = 0; y < r.h; y++) for (let x = 0; x < r.w; x++) back[(r.y + y) * 3 + r.x + x] = r.color;
  assert.deepEqual(back, pixels);
  const ctx = new SvgContext();
  ctx.save();
  ctx.rect(0, 0, 5, 5);
  ctx.clip();
  ctx.fillText('<script>"&', 1, 2);
  ctx.restore();
  const svg = ctx.document(10, 10, 'a<b');
  assert.ok(!svg.includes('<script>') && svg.includes('&lt;script&gt;&quot;&amp;') && svg.includes('<title>a&lt;b</title>'));
  assert.equal((svg.match(/<g/g) ?? []).length, (svg.match(/<\/g>/g) ?? []).length);
});

test('every toggle and panel has a key, and no key two meanings', () => {
  const all = KEYS.flatMap((k) => k.keys);
  assert.equal(new Set(all).size, all.length);
  for (const { key } of TOGGLES) assert.notEqual(keyOf(`toggle:${key}`), '', key);
  assert.equal(withKey('Zoom in', 'zoomIn'), 'Zoom in (W +)');
});

/** Relative luminance and contrast of WCAG 2. */
const luminance = (hex) =>
  [1, 3, 5]
    .map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
};

test('text of the page has AA contrast in every theme', () => {
  for (const c of Object.values(THEMES)) {
    for (const fg of ['text', 'muted', 'header', 'damage', 'repair'])
      for (const bg of ['background', 'panel']) assert.ok(contrast(c[fg], c[bg]) >= 4.5, `${fg} on ${bg}: ${contrast(c[fg], c[bg]).toFixed(2)}`);
    assert.ok(contrast(c.text, c.on) >= 4.5, 'pressed buttons');
    for (const line of ['focus', 'onLine']) assert.ok(contrast(c[line], c.background) >= 3, line);
  }
  for (const theme of ['light', 'dark', 'contrast']) {
    for (const safe of [false, true]) {
      const p = makePalette(paletteName(theme, safe)).css;
      for (const fg of ['text', 'muted']) assert.ok(contrast(p[fg], p.background) >= 4.5, `${theme} ${fg}`);
    }
  }
});

test('tints: highlit rows keep their colour, others go grey; by CPU and by thread', () => {
  const palette = makePalette('light');
  const paint = { shape: 1, cls: 5, edge: 1, fill: 2, band: 3, core: 4 };
  const state = (change) => ({ ...initialState(), ...change });
  assert.equal(makeTint(hello, state({}), palette), null);
  const row = hello.rows.cpu[0];
  const lit = makeTint(hello, state({ rows: { ...plainRows(), cpu: { ...plainRows().cpu, highlit: [0] } } }), palette);
  const second = hello.rows.cpu[1];
  assert.equal(lit.paint(row, row.lo + 1, paint), paint);
  assert.notEqual(lit.paint(second, second.lo + 1, paint).core, paint.core);
  const pid = hello.rows.pid[3];
  assert.deepEqual([row.lo + 1, second.lo + 1].map(lit.span), [true, false]);
  const arcs = [...hello.wakeups.index];
  const ends = (r) => hello.aux.cpu[r] === 0 || hello.aux.arg[r] === 0;
  assert.ok(arcs.some((r) => !ends(r)) && arcs.some(ends));
  for (const r of arcs) assert.equal(lit.other(r), ends(r), 'an arc with an end on a highlit row');
  const byCpu = makeTint(hello, state({ colorBy: 'cpu' }), palette);
  const colors = [row.lo + 1, row.lo + 2, second.lo + 1].map((r) => byCpu.paint(pid, r, paint).core);
  assert.equal(colors[0], colors[1]);
  assert.notEqual(colors[0], colors[2]);
  assert.equal(byCpu.paint(row, row.lo + 1, paint), paint, 'CPU rows stay');
});

test('relations: why it waited, who woke it, whom it woke, and its neighbours', () => {
  const m = story();
  const at = (name) => [...m.exec.kind].findIndex((k) => m.kinds[k].name === name);
  const text = (s) =>
    relationLines(m, s)
      .map((l) => `${l.label}: ${l.text}`)
      .join('\n');
  const write = { cols: 'exec', record: at('write') };
  const read = { cols: 'exec', record: at('read') };
  const other = { cols: 'exec', record: at('other.42') };
  assert.match(text(write), /Woke: other \(42\), which ran 14\.00 µs later on CPU 1/);
  assert.match(text(write), /Before on this thread: prog\.41/);
  assert.match(text(other), /Waited before this run: 14\.00 µs for a CPU/);
  assert.match(text(other), /Waited before this run: 100\.0 ms for the disk/);
  assert.match(text(other), /Woken by: prog \(41\) on CPU 0 in write/);
  assert.match(text(other), /Next on CPU 1: read\(7\) = -11 \(EAGAIN\)/);
  assert.deepEqual(wakerOf(m, read), write, 'the run began with the wakeup');
  assert.deepEqual(wakeeOf(m, write), other);
  assert.equal(wakerOf(m, write), null);
  const wait = { cols: 'aux', record: [...m.aux.kind].findIndex((k) => m.kinds[k].name === 'wait_disk') };
  assert.deepEqual(wakerOf(m, wait), write);
  assert.match(text({ cols: 'aux', record: m.wakeups.index[0] }), /Sent in: write.*\nThen ran: other/s);
  assert.equal(neighbourOnThread(m, write.record, 1), null);
  assert.deepEqual(neighbourOnCpu(m, other.record, 1), read);
});

test('relations of every record of a real trace are words, and links lead to records', () => {
  for (const m of [hello, rpc]) {
    for (const cols of ['exec', 'aux']) {
      for (let record = 0; record < m[cols].n; record += 11) {
        for (const line of relationLines(m, { cols, record })) {
          assert.ok(!/undefined|NaN/.test(line.text), line.text);
          if (line.link) assert.ok(line.link.record >= 0 && line.link.record < m[line.link.cols].n);
        }
        assert.ok(glyphOf(m, { selection: { cols, record }, extra: '', row: null, header: null }).length > 1);
      }
    }
  }
});

test('labels never cover each other; those without room are counted', () => {
  const size = { width: 1500, height: 900 };
  for (const annotate of ['user', 'all']) {
    for (const width of [1, 0.01, 0.0003]) {
      const t0 = hello.exec.start[[...hello.exec.kind].findIndex((k) => hello.kinds[k].name.startsWith('hello_world'))] - 100;
      const state = { ...initialState(), model: hello, annotate, window: { t0, t1: t0 + (hello.t1 - hello.t0) * width * 0.6 } };
      const layout = layoutRows(hello, state, size);
      for (const { row } of visibleRows(layout)) prepareRow(hello, row);
      const tpp = (state.window.t1 - t0) / (layout.right - layout.left);
      const scene = { layout, items: [], rows: visibleRows(layout), time: timeScale(layout, state.window), tpp, t0 };
      const { labels } = placeLabels(hello, scene, state);
      assert.ok(labels.length > 0, `${annotate} ${width}`);
      for (const a of labels) {
        assert.ok(a.textX >= layout.left);
        for (const b of labels)
          if (a !== b && Math.abs(a.textY - b.textY) < 11)
            assert.ok(a.textX + a.text.length * 6.05 <= b.textX + 6 || b.textX + b.text.length * 6.05 <= a.textX + 6, `${a.text} ${b.text}`);
      }
    }
  }
  assert.equal(shortName('short'), 'short');
  assert.equal(shortName('local_timer_vector'), 'local_t~r');
});
