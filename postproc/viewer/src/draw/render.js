// SPDX-License-Identifier: BSD-3-Clause
// One frame: from the state to the canvas.

import { forEachLong } from '../trace/aggregate.js';
import { parseBase } from '../trace/time.js';
import { makeAxis, tickCount } from '../plan/axis.js';
import { kindPaints, makePalette, paletteName } from '../plan/colors.js';
import { layoutRows, visibleRows } from '../plan/layout.js';
import { buildOverlays, overlaysNear } from './items.js';
import { prepareGroup, prepareRow } from '../trace/model.js';
import { timeScale } from '../plan/view.js';
import { paintNeedleColumn } from './paint-needle-column.js';
import { makePicture, movePicture, pictureRow } from '../plan/row-picture.js';
import { makeTint, tintKey } from '../plan/tint.js';
import { Raster } from './raster.js';
import { createRepaint } from './repaint.js';
import { rasterRow } from './raster-rows.js';
import { rasterOverlays } from './raster-items.js';
import { isLine, lineItems } from './selection-frame.js';
import { paintMachine } from './machine-strip.js';
import { paintFrame, paintNames, paintNeedles, paintItems } from './paint-frame.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/layout.js').Layout} Layout */
/** @typedef {import('../plan/layout.js').PlacedRow} PlacedRow */
/** @typedef {import('../plan/colors.js').Palette} Palette */
/** @typedef {import('../plan/row-picture.js').RowPicture} RowPicture */
/** @typedef {{layout: Layout, itemsNear: (x: number, y: number) => import('../plan/item-walk.js').Item[], itemsOf: (record: number) => import('../plan/item-walk.js').Item[], rows: PlacedRow[], time: import('../plan/view.js').TimeScale, tpp: number, t0: number, unfinished: boolean}} Scene what was drawn, for picking; unfinished: some rows wait for the next frame */
/** @typedef {{model: Model, state: State, palette: Palette, layout: Layout, time: import('../plan/view.js').TimeScale, tpp: number, dpr: number, t0: number, column: number,
 *   tint: import('../plan/tint.js').Tint|null}} FrameContext
 *   t0: left edge, on the grid of device pixels; column: its number on that grid */

/** Pixels beside a box that are looked at with it. */
const EDGE = 4;

