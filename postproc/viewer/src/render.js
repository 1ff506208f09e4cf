// SPDX-License-Identifier: BSD-3-Clause
// One frame: from the state to the canvas.

import { parseBase, toNs } from './time.js';
import { makeAxis } from './axis.js';
import { kindPaints, kindPaint, makePalette } from './colors.js';
import { layoutRows, visibleRows } from './layout.js';
import { buildOverlays, freqBands } from './overlays.js';
import { prepareGroup, prepareRow } from './model.js';
import { makePicture, pictureRow } from './row-picture.js';
import { Raster } from './raster.js';
import { densityTick, hueEvent, shareColumn, spanGlyph } from './glyphs.js';
import { hitsBetween } from './search.js';
import { EV, SHAPE } from './events.js';
import { paintFrame, paintNames, paintNeedles, paintItems } from './paint-frame.js';

/** @typedef {import('./store.js').State} State */
/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./layout.js').Layout} Layout */
/** @typedef {import('./layout.js').PlacedRow} PlacedRow */
/** @typedef {import('./colors.js').Palette} Palette */
/** @typedef {import('./row-picture.js').RowPicture} RowPicture */
/** @typedef {{layout: Layout, items: import('./overlays.js').Item[], rows: PlacedRow[], tpp: number}} Scene what was drawn, for picking */
/** @typedef {{model: Model, state: State, palette: Palette, layout: Layout, tpp: number, dpr: number}} FrameContext */

/** @param {HTMLCanvasElement} canvas */
export function createRenderer(canvas) {
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  /** @type {Raster|null} */
  let raster = null;
  /** @type {RowPicture|null} */
  let picture = null;
  /** @type {{palette: Palette, paints: import('./colors.js').KindPaint[], model: Model}|null} */
  let colors = null;

  /** @param {Model} model @param {State} state */
  function colorsFor(model, state) {
    if (!colors || colors.palette.name !== state.theme || colors.model !== model) {
      const palette = makePalette(state.theme);
      colors = { palette, paints: kindPaints(palette, model), model };
    }
    return colors;
  }

  /**
   * Draws the state. Returns what was drawn, and the scroll that was possible.
   * @param {State} state @param {{width: number, height: number, dpr: number}} size
   * @returns {Scene|null}
   */
  function draw(state, size) {
    const { model } = state;
    if (!model) return null;
    for (const group of /** @type {('pid'|'rpc')[]} */ (['pid', 'rpc'])) if (state.open[group]) prepareGroup(model, group);
    const { dpr } = size;
    const pw = Math.round(size.width * dpr);
    const ph = Math.round(size.height * dpr);
    if (canvas.width !== pw || canvas.height !== ph) {
      canvas.width = pw;
      canvas.height = ph;
    }
    const { palette, paints } = colorsFor(model, state);
    const layout = layoutRows(model, state, size);
    const width = Math.max(1, Math.round((layout.right - layout.left) * dpr));
    const height = Math.max(1, Math.round(layout.bottom * dpr));
    if (!raster || raster.width !== width || raster.height !== height) {
      raster = new Raster(width, height);
      picture = makePicture(width);
    }
    const pic = /** @type {RowPicture} */ (picture);
    const tpp = (state.window.t1 - state.window.t0) / (layout.right - layout.left);
    const frame = { t0: state.window.t0, tpp, show: state.show };
    const rows = visibleRows(model, layout);
    const context = { model, state, palette, layout, tpp, dpr };

    raster.clip(0, height);
    raster.clear(palette.raster.background);
    /** @type {import('./paint-frame.js').NameJob[]} */
    const names = [];
    for (const placed of rows) {
      prepareRow(model, placed.row);
      rasterRow(raster, context, paints, placed, pic, frame);
      collectNames(context, placed, pic, names);
    }
    const items = buildOverlays(model, layout, frame);

    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = palette.css.background;
    ctx.fillRect(0, 0, pw, ph);
    raster.putOn(ctx, Math.round(layout.left * dpr), 0);
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    const ns = (/** @type {number} */ t) => toNs(model, t);
    const axis = makeAxis(ns(state.window.t0), ns(state.window.t1), parseBase(model.meta.tracebase), (layout.right - layout.left) / 110);
    ctx.save();
    ctx.beginPath();
    ctx.rect(layout.left, 0, layout.right - layout.left, layout.bottom);
    ctx.clip();
    paintFrame.grid(ctx, context, axis);
    paintNames(ctx, context, names);
    if (state.show.ipc) paintNeedles(ctx, context, names);
    paintItems(ctx, context, items);
    paintFrame.selection(ctx, context, rows, items);
    ctx.restore();
    paintFrame.labels(ctx, context, rows);
    paintFrame.axis(ctx, context, axis);
    paintFrame.scrollbar(ctx, context);
    return { layout, items, rows, tpp };
  }

  return { draw };
}

