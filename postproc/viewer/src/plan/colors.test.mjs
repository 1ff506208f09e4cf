// SPDX-License-Identifier: BSD-3-Clause
// One colour, one meaning: contrast with the ground, and difference within a set of meanings that stand side by side, as people with and without
// colour blindness see them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { kindPaint, makePalette, paletteName } from './colors.js';
import { CLASS, CLASS_COUNT, SHAPE } from '../format/events.js';
import { classToken, tokensOf } from './tokens.js';

const PALETTES = ['light', 'dark', 'contrast'].flatMap((theme) => [false, true].map((safe) => paletteName(/** @type {any} */ (theme), safe)));

/** Full loss of one kind of cone, in linear light (Machado, Oliveira and Fernandes 2009). */
const EYES = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

const linear = (color) =>
  [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
const through = (m, [r, g, b]) => [0, 3, 6].map((i) => Math.min(1, Math.max(0, m[i] * r + m[i + 1] * g + m[i + 2] * b)));
const luminance = (color) => linear(color).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
};

/** CIE L*a*b*, D65, of linear light. */
function lab([r, g, b]) {
  const f = (t) => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Colour difference CIEDE2000 (Sharma, Wu and Dalal 2005). */
function ciede2000([l1, a1, b1], [l2, a2, b2]) {
  const rad = Math.PI / 180;
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7)));
  const [x1, x2] = [a1 * (1 + g), a2 * (1 + g)];
  const [c1, c2] = [Math.hypot(x1, b1), Math.hypot(x2, b2)];
  const hue = (a, b) => (a === 0 && b === 0 ? 0 : (Math.atan2(b, a) / rad + 360) % 360);
  const [h1, h2] = [hue(x1, b1), hue(x2, b2)];
  const gray = c1 * c2 === 0;
  const turn = gray ? 0 : ((h2 - h1 + 540) % 360) - 180;
  const dL = l2 - l1;
  const dC = c2 - c1;
  const dH = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * rad);
  const L = (l1 + l2) / 2;
  const C = (c1 + c2) / 2;
  const h = gray ? h1 + h2 : Math.abs(h1 - h2) <= 180 ? (h1 + h2) / 2 : (h1 + h2 + (h1 + h2 < 360 ? 360 : -360)) / 2;
  const T =
    1 - 0.17 * Math.cos((h - 30) * rad) + 0.24 * Math.cos(2 * h * rad) + 0.32 * Math.cos((3 * h + 6) * rad) - 0.2 * Math.cos((4 * h - 63) * rad);
  const sL = 1 + (0.015 * (L - 50) ** 2) / Math.sqrt(20 + (L - 50) ** 2);
  const sC = 1 + 0.045 * C;
  const sH = 1 + 0.015 * C * T;
  const r = -2 * Math.sqrt(C ** 7 / (C ** 7 + 25 ** 7)) * Math.sin(60 * Math.exp(-(((h - 275) / 25) ** 2)) * rad);
  return Math.sqrt((dL / sL) ** 2 + (dC / sC) ** 2 + (dH / sH) ** 2 + r * (dC / sC) * (dH / sH));
}

test('the difference is that of the published pairs', () => {
  // Of the test data of Sharma, Wu and Dalal.
  for (const [a, b, d] of [
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ])
    assert.ok(Math.abs(ciede2000(a, b) - d) < 1e-4, `${ciede2000(a, b)} ${d}`);
});

/** The two of a set that differ least, and by how much. */
function closest(colors, eye) {
  const seen = Object.entries(colors).map(([name, c]) => [name, lab(through(eye, linear(c)))]);
  let least = { d: Infinity, pair: '' };
  seen.forEach(([a, x], i) => {
    for (const [b, y] of seen.slice(i + 1)) if (ciede2000(x, y) < least.d) least = { d: ciede2000(x, y), pair: `${a}/${b}` };
  });
  return least;
}

for (const name of PALETTES) {
  const { css } = makePalette(name);
  const busy = {
    syscall: css.cls[CLASS.SYSCALL],
    irq: css.cls[CLASS.IRQ],
    fault: css.cls[CLASS.FAULT],
    sched: css.cls[CLASS.SCHED],
    other: css.cls[CLASS.OTHER],
    user: css.cls[CLASS.USER],
  };
  const sets = {
    'classes and ready': { ...busy, ready: css.wait.c },
    waits: { disk: css.wait.d, net: css.wait.n, lock: css.wait.l, memory: css.wait.m, thread: css.wait.p, timer: css.wait.t },
  };

  test(`${name}: meanings that stand side by side differ for every eye`, () => {
    for (const [set, colors] of Object.entries(sets))
      for (const [who, eye] of Object.entries(EYES)) {
        const { d, pair } = closest(colors, eye);
        assert.ok(d >= 11, `${set}, ${who}: ${pair} ${d.toFixed(1)}`);
      }
  });

  if (name.endsWith('safe'))
    test(`${name}: classes differ by more than in the usual colours' limit`, () => {
      for (const [who, eye] of Object.entries(EYES)) {
        const { d, pair } = closest(busy, eye);
        assert.ok(d >= 15, `${who}: ${pair} ${d.toFixed(1)}`);
      }
    });

  test(`${name}: shapes stand out from the ground`, () => {
    for (const colors of [...Object.values(sets), { idle: css.cls[CLASS.IDLE], other: css.wait.x }])
      for (const [meaning, color] of Object.entries(colors)) {
        const ratio = contrast(color, css.background);
        assert.ok(ratio >= 3, `${meaning}: ${ratio.toFixed(2)}`);
      }
    for (const tint of css.fill) assert.ok(contrast(css.text, tint) >= 4.5, `words on ${tint}`);
  });
}

test('a span has the colour of its class in the overview, in columns, in tables and drawn one by one', () => {
  const palette = makePalette('light');
  const tokens = new Map(tokensOf(palette));
  for (let c = 0; c < CLASS_COUNT; c++) {
    const color = palette.css.cls[c];
    assert.equal(tokens.get(classToken(c).slice(4, -1)), color);
    assert.equal(palette.raster.cls[c], kindPaint(palette, 0x801, c, SHAPE.KERNEL).band);
  }
  assert.equal(tokens.get('--w-n'), palette.css.wait.n);
});

test('within a class names differ in lightness only; by name they have hues of their own', () => {
  const bands = (palette) => new Set([0, 1, 2, 3, 4].map((n) => kindPaint(palette, 0x800 + n, CLASS.SYSCALL, SHAPE.KERNEL).band));
  const cores = new Set([0, 1, 2, 3, 4].map((n) => kindPaint(makePalette('light'), 0x800 + n, CLASS.SYSCALL, SHAPE.KERNEL).core));
  assert.equal(bands(makePalette('light')).size, 1);
  assert.equal(cores.size, 5);
  assert.equal(bands(makePalette('light', true)).size, 5);
});
