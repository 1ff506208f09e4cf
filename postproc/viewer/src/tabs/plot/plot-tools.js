// SPDX-License-Identifier: BSD-3-Clause
// The tools above a scatter plot.

import { tool } from '../frame/pane.js';

/** @param {HTMLElement} bar @param {Record<string, () => void>} actions @param {Record<'csv'|'png'|'svg', () => void>} save */
export function makePlotTools(bar, actions, save) {
  const measure = tool(bar, 'Measure', 'measure', 'Measure by dragging: Δx, Δy and slope', actions.measure);
  const box = tool(bar, 'Box', 'box', 'Zoom to a box by dragging', actions.box);
  tool(bar, 'x +', 'zoomInX', 'Zoom in along x', actions.zoomInX);
  tool(bar, 'x −', 'zoomOutX', 'Zoom out along x', actions.zoomOutX);
  tool(bar, 'y +', 'zoomInY', 'Zoom in along y', actions.zoomInY);
  tool(bar, 'y −', 'zoomOutY', 'Zoom out along y', actions.zoomOutY);
  const smaller = tool(bar, '·', 'smaller', 'Smaller dots', actions.smaller);
  const larger = tool(bar, '●', 'larger', 'Larger dots', actions.larger);
  tool(bar, 'All', 'reset', 'Show all, as at first', actions.reset);
  tool(bar, 'CSV', 'csv', 'Save the points as a CSV table', save.csv);
  tool(bar, 'PNG', 'png', 'Save the picture', save.png);
  tool(bar, 'SVG', 'svg', 'Save the picture as SVG, for print', save.svg);
  return {
    /** @param {import('./plot-data.js').Plot} plot @param {import('./plot-look.js').PlotLook} look */
    show(plot, look) {
      measure.press(look.drag === 'measure');
      box.press(look.drag === 'zoom');
      const size = `radius ${Number((plot.radius * look.dot).toPrecision(2))} px`;
      smaller.say(size);
      larger.say(size);
    },
  };
}
