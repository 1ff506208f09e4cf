// SPDX-License-Identifier: BSD-3-Clause
// RPC messages on the wire: a thick slanted line above the row, cut into packets.

import { AUX, EV } from '../../format/events.js';
import { forEachOverlap } from '../../format/bounds.js';
import { messageBox } from '../../plan/item-names.js';
import { auxKind, intervals } from '../../plan/item-walk.js';
import { messageGlyph } from '../item-glyphs.js';
import { paintMessage } from '../item-strokes.js';
import { sampleItem, TYPE, W } from './over-kind.js';

/** @typedef {import('../../plan/item-names.js').NameBox} NameBox */

/** @type {import('./over-kind.js').OverKind} */
export const message = {
  categories: [AUX.MESSAGE],
  types: ['message'],
  collect(at, items) {
    const { zones, y } = at.placed;
    const place = { y0: y + 1, y1: y + zones.span, h: zones.spanHeight };
    intervals(at, AUX.MESSAGE, at.frame.words ? 24 : 0, (record, x0, x1) => {
      items.push({ type: 'message', record, x0, x1: Math.max(x1, x0 + 3), ...place, text: auxKind(at.model, record).name });
    });
  },
  raster({ raster, palette, model: { aux }, row, placed, k, y, t0, t1, event, shown, exact }) {
    const list = row.aux[AUX.MESSAGE];
    if (!list) return;
    const top = Math.round(placed.y * k) + 2 * k;
    forEachOverlap(list, aux, t0, t1, 0, (r) => {
      if (!shown(r)) return;
      const x0 = exact(aux.start[r]);
      const x1 = Math.max(x0 + 3 * k, exact(aux.start[r] + aux.dur[r]));
      messageGlyph(raster, palette, event(r) === EV.RPCIDRXMSG, aux.arg[r], x0, x1, top, y, k);
    });
  },
  paint(ctx, { palette, box, event }) {
    if (box) paintMessage(ctx, palette, box, event === EV.RPCIDRXMSG);
  },
  rank: 5,
  words: ({ arg }) => [{ label: 'Bytes', text: String(arg) }],
  glyph: ({ event }) => (event === EV.RPCIDRXMSG ? 'msg-rx' : 'msg-tx'),
  legend: {
    section: 'beside',
    place: 5,
    entries: [
      {
        id: 'msg-rx',
        text: 'RPC message received, on the wire, in packets',
        raster: (r, p) => messageGlyph(r, p, true, 6000, 10, W - 10, 8, 26, 1),
        paint: (c, p) => paintMessage(c, p, /** @type {NameBox} */ (messageBox(sampleItem({ y0: 12, text: 'rx.7' }), TYPE)), true),
      },
      { id: 'msg-tx', text: 'RPC message sent', raster: (r, p) => messageGlyph(r, p, false, 6000, 10, W - 10, 8, 26, 1) },
    ],
  },
};
