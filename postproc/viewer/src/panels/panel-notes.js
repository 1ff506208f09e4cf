// SPDX-License-Identifier: BSD-3-Clause
// Panel: notes and saved views; saving them into a copy of the page or as JSON.

import { button, element } from '../kit/dom.js';
import { keyOf, withKey } from '../input/keys.js';
import { clockWords, parseBase, toNs } from '../trace/time.js';
import { GROUP_TITLES } from '../plan/layout.js';
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

    /** @param {State} state */
    function fillNotes(state) {
      const { model } = state;
      if (!model) return;
      notes.replaceChildren(
        ...state.notes.map((n) => {
          const item = element('li');
          const text = element('input', { type: 'text', 'aria-label': 'Text of the note', maxlength: '500' });
          text.value = n.text;
          text.addEventListener('change', () => actions.editNote(n.id, { text: text.value }));
          const when = clockWords(parseBase(model.meta.tracebase), toNs(model, n.t), 6).split(' ').pop();
          const row = model.rows[n.group][model.position[n.group].get(n.key) ?? -1];
          item.append(
            button(`${when}  ${row ? row.label : `${GROUP_TITLES[n.group]} ${n.key}`}`, 'Go there', () => goNote(n), { class: 'link' }),
            text,
            button('✕', 'Delete this note', () => actions.deleteNote(n.id), { 'aria-label': 'Delete this note' }),
          );
          return item;
        }),
      );
      if (state.notes.length === 0) notes.append(element('li', { class: 'dim' }, `None yet. ${keyOf('note')} writes one at the selection.`));
    }

    /** @param {import('../state/notes.js').Note} n */
    function goNote(n) {
      const { window } = store.get();
      const half = (window.t1 - window.t0) / 2;
      actions.show({ t0: n.t - half, t1: n.t + half });
      actions.goRow(n.group, n.key);
    }

    /** @param {State} state */
    function fillViews(state) {
      views.replaceChildren(
        ...state.views.map((v, i) => {
          const item = element('li');
          const label = element('input', { type: 'text', 'aria-label': 'Name of the view', maxlength: '60' });
          label.value = v.label;
          label.addEventListener('change', () => actions.renameView(i, label.value));
          const empty = v.hash === null;
          item.append(
            button(
              empty ? 'empty' : 'Show',
              empty ? 'Nothing is saved here yet' : 'Show this view',
              () => actions.showView(i),
              empty ? { disabled: '' } : {},
            ),
            label,
            button('Save', 'Save what is shown now here', () => actions.saveView(i)),
            button('✕', i < 5 ? 'Empty this view' : 'Delete this view', () => actions.deleteView(i), {
              'aria-label': 'Delete this view',
              ...(empty ? { disabled: '' } : {}),
            }),
          );
          return item;
        }),
      );
    }

    return {
      /** @param {State} state @param {Partial<State>} changed */
      update(state, changed) {
        if ('sizes' in changed || 'model' in changed) figure.fill(state);
        if ('notes' in changed || 'model' in changed) fillNotes(state);
        if ('views' in changed || 'model' in changed) fillViews(state);
      },
    };
  }
}
