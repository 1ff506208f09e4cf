// SPDX-License-Identifier: BSD-3-Clause
// A scatter plot: its parts put together, its panel, and the look to the page.

import { csvText } from '../../kit/csv.js';
import { download, element, fileStem } from '../../kit/dom.js';
import { legendBelow, withLegend } from '../frame/tab-legend.js';
import { badge, downloadPicture, downloadSvg, fillPanel, frameOf } from '../frame/pane.js';
import { plotActions } from './plot-actions.js';
import { placeOf } from './plot-data.js';
import { createDots, strokeDots } from './plot-dots.js';
import { listenPlot } from './plot-gestures.js';
import { plotLegend } from './plot-legend.js';
import { plotMove } from './plot-move.js';
import { paintPlot } from './plot-paint.js';
import { plotScene } from './plot-scene.js';
import { hover, pointWords, say } from './plot-status.js';
import { makePlotTools } from './plot-tools.js';

/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-look.js').PlotLook} PlotLook */
/**
 * @typedef {object} PlotIo
 * @property {() => PlotLook} look @property {(change: Partial<PlotLook>) => void} set
 * @property {() => import('../../plan/colors.js').Palette} palette
 * @property {(span: {t0: number, t1: number, base: number|null, rpcid: number}, go: boolean) => string} jump
 * @property {() => string} whyNoJump
 */
/**
 * @typedef {object} PlotView what the parts of the plot share
 * @property {import('../frame/pane.js').Pane} pane @property {Plot} plot @property {PlotIo} io
 * @property {import('./plot-scene.js').PlotScene|null} scene as it was last drawn
 * @property {{x: number, y: number}|null} pointer
 * @property {{text: string, look: PlotLook|null}} failed why the last jump failed, told until the look changes
 * @property {string} panel what it shows: a point, "diagnostics" or nothing
 * @property {import('./plot-dots.js').DotColors[]} colors @property {{inside: number, places: number, shared: number}} found points in view
 */

/** @param {import('../frame/pane.js').Pane} pane @param {Plot} plot @param {PlotIo} io */
export function createPlotView(pane, plot, io) {
  const { canvas } = pane;
  const dots = createDots(plot);
  /** @type {PlotView} */
  const view = {
    ...{ pane, plot, io, scene: null, pointer: null, failed: { text: '', look: null }, panel: '', colors: [] },
    found: { inside: 0, places: 0, shared: 0 },
  };
  const move = plotMove(view);
  const legend = plotLegend(view);
  const closePanel = () => {
    view.panel = '';
    pane.aside.hidden = true;
  };
  const actions = plotActions(view, move, closePanel);
  const name = fileStem(plot.title);
  const tools = makePlotTools(pane.bar, actions, {
    csv: () => download(new Blob([plotCsv(plot)], { type: 'text/csv' }), `${name}.csv`),
    png: () => downloadPicture(withLegend(canvas, legend.now()), `${name}.png`),
    svg: () => {
      const { size, paint } = legendBelow({ width: canvas.clientWidth, height: canvas.clientHeight }, paintForPrint, legend.now());
      downloadSvg(`${name}.svg`, size, plot.title, paint);
    },
  });
  badge(pane.bar, plot.diagnostics, (lines) => {
    view.panel = 'diagnostics';
    io.set({ selected: -1 });
    fillPanel(pane.aside, 'Quality of this file', lines, closePanel, []);
  });
  listenPlot(view, move);

  /** @param {PlotLook} look */
  function showPanel(look) {
    const key = look.selected < 0 ? '' : `${look.selected} ${look.series}`;
    if (view.panel === key || (view.panel === 'diagnostics' && key === '')) return;
    view.panel = key;
    if (key === '') {
      pane.aside.hidden = true;
      return;
    }
    const why = move.whyNoJump();
    const button = element('button', { type: 'button', class: 'wide', title: why || 'Show this time in the timeline (J)' }, 'Show in the timeline');
    button.disabled = why !== '';
    button.addEventListener('click', () => move.jump(true));
    const title = `Point ${(placeOf(plot, look.selected) + 1).toLocaleString('en')}`;
    fillPanel(pane.aside, title, pointWords(plot, look.selected, look.series), () => move.select(-1, 0), [button]);
  }

  /** @param {CanvasRenderingContext2D} ctx */
  function paintForPrint(ctx) {
    const look = { ...io.look(), band: null };
    const { scene, colors } = view;
    if (scene) paintPlot(ctx, plot, look, scene, io.palette(), () => strokeDots(ctx, plot, look, scene, io.palette(), colors));
  }

  function draw() {
    const look = io.look();
    showPanel(look); // first: it takes room from the canvas
    legend.show();
    const frame = frameOf(canvas);
    if (!frame) return;
    const palette = io.palette();
    const scene = plotScene(plot, look, frame.size);
    view.scene = scene;
    paintPlot(frame.ctx, plot, look, scene, palette, () => {
      view.found = dots.paint(frame.ctx, look, scene, palette, view.colors, frame.dpr);
    });
    legend.showCrowd();
    tools.show(plot, look);
    say(view);
    hover(view);
  }
  return { draw, actions, focus: () => canvas.focus(), scene: () => view.scene };
}

/** A table of the points, from left to right. @param {Plot} plot */
export const plotCsv = (plot) =>
  csvText(
    [plot.xAxis.label, ...plot.series.map((s) => [plot.yAxis.label, s.name].filter(Boolean).join(', '))],
    Array.from(plot.x, (x, i) => [x, ...plot.series.map((s) => (Number.isNaN(s.y[i]) ? '' : s.y[i]))]),
  );
