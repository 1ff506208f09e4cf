// SPDX-License-Identifier: BSD-3-Clause
// How execution spans look: tall kernel spans, half-height user spans, thin idle lines, shares of a pixel column.

import { CLASS, CLASS_COUNT, EV, SHAPE } from '../format/events.js';
import { dotted } from './item-glyphs.js';

/** @typedef {import('./raster.js').Raster} Raster */
/** @typedef {import('../plan/colors.js').Palette} Palette */
/** @typedef {import('../plan/colors.js').KindPaint} KindPaint */

/**
 * A tall span: outer edge, pale category, band and core in two hues.
 * @param {Raster} raster @param {KindPaint} p @param {number} x0 @param {number} x1 @param {number} y top @param {number} h
 */
export function kernelGlyph(raster, p, x0, x1, y, h) {
  const edge = h >= 12 ? Math.max(1, Math.round(h * 0.035)) : 0;
  raster.rect(x0, y, x1, y + h, p.edge);
  raster.rect(x0, y + edge, x1, y + h - edge, p.fill);
  const band = Math.round(h * 0.235);
  raster.rect(x0, y + band, x1, y + h - band, p.band);
  const core = Math.round(h * 0.4);
  raster.rect(x0, y + core, x1, y + h - core, p.core);
}

/**
 * A half-height span: two bars, above and below the centre.
 * @param {Raster} raster @param {KindPaint} p @param {number} x0 @param {number} x1 @param {number} y @param {number} h
 */
export function userGlyph(raster, p, x0, x1, y, h) {
  const middle = y + Math.round(h * 0.5);
  raster.rect(x0, middle - Math.max(2, Math.round(h * 0.26)), x1, middle, p.core);
  raster.rect(x0, middle, x1, middle + Math.max(1, Math.round(h * 0.17)), p.band);
}

/** @param {number} h */
const idleThickness = (h) => Math.min(3, Math.max(2, Math.round(h * 0.06)));

/** @param {Raster} raster @param {Palette} palette @param {boolean} lowPower @param {number} x0 @param {number} x1 @param {number} y @param {number} h @param {number} [column] of the left edge, on the grid of the whole trace */
export function idleGlyph(raster, palette, lowPower, x0, x1, y, h, column = 0) {
  const middle = y + Math.round(h * 0.5);
  if (!lowPower) {
    const thick = idleThickness(h);
    raster.rect(x0, middle - (thick >> 1), x1, middle + thick - (thick >> 1), palette.raster.idle);
    return;
  }
  // Dashes of 8 on a grid of 11 pixels that moves with the picture.
  dotted(raster, x0, x1, middle, 1, palette.raster.idle, column, 8, 11);
}

/** One period of a sine. @param {Raster} raster @param {Palette} palette @param {number} x0 @param {number} x1 @param {number} y @param {number} h */
export function cexitGlyph(raster, palette, x0, x1, y, h) {
  const middle = y + h * 0.5;
  const at = (/** @type {number} */ x) => middle - Math.sin(((x - x0) / Math.max(1, x1 - x0)) * 2 * Math.PI) * Math.min(9, h * 0.2);
  for (let x = Math.max(raster.left, x0); x < Math.min(x1, raster.right); x++) {
    const a = Math.round(Math.min(at(x), at(x + 1)));
    const b = Math.round(Math.max(at(x), at(x + 1)));
    raster.rect(x, a, x + 1, Math.max(b, a + 1) + 1, palette.raster.cexit);
  }
}

const STACK = [CLASS.SYSCALL, CLASS.IRQ, CLASS.FAULT, CLASS.SCHED, CLASS.OTHER, CLASS.USER];

/**
 * A column finer than a pixel: time of each class stacked from below by its share; any class present gets a pixel.
 * @param {Raster} raster @param {Palette} palette @param {Float32Array} shares @param {number} k entry @param {number} x
 * @param {number} y @param {number} h
 */
export function shareColumn(raster, palette, shares, k, x, y, h) {
  const base = k * CLASS_COUNT;
  const middle = y + Math.round(h * 0.5);
  if (shares[base + CLASS.IDLE] > 0.02) {
    const thick = idleThickness(h);
    raster.column(x, middle - (thick >> 1), middle + thick - (thick >> 1), palette.raster.idle);
  }
  let sum = 0;
  let bottom = y + h;
  for (const c of STACK) {
    const share = shares[base + c];
    if (share <= 0) continue;
    sum += share;
    const top = Math.max(y, Math.min(bottom - 1, y + h - Math.round(sum * h)));
    raster.column(x, top, bottom, palette.raster.cls[c]);
    bottom = top;
  }
}

/** "More here": darker the more spans a column holds. @param {Raster} raster @param {Palette} palette @param {number} count @param {number} x @param {number} y */
export function densityTick(raster, palette, count, x, y) {
  const level = Math.min(8, 1 + Math.floor(Math.log2(Math.max(1, count))));
  if (count > 3) raster.column(x, y, y + 2, palette.raster.density[level]);
}

/**
 * Any execution span.
 * @param {Raster} raster @param {Palette} palette @param {KindPaint} paint @param {boolean} lowPower
 * @param {number} x0 @param {number} x1 @param {number} y @param {number} h @param {number} [column] of the left edge
 */
export function spanGlyph(raster, palette, paint, lowPower, x0, x1, y, h, column = 0) {
  switch (paint.shape) {
    case SHAPE.USER:
      userGlyph(raster, paint, x0, x1, y, h);
      break;
    case SHAPE.IDLE:
      idleGlyph(raster, palette, lowPower, x0, x1, y, h, column);
      break;
    case SHAPE.CEXIT:
      cexitGlyph(raster, palette, x0, x1, y, h);
      break;
    default:
      kernelGlyph(raster, paint, x0, x1, y, h);
  }
}

/** Softirqs take their hues from the softirq number. @param {number} event @param {number} arg */
export const hueEvent = (event, arg) => (event === EV.BOTTOM_HALF ? event + 3 + arg * 5 : event);
