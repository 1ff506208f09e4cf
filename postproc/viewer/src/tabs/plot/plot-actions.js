// SPDX-License-Identifier: BSD-3-Clause
// What keys and tools of a scatter plot do, by name.

import { areaOf, DOT, firstPlotLook } from './plot-look.js';

/** @param {import('./plot-view.js').PlotView} view @param {import('./plot-move.js').PlotMove} move @param {() => void} closePanel @returns {Record<string, () => void>} */
export function plotActions(view, { zoom, pan, neighbour, jump, select }, closePanel) {
  const { io, plot } = view;
  return {
    zoomIn: () => zoom(1 / 1.5, 'both'),
    zoomOut: () => zoom(1.5, 'both'),
    zoomInX: () => zoom(1 / 1.5, 'x'),
    zoomOutX: () => zoom(1.5, 'x'),
    zoomInY: () => zoom(1 / 1.5, 'y'),
    zoomOutY: () => zoom(1.5, 'y'),
    left: () => pan(-0.15, 0),
    right: () => pan(0.15, 0),
    up: () => pan(0, 0.15),
    down: () => pan(0, -0.15),
    pageUp: () => pan(0, 0.9),
    pageDown: () => pan(0, -0.9),
    reset: () => io.set(firstPlotLook(plot)),
    next: () => neighbour(1),
    previous: () => neighbour(-1),
    jump: () => jump(true),
    measure: () => io.set({ drag: io.look().drag === 'measure' ? 'move' : 'measure' }),
    box: () => io.set({ drag: io.look().drag === 'zoom' ? 'move' : 'zoom' }),
    fit: () => {
      const { measure } = io.look();
      if (measure) io.set(areaOf(measure));
    },
    smaller: () => io.set({ dot: Math.max(DOT.min, io.look().dot / 1.25) }),
    larger: () => io.set({ dot: Math.min(DOT.max, io.look().dot * 1.25) }),
    escape: () => {
      if (io.look().band) io.set({ band: null });
      else if (io.look().measure) io.set({ measure: null });
      else if (view.panel === 'diagnostics') closePanel();
      else select(-1, 0);
    },
  };
}