/** @param {HTMLCanvasElement} canvas */
export function createRenderer(canvas) {
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  /** @type {Raster|null} */
  let raster = null;
  /** @type {RowPicture|null} */
  let picture = null;
  const repaint = createRepaint();
  const colorsFor = createColors();
  /** What the last frame took after its rows, in ms: stretched rows, words, axis. */
  let tail = 0;
  /**
   * Draws the state. Returns what was drawn, and the scroll that was possible.
   * @param {State} state @param {{width: number, height: number, dpr: number}} size
   * @param {number} [budget] ms for the whole: rows that would take longer wait for the next frame (`unfinished`)
   * @returns {Scene|null}
   */
  function draw(state, size, budget = Infinity) {
    const { model } = state;
    if (!model) return null;
    const begin = performance.now();
    for (const group of /** @type {('pid'|'rpc')[]} */ (['pid', 'rpc'])) if (state.open[group]) prepareGroup(model, group);
    const { dpr } = size;
    fitCanvas(canvas, size);
    const { palette, paints } = colorsFor(model, state);
    const layout = layoutRows(model, state, size);
    const width = Math.max(1, Math.round((layout.right - layout.left) * dpr));
    const height = Math.max(1, Math.round(layout.bottom * dpr));
    if (!raster || raster.width !== width || raster.height !== height) {
      raster = new Raster(width, height);
      repaint.forget();
      picture = makePicture(width);
    }
    // The left edge is put on a grid of device pixels, so that a pan moves the raster by whole pixels.
    let device = (state.window.t1 - state.window.t0) / (layout.right - layout.left) / dpr;
    const before = repaint.painted();
    if (before && Math.abs(device - before.device) < device * 1e-9) device = before.device;
    const tpp = device * dpr;
    const column = Math.round(state.window.t0 / device);
    const t0 = column * device;
    const time = timeScale(layout, { t0, t1: t0 + tpp * (layout.right - layout.left) });
    const rows = visibleRows(layout);
    const context = { model, state, palette, layout, time, tpp, dpr, t0, column, tint: makeTint(model, state, palette) };
    const boxes = repaint.plan(
      raster,
      frameLook(context, device),
      rows.map((placed) => placed.row),
      Number.isFinite(budget),
    );
    raster.ground = palette.raster.background;
    const work = { raster, pic: /** @type {RowPicture} */ (picture), paints, context, device };
    for (const box of boxes) {
      raster.clip(...box);
      raster.clear();
    }
    /** @type {import('./paint-frame.js').NameJob[]} */
    const names = [];
    for (const placed of rows) {
      prepareRow(model, placed.row);
      if (!repaint.isLate(placed.row)) for (const box of boxes) paintRow(work, placed, box);
      collectNames(context, placed, names);
    }
    const places = new Map(rows.map((placed) => [placed.row, placed]));
    const rowsDone = repaint.paintLate(
      raster,
      begin + budget - tail,
      (row) => {
        const placed = /** @type {PlacedRow} */ (places.get(row));
        const [y0, y1] = bandOf(placed, dpr);
        work.raster.clip(0, y0, width, y1);
        work.raster.clear();
        paintRow(work, placed, [0, y0, width, y1]);
      },
      (row) => bandOf(/** @type {PlacedRow} */ (places.get(row)), dpr),
    );
    const picking = itemsIn(context);
    paintCanvas(ctx, context, raster, { rows, names, itemsOf: picking.itemsOf });
    tail = performance.now() - rowsDone;
    return { layout, ...picking, rows, time, tpp, t0, unfinished: repaint.waits() };
  }

  return { draw };
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

/** @param {HTMLCanvasElement} canvas @param {{width: number, height: number, dpr: number}} size */
function fitCanvas(canvas, { width, height, dpr }) {
  const [w, h] = [Math.round(width * dpr), Math.round(height * dpr)];
  if (canvas.width === w && canvas.height === h) return;
  canvas.width = w;
  canvas.height = h;
}

/** Colours of the theme, kept until it or the trace changes. @returns {(model: Model, state: State) => {palette: Palette, paints: import('../plan/colors.js').KindPaint[]}} */
function createColors() {
  /** Of the theme. @type {{palette: Palette, paints: import('../plan/colors.js').KindPaint[], model: Model}|null} */
  let colors = null;

  /** @param {Model} model @param {State} state */
  function colorsFor(model, state) {
    const byName = state.colorBy === 'kind';
    const known =
      colors && colors.palette.name === paletteName(state.theme, state.safe) && colors.palette.byName === byName && colors.model === model;
    if (!colors || !known) {
      const palette = makePalette(paletteName(state.theme, state.safe), byName);
      colors = { palette, paints: kindPaints(palette, model), model };
    }
    return colors;
  }
  return colorsFor;
}

/** What a frame depends on, for repaint.js. @param {FrameContext} context @param {number} device ticks of a device pixel */
const frameLook = ({ model, state, palette, layout, dpr, column }, device) => ({
  ground: [model, palette, dpr, ...layout.groups.flatMap((g) => [g.group, g.open, g.rowHeight, g.zones.lines, g.top, g.rows])],
  look: [state.search, state.show, ...tintKey(state)],
  column,
  device,
  scroll: layout.scroll * dpr,
});

/** Top and bottom of a row in device pixels. @param {PlacedRow} placed @param {number} dpr @returns {[number, number]} */
const bandOf = (placed, dpr) => [Math.round(placed.y * dpr), Math.round((placed.y + placed.h) * dpr)];

/**
 * The part of a row that lies in a box.
 * @param {{raster: Raster, pic: RowPicture, paints: import('../plan/colors.js').KindPaint[], context: FrameContext, device: number}} work
 * @param {PlacedRow} placed @param {import('./repaint.js').Box} box
 */
function paintRow({ raster, pic, paints, context, device }, placed, [left, top, right, bottom]) {
  const { model, state, dpr, column, t0, tpp } = context;
  const [y0, y1] = bandOf(placed, dpr);
  if (y0 >= bottom || y1 <= top) return;
  raster.clip(left, Math.max(top, y0), right, Math.min(bottom, y1));
  // A little more than the box: a column at its edge depends on its neighbours.
  const from = Math.max(0, left - EDGE);
  pictureRow(model, placed.row, (column + from) * device, device, Math.min(raster.width, right + EDGE) - from, pic);
  movePicture(pic, from);
  rasterRow(raster, context, paints, placed, pic, { t0, tpp, show: state.show });
  if (!model.partial) rasterOverlays(raster, context, placed);
}

/** What can be picked is listed where somebody asks; a frame needs only what is written. @param {FrameContext} context @returns {Pick<Scene, 'itemsNear'|'itemsOf'>} */
function itemsIn({ model, state, layout, time, t0, tpp }) {
  const frame = { t0, tpp, show: state.show };
  return {
    itemsNear: (x, y) => overlaysNear(model, layout, frame, x, y),
    itemsOf: (record) => {
      if (isLine(model, record)) return lineItems(model, layout, frame, record);
      const x = time(model.aux.start[record]);
      return overlaysNear(model, layout, frame, Math.max(layout.left, Math.min(layout.right, x))).filter((item) => item.record === record);
    },
  };
}

/**
 * The raster on the canvas, and what is drawn over it.
 * @param {CanvasRenderingContext2D} ctx @param {FrameContext} context @param {Raster} raster
 * @param {{rows: PlacedRow[], names: import('./paint-frame.js').NameJob[], itemsOf: Scene['itemsOf']}} drawn
 */
function paintCanvas(ctx, context, raster, { rows, names, itemsOf }) {
  const { model, state, palette, layout, dpr, t0, tpp } = context;
  const words = buildOverlays(model, layout, { t0, tpp, show: state.show, words: !state.search });
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = palette.css.background;
  ctx.fillRect(0, 0, Math.round(layout.width * dpr), Math.round(layout.height * dpr));
  raster.putOn(ctx, Math.round(layout.left * dpr), 0);
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  // Of the window that was asked for, not of the pixels it fell on: one window has one base time, however it was reached.
  const [ns0, ns1] = [state.window.t0, state.window.t1].map((t) => Math.round(t * model.nsPerTick));
  const axis = makeAxis(ns0, ns1, parseBase(model.meta.tracebase), tickCount(layout));
  ctx.save();
  ctx.beginPath();
  ctx.rect(layout.left, 0, layout.right - layout.left, layout.bottom);
  ctx.clip();
  paintFrame.grid(ctx, context, axis);
  paintNames(ctx, context, names);
  if (state.show.ipc) paintNeedles(ctx, context, names);
  paintItems(ctx, context, words);
  paintFrame.selection(ctx, context, rows, state.selection?.cols === 'aux' ? itemsOf(state.selection.record) : []);
  ctx.restore();
  paintFrame.labels(ctx, context, rows);
  paintMachine(ctx, context);
  paintFrame.axis(ctx, context, axis, layout.type);
  paintFrame.scrollbar(ctx, context);
  paintNeedleColumn(ctx, context);
}
