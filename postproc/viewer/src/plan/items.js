// SPDX-License-Identifier: BSD-3-Clause
// From (model, view, layout) to the list of things drawn over and behind the spans. Each item knows its record, for picking.

import { arcInBox } from './arc-curve.js';
import { AUX, EV, SHAPE, markText } from '../format/events.js';
import { firstFrom, forEachOverlap } from '../format/bounds.js';
import { rowTop, visibleRows } from './layout.js';
import { hasFreq, megahertz } from '../trace/model.js';
import { spanOnCpu } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./layout.js').Layout} Layout */
/** @typedef {import('./layout.js').PlacedRow} PlacedRow */
/**
 * @typedef {object} Item
 * @property {'wait'|'arc'|'ipi'|'mark'|'sample'|'lock'|'packet'|'message'|'queued'|'point'|'rpc'} type
 * @property {number} record of aux
 * @property {number} x0 @property {number} y0 @property {number} x1 @property {number} y1
 * @property {number} h span height of the row
 * @property {string} text
 * @property {number} [level] for stacked locks
 * @property {number} [top] of the row, where its name may stand
 * @property {import('./arc-curve.js').Piece} [piece] of an arc: what of it is in sight
 * @property {number} [room] of a mark or an RPC: pixels to the next of its kind on its row
 */
/** @typedef {{x0: number, x1: number, y0: number, y1: number, level: number}} FreqBand */
/**
 * Window start and ticks a pixel. With `words`, only what may be written on the canvas; without, all that can be picked.
 * @typedef {{t0: number, tpp: number, show: Record<string, number>, words?: boolean}} Frame
 */

const MAX_ARCS = 400;
/** Farther from its curve than an arc's line and head reach, px. */
const ARC_REACH = 12;

/**
 * @param {Model} model @param {Layout} layout @param {Frame} frame
 * @returns {Item[]}
 */
export function buildOverlays(model, layout, frame) {
  /** @type {Item[]} */
  const items = [];
  for (const placed of visibleRows(layout)) addRow(model, layout, frame, placed, items);
  if (frame.show.arcs) addArcs(model, layout, frame, items);
  return items;
}

/** Farthest that an item reaches from its time and its row, in pixels. */
const NEAR_X = 64;
const NEAR_Y = 8;

/**
 * Those of all items that may be at x, and at y if that is given; arcs, which go anywhere, all.
 * @param {Model} model @param {Layout} layout @param {Frame} frame @param {number} x @param {number} [y]
 * @returns {Item[]}
 */
export function overlaysNear(model, layout, frame, x, y) {
  /** @type {Item[]} */
  const items = [];
  const left = Math.max(layout.left, x - NEAR_X);
  const near = { ...layout, left, right: Math.min(layout.right, x + NEAR_X) };
  const part = { ...frame, t0: frame.t0 + (left - layout.left) * frame.tpp };
  for (const placed of visibleRows(layout)) {
    if (y === undefined || (y >= placed.y - NEAR_Y && y <= placed.y + placed.h + NEAR_Y)) addRow(model, near, part, placed, items);
  }
  if (frame.show.arcs) addArcs(model, layout, frame, items);
  return items;
}

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {Item[]} items */
function addRow(model, layout, frame, placed, items) {
  if (frame.show.waits) addWaits(model, layout, frame, placed, items);
  if (!frame.words) {
    if (frame.show.locks) addLocks(model, layout, frame, placed, items);
    if (frame.show.samples) addSamples(model, layout, frame, placed, items);
    addPoints(model, layout, frame, placed, items);
  }
  addMessages(model, layout, frame, placed, items);
  if (frame.show.marks) addMarks(model, layout, frame, placed, items);
}

/** @param {Layout} layout @param {Frame} frame @param {number} t */
const xOf = (layout, frame, t) => layout.left + (t - frame.t0) / frame.tpp;

/** @param {Layout} layout @param {Frame} frame */
const endOf = (layout, frame) => frame.t0 + (layout.right - layout.left) * frame.tpp;

/**
 * Visits a row's interval records of at least `pixels`, clipped to the timelines.
 * @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {number} category
 * @param {number} pixels @param {(record: number, x0: number, x1: number, position: number) => void} visit
 */
