// SPDX-License-Identifier: BSD-3-Clause
// PC samples: a line that rises to where the timer interrupted, above the row.

import { AUX, EV, SHAPE } from '../../format/events.js';
import { auxKind, intervals } from '../../plan/item-walk.js';
import { spanOnCpu } from '../../trace/lookups.js';
import { clockWords, parseBase, toNs } from '../../trace/time.js';
import { sampleGlyph } from '../item-glyphs.js';
import { W } from './over-kind.js';

/** @typedef {import('../../trace/model.js').Model} Model */

/** True when the CPU was idle just before the sample: it tells nothing. @param {Model} model @param {number} record */
function takenInIdle(model, record) {
  const { aux } = model;
  const span = spanOnCpu(model, /** @type {Int32Array} */ (aux.cpu)[record], aux.start[record] + aux.dur[record] - 1);
  if (!span) return false;
  const shape = model.shape[model.exec.kind[span.record]];
  return shape === SHAPE.IDLE || shape === SHAPE.CEXIT;
}

/** Rows without that much room above have none. @param {{span: number}} zones */
const hasRoom = ({ span }) => span >= 4;

/** @type {import('./over-kind.js').OverKind} */
export const pcSample = {
  categories: [AUX.SAMPLE],
  types: ['sample'],
  toggle: 'samples',
  mute: true,
  collect(at, items) {
    const { model, placed, frame } = at;
    if (!hasRoom(placed.zones)) return;
    const [y0, y1] = [placed.y + placed.zones.span - 1, placed.y + Math.max(1, placed.zones.span - 7)];
    intervals(at, AUX.SAMPLE, 5, (record, x0, x1) => {
      if (takenInIdle(model, record) !== (frame.show.samples === 2)) return;
      items.push({ type: 'sample', record, x0, x1, y0, y1, h: 6, text: auxKind(model, record).name });
    });
  },
  raster({ raster, palette, model, state, placed, zones, k, y, event, shown, exact, intervals: walk, column }) {
    if (!hasRoom(zones)) return;
    const { aux } = model;
    const top = Math.round((placed.y + Math.max(2, zones.span - 6)) * k);
    walk(AUX.SAMPLE, 5, (r) => {
      if (!shown(r) || takenInIdle(model, r) !== (state.show.samples === 2)) return;
      const [x0, x1] = [exact(aux.start[r]), exact(aux.start[r] + aux.dur[r])];
      sampleGlyph(raster, palette, aux.arg[r], event(r) === EV.PC_K, x0, y - 2 * k, x1, top, k, column);
    });
  },
  rank: 2,
  box: { below: 1 },
  words: ({ model, end }) => [{ label: 'Taken at', text: `its end, ${clockWords(parseBase(model.meta.tracebase), toNs(model, end), 9)}` }],
  glyph: ({ event }) => (event === EV.PC_K ? 'sample-k' : 'sample-u'),
  legend: {
    section: 'beside',
    place: 2,
    entries: [
      {
        id: 'sample-k',
        text: 'PC sample, kernel: taken at the right end (samples of an idle CPU show on demand)',
        raster: (r, p) => sampleGlyph(r, p, 54618, true, 10, 20, W - 10, 13, 1, 0),
      },
      { id: 'sample-u', text: 'PC sample, user', raster: (r, p) => sampleGlyph(r, p, 1234, false, 10, 20, W - 10, 13, 1, 0) },
    ],
  },
};
