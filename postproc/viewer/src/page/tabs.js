// SPDX-License-Identifier: BSD-3-Clause
// The tabs beside the timeline: which are there, which is shown, its keys, its way back to the timeline, files dropped on the page.

import { makePalette, paletteName } from '../plan/colors.js';
import { layoutRows, scrollTo } from '../plan/layout.js';
import { parseBase } from '../trace/time.js';
import { clampWindow, fitWindow } from '../plan/view.js';
import { element } from '../kit/dom.js';
import { onDensity } from '../kit/density.js';
import { keyName } from '../kit/key-names.js';
import { actionOf } from '../input/keys.js';
import { hasTimeline, chartOfDocument, chartsOfTrace, TIMELINE } from '../tabs/catalog.js';
import { chartAction } from '../tabs/frame/tab-keys.js';
import { lookOfParts } from '../tabs/look-address.js';
import { makePane } from '../tabs/frame/pane.js';
import { changePlotLook, firstPlotLook } from '../tabs/plot/plot-look.js';
import { createPlotView } from '../tabs/plot/plot-view.js';
import { changeRpcLook, firstRpcLook } from '../tabs/rpc/rpc-look.js';
import { createRpcView } from '../tabs/rpc/rpc-view.js';
import { makeTabs } from './tab-row.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../tabs/catalog.js').Chart} Chart */
/** @typedef {{draw: () => void, actions: Record<string, () => void>, focus: () => void, scene: () => unknown}} View */
/** @typedef {{root: HTMLElement, view: View}} Made */

/** Actions of the page that its own handler does in every tab. */
const OF_PAGE = ['help', 'palette', 'nextTab', 'previousTab'];

