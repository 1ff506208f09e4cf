// SPDX-License-Identifier: BSD-3-Clause
// Panels: details of the selection, and what is wrong with the trace. Names are only ever set as text.

import { button, copyText, element } from '../kit/dom.js';
import { withKey } from '../input/keys.js';
import { overLines } from '../draw/over/kinds.js';
import { detailLines, linesAsText } from '../words/words.js';
import { relationLines } from '../words/relations.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./panels.js').PanelContext} PanelContext */

/** @param {PanelContext} context @returns {import('./panels.js').Panel} */
export function detailsPanel({ store, actions, say }) {
  return {
    id: 'details',
    title: 'Details',
    mount(body) {
      return {
        update(state, changed) {
          if (!('selection' in changed)) return;
          body.replaceChildren(element('h2', {}, 'Details'));
          if (!state.model || !state.selection) {
            body.append(element('p', { class: 'dim' }, 'Click a span, a wait, a mark or an arc to see everything about it here.'));
            return;
          }
          fill(body, state.model, state.selection);
        },
      };
    },
  };

  /** @param {HTMLElement} body @param {Model} model @param {import('../state/store.js').Selection} selection */
  function fill(body, model, selection) {
    const lines = [
      ...detailLines(model, selection),
      ...(selection.cols === 'aux' ? overLines(model, selection.record) : []),
      ...relationLines(model, selection),
    ];
    const tools = element('div', { class: 'tools' });
    const follow = (/** @type {number} */ d, /** @type {string} */ none) => () => {
      if (!actions.follow(d)) say(none);
    };
    tools.append(
      button('◀', withKey('Previous span on this row', 'previous'), () => actions.neighbour(-1), { 'aria-label': 'Previous span on this row' }),
      button('▶', withKey('Next span on this row', 'next'), () => actions.neighbour(1), { 'aria-label': 'Next span on this row' }),
      button('Waker', withKey('Go to who woke this thread', 'waker'), follow(-1, 'No wakeup of this thread is recorded here.')),
      button('Woken', withKey('Go to whom this woke', 'wakee'), follow(1, 'No wakeup was sent from here.')),
      button('Fit', withKey('Fit the selection to the window', 'fit'), () => {
        store.set({ range: null });
        actions.fit();
      }),
    );
    const list = element('dl');
    for (const line of lines) {
      list.append(element('dt', {}, line.label));
      const value = element('dd', line.note ? { class: 'note' } : {});
      const { link, query } = line;
      if (link) value.append(button(line.text, 'Go there', () => actions.go(link), { class: 'link' }));
      else if (query) value.append(button(line.text, 'List them', () => actions.list(query), { class: 'link' }));
      else value.textContent = line.text;
      list.append(value);
    }
    const copy = button(
      'Copy',
      'Copy these lines as text',
      async () => {
        copy.textContent = (await copyText(linesAsText(lines))) ? 'Copied' : 'Copying is not allowed here';
      },
      { class: 'wide' },
    );
    body.append(tools, list, copy);
  }
}

const SEVERITIES = /** @type {[string, string][]} */ ([
  ['damage', 'Damage: time or events are missing or wrong'],
  ['repair', 'Repaired: what was recorded did not fit together and was mended'],
  ['info', 'For information'],
]);

/** @returns {import('./panels.js').Panel} */
export const qualityPanel = () => ({
  id: 'quality',
  title: 'Quality',
  mount(body) {
    return {
      update(state, changed) {
        if (!changed.model || !state.model) return;
        body.replaceChildren(element('h2', {}, 'Quality of this trace'));
        fillDiagnostics(body, state.model);
      },
    };
  },
});

/** @param {HTMLElement} body @param {Model} model */
export function fillDiagnostics(body, model) {
  if (model.diagnostics.length === 0) body.append(element('p', {}, 'Nothing was dropped, repaired or inferred.'));
  for (const [severity, title] of SEVERITIES) {
    const found = model.diagnostics.filter((d) => d.severity === severity || (severity === 'info' && !SEVERITIES.some(([s]) => s === d.severity)));
    if (found.length === 0) continue;
    body.append(element('h3', { class: `severity ${severity}` }, title));
    const list = element('ul');
    for (const d of found) {
      const item = element('li');
      item.append(element('b', {}, String(d.count)), document.createTextNode(` ${d.text} `), element('code', {}, d.id));
      list.append(item);
    }
    body.append(list);
  }
}

/** Sums of the diagnostics by severity. @param {Model} model */
export function diagnosticCounts(model) {
  const sums = { damage: 0, repair: 0, info: 0 };
  for (const d of model.diagnostics) {
    const severity = d.severity === 'damage' || d.severity === 'repair' ? d.severity : 'info';
    sums[severity] += Number(d.count) || 0;
  }
  return sums;
}
