// SPDX-License-Identifier: BSD-3-Clause
// The help overlay: gestures, keys, legend.

import { button, element } from '../kit/dom.js';
import { GESTURES, KEYS } from '../input/keys.js';
import { fillLegend } from '../panels/legend.js';
import { QUERY_KEYS } from '../search/query.js';
import { CHART_HELP } from '../tabs/frame/tab-keys.js';
import { versionWords } from '../format/version.js';

/**
 * @param {HTMLDialogElement} dialog @param {import('../plan/colors.js').PaletteName} palette @param {() => void} tour
 */
export function showHelp(dialog, palette, tour) {
  dialog.replaceChildren();
  const close = button('✕', 'Close (Esc)', () => dialog.close(), { class: 'close', 'aria-label': 'Close help' });
  dialog.append(close, element('h2', {}, 'Help'), element('p', { class: 'dim' }, versionWords()));
  dialog.append(
    button('Take the tour (1 minute)', 'A tour of the page in eight steps', () => {
      dialog.close();
      tour();
    }),
  );
  const columns = element('div', { class: 'help-columns' });
  columns.append(table('Pointer', GESTURES));
  for (const section of new Set(KEYS.map((k) => k.section)))
    columns.append(
      table(
        section,
        KEYS.filter((k) => k.section === section).map((k) => [k.shown, k.text]),
      ),
    );
  columns.append(
    table('Search', [
      ['read', 'names that hold this text, in upper or lower case'],
      ['"-idle-"', 'this very text'],
      ['/^sys_/', 'a regular expression'],
      ['-idle', 'a leading hyphen excludes'],
      ['!dur>1ms', 'a leading ! inverts the whole'],
      ['50.084+', 'a time: Enter goes there; each + narrows, each - widens'],
      ['@@', 'becomes the time shown'],
      ...QUERY_KEYS.map(([, text, example]) => [example, text]),
    ]),
    table('RPC and plot tabs', CHART_HELP),
  );
  dialog.append(columns, element('h2', {}, 'Legend'));
  const legend = element('div');
  fillLegend(legend, palette);
  dialog.append(legend);
  if (!dialog.open) dialog.showModal();
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
