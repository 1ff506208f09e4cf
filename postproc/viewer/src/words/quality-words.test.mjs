// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FINDINGS } from '../format/tables.js';
import { badgeWords, weakens, weakNumbers } from './quality-words.js';

const of = (...list) => ({ diagnostics: list.map(([id, severity, count = 1]) => ({ id, severity, count, text: '' })) });

test('red for damage, amber for what makes a number less exact, a tick for the rest', () => {
  const look = (...list) => badgeWords(of(...list)).look;
  assert.equal(look(), '');
  assert.equal(look(['span.missing_return', 'repair', 7], ['span.unknown_wait', 'info', 7]), '');
  assert.equal(look(['raw.repaired_time_pairs', 'repair']), 'repair');
  assert.equal(look(['raw.repaired_time_pairs', 'repair'], ['raw.events_lost', 'damage', 3]), 'damage');
  assert.equal(badgeWords(of(['raw.events_lost', 'damage', 1234])).text, '⚠ 1,234 damaged');
  assert.equal(badgeWords(of(['missing_switch', 'repair', 2])).text, '▲ 1 less exact');
  assert.match(badgeWords(of(['missing_switch', 'repair', 2], ['low_resolution', 'info'])).text, /^▲ 2 less exact$/);
  assert.match(badgeWords(of(['repaired_time_pairs', 'repair'])).title, /Less exact: all times\./);
});

test('each number is told once, and every id is one that the programs know', () => {
  assert.deepEqual(weakNumbers(of(['a.repaired_time_pairs', 'repair'], ['b.repaired_time_pairs', 'repair'])), ['all times']);
  const known = Object.keys(FINDINGS).filter((id) => weakens({ id, severity: FINDINGS[id].severity, count: 1, text: '' }) !== '');
  assert.equal(known.length, 6);
});
