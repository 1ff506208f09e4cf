// SPDX-License-Identifier: BSD-3-Clause
// Panel: notes and saved views; saving them into a copy of the page or as JSON.

import { button, element } from '../kit/dom.js';
import { withKey } from '../input/keys.js';
import { noteItems, viewItems } from './note-items.js';
import { figureFields } from './size-fields.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {{saveCopy: () => void, exportJson: () => void, importJson: (text: string) => void, note: () => void, exportPicture: (kind: 'png'|'svg') => void}} NotesPage */

/** @param {import('./panels.js').PanelContext} context @param {NotesPage} page @returns {import('./panels.js').Panel} */
export function notesPanel({ store, actions }, page) {
  return { id: 'notes', title: 'Notes', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    const notes = element('ol', { class: 'notes' });
    const views = element('ol', { class: 'notes' });
    const name = element('input', { type: 'text', placeholder: 'Name of the view', 'aria-label': 'Name of the new view', maxlength: '60' });
    const add = element('form', { class: 'tools' });
    add.append(
      name,
      button('Save view', 'Save what is shown now under this name', () => {}, { type: 'submit' }),
    );
    add.addEventListener('submit', (e) => {
      e.preventDefault();
      actions.addView(name.value);
      name.value = '';
    });
    const save = element('div', { class: 'tools' });
    const file = element('input', { type: 'file', accept: '.json', 'aria-label': 'Import notes and views' });
    const load = element('label', { class: 'button', title: 'Read notes and views from a JSON file' }, 'Import…');
    load.append(file);
    file.addEventListener('change', async () => {
      const chosen = file.files?.[0];
      if (chosen) page.importJson(await chosen.text());
      file.value = '';
    });
    save.append(
      button('Save page', withKey('Save a copy of this page that holds these notes and views', 'saveCopy'), page.saveCopy),
      button('Export JSON', 'Save notes and views as the extra and savedview lists of the span JSON', page.exportJson),
      load,
      button('Undo', withKey('Undo', 'undo'), () => actions.undo()),
      button('Redo', withKey('Redo', 'redo'), () => actions.redo()),
    );
    const figure = figureFields(store, actions);
    const picture = element('div', { class: 'tools' });
    picture.append(
      button('PNG', 'Save the picture as PNG', () => page.exportPicture('png')),
      button('SVG', 'Save the picture as SVG, for print', () => page.exportPicture('svg')),
    );
    body.append(
      element('h2', {}, 'Notes'),
      button('New note', withKey('Write a note at the selection or in the middle', 'note'), page.note),
      notes,
      element('h2', {}, 'Views'),
      views,
      add,
      element('h2', {}, 'Save and share'),
      save,
      element('p', { class: 'dim' }, 'The address of this page holds the view: copy it to come back to the same picture.'),
      element('h3', {}, 'Picture'),
      figure.box,
      picture,
    );

    return {
      /** @param {State} state @param {Partial<State>} changed */
      update(state, changed) {
        if ('sizes' in changed || 'model' in changed) figure.fill(state);
        if ('notes' in changed || 'model' in changed) notes.replaceChildren(...noteItems({ store, actions }, state));
        if ('views' in changed || 'model' in changed) views.replaceChildren(...viewItems(actions, state));
      },
    };
  }
}
