// SPDX-License-Identifier: BSD-3-Clause
// Where rows are on the page. Row heights are equal within a group, so nothing here depends on the number of rows.

import { AUX } from '../format/events.js';
import { shownRows } from './rows.js';
import { labelWidth, USUAL_SIZES } from './sizes.js';
import { typeOf } from '../kit/type.js';
import { needleRoom } from './needle-column.js';

export { labelWidth };

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('../trace/model.js').Row} Row */
/** @typedef {{group: Group, header: number, top: number, rowHeight: number, zones: Zones, count: number, open: boolean, rows: Row[], slot: Map<number, number>, missing: number}} GroupBox rows in the order shown; slot of each key; missing: rows left out */
/**
 * @typedef {object} Layout
 * @property {number} width of the canvas @property {number} height
 * @property {number} left first x of the timelines @property {number} right one past the last
 * @property {number} top first y @property {number} bottom one past the last
 * @property {number} contentHeight of all rows @property {number} scroll
 * @property {GroupBox[]} groups
 * @property {import('../kit/type.js').Type} type of the text
 * @property {number} headerHeight of a group's name
 */
/** @typedef {{row: Row, y: number, h: number, zones: Zones}} PlacedRow */
/** @typedef {{over: number, span: number, spanHeight: number, text: number, textHeight: number, lines: number, strip: number, stripHeight: number}} Zones offsets from the row's top; strip: under all else, of what a CPU uses */
/**
 * What a layout depends on beside the trace.
 * @typedef {{open: Record<Group, boolean>, scroll: number, rowScale: number, rows?: import('./rows.js').RowsView, window?: import('./view.js').Window,
 *   sizes?: import('./sizes.js').Sizes, show?: Record<string, number>}} LayoutView
 */

const HEADER_HEIGHT = 24;
/** On a phone a group's name is as high as the other buttons: a finger has to meet it. */
const PHONE_HEADER_HEIGHT = 35;
const PHONE_WIDTH = 480;
export const AXIS_HEIGHT = 40;
export const GROUPS = /** @type {Group[]} */ (['cpu', 'pid', 'rpc']);
/** Heights in KUtrace's own viewer, in its tracks: a group's name, a row. */
export const TRACKS = { header: 10, row: 20 };
export const GROUP_TITLES = { cpu: 'CPU', pid: 'PID', rpc: 'RPC' };

/** Where time runs: beside the labels, the scroll bar and the column of needles. @param {Model} model @param {LayoutView} view @param {number} width of the canvas */
export function timelines(model, { sizes, show }, width) {
  const left = labelWidth(width, sizes);
  return { left, right: Math.max(left + 10, width - 14 - needleRoom(model.flags, show, width, typeOf(sizes?.text ?? 1))) };
}

/**
 * @param {Model} model
 * @param {LayoutView} view
 * @param {{width: number, height: number}} size CSS pixels
 * @returns {Layout}
 */
export function layoutRows(model, view, size) {
  const { left, right } = timelines(model, view, size.width);
  const { text, lines } = view.sizes ?? USUAL_SIZES;
  const type = typeOf(text);
  const headerHeight = Math.round((size.width < PHONE_WIDTH ? PHONE_HEADER_HEIGHT : HEADER_HEIGHT) * text);
  const bottom = Math.max(headerHeight, size.height - Math.round(AXIS_HEIGHT * text));
  const groups = [];
  let y = 0;
  for (const group of GROUPS) {
    if (model.rows[group].length === 0) continue;
    const { rows, slot, missing } = shownRows(model, group, view.rows, view.window);
    const count = rows.length;
    const open = view.open[group];
    const rowHeight = rowHeightOf(group, count, bottom - 4 * headerHeight, bottom, view);
    groups.push({
      group,
      header: y,
      top: y + headerHeight,
      rowHeight,
      zones: zonesOf(rowHeight, text, lines, group === 'cpu' && hasStrip(model, view)),
      count,
      open,
      rows,
      slot,
      missing,
    });
    y += headerHeight + (open ? rowHeight * count : 0);
  }
  const contentHeight = y + 8;
  const scroll = Math.round(Math.max(0, Math.min(view.scroll, contentHeight - bottom)));
  return { width: size.width, height: size.height, left, right, top: 0, bottom, contentHeight, scroll, groups, type, headerHeight };
}

