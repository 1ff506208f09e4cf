// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import test from 'node:test';
import { makeAxis } from './axis.js';
import { base40, classOf, CLASS, eventWords, ipcParts, ipcWords, markText, returnWords, waitFor } from '../format/events.js';
import { clampWindow, fitWindow, panWindow, reveal, zoomWindow } from './view.js';
import { durationWords, exactNs, parseBase } from '../trace/time.js';
import { actionOf, KEYS } from '../input/keys.js';
import { extractElement } from '../load/load-job.js';
import { fitText } from '../kit/type.js';
import { forEachOverlap, groupBy, mergeRuns } from '../format/bounds.js';
import { makeColumns, orderByStart } from '../format/columns.js';
import { random } from '../../test/synthetic.mjs';

test('marks: base 40, numbers, and the text in the name', () => {
  const encode = (s) => [...s].reduceRight((v, c) => v * 40 + '\0abcdefghijklmnopqrstuvwxyz0123456789-./'.indexOf(c), 0);
  for (const text of ['hello', '/hello', 'a', 'x-9.', 'zzzzzz']) assert.equal(base40(encode(text)), text);
  assert.equal(base40(encode('//////') | 0), '//////');
  assert.equal(base40(0), '');
  assert.equal(markText(0x20a, 0, 'mark_a=begin'), 'begin');
  assert.equal(markText(0x20a, encode('begin'), 'mark_a'), 'begin');
  assert.equal(markText(0x20d, -1, 'mark_d'), '4294967295');
});

test('classes of event numbers', () => {
  assert.equal(classOf(0x10000, '-idle-'), CLASS.IDLE);
  assert.equal(classOf(0x20000, '-c-exit-'), CLASS.IDLE);
  assert.equal(classOf(0x20000, 'prog.65536'), CLASS.USER);
  assert.equal(classOf(0x10000 + 3000000, 'prog.3000000'), CLASS.USER);
  assert.equal(classOf(2559, '-sched-'), CLASS.SCHED);
  assert.equal(classOf(3583, '-sched-'), CLASS.SCHED);
  assert.equal(classOf(2048, 'read'), CLASS.SYSCALL);
  assert.equal(classOf(0xc05, 'x'), CLASS.SYSCALL);
  assert.equal(classOf(1038, 'page_fault'), CLASS.FAULT);
  assert.equal(classOf(0x5ff, 'BH:rcu'), CLASS.IRQ);
});

test('words: returns, waits, IPC, events', () => {
  assert.equal(returnWords(9), '9');
  assert.equal(returnWords(0xfff5), '-11 (EAGAIN)');
  assert.equal(returnWords(0xf001), '-4095');
  assert.equal(returnWords(0xf000), '61440');
  assert.equal(returnWords(0x10000 - 110), '-110 (ETIMEDOUT)');
  assert.equal(returnWords(0x10000 - 133), '-133 (EHWPOISON)');
  assert.match(waitFor(0x302), /CPU/);
  assert.equal(waitFor(0x303), 'the disk');
  assert.match(waitFor(0x300 + 9), /"j"/);
  assert.equal(ipcWords(3), '3/8');
  assert.deepEqual(ipcParts(7, 128), { ipc: 7, llc: null });
  assert.deepEqual(ipcParts(7, 160), { ipc: 5, llc: 8 });
  assert.deepEqual(ipcParts(7, 3), { ipc: null, llc: null });
  assert.equal(eventWords(0x10000, '-idlelp-', 1, 5), 'idle, low power');
  assert.equal(eventWords(0x5ff, 'BH:rcu', 9, 5), 'softirq (bottom half rcu)');
});

test('windows stay inside the trace', () => {
  const range = { t0: 1000, t1: 2000 };
  assert.deepEqual(clampWindow({ t0: 0, t1: 5000 }, range), range);
  assert.deepEqual(panWindow({ t0: 1100, t1: 1200 }, -500, range), { t0: 1000, t1: 1100 });
  assert.deepEqual(panWindow({ t0: 1100, t1: 1200 }, 5000, range), { t0: 1900, t1: 2000 });
  const z = zoomWindow({ t0: 1000, t1: 2000 }, 0.5, 0.25, range);
  assert.equal(z.t0 + (z.t1 - z.t0) * 0.25, 1250);
  let w = range;
  for (let i = 0; i < 100; i++) w = zoomWindow(w, 0.5, 0.3, range);
  assert.equal(w.t1 - w.t0, 8);
  for (let i = 0; i < 100; i++) w = zoomWindow(w, 2, 0.3, range);
  assert.deepEqual(w, range);
  assert.ok(fitWindow(1500, 1600, range).t0 < 1500);
  const r = reveal({ t0: 1000, t1: 1100 }, 1700, 1710, range);
  assert.ok(r.t0 < 1700 && r.t1 > 1710);
  const seen = { t0: 0, t1: 1e6 };
  const narrow = reveal(seen, 5000, 5100, seen, 1000);
  assert.equal(Math.round((100 / (narrow.t1 - narrow.t0)) * 1e9), 12e6, 'what would be a tenth of a pixel becomes 12 wide');
  assert.deepEqual(reveal(narrow, 5000, 5100, seen, 1000), narrow, 'what can be seen is left as it is');
  assert.deepEqual(reveal(seen, 5000, 5000, seen, 1000), seen, 'an instant has a sign of its own');
});

