// SPDX-License-Identifier: BSD-3-Clause
// Locks: held and tried, above the row; one that begins while others are held stands above them.

import { AUX, EV } from '../../format/events.js';
import { forEachOverlap } from '../../format/bounds.js';
import { auxKind, intervals } from '../../plan/item-walk.js';
import { lockBook } from '../../trace/locks.js';
import { lockGlyph } from '../item-glyphs.js';
import { W } from './over-kind.js';

/** Locks of at least `least` ticks that began before the i-th of a list and are still held when it begins. @param {import('../../format/bounds.js').RecordList} list @param {import('../../format/columns.js').Columns} aux @param {number} i @param {number} least */
export function lockLevel({ index }, aux, i, least) {
  let level = 0;
  const s = aux.start[index[i]];
  for (let j = i - 1; j >= 0 && j >= i - 16; j--) {
    if (aux.dur[index[j]] >= least && aux.start[index[j]] + aux.dur[index[j]] > s) level++;
  }
  return level;
}

/** Ticks of the shortest that is drawn. @param {number} tpp */
const leastOf = (tpp) => 8 * tpp;
/** Pixels from the top of a row to the line. @param {import('../../plan/layout.js').PlacedRow} placed @param {number} level */
const lineAt = ({ zones }, level) => Math.max(1, zones.span - 3 - level * 3);

/** Height of the line of a lock on a row. @param {import('../../plan/layout.js').PlacedRow} placed @param {import('../../format/columns.js').Columns} aux @param {number} i place in the row's list @param {number} tpp */
export const lockY = (placed, aux, i, tpp) => {
  const list = /** @type {import('../../format/bounds.js').RecordList} */ (placed.row.aux[AUX.LOCK]);
  return placed.y + lineAt(placed, lockLevel(list, aux, i, leastOf(tpp)));
};

/** @type {import('./over-kind.js').OverKind} */
export const lock = {
  categories: [AUX.LOCK],
  types: ['lock'],
  toggle: 'locks',
  mute: true,
  steady: true,
  collect(at, items) {
    const { model, placed, frame } = at;
    const list = /** @type {import('../../format/bounds.js').RecordList} */ (placed.row.aux[AUX.LOCK]);
    intervals(at, AUX.LOCK, 8, (record, x0, x1, position) => {
      const level = lockLevel(list, model.aux, position, leastOf(frame.tpp));
      const y = placed.y + lineAt(placed, level);
      items.push({ type: 'lock', record, x0, x1, y0: y, y1: y, h: 4, text: auxKind(model, record).name, level });
    });
  },
  raster({ raster, palette, model, state, placed, row, k, tpp, t0, t1, px, event, column }) {
    const { aux } = model;
    const list = row.aux[AUX.LOCK];
    if (!list) return;
    forEachOverlap(list, aux, t0, t1, leastOf(tpp), (r, i) => {
      const y = Math.round(lockY(placed, aux, i, tpp) * k);
      const [x0, x1] = [px(aux.start[r]), px(aux.start[r] + aux.dur[r])];
      lockGlyph(raster, palette, aux.arg[r], event(r) === EV.LOCK_HELD, x0, x1, y, k, column, state.show.locks === 2);
    });
  },
  rank: 2,
  box: { below: 1 },
  words: ({ model, record, arg }) => [{ label: 'Lock', text: `${lockBook(model).byKey.get(model.aux.arg[record])?.name} (number ${arg})` }],
  glyph: ({ event }) => (event === EV.LOCK_HELD ? 'lock-held' : 'lock-try'),
  legend: {
    section: 'beside',
    place: 3,
    entries: [
      { id: 'lock-held', text: 'Lock held', raster: (r, p) => lockGlyph(r, p, 3, true, 10, W - 10, 17, 1, 0) },
      {
        id: 'lock-try',
        text: 'Lock tried: from the failed attempt to the acquisition',
        raster: (r, p) => lockGlyph(r, p, 3, false, 10, W - 10, 17, 1, 0),
      },
    ],
  },
};
