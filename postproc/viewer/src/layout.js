// SPDX-License-Identifier: BSD-3-Clause
// Where rows are on the page. Row heights are equal within a group, so nothing here depends on the number of rows.

import { shownRows } from './rows.js';
import { typeOf } from './type.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./model.js').Group} Group */
/** @typedef {import('./model.js').Row} Row */
/** @typedef {{group: Group, header: number, top: number, rowHeight: number, count: number, open: boolean, rows: Row[], slot: Map<number, number>, missing: number}} GroupBox rows in the order shown; slot of each key; missing: rows left out */
/**
 * @typedef {object} Layout
 * @property {number} width of the canvas @property {number} height
 * @property {number} left first x of the timelines @property {number} right one past the last
 * @property {number} top first y @property {number} bottom one past the last
 * @property {number} contentHeight of all rows @property {number} scroll
 * @property {GroupBox[]} groups
 * @property {import('./type.js').Type} type of the text
 */
/** @typedef {{row: Row, y: number, h: number, zones: Zones}} PlacedRow */
/** @typedef {{over: number, span: number, spanHeight: number, text: number, textHeight: number}} Zones offsets from the row's top */

export const HEADER_HEIGHT = 24;
export const AXIS_HEIGHT = 40;
export const GROUPS = /** @type {Group[]} */ (['cpu', 'pid', 'rpc']);
export const GROUP_TITLES = { cpu: 'CPU', pid: 'PID', rpc: 'RPC' };

/** @param {number} width of the page */
export const labelWidth = (width) => Math.round(Math.min(190, Math.max(90, width * 0.12)));

/**
 * @param {Model} model
 * @param {{open: Record<Group, boolean>, scroll: number, rowScale: number, rows?: import('./rows.js').RowsView, window?: import('./view.js').Window}} view
 * @param {{width: number, height: number}} size CSS pixels
 * @returns {Layout}
 */
export function layoutRows(model, view, size) {
  const left = labelWidth(size.width);
  const right = Math.max(left + 10, size.width - 14);
  const bottom = Math.max(HEADER_HEIGHT, size.height - AXIS_HEIGHT);
  const groups = [];
  let y = 0;
  for (const group of GROUPS) {
    if (model.rows[group].length === 0) continue;
    const { rows, slot, missing } = shownRows(model, group, view.rows, view.window);
    const count = rows.length;
    const open = view.open[group];
    const rowHeight = rowHeightOf(group, count, bottom, view);
    groups.push({ group, header: y, top: y + HEADER_HEIGHT, rowHeight, count, open, rows, slot, missing });
    y += HEADER_HEIGHT + (open ? rowHeight * count : 0);
  }
  const contentHeight = y + 8;
  const scroll = Math.round(Math.max(0, Math.min(view.scroll, contentHeight - bottom)));
  return { width: size.width, height: size.height, left, right, top: 0, bottom, contentHeight, scroll, groups, type: typeOf(1) };
}

/** @param {Group} group @param {number} count @param {number} height @param {{open: Record<Group, boolean>, rowScale: number}} view */
function rowHeightOf(group, count, height, view) {
  const others = GROUPS.some((g) => g !== group && view.open[g]);
  const room = (height - 4 * HEADER_HEIGHT) / Math.max(1, count);
  const auto = group === 'cpu' ? Math.min(others ? 52 : 104, Math.max(22, room)) : Math.min(44, Math.max(34, room));
  return Math.round(Math.min(160, Math.max(12, auto * view.rowScale)));
}

/** Parts of a row of height h. @param {number} h @returns {Zones} */
export function zonesOf(h) {
  const over = h >= 44 ? 11 : h >= 30 ? 8 : h >= 24 ? 4 : 1;
  const textHeight = h >= 30 ? 12 : 0;
  const spanHeight = Math.max(6, h - over - textHeight - 4);
  return { over: 0, span: over + 1, spanHeight, text: over + 1 + spanHeight + 2, textHeight };
}

/** Rows on the screen, from top to bottom. @param {Model} _model @param {Layout} layout @returns {PlacedRow[]} */
export function visibleRows(_model, layout) {
  const placed = [];
  for (const g of layout.groups) {
    if (!g.open) continue;
    const zones = zonesOf(g.rowHeight);
    const first = Math.max(0, Math.floor((layout.scroll - g.top) / g.rowHeight));
    const last = Math.min(g.count, Math.ceil((layout.scroll + layout.bottom - g.top) / g.rowHeight));
    for (let i = first; i < last; i++) {
      placed.push({ row: g.rows[i], y: g.top + i * g.rowHeight - layout.scroll, h: g.rowHeight, zones });
    }
  }
  return placed;
}

/** Top of a row on the screen, also when it is scrolled out; null when its group is closed. @param {Model} model @param {Layout} layout @param {Group} group @param {number} key */
export function rowTop(model, layout, group, key) {
  const g = layout.groups.find((b) => b.group === group);
  const i = g?.slot.get(key);
  if (!g || !g.open || i === undefined) return null;
  return { y: g.top + i * g.rowHeight - layout.scroll, h: g.rowHeight, zones: zonesOf(g.rowHeight) };
}

/** What is at a height on the screen. @param {Model} model @param {Layout} layout @param {number} y @returns {{row: PlacedRow|null, header: Group|null}} */
export function rowAt(model, layout, y) {
  if (y < 0 || y >= layout.bottom) return { row: null, header: null };
  const v = y + layout.scroll;
  for (const g of layout.groups) {
    if (v >= g.header && v < g.top) return { row: null, header: g.group };
    const i = Math.floor((v - g.top) / g.rowHeight);
    if (g.open && i >= 0 && i < g.count) {
      const row = g.rows[i];
      return { row: { row, y: g.top + i * g.rowHeight - layout.scroll, h: g.rowHeight, zones: zonesOf(g.rowHeight) }, header: null };
    }
  }
  return { row: null, header: null };
}

/** Scroll that brings a row on the screen. @param {Model} model @param {Layout} layout @param {Group} group @param {number} key */
export function scrollTo(model, layout, group, key) {
  const at = rowTop(model, layout, group, key);
  if (!at) return layout.scroll;
  // Group headers stay in sight and cover what is behind them.
  const place = layout.groups.findIndex((g) => g.group === group);
  const above = (place + 1) * HEADER_HEIGHT;
  const bottom = layout.bottom - (layout.groups.length - place - 1) * HEADER_HEIGHT;
  if (at.y < above) return Math.max(0, layout.scroll + at.y - above);
  if (at.y + at.h > bottom) return layout.scroll + at.y + at.h - bottom;
  return layout.scroll;
}
