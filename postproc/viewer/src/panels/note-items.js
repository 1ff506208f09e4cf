// SPDX-License-Identifier: BSD-3-Clause
// The lines of the Notes panel: a note, a saved view.

import { keyOf } from '../input/keys.js';
import { button, element } from '../kit/dom.js';
import { GROUP_TITLES } from '../plan/layout.js';
import { clockWords, parseBase, toNs } from '../trace/time.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {Pick<import('./panels.js').PanelContext, 'store'|'actions'>} Context */

/** @param {Context} context @param {State} state @returns {HTMLElement[]} */
export function noteItems(context, state) {
  if (state.notes.length === 0) return [element('li', { class: 'dim' }, `None yet. ${keyOf('note')} writes one at the selection.`)];
  const { model } = state;
  return model ? state.notes.map((n) => noteItem(context, model, n)) : [];
}

/** @param {Context} context @param {import('../trace/model.js').Model} model @param {import('../state/notes.js').Note} n */
function noteItem({ store, actions }, model, n) {
  const item = element('li');
  const text = element('input', { type: 'text', 'aria-label': 'Text of the note', maxlength: '500' });
  text.value = n.text;
  text.addEventListener('change', () => actions.editNote(n.id, { text: text.value }));
  const when = clockWords(parseBase(model.meta.tracebase), toNs(model, n.t), 6).split(' ').pop();
  const row = model.rows[n.group][model.position[n.group].get(n.key) ?? -1];
  const go = () => {
    const { window } = store.get();
    const half = (window.t1 - window.t0) / 2;
    actions.show({ t0: n.t - half, t1: n.t + half });
    actions.goRow(n.group, n.key);
  };
  item.append(
    button(`${when}  ${row ? row.label : `${GROUP_TITLES[n.group]} ${n.key}`}`, 'Go there', go, { class: 'link' }),
    text,
    button('✕', 'Delete this note', () => actions.deleteNote(n.id), { 'aria-label': 'Delete this note' }),
  );
  return item;
}

/** @param {Context['actions']} actions @param {State} state @returns {HTMLElement[]} */
export const viewItems = (actions, state) =>
  state.views.map((v, i) => {
    const item = element('li');
    const label = element('input', { type: 'text', 'aria-label': 'Name of the view', maxlength: '60' });
    label.value = v.label;
    label.addEventListener('change', () => actions.renameView(i, label.value));
    const empty = v.hash === null;
    /** @type {Record<string, string>} */
    const disabled = empty ? { disabled: '' } : {};
    item.append(
      button(empty ? 'empty' : 'Show', empty ? 'Nothing is saved here yet' : 'Show this view', () => actions.showView(i), disabled),
      label,
      button('Save', 'Save what is shown now here', () => actions.saveView(i)),
      button('✕', i < 5 ? 'Empty this view' : 'Delete this view', () => actions.deleteView(i), { 'aria-label': 'Delete this view', ...disabled }),
    );
    return item;
  });
