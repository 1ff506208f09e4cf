// SPDX-License-Identifier: BSD-3-Clause
// The key: what occurs in a trace, no more and no less.
import assert from 'node:assert/strict';
import test from 'node:test';
import { AUX, CLASS_NAMES, waitLetter } from '../format/events.js';
import { keyEntries } from './key-entries.js';
import { runSearch } from '../search/search.js';
import { hello, rpc, traceOf } from '../../test/samples.mjs';

test('the key has each class and wait of the trace, and no other', () => {
  for (const m of [hello(), rpc()]) {
    const entries = keyEntries(m);
    const classes = new Set(m.exec.kind.slice(0, m.exec.n));
    const occurring = new Set([...classes].map((k) => CLASS_NAMES[m.cls[k]]));
    const words = entries.map((e) => e.word);
    for (const name of ['user', 'system call', 'interrupt', 'fault', 'scheduler', 'idle'])
      assert.equal(words.includes(name), occurring.has(name), name);
    const letters = new Set();
    for (let i = 0; i < m.aux.n; i++) if (m.category[i] === AUX.WAIT) letters.add(waitLetter(m.kinds[m.aux.kind[i]].event));
    assert.deepEqual(new Set(entries.filter((e) => e.query?.startsWith('wait:')).map((e) => e.query?.slice(5))), letters);
    for (const { query } of entries) if (query) assert.ok(runSearch(m, query).count > 0, query);
  }
});

test('what lies over the spans is in it by its toggle', () => {
  const over = (m) => keyEntries(m).filter((e) => e.toggle);
  assert.deepEqual(
    over(rpc()).map((e) => e.word),
    ['wakeup', 'interprocessor interrupt', 'mark', 'RPC request', 'RPC response', 'PC sample'],
  );
  assert.deepEqual(over(traceOf([[1, 0.00001, 0, 41, 0, 65536 + 41, 0, 0, 0, 'prog.41']])), []);
  assert.deepEqual(keyEntries(traceOf([])), []);
});
