// SPDX-License-Identifier: BSD-3-Clause
// Damaged span JSON: the reader keeps and counts what the list says, which the programs' tests run too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rpcOf } from './columns.js';
import { parseSpanJson } from './span-json.js';

const all = JSON.parse(readFileSync(new URL('../../../../tests/data/span_json.vectors.json', import.meta.url), 'utf8'));

/** The records of a trace, as texts in order. */
function recordsOf({ exec, aux, cpus, kinds }) {
  const text = (cols, i, cpu) => {
    const kind = kinds[cols.kind[i]];
    return JSON.stringify([
      cols.start[i],
      cols.dur[i],
      cpu,
      cols.pid[i],
      rpcOf(cols, i),
      kind.event,
      cols.arg[i],
      cols.ret[i],
      cols.ipc[i],
      kind.name,
    ]);
  };
  const found = cpus.flatMap(({ cpu, lo, hi }) => Array.from({ length: hi - lo }, (_, k) => text(exec, lo + k, cpu)));
  for (let i = 0; i < aux.n; i++) found.push(text(aux, i, aux.cpu[i]));
  return found.sort();
}

for (const v of all.vectors) {
  test(`damaged span JSON: ${v.name}`, () => {
    let text = (v.before ?? all.before) + v.list + (v.after ?? all.after);
    for (const key of ['A', 'B', 'END']) text = text.replaceAll(`$${key}`, () => all[key]);
    if (v.refused) {
      assert.throws(() => parseSpanJson(text));
      return;
    }
    const trace = parseSpanJson(text);
    const want = v.records.map((r) => JSON.stringify(typeof r === 'string' ? all.records[r] : r)).sort();
    assert.deepEqual(recordsOf(trace), want);
    const count = (severity) => trace.diagnostics.filter((d) => d.severity === severity).reduce((n, d) => n + d.count, 0);
    assert.equal(count('damage'), v.damage, JSON.stringify(trace.diagnostics));
    assert.equal(count('repair'), v.repairs ?? 0);
    assert.equal(trace.meta.title, v.title ?? 't');
  });
}