function intervals(model, layout, frame, placed, category, pixels, visit) {
  const list = placed.row.aux[category];
  if (!list) return;
  let budget = layout.right - layout.left;
  forEachOverlap(list, model.aux, frame.t0, endOf(layout, frame), pixels * frame.tpp, (r, position) => {
    if (--budget < 0) return;
    const s = model.aux.start[r];
    visit(r, Math.max(layout.left - 2, xOf(layout, frame, s)), Math.min(layout.right + 2, xOf(layout, frame, s + model.aux.dur[r])), position);
  });
}

/**
 * Visits a row's point records, at most one for each `gap` pixels.
 * @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {number} category
 * @param {number} gap @param {(record: number, x: number) => void} visit
 */
function points(model, layout, frame, placed, category, gap, visit) {
  const list = placed.row.aux[category];
  if (!list) return;
  const { start } = model.aux;
  const end = endOf(layout, frame);
  let i = firstFrom(list, model.aux, frame.t0 - 60 * frame.tpp);
  while (i < list.index.length && start[list.index[i]] <= end) {
    const r = list.index[i];
    visit(r, xOf(layout, frame, start[r]));
    const next = start[r] + gap * frame.tpp;
    i++;
    if (i < list.index.length && start[list.index[i]] < next) i = firstFrom(list, model.aux, next, i);
  }
}

/** Number of a row's points in the window. @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {number} category */
function countPoints(model, layout, frame, placed, category) {
  const list = placed.row.aux[category];
  if (!list) return 0;
  return firstFrom(list, model.aux, endOf(layout, frame)) - firstFrom(list, model.aux, frame.t0);
}

/** @type {(model: Model, record: number) => {event: number, name: string}} */
const kindOf = (model, record) => model.kinds[model.aux.kind[record]];

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {Item[]} items */
function addWaits(model, layout, frame, placed, items) {
  const { zones } = placed;
  const y = placed.y + zones.span + zones.spanHeight * 0.3;
  for (const category of [AUX.WAIT, AUX.QUEUED]) {
    intervals(model, layout, frame, placed, category, frame.words ? 40 : 2, (record, x0, x1) => {
      items.push({
        type: category === AUX.WAIT ? 'wait' : 'queued',
        record,
        x0,
        x1,
        y0: y,
        y1: y,
        h: zones.spanHeight,
        text: kindOf(model, record).name,
      });
    });
  }
}

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {Item[]} items */
function addLocks(model, layout, frame, placed, items) {
  const list = /** @type {import('../format/bounds.js').RecordList} */ (placed.row.aux[AUX.LOCK]);
  intervals(model, layout, frame, placed, AUX.LOCK, 8, (record, x0, x1, position) => {
    const level = lockLevel(list, model.aux, position, 8 * frame.tpp);
    const y = placed.y + Math.max(1, placed.zones.span - 3 - level * 3);
    items.push({ type: 'lock', record, x0, x1, y0: y, y1: y, h: 4, text: kindOf(model, record).name, level });
  });
}

/** Locks of at least `least` ticks that began before the i-th of a list and are still held when it begins. @param {import('../format/bounds.js').RecordList} list @param {import('../format/columns.js').Columns} aux @param {number} i @param {number} least */
export function lockLevel({ index }, aux, i, least) {
  let level = 0;
  const s = aux.start[index[i]];
  for (let j = i - 1; j >= 0 && j >= i - 16; j--) {
    if (aux.dur[index[j]] >= least && aux.start[index[j]] + aux.dur[index[j]] > s) level++;
  }
  return level;
}

