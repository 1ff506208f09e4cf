// SPDX-License-Identifier: BSD-3-Clause
// Nothing is drawn beyond the window: what a picture costs does not depend on how long its records are, and what is seen of a
// long record is what would be seen if all of it were drawn. Costs are counts of what is drawn, never times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arcCurve, arcInBox, arcPasses, wholeArc } from '../plan/arc-curve.js';
import { makePalette } from '../plan/colors.js';
import { pictureSvg } from '../page/export.js';
import { idleGlyph } from './glyphs.js';
import { dotted, hatch, inferredGlyph, lockGlyph, lostGlyph, messageGlyph, queuedGlyph, sampleGlyph, waitGlyph } from './item-glyphs.js';
import { Raster } from './raster.js';
import { initialState } from '../state/store.js';
import { buildModel } from '../trace/model.js';
import { parseSpanJson } from '../format/span-json.js';
import { spanJson } from '../../test/encode-payload.mjs';

globalThis.ImageData ??= class {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(4 * width * height);
  }
};

const palette = makePalette('light');
const HEIGHT = 40;

/** Every glyph that is as long as its record. */
const GLYPHS = {
  dots: (r, x0, x1, c) => dotted(r, x0, x1, 10, 2, 7, c, 2, 5),
  inferred: (r, x0, x1, c) => inferredGlyph(r, palette, x0, x1, 10, c),
  queued: (r, x0, x1, c) => queuedGlyph(r, palette, 3, x0, x1, 10, 1, c),
  'lock held': (r, x0, x1, c) => lockGlyph(r, palette, 3, true, x0, x1, 10, 1, c),
  'lock tried': (r, x0, x1, c) => lockGlyph(r, palette, 3, false, x0, x1, 10, 1, c),
  hatch: (r, x0, x1, c) => hatch(r, 7, x0, x1, 5, 30, c, 11, 2),
  lost: (r, x0, x1, c) => lostGlyph(r, palette, x0, x1, 5, 30, c, 1),
  'low power': (r, x0, x1, c) => idleGlyph(r, palette, true, x0, x1, 5, 20, c),
  wait: (r, x0, x1) => waitGlyph(r, palette, 0x303, x0, x1, 20, 1, true),
  sample: (r, x0, x1, c) => sampleGlyph(r, palette, 54618, true, x0, 20, x1, 13, 1, c),
  message: (r, x0, x1) => messageGlyph(r, palette, true, 1400 * Math.max(1, Math.round((x1 - x0) / 10)), x0, x1, 5, 30, 1),
};

/** Calls that a drawing makes on a raster. */
function calls(draw) {
  let n = 0;
  const kept = ['rect', 'column', 'blend'].map((name) => [name, Raster.prototype[name]]);
  for (const [name, method] of kept) {
    Raster.prototype[name] = function counted(...args) {
      n++;
      return method.apply(this, args);
    };
  }
  try {
    draw();
  } finally {
    for (const [name, method] of kept) Raster.prototype[name] = method;
  }
  return n;
}

for (const [name, draw] of Object.entries(GLYPHS)) {
  test(`${name}: as many strokes for a long record as for a short one, and the same where it is seen`, () => {
    const width = 200;
    const counts = [1e3, 1e6, 1e9, 1e12].map((reach) => calls(() => draw(new Raster(width, HEIGHT), -reach, reach, 12345)));
    assert.ok(Math.max(...counts) <= counts[0] * 1.1 + 4, counts.join());
    // Once whole, once only its middle.
    const whole = new Raster(2000, HEIGHT);
    draw(whole, 50, 1950, 12345);
    const seen = new Raster(2000, HEIGHT);
    seen.clip(900, 8, 1030, 24);
    draw(seen, 50, 1950, 12345);
    for (let y = 8; y < 24; y++)
      assert.deepEqual(seen.pixels.subarray(y * 2000 + 900, y * 2000 + 1030), whole.pixels.subarray(y * 2000 + 900, y * 2000 + 1030), `line ${y}`);
  });
}

const BOX = { left: 100, top: 0, right: 1500, bottom: 900 };
/** Points of a curve, many. */
const walk = ({ x, y }, n) =>
  Array.from({ length: n + 1 }, (_, i) => {
    const t = i / n;
    const u = 1 - t;
    const at = (c) => u * u * u * c[0] + 3 * u * u * t * c[1] + 3 * u * t * t * c[2] + t * t * t * c[3];
    return [at(x), at(y)];
  });
const lengthOf = (points) => points.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - points[i][0], y - points[i][1]), 0);

test('of an arc only what is in the box is drawn, its dashes where they would be', () => {
  const arcs = [
    { x0: -5000, y0: 50, x1: 9000, y1: 700, h: 20 },
    { x0: 300, y0: -20000, x1: 420, y1: 30000, h: 20 },
    { x0: 300, y0: 30000, x1: 420, y1: -20000, h: 20 },
    { x0: -3000, y0: 200, x1: 700, y1: 200, h: 20 },
    { x0: 1400, y0: 200, x1: 5000, y1: 201, h: 20 },
    { x0: 200, y0: 100, x1: 600, y1: 500, h: 20 },
    { x0: 700, y0: 100, x1: 400, y1: 5000, h: 20 },
  ];
  for (const arc of arcs) {
    const piece = arcInBox(arc, BOX);
    assert.ok(piece);
    for (const v of piece.x) assert.ok(v > BOX.left - 2 && v < BOX.right + 2, `x ${piece.x}`);
    for (const v of piece.y) assert.ok(v > BOX.top - 60 && v < BOX.bottom + 60, `y ${piece.y}`);
    // The piece lies on the curve, and begins where the curve enters.
    const points = walk(arcCurve(arc), 400000);
    const inside = points.findIndex(([x, y]) => x >= BOX.left && x <= BOX.right && y >= BOX.top && y <= BOX.bottom);
    assert.ok(Math.hypot(points[inside][0] - piece.x[0], points[inside][1] - piece.y[0]) < 1);
    assert.ok(Math.abs(lengthOf(points.slice(0, inside + 1)) - piece.skipped) < 0.7, `${piece.skipped}`);
    assert.equal(piece.last, arc.x1 >= BOX.left && arc.x1 <= BOX.right && arc.y1 >= BOX.top && arc.y1 <= BOX.bottom);
  }
  assert.equal(arcInBox({ x0: -900, y0: 10, x1: 90, y1: 20, h: 20 }, BOX), null);
  assert.equal(arcInBox({ x0: 90, y0: 5000, x1: 900, y1: 901, h: 20 }, BOX), null);
});

