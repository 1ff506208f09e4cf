// SPDX-License-Identifier: BSD-3-Clause
// Colours of both themes. Raster colours are packed 0xAABBGGRR; line and text colours are CSS strings.

import { CLASS } from './events.js';

/** @typedef {'light'|'dark'|'contrast'} ThemeName */
/** @typedef {ThemeName|'light-safe'|'dark-safe'|'contrast-safe'} PaletteName a theme, or its colours for colour blindness */
/** @typedef {[number, number, number]} Rgb */

/** @param {Rgb} c */
export const pack = ([r, g, b]) => ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
/** @param {Rgb} c */
export const css = ([r, g, b]) => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
/** @param {string} text #rrggbb @returns {Rgb} */
export const hex = (text) => /** @type {any} */ ([1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)));
/** @param {Rgb} a @param {Rgb} b @param {number} k 0: a, 1: b @returns {Rgb} */
export const mix = (a, b, k) => [a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k, a[2] + (b[2] - a[2]) * k];

/** @param {number} h 0..360 @param {number} s @param {number} v @returns {Rgb} */
export function hsv(h, s, v) {
  const f = (/** @type {number} */ n) => {
    const k = (n + h / 60) % 6;
    return 255 * (v - v * s * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [f(5), f(3), f(1)];
}

/** Hue wheel; yellow-greens are darkened, they are too bright otherwise. @param {number} n @param {number} s @param {number} v */
function wheel(n, s, v) {
  return Array.from({ length: n }, (_, i) => {
    const h = (i * 360) / n;
    return hsv(h, s, h > 50 && h < 100 ? v * 0.85 : v);
  });
}

/**
 * Hues that people with colour blindness can tell apart (Okabe and Ito, 2008), in several brightnesses.
 * @param {number} n @param {number} brightest 0..1 towards white @param {number} darkest 0..1 towards black @returns {Rgb[]}
 */
function safeWheel(n, brightest, darkest) {
  const hues = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'].map(hex);
  return Array.from({ length: n }, (_, i) => {
    const turn = Math.floor(i / hues.length);
    return turn === 0
      ? hues[i % hues.length]
      : mix(hues[i % hues.length], turn === 1 ? [0, 0, 0] : [255, 255, 255], turn === 1 ? darkest : brightest);
  });
}

const SAFE = { core: safeWheel(17, 0.35, 0.35), band: safeWheel(15, 0.45, 0.2) };
const WHEELS = {
  contrast: { core: wheel(17, 0.7, 1), band: wheel(15, 0.55, 1) },
  'light-safe': SAFE,
  'dark-safe': SAFE,
  'contrast-safe': SAFE,
  light: { core: wheel(17, 1, 0.8), band: wheel(15, 0.85, 1) },
  dark: { core: wheel(17, 0.85, 0.85), band: wheel(15, 0.75, 0.92) },
};
const PASTEL_SAFE = { a: safeWheel(17, 0.6, 0.15), b: safeWheel(15, 0.6, 0.1) };
const PASTEL = {
  contrast: { a: wheel(17, 0.4, 1), b: wheel(15, 0.3, 1) },
  'light-safe': PASTEL_SAFE,
  'dark-safe': PASTEL_SAFE,
  'contrast-safe': PASTEL_SAFE,
  light: { a: wheel(17, 0.45, 0.85), b: wheel(15, 0.4, 0.95) },
  dark: { a: wheel(17, 0.5, 0.8), b: wheel(15, 0.4, 0.9) },
};

/** @param {number} v @param {number} n */
const mod = (v, n) => ((Math.trunc(v) % n) + n) % n;

/** The two hues of an event. @param {PaletteName} theme @param {number} event @returns {{core: Rgb, band: Rgb}} */
export const huesOf = (theme, event) => ({
  core: WHEELS[theme].core[mod(event * 4, 17)],
  band: WHEELS[theme].band[mod(event * 7 + 6, 15)],
});
/** The two pale hues of a PC sample. @param {PaletteName} theme @param {number} hash */
export const sampleHues = (theme, hash) => ({ a: css(PASTEL[theme].a[mod(hash * 5, 17)]), b: css(PASTEL[theme].b[mod(hash * 7 + 6, 15)]) });

const BASE = {
  light: {
    background: '#ffffff',
    stripe: '#f6f7f9',
    text: '#1b1f27',
    muted: '#5a6270',
    faint: '#aab1bd',
    grid: '#e3e6eb',
    header: '#1d4fb8',
    accent: '#c2187a',
    select: '#c2187a',
    idle: '#20242b',
    edge: '#9aa1ab',
    irqEdge: '#1b1f27',
    cls: ['#2f9e57', '#2b6fd6', '#d6432b', '#8491a8', '#8a5cc7', '#f0a53a', '#20242b'],
    fill: ['#d3f0d6', '#cfe3fa', '#f9d3ce', '#e1e5ec', '#fbf6c5', '#fbf6c5', '#ffffff'],
    schedBand: '#7e8fae',
    schedCore: '#d7dbe2',
    freq: ['#fbd0cc', '#fbefbe', '#f0f9ee'],
    arc: '#4aa3df',
    ipi: '#a9adb5',
    markText: '#c21818',
    needle: '#ffffff',
    mark: ['#c81e1e', '#1e50c8', '#12803c', '#20242b'],
    wait: { c: '#e8820c', d: '#1f8f3a', l: '#d11f1f', m: '#8a5a2b', n: '#2aa3d8', p: '#555b66', t: '#9aa1ab', x: '#808793' },
    cexit: '#8c1a1a',
    rx: '#8c1a1a',
    tx: '#0b7a80',
    density: '#6b7484',
    lost: '#c0267e',
    fade: '#c9ced6',
  },
  dark: {
    background: '#14171c',
    stripe: '#191d23',
    text: '#e6e9ee',
    muted: '#a0a8b5',
    faint: '#5d6673',
    grid: '#272c35',
    header: '#7fb0ff',
    accent: '#ff6fb5',
    select: '#ff6fb5',
    idle: '#c9ced6',
    edge: '#77808d',
    irqEdge: '#d5dae2',
    cls: ['#3fb36a', '#4f8fee', '#ea6650', '#7d8aa2', '#a57fe0', '#e0982f', '#c9ced6'],
    fill: ['#1f4029', '#1d3556', '#54241e', '#2b313c', '#45401c', '#45401c', '#14171c'],
    schedBand: '#6d7f9f',
    schedCore: '#c3cad6',
    freq: ['#3a2023', '#2a271a', '#17231b'],
    arc: '#58b4f0',
    ipi: '#6d7480',
    markText: '#ff8080',
    needle: '#ffffff',
    mark: ['#ff7a7a', '#7aa5ff', '#5fd38a', '#e6e9ee'],
    wait: { c: '#ff9f2e', d: '#4cc267', l: '#ff5a5a', m: '#c08a55', n: '#58c4f5', p: '#a0a8b5', t: '#7b8492', x: '#8c95a3' },
    cexit: '#ff7a70',
    rx: '#ff8a80',
    tx: '#4fd0d6',
    density: '#8a94a4',
    lost: '#ff7ac6',
    fade: '#454c58',
  },
};

/**
 * @typedef {object} KindPaint packed colours of one kind
 * @property {number} shape @property {number} cls
 * @property {number} edge @property {number} fill @property {number} band @property {number} core
 */
/**
 * @typedef {object} Palette
 * @property {PaletteName} name
 * @property {typeof BASE.light} css
 * @property {{background: number, stripe: number, idle: number, cexit: number, density: Uint32Array, cls: Uint32Array,
 *   freq: number[], freqBold: number[], select: number, accent: number, overhead: number}} raster
 */

/**
 * Eight bands: the lowest in the first colour, six that fade, the highest in the last.
 * @param {Rgb[]} freq lowest, between, highest @param {Rgb} background
 */
const freqColors = ([low, mid, high], background) =>
  Array.from({ length: 8 }, (_, i) => pack(i === 0 ? low : i === 7 ? high : mix(mid, background, (i - 1) / 10)));

/** The colours of the bands, stronger. @param {typeof BASE.light} c */
const boldFreq = ({ freq, cls }) => freq.map((v, i) => mix(hex(v), hex([cls[CLASS.FAULT], cls[CLASS.USER], cls[CLASS.SYSCALL]][i]), 0.35));

/** High contrast: black ground, brighter lines and text. */
const CONTRAST = {
  ...BASE.dark,
  background: '#000000',
  stripe: '#0d0d0d',
  text: '#ffffff',
  muted: '#dfe4ea',
  faint: '#aeb6c2',
  grid: '#3a3a3a',
  header: '#9cc4ff',
  accent: '#ff9ad0',
  select: '#ffff00',
  idle: '#ffffff',
  edge: '#b8bfca',
  irqEdge: '#ffffff',
  fill: ['#12381e', '#10284a', '#4a1812', '#2b313c', '#4a4310', '#4a4310', '#000000'],
  arc: '#7cc8ff',
  ipi: '#b8bfca',
};
/** Colours by meaning that people with colour blindness can tell apart, on light and dark ground. */
const SAFE_BASE = {
  cls: ['#009e73', '#0072b2', '#d55e00', '#8491a8', '#cc79a7', '#e69f00'],
  wait: { c: '#e69f00', d: '#009e73', l: '#d55e00', m: '#cc79a7', n: '#56b4e9', p: '#808793', t: '#9aa1ab', x: '#808793' },
  light: {
    fill: ['#cdeee3', '#d4e6f3', '#f9dcc8', '#e1e5ec', '#f7e3ee', '#fdf3d4', '#ffffff'],
    freq: ['#f6d3bd', '#fbf6c5', '#d2e8f7'],
    mark: ['#b34700', '#0072b2', '#00785a', '#20242b'],
  },
  dark: {
    fill: ['#073d2e', '#0a2f47', '#4d2405', '#2b313c', '#46283a', '#463306', '#14171c'],
    freq: ['#43240f', '#33300f', '#10293b'],
    mark: ['#ff9b52', '#6cc1f2', '#3cd6a8', '#e6e9ee'],
  },
};

/** @param {ThemeName} theme @param {boolean} safe @returns {PaletteName} */
export const paletteName = (theme, safe) => (safe ? `${theme}-safe` : theme);

/** @param {PaletteName} name @returns {typeof BASE.light} */
function baseOf(name) {
  const theme = /** @type {ThemeName} */ (name.replace('-safe', ''));
  const base = theme === 'contrast' ? CONTRAST : BASE[theme];
  if (theme === name) return base;
  return { ...base, cls: [...SAFE_BASE.cls, base.idle], wait: SAFE_BASE.wait, ...SAFE_BASE[theme === 'light' ? 'light' : 'dark'] };
}

/** @param {PaletteName} name @returns {Palette} */
export function makePalette(name) {
  const c = baseOf(name);
  const bg = hex(c.background);
  return {
    name,
    css: c,
    raster: {
      background: pack(bg),
      stripe: pack(hex(c.stripe)),
      idle: pack(hex(c.idle)),
      cexit: pack(hex(c.cexit)),
      density: Uint32Array.from({ length: 9 }, (_, i) => pack(mix(bg, hex(c.density), i / 8))),
      cls: Uint32Array.from(c.cls, (v) => pack(hex(v))),
      freq: freqColors(c.freq.map(hex), bg),
      freqBold: freqColors(boldFreq(c), bg),
      select: pack(hex(c.select)),
      accent: pack(hex(c.accent)),
      overhead: pack([255, 255, 255]),
    },
  };
}

/** @param {Palette} palette @param {number} event @param {number} cls @param {number} shape @returns {KindPaint} */
export function kindPaint(palette, event, cls, shape) {
  const c = palette.css;
  const { core, band } = huesOf(palette.name, event);
  const fill = pack(hex(c.fill[cls]));
  const edge = cls === CLASS.SYSCALL ? pack(hex(c.edge)) : cls === CLASS.IRQ ? pack(hex(c.irqEdge)) : cls === CLASS.FAULT ? fill : pack(hex(c.edge));
  if (cls === CLASS.SCHED) return { shape, cls, edge, fill, band: pack(hex(c.schedBand)), core: pack(hex(c.schedCore)) };
  return { shape, cls, edge, fill, band: pack(band), core: pack(core) };
}

/** Paints of all kinds, computed once a theme. @param {Palette} palette @param {import('./model.js').Model} model @returns {KindPaint[]} */
export const kindPaints = (palette, model) => model.kinds.map((k, i) => kindPaint(palette, k.event, model.cls[i], model.shape[i]));

/** @type {Map<string, number>} */
const packed = new Map();

/** A CSS colour of this module (#rrggbb or rgb(r g b)), packed. @param {string} text */
export function packCss(text) {
  let v = packed.get(text);
  if (v === undefined) {
    const m = /^rgb\((\d+) (\d+) (\d+)\)$/.exec(text);
    packed.set(text, (v = pack(m ? [Number(m[1]), Number(m[2]), Number(m[3])] : hex(text))));
  }
  return v;
}

/** Packed hue of a lock or queue number. @param {Palette} palette @param {number} number */
export const lockHue = (palette, number) => packCss(lockColor(palette, number));

/** Colour of a wait line. @param {Palette} palette @param {string} letter */
export const waitColor = (palette, letter) => /** @type {Record<string, string>} */ (palette.css.wait)[letter] ?? palette.css.wait.x;

/** Hue of a lock or queue number. @param {Palette} palette @param {number} number */
export const lockColor = (palette, number) => css(WHEELS[palette.name].core[mod(number * 5 + 2, 17)]);
