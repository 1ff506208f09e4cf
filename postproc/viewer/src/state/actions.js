// SPDX-License-Identifier: BSD-3-Clause
// What a user can do to see: zoom, pan, select, follow, search. Keyboard, pointer and buttons all come here.

import { clampWindow, fitWindow, panWindow, reveal, zoomWindow } from '../plan/view.js';
import { GROUPS, layoutRows, placeTracks, rowTop, scrollTo, timelines, visibleRows } from '../plan/layout.js';
import { nextMatch, SearchJob } from '../search/search.js';
import { AUX } from '../format/events.js';
import { cpuOfSpan } from '../trace/lookups.js';
import { rpcKey, tidOf } from '../format/columns.js';
import { prepareGroup, prepareRow, spanAt } from '../trace/model.js';
import { firstEndingAfter } from '../trace/aggregate.js';
import { lowerBound } from '../format/bounds.js';
import { createEdits } from './edits.js';
import { createHistory } from '../kit/history.js';
import { createRunner } from '../kit/runner.js';
import { initialState, TOGGLES } from './store.js';
import { decodeState, encodeState } from './url-state.js';
import { wakeeOf, wakerOf } from '../trace/neighbours.js';
import { hasTimeline, TIMELINE } from '../tabs/catalog.js';
import { placeCursor, snap } from '../plan/cursors.js';
import { soundSizes } from '../plan/sizes.js';
import { parseTimeJump } from '../search/query.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').Selection} Selection */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/view.js').Window} Window */

