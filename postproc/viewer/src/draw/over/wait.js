// SPDX-License-Identifier: BSD-3-Clause
// Waits of threads, and of RPCs in queues: a line over the row, in the colour of the reason.

import { AUX, EV, waitLetter } from '../../format/events.js';
import { auxKind, intervals } from '../../plan/item-walk.js';
import { waitGlyphOf } from '../../plan/key-entries.js';
import { inferredGlyph, queuedGlyph, waitGlyph } from '../item-glyphs.js';
import { paintWait } from '../item-strokes.js';
import { sampleItem, TYPE, W } from './over-kind.js';

/** @typedef {import('./over-kind.js').OverKind} OverKind */
/** @typedef {import('./over-kind.js').Entry} Entry */

/** @param {number} category @param {'wait'|'queued'} type @returns {NonNullable<OverKind['collect']>} */
const collect = (category, type) => (at, items) => {
  const { zones, y: top } = at.placed;
  const y = top + zones.span + zones.spanHeight * 0.3;
  intervals(at, category, at.frame.words ? 40 : 2, (record, x0, x1) => {
    items.push({ type, record, x0, x1, y0: y, y1: y, h: zones.spanHeight, text: auxKind(at.model, record).name });
  });
};

/** Of the line in the raster. @param {import('../raster-items.js').On} on */
const lineY = ({ y, h }) => y + Math.round(h * 0.28);

/** @param {string} id @param {string} letter @param {string} text @returns {Entry} */
const entry = (id, letter, text) => {
  const event = EV.WAITA + letter.charCodeAt(0) - 97;
  return {
    id,
    text,
    raster: (r, p) => waitGlyph(r, p, event, 10, W - 10, 17, 1, true),
    paint: (c, p) => paintWait(c, p, sampleItem({}), event, TYPE),
  };
};

/** @type {OverKind} */
export const wait = {
  categories: [AUX.WAIT],
  types: ['wait'],
  toggle: 'waits',
  steady: true,
  collect: collect(AUX.WAIT, 'wait'),
  raster(on) {
    const { raster, palette, k, h, column } = on;
    const { aux } = on.model;
    const line = lineY(on);
    on.intervals(AUX.WAIT, 2, (r, x0, x1) => {
      waitGlyph(raster, palette, on.event(r), x0, x1, line, k, h >= 10 * k);
      if (aux.flags[r] & 1) inferredGlyph(raster, palette, x0, x1, line + Math.round(4 * k), column);
    });
  },
  paint: (ctx, { palette, item, event, type }) => paintWait(ctx, palette, item, event, type),
  rank: 1,
  words: () => [], // said by wait-words.js
  glyph: ({ event }) => waitGlyphOf(waitLetter(event)),
  legend: {
    section: 'waiting',
    place: 1,
    entries: [
      entry('wait-c', 'c', 'Ready, not running; at the end its letter in Morse code'),
      entry('wait-d', 'd', 'Waits for the disk'),
      entry('wait-l', 'l', 'Waits for a lock'),
      entry('wait-m', 'm', 'Waits for memory'),
      entry('wait-n', 'n', 'Waits for the network'),
      entry('wait-p', 'p', 'Waits for a pipe'),
      entry('wait-t', 't', 'Waits for a timer'),
      entry('wait-x', 'k', 'Waits, other reason'),
    ],
  },
};

/** @type {OverKind} */
export const queued = {
  categories: [AUX.QUEUED],
  types: ['queued'],
  toggle: 'waits',
  steady: true,
  collect: collect(AUX.QUEUED, 'queued'),
  raster(on) {
    const { raster, palette, k, column } = on;
    const line = lineY(on);
    on.intervals(AUX.QUEUED, 2, (r, x0, x1) => queuedGlyph(raster, palette, on.model.aux.arg[r], x0, x1, line, k, column));
  },
  rank: 1,
  words: ({ arg }) => [{ label: 'Argument', text: String(arg) }],
  glyph: () => 'queued',
  legend: {
    section: 'waiting',
    place: 2,
    entries: [{ id: 'queued', text: 'RPC waits in a queue', raster: (r, p) => queuedGlyph(r, p, 1, 10, W - 10, 17, 1, 0) }],
  },
};
