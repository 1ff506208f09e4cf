// SPDX-License-Identifier: BSD-3-Clause
// The dots of a scatter plot: stamped into a raster for the page, as round strokes for print. Pixels with more points lie on top,
// in a stronger colour.

import { css, hex, huesOf, mix, pack } from '../colors.js';
import { createPlotRaster, LEVEL_OF, LEVELS } from './plot-raster.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-look.js').PlotLook} PlotLook */
/** @typedef {import('./plot-scene.js').PlotScene} PlotScene */
/** @typedef {import('./plot-raster.js').PlotPixels} PlotPixels */
/** @typedef {import('../colors.js').Palette} Palette */
/** @typedef {import('../colors.js').Rgb} Rgb */
/** @typedef {CanvasRenderingContext2D} Ctx */
/** @typedef {{levels: Rgb[], ring: Rgb|null}} DotColors a colour for each level of plot-raster.js */

const HUES = [8, 3, 11];
/** Share of the stronger colour at each level. */
const STRONGER = [0, 0.4, 0.7, 1];
const AFTER_SHARE = 0.6;
/** Least contrast of a dot with the ground. */
const CONTRAST = 3;

/** Any CSS colour; another one when it is none. @param {Ctx} ctx @param {string} color @param {Rgb} other @returns {Rgb} */
function rgbOf(ctx, color, other) {
  ctx.fillStyle = css(other);
  ctx.fillStyle = color;
  const text = String(ctx.fillStyle);
  if (text.startsWith('#')) return hex(text);
  const [r, g, b] = (text.match(/[\d.]+/g) ?? ['0', '0', '0']).map(Number);
  return [r, g, b];
}

/** Relative luminance, as WCAG defines it. @param {Rgb} color */
const luminance = (color) => color.map((v) => (v <= 10 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);

/** A colour of a file, moved towards the text's until it stands out: files are made for a white page. @param {Rgb} color @param {Rgb} background @param {Rgb} text */
export function readable(color, background, text) {
  const ground = luminance(background) + 0.05;
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(color, text, share);
    const own = luminance(mixed) + 0.05;
    if (Math.max(own, ground) / Math.min(own, ground) >= CONTRAST) return mixed;
  }
  return text;
}

/**
 * Colours of each series. The second of a triple's is a small dot with a ring of the other end of the scale.
 * @param {Ctx} ctx that reads colours @param {Plot} plot @param {Palette} palette @returns {DotColors[]}
 */
export function dotColors(ctx, plot, palette) {
  const [text, background, accent] = [palette.css.text, palette.css.background, palette.css.accent].map(hex);
  return plot.series.map(({ name }, s) => {
    const after = s === 1 && name === 'after alignment';
    const plain = huesOf(palette.name, HUES[s % HUES.length]).core;
    const fill = after ? text : s === 0 && plot.color ? readable(rgbOf(ctx, plot.color, plain), background, text) : plain;
    return { levels: STRONGER.map((share) => mix(fill, after ? accent : text, share)), ring: after ? background : null };
  });
}

/** Radius of a series' dots. @param {Plot} plot @param {PlotLook} look @param {DotColors} colors @param {number} dpr */
const radiusOf = (plot, look, { ring }, dpr) => Math.max(0.5, plot.radius * look.dot * dpr * (ring ? AFTER_SHARE : 1));

/** Device pixels of the plot. @param {Plot} plot @param {PlotLook} look @param {PlotScene} scene @param {DotColors[]} colors @param {number} dpr */
function gridOf(plot, look, { layout }, colors, dpr) {
  const reach = Math.max(...colors.map((c) => Math.ceil(radiusOf(plot, look, c, dpr) + (c.ring ? dpr : 0))));
  const side = (/** @type {number} */ a, /** @type {number} */ b) => Math.max(1, Math.round(b * dpr) - Math.round(a * dpr));
  return { width: side(layout.left, layout.right), height: side(layout.top, layout.bottom), margin: reach + 1 };
}

/** Offsets of the pixels of a disc, and of its lower edge alone. @param {number} r @param {number} stride */
function discOf(r, stride) {
  const whole = [];
  const edge = [];
  const n = Math.ceil(r);
  for (let x = -n; x <= n; x++) {
    const room = r * r + Math.max(0.5, r / 2) - x * x; // round at every size
    if (room < 0) continue;
    const half = Math.floor(Math.sqrt(room));
    for (let y = -half; y <= half; y++) whole.push(y * stride + x);
    edge.push(half * stride + x);
  }
  return { whole: Int32Array.from(whole), edge: Int32Array.from(edge) };
}

/** Stamps discs. Below a pixel of its own level only the edge is new. @param {Uint32Array} words @param {number} base of pixel 0 @param {PlotPixels} found @param {number} s series
 *  @param {ReturnType<typeof discOf>} disc @param {number} level @param {number} color packed */
