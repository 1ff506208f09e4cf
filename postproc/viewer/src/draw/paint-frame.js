// SPDX-License-Identifier: BSD-3-Clause
// The canvas parts of a frame that are not span rectangles: names, overlays, labels, axis, selection.

import { ipcParts, SHAPE } from '../format/events.js';
import { placeItemNames } from '../plan/item-names.js';
import { paintNeedle } from './item-strokes.js';
import { kindOfItem } from './over/kinds.js';
import { fitText, typeOf } from '../kit/type.js';
import { headerPlaces } from '../plan/layout.js';
import { stripLabel, usageOf } from '../trace/usage.js';
import { cpuOfSpan } from '../trace/lookups.js';
import { rpcKey, tidOf } from '../format/columns.js';

/** @typedef {import('./render.js').FrameContext} FrameContext */
/** @typedef {import('../plan/layout.js').PlacedRow} PlacedRow */
/** @typedef {import('../plan/item-walk.js').Item} Item */
/** @typedef {CanvasRenderingContext2D} Ctx */
/** @typedef {{record: number, shape: number, x: number, width: number, placed: PlacedRow}} NameJob */

const LONGEST_NAME = 24;

/** Names below the spans that have room. @param {Ctx} ctx @param {FrameContext} context @param {NameJob[]} names */
export function paintNames(ctx, { model, palette, layout: { type } }, names) {
  ctx.font = type.font;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.fillStyle = palette.css.muted;
  /** Where each line of a row is free again. @type {Map<PlacedRow, number[]>} */
  const ends = new Map();
  for (const { record, shape, x, width, placed } of names) {
    const { lines, text: top } = placed.zones;
    if (lines === 0 || shape === SHAPE.IDLE) continue;
    const { name } = model.kinds[model.exec.kind[record]];
    const y = placed.y + top + 9 * type.scale;
    if (lines === 1) {
      const text = fitText(name, width - 4, type.char);
      if (text) ctx.fillText(text, x + 2, y);
      continue;
    }
    // Lines in rotation: a name may be longer than its span where a line is free.
    const free = ends.get(placed) ?? new Array(lines).fill(-Infinity);
    ends.set(placed, free);
    const line = free.findIndex((end) => end <= x);
    if (line < 0) continue;
    const text = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
    free[line] = x + 2 + text.length * type.char + type.char;
    ctx.fillText(text, x + 2, y + line * type.line);
    if (line > 0) ctx.fillRect(Math.round(x), placed.y + top - 2, 1, line * type.line + 4);
  }
}

/** @param {Ctx} ctx @param {FrameContext} context @param {NameJob[]} names */
export function paintNeedles(ctx, { model, palette, state, tint }, names) {
  if ((model.flags & 160) === 0) return;
  for (const { record, shape, x, width, placed } of names) {
    if (shape === SHAPE.IDLE || shape === SHAPE.CEXIT || (tint && !tint.span(record))) continue;
    if (state.show.ipc > 1 && (shape === SHAPE.USER) !== (state.show.ipc === 3)) continue; // kernel only, user only
    const { llc } = ipcParts(model.exec.ipc[record], model.flags);
    if (llc !== null && llc > 0) paintMisses(ctx, palette, model, record, llc, x, width, placed);
    const size = Math.min(placed.zones.spanHeight * 0.62, Math.max(7, width * 0.45));
    paintNeedle(
      ctx,
      palette,
      model.exec.ipc[record],
      model.flags,
      x + width / 2,
      placed.y + placed.zones.span + placed.zones.spanHeight * 0.72,
      size,
    );
  }
}

/** Time to fetch a cache line from memory, for the line below: an assumption, 64 bytes at 12.8 GB/s. */
const NS_A_LINE = 5;

/**
 * Below a span: for how long its cache misses keep the memory busy; in another colour when longer than the span.
 * @param {Ctx} ctx @param {import('../plan/colors.js').Palette} palette @param {import('../trace/model.js').Model} model @param {number} record @param {number} llc code @param {number} x @param {number} width @param {PlacedRow} placed
 */
function paintMisses(ctx, palette, model, record, llc, x, width, placed) {
  const share = (2 ** (llc - 1) * NS_A_LINE) / Math.max(1, model.exec.dur[record] * model.nsPerTick);
  ctx.fillStyle = palette.css.misses[share > 1 ? 1 : 0];
  ctx.fillRect(x, placed.y + placed.zones.span + placed.zones.spanHeight + 1, Math.max(1, width * Math.min(1, share)), 2);
}

