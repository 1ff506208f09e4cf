// SPDX-License-Identifier: BSD-3-Clause
// Colours of both themes. Raster colours are packed 0xAABBGGRR; line and text colours are CSS strings.

import { CLASS } from './events.js';

/** @typedef {'light'|'dark'} ThemeName */
/** @typedef {[number, number, number]} Rgb */

/** @param {Rgb} c */
export const pack = ([r, g, b]) => ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
/** @param {Rgb} c */
export const css = ([r, g, b]) => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
/** @param {string} text #rrggbb @returns {Rgb} */
export const hex = (text) => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)).slice(0, 3).reduce(
  (/** @type {any} */ a, v) => [...a, v], []);
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

const WHEELS = {
  light: { core: wheel(17, 1, 0.8), band: wheel(15, 0.85, 1) },
  dark: { core: wheel(17, 0.85, 0.85), band: wheel(15, 0.75, 0.92) },
};
const PASTEL = { light: { a: wheel(17, 0.45, 0.85), b: wheel(15, 0.4, 0.95) }, dark: { a: wheel(17, 0.5, 0.8), b: wheel(15, 0.4, 0.9) } };

/** @param {number} v @param {number} n */
const mod = (v, n) => ((Math.trunc(v) % n) + n) % n;

/** The two hues of an event. @param {ThemeName} theme @param {number} event @returns {{core: Rgb, band: Rgb}} */
export const huesOf = (theme, event) => ({
  core: WHEELS[theme].core[mod(event * 4, 17)], band: WHEELS[theme].band[mod(event * 7 + 6, 15)],
});
/** The two pale hues of a PC sample. @param {ThemeName} theme @param {number} hash */
export const sampleHues = (theme, hash) => ({ a: css(PASTEL[theme].a[mod(hash * 5, 17)]), b: css(PASTEL[theme].b[mod(hash * 7 + 6, 15)]) });

const BASE = {
  light: {
    background: '#ffffff', stripe: '#f6f7f9', text: '#1b1f27', muted: '#5a6270', faint: '#aab1bd', grid: '#e3e6eb',
    header: '#1d4fb8', accent: '#c2187a', select: '#c2187a', idle: '#20242b', edge: '#9aa1ab', irqEdge: '#1b1f27',
    cls: ['#2f9e57', '#2b6fd6', '#d6432b', '#8491a8', '#8a5cc7', '#f0a53a', '#20242b'],
    fill: ['#d3f0d6', '#cfe3fa', '#f9d3ce', '#e1e5ec', '#fbf6c5', '#fbf6c5', '#ffffff'],
    schedBand: '#7e8fae', schedCore: '#d7dbe2',
    freq: ['#fbd0cc', '#fbefbe', '#f0f9ee'],
    arc: '#4aa3df', ipi: '#a9adb5', markText: '#c21818', needle: '#ffffff',
    mark: ['#c81e1e', '#1e50c8', '#12803c', '#20242b'],
    wait: { c: '#e8820c', d: '#1f8f3a', l: '#d11f1f', m: '#8a5a2b', n: '#2aa3d8', p: '#555b66', t: '#9aa1ab', x: '#808793' },
    cexit: '#8c1a1a', rx: '#8c1a1a', tx: '#0b7a80', density: '#6b7484', lost: '#c0267e', fade: '#c9ced6',
  },
  dark: {
    background: '#14171c', stripe: '#191d23', text: '#e6e9ee', muted: '#a0a8b5', faint: '#5d6673', grid: '#272c35',
    header: '#7fb0ff', accent: '#ff6fb5', select: '#ff6fb5', idle: '#c9ced6', edge: '#77808d', irqEdge: '#d5dae2',
    cls: ['#3fb36a', '#4f8fee', '#ea6650', '#7d8aa2', '#a57fe0', '#e0982f', '#c9ced6'],
    fill: ['#1f4029', '#1d3556', '#54241e', '#2b313c', '#45401c', '#45401c', '#14171c'],
    schedBand: '#6d7f9f', schedCore: '#c3cad6',
    freq: ['#3a2023', '#2a271a', '#17231b'],
    arc: '#58b4f0', ipi: '#6d7480', markText: '#ff8080', needle: '#ffffff',
    mark: ['#ff7a7a', '#7aa5ff', '#5fd38a', '#e6e9ee'],
    wait: { c: '#ff9f2e', d: '#4cc267', l: '#ff5a5a', m: '#c08a55', n: '#58c4f5', p: '#a0a8b5', t: '#7b8492', x: '#8c95a3' },
    cexit: '#ff7a70', rx: '#ff8a80', tx: '#4fd0d6', density: '#8a94a4', lost: '#ff7ac6', fade: '#454c58',
  },
};

