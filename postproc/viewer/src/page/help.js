// SPDX-License-Identifier: BSD-3-Clause
// The help overlay: what is seen, what can be asked, gestures, keys, legend.

import { button, element } from '../kit/dom.js';
import { GESTURES, KEYS } from '../input/keys.js';
import { drawSign, fillLegend, glyphText } from '../panels/legend.js';
import { keyEntries } from '../plan/key-entries.js';
import { durationWords, toNs } from '../trace/time.js';
import { QUERY_KEYS } from '../search/query.js';
import { CHART_HELP } from '../tabs/frame/tab-keys.js';
import { versionWords } from '../format/version.js';

/** What a reader may want to know, and the command that answers. @type {[string, string, string][]} */
const QUESTIONS = [
  ['What was slow?', 'panel:summary', 'The summary: the slowest, the longest waits, and a line of why each.'],
  ['Why did this take so long?', 'panel:why', 'Select it first: its causes, what is usual, and the critical path.'],
  ['How long do they take: p50, p99, the longest?', 'panel:statistics', 'Of the window, or of an area that you drag over times and rows.'],
  ['Which thread, call or lock hurt most?', 'panel:states', 'Tables, worst first.'],
  ['What took the time, by stack?', 'panel:profile', 'On the CPU, and off it.'],
  ['What is different there?', 'panel:compare', 'Two ranges, or two traces.'],
  ['Where is it?', 'search', 'By name, pattern, length, thread, wait and more.'],
  ['Can I trust the numbers?', 'panel:quality', 'What was lost, repaired, or is less exact.'],
];

/**
 * What is on the screen, in words, with the signs that occur. @param {import('../state/store.js').State} state @param {import('../plan/colors.js').PaletteName} palette @param {(action: string) => void} run
 */
function whatIsSeen({ model, window }, palette, run) {
  const box = element('section', { class: 'seen', 'aria-label': 'What do I see?' });
  box.append(element('h2', {}, 'What do I see?'));
  if (model && model.t1 > model.t0) {
    const words = (/** @type {number} */ t) => durationWords(toNs(model, t));
    box.append(
      element(
        'p',
        {},
        `Time runs to the right: ${words(window.t1 - window.t0)} are shown of ${words(model.t1 - model.t0)}. Each row is a CPU, then a thread, then an RPC; at every instant a CPU’s row says what it did. Where things are finer than two pixels, a column shows the true share of each class.`,
      ),
    );
    const list = element('ul', { class: 'signs' });
    // One sign may stand for several entries of the key.
    for (const glyph of new Set(keyEntries(model).map((e) => e.glyph))) {
      const item = element('li');
      item.append(drawSign(glyph, palette), element('span', {}, glyphText(glyph)));
      list.append(item);
    }
    box.append(list);
  }
  box.append(element('h2', {}, 'What can I ask?'));
  const table = element('table');
  for (const [question, action, answer] of QUESTIONS) {
    const tr = element('tr');
    const th = element('th', { scope: 'row' });
    th.append(button(question, answer, () => run(action), { class: 'link', 'data-ask': action }));
    tr.append(th, element('td', {}, answer));
    table.append(tr);
  }
  box.append(table);
  return box;
}

/**
 * @param {HTMLDialogElement} dialog @param {import('../state/store.js').State} state @param {import('../plan/colors.js').PaletteName} palette
 * @param {{tour: () => void, run: (action: string) => void}} page
 */
export function showHelp(dialog, state, palette, { tour, run }) {
  dialog.replaceChildren();
  const close = button('✕', 'Close (Esc)', () => dialog.close(), { class: 'close', 'aria-label': 'Close help' });
  dialog.append(close, element('h2', { class: 'title' }, 'Help'));
  dialog.append(
    whatIsSeen(state, palette, (action) => {
      dialog.close();
      run(action);
    }),
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
  dialog.append(element('h2', {}, 'Pointer and keys'), columns, element('h2', {}, 'Legend'));
  const legend = element('div');
  fillLegend(legend, palette);
  dialog.append(legend, element('p', { class: 'dim' }, versionWords()));
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
