// SPDX-License-Identifier: BSD-3-Clause
// From an RPC log and a look to what is drawn: pure. Bars are notched: T1 to T2 and T3 to T4 high, T2 to T3 low.

import { AXIS_HEIGHT, labelWidth } from '../../plan/layout.js';
import { timeScale } from '../../plan/view.js';
import { durationWords } from '../../trace/time.js';
import { durationOf, endOf, isBackward, knownTimes, startOf, wireTime } from './rpc-log.js';
import { originOf, ROW_SCALE, sideOf, snapTime } from './rpc-look.js';
import { partsOf, piecesOf, queuesOf } from './rpc-states.js';

/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {import('./rpc-look.js').RpcLook} RpcLook */
/** @typedef {{left: number, right: number, bottom: number, width: number, height: number, rowHeight: number, scroll: number, count: number, contentHeight: number}} RpcLayout */
/** @typedef {{x0: number, x1: number, y: number, h: number, part: 'send'|'serve'|'reply'|'backward'|'whole'|'instant'}} Bar */
/** @typedef {{x0: number, x1: number, y: number}} Wire */
/** @typedef {{x0: number, x1: number, y: number, kind: string, cls: number, event: number}} Strip */
/**
 * @typedef {{row: number, place: number, y: number, h: number, hue: string, faded: boolean, bars: Bar[], wires: Wire[], strips: Strip[],
 *   ticks: number[], side: -1|0|1, note: string, end: number}} RpcRow ticks: x of T1..T4 that are known; end: x of its last time
 */
/** @typedef {{layout: RpcLayout, rows: RpcRow[], time: import('../../plan/view.js').TimeScale, tpp: number, measure: {x0: number, x1: number, y0: number, y1: number, ns: number}|null}} RpcScene */

const LOWEST_ROW = 5;
const HIGHEST_ROW = 90;
/** Room above the first row and below the last, px. */
const PAD = 6;

/** Row height that shows all rows, when it can. @param {number} count @param {number} bottom px */
const autoHeight = (count, bottom) => Math.min(34, Math.max(LOWEST_ROW, Math.floor((bottom - 2 * PAD) / Math.max(1, count))));

/** @param {number} count rows @param {RpcLook} look @param {{width: number, height: number}} size @returns {RpcLayout} */
export function layoutRpcs(count, look, size) {
  // Room for a row number and a method with its id.
  const left = Math.max(labelWidth(size.width), size.width < 600 ? 0 : 134) + Math.round((look.textScale - 1) * 60);
  const right = Math.max(left + 10, size.width - 14);
  const bottom = Math.max(20, size.height - AXIS_HEIGHT);
  const rowHeight = Math.round(Math.min(HIGHEST_ROW, Math.max(LOWEST_ROW, autoHeight(count, bottom) * look.rowScale)));
  const contentHeight = count * rowHeight + 2 * PAD;
  const scroll = Math.round(Math.max(0, Math.min(look.scroll, contentHeight - bottom)));
  return { left, right, bottom, width: size.width, height: size.height, rowHeight, scroll, count, contentHeight };
}

/** Space between two rows, px. */
const GAP = 2;
/** Top of a row. @param {RpcLayout} layout @param {number} place */
const rowTop = (layout, place) => PAD + place * layout.rowHeight - layout.scroll;

/** Name of what colours an RPC. @param {RpcLog} log @param {RpcLook} look @param {number} i */
export const hueName = (log, look, i) => log[look.color][i];

/** Short text beside a bar. @param {RpcLog} log @param {number} i */
export function noteOf(log, i) {
  const between = [log.client[i], log.server[i]].filter(Boolean).join(' → ');
  return [`${log.method[i]}.${log.rpcid[i]}`, durationWords(durationOf(log, i)), between, log.data[i]].filter(Boolean).join('  ');
}

/**
 * @param {RpcLog} log @param {RpcLook} look @param {Uint32Array} order @param {import('./rpc-order.js').RpcSearch} search
 * @param {{width: number, height: number}} size @param {import('../../trace/model.js').Model|null} model of the same trace, for what its threads did
 * @returns {RpcScene}
 */
export function rpcScene(log, look, order, search, size, model) {
  const layout = layoutRpcs(order.length, look, size);
  const tpp = (look.t1 - look.t0) / (layout.right - layout.left);
  const time = timeScale(layout, look);
  const rows = [];
  const first = Math.max(0, Math.floor((layout.scroll - PAD) / layout.rowHeight));
  const last = Math.min(order.length, Math.ceil((layout.scroll + layout.bottom - PAD) / layout.rowHeight));
  for (let place = first; place < last; place++) {
    const row = order[place];
    const y = rowTop(layout, place) + GAP;
    const drawn = rpcRow(log, look, row, place, { layout, time, y });
    drawn.faded = search.on && search.match[row] === 0;
    const noted = look.annotate || row === look.selected || (search.on && search.match[row] === 1);
    if (noted) drawn.note = noteOf(log, row);
    if (model && log.threads && layout.rowHeight >= 14 && drawn.side === 0) drawn.strips = stripsOf(log, look, row, model, { layout, time, y }, tpp);
    rows.push(drawn);
  }
  return { layout, rows, time, tpp, measure: measureOf(log, look, order, layout, time) };
}

/** @typedef {{layout: RpcLayout, time: import('../../plan/view.js').TimeScale, y: number}} Place */

