// SPDX-License-Identifier: BSD-3-Clause
// Pointer and fingers on an RPC chart.

import { listenGestures } from '../../kit/gestures.js';
import { clampWindow, timeScale } from '../../plan/view.js';
import { banding, dragOf } from '../frame/band.js';
import { nearestTime } from './rpc-look.js';
import { rowsOfBand, rpcAt } from './rpc-scene.js';
import { hover } from './rpc-status.js';

/** @typedef {import('../../kit/gestures.js').At} At */
/** @typedef {import('../../kit/gestures.js').Drag} Drag */
/** @typedef {import('./rpc-view.js').RpcView} RpcView */
/** @typedef {import('./rpc-move.js').RpcMove} RpcMove */

/** @param {RpcView} view @param {RpcMove} move */
export function listenRpc(view, move) {
  const { io } = view;
  const { canvas } = view.pane;
  /** What the last click was on: the panel that it opens moves the picture before the second of a double-click. */
  let clicked = { t: 0, onBar: false };

  listenGestures(canvas, {
    hover: (at) => {
      view.pointer = at;
      hover(view);
    },
    click: (at, again) => {
      canvas.focus();
      if (again || !view.scene || at.x >= view.scene.layout.right) return;
      clicked = { t: move.timeAt(at.x), onBar: isOnBar(view.scene, at) };
      move.select(rpcAt(view.scene, at.y));
    },
    double: () => {
      if (!clicked.onBar || io.whyNoJump() !== '') return false;
      move.jump(true);
      return true;
    },
    drag: (from) => {
      const mode = dragOf(from, io.look().drag);
      if (mode === 'zoom') {
        const box = () => view.scene && { ...view.scene.layout, top: 0 };
        return banding(from, box, { band: () => io.look().band, set: io.set, zoom: (band) => zoomTo(view, move, band) });
      }
      if (mode === 'measure') return measuring(view, move, from);
      return view.scene && from.x >= view.scene.layout.right ? barDrag(view, move, from) : null;
    },
    move: (from) => moving(view, move, from),
    zoom: (at, factor, double) => {
      view.pointer = at;
      move.zoom(factor, double ? clicked.t : undefined);
    },
    wheel: (at, dx, dy) => {
      view.pointer = at;
      const { scene } = view;
      if (!scene) return true;
      if (at.shift || at.x < scene.layout.left) move.scrollBy(dy || dx);
      else if (Math.abs(dx) > Math.abs(dy)) move.pan(dx / (scene.layout.right - scene.layout.left));
      else return false;
      return true;
    },
  });
}

/** @param {import('./rpc-scene.js').RpcScene} scene @param {At} at */
function isOnBar(scene, at) {
  const drawn = scene.rows.find((r) => r.row === rpcAt(scene, at.y));
  if (drawn?.side !== 0) return false;
  return at.x >= drawn.bars.reduce((x, b) => Math.min(x, b.x0), Infinity) - 3 && at.x <= drawn.end + 3;
}

/** Shows the time of a band, its rows, or both. @param {RpcView} view @param {RpcMove} move @param {import('../frame/band.js').Band} band */
function zoomTo({ scene, io }, move, { x0, x1, y0, y1, axes }) {
  if (!scene) return;
  const time = clampWindow({ t0: move.timeAt(x0), t1: move.timeAt(x1) }, move.range());
  io.set({ ...(axes === 'y' ? {} : time), ...(axes === 'x' ? {} : rowsOfBand(scene.layout, io.look(), y0, y1)) });
}

/** The scroll bar at the right. @param {RpcView} view @param {RpcMove} move @param {At} from @returns {Drag} */
function barDrag(view, move, from) {
  const scroll = view.scene?.layout.scroll ?? 0;
  return {
    move: ({ y }) => {
      if (!view.scene) return;
      const { contentHeight, bottom } = view.scene.layout;
      view.io.set({ scroll: move.scrolledTo(scroll + ((y - from.y) * contentHeight) / bottom) });
    },
  };
}

/**
 * Moves the picture, by one pointer or two fingers.
 * @param {RpcView} view @param {RpcMove} move @param {At} from @returns {(moved: import('d3-zoom').ZoomTransform) => void}
 */
function moving(view, move, from) {
  const { t0, t1 } = view.io.look();
  const scroll = view.scene?.layout.scroll ?? 0;
  return (moved) => {
    if (!view.scene) return;
    const [left, right] = moved.rescaleX(timeScale(view.scene.layout, { t0, t1 })).domain();
    view.io.set({ ...clampWindow({ t0: left, t1: right }, move.range()), scroll: move.scrolledTo(scroll - moved.applyY(from.y) + from.y) });
  };
}

/** @param {RpcView} view @param {RpcMove} move @param {At} from @returns {Drag} */
function measuring(view, move, from) {
  const snap = (/** @type {At} */ at) => {
    const row = view.scene ? rpcAt(view.scene, at.y) : -1;
    return row < 0 ? null : nearestTime(view.log, view.io.look(), row, move.timeAt(at.x));
  };
  const a = snap(from);
  return {
    move: (at) => {
      const b = snap(at);
      if (a && b) view.io.set({ measure: { a, b } });
    },
  };
}
