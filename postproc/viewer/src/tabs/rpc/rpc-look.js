// SPDX-License-Identifier: BSD-3-Clause
// What the user sees of an RPC log: plain data, so that it can be stored and shared; and its changes.

import { clampWindow, fitWindow } from '../../plan/view.js';
import { durationOf, endOf, rangeOfLog, startOf } from './rpc-log.js';

/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {{row: number, k: number}} Snap time k (0..3: T1..T4) of a record */
/**
 * @typedef {object} RpcLook
 * @property {number} t0 @property {number} t1 ns
 * @property {boolean} relative every row starts at 0
 * @property {'method'|'client'|'server'} color
 * @property {boolean} annotate
 * @property {import('./rpc-order.js').Sort} sort
 * @property {import('./rpc-order.js').RpcQuery} query
 * @property {boolean} only rows that match
 * @property {number} scroll px @property {number} rowScale @property {number} textScale
 * @property {number} selected record, -1 none
 * @property {import('../frame/band.js').Drag} drag what dragging does
 * @property {import('../frame/band.js').Band|null} band while one is drawn
 * @property {{a: Snap, b: Snap}|null} measure
 */

export const TEXT_SCALES = [1, 1.25, 1.5, 2];
/** Limits of the factor of the row height. */
export const ROW_SCALE = { min: 0.2, max: 18 };
export const COLORS = /** @type {[RpcLook['color'], string][]} */ ([
  ['method', 'Method'],
  ['client', 'Client'],
  ['server', 'Server'],
]);

/** @param {RpcLog} log @returns {RpcLook} */
export function firstRpcLook(log) {
  return {
    ...rangeOfLog(log, false),
    relative: false,
    color: 'method',
    annotate: false,
    sort: 'file',
    query: { text: '', invert: false, min: '', max: '' },
    only: false,
    scroll: 0,
    rowScale: 1,
    textScale: 1,
    selected: -1,
    drag: 'move',
    band: null,
    measure: null,
  };
}

/** Where the time of a record begins on the page. @param {RpcLog} log @param {RpcLook} look @param {number} i */
export const originOf = (log, look, i) => (look.relative ? startOf(log, i) : 0);

/** @param {RpcLog} log @param {RpcLook} look @param {Partial<RpcLook>} change @returns {RpcLook} */
export function changeRpcLook(log, look, change) {
  const next = { ...look, ...change };
  if (next.relative !== look.relative) Object.assign(next, rangeOfLog(log, next.relative));
  return { ...next, ...clampWindow(next, rangeOfLog(log, next.relative)) };
}

/** A window that shows one RPC. @param {RpcLog} log @param {RpcLook} look @param {number} i */
export function fitRpc(log, look, i) {
  const origin = originOf(log, look, i);
  return fitWindow(startOf(log, i) - origin, startOf(log, i) - origin + Math.max(1, durationOf(log, i)), rangeOfLog(log, look.relative));
}

/** Time of a snap on the page, ns. @param {RpcLog} log @param {RpcLook} look @param {Snap} snap */
export const snapTime = (log, look, snap) => log.t[snap.k][snap.row] - originOf(log, look, snap.row);

/** The known time of a record nearest to t; null when it has none. @param {RpcLog} log @param {RpcLook} look @param {number} row @param {number} t @returns {Snap|null} */
export function nearestTime(log, look, row, t) {
  let best = null;
  for (let k = 0; k < 4; k++) {
    const d = Math.abs(log.t[k][row] - originOf(log, look, row) - t);
    if (!Number.isNaN(d) && (!best || d < best.d)) best = { row, k, d };
  }
  return best && { row: best.row, k: best.k };
}

/** True when nothing of a record lies in the window. @param {RpcLog} log @param {RpcLook} look @param {number} i @returns {-1|0|1} its side */
export function sideOf(log, look, i) {
  const origin = originOf(log, look, i);
  return endOf(log, i) - origin < look.t0 ? -1 : startOf(log, i) - origin > look.t1 ? 1 : 0;
}
