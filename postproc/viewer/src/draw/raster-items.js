// SPDX-License-Identifier: BSD-3-Clause
// Paints the overlays of a row into the raster, limited to its clip. Which records are drawn depends on the zoom and on the record
// alone, never on the window: so a picture that was moved equals one painted anew.

import { firstFrom, forEachOverlap } from '../format/bounds.js';
import { forEachGap } from '../trace/gaps.js';
import { packCss } from '../plan/colors.js';
import { isShown, OVER_KINDS } from './over/kinds.js';
import { hatch, lostGlyph, lostRight } from './item-glyphs.js';

/** @typedef {import('./raster.js').Raster} Raster */
/** @typedef {import('./render.js').FrameContext} FrameContext */
/** @typedef {import('../plan/layout.js').PlacedRow} PlacedRow */

/** Widest thing that hangs over its time, in pixels: looked for outside the clip too. */
const MARGIN = 12;

/**
 * A row in the raster, and how to walk its records.
 * @typedef {ReturnType<typeof rowOnRaster>} On
 */

/** @param {Raster} raster @param {FrameContext} context @param {PlacedRow} placed */
function rowOnRaster(raster, context, placed) {
  const { model, tint, dpr: k, tpp, column } = context;
  const { aux, kinds } = model;
  const { row, zones } = placed;
  const device = tpp / k;
  const y = Math.round((placed.y + zones.span) * k);
  const h = Math.round(zones.spanHeight * k);
  const t0 = (column + raster.left - MARGIN) * device;
  const t1 = (column + raster.right + MARGIN) * device;
  // From the grid of the whole trace, so that rounding does not depend on the window.
  const px = (/** @type {number} */ t) => Math.round(t / device) - column;
  const exact = (/** @type {number} */ t) => t / device - column;
  const event = (/** @type {number} */ r) => kinds[aux.kind[r]].event;
  // Of rows that are not highlit, only what tells where their time went is drawn.
  const shown = (/** @type {number} */ r) => !tint || tint.other(r);
  /** @param {number} category @param {number} least px @param {(r: number, x0: number, x1: number) => void} visit */
  const intervals = (category, least, visit) => {
    const list = row.aux[category];
    if (list) forEachOverlap(list, aux, t0, t1, least * tpp, (r) => visit(r, px(aux.start[r]), px(aux.start[r] + aux.dur[r])));
  };
  /** First record of each cell of `gap` pixels. @param {number} category @param {number} gap @param {(r: number, x: number, i: number) => void} visit */
  const points = (category, gap, visit) => {
    const list = row.aux[category];
    if (!list) return;
    const cell = Math.max(1, Math.round(gap * k)) * device;
    let c = Math.floor(t0 / cell);
    let i = firstFrom(list, aux, c * cell);
    while (i < list.index.length && aux.start[list.index[i]] <= t1) {
      const r = list.index[i];
      if (shown(r)) visit(r, px(aux.start[r]), i);
      c = Math.max(c, Math.floor(aux.start[r] / cell)) + 1;
      i = firstFrom(list, aux, c * cell, i + 1);
    }
  };

  return { raster, ...context, k, placed, row, zones, y, h, t0, t1, px, exact, event, shown, intervals, points };
}

/** @param {Raster} raster @param {FrameContext} context @param {PlacedRow} placed */
export function rasterOverlays(raster, context, placed) {
  const on = rowOnRaster(raster, context, placed);
  for (const kind of OVER_KINDS) if (isShown(kind, context.state.show)) kind.raster?.(on);
  rasterGaps(raster, context, placed, on.t0, on.t1, on.px);
}

/** Where something was lost on this CPU; zones that a person hatched. @param {Raster} raster @param {FrameContext} context @param {PlacedRow} placed @param {number} t0 @param {number} t1 @param {(t: number) => number} px */
function rasterGaps(raster, { model, palette, dpr: k, column }, placed, t0, t1, px) {
  const { row, zones } = placed;
  const y0 = Math.round((placed.y + zones.span) * k);
  const y1 = y0 + Math.round(zones.spanHeight * k);
  if (row.group === 'cpu') {
    let drawn = -Infinity;
    forEachGap(model.gaps, row.key, t0, t1, (gap) => {
      const [x0, x1] = [px(gap.t0), px(gap.t1)];
      // What belongs to no one CPU (waits, samples, marks) is missing on all: hatched above the spans.
      if (gap.cpu === -1) hatch(raster, packCss(palette.css.lost), x0, x1, Math.round(placed.y * k), y0, column, Math.round(7 * k));
      else if (lostRight(x0, x1, k) > drawn) {
        // Of many in the same pixels one is enough.
        lostGlyph(raster, palette, x0, x1, y0, y1, column, k);
        drawn = lostRight(x0, x1, k);
      }
    });
  }
  for (const r of model.zones) {
    const { aux } = model;
    const end = aux.start[r] + aux.dur[r];
    if (end < t0 || aux.start[r] > t1) continue;
    hatch(
      raster,
      packCss(palette.css.wait.c),
      px(aux.start[r]),
      px(end),
      Math.round(placed.y * k),
      Math.round((placed.y + placed.h) * k),
      column,
      Math.round(11 * k),
    );
  }
}
