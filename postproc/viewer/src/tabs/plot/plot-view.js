// SPDX-License-Identifier: BSD-3-Clause
// A scatter plot: pointer and keys to changes of its look, and the look to the page.

import { css } from '../../plan/colors.js';
import { csvText } from '../../kit/csv.js';
import { download, element, fileStem } from '../../kit/dom.js';
import { clockWords } from '../../trace/time.js';
import { listenGestures } from '../../kit/gestures.js';
import { banding, dragOf } from '../frame/band.js';
import { legendBelow, legendElement, withLegend } from '../frame/tab-legend.js';
import { badge, downloadPicture, downloadSvg, fillPanel, frameOf, placeTip, tool } from '../frame/pane.js';
import { placeOf } from './plot-data.js';
import { createDots, dotColors, strokeDots } from './plot-dots.js';
import { areaOf, DOT, firstPlotLook, panArea, zoomArea } from './plot-look.js';
import { paintPlot } from './plot-paint.js';
import { LEVELS } from './plot-raster.js';
import { nearestPoint, plotScene, scalesOf } from './plot-scene.js';
import { axisWords, exactWords } from './units.js';

/** @typedef {import('../../kit/gestures.js').At} At */
/** @typedef {import('./plot-data.js').Plot} Plot */
/** @typedef {import('./plot-look.js').PlotLook} PlotLook */
/**
 * @typedef {object} PlotIo
 * @property {() => PlotLook} look @property {(change: Partial<PlotLook>) => void} set
 * @property {() => import('../../plan/colors.js').Palette} palette
 * @property {(span: {t0: number, t1: number, base: number|null, rpcid: number}, go: boolean) => string} jump
 * @property {() => string} whyNoJump
 */

const REACH = 9;
const SNAP = 8;

