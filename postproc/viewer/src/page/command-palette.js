// SPDX-License-Identifier: BSD-3-Clause
// The command palette and the row finder: type a few letters, choose, done.

import { element } from '../kit/dom.js';
import { fuzzyFind } from '../kit/fuzzy.js';

/** @typedef {{text: string, hint: string, run: () => void}} Choice */

const MOST = 60;

/** @param {HTMLDialogElement} dialog @param {string} placeholder @param {Choice[]} choices */
export function showCommandPalette(dialog, placeholder, choices) {
  const input = element('input', {
    type: 'text',
    placeholder,
    'aria-label': placeholder,
    role: 'combobox',
    'aria-expanded': 'true',
    'aria-controls': 'palette-list',
    'aria-autocomplete': 'list',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  const list = element('div', { role: 'listbox', id: 'palette-list', 'aria-label': placeholder });
  dialog.replaceChildren(input, list);
  /** @type {Choice[]} */
  let found = [];
  let at = 0;
  const mark = () => {
    [...list.children].forEach((c, i) => c.setAttribute('aria-selected', String(i === at)));
    input.setAttribute('aria-activedescendant', `choice-${at}`);
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const fill = () => {
    const fitting = fuzzyFind(input.value, choices, (c) => c.text, Infinity);
    found = fitting.slice(0, MOST);
    at = 0;
    list.replaceChildren(
      ...found.map((c, i) => {
        const item = element('div', { role: 'option', id: `choice-${i}`, class: 'choice' });
        item.append(element('span', {}, c.text));
        if (c.hint) item.append(element('kbd', {}, c.hint));
        item.addEventListener('click', () => choose(i));
        return item;
      }),
    );
    if (fitting.length > MOST)
      list.append(element('p', { class: 'dim' }, `${(fitting.length - MOST).toLocaleString('en')} more: type more letters.`));
    if (found.length === 0) list.append(element('p', { class: 'dim' }, 'Nothing fits these letters.'));
    mark();
  };
  const choose = (/** @type {number} */ i) => {
    const c = found[i];
    if (!c) return;
    dialog.close();
    c.run();
  };
  input.addEventListener('input', fill);
  input.addEventListener('keydown', (e) => {
    const step = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 })[e.key];
    if (step) {
      e.preventDefault();
      at = Math.max(0, Math.min(found.length - 1, at + step));
      mark();
    } else if (e.key === 'Enter') {
      e.preventDefault();
      choose(at);
    }
  });
  fill();
  if (!dialog.open) dialog.showModal();
  input.focus();
}