/** @param {RpcLog} log @param {RpcLook} look @param {number} row @param {number} place @param {Place} at @returns {RpcRow} */
function rpcRow(log, look, row, place, { layout, time, y }) {
  const origin = originOf(log, look, row);
  const x = (/** @type {number} */ t) => time(t - origin);
  const room = layout.rowHeight - (layout.rowHeight >= 14 ? 7 : layout.rowHeight >= 8 ? 3 : 1);
  const h = Math.max(2, Math.round(room * 0.62));
  const low = y + room - h;
  const [t1, t2, t3, t4] = log.t.map((t) => t[row]);
  /** @type {Bar[]} */
  const bars = [];
  /** @type {Wire[]} */
  const wires = [];
  const bar = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ top, /** @type {Bar['part']} */ part) => {
    if (Number.isNaN(a) || Number.isNaN(b)) return;
    bars.push({ x0: x(a), x1: Math.max(x(b), x(a) + 1), y: top, h: part === 'whole' || part === 'backward' ? room : h, part });
    const wire = part === 'send' ? wireTime(log, log.requestCode[row]) : part === 'reply' ? wireTime(log, log.responseCode[row]) : 0;
    if (wire === 0) return;
    const half = Math.min(wire, b - a) / 2;
    wires.push({ x0: x((a + b) / 2 - half), x1: x((a + b) / 2 + half), y: top + h / 2 });
  };
  if (isBackward(log, row)) {
    bar(startOf(log, row), endOf(log, row), y, 'backward');
  } else {
    bar(t1, t2, y, 'send');
    bar(t2, t3, low, 'serve');
    bar(t3, t4, y, 'reply');
    if (bars.length === 0) bar(startOf(log, row), endOf(log, row), y, knownTimes(log, row).length > 1 ? 'whole' : 'instant');
  }
  return {
    row,
    place,
    y,
    h: room,
    hue: hueName(log, look, row),
    faded: false,
    bars,
    wires,
    strips: [],
    ticks: knownTimes(log, row).map(x),
    side: sideOf(log, look, row),
    note: '',
    end: x(endOf(log, row)),
  };
}

/** Lines below a bar: what the threads did. @param {RpcLog} log @param {RpcLook} look @param {number} row @param {import('../../trace/model.js').Model} model @param {Place} at @param {number} tpp @returns {Strip[]} */
function stripsOf(log, look, row, model, { layout, time, y }, tpp) {
  const origin = originOf(log, look, row);
  const from = look.t0 + origin;
  const to = look.t1 + origin;
  const x = (/** @type {number} */ t) => time(t - origin);
  const base = y + layout.rowHeight - 6;
  /** @type {Strip[]} */
  const strips = [];
  for (const part of partsOf(log, row)) {
    const cut = { ...part, t0: Math.max(part.t0, from), t1: Math.min(part.t1, to) };
    if (cut.t1 <= cut.t0) continue;
    for (const piece of piecesOf(model, cut, tpp / 3)) {
      if (piece.kind === 'lock' && layout.rowHeight < 20) continue;
      strips.push({
        x0: x(piece.t0),
        x1: x(piece.t1),
        y: piece.kind === 'lock' ? base - 3 : base,
        kind: piece.kind,
        cls: piece.cls,
        event: piece.event,
      });
    }
  }
  for (const piece of queuesOf(model, log.rpcid[row], Math.max(from, startOf(log, row)), Math.min(to, endOf(log, row)))) {
    strips.push({ x0: x(piece.t0), x1: x(piece.t1), y: base - 1, kind: 'queue', cls: -1, event: piece.event });
  }
  return strips;
}

/** @param {RpcLog} log @param {RpcLook} look @param {Uint32Array} order @param {RpcLayout} layout @param {import('../../plan/view.js').TimeScale} time @returns {RpcScene['measure']} */
function measureOf(log, look, order, layout, time) {
  const { measure } = look;
  if (!measure) return null;
  const point = (/** @type {import('./rpc-look.js').Snap} */ snap) => ({
    t: snapTime(log, look, snap),
    y: rowTop(layout, order.indexOf(snap.row) + 0.5),
  });
  const a = point(measure.a);
  const b = point(measure.b);
  return { x0: time(a.t), y0: a.y, x1: time(b.t), y1: b.y, ns: b.t - a.t };
}

/** Record of the row at a height, -1 none. @param {RpcScene} scene @param {number} y */
export function rpcAt(scene, y) {
  const { layout } = scene;
  if (y < 0 || y >= layout.bottom) return -1;
  const found = scene.rows.find((r) => y >= r.y - GAP && y < r.y - GAP + layout.rowHeight);
  return found ? found.row : -1;
}

/** Row height and scroll that show the rows between two heights, as far as rows may grow. @param {RpcLayout} layout @param {RpcLook} look @param {number} y0 @param {number} y1 */
export function rowsOfBand(layout, look, y0, y1) {
  const { rowHeight, scroll, bottom, count } = layout;
  const first = Math.max(0, Math.floor((y0 + scroll - PAD) / rowHeight));
  const last = Math.min(count, Math.max(first + 1, Math.ceil((y1 + scroll - PAD) / rowHeight)));
  const rowScale = Math.min(ROW_SCALE.max, Math.max(ROW_SCALE.min, bottom / (last - first) / autoHeight(count, bottom)));
  const zoomed = layoutRpcs(count, { ...look, rowScale }, layout);
  // Rows that cannot grow as much stand in the middle.
  const spare = Math.max(0, bottom - (last - first) * zoomed.rowHeight) / 2;
  return { rowScale, scroll: layoutRpcs(count, { ...look, rowScale, scroll: first * zoomed.rowHeight + PAD - spare }, layout).scroll };
}

/** Scroll that brings a place of the order into view. @param {RpcLayout} layout @param {number} place */
export function scrollToPlace(layout, place) {
  const top = place * layout.rowHeight;
  if (top < layout.scroll) return top;
  const bottom = top + layout.rowHeight + 2 * PAD;
  return bottom > layout.scroll + layout.bottom ? bottom - layout.bottom : layout.scroll;
}
