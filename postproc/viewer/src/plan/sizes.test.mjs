// SPDX-License-Identifier: BSD-3-Clause
// Sizes that the user chooses, and what they do to the layout; samples of needles; the cost of tracing; versions.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { layoutRows, timelines, visibleRows, zonesOf } from './layout.js';
import { needleSamples } from './needle-column.js';
import { overheadOf } from './overhead.js';
import { figureSize, labelWidth, nextTextSize, readSizes, soundSizes, TEXT_SIZES, USUAL_SIZES, writeSizes } from './sizes.js';
import { initialState } from '../state/store.js';
import { hello, traceOf } from '../../test/samples.mjs';

test('sizes are written and read back; what is out of bounds or not a size is brought in or ignored', () => {
  for (const s of [
    USUAL_SIZES,
    { text: 1.5, label: 222, lines: 0, figure: { width: 1200, height: 900, scale: 2 }, panel: 444 },
    { text: 2, label: null, lines: 4, figure: null, panel: null },
  ])
    assert.deepEqual(readSizes(writeSizes(s)), s);
  assert.equal(writeSizes(USUAL_SIZES), '');
  assert.deepEqual(readSizes('t7 lx n99 f1x2'), { ...USUAL_SIZES, lines: 4, figure: { width: 200, height: 200, scale: 1 } });
  assert.deepEqual(readSizes('l n f'), USUAL_SIZES);
  assert.deepEqual(readSizes('zz f9x t'), USUAL_SIZES);
  assert.deepEqual(soundSizes({ label: 1e9, figure: { width: 1e9, height: NaN, scale: 1 } }), { ...USUAL_SIZES, label: 900 });
  assert.deepEqual(
    TEXT_SIZES.map((s) => nextTextSize(s, 1)),
    [...TEXT_SIZES.slice(1), TEXT_SIZES.at(-1)],
  );
});

test('the label column: by the window, or as wide as asked, never most of the page', () => {
  assert.ok(labelWidth(360) < labelWidth(1200));
  assert.equal(labelWidth(1200, { ...USUAL_SIZES, label: 300 }), 300);
  assert.equal(labelWidth(360, { ...USUAL_SIZES, label: 300 }), 216);
  assert.ok(labelWidth(1200, { ...USUAL_SIZES, text: 2 }) > 1.5 * labelWidth(1200));
});

test("a saved picture has the window's size, or the one asked for", () => {
  const window = { width: 811, height: 417, dpr: 1.25 };
  assert.deepEqual(figureSize(USUAL_SIZES, window), window);
  assert.deepEqual(figureSize({ ...USUAL_SIZES, figure: { width: 1600, height: 900, scale: 2 } }, window), { width: 1600, height: 900, dpr: 2 });
});

test('parts of a row fit in it at every height, text size and number of lines; lines asked for are given where they fit', () => {
  for (const text of TEXT_SIZES) {
    for (const lines of [null, 0, 1, 2, 3, 4]) {
      for (let h = 12; h <= 300; h++) {
        const z = zonesOf(h, text, lines);
        assert.ok(z.spanHeight >= 6 && z.text + z.textHeight <= Math.max(h, 12) + 1, `${h} ${text} ${lines}: ${JSON.stringify(z)}`);
        assert.ok(lines === null ? z.lines <= 1 : z.lines <= lines);
      }
      if (lines !== null) assert.equal(zonesOf(300, text, lines).lines, lines);
    }
  }
  const model = hello();
  for (const [lines, text] of [
    [0, 1],
    [3, 1],
    [4, 2],
  ]) {
    const state = { ...initialState(), open: { cpu: true, pid: true, rpc: true }, sizes: { ...USUAL_SIZES, lines, text } };
    const layout = layoutRows(model, state, { width: 1200, height: 900 });
    assert.equal(layout.type.scale, text);
    for (const { zones } of visibleRows(layout)) assert.equal(zones.lines, lines, 'rows grow for the lines asked for');
  }
});

test('samples of needles: 16, or 4 and 4; the timelines leave them room, but not on a phone', () => {
  assert.deepEqual(
    needleSamples(128).map((s) => s.text),
    ['0', '1/8', '1/4', '3/8', '1/2', '5/8', '3/4', '7/8', '1', '1 1/4', '1 1/2', '1 3/4', '2', '2 1/2', '3', '3 1/2'],
  );
  assert.deepEqual(
    needleSamples(32).map((s) => s.text),
    ['0', '1', '8+', '16+', '32+', '64+', '128+', '256+', '512+', '1K+', '2K+', '4K+', '8K+', '16K+', '32K+', '64K+'],
  );
  assert.deepEqual(
    needleSamples(160).map((s) => s.text),
    ['1/8', '5/8', '1 1/4', '2 1/2', '0', '8+', '64+', '512+'],
  );
  assert.deepEqual(needleSamples(0), []);
  const [model, state] = [hello(), initialState()];
  const right = (ipc, width) => width - timelines(model, { ...state, show: { ...state.show, ipc } }, width).right;
  assert.deepEqual([right(0, 1200), right(1, 1200) > 60, right(1, 360)], [14, true, 14]);
});

test('what an entry costs: 50 ns with IPC, 20 ns without, 400 ns on the slow RISC-V board', () => {
  assert.deepEqual(overheadOf({}, 128), { ns: 50, widest: 8000 });
  assert.deepEqual(overheadOf({ cpuModelName: 'Intel(R) Core(TM) i3-7100 CPU' }, 0), { ns: 20, widest: 8000 });
  for (const cpuModelName of ['sifive,u74-mc', 'U74 RISC-V', 'SiFive U74'])
    assert.deepEqual(overheadOf({ cpuModelName }, 128), { ns: 400, widest: 40000 });
  assert.deepEqual(overheadOf({ cpuModelName: 'u740x' }, 0), { ns: 20, widest: 8000 });
});

test('sizes of one trace: an empty one too', () => {
  const model = traceOf([]);
  const layout = layoutRows(model, { ...initialState(), sizes: { ...USUAL_SIZES, text: 2, lines: 4, label: 900 } }, { width: 300, height: 200 });
  assert.ok(layout.right > layout.left && layout.bottom > 0);
});

test("one version: the viewer's is the project's", () => {
  const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  const { version } = JSON.parse(read('package.json'));
  assert.equal(/project\(kutrace VERSION ([\d.]+)/.exec(read('../../CMakeLists.txt'))?.[1], version);
  assert.ok(read('dist/template.html').includes(`"${version}"`), 'the built page knows it');
});