/** True when the CPU was idle just before the sample: it tells nothing. @param {Model} model @param {number} record */
export function takenInIdle(model, record) {
  const { aux } = model;
  const span = spanOnCpu(model, /** @type {Int32Array} */ (aux.cpu)[record], aux.start[record] + aux.dur[record] - 1);
  if (!span) return false;
  const shape = model.shape[model.exec.kind[span.record]];
  return shape === SHAPE.IDLE || shape === SHAPE.CEXIT;
}

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {Item[]} items */
function addSamples(model, layout, frame, placed, items) {
  if (placed.zones.span < 4) return;
  intervals(model, layout, frame, placed, AUX.SAMPLE, 5, (record, x0, x1) => {
    if (takenInIdle(model, record) !== (frame.show.samples === 2)) return;
    items.push({
      type: 'sample',
      record,
      x0,
      x1,
      y0: placed.y + placed.zones.span - 1,
      y1: placed.y + Math.max(1, placed.zones.span - 7),
      h: 6,
      text: kindOf(model, record).name,
    });
  });
}

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {Item[]} items */
function addPoints(model, layout, frame, placed, items) {
  const { zones } = placed;
  const y0 = placed.y + zones.span;
  const few = (layout.right - layout.left) / 10;
  if (countPoints(model, layout, frame, placed, AUX.POINT) < few) {
    points(model, layout, frame, placed, AUX.POINT, 2, (record, x) => {
      items.push({
        type: 'point',
        record,
        x0: x,
        x1: x,
        y0: y0 - Math.min(zones.span - 1, 6),
        y1: y0 + zones.spanHeight * 0.3,
        h: zones.spanHeight,
        text: kindOf(model, record).name,
      });
    });
  }
  points(model, layout, frame, placed, AUX.PACKET, 2, (record, x) => {
    items.push({ type: 'packet', record, x0: x, x1: x, y0, y1: y0 + zones.spanHeight, h: zones.spanHeight, text: kindOf(model, record).name });
  });
}

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {Item[]} items */
function addMessages(model, layout, frame, placed, items) {
  const { zones } = placed;
  const y0 = placed.y + zones.span;
  intervals(model, layout, frame, placed, AUX.MESSAGE, frame.words ? 24 : 0, (record, x0, x1) => {
    items.push({
      type: 'message',
      record,
      x0,
      x1: Math.max(x1, x0 + 3),
      y0: placed.y + 1,
      y1: y0,
      h: zones.spanHeight,
      text: kindOf(model, record).name,
    });
  });
}

/** State 2 of the toggle shows marks a and c only, 3 marks b and d. @param {number} state @param {number} event */
export const markShown = (state, event) => state < 2 || (event - EV.MARKA) % 2 === state - 2;

/** Less room than any name needs, in pixels. */
const NO_ROOM = 8;
/** Room behind the last of a row. */
const LAST_ROOM = 200;

/**
 * Gives each of a row's points, in order of time, when the room to the next is known; of a frame of words those only that may have a name.
 * @param {Frame} frame @param {(record: number, x: number, room: number) => void} give
 */
function withRoom(frame, give) {
  let held = -1;
  let from = 0;
  const put = (/** @type {number} */ room) => {
    if (held >= 0 && (room >= NO_ROOM || !frame.words)) give(held, from, room);
  };
  return {
    next: (/** @type {number} */ record, /** @type {number} */ x) => {
      put(x - from);
      held = record;
      from = x;
    },
    end: () => put(LAST_ROOM),
  };
}

/** @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {Item[]} items */
function addMarks(model, layout, frame, placed, items) {
  const { zones } = placed;
  const y0 = placed.y + zones.span;
  const taken = [-99, -99, -99, -99];
  const stem = (/** @type {number} */ x) => ({ x0: x, x1: x, y0, y1: y0 + zones.spanHeight, h: zones.spanHeight });
  const rpcs = withRoom(frame, (record, x, room) => {
    items.push({ type: 'rpc', record, ...stem(x), text: kindOf(model, record).name, top: placed.y, room });
  });
  points(model, layout, frame, placed, AUX.RPC, frame.words ? 24 : 3, rpcs.next);
  rpcs.end();
  const marks = withRoom(frame, (record, x, room) => {
    const { event, name } = kindOf(model, record);
    items.push({ type: 'mark', record, ...stem(x), text: markText(event, model.aux.arg[record], name), room });
  });
  const gap = countPoints(model, layout, frame, placed, AUX.MARK) > (layout.right - layout.left) * 2 ? 24 : 1;
  points(model, layout, frame, placed, AUX.MARK, gap, (record, x) => {
    const { event } = kindOf(model, record);
    const lane = event - EV.MARKA;
    if (!markShown(frame.show.marks, event)) return;
    if (x - taken[lane] < 3) return;
    taken[lane] = x;
    marks.next(record, x);
  });
  marks.end();
}