/** @param {Ctx} ctx @param {FrameContext} context @param {Item[]} items */
export function paintItems(ctx, { model, palette, state, tint, layout: { type } }, items) {
  ctx.font = type.font;
  ctx.textAlign = 'left';
  const { aux } = model;
  const eventOf = (/** @type {Item} */ item) => model.kinds[aux.kind[item.record]].event;
  const shown = (/** @type {Item} */ item) => tint === null || tint.other(item.record) || kindOfItem(item).steady === true;
  const boxes = placeItemNames(items, eventOf, shown, type);
  /** @type {Item[]} */
  const last = [];
  for (let k = 0; k < items.length; k++) {
    const item = items[k];
    if (!shown(item)) continue;
    const event = eventOf(item);
    const kind = kindOfItem(item);
    if (kind.paintLast) last.push(item);
    kind.paint?.(ctx, { palette, item, event, box: boxes[k], type });
    if (state.search?.aux(item.record)) matchBox(ctx, palette.css.accent, item);
  }
  const chosen = state.selection?.cols === 'aux' ? state.selection.record : -1;
  for (const item of last) {
    ctx.globalAlpha = tint !== null && !tint.other(item.record) ? 0.2 : 1;
    const drawn = { palette, item, event: eventOf(item), box: null, type, chosen: item.record === chosen, bold: state.show.arcs === 2 };
    kindOfItem(item).paintLast?.(ctx, drawn);
  }
  ctx.globalAlpha = 1;
}

/** Underline of an overlay that matches the search. @param {Ctx} ctx @param {string} color @param {Item} item */
function matchBox(ctx, color, item) {
  ctx.fillStyle = color;
  ctx.fillRect(item.x0 - 2, item.y1 + 1, Math.max(4, item.x1 - item.x0 + 4), 2);
}

