// SPDX-License-Identifier: BSD-3-Clause
// One frame: from the state to the canvas.

import { forEachLong } from './aggregate.js';
import { parseBase, toNs } from './time.js';
import { makeAxis } from './axis.js';
import { kindPaints, makePalette, paletteName } from './colors.js';
import { layoutRows, visibleRows } from './layout.js';
import { buildOverlays } from './overlays.js';
import { prepareGroup, prepareRow } from './model.js';
import { paintNeedleColumn } from './needle-column.js';
import { makePicture, movePicture, pictureRow } from './row-picture.js';
import { makeTint, tintKey } from './tint.js';
import { Raster } from './raster.js';
import { rasterRow } from './raster-rows.js';
import { rasterOverlays } from './raster-overlays.js';
import { paintFrame, paintNames, paintNeedles, paintItems } from './paint-frame.js';

/** @typedef {import('./store.js').State} State */
/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./layout.js').Layout} Layout */
/** @typedef {import('./layout.js').PlacedRow} PlacedRow */
/** @typedef {import('./colors.js').Palette} Palette */
/** @typedef {import('./row-picture.js').RowPicture} RowPicture */
/** @typedef {{layout: Layout, items: import('./overlays.js').Item[], rows: PlacedRow[], tpp: number, t0: number}} Scene what was drawn, for picking */
/** @typedef {{model: Model, state: State, palette: Palette, layout: Layout, tpp: number, dpr: number, t0: number, column: number,
 *   tint: import('./tint.js').Tint|null}} FrameContext
 *   t0: left edge, on the grid of device pixels; column: its number on that grid */
/** @typedef {{key: unknown[], tpp: number, column: number, scroll: number}} Painted what the raster holds */
/** @typedef {[number, number, number, number]} Box left, top, right, bottom */

/** Pixels beside a box that are looked at with it. */
const EDGE = 4;

/** @param {HTMLCanvasElement} canvas */
export function createRenderer(canvas) {
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  /** @type {Raster|null} */
  let raster = null;
  /** @type {RowPicture|null} */
  let picture = null;
  /** @type {Painted|null} */
  let painted = null;
  /** Of the theme. @type {{palette: Palette, paints: import('./colors.js').KindPaint[], model: Model}|null} */
  let colors = null;

  /** @param {Model} model @param {State} state */
  function colorsFor(model, state) {
    if (!colors || colors.palette.name !== paletteName(state.theme, state.safe) || colors.model !== model) {
      const palette = makePalette(paletteName(state.theme, state.safe));
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
      painted = null;
      picture = makePicture(width);
    }
    const pic = /** @type {RowPicture} */ (picture);
    // The left edge is put on a grid of device pixels, so that a pan moves the raster by whole pixels.
    let tpp = (state.window.t1 - state.window.t0) / (layout.right - layout.left);
    if (painted && Math.abs(tpp - painted.tpp) < tpp * 1e-9) tpp = painted.tpp;
    const column = Math.round(state.window.t0 / (tpp / dpr));
    const t0 = column * (tpp / dpr);
    const frame = { t0, tpp, show: state.show };
    const rows = visibleRows(model, layout);
    const context = { model, state, palette, layout, tpp, dpr, t0, column, tint: makeTint(model, state, palette) };
    /** @type {Painted} */
    const now = {
      key: [model, palette, state.search, state.show, dpr, ...tintKey(state), ...layout.groups.flatMap((g) => [g.group, g.open, g.rowHeight, g.zones.lines, g.top, g.rows])],
      tpp, column, scroll: layout.scroll * dpr,
    };
    const boxes = moveRaster(raster, painted, now);
    painted = now;
    /** @type {import('./paint-frame.js').NameJob[]} */
    const names = [];
    for (const box of boxes) {
      raster.clip(...box);
      raster.clear(palette.raster.background);
    }
    for (const placed of rows) {
      prepareRow(model, placed.row);
      for (const box of boxes) {
        if (placed.y * dpr > box[3] || (placed.y + placed.h) * dpr < box[1]) continue;
        raster.clip(...box);
        // A little more than the box: a column at its edge depends on its neighbours.
        const left = Math.max(0, box[0] - EDGE);
        pictureRow(model, placed.row, (column + left) * (tpp / dpr), tpp / dpr, Math.min(raster.width, box[2] + EDGE) - left, pic);
        movePicture(pic, left);
        rasterRow(raster, context, paints, placed, pic, frame);
        if (!model.partial) rasterOverlays(raster, context, placed);
      }
      collectNames(context, placed, names);
    }
    // All that can be picked is listed when somebody asks; a frame needs only what is written.
    const words = buildOverlays(model, layout, { ...frame, words: !state.search });
    /** @type {import('./overlays.js').Item[]|null} */
    let all = null;
    const listAll = () => (all ??= buildOverlays(model, layout, frame));

    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = palette.css.background;
    ctx.fillRect(0, 0, pw, ph);
    raster.putOn(ctx, Math.round(layout.left * dpr), 0);
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    const ns = (/** @type {number} */ t) => toNs(model, t);
    const axis = makeAxis(ns(t0), ns(t0 + tpp * (layout.right - layout.left)), parseBase(model.meta.tracebase), (layout.right - layout.left) / 110);
    ctx.save();
    ctx.beginPath();
    ctx.rect(layout.left, 0, layout.right - layout.left, layout.bottom);
    ctx.clip();
    paintFrame.grid(ctx, context, axis);
    paintNames(ctx, context, names);
    if (state.show.ipc) paintNeedles(ctx, context, names);
    paintItems(ctx, context, words);
    paintFrame.selection(ctx, context, rows, state.selection?.cols === 'aux' ? listAll() : words);
    ctx.restore();
    paintFrame.labels(ctx, context, rows);
    paintFrame.axis(ctx, context, axis, layout.type);
    paintFrame.scrollbar(ctx, context);
    paintNeedleColumn(ctx, context);
    return { layout, get items() { return listAll(); }, rows, tpp, t0 };
  }

  return { draw };
}