/** @param {import('../frame/pane.js').Pane} pane @param {Plot} plot @param {PlotIo} io */
export function createPlotView(pane, plot, io) {
  const { canvas } = pane;
  const dots = createDots(plot);
  const reader = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
  /** @type {import('./plot-scene.js').PlotScene|null} */
  let scene = null;
  let pointer = /** @type {{x: number, y: number}|null} */ (null);
  /** Why the last jump failed, told until the look changes. @type {{text: string, look: PlotLook|null}} */
  let failed = { text: '', look: null };
  let panel = '';
  let legend = '';
  /** @type {import('./plot-dots.js').DotColors[]} */
  let colors = [];
  let found = { inside: 0, places: 0, shared: 0 };

  const crowd = element('span', { class: 'crowd' });
  const canvasSize = () => ({ width: canvas.clientWidth, height: canvas.clientHeight });

  const shares = () => {
    if (!scene || !pointer) return { x: 0.5, y: 0.5 };
    const { left, right, top, bottom } = scene.layout;
    const clamp = (/** @type {number} */ v) => Math.min(1, Math.max(0, v));
    return { x: clamp((pointer.x - left) / (right - left)), y: clamp((bottom - pointer.y) / (bottom - top)) };
  };
  /** @param {number} factor @param {'both'|'x'|'y'} axes @param {{x: number, y: number}} [fixed] */
  const zoom = (factor, axes, fixed) => io.set(zoomArea(io.look(), factor, shares().x, shares().y, axes, fixed));
  const pan = (/** @type {number} */ dx, /** @type {number} */ dy) => io.set(panArea(io.look(), dx, dy));

  /** @param {number} step */
  function neighbour(step) {
    const look = io.look();
    for (let k = look.selected < 0 ? (step > 0 ? 0 : plot.n - 1) : look.selected + step; k >= 0 && k < plot.n; k += step) {
      const series = plot.series.findIndex((s) => !Number.isNaN(s.y[k]));
      if (series >= 0) return select(k, series);
    }
  }
  /** @param {number} i @param {number} series */
  function select(i, series) {
    const look = io.look();
    if (i < 0) {
      io.set({ selected: -1 });
      return;
    }
    const [x, y] = [plot.x[i], plot.series[series].y[i]];
    const dx = x < look.x0 || x > look.x1 ? (x - (look.x0 + look.x1) / 2) / (look.x1 - look.x0) : 0;
    const dy = y < look.y0 || y > look.y1 ? (y - (look.y0 + look.y1) / 2) / (look.y1 - look.y0) : 0;
    io.set({ selected: i, series, ...panArea(look, dx, dy) });
    jump(false);
  }
  const closePanel = () => {
    panel = '';
    pane.aside.hidden = true;
  };
  /** Instant of a point in ns. @param {number} i */
  const instant = (i) => Math.round(plot.x[i] * plot.xAxis.mul * 1e9);
  /** True when x is time in seconds. */
  const isTime = /^s(ec)?$/.test(plot.xAxis.unit);
  const whyNoJump = () => io.whyNoJump() || (isTime ? '' : 'The x axis of this plot is not time in seconds');
  /** @param {boolean} go */
  function jump(go) {
    const { selected } = io.look();
    if (selected < 0) return;
    const problem = whyNoJump() || io.jump({ t0: instant(selected), t1: instant(selected), base: plot.base, rpcid: 0 }, go);
    if (!go) return;
    failed = { text: problem, look: io.look() };
    if (scene) say(io.look(), scene);
  }

  /** @type {Record<string, () => void>} */
  const actions = {
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
      if (io.look().measure) io.set(areaOf(/** @type {import('./plot-look.js').Triangle} */ (io.look().measure)));
    },
    smaller: () => io.set({ dot: Math.max(DOT.min, io.look().dot / 1.25) }),
    larger: () => io.set({ dot: Math.min(DOT.max, io.look().dot * 1.25) }),
    escape: () => {
      if (io.look().band) io.set({ band: null });
      else if (io.look().measure) io.set({ measure: null });
      else if (panel === 'diagnostics') closePanel();
      else select(-1, 0);
    },
  };
  const name = fileStem(plot.title);
  const measure = tool(pane.bar, 'Measure', 'measure', 'Measure by dragging: Δx, Δy and slope', actions.measure);
  const box = tool(pane.bar, 'Box', 'box', 'Zoom to a box by dragging', actions.box);
  tool(pane.bar, 'x +', 'zoomInX', 'Zoom in along x', actions.zoomInX);
  tool(pane.bar, 'x −', 'zoomOutX', 'Zoom out along x', actions.zoomOutX);
  tool(pane.bar, 'y +', 'zoomInY', 'Zoom in along y', actions.zoomInY);
  tool(pane.bar, 'y −', 'zoomOutY', 'Zoom out along y', actions.zoomOutY);
  const smaller = tool(pane.bar, '·', 'smaller', 'Smaller dots', actions.smaller);
  const larger = tool(pane.bar, '●', 'larger', 'Larger dots', actions.larger);
  tool(pane.bar, 'All', 'reset', 'Show all, as at first', actions.reset);
  tool(pane.bar, 'CSV', 'csv', 'Save the points as a CSV table', () => download(new Blob([plotCsv(plot)], { type: 'text/csv' }), `${name}.csv`));
  tool(pane.bar, 'PNG', 'png', 'Save the picture', () => downloadPicture(withLegend(canvas, legendNow()), `${name}.png`));
  tool(pane.bar, 'SVG', 'svg', 'Save the picture as SVG, for print', () => {
    const { size, paint } = legendBelow(canvasSize(), paintForPrint, legendNow());
    downloadSvg(`${name}.svg`, size, plot.title, paint);
  });
  badge(pane.bar, plot.diagnostics, (lines) => {
    panel = 'diagnostics';
    io.set({ selected: -1 });
    fillPanel(pane.aside, 'Quality of this file', lines, closePanel, []);
  });

  /** What the last click was on: the panel that it opens moves the picture before the second of a double-click. */
  let clicked = { x: 0, y: 0 };
  listenGestures(canvas, {
    hover: (at) => {
      pointer = at;
      hover();
    },
    click: (at, again) => {
      canvas.focus();
      if (again || !scene) return;
      const scales = scalesOf(scene.layout, io.look());
      clicked = { x: scales.x.invert(at.x), y: scales.y.invert(at.y) };
      const found = scene && nearestPoint(plot, io.look(), scene.layout, at.x, at.y, REACH);
      select(found ? found.i : -1, found ? found.series : 0);
    },
    double: () => false,
    drag: (from) => {
      const mode = dragOf(from, io.look().drag);
      if (mode === 'zoom') return banding(from, () => scene?.layout ?? null, { band: () => io.look().band, set: io.set, zoom: zoomTo });
      return mode === 'measure' ? measuring(from) : null;
    },
    move: moving,
    zoom: (at, factor, double) => {
      pointer = at;
      if (!scene) return;
      zoom(factor, at.y > scene.layout.bottom ? 'x' : at.x < scene.layout.left ? 'y' : 'both', double ? clicked : undefined);
    },
    wheel: (_at, dx, dy) => {
      if (!scene || Math.abs(dx) <= Math.abs(dy)) return false;
      pan(dx / (scene.layout.right - scene.layout.left), 0);
      return true;
    },
  });
  /** Shows what a band holds. @param {import('../frame/band.js').Band} band */
  function zoomTo({ x0, x1, y0, y1, axes }) {
    if (!scene) return;
    const at = scalesOf(scene.layout, io.look());
    io.set({
      ...(axes === 'y' ? {} : { x0: at.x.invert(x0), x1: at.x.invert(x1) }),
      ...(axes === 'x' ? {} : { y0: at.y.invert(y1), y1: at.y.invert(y0) }),
    });
  }
  /** Moves the picture, by one pointer or two fingers. @returns {(moved: import('d3-zoom').ZoomTransform) => void} */
  function moving() {
    const { x0, x1, y0, y1 } = io.look();
    return (moved) => {
      if (!scene) return;
      const at = scalesOf(scene.layout, { x0, x1, y0, y1 });
      const [left, right] = moved.rescaleX(at.x).domain();
      const [low, high] = moved.rescaleY(at.y).domain();
      io.set({ x0: left, x1: right, y0: low, y1: high });
    };
  }
  /** Corners snap to a point that is near. @param {At} from @returns {import('../../kit/gestures.js').Drag} */
  function measuring(from) {
    const corner = (/** @type {At} */ at) => {
      if (!scene) return { x: 0, y: 0 };
      const near = nearestPoint(plot, io.look(), scene.layout, at.x, at.y, SNAP);
      if (near) return { x: plot.x[near.i], y: plot.series[near.series].y[near.i] };
      const scales = scalesOf(scene.layout, io.look());
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

  function hover() {
    const found = scene && pointer && nearestPoint(plot, io.look(), scene.layout, pointer.x, pointer.y, REACH);
    if (!scene || !pointer || !found) {
      pane.tip.hidden = true;
      return;
    }
    const more = found.same > 1 ? [`${found.same} points at this pixel`] : [];
    placeTip(pane.tip, [...pointWords(found.i, found.series).map((l) => `${l.label}: ${l.text}`), ...more], pointer, scene.layout);
  }

  /** @param {number} i @param {number} series @returns {{label: string, text: string}[]} */
  function pointWords(i, series) {
    const lines = [
      { label: plot.xAxis.label, text: exactWords(plot.xAxis, plot.x[i]) },
      { label: [plot.yAxis.label, plot.series[series].name].filter(Boolean).join(', '), text: exactWords(plot.yAxis, plot.series[series].y[i]) },
    ];
    if (isTime && plot.base !== null) lines.push({ label: 'At', text: clockWords(plot.base, instant(i), 9) });
    return lines;
  }

  /** @param {PlotLook} look */
  function showPanel(look) {
    const key = look.selected < 0 ? '' : `${look.selected} ${look.series}`;
    if (panel === key || (panel === 'diagnostics' && key === '')) return;
    panel = key;
    if (key === '') {
      pane.aside.hidden = true;
      return;
    }
    const why = whyNoJump();
    const button = element('button', { type: 'button', class: 'wide', title: why || 'Show this time in the timeline (J)' }, 'Show in the timeline');
    button.disabled = why !== '';
    button.addEventListener('click', () => jump(true));
    fillPanel(
      pane.aside,
      `Point ${(placeOf(plot, look.selected) + 1).toLocaleString('en')}`,
      pointWords(look.selected, look.series),
      () => select(-1, 0),
      [button],
    );
  }

  /** @param {import('../../plan/colors.js').Palette} palette */
  function showLegend(palette) {
    if (legend === palette.name) return;
    legend = palette.name;
    colors = dotColors(reader, plot, palette);
    const [words, ...levels] = crowdItems();
    crowd.replaceChildren(words.text, ...levels.map(legendElement));
    pane.legend.replaceChildren(...nameItems().map(legendElement), crowd);
  }
  const dot = (/** @type {import('../../plan/colors.js').Rgb} */ color, /** @type {string} */ text) =>
    /** @type {import('../frame/tab-legend.js').LegendItem} */ ({ text, color: css(color), swatch: 'dot' });
  const nameItems = () => [
    /** @type {import('../frame/tab-legend.js').LegendItem} */ ({ text: plot.title, look: 'title' }),
    ...plot.series.flatMap(({ name: text }, k) => (text === '' ? [] : [dot(colors[k].levels[0], text)])),
  ];
  const crowdItems = () => [{ text: 'points at one pixel:' }, ...LEVELS.map((least, k) => dot(colors[0].levels[k], k === 0 ? '1' : `${least}+`))];
  /** @returns {import('../frame/tab-legend.js').Legend} */
  const legendNow = () => ({ items: [...nameItems(), ...(found.shared > 0 ? crowdItems() : [])], palette: io.palette() });

  /** @param {CanvasRenderingContext2D} ctx */
  function paintForPrint(ctx) {
    const look = { ...io.look(), band: null };
    if (scene) paintPlot(ctx, plot, look, scene, io.palette(), () => strokeDots(ctx, plot, look, /** @type {any} */ (scene), io.palette(), colors));
  }

  function draw() {
    const look = io.look();
    showPanel(look); // first: it takes room from the canvas
    showLegend(io.palette());
    const frame = frameOf(canvas);
    if (!frame) return;
    const palette = io.palette();
    scene = plotScene(plot, look, frame.size);
    const drawn = scene;
    paintPlot(frame.ctx, plot, look, drawn, palette, () => {
      found = dots.paint(frame.ctx, look, drawn, palette, colors, frame.dpr);
    });
    crowd.style.visibility = found.shared > 0 ? 'visible' : 'hidden';
    measure.press(look.drag === 'measure');
    box.press(look.drag === 'zoom');
    const size = `radius ${Number((plot.radius * look.dot).toPrecision(2))} px`;
    smaller.say(size);
    larger.say(size);
    say(look, scene);
    hover();
  }

  /** Points that lie at the same pixel as others, in words. */
  const sharing = () =>
    found.shared > 0 ? `, on ${found.places.toLocaleString('en')} pixels: ${found.shared.toLocaleString('en')} points share theirs` : '';
  /** @param {PlotLook} look @param {import('./plot-scene.js').PlotScene} drawn */
  function say(look, { measure: m }) {
    const problem = failed.look === look && failed.text ? `${failed.text}  ·  ` : '';
    pane.status.textContent =
      `${problem}${m ? `Δx ${m.dx}, Δy ${m.dy}, slope ${m.slope}  ·  ` : ''}${found.inside.toLocaleString('en')} points in view of ` +
      `${plot.dots.toLocaleString('en')}${sharing()}  ·  x ${axisWords(plot.xAxis, look.x0)} to ${axisWords(plot.xAxis, look.x1)}` +
      `, y ${axisWords(plot.yAxis, look.y0)} to ${axisWords(plot.yAxis, look.y1)}`;
    canvas.setAttribute('aria-label', `Scatter plot ${plot.title}: ${plot.yAxis.label} over ${plot.xAxis.label}, ${pane.status.textContent}`);
  }
  return { draw, actions, focus: () => canvas.focus(), scene: () => scene };
}

/** A table of the points, from left to right. @param {Plot} plot */
export const plotCsv = (plot) =>
  csvText(
    [plot.xAxis.label, ...plot.series.map((s) => [plot.yAxis.label, s.name].filter(Boolean).join(', '))],
    Array.from(plot.x, (x, i) => [x, ...plot.series.map((s) => (Number.isNaN(s.y[i]) ? '' : s.y[i]))]),
  );
