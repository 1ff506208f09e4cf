// SPDX-License-Identifier: BSD-3-Clause
// The key below the overview: what occurs in this trace, drawn as the picture draws it. A click greys the rest, or shows and hides what
// lies over the spans; what is under the pointer is lit.

import { paletteName } from '../plan/colors.js';
import { button, element } from '../kit/dom.js';
import { glyphOf } from '../draw/glyph-names.js';
import { keyEntries } from '../plan/key-entries.js';
import { drawGlyph } from '../panels/legend.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../plan/key-entries.js').KeyEntry} KeyEntry */

/** Milliseconds between two looks at what is under the pointer: not in each frame. */
const LOOK_MS = 90;

/** @param {HTMLElement} bar @param {Store} store @param {import('../state/actions.js').Actions} actions @param {import('../input/interaction.js').View} view */
export function connectKey(bar, store, actions, view) {
  const list = element('div', { class: 'key-list', role: 'group', 'aria-label': 'Key: what occurs in this trace' });
  const all = button('every sign', 'The legend: every sign there is, and what is under the pointer (L)', () => actions.openPanel('legend'), {
    class: 'link',
  });
  bar.append(list, all);
  /** @type {{entry: KeyEntry, b: HTMLButtonElement}[]} */
  let made = [];

  /** @param {KeyEntry} entry */
  function choose({ query, toggle }) {
    if (toggle) {
      actions.toggle(toggle, store.get().show[toggle] ? -store.get().show[toggle] : 1);
      return;
    }
    if (!query) return;
    const on = store.get().query === query && store.get().isolate;
    actions.search(on ? '' : query);
    store.set({ isolate: !on });
  }

  /** @param {State} state */
  function fill(state) {
    const { model } = state;
    made = (model ? keyEntries(model) : []).map((entry) => {
      const b = button('', '', () => choose(entry), { class: 'key-entry', 'data-glyph': entry.glyph });
      b.append(drawGlyph(entry.glyph, paletteName(state.theme, state.safe)), element('span', {}, entry.word));
      return { entry, b };
    });
    list.replaceChildren(...made.map(({ b }) => b));
    all.hidden = made.length === 0;
    press(state);
  }

  /** @param {State} state */
  function press({ query, isolate, show }) {
    for (const { entry, b } of made) {
      const on = entry.toggle ? (show[entry.toggle] ?? 0) > 0 : isolate && query === entry.query;
      b.setAttribute('aria-pressed', String(on));
      b.classList.toggle('off', Boolean(entry.toggle) && !on);
      b.title = entry.toggle
        ? `${entry.word}: ${on ? 'shown; a click hides' : 'hidden; a click shows'}`
        : `${entry.word}: ${on ? 'a click shows all again' : 'a click greys the rest'}`;
    }
  }

  let timer = 0;
  function look() {
    timer = 0;
    const { model, pointer } = store.get();
    const id = model && pointer ? glyphOf(model, view.pickAt(pointer.x, pointer.y)) : '';
    for (const { entry, b } of made) b.classList.toggle('lit', entry.glyph === id);
  }

  store.subscribe((state, changed) => {
    if ('model' in changed || 'theme' in changed || 'safe' in changed) fill(state);
    else if ('query' in changed || 'isolate' in changed || 'show' in changed) press(state);
    if ('pointer' in changed && timer === 0) timer = setTimeout(look, LOOK_MS);
  });
}