test('axis: units fit the window and labels count from the base', () => {
  const base = parseBase('2021-10-28_14:01:00');
  for (const [width, unit] of [
    [5e9, 's'],
    [5e6, 'ms'],
    [5e3, 'µs'],
    [500, 'ns'],
  ]) {
    const axis = makeAxis(49.5e9, 49.5e9 + width, base, 10);
    assert.equal(axis.unit, unit);
    assert.ok(axis.ticks.length >= 5 && axis.ticks.length <= 25, `${axis.ticks.length} ticks`);
    assert.equal(new Set(axis.ticks.map((t) => t.label)).size, axis.ticks.length, 'labels differ');
    assert.equal(axis.date, '2021-10-28');
  }
  assert.equal(makeAxis(49.5e9, 49.505e9, base, 10).base, '14:01:49');
  const day = makeAxis(0, 7200e9, parseBase('2021-12-31_23:00:00'), 8);
  assert.ok(day.ticks.some((t) => t.label === '00:00:00'));
  assert.equal(makeAxis(0, 1, null, 10).base, '0:00:00.000000');
});

test('durations', () => {
  assert.equal(durationWords(12), '12 ns');
  assert.equal(durationWords(1234), '1.234 µs');
  assert.equal(durationWords(999996), '1.000 ms');
  assert.equal(durationWords(999940), '999.9 µs');
  assert.equal(durationWords(2.5e9), '2.500 s');
  assert.equal(exactNs(1234567), '1 234 567 ns');
});

test('keys: one action each, letters in both cases, few with Ctrl', () => {
  const all = KEYS.flatMap((k) => k.keys);
  assert.equal(new Set(all).size, all.length);
  const press = (key, ctrlKey = false) => actionOf({ key, ctrlKey, metaKey: false, altKey: false });
  assert.equal(press('W'), 'zoomIn');
  assert.equal(press('n'), 'nextMatch');
  assert.equal(press('N'), 'previousMatch');
  assert.equal(press('s', true), 'saveCopy');
  assert.equal(press('w', true), undefined);
  assert.equal(press('y'), 'panel:why');
  assert.equal(press('#'), undefined);
});

test('elements of another page are found', () => {
  const html = '<p id="x">a</p><script id="kutrace-meta" type="application/json">{"a":1}</script><script id="kutrace-data">QUJD</script>';
  assert.equal(extractElement(html, 'kutrace-meta'), '{"a":1}');
  assert.equal(extractElement(html, 'kutrace-data'), 'QUJD');
  assert.equal(extractElement('<p>', 'kutrace-data'), null);
});

test('texts are cut to fit', () => {
  assert.equal(fitText('read', 100), 'read');
  assert.equal(fitText('read', 10), '');
  assert.ok(fitText('a_very_long_program_name.12345', 120).length <= 19);
  assert.match(fitText('a_very_long_program_name.12345', 120), /…/);
});

test('interval lists find what touches a window', () => {
  const rnd = random(1);
  const n = 500;
  const cols = makeColumns(n, 1, true);
  for (let i = 0; i < n; i++) {
    cols.start[i] = i * 10 + Math.floor(rnd() * 10);
    cols.dur[i] = Math.floor(rnd() * (i % 50 ? 20 : 3000));
  }
  const list = { index: Uint32Array.from({ length: n }, (_, i) => i), blocks: null };
  for (let k = 0; k < 100; k++) {
    const a = rnd() * 5000;
    const b = a + rnd() * 300;
    const min = k % 2 ? 0 : 15;
    const found = [];
    forEachOverlap(list, cols, a, b, min, (r) => found.push(r));
    const want = [...list.index].filter((r) => cols.start[r] < b && cols.start[r] + cols.dur[r] >= a && cols.dur[r] >= min);
    assert.deepEqual(found, want);
  }
});

test('grouping and sorting', () => {
  const keys = [2, 0, -1, 2, 1];
  const { offsets, items } = groupBy(5, 3, (i) => keys[i]);
  assert.deepEqual([...offsets], [0, 1, 2, 4]);
  assert.deepEqual([...items], [1, 4, 0, 3]);
  const cols = makeColumns(1000, 1, false);
  const rnd = random(9);
  for (let i = 0; i < 1000; i++) cols.start[i] = Math.floor(rnd() * 2 ** 40);
  const order = orderByStart(cols, 0, 1000);
  for (let i = 1; i < 1000; i++) assert.ok(cols.start[order[i]] >= cols.start[order[i - 1]]);
  const index = Uint32Array.from({ length: 1000 }, (_, i) => i);
  mergeRuns(index, cols.start);
  assert.deepEqual([...index], [...order]);
});