/**
 * Moves the raster to where the new frame wants it. Returns the parts that have to be painted: all of it when nothing can be kept.
 * @param {Raster} raster @param {Painted|null} old @param {Painted} now
 * @returns {Box[]}
 */
function moveRaster(raster, old, now) {
  const { width, height } = raster;
  const same = old !== null && old.tpp === now.tpp && old.key.length === now.key.length && old.key.every((v, i) => v === now.key[i]);
  const dx = same ? old.column - now.column : width;
  const dy = same ? old.scroll - now.scroll : height;
  if (Math.abs(dx) > width / 2 || Math.abs(dy) > height / 2 || !Number.isInteger(dy)) return [[0, 0, width, height]];
  if (dx !== 0 || dy !== 0) raster.shift(dx, dy);
  /** @type {Box[]} */
  const boxes = [];
  if (dx > 0) boxes.push([0, 0, dx, height]);
  if (dx < 0) boxes.push([width + dx, 0, width, height]);
  if (dy > 0) boxes.push([0, 0, width, dy]);
  if (dy < 0) boxes.push([0, height + dy, width, height]);
  return boxes;
}

/** Spans wide enough for a name or a needle. @param {FrameContext} context @param {PlacedRow} placed @param {import('./paint-frame.js').NameJob[]} names */
function collectNames({ model, layout, tpp, t0 }, placed, names) {
  const { exec } = model;
  const t1 = t0 + (layout.right - layout.left) * tpp;
  forEachLong(placed.row, exec, t0, t1, 12 * tpp, (record) => {
    const x = Math.max(layout.left, layout.left + (exec.start[record] - t0) / tpp);
    const end = Math.min(layout.right, layout.left + (exec.start[record] + exec.dur[record] - t0) / tpp);
    if (end - x >= 12) names.push({ record, shape: model.shape[exec.kind[record]], x, width: end - x, placed });
  });
}