export const paintFrame = {
  /** Thin vertical lines at the ticks. @param {Ctx} ctx @param {FrameContext} context @param {import('../plan/axis.js').Axis} axis */
  grid(ctx, context, axis) {
    ctx.fillStyle = context.palette.css.grid;
    ctx.globalAlpha = 0.4;
    for (const t of axis.ticks) ctx.fillRect(Math.round(xOfNs(context, t.ns)), 0, 1, context.layout.bottom);
    ctx.globalAlpha = 1;
  },

  /** A frame around what is selected. @param {Ctx} ctx @param {FrameContext} context @param {PlacedRow[]} rows @param {Item[]} items of the selected record */
  selection(ctx, { model, state, palette, layout, time }, rows, items) {
    const s = state.selection;
    if (!s) return;
    ctx.strokeStyle = palette.css.select;
    ctx.lineWidth = 2;
    if (s.cols === 'aux') {
      for (const item of items) {
        if (item.type === 'arc' || item.type === 'ipi') continue;
        const top = Math.min(item.y0, item.y1) - 3;
        ctx.strokeRect(item.x0 - 3, top, Math.max(6, item.x1 - item.x0 + 6), Math.max(6, Math.abs(item.y1 - item.y0) + 6));
      }
      return;
    }
    const { exec } = model;
    const x0 = Math.max(layout.left - 4, time(exec.start[s.record]));
    const x1 = Math.min(layout.right + 4, time(exec.start[s.record] + exec.dur[s.record]));
    if (x1 < layout.left || x0 > layout.right) return;
    const keys = { cpu: cpuOfSpan(model, s.record), pid: tidOf(exec, s.record), rpc: rpcKey(exec, s.record) };
    for (const { row, y, zones } of rows) {
      if (keys[row.group] !== row.key) continue;
      ctx.strokeRect(x0 - 1, y + zones.span - 2, Math.max(4, x1 - x0 + 2), zones.spanHeight + 4);
    }
  },

  /** Row labels and the column's edge. @param {Ctx} ctx @param {FrameContext} context @param {PlacedRow[]} rows */
  labels(ctx, { layout, palette, model, state }, rows) {
    ctx.fillStyle = palette.css.background;
    ctx.fillRect(0, 0, layout.left, layout.bottom);
    ctx.font = layout.type.label;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'middle';
    for (const { row, y, h, zones } of rows) {
      ctx.fillStyle = row.n > 0 || row.aux.length > 0 ? palette.css.text : palette.css.muted;
      ctx.fillText(
        fitText(row.label, layout.left - 14, layout.type.labelChar),
        layout.left - 8,
        y + (h >= 24 ? zones.span + zones.spanHeight / 2 : h / 2),
      );
    }
    ctx.font = layout.type.font;
    ctx.fillStyle = palette.css.muted;
    const strip = fitText(stripLabel(usageOf(model), state.show.usage), layout.left - 14, layout.type.char);
    for (const { row, y, zones } of rows) {
      if (row.group === 'cpu' && zones.stripHeight > 0) ctx.fillText(strip, layout.left - 8, y + zones.strip + zones.stripHeight / 2);
    }
    ctx.fillStyle = palette.css.grid;
    for (const g of layout.groups) {
      const y = g.header - layout.scroll;
      if (y > -layout.headerHeight && y < layout.bottom) ctx.fillRect(0, y, layout.right, 1);
    }
    // A name that is held in sight covers what is behind it on its whole line.
    for (const { y, held } of headerPlaces(layout)) {
      if (!held) continue;
      ctx.fillStyle = palette.css.background;
      ctx.fillRect(0, y, layout.right, layout.headerHeight);
      ctx.fillStyle = palette.css.grid;
      ctx.fillRect(0, y, layout.right, 1);
      ctx.fillRect(0, y + layout.headerHeight - 1, layout.right, 1);
    }
    ctx.fillStyle = palette.css.faint;
    ctx.fillRect(layout.left - 1, 0, 1, layout.bottom);
    if (model.rows.cpu.length + model.rows.pid.length + model.rows.rpc.length > 0) return;
    ctx.fillStyle = palette.css.muted;
    ctx.textAlign = 'left';
    ctx.fillText('This trace is empty: it holds no events.', layout.left + 16, 30);
  },

  /** @param {Ctx} ctx @param {FrameContext} context @param {import('../plan/axis.js').Axis} axis @param {import('../kit/type.js').Type} [type] */
  axis(ctx, context, axis, type = typeOf(1)) {
    const { layout, palette } = context;
    const y = layout.bottom;
    ctx.fillStyle = palette.css.background;
    ctx.fillRect(0, y, layout.width, layout.height - y);
    ctx.fillStyle = palette.css.faint;
    ctx.fillRect(0, y, layout.right, 1);
    ctx.font = type.label;
    ctx.textBaseline = 'alphabetic';
    ctx.textAlign = 'center';
    let free = layout.left - 4;
    for (const t of axis.ticks) {
      const x = xOfNs(context, t.ns);
      ctx.fillStyle = palette.css.muted;
      ctx.fillRect(Math.round(x), y + 1, 1, 5);
      const half = (t.label.length * type.labelChar) / 2;
      if (x - half < free || x + half > layout.right + 12) continue;
      ctx.fillStyle = palette.css.text;
      ctx.fillText(t.label, x, y + 18 * type.scale);
      free = x + half + 8;
    }
    ctx.fillStyle = palette.css.muted;
    const caption = layout.right - layout.left > axis.caption.length * type.labelChar + 16 ? axis.caption : `Time (${axis.unit})`;
    ctx.fillText(caption, (layout.left + layout.right) / 2, y + 34 * type.scale);
    ctx.textAlign = 'right';
    ctx.fillStyle = palette.css.text;
    ctx.fillText(axis.base, layout.left - 8, y + 18 * type.scale);
    ctx.fillStyle = palette.css.muted;
    ctx.fillText(axis.date, layout.left - 8, y + 34 * type.scale);
  },

  /** @param {Ctx} ctx @param {FrameContext} context */
  scrollbar(ctx, { layout, palette }) {
    ctx.fillStyle = palette.css.background;
    ctx.fillRect(layout.right, 0, layout.width - layout.right, layout.bottom);
    if (layout.contentHeight <= layout.bottom) return;
    const h = Math.max(24, (layout.bottom * layout.bottom) / layout.contentHeight);
    const y = (layout.scroll / (layout.contentHeight - layout.bottom)) * (layout.bottom - h);
    ctx.fillStyle = palette.css.faint;
    ctx.fillRect(layout.right + 4, y, 6, h);
  },
};

/** @param {FrameContext} context @param {number} ns */
function xOfNs({ model, time }, ns) {
  return time(ns / model.nsPerTick);
}
