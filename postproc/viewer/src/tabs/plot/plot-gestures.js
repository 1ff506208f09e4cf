// SPDX-License-Identifier: BSD-3-Clause
// Pointer and fingers on a scatter plot.

import { listenGestures } from '../../kit/gestures.js';
import { banding, dragOf } from '../frame/band.js';
import { nearestPoint, scalesOf } from './plot-scene.js';
import { hover, REACH } from './plot-status.js';

/** @typedef {import('../../kit/gestures.js').At} At */
/** @typedef {import('./plot-view.js').PlotView} PlotView */

/** Pixels from a corner of the measured area to a point that it snaps to. */
const SNAP = 8;

/** @param {PlotView} view @param {import('./plot-move.js').PlotMove} move */
export function listenPlot(view, move) {
  const { io, plot } = view;
  const { canvas } = view.pane;
  /** What the last click was on: the panel that it opens moves the picture before the second of a double-click. */
  let clicked = { x: 0, y: 0 };
  listenGestures(canvas, {
    hover: (at) => {
      view.pointer = at;
      hover(view);
    },
    click: (at, again) => {
      canvas.focus();
      if (again || !view.scene) return;
      const scales = scalesOf(view.scene.layout, io.look());
      clicked = { x: scales.x.invert(at.x), y: scales.y.invert(at.y) };
      const found = nearestPoint(plot, io.look(), view.scene.layout, at.x, at.y, REACH);
      move.select(found ? found.i : -1, found ? found.series : 0);
    },
    double: () => false,
    drag: (from) => {
      const mode = dragOf(from, io.look().drag);
      if (mode === 'zoom') {
        return banding(from, () => view.scene?.layout ?? null, { band: () => io.look().band, set: io.set, zoom: (band) => zoomTo(view, band) });
      }
      return mode === 'measure' ? measuring(view, from) : null;
    },
    move: () => moving(view),
    zoom: (at, factor, double) => {
      view.pointer = at;
      if (!view.scene) return;
      const { bottom, left } = view.scene.layout;
      move.zoom(factor, at.y > bottom ? 'x' : at.x < left ? 'y' : 'both', double ? clicked : undefined);
    },
    wheel: (_at, dx, dy) => {
      if (!view.scene || Math.abs(dx) <= Math.abs(dy)) return false;
      move.pan(dx / (view.scene.layout.right - view.scene.layout.left), 0);
      return true;
    },
  });
}

/** Shows what a band holds. @param {PlotView} view @param {import('../frame/band.js').Band} band */
function zoomTo({ scene, io }, { x0, x1, y0, y1, axes }) {
  if (!scene) return;
  const at = scalesOf(scene.layout, io.look());
  io.set({
    ...(axes === 'y' ? {} : { x0: at.x.invert(x0), x1: at.x.invert(x1) }),
    ...(axes === 'x' ? {} : { y0: at.y.invert(y1), y1: at.y.invert(y0) }),
  });
}

/** Moves the picture, by one pointer or two fingers. @param {PlotView} view @returns {(moved: import('d3-zoom').ZoomTransform) => void} */
function moving(view) {
  const { x0, x1, y0, y1 } = view.io.look();
  return (moved) => {
    if (!view.scene) return;
    const at = scalesOf(view.scene.layout, { x0, x1, y0, y1 });
    const [left, right] = moved.rescaleX(at.x).domain();
    const [low, high] = moved.rescaleY(at.y).domain();
    view.io.set({ x0: left, x1: right, y0: low, y1: high });
  };
}

/** Corners snap to a point that is near. @param {PlotView} view @param {At} from @returns {import('../../kit/gestures.js').Drag} */
function measuring(view, from) {
  const { plot, io } = view;
  const corner = (/** @type {At} */ at) => {
    if (!view.scene) return { x: 0, y: 0 };
    const near = nearestPoint(plot, io.look(), view.scene.layout, at.x, at.y, SNAP);
    if (near) return { x: plot.x[near.i], y: plot.series[near.series].y[near.i] };
    const scales = scalesOf(view.scene.layout, io.look());
    return { x: scales.x.invert(at.x), y: scales.y.invert(at.y) };
  };
  const a = corner(from);
  return {
    move: (at) => {
      const b = corner(at);
      io.set({ measure: { ax: a.x, ay: a.y, bx: b.x, by: b.y } });
    },
  };
}