/**
 * @param {Store} store
 * @param {{host: HTMLElement, tabs: HTMLElement, canvas: HTMLCanvasElement, size: () => {width: number, height: number}, drawn: (begin: number) => void}} page
 *   drawn is called after each frame with the time it began
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: which charts there are, and which shows, is one state
export function connectCharts(store, page) {
  /** @type {Map<string, Made>} */
  const made = new Map();
  /** Documents that the user opened: they stay when another trace is opened. @type {Chart[]} */
  const added = [];
  let scheduled = false;
  const current = () => store.get().charts.find((s) => s.id === store.get().tab);

  /** @param {Chart} chart @returns {Made} */
  function make(chart) {
    const pane = makePane(page.host, chart.label);
    pane.root.id = `pane-${chart.id}`;
    new ResizeObserver(schedule).observe(pane.canvas);
    const shared = {
      palette: () => makePalette(paletteName(store.get().theme, store.get().safe)),
      model: () => (chart.fromTrace ? store.get().model : null),
      jump,
      whyNoJump: () => whyNoTimeline(store.get().model),
    };
    const setLook = (/** @type {object} */ look) => store.set({ looks: { ...store.get().looks, [chart.id]: look } });
    /** What the address says becomes a look when it is first asked for. */
    const known = () => {
      const look = store.get().looks[chart.id];
      if (typeof look === 'string') setLook(lookOfParts(chart, look));
      return /** @type {any} */ (store.get().looks[chart.id]);
    };
    if (chart.kind === 'rpc') {
      const log = chart.data();
      const look = () => /** @type {import('../tabs/rpc/rpc-look.js').RpcLook} */ (known() ?? firstRpcLook(log));
      const view = createRpcView(pane, log, { ...shared, look, set: (change) => setLook(changeRpcLook(log, look(), change)) });
      return { root: pane.root, view };
    }
    const plot = chart.data();
    const look = () => /** @type {import('../tabs/plot/plot-look.js').PlotLook} */ (known() ?? firstPlotLook(plot));
    const view = createPlotView(pane, plot, { ...shared, look, set: (change) => setLook(changePlotLook(plot, look(), change)) });
    return { root: pane.root, view };
  }

  /** Moves the timeline to a span of time. @param {{t0: number, t1: number, base: number|null, rpcid: number}} span @param {boolean} go also shows it */
  function jump(span, go) {
    const { model } = store.get();
    const why = whyNoTimeline(model);
    if (!model || why) return why;
    const base = parseBase(model.meta.tracebase);
    if (base !== span.base && (base === null || span.base === null)) return 'The file does not say on which day and minute its times are based.';
    const shift = /** @type {number} */ ((span.base ?? 0) - (base ?? 0)) * 1e6;
    const [t0, t1] = [(span.t0 + shift) / model.nsPerTick, (span.t1 + shift) / model.nsPerTick];
    if (t1 < model.t0 || t0 > model.t1) return 'That time is not in the trace.';
    const width = Math.max(t1 - t0, 1e5 / model.nsPerTick);
    const window = clampWindow(fitWindow((t0 + t1 - width) / 2, (t0 + t1 + width) / 2, model, 0.2), model);
    const key = span.rpcid & 0xffff;
    if (key === 0 || !model.position.rpc.has(key)) {
      store.set({ window, ...(go ? { tab: TIMELINE } : {}) });
      return '';
    }
    const open = { ...store.get().open, rpc: true };
    const layout = layoutRows(model, { ...store.get(), open }, page.size());
    store.set({ window, open, scroll: scrollTo(layout, 'rpc', key), ...(go ? { tab: TIMELINE } : {}) });
    return '';
  }

  const tabs = makeTabs(page.tabs, (id) => {
    store.set({ tab: id });
    focus();
  });
  const focus = () => (current() ? made.get(store.get().tab)?.view.focus() : page.canvas.focus());

  function draw() {
    scheduled = false;
    const begin = performance.now();
    const chart = current();
    if (!chart) return;
    let found = made.get(chart.id);
    if (!found) made.set(chart.id, (found = make(chart)));
    found.view.draw();
    page.drawn(begin);
  }
  onDensity(() => schedule());
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(draw);
  };

  /** Shows one tab and hides the others. */
  function show() {
    const { tab, charts } = store.get();
    const chart = current();
    document.body.dataset.view = chart ? chart.kind : TIMELINE;
    page.host.hidden = !chart;
    tabs.show(
      [...(hasTimeline(store.get().model) ? [{ id: TIMELINE, label: 'Timeline', title: 'Every CPU, thread and RPC over time' }] : []), ...charts],
      chart ? tab : TIMELINE,
    );
    if (chart && !made.has(chart.id)) made.set(chart.id, make(chart));
    for (const [id, { root }] of made) root.hidden = id !== chart?.id;
  }

  store.subscribe((state, changed) => {
    if ('model' in changed) {
      for (const { root } of made.values()) root.remove();
      made.clear();
      const given = (state.model?.documents ?? []).map((d, i) => chartOfDocument(d, `doc${i + 1}`));
      const charts = state.model ? [...chartsOfTrace(state.model), ...given, ...added] : added;
      store.set({ charts, looks: {}, tab: hasTimeline(state.model) || charts.length === 0 ? TIMELINE : charts[0].id });
      return;
    }
    if ('tab' in changed || 'charts' in changed) show();
    if ('tab' in changed || 'charts' in changed || 'looks' in changed || 'theme' in changed || 'safe' in changed) schedule();
  });

  // Before the timeline's own handler: its keys do nothing while another tab is shown.
  window.addEventListener(
    'keydown',
    (e) => {
      const held = /^(Ctrl|Alt)\+/.test(keyName(e, () => false));
      if (held || document.querySelector('dialog[open]')) return;
      const target = /** @type {Element} */ (e.target);
      const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      if ((isField && e.key !== 'Escape') || target.closest?.('[role=tablist], select')) return;
      if ((e.key === 'Enter' || e.key === ' ') && target.closest?.('button, a, label')) return;
      const view = current() && made.get(store.get().tab)?.view;
      if (!view) return;
      const action = chartAction(e);
      const ofPage = actionOf(e);
      if (action && view.actions[action]) view.actions[action]();
      else if (!ofPage || OF_PAGE.includes(ofPage)) return;
      if (action === 'escape') view.focus();
      e.preventDefault();
      e.stopImmediatePropagation();
    },
    true,
  );

  return {
    /** Adds a document as a tab and shows it. @param {import('../tabs/documents.js').Document} document */
    add(document) {
      const chart = chartOfDocument(document, `file${added.length + 1}`);
      added.push(chart);
      const { [chart.id]: ofAnotherFile, ...looks } = store.get().looks;
      store.set({ charts: [...store.get().charts, chart], tab: chart.id, looks });
    },
    step: tabs.step,
    draw,
    /** The shown tab as it was last drawn, on a canvas of its own; null while the timeline is shown. */
    paper() {
      const from = current() && made.get(store.get().tab)?.root.querySelector('canvas');
      if (!from) return null;
      const copy = element('canvas', { width: String(from.width), height: String(from.height) });
      copy.getContext('2d')?.drawImage(from, 0, 0);
      return copy;
    },
    show,
    current,
    scene: () => made.get(store.get().tab)?.view.scene() ?? null,
  };
}

/** @param {import('../trace/model.js').Model|null} model */
const whyNoTimeline = (model) => (model !== null && model.exec.n + model.aux.n > 0 ? '' : 'There is no trace in this page to show it in');
