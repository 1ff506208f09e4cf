// SPDX-License-Identifier: BSD-3-Clause
// The dots of a scatter plot: ink in a raster for the page, round strokes for print. Pixels with more points lie on top,
// in a stronger colour.

import { css, hex, huesOf, mix, pack } from '../../plan/colors.js';
import { areaOfDisc, createInk, discOf, RING } from './plot-ink.js';
import { createPlotRaster } from './plot-raster.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-look.js').PlotLook} PlotLook */
/** @typedef {import('./plot-scene.js').PlotScene} PlotScene */
/** @typedef {import('./plot-raster.js').PlotPixels} PlotPixels */
/** @typedef {import('./plot-raster.js').Grid} Grid */
/** @typedef {import('../../plan/colors.js').Palette} Palette */
/** @typedef {import('../../plan/colors.js').Rgb} Rgb */
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
const luminance = (color) =>
  color.map((v) => (v <= 10 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);

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

/** Lays ink into a picture, whose rows are as long as the plot is wide. @param {Uint32Array} words @param {Uint8Array} ink @param {number} base of pixel 0
 *  @param {Grid} grid @param {number} rows of a column @param {Uint32Array} colors of each byte of ink */
function lay(words, ink, base, { width, height, margin }, rows, colors) {
  const four = new Uint32Array(ink.buffer);
  for (let column = 0; column < width; column++) {
    const top = base + (column + margin) * rows;
    for (let w = top >> 2; w < (top + rows) >> 2; w++) {
      if (four[w] === 0) continue; // four pixels without ink
      for (let p = w * 4; p < w * 4 + 4; p++) {
        const row = p - top - margin;
        if (ink[p] !== 0 && row >= 0 && row < height) words[row * width + column] = colors[ink[p]];
      }
    }
  }
}

/** The colour of each byte of ink: of the highest level in it. @param {DotColors} colors */
const inkColors = ({ levels, ring }) =>
  Uint32Array.from({ length: 2 * RING }, (_, bits) => pack(levels[31 - Math.clz32(bits & (RING - 1))] ?? ring ?? levels[0]));

/** The dots of one plot on the page. Keeps its arrays from frame to frame. @param {Plot} plot */
export function createDots(plot) {
  const raster = createPlotRaster(plot);
  const makeInk = createInk();
  let image = new ImageData(1, 1);

  /**
   * Paints ground, grid and dots. @param {Ctx} ctx @param {PlotLook} look @param {PlotScene} scene @param {Palette} palette @param {DotColors[]} colors @param {number} dpr
   * @returns {PlotPixels}
   */
  function paint(ctx, look, scene, palette, colors, dpr) {
    const grid = gridOf(plot, look, scene, colors, dpr);
    const found = raster(look, grid);
    if (image.width !== grid.width || image.height !== grid.height) image = new ImageData(grid.width, grid.height);
    const words = new Uint32Array(image.data.buffer);
    const [left, top] = [Math.round(scene.layout.left * dpr), Math.round(scene.layout.top * dpr)];
    paintGrid(words, grid, scene, palette, { left, top, dpr });
    found.series.forEach((series, s) => {
      const radius = radiusOf(plot, look, colors[s], dpr);
      const { ink, base } = makeInk(series, found.rows, discOf(radius), colors[s].ring && discOf(radius + dpr));
      lay(words, ink, base, grid, found.rows, inkColors(colors[s]));
    });
    ctx.putImageData(image, left, top);
    return found;
  }
  return { paint };
}

/** Ground and grid lines. @param {Uint32Array} words @param {Grid} grid @param {PlotScene} scene @param {Palette} palette @param {{left: number, top: number, dpr: number}} at device pixels of the corner */
function paintGrid(words, { width, height }, scene, palette, { left, top, dpr }) {
  words.fill(pack(hex(palette.css.background)));
  const line = pack(hex(palette.css.grid));
  const thick = Math.max(1, Math.round(dpr));
  for (const tick of scene.x.ticks) {
    const x = Math.round(Math.round(tick.at) * dpr) - left;
    for (let k = Math.max(0, x); k < Math.min(width, x + thick); k++) for (let y = 0; y < height; y++) words[y * width + k] = line;
  }
  for (const tick of scene.y.ticks) {
    const y = Math.round(Math.round(tick.at) * dpr) - top;
    if (y >= 0) words.fill(line, y * width, (y + thick) * width);
  }
}

/** Diameter of a round dot with the area of a stamped one. @param {number} radius */
const across = (radius) => 2 * Math.sqrt(areaOfDisc(discOf(radius)) / Math.PI);

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
