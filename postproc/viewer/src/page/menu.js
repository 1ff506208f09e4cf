// SPDX-License-Identifier: BSD-3-Clause
// Menus at a point of the picture, and what stands in them.

import { element } from '../kit/dom.js';
import { keyOf } from '../input/keys.js';
import { escapeRegex } from '../search/query.js';
import { kindOf, threadWords } from '../trace/lookups.js';
import { tidOf } from '../format/columns.js';

/** @typedef {{text: string, run: () => void, action?: string}} MenuItem */
/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/actions.js').Actions} Actions */

/** @param {HTMLElement} stage @param {() => void} closed */
export function createMenu(stage, closed) {
  const box = element('div', { class: 'menu', role: 'menu' });
  box.hidden = true;
  stage.append(box);
  const close = () => {
    if (box.hidden) return false;
    box.hidden = true;
    closed();
    return true;
  };
  box.addEventListener('keydown', (e) => {
    const items = [...box.querySelectorAll('button')];
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const to = /** @type {Record<string, number>} */ ({
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    })[e.key];
    if (to !== undefined) {
      e.preventDefault();
      items[to].focus();
    }
    if (e.key === 'Tab') close();
    if (e.key !== 'Escape') e.stopPropagation();
  });
  document.addEventListener(
    'pointerdown',
    (e) => {
      if (!box.contains(/** @type {Node} */ (e.target))) close();
    },
    true,
  );
  return {
    close,
    isOpen: () => !box.hidden,
    /** @param {number} x @param {number} y @param {string} label @param {MenuItem[]} items */
    open(x, y, label, items) {
      if (items.length === 0) return;
      box.setAttribute('aria-label', label);
      box.replaceChildren(
        element('div', { class: 'title' }, label),
        ...items.map((item) => {
          const b = element('button', { type: 'button', role: 'menuitem' });
          b.append(element('span', {}, item.text));
          if (item.action && keyOf(item.action)) b.append(element('kbd', {}, keyOf(item.action)));
          b.addEventListener('click', () => {
            close();
            item.run();
          });
          return b;
        }),
      );
      box.hidden = false;
      box.style.left = `${Math.max(2, Math.min(x, stage.clientWidth - box.offsetWidth - 4))}px`;
      box.style.top = `${Math.max(2, Math.min(y, stage.clientHeight - box.offsetHeight - 4))}px`;
      box.querySelector('button')?.focus();
    },
  };
}

/** Finds spans of that very name. @param {string} name */
export const nameQuery = (name) => `name:/^${escapeRegex(name)}$/`;

/**
 * What can be done with what is at a point.
 * @param {Store} store @param {Actions} actions @param {import('../draw/pick.js').Picked|null} picked @param {number} t time there @param {Record<string, () => void>} commands
 * @param {(t: number, row: import('../trace/model.js').Row) => void} writeNote
 * @returns {{label: string, items: MenuItem[]}}
 */
export function menuItems(store, actions, picked, t, commands, writeNote) {
  const { model, rows } = store.get();
  /** @type {MenuItem[]} */
  const items = [];
  if (!model || !picked) return { label: '', items };
  const s = picked.selection;
  const row = picked.row?.row;
  if (s) {
    const { name } = kindOf(model, s);
    const tid = tidOf(model[s.cols], s.record);
    const after = (/** @type {string} */ action) => () => {
      actions.select(s, row?.group);
      commands[action]();
    };
    items.push(
      { text: 'Details', run: () => actions.select(s, row?.group), action: 'panel:details' },
      {
        text: 'Fit to the window',
        run: () => {
          store.set({ range: null });
          after('fit')();
        },
        action: 'fit',
      },
      { text: 'Go to its waker', run: after('waker'), action: 'waker' },
      { text: 'Go to whom it woke', run: after('wakee'), action: 'wakee' },
      { text: 'Label it, or remove its label', run: () => actions.label(s) },
      { text: `Find all “${name.slice(0, 30)}”`, run: () => actions.search(nameQuery(name)) },
      {
        text: `Isolate “${name.slice(0, 30)}”`,
        run: () => {
          actions.search(nameQuery(name));
          store.set({ isolate: true });
        },
      },
    );
    if (tid > 0) items.push({ text: `Go to the row of ${threadWords(model, tid).slice(0, 30)}`, run: () => actions.goRow('pid', tid) });
  }
  if (row && s === null) items.push(...rowItems());
  if (row) items.push({ text: 'Write a note here', run: () => writeNote(t, row), action: 'note' });
  items.push({
    text: 'Set a cursor here',
    run: () => actions.cursor(t, row ?? null, (store.get().window.t1 - store.get().window.t0) / 150),
    action: 'cursor',
  });
  if (row && s !== null) items.push(...rowItems());
  return { label: s ? kindOf(model, s).name : row ? row.label : 'Picture', items };

  function rowItems() {
    if (!row) return [];
    const asked = rows[row.group];
    const { group, key, label } = row;
    return [
      {
        text: 'Statistics of this row',
        run: () => {
          const { range, window } = store.get();
          const { t0, t1 } = range ?? window;
          actions.setRange({ t0, t1, rows: { group, keys: [key] } });
          store.set({ panel: 'statistics' });
        },
      },
      { text: asked.pinned.includes(key) ? `Unpin row ${label}` : `Pin row ${label} at the top`, run: () => actions.pinRow(group, key) },
      { text: asked.highlit.includes(key) ? 'Remove its highlight' : 'Highlight the row', run: () => actions.highlightRow(group, key) },
      { text: 'Hide the row', run: () => actions.hideRow(group, key) },
      { text: 'Show only this row', run: () => actions.onlyRow(group, key) },
      { text: 'Show all rows again', run: () => actions.showAllRows(group) },
    ];
  }
}
