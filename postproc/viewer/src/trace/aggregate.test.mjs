// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import test from 'node:test';
import { CLASS_COUNT } from '../format/events.js';
import { buildCumulative, firstEndingAfter, inferredBetween, startedBy, sumWindow } from './aggregate.js';
import { buildModel, prepareGroup, prepareRow, spanAt } from './model.js';
import { GLYPH_PIXELS, makePicture, pictureRow } from '../plan/row-picture.js';
import { makeTrace, random } from '../../test/synthetic.mjs';

function bruteForce(model, row, t0, t1) {
  const out = new Array(CLASS_COUNT).fill(0);
  for (let i = 0; i < row.n; i++) {
    const r = spanAt(row, i);
    const s = Math.max(t0, model.exec.start[r]);
    const e = Math.min(t1, model.exec.start[r] + model.exec.dur[r]);
    if (e > s) out[model.cls[model.exec.kind[r]]] += e - s;
  }
  return out;
}

const model = buildModel(makeTrace({ spans: 9000, cpus: 3, threads: 5, seed: 7 }));
const rows = model.rows.cpu.map((row) => ({ model, row }));
// Threads of one CPU: rows with gaps, whose spans are picked by an index.
const single = buildModel(makeTrace({ spans: 5000, cpus: 1, threads: 4, seed: 8 }));
prepareGroup(single, 'pid');
for (const row of single.rows.pid) {
  prepareRow(single, row);
  rows.push({ model: single, row });
}

test('sums of random windows equal the sums of the spans, to the tick', () => {
  const rnd = random(3);
  const out = new Float64Array(CLASS_COUNT);
  for (const { model, row } of rows) {
    const full = model.t1 - model.t0;
    for (let k = 0; k < 150; k++) {
      const a = Math.floor(model.t0 - 50 + rnd() * full);
      const b = a + Math.floor(rnd() * (k % 3 ? 500 : full));
      sumWindow(row, model.exec, model.cls, a, b, out);
      assert.deepEqual([...out], bruteForce(model, row, a, b), `${row.label} ${a}..${b}`);
    }
  }
});

test('sums are exact where the ticks of a block need more than 32 bits', () => {
  const long = buildModel(makeTrace({ spans: 2000, cpus: 1, threads: 3, seed: 9 }));
  const { exec } = long;
  exec.dur = Float64Array.from(exec.dur, (d, i) => (i % 97 === 5 ? 6e9 + i : d));
  for (let i = 1; i < exec.n; i++) exec.start[i] = exec.start[i - 1] + exec.dur[i - 1];
  const [row] = long.rows.cpu;
  row.cumulative = buildCumulative(row, exec, long.cls);
  const out = new Float64Array(CLASS_COUNT);
  const rnd = random(11);
  for (let k = 0; k < 400; k++) {
    const a = Math.floor(rnd() * exec.start[exec.n - 1]);
    const b = a + Math.floor(rnd() * (k % 2 ? 1e5 : 1e11));
    sumWindow(row, exec, long.cls, a, b, out);
    assert.deepEqual([...out], bruteForce(long, row, a, b), `${a}..${b}`);
  }
});

test('classes of a CPU row fill the window: nothing is lost', () => {
  const out = new Float64Array(CLASS_COUNT);
  for (const row of model.rows.cpu) {
    const first = model.exec.start[row.lo];
    const last = model.exec.start[row.lo + row.n - 1];
    sumWindow(row, model.exec, model.cls, first, last, out);
    assert.equal(
      out.reduce((a, b) => a + b),
      last - first,
    );
  }
});

test('searches agree with a plain scan', () => {
  const rnd = random(5);
  for (const { model, row } of rows) {
    const { start, dur } = model.exec;
    for (let k = 0; k < 100; k++) {
      const t = model.t0 + rnd() * (model.t1 - model.t0);
      let i = 0;
      while (i < row.n && start[spanAt(row, i)] <= t) i++;
      assert.equal(startedBy(row, model.exec, t), i);
      let j = 0;
      while (j < row.n && start[spanAt(row, j)] + dur[spanAt(row, j)] <= t) j++;
      assert.equal(firstEndingAfter(row, model.exec, t), j);
    }
  }
});

