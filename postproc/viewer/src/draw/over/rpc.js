// SPDX-License-Identifier: BSD-3-Clause
// RPC requests and responses: a flag over the row, with the name where there is room.

import { AUX, EV } from '../../format/events.js';
import { rpcBox } from '../../plan/item-names.js';
import { auxKind, points } from '../../plan/item-walk.js';
import { rpcGlyph } from '../item-glyphs.js';
import { paintRpc } from '../item-strokes.js';
import { sampleItem, TYPE } from './over-kind.js';
import { stemAt, withRoom } from './with-room.js';

/** @type {import('./over-kind.js').OverKind} */
export const rpc = {
  categories: [AUX.RPC],
  types: ['rpc'],
  toggle: 'marks',
  collect(at, items) {
    const rpcs = withRoom(at.frame, (record, x, room) => {
      items.push({ type: 'rpc', record, ...stemAt(at.placed, x), text: auxKind(at.model, record).name, top: at.placed.y, room });
    });
    points(at, AUX.RPC, at.frame.words ? 24 : 3, rpcs.next);
    rpcs.end();
  },
  raster({ raster, palette, zones, k, y, h, event, points: walk }) {
    const lift = zones.over >= 11 ? Math.round(4 * k) : 0; // above the boxes of marks, where there is room
    walk(AUX.RPC, 4, (r, x) => rpcGlyph(raster, palette, event(r), x, y - lift, h + lift, k));
  },
  paint(ctx, { palette, box, event }) {
    if (box) paintRpc(ctx, palette, box, event);
  },
  rank: 5,
  box: { text: true, half: true },
  words: ({ arg }) => [{ label: 'RPC id', text: String(arg & 0xffff) }],
  glyph: ({ event }) => (event === EV.RPCIDRESP ? 'rpc-resp' : 'rpc-req'),
  legend: {
    section: 'beside',
    place: 6,
    entries: [
      {
        id: 'rpc-req',
        text: 'RPC request',
        raster: (r, p) => rpcGlyph(r, p, EV.RPCIDREQ, 20, 12, 20, 1),
        paint: (c, p) => {
          const box = rpcBox(sampleItem({ x0: 20, y0: 12, text: 'read.7' }), 90, [13], [], TYPE);
          if (box) paintRpc(c, p, box, EV.RPCIDREQ);
        },
      },
      { id: 'rpc-resp', text: 'RPC response', raster: (r, p) => rpcGlyph(r, p, EV.RPCIDRESP, 60, 12, 20, 1) },
    ],
  },
};
