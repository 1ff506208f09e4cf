// SPDX-License-Identifier: BSD-3-Clause
// Changes a user can take back: rows, notes and views.

import { createHistory } from '../kit/history.js';
import { alike, busyTimes, movedKeys, plainRows, toggled } from '../plan/rows.js';
import { nextId } from './notes.js';
import { shownRows } from '../plan/rows.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('../plan/rows.js').GroupRows} GroupRows */
/** @typedef {import('./notes.js').Note} Note */
/** @typedef {Pick<import('./store.js').State, 'rows'|'notes'|'views'>} Document */

/** @param {Store} store @param {{encode: () => string, apply: (hash: string) => void}} state */
export function createEdits(store, state) {
  /** @type {ReturnType<typeof createHistory<Document>>} */
  const history = createHistory({ same: (a, b) => a.rows === b.rows && a.notes === b.notes && a.views === b.views });
  const now = () => {
    const { rows, notes, views } = store.get();
    return { rows, notes, views };
  };
  /** @param {Partial<Document>} change */
  const edit = (change) => {
    store.set(change);
    history.record(now(), 0);
  };
  /** @param {Group} group @param {Partial<GroupRows>} change */
  const editRows = (group, change) => {
    const { rows } = store.get();
    edit({ rows: { ...rows, [group]: { ...rows[group], ...change } } });
  };
  const of = (/** @type {Group} */ group) => store.get().rows[group];

  return {
    resetEdits: () => history.reset(now()),
    undo() {
      const past = history.back();
      if (past) store.set(past);
      return past !== undefined;
    },
    redo() {
      const next = history.forward();
      if (next) store.set(next);
      return next !== undefined;
    },
    /** @param {Group} group @param {number} key */
    hideRow: (group, key) => editRows(group, { hidden: toggled(of(group).hidden, key), pinned: toggled(of(group).pinned, key, false) }),
    /** @param {Group} group @param {number} key */
    pinRow: (group, key) => editRows(group, { pinned: toggled(of(group).pinned, key), hidden: toggled(of(group).hidden, key, false) }),
    /** @param {Group} group @param {number} key */
    highlightRow: (group, key) => editRows(group, { highlit: toggled(of(group).highlit, key) }),
    /** Highlights, or not, all rows whose labels begin alike. @param {import('../trace/model.js').Row} row */
    highlightAlike(row) {
      const { model } = store.get();
      if (!model) return;
      const on = !of(row.group).highlit.includes(row.key);
      editRows(row.group, { highlit: alike(model, row).reduce((keys, key) => toggled(keys, key, on), of(row.group).highlit) });
    },
    /** Hides every row of the group but one. @param {Group} group @param {number} key */
    onlyRow(group, key) {
      const { model } = store.get();
      if (model) editRows(group, { hidden: model.rows[group].map((r) => r.key).filter((k) => k !== key), pinned: [] });
    },
    /** Moves a row to a place among those shown. @param {Group} group @param {number} key @param {number} to */
    moveRow(group, key, to) {
      const { model, rows, window } = store.get();
      if (!model) return;
      const shown = shownRows(model, group, rows, window).rows;
      const pinned = of(group).pinned.length;
      if (of(group).pinned.includes(key)) {
        editRows(group, { pinned: movedKeys(shown.slice(0, pinned), key, Math.min(to, pinned - 1)) });
      } else {
        editRows(group, { order: 'hand', hand: movedKeys(shown.slice(pinned), key, to - pinned) });
      }
    },
    /** @param {Group} group @param {import('../plan/rows.js').Order} order */
    sortRows(group, order) {
      const { model } = store.get();
      if (model && order === 'time') busyTimes(model, group);
      const hand = order === 'hand' && of(group).hand.length === 0 ? (model?.rows[group].map((r) => r.key) ?? []) : of(group).hand;
      editRows(group, { order, hand });
    },
    /** @param {Group} group @param {string} filter */
    filterRows: (group, filter) => editRows(group, { filter }),
    /** @param {Group} group */
    foldRows: (group) => editRows(group, { fold: !of(group).fold }),
    /** @param {Group} group */
    onlyHighlit: (group) => editRows(group, { onlyHighlit: !of(group).onlyHighlit }),
    /** @param {Group} [group] all groups when absent */
    showAllRows(group) {
      const { rows } = store.get();
      edit({ rows: group ? { ...rows, [group]: plainRows()[group] } : plainRows() });
    },
    ...noteEdits(store, edit),
    ...viewEdits(store, edit, state),
  };
}

/** @typedef {(change: Partial<Document>) => void} Edit */

/** @param {Store} store @param {Edit} edit */
const noteEdits = (store, edit) => ({
  /** @param {Omit<Note, 'id'>} note @returns {number} its id */
  addNote(note) {
    const { notes } = store.get();
    const id = nextId(notes);
    edit({ notes: [...notes, { ...note, id }] });
    return id;
  },
  /** @param {number} id @param {Partial<Note>} change */
  editNote: (id, change) => edit({ notes: store.get().notes.map((n) => (n.id === id ? { ...n, ...change } : n)) }),
  /** @param {number} id */
  deleteNote: (id) => edit({ notes: store.get().notes.filter((n) => n.id !== id) }),
});

/** @param {Store} store @param {Edit} edit @param {{encode: () => string, apply: (hash: string) => void}} state */
const viewEdits = (store, edit, state) => ({
  /** Saves the view in a slot. @param {number} i */
  saveView(i) {
    const hash = state.encode();
    edit({ views: store.get().views.map((v, k) => (k === i ? { ...v, hash } : v)) });
  },
  /** @param {string} label */
  addView: (label) =>
    edit({ views: [...store.get().views, { label: label.trim() || `view ${store.get().views.length - 4}`, hash: state.encode() }] }),
  /** @param {number} i @param {string} label */
  renameView: (i, label) => edit({ views: store.get().views.map((v, k) => (k === i ? { ...v, label: label.trim() || v.label } : v)) }),
  /** Slots of the reference are emptied, others go. @param {number} i */
  deleteView: (i) =>
    edit({ views: i < 5 ? store.get().views.map((v, k) => (k === i ? { ...v, hash: null } : v)) : store.get().views.filter((_, k) => k !== i) }),
  /** Shows a view; what was seen goes to the first slot. @param {number} i */
  showView(i) {
    const view = store.get().views[i];
    if (!view || view.hash === null) return false;
    const { hash } = view;
    if (i !== 0) store.set({ views: store.get().views.map((v, k) => (k === 0 ? { ...v, hash: state.encode() } : v)) });
    state.apply(hash);
    return true;
  },
});