test('a picture covers the row once, in order, with true shares', () => {
  const width = 300;
  const pic = makePicture(width);
  for (const { model, row } of rows) {
    for (const tpp of [0.5, 3, 40, 170, (model.t1 - model.t0) / width]) {
      const t0 = model.t0 + (model.t1 - model.t0 - width * tpp) * 0.4;
      pictureRow(model, row, t0, tpp, width, pic);
      let x = 0;
      for (let k = 0; k < pic.n; k++) {
        assert.ok(pic.x0[k] >= x, 'in order');
        assert.ok(pic.x1[k] > pic.x0[k]);
        x = pic.x1[k];
        if (pic.record[k] >= 0) {
          assert.ok(model.exec.dur[pic.record[k]] >= GLYPH_PIXELS * tpp);
          continue;
        }
        const from = t0 + pic.x0[k] * tpp;
        const want = bruteForce(model, row, from, from + tpp);
        for (let c = 0; c < CLASS_COUNT; c++) {
          assert.ok(Math.abs(pic.shares[k * CLASS_COUNT + c] - want[c] / tpp) < 1e-4, `${row.label} ${tpp} column ${pic.x0[k]} class ${c}`);
        }
      }
      assert.ok(x <= width);
      if (row.group === 'cpu' && model.exec.start[row.lo] <= t0 && model.exec.start[row.lo + row.n - 1] > t0 + width * tpp) {
        const covered = Array.from({ length: pic.n }, (_, k) => pic.x1[k] - pic.x0[k]).reduce((a, b) => a + b, 0);
        assert.equal(covered, width, `no hole on ${row.label} at ${tpp}`);
      }
    }
  }
});

/** A trace in which every `each`-th span was inferred, and some are empty. (On one CPU: so spans of a thread do not overlap.) */
function guessedRows(each) {
  const trace = makeTrace({ spans: 6000, cpus: 1, threads: 3, seed: 9 });
  for (let i = 0; i < trace.exec.n; i++) {
    if (i % each === 1) trace.exec.flags[i] = 1;
    if (i % 97 === 5) trace.exec.dur[i] = 0;
  }
  const model = buildModel(trace);
  prepareGroup(model, 'pid');
  for (const row of model.rows.pid) prepareRow(model, row);
  return [...model.rows.cpu, ...model.rows.pid].map((row) => ({ model, row }));
}

test('inferred spans are counted exactly, in any run of positions and in every column of a picture', () => {
  const rnd = random(11);
  const width = 200;
  const pic = makePicture(width);
  for (const each of [3, 700]) {
    for (const { model, row } of guessedRows(each)) {
      const { exec } = model;
      const spans = Array.from({ length: row.n }, (_, i) => ({
        s: exec.start[spanAt(row, i)],
        d: exec.dur[spanAt(row, i)],
        guessed: exec.flags[spanAt(row, i)] & 1,
      }));
      for (let k = 0; k < 60; k++) {
        const a = Math.floor(rnd() * row.n);
        const b = a + Math.floor(rnd() * (row.n - a));
        assert.equal(inferredBetween(row, exec, a, b), spans.slice(a, b).filter((x) => x.guessed).length);
      }
      for (const tpp of [20, 100, 700, (model.t1 - model.t0) / width]) {
        const t0 = Math.floor(model.t0 + (model.t1 - model.t0 - width * tpp) * 0.3);
        pictureRow(model, row, t0, tpp, width, pic);
        for (let k = 0; k < pic.n; k++) {
          if (pic.record[k] >= 0) continue;
          const [from, to] = [t0 + pic.x0[k] * tpp, t0 + (pic.x0[k] + 1) * tpp];
          const inside = spans.filter(({ s, d }) => s < to && (s + d > from || s >= from));
          assert.equal(pic.count[k], inside.length, `${row.label} ${tpp} ${pic.x0[k]}`);
          assert.equal(pic.inferred[k], inside.filter((x) => x.guessed).length, `${row.label} ${tpp} ${pic.x0[k]}`);
        }
      }
    }
  }
});
