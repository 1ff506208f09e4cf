// SPDX-License-Identifier: BSD-3-Clause
// The RPC chart: pointer and keys to changes of its look, and the look to the page.

import { download, element, fileStem } from '../../kit/dom.js';
import { durationWords } from '../../trace/time.js';
import { clampWindow, fitWindow, panWindow, reveal, timeScale, zoomWindow } from '../../plan/view.js';
import { listenGestures } from '../../kit/gestures.js';
import { banding, dragOf, paintBand } from '../frame/band.js';
import { legendBelow, legendElement, withLegend } from '../frame/tab-legend.js';
import { badge, downloadPicture, downloadSvg, fillPanel, frameOf, placeTip } from '../frame/pane.js';
import { durationOf, endOf, rangeOfLog, startOf } from './rpc-log.js';
import { COLORS, firstRpcLook, fitRpc, nearestTime, originOf, ROW_SCALE, snapTime, TEXT_SCALES } from './rpc-look.js';
import { orderRpcs, searchRpcs, SORTS, statisticsOf } from './rpc-order.js';
import { countNames, rpcLegend } from './rpc-legend.js';
import { hueNumbers, paintRpcs } from './rpc-paint.js';
import { layoutRpcs, rowsOfBand, rpcAt, rpcScene, scrollToPlace } from './rpc-scene.js';
import { makeRpcTools } from './rpc-tools.js';
import { nameOfRpc, rpcCsv, rpcLines, rpcTip } from './rpc-words.js';

/** @typedef {import('../../kit/gestures.js').At} At */
/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {import('./rpc-look.js').RpcLook} RpcLook */
/**
 * @typedef {object} RpcIo
 * @property {() => RpcLook} look @property {(change: Partial<RpcLook>) => void} set
 * @property {() => import('../../plan/colors.js').Palette} palette
 * @property {() => import('../../trace/model.js').Model|null} model of the trace the log comes from
 * @property {(span: {t0: number, t1: number, base: number|null, rpcid: number}, go: boolean) => string} jump what went wrong
 * @property {() => string} whyNoJump '' when there is a timeline
 */

/** @template T @param {readonly T[]} list @param {T} now */
const after = (list, now) => list[(list.indexOf(now) + 1) % list.length];