/** @param {Group} group @param {number} count @param {number} free px for rows @param {number} height of all @param {LayoutView} view */
function rowHeightOf(group, count, free, height, view) {
  const others = GROUPS.some((g) => g !== group && view.open[g]);
  const { text, lines } = view.sizes ?? USUAL_SIZES;
  const room = free / Math.max(1, count);
  const usual =
    group === 'cpu'
      ? Math.min(others ? 52 * Math.max(1, text) : Math.max(104 * Math.max(1, text), height / 8), Math.max(22 * text, room))
      : Math.min(44 * text, Math.max(34 * text, room));
  const more = lines === null ? 0 : (lines - 1) * typeOf(text).line; // lines that were asked for make rows higher
  return Math.round(Math.min(400 * Math.max(1, text) + Math.max(0, more), Math.max(12, (usual + more) * view.rowScale)));
}

const LEAST_SPAN = 6;
/** Of a row of usual height, and of the least that has one. */
const STRIP = { height: 14, least: 40 };

/** @param {Model} model @param {LayoutView} view */
const hasStrip = (model, { show }) => (show?.usage ?? 0) > 0 && model.rows.cpu.some((row) => row.aux[AUX.MEMORY]);

/** Parts of a row of height h: overlays above, spans, lines of text. @param {number} height @param {number} [text] size of the text @param {number|null} [wanted] lines of text; null: one where there is room @param {boolean} [withStrip] @returns {Zones} */
export function zonesOf(height, text = 1, wanted = null, withStrip = false) {
  const stripHeight = withStrip && height >= STRIP.least * text ? Math.round(STRIP.height * text) : 0;
  const h = height - stripHeight;
  const k = h / text;
  const over = Math.round((k >= 44 ? 11 : k >= 30 ? 8 : k >= 24 ? 4 : 1) * text);
  const { line } = typeOf(text);
  const lines = wanted === null ? (k >= 30 ? 1 : 0) : Math.max(0, Math.min(wanted, Math.floor((h - over - 4 - LEAST_SPAN) / line)));
  const textHeight = Math.round(lines * line);
  const spanHeight = Math.max(LEAST_SPAN, h - over - textHeight - 4);
  return { over, span: over + 1, spanHeight, text: over + 1 + spanHeight + 2, textHeight, lines, strip: h - 2, stripHeight };
}

/** Rows on the screen, from top to bottom. @param {Layout} layout @returns {PlacedRow[]} */
export function visibleRows(layout) {
  const placed = [];
  for (const g of layout.groups) {
    if (!g.open) continue;
    const { zones } = g;
    const first = Math.max(0, Math.floor((layout.scroll - g.top) / g.rowHeight));
    const last = Math.min(g.count, Math.ceil((layout.scroll + layout.bottom - g.top) / g.rowHeight));
    for (let i = first; i < last; i++) {
      placed.push({ row: g.rows[i], y: g.top + i * g.rowHeight - layout.scroll, h: g.rowHeight, zones });
    }
  }
  return placed;
}

/** Top of a row on the screen, also when it is scrolled out; null when its group is closed. @param {Layout} layout @param {Group} group @param {number} key */
export function rowTop(layout, group, key) {
  const g = layout.groups.find((b) => b.group === group);
  const i = g?.slot.get(key);
  if (!g?.open || i === undefined) return null;
  return { y: g.top + i * g.rowHeight - layout.scroll, h: g.rowHeight, zones: g.zones };
}

/** Where a track of KUtrace's own viewer is in a layout: px from the top of all rows. @param {Layout} layout @param {number} track */
function yOfTrack({ groups, headerHeight }, track) {
  let left = Math.max(0, track);
  for (const g of groups) {
    if (left < TRACKS.header) return g.header + (left / TRACKS.header) * headerHeight;
    left -= TRACKS.header;
    const tracks = g.open ? g.count * TRACKS.row : 0;
    if (left < tracks) return g.top + (left / TRACKS.row) * g.rowHeight;
    left -= tracks;
  }
  const last = groups[groups.length - 1];
  return last ? last.top + (last.open ? last.count * last.rowHeight : 0) : 0;
}

