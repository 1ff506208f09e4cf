// SPDX-License-Identifier: BSD-3-Clause
// The legend of a scatter plot: its title, its series, and how many points share a pixel.

import { element } from '../../kit/dom.js';
import { css } from '../../plan/colors.js';
import { legendElement } from '../frame/tab-legend.js';
import { dotColors } from './plot-dots.js';
import { LEVELS } from './plot-raster.js';

/** @typedef {import('../frame/tab-legend.js').LegendItem} LegendItem */

/** @param {import('./plot-view.js').PlotView} view */
export function plotLegend(view) {
  const { plot, io, pane } = view;
  const reader = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
  const crowd = element('span', { class: 'crowd' });
  let shown = '';

  /** @param {import('../../plan/colors.js').Rgb} color @param {string} text @returns {LegendItem} */
  const dot = (color, text) => ({ text, color: css(color), swatch: 'dot' });
  /** @returns {LegendItem[]} */
  const names = () => [
    { text: plot.title, look: 'title' },
    ...plot.series.flatMap(({ name }, k) => (name === '' ? [] : [dot(view.colors[k].levels[0], name)])),
  ];
  /** @returns {LegendItem[]} */
  const levels = () => [{ text: 'points at one pixel:' }, ...LEVELS.map((least, k) => dot(view.colors[0].levels[k], k === 0 ? '1' : `${least}+`))];
  return {
    /** Below a saved picture. @returns {import('../frame/tab-legend.js').Legend} */
    now: () => ({ items: [...names(), ...(view.found.shared > 0 ? levels() : [])], palette: io.palette() }),
    /** In the page; it makes the colours of the dots anew when the palette changes. */
    show: () => {
      const palette = io.palette();
      if (shown === palette.name) return;
      shown = palette.name;
      view.colors = dotColors(reader, plot, palette);
      const [words, ...dots] = levels();
      crowd.replaceChildren(words.text, ...dots.map(legendElement));
      pane.legend.replaceChildren(...names().map(legendElement), crowd);
    },
    showCrowd: () => {
      crowd.style.visibility = view.found.shared > 0 ? 'visible' : 'hidden';
    },
  };
}
