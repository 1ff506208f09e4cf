// SPDX-License-Identifier: BSD-3-Clause
// Facts that several languages hold in code: the page agrees with the list that the programs' tests run, too (tests/facts_test.cc).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  AUX,
  auxCategory,
  base40,
  CLASS,
  CLASS_NAMES,
  classOf,
  EV,
  eventWords,
  FLAG_IPC,
  FLAG_LLC,
  ipcParts,
  ipcValue,
  isPointEvent,
  kindRow,
  llcMisses,
  unknownWords,
  waitFor,
  waitLetter,
} from './events.js';
import { KINDS, SOFTIRQS, WAITS } from './kinds.js';
import { LIMITS, SIZES } from './tables.js';

const facts = JSON.parse(readFileSync(new URL('../../../../tests/data/facts.vectors.json', import.meta.url), 'utf8'));

test('times are of the classes that all agree on', () => {
  const time = (c) => (c === CLASS.USER ? 'user' : c === CLASS.IDLE ? 'idle' : 'kernel');
  for (const row of facts.classes) {
    const c = classOf(row.event, row.name);
    assert.equal(CLASS_NAMES[c], row.page, row.name);
    assert.equal(time(c), row.time, row.name);
  }
});

test('points are points, and unknown specials too', () => {
  for (const n of facts.points.yes) assert.ok(isPointEvent(n) && kindRow(n), String(n));
  for (const n of facts.points.unknown) assert.ok(isPointEvent(n) && !kindRow(n), String(n));
  for (const n of facts.points.no) assert.ok(!isPointEvent(n), String(n));
});

test('numbers are shown under their names', () => {
  for (const { event, label } of facts.unknown) {
    assert.equal(unknownWords(event), label);
    assert.equal(eventWords(event, '', 0, 0), label);
  }
  for (const { event, label } of facts.labels) assert.equal(kindRow(event)?.label, label);
  for (const row of KINDS) assert.ok(row.group === 'none' || row.group in AUX, row.group);
});

test('base 40 is read alike', () => {
  for (const { value, text } of facts.base40) assert.equal(base40(value), text);
});

test('waits and softirqs have one word', () => {
  for (const { letter, event, label, words } of facts.waits) {
    assert.equal(waitLetter(event), letter);
    assert.equal(waitFor(event), words);
    assert.equal(WAITS[letter].label, label);
    assert.equal(auxCategory(event, 1), AUX.WAIT);
  }
  for (const event of facts.no_waits) assert.notEqual(auxCategory(event, 1), AUX.WAIT, String(event));
  facts.softirqs.forEach((label, n) => {
    assert.equal(SOFTIRQS[n], label);
    assert.equal(eventWords(EV.BOTTOM_HALF, '', n, 1), `softirq (bottom half ${label})`);
  });
});

test('codes of instructions and cache misses stand for what the module stores them for', () => {
  assert.deepEqual([FLAG_IPC, FLAG_LLC], [facts.ipc.flags, facts.llc.flags]);
  facts.ipc.eighths.forEach((eighths, code) => assert.equal(ipcValue(ipcParts(code, FLAG_IPC).ipc), eighths / 8));
  facts.llc.misses.forEach((misses, code) => assert.equal(llcMisses(ipcParts(code, FLAG_LLC).llc), misses));
  for (const { ipc, llc, code } of facts.ipc_llc) {
    const parts = ipcParts(code, FLAG_IPC | FLAG_LLC);
    assert.equal(parts.ipc >> 2, ipc >> 2, `${ipc} ${llc}`);
    assert.ok(parts.llc <= llc, `${ipc} ${llc}`);
  }
});

test('limits are the same', () => {
  assert.equal(SIZES.chunk, facts.limits.chunk);
  assert.equal(SIZES.name, facts.limits.name);
  assert.equal(LIMITS.records.base, facts.limits.records_base);
  assert.equal(LIMITS.records.perByte, facts.limits.records_per_byte);
});
