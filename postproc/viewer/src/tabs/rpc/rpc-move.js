// SPDX-License-Identifier: BSD-3-Clause
// Moves an RPC chart: its window, its rows, and what is selected.

import { panWindow, reveal, zoomWindow } from '../../plan/view.js';
import { endOf, rangeOfLog, startOf } from './rpc-log.js';
import { originOf } from './rpc-look.js';
import { layoutRpcs, scrollToPlace } from './rpc-scene.js';
import { say } from './rpc-status.js';

/** @typedef {ReturnType<typeof rpcMove>} RpcMove */

/** @param {import('./rpc-view.js').RpcView} view */
export function rpcMove(view) {
  const { io, log } = view;
  const { rows } = view.derived;
  const range = () => rangeOfLog(log, io.look().relative);
  /** Where the pointer is, as a share of the width. */
  const share = () => {
    if (!view.scene || !view.pointer) return 0.5;
    const { left, right } = view.scene.layout;
    return Math.min(1, Math.max(0, (view.pointer.x - left) / (right - left)));
  };
  /** @param {number} scroll px */
  const scrolledTo = (scroll) => (view.scene ? layoutRpcs(view.scene.layout.count, { ...io.look(), scroll }, view.scene.layout).scroll : 0);

  /** @param {boolean} go to the timeline, else it only moves there */
  function jump(go) {
    const row = io.look().selected;
    if (row < 0) return;
    const problem = io.jump({ t0: startOf(log, row), t1: endOf(log, row), base: log.base, rpcid: log.rpcid[row] }, go);
    if (!go) return;
    view.failed = { text: problem, look: io.look() };
    say(view);
  }
  /** Selects a record and brings it into view. @param {number} row -1 none */
  function select(row) {
    const look = io.look();
    const place = rows().order.indexOf(row);
    if (row < 0 || place < 0 || !view.scene) {
      io.set({ selected: row });
      return;
    }
    const origin = originOf(log, look, row);
    const { t0, t1 } = reveal(look, startOf(log, row) - origin, endOf(log, row) - origin, range());
    io.set({ selected: row, scroll: scrollToPlace(layoutRpcs(rows().order.length, look, view.scene.layout), place), t0, t1 });
    jump(false);
  }
  return {
    range,
    jump,
    select,
    scrolledTo,
    /** @param {number} x */
    timeAt: (x) => (view.scene ? view.scene.time.invert(x) : 0),
    /** @param {number} factor @param {number} [fixed] time that is to be under the pointer, when not what is there */
    zoom: (factor, fixed) => io.set(zoomWindow(io.look(), factor, share(), range(), fixed)),
    /** @param {number} part of the window */
    pan: (part) => io.set(panWindow(io.look(), (io.look().t1 - io.look().t0) * part, range())),
    /** @param {number} px */
    scrollBy: (px) => {
      if (view.scene) io.set({ scroll: scrolledTo(view.scene.layout.scroll + px) });
    },
    /** @param {number} step */
    neighbour: (step) => {
      const { order } = rows();
      const at = order.indexOf(io.look().selected);
      const next = at < 0 ? (step > 0 ? 0 : order.length - 1) : at + step;
      if (next >= 0 && next < order.length) select(order[next]);
    },
    /** @param {number} step */
    match: (step) => {
      const { order, search } = rows();
      if (!search.on || search.count === 0) return;
      const begin = order.indexOf(io.look().selected);
      for (let k = 1; k <= order.length; k++) {
        const at = begin < 0 && step < 0 ? order.length - k : begin + step * k;
        const row = order[(at + order.length * 2) % order.length];
        if (search.match[row] === 1) return select(row);
      }
    },
  };
}
