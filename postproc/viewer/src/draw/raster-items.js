// SPDX-License-Identifier: BSD-3-Clause
// Paints the overlays of a row into the raster, limited to its clip. Which records are drawn depends on the zoom and on the record
// alone, never on the window: so a picture that was moved equals one painted anew.

import { AUX, EV } from '../format/events.js';
import { firstFrom, forEachOverlap } from '../format/bounds.js';
import { forEachGap } from '../trace/gaps.js';
import { huesOf, pack, packCss } from '../plan/colors.js';
import { lockLevel, markShown, takenInIdle } from '../plan/items.js';
import {
  hatch,
  inferredGlyph,
  lockGlyph,
  lostGlyph,
  lostRight,
  markStem,
  messageGlyph,
  packetGlyph,
  queuedGlyph,
  rpcGlyph,
  sampleGlyph,
  waitGlyph,
} from './item-glyphs.js';

/** @typedef {import('./raster.js').Raster} Raster */
/** @typedef {import('./render.js').FrameContext} FrameContext */
/** @typedef {import('../plan/layout.js').PlacedRow} PlacedRow */

/** Widest thing that hangs over its time, in pixels: looked for outside the clip too. */
const MARGIN = 12;

/** @param {Raster} raster @param {FrameContext} context @param {PlacedRow} placed */
export function rasterOverlays(raster, context, placed) {
  const { model, state, palette, tint, dpr: k, tpp, column } = context;
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
  const { show } = state;

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

  if (show.waits) {
    const line = y + Math.round(h * 0.28);
    intervals(AUX.WAIT, 2, (r, x0, x1) => {
      waitGlyph(raster, palette, event(r), x0, x1, line, k, h >= 10 * k);
      if (aux.flags[r] & 1) inferredGlyph(raster, palette, x0, x1, line + Math.round(4 * k), column);
    });
    intervals(AUX.QUEUED, 2, (r, x0, x1) => queuedGlyph(raster, palette, aux.arg[r], x0, x1, line, k, column));
  }
  if (show.locks && row.aux[AUX.LOCK]) rasterLocks(raster, context, placed, t0, t1, px);
  if (show.samples && zones.span >= 4) {
    intervals(AUX.SAMPLE, 5, (r) => {
      if (!shown(r) || takenInIdle(model, r) !== (show.samples === 2)) return;
      const top = Math.round((placed.y + Math.max(2, zones.span - 6)) * k);
      sampleGlyph(
        raster,
        palette,
        aux.arg[r],
        event(r) === EV.PC_K,
        exact(aux.start[r]),
        y - 2 * k,
        exact(aux.start[r] + aux.dur[r]),
        top,
        k,
        column,
      );
    });
  }
  points(AUX.POINT, 3, (r, x) => {
    const e = event(r);
    if (e === EV.LOST) return;
    raster.rect(
      x,
      y - Math.round(Math.min(zones.span - 1, 5) * k),
      x + Math.max(1, Math.round(k)),
      y + Math.round(h * 0.3),
      pack(huesOf(palette.name, e).core),
    );
  });
  points(AUX.PACKET, 6, (r, x) => packetGlyph(raster, palette, event(r) === EV.RX_PKT || event(r) === EV.RX_USER, x, y, k));
  const list = row.aux[AUX.MESSAGE];
  if (list) {
    forEachOverlap(list, aux, t0, t1, 0, (r) => {
      if (!shown(r)) return;
      const x0 = exact(aux.start[r]);
      messageGlyph(
        raster,
        palette,
        event(r) === EV.RPCIDRXMSG,
        aux.arg[r],
        x0,
        Math.max(x0 + 3 * k, exact(aux.start[r] + aux.dur[r])),
        Math.round(placed.y * k) + 2 * k,
        y,
        k,
      );
    });
  }
  if (show.marks) {
    const lift = zones.over >= 11 ? Math.round(4 * k) : 0; // above the boxes of marks, where there is room
    points(AUX.RPC, 4, (r, x) => rpcGlyph(raster, palette, event(r), x, y - lift, h + lift, k));
    const marks = row.aux[AUX.MARK];
    points(AUX.MARK, 3, (r, x, i) => {
      if (!markShown(show.marks, event(r))) return;
      const near = marks && i + 1 < marks.index.length && aux.start[marks.index[i + 1]] - aux.start[r] < 8 * tpp;
      markStem(raster, palette, event(r), x, y, near ? Math.round(h * 0.15) : h, k); // a stem in a crowd would hide the spans
    });
  }
  rasterGaps(raster, context, placed, t0, t1, px);
}

/**
 * Locks above a row; one that begins while others are held stands above them.
 * @param {Raster} raster @param {FrameContext} context @param {PlacedRow} placed @param {number} t0 @param {number} t1 @param {(t: number) => number} px
 */
function rasterLocks(raster, { model, state, palette, dpr: k, tpp, column }, placed, t0, t1, px) {
  const { aux, kinds } = model;
  const list = /** @type {import('../format/bounds.js').RecordList} */ (placed.row.aux[AUX.LOCK]);
  forEachOverlap(list, aux, t0, t1, 8 * tpp, (r, i) => {
    const level = lockLevel(list, aux, i, 8 * tpp);
    const y = Math.round((placed.y + Math.max(1, placed.zones.span - 3 - level * 3)) * k);
    lockGlyph(
      raster,
      palette,
      aux.arg[r],
      kinds[aux.kind[r]].event === EV.LOCK_HELD,
      px(aux.start[r]),
      px(aux.start[r] + aux.dur[r]),
      y,
      k,
      column,
      state.show.locks === 2,
    );
  });
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
