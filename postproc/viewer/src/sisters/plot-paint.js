// SPDX-License-Identifier: BSD-3-Clause
// Puts a scatter plot on a canvas. Dots are stamped into a raster, at most one a pixel, so a frame costs a look at each point.

import { hex, pack, css, huesOf } from '../colors.js';
import { rangeBetween } from './plot-data.js';
import { scalesOf } from './plot-scene.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-look.js').PlotLook} PlotLook */
/** @typedef {import('./plot-scene.js').PlotScene} PlotScene */
/** @typedef {import('../colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ctx */

const FONT = '11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
const CHAR = 6.63;
const HUES = [8, 3, 11];

/** Colours of a series: fill and ring. The second of a triple's is a small dot with a ring of the other end of the scale.
 *  @param {Plot} plot @param {number} series @param {Palette} palette */
export function dotColors(plot, series, palette) {
  const triples = plot.series.length === 2 && plot.series[1].name === 'after alignment';
  if (triples && series === 1) return { fill: palette.css.text, ring: palette.css.background };
  return { fill: series === 0 && plot.color ? plot.color : css(huesOf(palette.name, HUES[series % HUES.length]).core), ring: null };
}

/** Any CSS colour as packed pixels; another one when it is none. @param {Ctx} ctx @param {string} color @param {string} other @returns {number} */
function packed(ctx, color, other) {
  ctx.fillStyle = other;
  ctx.fillStyle = color;
  const text = String(ctx.fillStyle);
  if (text.startsWith('#')) return pack(hex(text));
  const [r, g, b] = (text.match(/[\d.]+/g) ?? ['0', '0', '0']).map(Number);
  return pack([r, g, b]);
}

/** Offsets of the pixels of a disc. @param {number} r */
function disc(r) {
  const offsets = [];
  const n = Math.ceil(r);
  for (let y = -n; y <= n; y++) for (let x = -n; x <= n; x++) if (x * x + y * y <= r * r + 0.5) offsets.push([x, y]);
  return offsets;
}

/** @typedef {{canvas: HTMLCanvasElement, ctx: Ctx}} Surface where dots are stamped; kept from frame to frame */
/** @returns {Surface} */
export function makeSurface() {
  const canvas = document.createElement('canvas');
  return { canvas, ctx: /** @type {Ctx} */ (canvas.getContext('2d')) };
}

/** @param {Ctx} ctx @param {Surface} surface @param {Plot} plot @param {PlotLook} look @param {PlotScene} scene @param {Palette} palette @param {number} dpr */
export function paintPlot(ctx, surface, plot, look, scene, palette, dpr) {
  const { layout } = scene;
  const c = palette.css;
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  ctx.fillStyle = c.background;
  ctx.fillRect(0, 0, layout.width, layout.height);
  grid(ctx, scene, palette);
  dots(ctx, surface, plot, look, scene, palette, dpr);
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.left, layout.top, layout.right - layout.left, layout.bottom - layout.top);
  ctx.clip();
  selected(ctx, plot, look, scene, palette);
  if (scene.measure) triangle(ctx, scene.measure, layout, palette);
  ctx.restore();
  axes(ctx, scene, palette);
  if (plot.n > 0) return;
  ctx.fillStyle = c.muted;
  ctx.textAlign = 'left';
  ctx.fillText('This file holds no points.', layout.left + 16, layout.top + 30);
}

/** @param {Ctx} ctx @param {PlotScene} scene @param {Palette} palette */
function grid(ctx, { layout, x, y }, palette) {
  ctx.fillStyle = palette.css.grid;
  for (const t of x.ticks) ctx.fillRect(Math.round(t.at), layout.top, 1, layout.bottom - layout.top);
  for (const t of y.ticks) ctx.fillRect(layout.left, Math.round(t.at), layout.right - layout.left, 1);
}

/** @param {Ctx} ctx @param {Surface} surface @param {Plot} plot @param {PlotLook} look @param {PlotScene} scene @param {Palette} palette @param {number} dpr */
function dots(ctx, surface, plot, look, { layout }, palette, dpr) {
  const left = Math.round(layout.left * dpr);
  const top = Math.round(layout.top * dpr);
  const width = Math.max(1, Math.round((layout.right - layout.left) * dpr));
  const height = Math.max(1, Math.round((layout.bottom - layout.top) * dpr));
  const image = surface.ctx.createImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  const at = scalesOf(layout, look);
  const { lo, hi } = rangeBetween(plot, look.x0, look.x1);
  plot.series.forEach(({ y }, s) => {
    const { fill, ring } = dotColors(plot, s, palette);
    const radius = Math.max(0.5, plot.radius * look.dot * dpr * (ring ? 0.6 : 1));
    const plain = dotColors({ ...plot, color: null }, s, palette).fill;
    const stamps = ring ? [{ color: packed(ctx, ring, plain), at: disc(radius + dpr) }] : [];
    stamps.push({ color: packed(ctx, fill, plain), at: disc(radius) });
    const seen = new Uint8Array(width * height);
    for (let i = lo; i < hi; i++) {
      const px = Math.round(at.x(plot.x[i]) * dpr) - left;
      const py = Math.round(at.y(y[i]) * dpr) - top;
      if (!(px >= 0 && px < width && py >= 0 && py < height) || seen[py * width + px] === 1) continue;
      seen[py * width + px] = 1;
      for (const stamp of stamps) {
        for (const [dx, dy] of stamp.at) {
          const x = px + dx;
          const yy = py + dy;
          if (x >= 0 && x < width && yy >= 0 && yy < height) words[yy * width + x] = stamp.color;
        }
      }
    }
  });
  surface.canvas.width = width;
  surface.canvas.height = height;
  surface.ctx.putImageData(image, 0, 0);
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(surface.canvas, left, top);
  ctx.restore();
}

