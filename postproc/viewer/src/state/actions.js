// SPDX-License-Identifier: BSD-3-Clause
// What a user can do to see: zoom, pan, select, follow, search. Keyboard, pointer and buttons all come here.

import { placeCursor, snap } from '../plan/cursors.js';
import { actionsIo } from './actions-io.js';
import { createEdits } from './edits.js';
import { moveActions } from './move-actions.js';
import { searchActions } from './search-actions.js';
import { selectActions } from './select-actions.js';
import { TOGGLES } from './store.js';
import { viewActions } from './view-actions.js';
import { whyActions } from './why-actions.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').Selection} Selection */
/** @typedef {import('../plan/view.js').Window} Window */

/** @param {Store} store @param {() => {width: number, height: number}} size */
export function createActions(store, size) {
  const io = actionsIo(store, size);
  const edits = createEdits(store, { encode: () => view.encodeState(), apply: (/** @type {string} */ hash) => view.applyState(hash) });
  const select = selectActions(io, edits);
  const find = searchActions(io, select.go);
  const view = viewActions(io, find.search, edits.showAllRows);
  return { ...edits, ...moveActions(io), ...select, ...find, ...view, ...showActions(io), ...whyActions(io) };
}
/** @typedef {ReturnType<typeof createActions>} Actions */

/** What is shown over and beside the picture. @param {import('./actions-io.js').ActionsIo} io */
const showActions = ({ store, model }) => ({
  /** Goes to the next state of a toggle. @param {string} key @param {number} [step] */
  toggle(key, step = 1) {
    const { show } = store.get();
    const count = TOGGLES.find((t) => t.key === key)?.states.length ?? 2;
    store.set({ show: { ...show, [key]: ((show[key] ?? 0) + step + count) % count } });
  },
  /** Sets a cursor at a time, on an edge of the row when one is near. @param {number} t @param {import('../trace/model.js').Row|null} row @param {number} reach ticks */
  cursor(t, row, reach) {
    const m = model();
    if (m) store.set({ cursors: placeCursor(store.get().cursors, snap(m, row, t, reach)) });
  },
  clearCursors: () => store.set({ cursors: { a: null, b: null }, range: null }),
  /** @param {import('./store.js').State['range']} range */
  setRange: (range) => store.set({ range: range && range.t1 > range.t0 ? range : null }),
  /** @param {string} panel */
  openPanel: (panel) => store.set({ panel: store.get().panel === panel ? '' : panel }),
  /** Gives a span a label of its own, or takes it away. @param {Selection} s */
  label(s) {
    const { labelled } = store.get();
    const rest = labelled.filter((o) => o.record !== s.record || o.cols !== s.cols);
    store.set({ labelled: rest.length < labelled.length ? rest : [...labelled, s], annotate: 'off' });
  },
  /** @param {'off'|'user'|'all'} what */
  annotate: (what) => store.set({ annotate: store.get().annotate === what ? 'off' : what, labelled: [] }),
});