/** Scroll and height of rows that show a range of tracks; as usual when it holds all rows. @param {(rowScale: number) => Layout} layoutOf @param {{top: number, bottom: number}} tracks */
export function placeTracks(layoutOf, { top, bottom }) {
  const layout = layoutOf(1);
  const all = layout.groups.reduce((n, g) => n + TRACKS.header + (g.open ? g.count * TRACKS.row : 0), 0);
  if (top <= 1 && bottom >= all - 1) return { scroll: 0, rowScale: 1 };
  const wanted = layout.bottom / Math.max(1, yOfTrack(layout, bottom) - yOfTrack(layout, top));
  const rowScale = Math.min(4, Math.max(0.3, wanted));
  return { scroll: yOfTrack(layoutOf(rowScale), top), rowScale };
}

/**
 * Where the names of groups stand on the screen: they stay in sight, those above at the top, those below at the bottom.
 * @param {Layout} layout @returns {{group: GroupBox, y: number, held: boolean}[]} held: not at its own place, over rows
 */
export const headerPlaces = (layout) =>
  layout.groups.map((group, i) => {
    const own = group.header - layout.scroll;
    const lowest = layout.bottom - (layout.groups.length - i) * layout.headerHeight;
    const y = Math.max(0, Math.min(lowest, Math.max(own, i * layout.headerHeight)));
    return { group, y, held: y !== own };
  });

/** What is at a height on the screen. @param {Layout} layout @param {number} y @returns {{row: PlacedRow|null, header: Group|null}} */
export function rowAt(layout, y) {
  if (y < 0 || y >= layout.bottom) return { row: null, header: null };
  const over = headerPlaces(layout).find((p) => p.held && y >= p.y && y < p.y + layout.headerHeight);
  if (over) return { row: null, header: over.group.group };
  const v = y + layout.scroll;
  for (const g of layout.groups) {
    if (v >= g.header && v < g.top) return { row: null, header: g.group };
    const i = Math.floor((v - g.top) / g.rowHeight);
    if (g.open && i >= 0 && i < g.count) {
      const row = g.rows[i];
      return { row: { row, y: g.top + i * g.rowHeight - layout.scroll, h: g.rowHeight, zones: g.zones }, header: null };
    }
  }
  return { row: null, header: null };
}

/**
 * Rows from one height on the screen to another, of the group in which the first lies; null where they lie in one row, or the first in none.
 * @param {Layout} layout @param {number} from @param {number} to @returns {{group: Group, keys: number[]}|null}
 */
export function rowsBetween(layout, from, to) {
  const first = rowAt(layout, from).row?.row;
  const box = layout.groups.find((g) => g.group === first?.group);
  const a = first ? box?.slot.get(first.key) : undefined;
  if (!box || a === undefined) return null;
  const b = Math.max(0, Math.min(box.count - 1, Math.floor((to + layout.scroll - box.top) / box.rowHeight)));
  if (a === b) return null;
  return { group: box.group, keys: box.rows.slice(Math.min(a, b), Math.max(a, b) + 1).map((row) => row.key) };
}

/** Scroll that brings a row on the screen. @param {Layout} layout @param {Group} group @param {number} key */
export function scrollTo(layout, group, key) {
  const at = rowTop(layout, group, key);
  if (!at) return layout.scroll;
  // Group headers stay in sight and cover what is behind them.
  const place = layout.groups.findIndex((g) => g.group === group);
  const above = (place + 1) * layout.headerHeight;
  const bottom = layout.bottom - (layout.groups.length - place - 1) * layout.headerHeight;
  if (at.y < above) return Math.max(0, layout.scroll + at.y - above);
  if (at.y + at.h > bottom) return layout.scroll + at.y + at.h - bottom;
  return layout.scroll;
}
