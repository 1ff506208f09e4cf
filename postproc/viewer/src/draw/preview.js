// SPDX-License-Identifier: BSD-3-Clause
// A model with the rows of CPUs and no records, to draw the coarse picture of a trace that is still being read.

import { makeColumns } from '../format/columns.js';
import { CLASS_COUNT } from '../format/events.js';
import { NO_CPU } from '../trace/profile-rows.js';
import { sharesOf } from '../trace/coarse.js';
import { densityTick, shareColumn } from './glyphs.js';
import { makeRow } from '../trace/find-rows.js';

/** @typedef {import('../trace/coarse.js').Coarse} Coarse */
/** @typedef {import('../trace/model.js').Model} Model */

/** @param {Record<string, any>} meta @param {Coarse} coarse @returns {Model} */
export function previewModel(meta, coarse) {
  const cpu = coarse.cpus.map((key) => ({ ...makeRow('cpu', key, `CPU ${key}`), ready: true }));
  const none = { index: new Uint32Array(0), blocks: null };
  return {
    meta,
    nsPerTick: meta.nsPerTick,
    flags: 0,
    kinds: [],
    cls: new Uint8Array(0),
    shape: new Uint8Array(0),
    exec: makeColumns(0, 0, false),
    aux: makeColumns(0, 0, true),
    category: new Uint8Array(0),
    rows: { cpu, pid: [], rpc: [] },
    position: { cpu: new Map(cpu.map((r, i) => [r.key, i])), pid: new Map(), rpc: new Map() },
    wakeups: none,
    ipis: none,
    t0: coarse.t0,
    t1: coarse.t1,
    freq: { min: Infinity, max: 0 },
    diagnostics: [],
    gaps: [],
    zones: [],
    coarse,
    loose: { cpu: NO_CPU, lo: 0, hi: 0 },
    documents: [],
    partial: true,
  };
}

const shares = new Float32Array(CLASS_COUNT);

/**
 * One row of the coarse picture; time not read yet has the ticks of an aggregate only.
 * @param {import('./raster.js').Raster} raster @param {import('../plan/colors.js').Palette} palette @param {Coarse} coarse @param {number} slot of the CPU
 * @param {number} y top of the spans @param {number} h their height
 */
export function rasterPreview(raster, palette, coarse, slot, y, h) {
  for (let x = 0; x < raster.width; x++) {
    const from = Math.floor((x * coarse.bins) / raster.width);
    sharesOf(coarse, slot, from, Math.max(from + 1, Math.floor(((x + 1) * coarse.bins) / raster.width)), shares);
    shareColumn(raster, palette, shares, 0, x, y, h);
    densityTick(raster, palette, shares.some((v) => v > 0) ? 64 : 0, x, y + h + 1);
  }
}
