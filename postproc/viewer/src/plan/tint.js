// SPDX-License-Identifier: BSD-3-Clause
// Span colours that depend on more than the kind: by CPU or thread, and grey for what is faded, not highlit or not found.

import { huesOf, pack, packCss } from './colors.js';
import { rpcKey, tidOf } from '../format/columns.js';
import { EV, SHAPE } from '../format/events.js';
import { cpuOfSpan } from '../trace/lookups.js';

/** @typedef {import('./colors.js').Palette} Palette */
/** @typedef {import('./colors.js').KindPaint} KindPaint */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../trace/model.js').Row} Row */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {{paint: (row: Row, record: number, paint: KindPaint) => KindPaint, palette: (row: Row) => Palette, span: (record: number) => boolean, other: (record: number) => boolean}} Tint
 *   span, other: false for a span, or another record, of rows that are grey because others are highlit */

/** What the tint depends on; a change repaints the picture. @param {State} state */
export const tintKey = (state) => [state.colorBy, state.isolate, state.show.fade, state.rows, state.safe];

/** Everything that is a span in one pale grey. @param {Palette} palette */
function greys(palette) {
  const grey = packCss(palette.css.fade);
  return {
    paint: { edge: grey, fill: grey, band: grey, core: grey },
    palette: { ...palette, raster: { ...palette.raster, cls: new Uint32Array(palette.raster.cls.length).fill(grey), idle: grey, cexit: grey } },
  };
}

/**
 * Null when every span has the colour of its class, or of its name.
 * @param {Model} model @param {State} state @param {Palette} palette @returns {Tint|null}
 */
export function makeTint(model, state, palette) {
  const highlit = { cpu: new Set(state.rows.cpu.highlit), pid: new Set(state.rows.pid.highlit), rpc: new Set(state.rows.rpc.highlit) };
  const anyHighlit = highlit.cpu.size + highlit.pid.size + highlit.rpc.size > 0;
  const search = state.isolate && state.search && !state.search.error ? state.search : null;
  if (['class', 'kind'].includes(state.colorBy) && !state.show.fade && !anyHighlit && !search) return null;
  const grey = greys(palette);
  const { exec } = model;
  const cpuOf = (/** @type {Row} */ row, /** @type {number} */ r) => (row.group === 'cpu' ? row.key : cpuOfSpan(model, r));

  /** Spans of highlit rows keep their colour in every group. @param {Row} row @param {number} r */
  const isHighlit = (row, r) =>
    highlit[row.group].has(row.key) || highlit.pid.has(tidOf(exec, r)) || (highlit.cpu.size > 0 && highlit.cpu.has(cpuOf(row, r)));

  /** @type {Map<number, KindPaint>} */
  const made = new Map();
  /** @param {KindPaint} paint @param {number} number */
  const hued = (paint, number) => {
    const key = number * 64 + paint.cls * 4 + paint.shape;
    let p = made.get(key);
    if (!p) {
      const { core, band } = huesOf(palette.name, number * 3 + 1);
      made.set(key, (p = { ...paint, core: pack(core), band: pack(band) }));
    }
    return p;
  };

  const { aux } = model;
  const cpuColumn = /** @type {Int32Array} */ (aux.cpu);
  return {
    span: (r) => !anyHighlit || highlit.pid.has(tidOf(exec, r)) || highlit.rpc.has(rpcKey(exec, r)) || highlit.cpu.has(cpuOfSpan(model, r)),
    other(r) {
      if (!anyHighlit || highlit.cpu.has(cpuColumn[r]) || highlit.pid.has(tidOf(aux, r)) || highlit.rpc.has(rpcKey(aux, r))) return true;
      // An arc keeps its colour when either end is highlit.
      const { event } = model.kinds[aux.kind[r]];
      return (
        (event === EV.ARC_WAKEUP || event === EV.ARC_IPI) &&
        (highlit.cpu.has(aux.arg[r]) || (event === EV.ARC_WAKEUP && highlit.pid.has(aux.ret[r] >>> 0)))
      );
    },
    paint(row, r, paint) {
      if (paint.shape === SHAPE.IDLE) return paint;
      if (state.show.fade || (anyHighlit && !isHighlit(row, r)) || (search && !search.exec(r))) return { ...paint, ...grey.paint };
      if (state.colorBy === 'cpu' && row.group !== 'cpu') return hued(paint, cpuOf(row, r));
      if (state.colorBy === 'thread' && row.group === 'cpu') return hued(paint, tidOf(exec, r));
      return paint;
    },
    palette: (row) => (state.show.fade || search || (anyHighlit && !highlit[row.group].has(row.key)) ? grey.palette : palette),
  };
}