/** @param {Ctx} ctx @param {Plot} plot @param {PlotLook} look @param {PlotScene} scene @param {Palette} palette */
function selected(ctx, plot, look, { layout }, palette) {
  if (look.selected < 0) return;
  const at = scalesOf(layout, look);
  ctx.strokeStyle = palette.css.select;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.arc(at.x(plot.x[look.selected]), at.y(plot.series[look.series].y[look.selected]), plot.radius * look.dot + 4, 0, 2 * Math.PI);
  ctx.stroke();
}

/** @param {Ctx} ctx @param {Palette} palette @param {string} text @param {number} x left @param {number} y middle */
function halo(ctx, palette, text, x, y) {
  ctx.fillStyle = palette.css.background;
  ctx.globalAlpha = 0.85;
  ctx.fillRect(x - 3, y - 8, text.length * CHAR + 6, 16);
  ctx.globalAlpha = 1;
  ctx.fillStyle = palette.css.accent;
  ctx.fillText(text, x, y + 0.5);
}

/** Right triangle: dx along the foot, dy at the upright, slope at the middle of the long side. @param {Ctx} ctx
 *  @param {import('./plot-scene.js').TriangleWords} m @param {import('./plot-scene.js').PlotLayout} layout @param {Palette} palette */
function triangle(ctx, m, layout, palette) {
  ctx.strokeStyle = palette.css.accent;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(m.x0, m.y0);
  ctx.lineTo(m.x1, m.y0);
  ctx.lineTo(m.x1, m.y1);
  ctx.closePath();
  ctx.stroke();
  ctx.font = FONT;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  const keep = (/** @type {string} */ text, /** @type {number} */ x) => Math.min(layout.right - text.length * CHAR - 6, Math.max(layout.left + 4, x));
  const inside = (/** @type {number} */ y) => Math.min(layout.bottom - 10, Math.max(layout.top + 10, y));
  const below = m.y1 <= m.y0 ? 1 : -1;
  const foot = inside(m.y0 + below * 13);
  const upright = inside((m.y0 + m.y1) / 2 + 8);
  const middle = inside((m.y0 + m.y1) / 2 - 12);
  halo(ctx, palette, `Δx ${m.dx}`, keep(`Δx ${m.dx}`, (m.x0 + m.x1) / 2 - m.dx.length * 4), foot);
  halo(ctx, palette, `Δy ${m.dy}`, keep(`Δy ${m.dy}`, m.x1 + (m.x1 >= m.x0 ? 8 : -m.dy.length * CHAR - 30)), upright);
  const slope = `slope ${m.slope}`;
  halo(ctx, palette, slope, keep(slope, (m.x0 + m.x1) / 2 - slope.length * CHAR - 8), middle);
}

/** @param {Ctx} ctx @param {PlotScene} scene @param {Palette} palette */
function axes(ctx, { layout, x, y }, palette) {
  const c = palette.css;
  ctx.fillStyle = c.faint;
  ctx.fillRect(layout.left, layout.bottom, layout.right - layout.left, 1);
  ctx.fillRect(layout.left, layout.top, 1, layout.bottom - layout.top);
  ctx.font = FONT;
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'center';
  let free = layout.left - 20;
  for (const t of x.ticks) {
    ctx.fillStyle = c.muted;
    ctx.fillRect(Math.round(t.at), layout.bottom, 1, 5);
    const half = (t.label.length * CHAR) / 2;
    if (t.at - half < free || t.at + half > layout.width) continue;
    ctx.fillStyle = c.text;
    ctx.fillText(t.label, t.at, layout.bottom + 18);
    free = t.at + half + 8;
  }
  ctx.fillStyle = c.muted;
  ctx.fillText(x.caption, (layout.left + layout.right) / 2, layout.bottom + 34);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  for (const t of y.ticks) {
    ctx.fillStyle = c.muted;
    ctx.fillRect(layout.left - 5, Math.round(t.at), 5, 1);
    if (t.at > layout.bottom - 3) continue;
    ctx.fillStyle = c.text;
    ctx.fillText(t.label, layout.left - 8, t.at);
  }
  ctx.save();
  ctx.translate(11, (layout.top + layout.bottom) / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.textAlign = 'center';
  ctx.fillStyle = c.muted;
  ctx.fillText(y.caption, 0, 0);
  ctx.restore();
}