/** @param {Store} store @param {() => {width: number, height: number}} size */
export function createActions(store, size) {
  const model = () => store.get().model;
  const setWindow = (/** @type {Window} */ window) => store.set({ window });
  /** Width of the timelines. @param {Model} m */
  const pixels = (m) => {
    const { left, right } = timelines(m, store.get(), size().width);
    return right - left;
  };
  const searching = createRunner();
  /** What was seen: the time and the open groups. @type {ReturnType<typeof createHistory<{window: Window, open: Record<Group, boolean>}>>} */
  const seen = createHistory({
    quiet: 500,
    same: (a, b) => a.window.t0 === b.window.t0 && a.window.t1 === b.window.t1 && GROUPS.every((g) => a.open[g] === b.open[g]),
  });
  /** @param {{window: Window, open: Record<Group, boolean>}|undefined} view */
  const showAgain = (view) => {
    if (view) store.set(view);
    if (view) actions.scroll(0);
    return view !== undefined;
  };
  /** Group in which the user selected last; next and previous follow it. @type {Group} */
  let along = 'cpu';
  const state = {
    encode: () => {
      const m = model();
      return m ? encodeState(store.get(), m) : '';
    },
    apply: (/** @type {string} */ hash) => actions.applyState(hash),
  };
  const edits = createEdits(store, state);
  store.subscribe((s, changed) => {
    if (changed.model) seen.reset({ window: s.window, open: s.open });
    else if (changed.window || changed.open) seen.record({ window: s.window, open: s.open }, performance.now());
  });

  const actions = {
    ...edits,
    /** @param {number} factor @param {number} at share of the width @param {number} [t] what is to be there, when not what is there */
    zoom(factor, at, t) {
      const m = model();
      if (m) setWindow(zoomWindow(store.get().window, factor, at, m, t));
    },
    /** @param {number} share of the width */
    pan(share) {
      const m = model();
      const { window } = store.get();
      if (m) setWindow(panWindow(window, (window.t1 - window.t0) * share, m));
    },
    /** @param {number} px */
    scroll(px) {
      const m = model();
      if (!m) return;
      const layout = layoutRows(m, { ...store.get(), scroll: store.get().scroll + px }, size());
      store.set({ scroll: layout.scroll });
    },
    full() {
      const m = model();
      if (m) setWindow(clampWindow({ t0: m.t0, t1: m.t1 }, m));
    },
    /** @param {Window} w */
    show(w) {
      const m = model();
      if (m) setWindow(clampWindow(w, m));
    },
    zoomBack: () => showAgain(seen.back()),
    zoomForward: () => showAgain(seen.forward()),
    /** Everything as at the start; what was seen goes to the first view slot. */
    resetAll() {
      const m = model();
      if (!m) return;
      const { theme, safe, notes } = store.get();
      const hash = state.encode();
      actions.search('');
      edits.showAllRows();
      const { rows, views } = store.get();
      store.set({
        ...initialState(),
        model: m,
        theme,
        safe,
        rows,
        notes,
        views: views.map((v, i) => (i === 0 ? { ...v, hash } : v)),
        window: { t0: m.t0, t1: m.t1 },
      });
    },
    /** @param {boolean} end */
    jump(end) {
      const m = model();
      const { window } = store.get();
      const width = window.t1 - window.t0;
      if (m) setWindow(clampWindow(end ? { t0: m.t1 - width, t1: m.t1 } : { t0: m.t0, t1: m.t0 + width }, m));
    },
    fit() {
      const m = model();
      const { selection: s, range, window } = store.get();
      if (!m) return;
      if (range) {
        setWindow(fitWindow(range.t0, range.t1, m, 0.02));
        return;
      }
      if (!s) return;
      const start = m[s.cols].start[s.record];
      const dur = m[s.cols].dur[s.record];
      setWindow(
        dur > 0 ? fitWindow(start, start + dur, m) : fitWindow(start - (window.t1 - window.t0) / 20, start + (window.t1 - window.t0) / 20, m),
      );
    },
    /** @param {Group} group */
    toggleGroup(group) {
      const m = model();
      if (!m) return;
      const open = { ...store.get().open, [group]: !store.get().open[group] };
      const scroll = layoutRows(m, { ...store.get(), open }, size()).scroll;
      store.set({ open, scroll });
    },
    /** @param {number} factor */
    rowHeight(factor) {
      store.set({ rowScale: Math.min(4, Math.max(0.3, store.get().rowScale * factor)) });
      actions.scroll(0);
    },
    /** @param {Partial<import('../plan/sizes.js').Sizes>} change */
    setSizes(change) {
      store.set({ sizes: soundSizes({ ...store.get().sizes, ...change }) });
      actions.scroll(0);
    },
    /** Goes to the next state of a toggle. @param {string} key @param {number} [step] */
    toggle(key, step = 1) {
      const { show } = store.get();
      const count = TOGGLES.find((t) => t.key === key)?.states.length ?? 2;
      store.set({ show: { ...show, [key]: ((show[key] ?? 0) + step + count) % count } });
    },
    /** @param {Selection|null} selection @param {Group} [group] */
    select(selection, group) {
      if (group) along = group;
      store.set(selection ? { selection, panel: 'details' } : { selection });
    },
    /** Selects and brings it into view. @param {Selection} s */
    go(s) {
      const m = model();
      if (!m) return;
      const cols = m[s.cols];
      const window = reveal(store.get().window, cols.start[s.record], cols.start[s.record] + cols.dur[s.record], m, pixels(m));
      const place = placeOf(m, s);
      let { open, scroll } = store.get();
      if (place) {
        const shown = place.find(({ group }) => group === along && open[group]) ?? place.find(({ group }) => open[group]) ?? place[0];
        open = { ...open, [shown.group]: true };
        const layout = layoutRows(m, { ...store.get(), open, window }, size());
        if (rowTop(layout, shown.group, shown.key)) scroll = scrollTo(layout, shown.group, shown.key);
      }
      const { panel } = store.get();
      store.set({ selection: s, window, open, scroll, panel: panel === '' ? 'details' : panel });
    },
    /** Brings a row into view. @param {Group} group @param {number} key */
    goRow(group, key) {
      const m = model();
      if (!m) return;
      const { rows } = store.get();
      if (rows[group].hidden.includes(key)) edits.hideRow(group, key);
      along = group;
      const open = { ...store.get().open, [group]: true };
      if (group !== 'cpu') prepareGroup(m, group);
      const layout = layoutRows(m, { ...store.get(), open }, size());
      store.set({ open, scroll: rowTop(layout, group, key) ? scrollTo(layout, group, key) : layout.scroll });
    },
    /** Next or previous span on the row of the selection; without one, the first in the window. @param {number} step */
    neighbour(step) {
      const m = model();
      const s = store.get().selection;
      if (!m) return;
      if (s?.cols !== 'exec') {
        actions.selectFirst();
        return;
      }
      const row = rowOf(m, s.record, along);
      if (!row) return;
      const i = row.index ? positionIn(m, row.index, s.record) : s.record - row.lo;
      const next = i + step;
      if (next < 0 || next >= row.n) return;
      actions.go({ cols: 'exec', record: row.index ? row.index[next] : row.lo + next });
    },
    /** Selects the first span that starts in the window, on the uppermost row that has one. */
    selectFirst() {
      const m = model();
      if (!m) return;
      const { window } = store.get();
      for (const { row } of visibleRows(layoutRows(m, store.get(), size()))) {
        prepareRow(m, row);
        const i = lowerBound(0, row.n, (k) => m.exec.start[spanAt(row, k)], window.t0);
        if (i >= row.n || m.exec.start[spanAt(row, i)] >= window.t1) continue;
        actions.select({ cols: 'exec', record: spanAt(row, i) }, row.group);
        return;
      }
    },
    /** Selects what runs at the same time on the row above or below. @param {number} step */
    otherRow(step) {
      const m = model();
      const s = store.get().selection;
      if (!m || !s) return;
      const layout = layoutRows(m, store.get(), size());
      const list = layout.groups.filter((g) => g.open).flatMap((g) => g.rows);
      const here = placeOf(m, s)?.find((p) => p.group === along) ?? placeOf(m, s)?.[0];
      const at = list.findIndex((r) => r.group === here?.group && r.key === here?.key);
      const t = m[s.cols].start[s.record];
      for (let k = at + step; k >= 0 && k < list.length; k += step) {
        prepareRow(m, list[k]);
        const i = firstEndingAfter(list[k], m.exec, t);
        if (i >= list[k].n) continue;
        along = list[k].group;
        actions.go({ cols: 'exec', record: spanAt(list[k], i) });
        return;
      }
    },
    /** Follows a wakeup: back to the waker (-1) or on to the thread woken (1). @param {number} direction @returns {boolean} */
    follow(direction) {
      const m = model();
      const s = store.get().selection;
      const to = m && s ? (direction < 0 ? wakerOf(m, s) : wakeeOf(m, s)) : null;
      if (to) actions.go(to);
      return to !== null;
    },
    /** @param {string} text */
    search(text) {
      const m = model();
      store.set({ query: text });
      if (!m || text.trim() === '' || (parseTimeJump(text) && text.includes('.'))) {
        searching.cancel();
        store.set({ search: null, isolate: false });
        return;
      }
      searching.run(new SearchJob(m, text), (job) => store.set({ search: job.result() }));
    },
    /** Lists what a query finds. @param {string} text */
    list(text) {
      actions.search(text);
      store.set({ panel: 'results' });
    },
    /** Goes to a typed time such as 50.084+. @param {string} text @returns {boolean} */
    jumpToTime(text) {
      const m = model();
      const jump = m ? parseTimeJump(text) : null;
      if (!m || !jump) return false;
      actions.show({ t0: (jump.from * 1e9) / m.nsPerTick, t1: (jump.to * 1e9) / m.nsPerTick });
      return true;
    },
    /** @param {boolean} forward */
    match(forward) {
      const m = model();
      const { search, selection, window } = store.get();
      if (!m || !search) return;
      const found = nextMatch(m, search, selection, forward ? window.t0 : window.t1, forward);
      if (found) actions.go(found);
    },
    /** Sets a cursor at a time, on an edge of the row when one is near. @param {number} t @param {import('../trace/model.js').Row|null} row @param {number} reach ticks */
    cursor(t, row, reach) {
      const m = model();
      if (m) store.set({ cursors: placeCursor(store.get().cursors, snap(m, row, t, reach)) });
    },
    clearCursors: () => store.set({ cursors: { a: null, b: null }, range: null }),
    /** @param {Window|null} range */
    setRange: (range) => store.set({ range: range && range.t1 > range.t0 ? range : null }),
    /** @param {string} panel */
    openPanel: (panel) => store.set({ panel: store.get().panel === panel ? '' : panel }),
    /** @param {'off'|'user'|'all'} what */
    annotate: (what) => store.set({ annotate: store.get().annotate === what ? 'off' : what, labelled: [] }),
    /** Gives a span a label of its own, or takes it away. @param {Selection} s */
    label(s) {
      const { labelled } = store.get();
      const rest = labelled.filter((o) => o.record !== s.record || o.cols !== s.cols);
      store.set({ labelled: rest.length < labelled.length ? rest : [...labelled, s], annotate: 'off' });
    },
    /** Puts a state of the view, as in the URL, on the page. @param {string} hash */
    applyState(hash) {
      const m = model();
      if (!m) return;
      const { show, rows, tracks, ...rest } = decodeState(hash, m);
      const plain = initialState();
      const { theme, safe, tab, charts } = store.get();
      const looks = Object.fromEntries(Object.entries(rest.looks ?? {}).filter(([id]) => charts.some((s) => s.id === id)));
      if (rest.open?.pid) prepareGroup(m, 'pid');
      if (rest.open?.rpc) prepareGroup(m, 'rpc');
      store.set({
        window: { t0: m.t0, t1: m.t1 },
        open: plain.open,
        scroll: 0,
        rowScale: 1,
        sizes: plain.sizes,
        colorBy: 'class',
        annotate: 'off',
        annotStyle: 'tall',
        labelled: [],
        choices: {},
        cursors: plain.cursors,
        range: null,
        selection: null,
        panel: '',
        theme,
        safe,
        ...rest,
        looks,
        isolate: false,
        tab: charts.some((s) => s.id === rest.tab) ? rest.tab : hasTimeline(m) ? TIMELINE : tab,
        show: { ...plain.show, ...show },
        rows: rows ?? plain.rows,
      });
      if (tracks) store.set(placeTracks((rowScale) => layoutRows(m, { ...store.get(), scroll: 0, rowScale }, size()), tracks));
      actions.search(rest.query ?? '');
      if (rest.isolate && rest.query) store.set({ isolate: true });
    },
    encodeState: state.encode,
  };
  return actions;
}
/** @typedef {ReturnType<typeof createActions>} Actions */