function stamp(words, base, { columns: stride, rows, series }, s, { whole, edge }, level, color) {
  const { counts, pixels, ends } = series[s];
  let column = 0; // the list is in order: no division
  for (let i = level === 0 ? 0 : ends[level - 1]; i < ends[level]; i++) {
    const p = pixels[i];
    while (p >= (column + 1) * rows) column++;
    const offsets = LEVEL_OF[counts[p - 1]] === level ? edge : whole;
    const at = base + (p - column * rows) * stride + column;
    for (let k = 0; k < offsets.length; k++) words[at + offsets[k]] = color;
  }
}

/** The dots of one plot on the page. Keeps its arrays from frame to frame. @param {Plot} plot */
export function createDots(plot) {
  const raster = createPlotRaster(plot);
  /** @type {ImageData|null} */
  let image = null;

  /**
   * Paints ground, grid and dots. @param {Ctx} ctx @param {PlotLook} look @param {PlotScene} scene @param {Palette} palette @param {DotColors[]} colors @param {number} dpr
   * @returns {PlotPixels}
   */
  function paint(ctx, look, scene, palette, colors, dpr) {
    const grid = gridOf(plot, look, scene, colors, dpr);
    const found = raster(look, grid);
    const { margin, width, height } = grid;
    const stride = found.columns;
    // More rows above and below, so that no disc leaves the array; one that leaves a row at the side ends in the margin.
    const above = margin + 1;
    if (image?.width !== stride || image.height !== found.rows + 2 * above) image = new ImageData(stride, found.rows + 2 * above);
    const words = new Uint32Array(image.data.buffer);
    const [left, top] = [Math.round(scene.layout.left * dpr), Math.round(scene.layout.top * dpr)];
    words.fill(pack(hex(palette.css.background)));
    const line = pack(hex(palette.css.grid));
    const thick = Math.max(1, Math.round(dpr));
    const rows = above + margin;
    for (const { at } of scene.x.ticks) {
      const x = Math.round(Math.round(at) * dpr) - left;
      for (let y = rows; x >= 0 && y < rows + height; y++) words.fill(line, y * stride + margin + x, y * stride + margin + x + thick);
    }
    for (const { at } of scene.y.ticks) {
      const y = Math.round(Math.round(at) * dpr) - top + rows;
      for (let k = 0; k < thick && y >= rows; k++) words.fill(line, (y + k) * stride + margin, (y + k) * stride + margin + width);
    }
    found.series.forEach((_, s) => {
      const { ring, levels } = colors[s];
      const radius = radiusOf(plot, look, colors[s], dpr);
      const [disc, wider] = [discOf(radius, stride), discOf(radius + dpr, stride)];
      for (let level = 0; level < LEVELS.length; level++) if (ring) stamp(words, above * stride, found, s, wider, level, pack(ring));
      for (let level = 0; level < LEVELS.length; level++) stamp(words, above * stride, found, s, disc, level, pack(levels[level]));
    });
    ctx.putImageData(image, left - margin, top - rows, margin, rows, width, height);
    return found;
  }
  return { paint };
}

/** Diameter of a round dot with the area of a stamped one. @param {number} radius */
const across = (radius) => 2 * Math.sqrt(discOf(radius, 1).whole.length / Math.PI);

/** Grid and dots for print: the same pixels at a scale of one, as round dots. @param {Ctx} ctx @param {Plot} plot @param {PlotLook} look @param {PlotScene} scene @param {Palette} palette @param {DotColors[]} colors */
export function strokeDots(ctx, plot, look, scene, palette, colors) {
  const { left, top, right, bottom } = scene.layout;
  ctx.fillStyle = palette.css.grid;
  for (const t of scene.x.ticks) ctx.fillRect(Math.round(t.at), top, 1, bottom - top);
  for (const t of scene.y.ticks) ctx.fillRect(left, Math.round(t.at), right - left, 1);
  const grid = gridOf(plot, look, scene, colors, 1);
  const { series, rows } = createPlotRaster(plot)(look, grid);
  const x0 = Math.round(left) - grid.margin;
  const y0 = Math.round(top) - grid.margin;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
  ctx.lineCap = 'round';
  series.forEach(({ pixels, ends }, s) => {
    const { ring, levels } = colors[s];
    const radius = radiusOf(plot, look, colors[s], 1);
    const strokes = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ width, /** @type {Rgb} */ color) => {
      if (from === to) return;
      ctx.beginPath();
      for (let i = from; i < to; i++) {
        const x = x0 + Math.floor(pixels[i] / rows) + 0.5; // middle of the pixel
        const y = y0 + (pixels[i] % rows) + 0.5;
        ctx.moveTo(x, y);
        ctx.lineTo(x, y);
      }
      ctx.lineWidth = width;
      ctx.strokeStyle = css(color);
      ctx.stroke();
    };
    if (ring) strokes(0, ends[ends.length - 1], across(radius + 1), ring);
    levels.forEach((color, level) => strokes(level === 0 ? 0 : ends[level - 1], ends[level], across(radius), color));
  });
  ctx.restore();
}
