// SPDX-License-Identifier: BSD-3-Clause
// What a CPU used from tick to tick: a strip under its spans. Where ticks were skipped it has a gap; what a model says is drawn hollow.

import { argOf } from '../../format/columns.js';
import { AUX, EV } from '../../format/events.js';
import { QUANTITIES } from '../../format/kinds.js';
import { packCss } from '../../plan/colors.js';
import { auxKind, endOf, xOf } from '../../plan/item-walk.js';
import { firstCell, heightOf, usageOf, usedUntil } from '../../trace/usage.js';
import { W } from './over-kind.js';

/** @typedef {import('../raster.js').Raster} Raster */

/** Cells of less than so many pixels have no item of their own. */
const PICKED = 2;
const LINEAR = 2;

/** A bar of a cell; hollow: not measured. @param {Raster} raster @param {number} x0 @param {number} x1 @param {number} top @param {number} bottom @param {number} color @param {boolean} hollow */
function bar(raster, x0, x1, top, bottom, color, hollow) {
  if (!hollow) raster.rect(x0, top, x1, bottom, color);
  else {
    raster.rect(x0, top, x1, top + 1, color);
    for (let y = top + 2; y < bottom; y += 3) raster.rect(x0, y, x1, y + 1, color);
  }
}

/** @type {import('./over-kind.js').OverKind} */
export const usage = {
  categories: [AUX.MEMORY],
  types: ['usage'],
  toggle: 'usage',
  mute: true,
  pointed: true,
  collect({ model, layout, frame, placed }, items) {
    const { y, zones, row } = placed;
    const cells = row.group === 'cpu' && zones.stripHeight > 0 ? usageOf(model)?.rows.get(row.key) : undefined;
    if (!cells) return;
    const end = endOf(layout, frame);
    for (let i = firstCell(cells, frame.t0); i < cells.n && cells.t0[i] < end; i++) {
      const [x0, x1] = [xOf(layout, frame, cells.t0[i]), xOf(layout, frame, cells.t1[i])];
      if (x1 - x0 < PICKED) {
        i = Math.max(i, firstCell(cells, cells.t0[i] + PICKED * frame.tpp) - 1);
      }
      const record = cells.tick[i];
      items.push({
        type: 'usage',
        record,
        x0,
        x1,
        y0: y + zones.strip,
        y1: y + zones.strip + zones.stripHeight,
        h: zones.stripHeight,
        text: auxKind(model, record).name,
      });
    }
  },
  raster({ raster, palette, model, state, placed, row, zones, k, t0, t1, px }) {
    const all = row.group === 'cpu' && zones.stripHeight > 0 ? usageOf(model) : null;
    const cells = all?.rows.get(row.key);
    if (!all || !cells) return;
    const bottom = Math.round((placed.y + zones.strip + zones.stripHeight) * k);
    const high = Math.round(zones.stripHeight * k) - 1;
    const color = packCss(palette.css.accent);
    const linear = state.show.usage === LINEAR;
    const hollow = all.quantity.source === 'model';
    let column = -Infinity;
    let most = 0;
    for (let i = firstCell(cells, t0); i < cells.n && cells.t0[i] < t1; i++) {
      const [x0, x1] = [px(cells.t0[i]), Math.max(px(cells.t0[i]) + 1, px(cells.t1[i]))];
      // Of several cells in one column the highest shows.
      most = x0 === column ? Math.max(most, cells.value[i]) : cells.value[i];
      column = x0;
      const top = bottom - Math.round(heightOf(all, most, linear) * high);
      raster.rect(x0, bottom, x1, bottom + 1, color);
      if (top < bottom) bar(raster, x0, x1, top, bottom, color, hollow);
    }
  },
  rank: 0,
  hit: (item, x, y) => x >= item.x0 && x <= item.x1 && y >= item.y0 && y <= item.y1 + 1,
  words({ model, record, event, arg }) {
    if (QUANTITIES[event])
      return [
        {
          label: QUANTITIES[event].word,
          text: `${(arg >>> 0).toLocaleString('en')} ${QUANTITIES[event].unit} since the sample before (source: ${QUANTITIES[event].source})`,
        },
      ];
    if (event !== EV.TICK) return [{ label: 'Argument', text: String(arg) }];
    const used = [...usedUntil(model, record)].map(([e, sum]) => ({
      label: QUANTITIES[e].word,
      text: `${sum.toLocaleString('en')} ${QUANTITIES[e].unit} since the tick before (source: ${QUANTITIES[e].source}${QUANTITIES[e].source === 'model' ? ', not measured' : ''})`,
    }));
    return [...used, { label: 'Late', text: `${((argOf(model.aux, record) >>> 0) / 1000).toLocaleString('en')} us` }];
  },
  glyph: () => 'usage',
  legend: {
    section: 'beside',
    place: 9,
    entries: [
      {
        id: 'usage',
        text: 'What the CPU used from tick to tick; a gap where ticks were skipped, hollow where a model says it',
        raster: (r, p) => {
          const color = packCss(p.css.accent);
          [4, 9, 16, 7].forEach((h, i) => bar(r, 10 + 14 * i, 24 + 14 * i, 28 - h, 28, color, false));
          [12, 15].forEach((h, i) => bar(r, W - 38 + 14 * i, W - 24 + 14 * i, 28 - h, 28, color, true));
        },
      },
    ],
  },
};