/** The row a span is on, in the group preferred. @param {Model} m @param {number} record @param {Group} group @returns {import('../trace/model.js').Row|undefined} */
function rowOf(m, record, group) {
  const key = group === 'cpu' ? cpuOfSpan(m, record) : group === 'pid' ? tidOf(m.exec, record) : rpcKey(m.exec, record);
  const p = m.position[group].get(key);
  if (p === undefined) return group === 'cpu' ? undefined : rowOf(m, record, 'cpu');
  if (group !== 'cpu') {
    prepareGroup(m, group);
    prepareRow(m, m.rows[group][p]);
  }
  return m.rows[group][p];
}

/** @param {Model} m @param {Uint32Array} index sorted by start @param {number} record */
function positionIn(m, index, record) {
  const { start } = m.exec;
  let i = lowerBound(0, index.length, (k) => start[index[k]], start[record]);
  while (i < index.length && index[i] !== record) i++;
  return i;
}

/** Rows that show a record, best first. @param {Model} m @param {Selection} s @returns {{group: Group, key: number}[]|null} */
export function placeOf(m, s) {
  /** @type {{group: Group, key: number}[]} */
  const places = [];
  if (s.cols === 'exec')
    places.push(
      { group: 'cpu', key: cpuOfSpan(m, s.record) },
      { group: 'pid', key: tidOf(m.exec, s.record) },
      { group: 'rpc', key: rpcKey(m.exec, s.record) },
    );
  else {
    const cpu = /** @type {Int32Array} */ (m.aux.cpu)[s.record];
    const onThread = m.category[s.record] === AUX.WAIT || m.category[s.record] === AUX.LOCK;
    if (cpu >= 0 && !onThread) places.push({ group: 'cpu', key: cpu });
    places.push({ group: 'pid', key: tidOf(m.aux, s.record) }, { group: 'rpc', key: rpcKey(m.aux, s.record) });
  }
  const known = places.filter(({ group, key }) => m.position[group].has(key));
  return known.length > 0 ? known : null;
}