/** Arcs join rows of one group; both ends must be in an open group. @param {Model} model @param {Layout} layout @param {Frame} frame @param {Item[]} items */
function addArcs(model, layout, frame, items) {
  const width = layout.right - layout.left;
  const shortest = width * frame.tpp * model.nsPerTick <= 5e6 || frame.show.arcs === 2 ? 0 : width * 0.03 * frame.tpp;
  const { aux } = model;
  const cpu = /** @type {Int32Array} */ (aux.cpu);
  let left = MAX_ARCS;
  const inSight = {
    left: layout.left - ARC_REACH,
    top: layout.top - ARC_REACH,
    right: layout.right + ARC_REACH,
    bottom: layout.bottom + ARC_REACH,
  };
  const add = (
    /** @type {'arc'|'ipi'} */ type,
    /** @type {import('../trace/model.js').Group} */ group,
    /** @type {number} */ record,
    /** @type {number} */ from,
    /** @type {number} */ to,
  ) => {
    const a = rowTop(layout, group, from);
    const b = rowTop(layout, group, to);
    if (!a || !b || left <= 0) return;
    const y0 = a.y + a.zones.span + a.zones.spanHeight / 2;
    const y1 = b.y + b.zones.span + b.zones.spanHeight / 2;
    if (Math.max(y0, y1) < -ARC_REACH || Math.min(y0, y1) > layout.bottom + ARC_REACH) return;
    const s = aux.start[record];
    const ends = { x0: xOf(layout, frame, s), x1: xOf(layout, frame, s + aux.dur[record]), y0, y1, h: b.zones.spanHeight };
    const piece = arcInBox(ends, inSight);
    if (!piece) return;
    left--;
    items.push({ type, record, ...ends, piece, text: kindOf(model, record).name });
  };
  forEachOverlap(model.wakeups, aux, frame.t0, endOf(layout, frame), shortest, (r) => {
    add('arc', 'cpu', r, cpu[r], aux.arg[r]);
    if (layout.groups.some((g) => g.group === 'pid' && g.open) && aux.pid[r] > 0) add('arc', 'pid', r, aux.pid[r], aux.ret[r]);
  });
  forEachOverlap(model.ipis, aux, frame.t0, endOf(layout, frame), shortest, (r) => add('ipi', 'cpu', r, cpu[r], aux.arg[r]));
}

/**
 * Frequency bands behind one row: one look at each pixel, runs of one colour joined.
 * @param {Model} model @param {Layout} layout @param {Frame} frame @param {PlacedRow} placed @param {number} from first x @param {number} to
 * @returns {FreqBand[]}
 */
export function freqBands(model, layout, frame, placed, from, to) {
  const list = placed.row.aux[AUX.FREQ];
  /** @type {FreqBand[]} */
  const bands = [];
  if (!list || !hasFreq(model)) return bands;
  const { aux } = model;
  const y0 = Math.round(placed.y);
  const y1 = y0 + placed.zones.span + placed.zones.spanHeight + 1;
  let i = 0;
  for (let x = Math.floor(from); x < to; x++) {
    const t = frame.t0 + (x - layout.left + 0.5) * frame.tpp;
    // Walk a little, then search: neighbouring pixels are near.
    for (let k = 0; k < 4 && i + 1 < list.index.length && aux.start[list.index[i + 1]] <= t; k++) i++;
    if (i + 1 < list.index.length && aux.start[list.index[i + 1]] <= t) i = firstFrom(list, aux, t, i + 1) - 1;
    const r = list.index[i];
    if (aux.start[r] > t || aux.start[r] + aux.dur[r] < t) continue;
    const level = freqLevel(model, megahertz(aux.arg[r]));
    const last = bands[bands.length - 1];
    if (last && last.level === level && last.x1 === x) last.x1 = x + 1;
    else bands.push({ x0: x, x1: x + 1, y0, y1, level });
  }
  return bands;
}

/** Eighth of the range, 0..7. @param {Model} model @param {number} mhz */
export function freqLevel(model, mhz) {
  const { min, max } = model.freq;
  return Math.max(0, Math.min(7, Math.floor(((mhz - min) / (max - min)) * 8)));
}