test('dashes of an arc that begins a billion windows away stay on it when the picture moves', () => {
  const at = (by) => arcInBox({ x0: -1e12 + by, y0: 50, x1: 1e12 + by, y1: 700, h: 20 }, BOX);
  const first = at(0);
  for (let by = 1; by < 8; by++) assert.ok(Math.abs(at(by).skipped - first.skipped + by) < 0.01, `${at(by).skipped - first.skipped} after ${by}`);
});

test('an arc is met where it passes, however far its ends are', () => {
  for (const arc of [
    { x0: -1e9, y0: 50, x1: 2e9, y1: 700, h: 20 },
    { x0: 0, y0: 50, x1: 1600, y1: 700, h: 20 },
    { x0: 0, y0: 50, x1: 1600, y1: 50, h: 20 },
  ]) {
    const middle = walk(wholeArc(arc), 2)[1];
    assert.ok(arcPasses(arc, ...middle, 4));
    assert.ok(!arcPasses(arc, middle[0], middle[1] + 30, 4));
    assert.ok(!arcPasses(arc, middle[0], middle[1] - 30, 4));
  }
});

const rec = (start, dur, cpu, pid, event, name, { arg = 0, ret = 0, rpc = 0 } = {}) => [start, dur, cpu, pid, rpc, event, arg, ret, 0, name];
/** One record of everything that has a length, each about 2 * reach seconds long, and all of them at reach + 1 s. */
const longRecords = (reach) => {
  const t = (share) => 1 + reach * share;
  const all = (cpu, pid, event, name, more) => rec(t(0), 2 * reach, cpu, pid, event, name, more);
  return [
    all(0, 41, 65577, 'prog.41'),
    all(1, 0, 65536, '-idlelp-', { arg: 1 }),
    all(0, 0, 0x209, '-freq-', { arg: 1200 }),
    rec(t(2), reach / 10, 0, 0, 0x209, '-freq-', { arg: 3000 }),
    all(-1, 43, 0x303, 'wait_disk'),
    rec(t(2), 1e-8, 1, 43, 65579, 'prog.43'),
    all(-1, 41, 0x282, '=lock', { arg: 3 }),
    all(-1, 41, 0x283, '~lock', { arg: 4 }),
    all(0, 41, 0x281, 'PC=ffff', { arg: 54618 }),
    all(1, 41, 0x280, 'PC=40', { arg: 5 }),
    all(0, 41, 0x204, 'rx.7', { arg: 2e9, rpc: 7 }),
    rec(t(0), 1e-8, 0, 41, 0x201, 'read.7', { arg: 7, rpc: 7 }),
    all(-1, -1, 0x21a, 'queue.1', { arg: 2, rpc: 7 }),
    all(-1, -1, -6, 'zone'),
    all(0, 41, -3, '-wakeup-', { arg: 1, ret: 43 }),
    all(1, 43, -3, '-wakeup-', { arg: 1, ret: 43 }),
    all(0, 41, -7, '-ipi-', { arg: 1 }),
    rec(t(2), 1e-8, 0, 41, 0x213, 'lost', { arg: 12 }),
  ].sort((a, b) => a[0] - b[0]);
};

test('a picture of a microsecond costs the same whatever lasts longer around it, and nothing of it lies beyond the window', () => {
  const size = { width: 1600, height: 1000, dpr: 1 };
  const costs = [1e-4, 1, 400].map((reach) => {
    const model = buildModel(parseSpanJson(spanJson(longRecords(reach))));
    const middle = Math.round((1 + reach) * 1e8);
    const state = {
      ...initialState(),
      model,
      window: { t0: middle - 50, t1: middle + 50 },
      open: { cpu: true, pid: true, rpc: true },
      range: { t0: model.t0, t1: model.t1 },
      cursors: { a: model.t0, b: model.t1 },
      selection: { cols: 'aux', record: 0 },
      labelled: [{ cols: 'exec', record: 0 }],
      annotate: 'all',
    };
    state.show = { ...state.show, arcs: 2 };
    let svg = '';
    const strokes = calls(() => {
      svg = pictureSvg(state, size);
    });
    const vectors = svg.replace(/<path d="[^"]*" fill="#\w+" shape-rendering="crispEdges"\/>/g, '');
    for (const v of vectors.match(/(?<=[ "(MLCQhv])-?\d+(\.\d+)?(?=[ ")a-zA-Z])/g) ?? [])
      assert.ok(Math.abs(Number(v)) < 2500, `${v} in a picture of 1600 x 1000`);
    return { strokes, parts: vectors.split('<').length };
  });
  const [short, ...long] = costs;
  for (const { strokes, parts } of long) {
    assert.ok(strokes <= short.strokes * 1.05, `strokes on the raster: ${JSON.stringify(costs)}`);
    assert.ok(parts <= short.parts * 1.05, `parts of the picture: ${JSON.stringify(costs)}`);
  }
});
