// SPDX-License-Identifier: BSD-3-Clause
// The viewer's sums are those of the C++ side (tests/tools/span_sums.cc), to the nanosecond, however a window is cut into pixels.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { sumWindow } from './aggregate.js';
import { CLASS, CLASS_COUNT, CLASS_NAMES } from '../format/events.js';
import { buildModel, prepareAll } from './model.js';
import { makePicture, pictureRow } from '../plan/row-picture.js';
import { toNs } from './time.js';
import { readSpanFile } from '../../test/encode-payload.mjs';

const data = (name) => fileURLToPath(new URL(`../../test/data/${name}`, import.meta.url));

for (const name of ['hello', 'rpc']) {
  const model = buildModel(readSpanFile(data(`${name}.span.json.gz`)));
  prepareAll(model);
  const { classes, windows } = JSON.parse(readFileSync(data(`${name}.sums.json`), 'utf8'));

  test(`${name}: time by class, CPU and thread equals the C++ side's, in windows cut into 1 to 3000 parts`, () => {
    assert.deepEqual(classes, [...CLASS_NAMES]);
    assert.equal(windows.length, 24);
    for (const w of windows) {
      for (const [group, sums] of [
        ['cpu', w.cpus],
        ['pid', w.threads],
      ]) {
        const known = new Set(Object.keys(sums).map(Number));
        for (const row of model.rows[group]) {
          const want = sums[row.key] ?? new Array(CLASS_COUNT).fill(0);
          known.delete(row.key);
          for (const parts of [1, 7, 300, 3000])
            assert.deepEqual(sumOfParts(row, w.from, w.to, parts), want, `${row.label} ${w.from}..${w.to} in ${parts}`);
        }
        assert.equal(known.size, 0, `rows that are missing: ${[...known]}`);
      }
    }
  });

  test(`${name}: a drawn pixel of many spans shows the same sums`, () => {
    const pic = makePicture(200);
    const out = new Float64Array(CLASS_COUNT);
    let checked = 0;
    for (const w of windows) {
      const tpp = (w.to - w.from) / 200;
      for (const row of model.rows.cpu) {
        pictureRow(model, row, w.from, tpp, 200, pic);
        for (let k = 0; k < pic.n; k++) {
          if (pic.record[k] >= 0) continue;
          const t = w.from + pic.x0[k] * tpp;
          sumWindow(row, model.exec, model.cls, t, t + tpp, out);
          for (let c = 0; c < CLASS_COUNT; c++) assert.ok(Math.abs(pic.shares[k * CLASS_COUNT + c] - out[c] / tpp) < 1e-5);
          checked++;
        }
      }
    }
    assert.ok(checked > 500);
  });

  function sumOfParts(row, from, to, parts) {
    const total = new Array(CLASS_COUNT).fill(0);
    const out = new Float64Array(CLASS_COUNT);
    for (let p = 0; p < parts; p++) {
      const a = from + Math.floor(((to - from) * p) / parts);
      const b = from + Math.floor(((to - from) * (p + 1)) / parts);
      if (b <= a) continue;
      sumWindow(row, model.exec, model.cls, a, b, out);
      for (let c = 0; c < CLASS_COUNT; c++) total[c] += out[c];
    }
    return total.map((ticks) => toNs(model, ticks));
  }
}

test('an entire trace has the same kernel time here and in `kutrace check`', () => {
  const shared = (name) => fileURLToPath(new URL(`../../../../tests/data/${name}`, import.meta.url));
  const { file, ns } = JSON.parse(readFileSync(shared('facts.vectors.json'), 'utf8')).kernel_time;
  const model = buildModel(readSpanFile(shared(file)));
  prepareAll(model);
  const out = new Float64Array(CLASS_COUNT);
  let kernel = 0;
  for (const row of model.rows.cpu) {
    sumWindow(row, model.exec, model.cls, model.t0, model.t1, out);
    kernel += toNs(
      model,
      out.reduce((sum, ticks, c) => (c === CLASS.USER || c === CLASS.IDLE ? sum : sum + ticks), 0),
    );
  }
  assert.equal(kernel, ns);
});
