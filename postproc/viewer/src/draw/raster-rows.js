// SPDX-License-Identifier: BSD-3-Clause
// Paints rows of spans into the raster, limited to the raster's clip.

import { EV, SHAPE } from '../format/events.js';
import { kindPaint } from '../plan/colors.js';
import { cexitGlyph, densityTick, hueEvent, shareColumn, spanGlyph } from './glyphs.js';
import { freqBands } from '../plan/freq-bands.js';
import { inferredGlyph, overheadGlyph } from './item-glyphs.js';
import { overheadOf } from '../plan/overhead.js';
import { rasterPreview } from './preview.js';
import { hitsBetween } from '../search/search.js';

/** @typedef {import('./raster.js').Raster} Raster */
/** @typedef {import('./render.js').FrameContext} FrameContext */
/** @typedef {import('../plan/layout.js').PlacedRow} PlacedRow */
/** @typedef {import('../plan/colors.js').Palette} Palette */
/** @typedef {import('../plan/row-picture.js').RowPicture} RowPicture */

/**
 * @param {Raster} raster @param {FrameContext} context @param {import('../plan/colors.js').KindPaint[]} paints
 * @param {PlacedRow} placed @param {RowPicture} pic @param {import('../plan/item-walk.js').Frame} frame
 */
export function rasterRow(raster, context, paints, placed, pic, frame) {
  const { model, state, palette, tint, layout, dpr, column } = context;
  const spanPalette = tint ? tint.palette(placed.row) : palette;
  const { row, zones } = placed;
  const y = Math.round((placed.y + zones.span) * dpr);
  const h = Math.round(zones.spanHeight * dpr);
  const px = (/** @type {number} */ x) => Math.round((x - layout.left) * dpr);
  if ((model.position[row.group].get(row.key) ?? 0) % 2 === 1) {
    raster.rect(0, Math.round(placed.y * dpr), raster.width, Math.round((placed.y + placed.h) * dpr), palette.raster.stripe);
  }
  if (state.show.freq && row.group === 'cpu') {
    for (const b of freqBands(model, layout, frame, placed, layout.left + raster.left / dpr, layout.left + raster.right / dpr)) {
      raster.rect(
        px(b.x0),
        Math.round(b.y0 * dpr),
        px(b.x1),
        Math.round(b.y1 * dpr),
        palette.raster[state.show.freq === 2 ? 'freqBold' : 'freq'][b.level],
      );
    }
  }
  if (model.partial) {
    rasterPreview(raster, palette, model.coarse, model.position.cpu.get(row.key) ?? 0, y, h);
    return;
  }
  const { exec } = model;
  const cost = overheadPixels(model, layout, frame.tpp / dpr);
  for (let k = 0; k < pic.n; k++) {
    if (pic.x1[k] <= raster.left) continue;
    if (pic.x0[k] >= raster.right) break;
    const r = pic.record[k];
    if (r < 0) {
      shareColumn(raster, spanPalette, pic.shares, k, pic.x0[k], y, h);
      densityTick(raster, palette, pic.count[k], pic.x0[k], y + h + 1);
      if (pic.inferred[k] > 0) raster.column(pic.x0[k], y + h + 3, y + h + 5, palette.raster.cexit); // below the texture, never left out
      continue;
    }
    const kind = exec.kind[r];
    let paint = paints[kind];
    const { event } = model.kinds[kind];
    if (event === EV.BOTTOM_HALF) paint = kindPaint(palette, hueEvent(event, exec.arg[r]), paint.cls, paint.shape);
    if (tint) paint = tint.paint(row, r, paint);
    if (paint.shape === SHAPE.CEXIT) {
      const x = Math.round((exec.start[r] - frame.t0) / (frame.tpp / dpr)); // the true start: the wave does not depend on the window
      cexitGlyph(raster, spanPalette, x, x + Math.round(exec.dur[r] / (frame.tpp / dpr)), y, h);
    } else {
      spanGlyph(raster, spanPalette, paint, paint.shape === SHAPE.IDLE && exec.arg[r] === 1, pic.x0[k], pic.x1[k], y, h, column);
      if (cost > 0 && paint.shape !== SHAPE.IDLE && pic.x1[k] - pic.x0[k] >= 8) {
        overheadGlyph(raster, palette, exec.start[r] / (frame.tpp / dpr) - column, cost, pic.x1[k], y, h);
      }
    }
    if (exec.flags[r] & 1) inferredGlyph(raster, palette, pic.x0[k], pic.x1[k], y + h + 1, column);
  }
  if (state.search && state.search.count > 0) rasterMatches(raster, context, placed, pic, y, h);
}

/** Estimated cost of tracing an entry in pixels, 0 where the window is too wide to see it. @param {import('../trace/model.js').Model} model @param {import('../plan/layout.js').Layout} layout @param {number} ticks a device pixel */
function overheadPixels(model, layout, ticks) {
  const { ns, widest } = overheadOf(model.meta, model.flags);
  const pixel = ticks * model.nsPerTick;
  return pixel * (layout.right - layout.left) > widest ? 0 : ns / pixel;
}

/**
 * Matches get a bar above and below; a column of shares when any span in it matches.
 * @param {Raster} raster @param {FrameContext} context @param {PlacedRow} placed @param {RowPicture} pic @param {number} y @param {number} h
 */
function rasterMatches(raster, { model, state, palette }, { row }, pic, y, h) {
  const search = /** @type {import('../search/search.js').Search} */ (state.search);
  const hits = row.group === 'cpu' ? search.hits[/** @type {number} */ (model.position.cpu.get(row.key))] : null;
  for (let k = 0; k < pic.n; k++) {
    const r = pic.record[k];
    const first = pic.from[k];
    let match = false;
    if (r >= 0) match = search.exec(r);
    else if (hits) match = hitsBetween(hits, row.lo + first, row.lo + first + pic.count[k]) > 0;
    else if (row.index) {
      const stop = Math.min(first + pic.count[k], first + 64, row.n);
      for (let i = first; i < stop && !match; i++) match = search.exec(row.index[i]);
    }
    if (!match) continue;
    raster.rect(pic.x0[k], y - 3, pic.x1[k], y - 1, palette.raster.accent);
    raster.rect(pic.x0[k], y + h + 1, pic.x1[k], y + h + 4, palette.raster.accent);
  }
}