/**
 * @typedef {object} KindPaint packed colours of one kind
 * @property {number} shape @property {number} cls
 * @property {number} edge @property {number} fill @property {number} band @property {number} core
 */
/**
 * @typedef {object} Palette
 * @property {ThemeName} name
 * @property {typeof BASE.light} css
 * @property {{background: number, stripe: number, idle: number, cexit: number, density: Uint32Array, cls: Uint32Array,
 *   freq: number[], select: number, accent: number, overhead: number}} raster
 */

/** Eight bands: the lowest red, six yellow that fade, the highest a pale green. @param {typeof BASE.light} c */
const freqColors = ({ background, freq }) => Array.from({ length: 8 }, (_, i) => pack(
  i === 0 ? hex(freq[0]) : i === 7 ? hex(freq[2]) : mix(hex(freq[1]), hex(background), (i - 1) / 10)));

/** @param {ThemeName} name @returns {Palette} */
export function makePalette(name) {
  const c = BASE[name];
  const bg = hex(c.background);
  return {
    name,
    css: c,
    raster: {
      background: pack(bg), stripe: pack(hex(c.stripe)), idle: pack(hex(c.idle)), cexit: pack(hex(c.cexit)),
      density: Uint32Array.from({ length: 9 }, (_, i) => pack(mix(bg, hex(c.density), i / 8))),
      cls: Uint32Array.from(c.cls, (v) => pack(hex(v))),
      freq: freqColors(c),
      select: pack(hex(c.select)), accent: pack(hex(c.accent)), overhead: pack([255, 255, 255]),
    },
  };
}

/** @param {Palette} palette @param {number} event @param {number} cls @param {number} shape @returns {KindPaint} */
export function kindPaint(palette, event, cls, shape) {
  const c = palette.css;
  const { core, band } = huesOf(palette.name, event);
  const fill = pack(hex(c.fill[cls]));
  const edge = cls === CLASS.SYSCALL ? pack(hex(c.edge)) : cls === CLASS.IRQ ? pack(hex(c.irqEdge))
    : cls === CLASS.FAULT ? fill : pack(hex(c.edge));
  if (cls === CLASS.SCHED) return { shape, cls, edge, fill, band: pack(hex(c.schedBand)), core: pack(hex(c.schedCore)) };
  return { shape, cls, edge, fill, band: pack(band), core: pack(core) };
}

/** Paints of all kinds, computed once a theme. @param {Palette} palette @param {import('./model.js').Model} model @returns {KindPaint[]} */
export const kindPaints = (palette, model) =>
  model.kinds.map((k, i) => kindPaint(palette, k.event, model.cls[i], model.shape[i]));

/** @type {Map<string, number>} */
const packed = new Map();

/** A CSS colour of this module (#rrggbb or rgb(r g b)), packed. @param {string} text */
export function packCss(text) {
  let v = packed.get(text);
  if (v === undefined) {
    const m = /^rgb\((\d+) (\d+) (\d+)\)$/.exec(text);
    packed.set(text, v = pack(m ? [Number(m[1]), Number(m[2]), Number(m[3])] : hex(text)));
  }
  return v;
}

/** Packed hue of a lock or queue number. @param {Palette} palette @param {number} number */
export const lockHue = (palette, number) => packCss(lockColor(palette, number));

/** A palette whose spans are all of one pale grey, so that overlays stand out. @param {Palette} palette @returns {Palette} */
export function fadedPalette(palette) {
  const grey = packCss(palette.css.fade);
  return { ...palette, raster: { ...palette.raster, cls: new Uint32Array(palette.raster.cls.length).fill(grey), idle: grey, cexit: grey } };
}

/** Paints for a faded palette. @param {Palette} palette @param {KindPaint[]} paints @returns {KindPaint[]} */
export function fadedPaints(palette, paints) {
  const grey = packCss(palette.css.fade);
  return paints.map((p) => ({ ...p, edge: grey, fill: grey, band: grey, core: grey }));
}

/** Colour of a wait line. @param {Palette} palette @param {string} letter */
export const waitColor = (palette, letter) => /** @type {Record<string, string>} */ (palette.css.wait)[letter] ?? palette.css.wait.x;

/** Hue of a lock or queue number. @param {Palette} palette @param {number} number */
export const lockColor = (palette, number) => css(WHEELS[palette.name].core[mod(number * 5 + 2, 17)]);