/** @param {import('../frame/pane.js').Pane} pane @param {RpcLog} log @param {RpcIo} io */
export function createRpcView(pane, log, io) {
  const { canvas } = pane;
  /** @type {import('./rpc-scene.js').RpcScene|null} */
  let scene = null;
  let pointer = /** @type {{x: number, y: number}|null} */ (null);
  /** @type {{key: string, order: Uint32Array, search: import('./rpc-order.js').RpcSearch, statistics: ReturnType<typeof statisticsOf>}} */
  let memo = {
    key: '',
    order: new Uint32Array(0),
    search: searchRpcs(log, firstRpcLook(log).query),
    statistics: statisticsOf(log, new Uint32Array(0)),
  };
  /** Why the last jump failed, told until the look changes. @type {{text: string, look: RpcLook|null}} */
  let failed = { text: '', look: null };
  let panel = '';
  let legend = '';

  /** Order and search, made anew only when what they depend on has changed. */
  function rows() {
    const { sort, query, only } = io.look();
    const key = JSON.stringify([sort, query, only]);
    if (memo.key !== key) {
      const search = searchRpcs(log, query);
      const order = orderRpcs(log, sort, only ? search : null);
      memo = { key, search, order, statistics: statisticsOf(log, order) };
    }
    return memo;
  }
  /** @type {{color: string, names: [string, number][], numbers: Map<string, number>}} */
  let hues = { color: '', names: [], numbers: new Map() };
  const huesNow = (/** @type {RpcLook['color']} */ color) => {
    if (hues.color === color) return hues;
    const names = countNames(log, color);
    return (hues = { color, names, numbers: hueNumbers(names.map(([name]) => name)) });
  };
  /** @returns {import('../frame/tab-legend.js').Legend} */
  const legendNow = () => {
    const palette = io.palette();
    const { names, numbers } = huesNow(io.look().color);
    const find = (/** @type {string} */ name) => io.set({ query: { ...io.look().query, text: name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') } });
    return { items: rpcLegend(log, names, palette, numbers, find), palette };
  };
  const range = () => rangeOfLog(log, io.look().relative);
  const share = () => {
    if (!scene || !pointer) return 0.5;
    const { left, right } = scene.layout;
    return Math.min(1, Math.max(0, (pointer.x - left) / (right - left)));
  };
  const timeAt = (/** @type {number} */ x) => (scene ? scene.time.invert(x) : 0);
  /** @param {number} factor @param {number} [fixed] time that is to be under the pointer, when not what is there */
  const zoom = (factor, fixed) => io.set(zoomWindow(io.look(), factor, share(), range(), fixed));
  const pan = (/** @type {number} */ part) => io.set(panWindow(io.look(), (io.look().t1 - io.look().t0) * part, range()));
  const scrollBy = (/** @type {number} */ px) => {
    if (scene) io.set({ scroll: layoutRpcs(scene.layout.count, { ...io.look(), scroll: scene.layout.scroll + px }, scene.layout).scroll });
  };

  /** Selects a record and brings it into view. @param {number} row -1 none */
  function select(row) {
    const look = io.look();
    const place = rows().order.indexOf(row);
    if (row < 0 || place < 0 || !scene) {
      io.set({ selected: row });
      return;
    }
    const origin = originOf(log, look, row);
    const { t0, t1 } = reveal(look, startOf(log, row) - origin, endOf(log, row) - origin, range());
    io.set({ selected: row, scroll: scrollToPlace(layoutRpcs(rows().order.length, look, scene.layout), place), t0, t1 });
    jump(false);
  }
  /** @param {boolean} go to the timeline, else it only moves there */
  function jump(go) {
    const row = io.look().selected;
    if (row < 0) return;
    const problem = io.jump({ t0: startOf(log, row), t1: endOf(log, row), base: log.base, rpcid: log.rpcid[row] }, go);
    if (!go) return;
    failed = { text: problem, look: io.look() };
    say(io.look());
  }
  const neighbour = (/** @type {number} */ step) => {
    const { order } = rows();
    const at = order.indexOf(io.look().selected);
    const next = at < 0 ? (step > 0 ? 0 : order.length - 1) : at + step;
    if (next >= 0 && next < order.length) select(order[next]);
  };
  const match = (/** @type {number} */ step) => {
    const { order, search } = rows();
    if (!search.on || search.count === 0) return;
    const begin = order.indexOf(io.look().selected);
    for (let k = 1; k <= order.length; k++) {
      const at = begin < 0 && step < 0 ? order.length - k : begin + step * k;
      const row = order[(at + order.length * 2) % order.length];
      if (search.match[row] === 1) return select(row);
    }
  };
  const closePanel = () => {
    panel = '';
    pane.aside.hidden = true;
  };
  const page = () => (scene ? scene.layout.bottom * 0.9 : 400);

  /** @type {Record<string, () => void>} */
  const actions = {
    zoomIn: () => zoom(1 / 1.5),
    zoomOut: () => zoom(1.5),
    left: () => pan(-0.15),
    right: () => pan(0.15),
    up: () => scrollBy(-60),
    down: () => scrollBy(60),
    pageUp: () => scrollBy(-page()),
    pageDown: () => scrollBy(page()),
    first: () => scrollBy(-Infinity),
    last: () => scrollBy(1e12),
    reset: () => io.set({ ...firstRpcLook(log), textScale: io.look().textScale, ...(io.look().relative ? { relative: false } : {}) }),
    fit: () => {
      const { measure, selected } = io.look();
      const [a, b] = measure ? [measure.a, measure.b].map((s) => snapTime(log, io.look(), s)) : [0, 0];
      if (a !== b) io.set(fitWindow(Math.min(a, b), Math.max(a, b), range()));
      else if (selected >= 0) io.set(fitRpc(log, io.look(), selected));
    },
    next: () => neighbour(1),
    previous: () => neighbour(-1),
    jump: () => jump(true),
    relative: () => io.set({ relative: !io.look().relative, measure: null }),
    annotate: () => io.set({ annotate: !io.look().annotate }),
    measure: () => io.set({ drag: io.look().drag === 'measure' ? 'move' : 'measure' }),
    box: () => io.set({ drag: io.look().drag === 'zoom' ? 'move' : 'zoom' }),
    sort: () =>
      io.set({
        sort: after(
          SORTS.map(([v]) => v),
          io.look().sort,
        ),
        scroll: 0,
      }),
    color: () =>
      io.set({
        color: after(
          COLORS.map(([v]) => v),
          io.look().color,
        ),
      }),
    textSize: () => io.set({ textScale: after(TEXT_SCALES, io.look().textScale) }),
    search: () => tools.focusSearch(),
    invert: () => io.set({ query: { ...io.look().query, invert: !io.look().query.invert } }),
    nextMatch: () => match(1),
    previousMatch: () => match(-1),
    only: () => io.set({ only: !io.look().only, scroll: 0 }),
    smaller: () => io.set({ rowScale: Math.max(ROW_SCALE.min, io.look().rowScale / 1.25) }),
    larger: () => io.set({ rowScale: Math.min(ROW_SCALE.max, io.look().rowScale * 1.25) }),
    escape: () => {
      const { band, measure, selected, query } = io.look();
      if (band) io.set({ band: null });
      else if (measure) io.set({ measure: null });
      else if (selected >= 0) select(-1);
      else if (panel === 'diagnostics') closePanel();
      else if (query.text || query.min || query.max) io.set({ query: { text: '', invert: false, min: '', max: '' } });
    },
  };
  const base = () => fileStem(log.title);
  const tools = makeRpcTools(pane.bar, actions, io.set, io.look, {
    csv: () => download(new Blob([rpcCsv(log, rows().order)], { type: 'text/csv' }), `${base()}.csv`),
    png: () => downloadPicture(withLegend(canvas, legendNow()), `${base()}.png`),
    svg: () => {
      if (!scene) return;
      const { size, paint: both } = legendBelow(scene.layout, (ctx) => paint(ctx, { ...io.look(), band: null }), legendNow());
      downloadSvg(`${base()}.svg`, size, log.title || 'RPCs', both);
    },
  });
  badge(pane.bar, log.diagnostics, (lines) => {
    panel = 'diagnostics';
    io.set({ selected: -1 });
    fillPanel(pane.aside, 'Quality of this log', lines, closePanel, []);
  });

  /** What the last click was on: the panel that it opens moves the picture before the second of a double-click. */
  let clicked = { t: 0, onBar: false };
  /** @param {At} at */
  function isOnBar(at) {
    const drawn = scene?.rows.find((r) => scene && r.row === rpcAt(scene, at.y));
    if (drawn?.side !== 0) return false;
    return at.x >= drawn.bars.reduce((x, b) => Math.min(x, b.x0), Infinity) - 3 && at.x <= drawn.end + 3;
  }

  listenGestures(canvas, {
    hover: (at) => {
      pointer = at;
      hover();
    },
    click: (at, again) => {
      canvas.focus();
      if (again || !scene || at.x >= scene.layout.right) return;
      clicked = { t: timeAt(at.x), onBar: isOnBar(at) };
      select(rpcAt(scene, at.y));
    },
    double: () => {
      if (!clicked.onBar || io.whyNoJump() !== '') return false;
      jump(true);
      return true;
    },
    drag: (from) => {
      const mode = dragOf(from, io.look().drag);
      if (mode === 'zoom')
        return banding(from, () => scene && { ...scene.layout, top: 0 }, { band: () => io.look().band, set: io.set, zoom: zoomTo });
      if (mode === 'measure') return measuring(from);
      return scene && from.x >= scene.layout.right ? barDrag(from) : null;
    },
    move: moving,
    zoom: (at, factor, double) => {
      pointer = at;
      zoom(factor, double ? clicked.t : undefined);
    },
    wheel: (at, dx, dy) => {
      pointer = at;
      if (!scene) return true;
      if (at.shift || at.x < scene.layout.left) scrollBy(dy || dx);
      else if (Math.abs(dx) > Math.abs(dy)) pan(dx / (scene.layout.right - scene.layout.left));
      else return false;
      return true;
    },
  });
  /** @param {number} scroll px */
  const scrolledTo = (scroll) => (scene ? layoutRpcs(scene.layout.count, { ...io.look(), scroll }, scene.layout).scroll : 0);

  /** Shows the time of a band, its rows, or both. @param {import('../frame/band.js').Band} band */
  function zoomTo({ x0, x1, y0, y1, axes }) {
    if (!scene) return;
    const time = clampWindow({ t0: timeAt(x0), t1: timeAt(x1) }, range());
    io.set({ ...(axes === 'y' ? {} : time), ...(axes === 'x' ? {} : rowsOfBand(scene.layout, io.look(), y0, y1)) });
  }
  /** The scroll bar at the right. @param {At} from @returns {import('../../kit/gestures.js').Drag} */
  function barDrag(from) {
    const scroll = scene?.layout.scroll ?? 0;
    return {
      move: ({ y }) => {
        if (scene) io.set({ scroll: scrolledTo(scroll + ((y - from.y) * scene.layout.contentHeight) / scene.layout.bottom) });
      },
    };
  }
  /** Moves the picture, by one pointer or two fingers. @param {At} from @returns {(moved: import('d3-zoom').ZoomTransform) => void} */
  function moving(from) {
    const { t0, t1 } = io.look();
    const scroll = scene?.layout.scroll ?? 0;
    return (moved) => {
      if (!scene) return;
      const [left, right] = moved.rescaleX(timeScale(scene.layout, { t0, t1 })).domain();
      io.set({ ...clampWindow({ t0: left, t1: right }, range()), scroll: scrolledTo(scroll - moved.applyY(from.y) + from.y) });
    };
  }
  /** @param {At} from @returns {import('../../kit/gestures.js').Drag} */
  function measuring(from) {
    const snap = (/** @type {At} */ at) => {
      const row = scene ? rpcAt(scene, at.y) : -1;
      return row < 0 ? null : nearestTime(log, io.look(), row, timeAt(at.x));
    };
    const a = snap(from);
    return {
      move: (at) => {
        const b = snap(at);
        if (a && b) io.set({ measure: { a, b } });
      },
    };
  }

  function hover() {
    const row = scene && pointer && pointer.x < scene.layout.right ? rpcAt(scene, pointer.y) : -1;
    if (!scene || !pointer || row < 0) pane.tip.hidden = true;
    else placeTip(pane.tip, rpcTip(log, row), pointer, scene.layout);
  }

  /** @param {RpcLook} look */
  function showPanel(look) {
    const key = look.selected < 0 ? '' : String(look.selected);
    if (panel === key || (panel === 'diagnostics' && key === '')) return;
    panel = key;
    if (key === '') {
      pane.aside.hidden = true;
      return;
    }
    const why = io.whyNoJump();
    const button = element('button', { type: 'button', class: 'wide', title: why || 'Show this RPC in the timeline (J)' }, 'Show in the timeline');
    button.disabled = why !== '';
    button.addEventListener('click', () => jump(true));
    fillPanel(pane.aside, nameOfRpc(log, look.selected), rpcLines(log, look.selected, io.model()), () => select(-1), [button]);
  }

  /** @param {RpcLook} look */
  function say(look) {
    const s = rows().statistics;
    const measure = scene?.measure
      ? `T${/** @type {any} */ (look.measure).a.k + 1} to T${/** @type {any} */ (look.measure).b.k + 1}: ${durationWords(Math.abs(scene.measure.ns))}  ·  `
      : '';
    const problem = failed.look === look && failed.text ? `${failed.text}  ·  ` : '';
    pane.status.textContent =
      `${problem}${measure}${s.count.toLocaleString('en')} of ${log.n.toLocaleString('en')} RPCs  ·  half take up to ${durationWords(s.p50)}, ` +
      `95 % up to ${durationWords(s.p95)}, 99 % up to ${durationWords(s.p99)}, the longest ${durationWords(s.max)}`;
    canvas.setAttribute(
      'aria-label',
      `RPC chart, ${pane.status.textContent}${look.selected >= 0 ? `. Selected: ${nameOfRpc(log, look.selected)}, ${durationWords(durationOf(log, look.selected))}` : ''}`,
    );
  }

  /** The same for the page and for print. @param {CanvasRenderingContext2D} ctx @param {RpcLook} look */
  function paint(ctx, look) {
    if (!scene) return;
    paintRpcs(ctx, scene, log, look, io.palette(), huesNow(look.color).numbers);
    if (look.band) paintBand(ctx, look.band, io.palette());
  }

  function draw() {
    const look = io.look();
    showPanel(look); // first: it takes room from the canvas
    const frame = frameOf(canvas);
    if (!frame) return;
    const { order, search } = rows();
    const palette = io.palette();
    scene = rpcScene(log, look, order, search, frame.size, io.model());
    paint(frame.ctx, look);
    tools.show(look, search);
    const key = `${look.color} ${palette.name}`;
    if (legend !== key) {
      legend = key;
      pane.legend.replaceChildren(...legendNow().items.map(legendElement));
    }
    say(look);
    hover();
  }
  return { draw, actions, focus: () => canvas.focus(), scene: () => scene };
}
