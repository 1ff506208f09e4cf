// SPDX-License-Identifier: BSD-3-Clause
// The page on paper: the window as it is seen, on white, with the key of its colours and what was found wrong with the trace.

import { paletteName } from '../plan/colors.js';
import { fillDiagnostics } from '../panels/details.js';
import { element } from '../kit/dom.js';
import { fillLegend } from '../panels/legend.js';
import { clockWords, durationWords, parseBase, toNs } from '../trace/time.js';

/** @typedef {import('../state/store.js').Store} Store */

/**
 * @param {HTMLElement} sheet shown on paper only @param {Store} store @param {() => HTMLCanvasElement} picture of what is shown
 * @param {() => void} drawNow draws the page itself at once
 */
export function connectPrint(sheet, store, picture, drawNow) {
  /** Theme of the screen while the page is on paper. @type {import('../plan/colors.js').ThemeName|null} */
  let screen = null;

  function begin() {
    if (screen !== null) return;
    screen = store.get().theme;
    if (screen !== 'light') store.set({ theme: 'light' });
    drawNow();
    fill();
  }

  function end() {
    if (screen === null) return;
    const theme = screen;
    screen = null;
    sheet.replaceChildren();
    if (theme !== 'light') store.set({ theme });
    drawNow();
  }

  function fill() {
    const state = store.get();
    const { model, window } = state;
    sheet.replaceChildren();
    if (!model) return;
    const from = clockWords(parseBase(model.meta.tracebase), toNs(model, window.t0), 9);
    const words = `${durationWords(toNs(model, window.t1 - window.t0))} from ${from} on`;
    const key = element('div', { class: 'legend' });
    const found = element('div');
    fillLegend(key, paletteName('light', state.safe));
    fillDiagnostics(found, model);
    sheet.append(
      element('h1', {}, String(model.meta.title ?? '') || 'kutrace'),
      element('p', {}, words),
      picture(),
      element('h2', {}, 'Quality of this trace'),
      found,
      element('h2', {}, 'Legend'),
      key,
    );
  }

  // Both: some browsers tell of paper that is only looked at by the medium alone.
  window.addEventListener('beforeprint', begin);
  window.addEventListener('afterprint', end);
  window.matchMedia('print').addEventListener('change', (e) => (e.matches ? begin() : end()));
}
