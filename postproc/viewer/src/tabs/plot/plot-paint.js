// SPDX-License-Identifier: BSD-3-Clause
// Puts a scatter plot on a canvas or into SVG. The dots are of plot-dots.js.

import { typeOf } from '../../kit/type.js';
import { paintBand } from '../frame/band.js';
import { scalesOf } from './plot-scene.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-look.js').PlotLook} PlotLook */
/** @typedef {import('./plot-scene.js').PlotScene} PlotScene */
/** @typedef {import('../../plan/colors.js').Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ctx */

const { label: FONT, labelChar: CHAR } = typeOf(1);

/**
 * @param {Ctx} ctx @param {Plot} plot @param {PlotLook} look @param {PlotScene} scene @param {Palette} palette
 * @param {() => void} dots paints grid and dots
 */
export function paintPlot(ctx, plot, look, scene, palette, dots) {
  const { layout } = scene;
  const c = palette.css;
  ctx.fillStyle = c.background;
  ctx.fillRect(0, 0, layout.width, layout.height);
  dots();
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.left, layout.top, layout.right - layout.left, layout.bottom - layout.top);
  ctx.clip();
  selected(ctx, plot, look, scene, palette);
  if (scene.measure) triangle(ctx, scene.measure, layout, palette);
  if (look.band) paintBand(ctx, look.band, palette);
  ctx.restore();
  axes(ctx, scene, palette);
  if (plot.n > 0) return;
  ctx.fillStyle = c.muted;
  ctx.textAlign = 'left';
  ctx.fillText('This file holds no points.', layout.left + 16, layout.top + 30);
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
