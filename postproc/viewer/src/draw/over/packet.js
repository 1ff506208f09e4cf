// SPDX-License-Identifier: BSD-3-Clause
// Packets that the kernel or a program saw: a slanted tick.

import { AUX, EV } from '../../format/events.js';
import { auxKind, points } from '../../plan/item-walk.js';
import { packetGlyph } from '../item-glyphs.js';

/** @param {number} event */
const isReceived = (event) => event === EV.RX_PKT || event === EV.RX_USER;

/** @type {import('./over-kind.js').OverKind} */
export const packet = {
  categories: [AUX.PACKET],
  types: ['packet'],
  mute: true,
  collect(at, items) {
    const { zones, y } = at.placed;
    const y0 = y + zones.span;
    points(at, AUX.PACKET, 2, (record, x) => {
      const text = auxKind(at.model, record).name;
      items.push({ type: 'packet', record, x0: x, x1: x, y0, y1: y0 + zones.spanHeight, h: zones.spanHeight, text });
    });
  },
  raster: ({ raster, palette, k, y, event, points: walk }) =>
    walk(AUX.PACKET, 6, (r, x) => packetGlyph(raster, palette, isReceived(event(r)), x, y, k)),
  rank: 5,
  box: { half: true },
  words: ({ arg }) => [{ label: 'Hash', text: `0x${(arg >>> 0).toString(16).padStart(8, '0')}` }],
  glyph: ({ event }) => (isReceived(event) ? 'rx' : 'tx'),
  legend: {
    section: 'beside',
    place: 4,
    entries: [
      { id: 'rx', text: 'Packet received', raster: (r, p) => packetGlyph(r, p, true, 60, 20, 1) },
      { id: 'tx', text: 'Packet sent', raster: (r, p) => packetGlyph(r, p, false, 60, 20, 1) },
    ],
  },
};
