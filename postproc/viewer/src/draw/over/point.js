// SPDX-License-Identifier: BSD-3-Clause
// Point events of no kind of their own: a thin line over the row. What no other kind has is said as one of these.

import { AUX, EV } from '../../format/events.js';
import { huesOf, pack } from '../../plan/colors.js';
import { auxKind, countPoints, points } from '../../plan/item-walk.js';
import { threadWords } from '../../trace/lookups.js';

/** @type {import('./over-kind.js').OverKind} */
export const point = {
  categories: [AUX.POINT],
  types: ['point'],
  mute: true,
  collect(at, items) {
    const { model, layout, placed } = at;
    const { zones } = placed;
    if (countPoints(at, AUX.POINT) >= (layout.right - layout.left) / 10) return;
    const y = placed.y + zones.span;
    const stem = { y0: y - Math.min(zones.span - 1, 6), y1: y + zones.spanHeight * 0.3, h: zones.spanHeight };
    points(at, AUX.POINT, 2, (record, x) => {
      items.push({ type: 'point', record, x0: x, x1: x, ...stem, text: auxKind(model, record).name });
    });
  },
  raster({ raster, palette, zones, k, y, h, event, points: walk }) {
    const top = y - Math.round(Math.min(zones.span - 1, 5) * k);
    walk(AUX.POINT, 3, (r, x) => {
      if (event(r) === EV.LOST) return;
      raster.rect(x, top, x + Math.max(1, Math.round(k)), y + Math.round(h * 0.3), pack(huesOf(palette.name, event(r)).core));
    });
  },
  rank: 1,
  words({ model, event, arg }) {
    if (event === EV.RUNNABLE) return [{ label: 'Makes runnable', text: threadWords(model, arg) }];
    return [{ label: event === EV.IPI || event === EV.MONITORSTORE ? 'To CPU' : 'Argument', text: String(arg) }];
  },
  glyph: ({ event }) => (event === EV.LOST ? 'lost' : event === EV.ZONE ? 'zone' : 'point'),
  legend: {
    section: 'beside',
    place: 8,
    entries: [{ id: 'point', text: 'Other point event', raster: (r, p) => r.rect(60, 6, 61, 24, pack(huesOf(p.name, EV.MWAIT).core)) }],
  },
};
