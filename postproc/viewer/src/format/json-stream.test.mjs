// SPDX-License-Identifier: BSD-3-Clause
// The span JSON, read in pieces of any size: the same trace; damage costs the record that it is in; hostile files cost what they are large.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventsSplitter } from './events-splitter.js';
import { parseSpanJson, SpanJsonReader } from './span-json.js';
import { random } from '../../test/synthetic.mjs';
import { spanJson } from '../../test/encode-payload.mjs';

const END = '[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, ""]';
const record = (i, name = 'write') => JSON.stringify([i / 1e6, 1e-6, i % 3, 40 + (i % 5), 0, 2049, i, 0, 0, name]);
const whole = (records, tail = ']}') =>
  `{"Comment": "the \\"events\\": [", "title": "t", "inner": {"events": [1]},\n"events" : [\n${records.join(',\n')}${tail}`;
const plain = ({ exec, aux, cpus, kinds, meta, diagnostics }) => ({
  exec: [...exec.start].map((t, i) => [t, exec.dur[i], exec.pid[i], exec.kind[i], exec.arg[i]]),
  aux: [...aux.start],
  cpus,
  kinds,
  title: meta.title,
  diagnostics,
});

test('pieces of any size give the same trace', () => {
  const text = whole([...Array.from({ length: 400 }, (_, i) => record(i, i % 7 ? 'write' : 'a ], [ \\" { é')), END]);
  const wanted = plain(parseSpanJson(text));
  assert.equal(wanted.exec.length, 400);
  assert.equal(wanted.title, 't');
  assert.deepEqual(wanted.diagnostics, []);
  assert.deepEqual(
    wanted.cpus.map((c) => c.hi - c.lo),
    [134, 133, 133],
  );
  for (const n of [1, 2, 7, 64, 1000]) {
    const reader = new SpanJsonReader();
    for (let at = 0; at < text.length; at += n) reader.add(text.slice(at, at + n));
    assert.deepEqual(plain(reader.end()), wanted, `pieces of ${n}`);
  }
});

test('damage costs the record that it is in, and is counted', () => {
  const good = (from, n) => Array.from({ length: n }, (_, i) => record(from + i));
  const lost = (r) => r.diagnostics.find((d) => d.id === 'viewer.records')?.count ?? 0;
  for (const [what, bad, count] of [
    ['no number', '[a]', 1],
    ['too short', '[1, 2]', 1],
    ['no list', '7', 1],
    ['a bracket missing', '[0.5, 1e-6, 0, 41', 1],
    ['a bracket too many', `${record(5)}]`, 1],
    ['a quote missing', '[0.5, 1e-6, 0, 41, 0, 2049, 0, 0, 0, "wri]', 1],
    ['a list in it', '[0.5, [1, 2], 3]', 4],
  ]) {
    const r = parseSpanJson(whole([...good(0, 50), bad, ...good(60, 50), END]));
    const kept = r.exec.n;
    assert.ok(kept === 100 || (what === 'a bracket too many' && kept === 101), `${what}: ${kept} kept`);
    assert.ok(lost(r) >= 1 && lost(r) <= count, `${what}: ${lost(r)} told`);
  }
  const cut = parseSpanJson(whole(good(0, 100), ',\n[0.5, 1e-'));
  assert.equal(cut.exec.n, 100);
  assert.ok(cut.diagnostics.some((d) => d.id === 'viewer.cut'));
  assert.throws(() => parseSpanJson('nonsense'), /not a span JSON/);
  assert.throws(() => parseSpanJson(''), /not a span JSON/);
  assert.throws(() => parseSpanJson('{"a": 1}'), /no "events" list/);
  assert.throws(() => parseSpanJson('[]'), /no "events" list/);
});

test('twice the file takes about twice the steps, whatever it is', () => {
  const shapes = {
    'bad records on one line': (n) => `{"events":[${'[a], '.repeat(n)}`,
    'open brackets': (n) => `{"events":[${'['.repeat(n)}`,
    'open braces': (n) => `{"events":[${'{'.repeat(n)}`,
    'a string without end': (n) => `{"events":["${'x'.repeat(n)}`,
    quotes: (n) => `{"events":[${'"'.repeat(n)}`,
    backslashes: (n) => `{"events":["${'\\'.repeat(n)}`,
    'a bracket and commas': (n) => `{"events":[${'],['.repeat(n)}`,
    'blanks behind the key': (n) => `{"events"${' '.repeat(n)}`,
    'blanks behind the list': (n) => `{"events":[]${' '.repeat(n)}`,
    'blanks in the list': (n) => `{"events":[${' '.repeat(n)}`,
    'no list': (n) => `{"a":"${'x'.repeat(n)}`,
    'line ends': (n) => `{"events":[${'"\n'.repeat(n)}`,
  };
  for (const [name, make] of Object.entries(shapes)) {
    const steps = (n) => {
      let looks = 0;
      const kept = String.prototype.charCodeAt;
      String.prototype.charCodeAt = function counted(i) {
        looks++;
        return kept.call(this, i);
      };
      try {
        const text = make(n);
        const splitter = new EventsSplitter(() => {});
        for (let at = 0; at < text.length; at += 4096) splitter.add(text.slice(at, at + 4096));
        try {
          splitter.end();
        } catch {
          /* it may be no JSON at all */
        }
      } finally {
        String.prototype.charCodeAt = kept;
      }
      return looks;
    };
    const [one, two] = [steps(1 << 16), steps(1 << 17)];
    assert.ok(two < one * 2.1 + 1e4, `${name}: ${one}, then ${two}`);
  }
});

test('the same as before for records in any order, CPUs of any number', () => {
  const rnd = random(3);
  const events = Array.from({ length: 3000 }, () => [
    Math.floor(rnd() * 1e6) / 1e6,
    1e-6,
    Math.floor(rnd() * 9) * 1000,
    41,
    0,
    rnd() < 0.7 ? 2049 : 0x206,
    Math.floor(rnd() * 2 ** 31),
    0,
    0,
    'x',
  ]);
  const r = parseSpanJson(spanJson(events));
  assert.equal(r.exec.n + r.aux.n, 3000);
  for (const { cpu, lo, hi } of r.cpus) {
    const wanted = events.filter((e) => e[2] === cpu && e[5] === 2049);
    assert.equal(hi - lo, wanted.length);
    wanted.forEach((e, i) => {
      assert.equal(r.exec.start[lo + i], Math.round(e[0] * 1e8));
      assert.equal(r.exec.wideArg.get(lo + i) ?? r.exec.arg[lo + i], e[6]);
    });
  }
});
