// SPDX-License-Identifier: BSD-3-Clause
// Panel: the rows of each group: filter, sort, fold, pin, hide, highlight, move.

import { choiceOf } from '../state/choices.js';
import { button, checkbox, element, select } from '../kit/dom.js';
import { keepOpening, opensWith } from '../state/memory.js';
import { GROUPS, GROUP_TITLES } from '../plan/layout.js';
import { ORDERS, shownRows } from '../plan/rows.js';
import { rowSizeFields } from './size-fields.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {import('../trace/model.js').Row} Row */

const MOST = 300;

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function rowsPanel({ store, actions }) {
  const chosen = choiceOf(store, 'rows.group', 'pid', (v) => GROUPS.includes(/** @type {Group} */ (v)));
  /** @type {Group} */
  let group = 'pid';
  return { id: 'rows', title: 'Rows', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    const { model, rows } = store.get();
    const groups = GROUPS.filter((g) => model && model.rows[g].length > 0);
    const wanted = () => /** @type {Group} */ (groups.includes(/** @type {Group} */ (chosen.get())) ? chosen.get() : (groups[0] ?? 'cpu'));
    group = wanted();
    const choice = select(
      'Group',
      'Which rows',
      groups.map((g) => [g, GROUP_TITLES[g]]),
      group,
      (v) => chosen.set(v),
    );
    const order = select('Sort', 'Order of the rows', ORDERS, rows[group].order, (v) => actions.sortRows(group, /** @type {any} */ (v)));
    const filter = element('input', {
      type: 'search',
      placeholder: 'Part of a name',
      'aria-label': 'Show only rows whose name holds this',
      title: 'Show only rows whose name holds this; pinned rows stay',
    });
    filter.addEventListener('input', () => actions.filterRows(group, filter.value));
    const fold = checkbox(
      'fold rows that do not run here',
      'Leave out rows that do not run in the window; an RPC also counts when it waits',
      rows[group].fold,
      () => actions.foldRows(group),
    );
    const only = checkbox('only highlighted rows', 'Leave out rows that are not highlighted', rows[group].onlyHighlit, () =>
      actions.onlyHighlit(group),
    );
    const all = button('Show all', 'Take back every choice about these rows', () => actions.showAllRows(group));
    const opens = checkbox('open traces with their threads, busiest first', 'Holds for all traces', opensWith('threads'), (on) =>
      keepOpening('threads', on),
    );
    const count = element('p', { class: 'dim' });
    const list = element('ul', { class: 'row-list' });
    const tools = element('div', { class: 'tools' });
    tools.append(choice.box, order.box, filter, fold.box, only.box, all);
    const sizes = rowSizeFields(actions);
    body.append(element('h2', {}, 'Rows'), sizes.box, tools, opens.box, count, list);

    /** @param {State} state */
    function fill(state) {
      const m = state.model;
      if (!m) return;
      const asked = state.rows[group];
      const shown = shownRows(m, group, state.rows, state.window);
      order.select.value = asked.order;
      if (document.activeElement !== filter) filter.value = asked.filter;
      fold.input.checked = asked.fold;
      only.input.checked = asked.onlyHighlit;
      count.textContent = `${shown.rows.length} of ${m.rows[group].length} rows shown.`;
      const hidden = m.rows[group].filter((r) => asked.hidden.includes(r.key));
      list.replaceChildren(...[...shown.rows, ...hidden].slice(0, MOST).map((row, i) => item(row, asked, i)));
      if (shown.rows.length + hidden.length > MOST)
        list.append(element('li', { class: 'dim' }, `and ${shown.rows.length + hidden.length - MOST} more: filter by name`));
    }

    /** @param {Row} row @param {import('../plan/rows.js').GroupRows} asked @param {number} i */
    function item(row, asked, i) {
      const li = element('li');
      const toggle = (/** @type {string} */ text, /** @type {string} */ title, /** @type {boolean} */ on, /** @type {() => void} */ run) =>
        button(text, `${title} (${on ? 'on' : 'off'})`, run, { 'aria-pressed': String(on), 'aria-label': `${title}: ${row.label}` });
      li.append(
        button(row.label, 'Go to this row', () => actions.goRow(group, row.key), { class: 'link' }),
        toggle('Pin', 'Keep at the top', asked.pinned.includes(row.key), () => actions.pinRow(group, row.key)),
        toggle('Light', 'Highlight: other rows go grey', asked.highlit.includes(row.key), () => actions.highlightRow(group, row.key)),
        toggle('Hide', 'Hide', asked.hidden.includes(row.key), () => actions.hideRow(group, row.key)),
        button('▲', 'Move up', () => actions.moveRow(group, row.key, i - 1), { 'aria-label': `Move up: ${row.label}` }),
        button('▼', 'Move down', () => actions.moveRow(group, row.key, i + 1), { 'aria-label': `Move down: ${row.label}` }),
      );
      return li;
    }

    return {
      /** @param {State} state @param {Partial<State>} changed */
      update(state, changed) {
        if ('sizes' in changed || 'model' in changed) sizes.fill(state);
        if ('choices' in changed && group !== wanted()) {
          choice.select.value = group = wanted();
          fill(state);
        }
        if ('rows' in changed || 'model' in changed || ('window' in changed && state.rows[group].fold)) fill(state);
      },
    };
  }
}
