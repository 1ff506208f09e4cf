// SPDX-License-Identifier: BSD-3-Clause
// Colours of both themes. Raster colours are packed 0xAABBGGRR; line and text colours are CSS strings.

import { CLASS } from '../format/events.js';
import { classColors, deepOf, tintOf, waitColors } from './meanings.js';
import { SAFE as SAFE_SHADES, SAFE_HUES, THEMES, WHITE } from './shades.js';

/** @typedef {import('./shades.js').ThemeName} ThemeName */
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
 * The safe hues in several brightnesses.
 * @param {number} n @param {number} brightest 0..1 towards white @param {number} darkest 0..1 towards black @returns {Rgb[]}
 */
function safeWheel(n, brightest, darkest) {
  const hues = SAFE_HUES.map(hex);
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

/**
 * @typedef {object} KindPaint packed colours of one kind
 * @property {number} shape @property {number} cls
 * @property {number} edge @property {number} fill @property {number} band @property {number} core
 */
/** @typedef {typeof THEMES.light & {cls: string[], fill: string[], deep: string[], idle: string, wait: Record<string, string>}} PaletteColors of the classes: colour, pale ground, core */
/**
 * @typedef {object} Palette
 * @property {PaletteName} name
 * @property {PaletteColors} css
 * @property {boolean} byName the two inner hues of a span tell its name, as in the book; else its class, in one of five lightnesses by name
 * @property {{background: number, stripe: number, idle: number, cexit: number, density: Uint32Array, cls: Uint32Array,
 *   freq: number[], freqBold: number[], select: number, accent: number, overhead: number}} raster
 */

/**
 * Eight bands: the lowest in the first colour, six that fade, the highest in the last.
 * @param {Rgb[]} freq lowest, between, highest @param {Rgb} background
 */
const freqColors = ([low, mid, high], background) =>
  Array.from({ length: 8 }, (_, i) => pack(i === 0 ? low : i === 7 ? high : mix(mid, background, (i - 1) / 10)));

/** The colours of the bands, stronger. @param {PaletteColors} c */
const boldFreq = ({ freq, cls }) => freq.map((v, i) => mix(hex(v), hex([cls[CLASS.FAULT], cls[CLASS.USER], cls[CLASS.SYSCALL]][i]), 0.35));

/** @param {ThemeName} theme @param {boolean} safe @returns {PaletteName} */
export const paletteName = (theme, safe) => (safe ? `${theme}-safe` : theme);

/** @type {Map<PaletteName, PaletteColors>} */
const colors = new Map();

/** Those of a theme, computed once. @param {PaletteName} name @returns {PaletteColors} */
export function colorsOf(name) {
  const known = colors.get(name);
  if (known) return known;
  const made = colorsMade(name);
  colors.set(name, made);
  return made;
}

/** @param {PaletteName} name @returns {PaletteColors} */
function colorsMade(name) {
  const theme = /** @type {ThemeName} */ (name.replace('-safe', ''));
  const safe = name !== theme;
  const base = { ...THEMES[theme], ...(safe ? SAFE_SHADES[theme === 'light' ? 'light' : 'dark'] : {}) };
  const cls = classColors(theme, safe);
  return {
    ...base,
    cls,
    fill: cls.map((c) => tintOf(c, theme, base.background)),
    deep: cls.map((c) => deepOf(c, theme)),
    idle: cls[CLASS.IDLE],
    wait: waitColors(theme, safe),
  };
}

/** @param {PaletteName} name @param {boolean} [byName] @returns {Palette} */
export function makePalette(name, byName = false) {
  const c = colorsOf(name);
  const bg = hex(c.background);
  return {
    name,
    byName,
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
      overhead: pack(hex(WHITE)),
    },
  };
}

/** Lightnesses that names have within a class. */
const LIGHTNESSES = 5;

/** The core and band of a span: of its name, or of its class. @param {Palette} palette @param {number} event @param {number} cls */
function innerColors({ name, byName, css: c }, event, cls) {
  if (byName && cls !== CLASS.SCHED) return huesOf(name, event);
  const band = hex(c.cls[cls]);
  const step = (1 + mod(event * 7, LIGHTNESSES)) / LIGHTNESSES;
  return { band, core: mix(band, hex(cls === CLASS.SCHED ? c.fill[cls] : c.deep[cls]), step) };
}

/** @param {Palette} palette @param {number} event @param {number} cls @param {number} shape @returns {KindPaint} */
export function kindPaint(palette, event, cls, shape) {
  const c = palette.css;
  const { core, band } = innerColors(palette, event, cls);
  const fill = pack(hex(c.fill[cls]));
  const edge = cls === CLASS.IRQ ? pack(hex(c.irqEdge)) : cls === CLASS.FAULT ? fill : pack(hex(cls === CLASS.SYSCALL ? c.edge : c.deep[cls]));
  return { shape, cls, edge, fill, band: pack(band), core: pack(core) };
}

/** Paints of all kinds, computed once a theme. @param {Palette} palette @param {import('../trace/model.js').Model} model @returns {KindPaint[]} */
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
export const waitColor = (palette, letter) => palette.css.wait[letter] ?? palette.css.wait.x;

/** Hue of a lock or queue number. @param {Palette} palette @param {number} number */
export const lockColor = (palette, number) => css(WHEELS[palette.name].core[mod(number * 5 + 2, 17)]);
