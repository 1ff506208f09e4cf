// SPDX-License-Identifier: BSD-3-Clause
// The help overlay: gestures, keys, legend.

import { element } from './details.js';
import { GESTURES, KEYS } from './keys.js';
import { fillLegend } from './legend.js';
import { SISTER_HELP } from './sisters/keys.js';

/** @param {HTMLDialogElement} dialog @param {import('./colors.js').ThemeName} theme */
export function showHelp(dialog, theme) {
  dialog.replaceChildren();
  const close = element('button', { type: 'button', class: 'close', title: 'Close (Esc)', 'aria-label': 'Close help' }, '✕');
  close.addEventListener('click', () => dialog.close());
  dialog.append(close, element('h2', {}, 'Help'));
  const columns = element('div', { class: 'help-columns' });
  columns.append(table('Pointer', GESTURES), table('Keyboard', KEYS.map((k) => [k.shown, k.text])), table('RPC and plot tabs', SISTER_HELP));
  dialog.append(columns, element('h2', {}, 'Legend'));
  const legend = element('div');
  fillLegend(legend, theme);
  dialog.append(legend);
  dialog.showModal();
}

/** @param {string} title @param {string[][]} rows */
function table(title, rows) {
  const box = element('div');
  box.append(element('h3', {}, title));
  const t = element('table');
  for (const [key, text] of rows) {
    const tr = element('tr');
    const th = element('th', { scope: 'row' });
    th.append(element('kbd', {}, key));
    tr.append(th, element('td', {}, text));
    t.append(tr);
  }
  box.append(t);
  return box;
}
