// SPDX-License-Identifier: BSD-3-Clause
// Marks that programs made: a stem over the row, with the text where there is room.

import { AUX, EV, markText } from '../../format/events.js';
import { markBox } from '../../plan/item-names.js';
import { auxKind, countPoints, points } from '../../plan/item-walk.js';
import { markStem } from '../item-glyphs.js';
import { paintMark } from '../item-strokes.js';
import { sampleItem, TYPE } from './over-kind.js';
import { stemAt, withRoom } from './with-room.js';

/** @typedef {import('./over-kind.js').Entry} Entry */
/** @typedef {import('../../plan/item-names.js').NameBox} NameBox */

/** State 2 of the toggle shows marks a and c only, 3 marks b and d. @param {number} state @param {number} event */
const markShown = (state, event) => state < 2 || (event - EV.MARKA) % 2 === state - 2;

/** @param {string} id @param {string} text @param {number} event @param {number} x @param {number} y of its words @param {string} words @returns {Entry} */
const entry = (id, text, event, x, y, words) => ({
  id,
  text,
  raster: (r, p) => markStem(r, p, event, x, y, 20, 1),
  paint: (c, p) => paintMark(c, p, /** @type {NameBox} */ (markBox(sampleItem({ x0: x, y0: y, text: words }), event, 90, TYPE)), event),
});

/** @type {import('./over-kind.js').OverKind} */
export const mark = {
  categories: [AUX.MARK],
  types: ['mark'],
  toggle: 'marks',
  collect(at, items) {
    const { model, layout, frame, placed } = at;
    const taken = [-99, -99, -99, -99];
    const marks = withRoom(frame, (record, x, room) => {
      const { event, name } = auxKind(model, record);
      items.push({ type: 'mark', record, ...stemAt(placed, x), text: markText(event, model.aux.arg[record], name), room });
    });
    const gap = countPoints(at, AUX.MARK) > (layout.right - layout.left) * 2 ? 24 : 1;
    points(at, AUX.MARK, gap, (record, x) => {
      const { event } = auxKind(model, record);
      const lane = event - EV.MARKA;
      if (!markShown(frame.show.marks, event)) return;
      if (x - taken[lane] < 3) return;
      taken[lane] = x;
      marks.next(record, x);
    });
    marks.end();
  },
  raster({ raster, palette, model: { aux }, state: { show }, row, k, tpp, y, h, event, points: walk }) {
    const marks = row.aux[AUX.MARK];
    walk(AUX.MARK, 3, (r, x, i) => {
      if (!markShown(show.marks, event(r))) return;
      const near = marks && i + 1 < marks.index.length && aux.start[marks.index[i + 1]] - aux.start[r] < 8 * tpp;
      markStem(raster, palette, event(r), x, y, near ? Math.round(h * 0.15) : h, k); // a stem in a crowd would hide the spans
    });
  },
  paint(ctx, { palette, box, event }) {
    if (box) paintMark(ctx, palette, box, event);
  },
  rank: 5,
  box: { text: true, half: true },
  words: ({ event, arg, name }) => [
    { label: 'Text', text: markText(event, arg, name) },
    { label: 'Value', text: String(arg >>> 0) },
  ],
  glyph: ({ event, name }) => (event === EV.MARKA && /=\//.test(name) ? 'mark-a-end' : `mark-${'abcd'[event - EV.MARKA]}`),
  legend: {
    section: 'beside',
    place: 7,
    entries: [
      entry('mark-a', 'Mark a, with text', EV.MARKA, 30, 8, 'begin'),
      entry('mark-a-end', 'Mark a that ends a region', EV.MARKA, 80, 8, '/begin'),
      entry('mark-b', 'Mark b', EV.MARKB, 30, 8, 'mark-b'),
      entry('mark-c', 'Mark c', EV.MARKC, 60, 8, 'mark-c'),
      entry('mark-d', 'Mark d, a number', EV.MARKD, 40, 12, '12345'),
    ],
  },
};