/**
 * @param {Raster} raster @param {FrameContext} context @param {import('./colors.js').KindPaint[]} paints
 * @param {PlacedRow} placed @param {RowPicture} pic @param {import('./overlays.js').Frame} frame
 */
function rasterRow(raster, context, paints, placed, pic, frame) {
  const { model, state, palette, layout, tpp, dpr } = context;
  const { row, zones } = placed;
  const y = Math.round((placed.y + zones.span) * dpr);
  const h = Math.round(zones.spanHeight * dpr);
  const px = (/** @type {number} */ x) => Math.round((x - layout.left) * dpr);
  if ((model.position[row.group].get(row.key) ?? 0) % 2 === 1) {
    raster.rect(0, Math.round(placed.y * dpr), raster.width, Math.round((placed.y + placed.h) * dpr), palette.raster.stripe);
  }
  if (state.show.freq && row.group === 'cpu') {
    for (const b of freqBands(model, layout, frame, placed)) {
      raster.rect(px(b.x0), Math.round(b.y0 * dpr), px(b.x1), Math.round(b.y1 * dpr), palette.raster.freq[b.level]);
    }
  }
  pictureRow(model, row, state.window.t0, tpp / dpr, raster.width, pic);
  const { exec } = model;
  for (let k = 0; k < pic.n; k++) {
    const r = pic.record[k];
    if (r < 0) {
      shareColumn(raster, palette, pic.shares, k, pic.x0[k], y, h);
      densityTick(raster, palette, pic.count[k], pic.x0[k], y + h + 1);
      continue;
    }
    const kind = exec.kind[r];
    let paint = paints[kind];
    const { event } = model.kinds[kind];
    if (event === EV.BOTTOM_HALF) paint = kindPaint(palette, hueEvent(event, exec.arg[r]), paint.cls, paint.shape);
    spanGlyph(raster, palette, paint, paint.shape === SHAPE.IDLE && exec.arg[r] === 1, pic.x0[k], pic.x1[k], y, h);
    if (exec.flags[r] & 1) inferredTicks(raster, palette, pic.x0[k], pic.x1[k], y + h + 1);
  }
  if (state.search && state.search.count > 0) rasterMatches(raster, context, placed, pic, y, h);
}

/** Inferred spans have a dotted line below. @param {Raster} raster @param {Palette} palette @param {number} x0 @param {number} x1 @param {number} y */
function inferredTicks(raster, palette, x0, x1, y) {
  for (let x = x0; x < x1; x += 4) raster.rect(x, y, Math.min(x + 2, x1), y + 1, palette.raster.cexit);
}

/**
 * Matches get a bar above and below; a column of shares when any span in it matches.
 * @param {Raster} raster @param {FrameContext} context @param {PlacedRow} placed @param {RowPicture} pic @param {number} y @param {number} h
 */
function rasterMatches(raster, { model, state, palette }, { row }, pic, y, h) {
  const search = /** @type {import('./search.js').Search} */ (state.search);
  const hits = row.group === 'cpu' ? search.hits[/** @type {number} */ (model.position.cpu.get(row.key))] : null;
  const { kind } = model.exec;
  for (let k = 0; k < pic.n; k++) {
    const r = pic.record[k];
    const first = pic.from[k];
    let match = false;
    if (r >= 0) match = search.kinds[kind[r]] === 1;
    else if (hits) match = hitsBetween(hits, row.lo + first, row.lo + first + pic.count[k]) > 0;
    else if (row.index) {
      const stop = Math.min(first + pic.count[k], first + 64, row.n);
      for (let i = first; i < stop && !match; i++) match = search.kinds[kind[row.index[i]]] === 1;
    }
    if (!match) continue;
    raster.rect(pic.x0[k], y - 3, pic.x1[k], y - 1, palette.raster.accent);
    raster.rect(pic.x0[k], y + h + 1, pic.x1[k], y + h + 4, palette.raster.accent);
  }
}

/** Spans wide enough for a name or a needle. @param {FrameContext} context @param {PlacedRow} placed @param {RowPicture} pic @param {import('./paint-frame.js').NameJob[]} names */
function collectNames({ model, layout, dpr }, placed, pic, names) {
  for (let k = 0; k < pic.n; k++) {
    const width = (pic.x1[k] - pic.x0[k]) / dpr;
    const record = pic.record[k];
    if (record < 0 || width < 12) continue;
    names.push({ record, shape: model.shape[model.exec.kind[record]], x: layout.left + pic.x0[k] / dpr, width, placed });
  }
}
