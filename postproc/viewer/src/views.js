// SPDX-License-Identifier: BSD-3-Clause
// Saved views: ours, and the `savedview` list of the span JSON, both ways.

import { decodeState, encodeState } from './url-state.js';

/** @typedef {{label: string, hash: string|null}} View a name and the state as in the URL; null: an empty slot */
/** @typedef {import('./model.js').Model} Model */

const SLOTS = ['⇐', '①', '②', '③', '④'];
/** Slots of the reference: back, and four to save in. @returns {View[]} */
export const emptyViews = () => SLOTS.map((label) => ({ label, hash: null }));

/** &#x2780; and the like become the character. Nothing else is interpreted. @param {string} label */
const plainLabel = (label) =>
  label
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, h) => String.fromCodePoint(Math.min(0x10ffff, parseInt(h, 16))))
    .replace(/[\u2780-\u2783]/g, (c) => SLOTS[c.charCodeAt(0) - 0x2780 + 1]);

/** A label as the reference writes it: its page takes it for markup, so all but plain ASCII is a character number. @param {string} label */
const writtenLabel = (label) =>
  [...label]
    .map((c) => {
      const slot = SLOTS.indexOf(c);
      const code = slot > 0 ? 0x2780 + slot - 1 : /** @type {number} */ (c.codePointAt(0));
      return code < 32 || code > 126 || '&<>"\''.includes(c) ? `&#x${code.toString(16)};` : c;
    })
    .join('');

/** @param {unknown} saved @param {Model} model @returns {View[]} */
export function viewsOf(saved, model) {
  const views = emptyViews();
  if (!Array.isArray(saved)) return views;
  saved.forEach((entry, i) => {
    if (!Array.isArray(entry)) return;
    const view = { label: plainLabel(String(entry[0] ?? '')), hash: hashOf(entry[1], model) };
    if (i < views.length && (view.label === '' || SLOTS.includes(view.label))) views[i].hash = view.hash;
    else if (i < views.length) views[i] = view;
    else views.push(view);
  });
  return views;
}

/** @param {any} v a view object of the span JSON @param {Model} model @returns {string|null} */
function hashOf(v, model) {
  if (v === null || typeof v !== 'object') return null;
  if (typeof v.kutrace === 'string') return v.kutrace;
  if (!Number.isFinite(v.xleft_ts) || !Number.isFinite(v.xright_ts) || v.xright_ts <= v.xleft_ts) return null;
  const ticks = (/** @type {number} */ s) => Math.round((s * 1e9) / model.nsPerTick);
  const compress = Array.isArray(v.groupcompress) ? v.groupcompress : [2, 0, 0];
  const show = showOf(v);
  return encodeState(
    {
      window: { t0: ticks(v.xleft_ts), t1: ticks(v.xright_ts) },
      open: { cpu: compress[0] !== 0, pid: compress[1] > 0, rpc: compress[2] > 0 },
      show,
      query: typeof v.search_text === 'string' && !/^[\d:.+-]*$/.test(v.search_text) ? v.search_text : '',
      annotate: v.annotateall_value === 1 ? 'all' : v.annotateuser_value === 1 ? 'user' : 'off',
      annotStyle: v.annottype_value === 1 ? 'short' : 'tall',
    },
    model,
  );
}

/** Values of the reference's options as ours. @param {any} v @returns {Record<string, number>} */
function showOf(v) {
  const marks = v.marks_value ?? 3;
  const cycle = (/** @type {unknown} */ x) => (x === 1 ? 2 : x === 0 || x === -1 ? 0 : 1); // 2 normal, 1 bold
  return {
    marks: marks === 3 ? 1 : marks === 1 ? 2 : marks === 2 ? 3 : 0,
    arcs: cycle(v.arcs_value),
    freq: cycle(v.freq_value),
    ipc: /** @type {Record<number, number>} */ ({ 0: 0, 3: 1, 2: 2, 1: 3 })[v.ipc_value] ?? 0,
    samples: v.samp_value > 0 ? 1 : 0,
    locks: cycle(v.lock_value),
    waits: v.waits_value === 0 ? 0 : 1,
  };
}

/** Views as the `savedview` list: what the reference reads, and our own state beside it. @param {View[]} views @param {Model} model */
export const savedView = (views, model) => views.map(({ label, hash }) => [writtenLabel(label), hash === null ? null : viewObject(hash, model)]);

/** @param {string} hash @param {Model} model */
function viewObject(hash, model) {
  const s = decodeState(hash, model);
  const window = s.window ?? { t0: model.t0, t1: model.t1 };
  const seconds = (/** @type {number} */ t) => (t * model.nsPerTick) / 1e9;
  const range = 1000;
  const k = (model.t1 - model.t0) / (window.t1 - window.t0);
  const open = s.open ?? { cpu: true, pid: false, rpc: false };
  const show = s.show ?? {};
  const back = (/** @type {number|undefined} */ x) => (x === 2 ? 1 : x === 0 ? 0 : 2);
  return {
    savedtransformX: { k, x: (-range * k * (window.t0 - model.t0)) / (model.t1 - model.t0), y: 0 },
    rangeX: range,
    xleft_ts: seconds(window.t0),
    xright_ts: seconds(window.t1),
    savedtransformY: { k: 1, x: 0, y: 0 },
    rangeY: 600,
    ytop_track: 0,
    ybot_track: 100,
    grouplength: [model.rows.cpu.length, model.rows.pid.length, model.rows.rpc.length, 0],
    groupcompress: [open.cpu ? 2 : 0, open.pid ? 2 : 0, open.rpc ? 2 : 0, 0],
    grouplabelypos: [0, 0, 0, 0],
    groupfirsttrack: [0, 0, 0, 0],
    grouphashilite: [0, 0, 0, 0],
    annottype_value: s.annotStyle === 'short' ? 1 : 0,
    annotateuser_value: s.annotate === 'user' ? 1 : 0,
    annotateall_value: s.annotate === 'all' ? 1 : 0,
    marks_value: [0, 3, 1, 2][show.marks ?? 1],
    arcs_value: back(show.arcs),
    freq_value: back(show.freq),
    waits_value: show.waits === 0 ? 0 : 1,
    ipc_value: [0, 3, 2, 1][show.ipc ?? 0],
    samp_value: show.samples ? 1 : 0,
    ovhd_value: 1,
    lock_value: back(show.locks),
    cb_value: s.safe ? 1 : 0,
    searchnot_value: s.query?.startsWith('!') ? 1 : 0,
    search_text: s.query ?? '',
    minmax_units_value: 1,
    usec_lo_time: 0,
    usec_hi_time: 0,
    basetime0_value: 0,
    annotated_one_d: -1,
    rowToHilite: [0],
    dummy: 0,
    kutrace: hash,
  };
}
