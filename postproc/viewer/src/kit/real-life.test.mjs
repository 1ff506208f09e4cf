// SPDX-License-Identifier: BSD-3-Clause
// Times before the base and over days, characters that break documents, what a shared store may hold, cells that would be formulas.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAxis } from '../plan/axis.js';
import { csvCell } from './csv.js';
import { frameBudget } from './frame-budget.js';
import { keepSearches, keepView, recallSearches, recallView, traceName } from '../state/memory.js';
import { SliceSort } from './slice-sort.js';
import { SvgContext } from './svg-context.js';
import { clock, clockWords, parseBase } from '../trace/time.js';
import { visibleName, visibleText, visibleTexts } from './visible.js';
import { random } from '../../test/synthetic.mjs';

test('times before the base have their distance and a sign', () => {
  const words = (s, digits) => clock(null, s * 1e9, digits).time;
  assert.equal(words(-0.25, 2), '-0:00:00.25');
  assert.equal(words(-0.5, 9), '-0:00:00.500000000');
  assert.equal(words(-3661.5, 1), '-1:01:01.5');
  assert.equal(words(-60, 0), '-0:01:00');
  assert.equal(words(0.25, 2), '0:00:00.25');
  assert.equal(clockWords(parseBase('2026-01-01_00:00:00'), -0.25e9, 3), '2025-12-31 23:59:59.750');
  assert.equal(clock(0, 1e30, 0).date, '', 'a time that no calendar has');
});

test('windows of days show dates', () => {
  const base = parseBase('2026-11-28_00:00:00');
  const days = makeAxis(0, 5 * 86400e9, base, 10);
  assert.ok(days.ticks.some((t) => t.label === '2026-11-30'));
  assert.ok(days.ticks.some((t) => t.label === '12:00:00'));
  assert.match(days.caption, /date/);
  const years = makeAxis(0, 3000 * 86400e9, base, 10);
  assert.ok(years.ticks.every((t) => /^\d{4}-01-01$/.test(t.label)));
  const unknown = makeAxis(-2 * 86400e9, 2 * 86400e9, null, 10);
  assert.ok(unknown.ticks.some((t) => t.label === '-24:00:00') && unknown.ticks.some((t) => t.label === '24:00:00'));
});

test('an SVG holds no character that XML forbids', () => {
  const bad = `${Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).join('')}\ud800x\udc00\ufffe\uffff<&>"\u009b😀`;
  const ctx = new SvgContext();
  ctx.fillText(bad, 0, 0);
  const text = ctx.document(10, 10, bad);
  assert.ok(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u.test(text));
  assert.ok(text.includes('😀') && text.includes('&lt;&amp;&gt;&quot;'));
});

test('what is not seen, or changes what is, is shown by its number', () => {
  assert.equal(visibleName('safe\u202egpj.exe'), 'safe<U+202E>gpj.exe');
  assert.equal(visibleName('a\u009b31mb\u0007\n'), 'a<U+009B>31mb<U+0007><U+000A>');
  assert.equal(visibleName('\ud800\u{e0041}\u2066'), '<U+D800><U+E0041><U+2066>');
  for (const plain of ['café', 'Ж.12', '名前', 'שלום', '👩‍🔬', 'a b']) assert.equal(visibleName(plain), plain);
  assert.equal(visibleText('one\ntwo'), 'one\ntwo');
  assert.deepEqual(visibleTexts({ a: ['\u202e', 1, null], b: { c: '\u0085' } }), { a: ['<U+202E>', 1, null], b: { c: '<U+0085>' } });
  let deep = [];
  for (let i = 0; i < 200000; i++) deep = [deep];
  visibleTexts(deep);
});

test('no cell becomes a formula, wherever a spreadsheet cuts it', () => {
  for (const text of [
    '=1+1',
    '+1+1',
    '-1+1',
    '@x',
    '\t=1',
    '\r=1',
    ' =1',
    '\uff1d1+1',
    '\uff0b1',
    '\uff0d1',
    '\uff20x',
    'a;=1+1',
    'a\t=1+1',
    'a\n=1',
    'a,=1',
    'a|=1',
    'a";=1',
  ]) {
    const cell = csvCell(text);
    const parts = cell.split(/[;,\t\r\n|"]/).map((part) => part.trim());
    for (const part of parts) assert.ok(!/^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(part), `${JSON.stringify(text)} -> ${JSON.stringify(cell)}`);
  }
  assert.equal(csvCell(-5), '-5');
  assert.equal(csvCell('-5.25'), '-5.25');
  assert.equal(csvCell('read'), 'read');
});

test('a store that others share: only what is of the right form is taken, and a view only for its own trace', () => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v) };
  try {
    const model = (more) => ({ meta: { randomid: 7, tracebase: 'x', title: 't' }, exec: { n: 5 }, aux: { n: 2 }, t0: 0, t1: 9, ...more });
    const [own, other] = [traceName(model({})), traceName(model({ exec: { n: 6 } }))];
    keepView(own, 't0=1');
    assert.equal(recallView(own), 't0=1');
    assert.equal(recallView(other), null, 'the same id is not the same trace');
    for (let i = 0; i < 100; i++) keepView(`trace ${i}`, 'x');
    assert.equal(JSON.parse(kept.get('kutrace-views')).length, 40);
    for (const junk of ['', '{', '7', 'null', '{"a":1}', '[[1,2],["a"],"b",null,["c","d","e"]]', JSON.stringify([[own, 'x'.repeat(1e6)]])]) {
      kept.set('kutrace-views', junk);
      kept.set('kutrace-recent', junk);
      assert.equal(recallView(own), null);
      assert.deepEqual(recallSearches(), junk.startsWith('[[1') ? ['b'] : []);
    }
    keepSearches(Array.from({ length: 50 }, (_, i) => `s${i}`));
    assert.equal(recallSearches().length, 20);
  } finally {
    delete globalThis.localStorage;
  }
});

test('frames that come late leave the browser more time, those in time the script', () => {
  const budgetAt = frameBudget();
  let time = 1000;
  const after = (frames, apart) => {
    let budget = 0;
    for (let i = 0; i < frames; i++) budget = budgetAt((time += apart));
    return budget;
  };
  assert.equal(after(10, 16.7), 12);
  assert.equal(after(20, 33.3), 4);
  const more = after(30, 16.7);
  assert.ok(more > 6 && more < 8);
  assert.equal(after(1, 5000), more, 'a pause tells nothing');
  assert.equal(after(100, 8.3), 12);
});

test('a sort in slices is a sort, and each slice is short', () => {
  const rnd = random(5);
  for (const n of [0, 1, 2, 16384, 16385, 100000, 131072]) {
    const values = Float64Array.from({ length: n }, () => Math.floor(rnd() * 1000));
    const wanted = values.slice().sort();
    const sort = new SliceSort(values.slice());
    let steps = 0;
    while (!sort.done) {
      sort.step(() => 1, 0); // always out of time: one step of it
      steps++;
    }
    assert.deepEqual(sort.values, wanted);
    assert.ok(n < 100000 || steps > 20, `${steps} steps for ${n}`);
  }
});
