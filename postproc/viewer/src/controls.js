// SPDX-License-Identifier: BSD-3-Clause
// The bars: toggles, labels, panels, views, diagnostics badge, group headers. Every tooltip names the key and the state.

import { diagnosticCounts } from './details.js';
import { button, element } from './dom.js';
import { FLAG_IPC, FLAG_LLC } from './events.js';
import { AUX } from './events.js';
import { keyOf, withKey } from './keys.js';
import { GROUP_TITLES, headerPlaces } from './layout.js';
import { hasFreq } from './model.js';
import { TOGGLES } from './store.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./store.js').State} State */
/** @typedef {import('./actions.js').Actions} Actions */
/** @typedef {import('./model.js').Model} Model */

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Sets a button's title and name. @param {HTMLElement} b @param {string} text @param {string} state @param {string} action */
function describe(b, text, state, action) {
  b.title = `${text}: ${state}${keyOf(action) ? ` (${keyOf(action)})` : ''}`;
}

/** @param {HTMLElement} bar @param {Store} store @param {Actions} actions */
export function makeToggles(bar, store, actions) {
  const buttons = TOGGLES.map((toggle) => {
    const longest = toggle.states.reduce((w, s, i) => (i > 1 && shortState(s).length > w.length ? shortState(s) : w), '');
    const b = element(
      'button',
      { type: 'button', class: 'toggle', 'data-toggle': toggle.key, 'data-room': `${toggle.label} ${longest}`.trim() },
      toggle.label,
    );
    b.addEventListener('click', (e) => actions.toggle(toggle.key, e.shiftKey ? -1 : 1));
    bar.append(b);
    return { ...toggle, b };
  });
  /** @type {Record<string, string>} */
  let missing = {};
  const update = (/** @type {State} */ state) => {
    for (const { key, b, text, states, label } of buttons) {
      const value = state.show[key] ?? 0;
      b.disabled = missing[key] !== undefined;
      b.setAttribute('aria-pressed', String(value > 0 && !b.disabled));
      b.dataset.state = String(value);
      b.textContent = key === 'ipc' ? counterLabel(state.model?.flags ?? 0) : label;
      if (value > 1) b.append(element('small', {}, ` ${shortState(states[value])}`));
      describe(b, text, missing[key] ?? `${states[value]}; next: ${states[(value + 1) % states.length]}`, `toggle:${key}`);
    }
  };
  store.subscribe((state, changed) => {
    if (changed.model) missing = missingData(changed.model);
    if (changed.show || changed.model) update(state);
  });
  update(store.get());
}

/** Names of states as they stand on a button. @type {Record<string, string>} */
const SHORT = {
  'only a and c (text)': 'a c',
  'only b and d': 'b d',
  'bold, short ones too': 'bold',
  'kernel only': 'kernel',
  'user only': 'user',
  'only those taken in the idle loop': 'idle',
};

/** @param {string} state */
const shortState = (state) => SHORT[state] ?? state;

/** @param {number} flags */
const counterLabel = (flags) => ((flags & FLAG_LLC) === 0 ? 'IPC' : (flags & FLAG_IPC) === 0 ? 'LLC' : 'Both');

/** @param {Model} model @returns {Record<string, string>} */
function missingData(model) {
  /** @type {Record<string, string>} */
  const missing = {};
  if ((model.flags & (FLAG_IPC | FLAG_LLC)) === 0) missing.ipc = 'this trace has no such data';
  if (model.freq.max === 0) missing.freq = 'this trace has no such data';
  else if (!hasFreq(model)) missing.freq = `constant, ${Math.round(model.freq.max)} MHz`;
  if (!model.category.includes(AUX.LOCK)) missing.locks = 'this trace has none';
  if (!model.category.includes(AUX.SAMPLE)) missing.samples = 'this trace has none';
  return missing;
}

/** Buttons for labels, colours and the other options that are not toggles. @param {HTMLElement} bar @param {Store} store @param {Actions} actions @param {Record<string, () => void>} commands */
export function makeOptions(bar, store, actions, commands) {
  const user = button('User', '', () => actions.annotate('user'), { 'data-option': 'user' });
  const all = button('All', '', () => actions.annotate('all'), { 'data-option': 'all' });
  const style = button('', '', () => commands.labelStyle(), { 'data-option': 'style', 'data-room': 'Short' });
  const color = button('', '', () => commands.colorBy(), { 'data-option': 'colorBy', 'data-room': 'Colour by thread' });
  const safe = button('CB', '', () => commands.safeColors(), { 'data-option': 'safe' });
  bar.append(user, all, style, color, safe);
  const names = { class: 'by class', kind: 'by name', cpu: 'by CPU', thread: 'by thread' };
  const update = (/** @type {State} */ s) => {
    for (const [b, what, text, action] of /** @type {[HTMLElement, string, string, string][]} */ ([
      [user, 'user', 'Label each user thread in sight', 'labelUser'],
      [all, 'all', 'Label every span in sight', 'labelAll'],
    ])) {
      b.setAttribute('aria-pressed', String(s.annotate === what));
      describe(b, text, s.annotate === what ? 'on' : 'off', action);
    }
    style.textContent = s.annotStyle === 'tall' ? 'Tall' : 'Short';
    describe(style, 'Lines of labels', s.annotStyle, 'labelStyle');
    color.textContent = `Colour ${names[s.colorBy]}`;
    color.setAttribute('aria-pressed', String(s.colorBy !== 'class'));
    describe(
      color,
      'Colour of spans',
      `${names[s.colorBy]}${s.colorBy === 'cpu' ? ' on thread and RPC rows' : s.colorBy === 'thread' ? ' on CPU rows' : ''}`,
      'colorBy',
    );
    safe.setAttribute('aria-pressed', String(s.safe));
    describe(safe, 'Colours for colour blindness', s.safe ? 'on' : 'off', 'safeColors');
  };
  store.subscribe((s, changed) => {
    if ('annotate' in changed || 'annotStyle' in changed || 'colorBy' in changed || 'safe' in changed) update(s);
  });
  update(store.get());
}

const PANEL_BUTTONS = /** @type {[string, string, string][]} */ ([
  ['states', 'States', 'Thread states and RPC times: what hurt most'],
  ['statistics', 'Statistics', 'Statistics of the window or the measured range'],
  ['results', 'Matches', 'List of matches'],
  ['rows', 'Rows', 'Rows: hide, pin, sort, filter'],
  ['notes', 'Notes', 'Notes, views, saving, pictures'],
  ['compare', 'Compare', 'Compare two ranges or two traces'],
  ['legend', 'Legend', 'Legend; names what is under the pointer'],
]);

/** @param {HTMLElement} bar @param {Store} store @param {Actions} actions */
export function makePanelButtons(bar, store, actions) {
  const buttons = PANEL_BUTTONS.map(([id, label, text]) => {
    const b = button(label, '', () => actions.openPanel(id), { 'data-open': id });
    bar.append(b);
    return { id, b, text };
  });
  const update = () => {
    for (const { id, b, text } of buttons) {
      const on = store.get().panel === id;
      b.setAttribute('aria-pressed', String(on));
      describe(b, text, on ? 'open' : 'closed', `panel:${id}`);
    }
  };
  store.subscribe((_, changed) => {
    if ('panel' in changed) update();
  });
  update();
}

/** Saved views: click shows, Shift+click saves. @param {HTMLElement} bar @param {Store} store @param {Actions} actions @param {(text: string) => void} say */
export function makeViews(bar, store, actions, say) {
  const update = () => {
    const { views } = store.get();
    bar.replaceChildren(
      ...views.map((v, i) => {
        const empty = v.hash === null;
        const title = empty
          ? `View ${v.label}: empty. Shift+click${i > 0 && i < 5 ? ` or Shift+${i}` : ''} saves what is shown`
          : `View ${v.label}: saved. Click shows it${i === 0 ? ' (`)' : i < 5 ? ` (${i})` : ''}; Shift+click saves over it`;
        const b = button(v.label, title, () => {}, { 'data-view': String(i), class: empty ? 'view empty' : 'view', 'aria-label': title });
        b.addEventListener('click', (e) => {
          if (e.shiftKey) {
            actions.saveView(i);
            say(`Saved as view ${v.label}.`);
          } else if (!actions.showView(i)) say(`View ${v.label} is empty: Shift+click saves what is shown.`);
        });
        return b;
      }),
      button(
        '⊕',
        withKey('Save what is shown as a new view with a name', 'panel:notes'),
        () => {
          store.set({ panel: 'notes' });
          /** @type {HTMLElement|null} */ (document.querySelector('#panel form input'))?.focus();
        },
        { 'aria-label': 'New view' },
      ),
    );
  };
  store.subscribe((_, changed) => {
    if ('views' in changed) update();
  });
  update();
}

/** @param {HTMLElement} badge @param {Model} model */
export function fillBadge(badge, model) {
  const { damage, repair, info } = diagnosticCounts(model);
  badge.hidden = false;
  badge.className = damage > 0 ? 'badge damage' : repair > 0 ? 'badge repair' : 'badge';
  const parts = [];
  if (damage > 0) parts.push(`⚠ ${damage.toLocaleString('en')} damaged`);
  if (repair > 0) parts.push(`${repair.toLocaleString('en')} repaired`);
  if (info > 0) parts.push(`${info.toLocaleString('en')} notes`);
  badge.textContent = parts.length > 0 ? parts.join(', ') : '✓ complete';
  badge.title = 'What was dropped, repaired or inferred: click for the list';
}

/** Group headers are real buttons over the label column. @param {HTMLElement} box @param {Store} store @param {Actions} actions */
export function makeHeaders(box, store, actions) {
  /** @type {Map<string, HTMLButtonElement>} */
  const made = new Map();
  /** @param {import('./layout.js').Layout} layout */
  return (layout) => {
    for (const [group, b] of made) if (!layout.groups.some((g) => g.group === group)) b.hidden = true;
    headerPlaces(layout).forEach(({ group: g, y }) => {
      let b = made.get(g.group);
      if (!b) {
        b = element('button', { type: 'button', class: 'group', 'data-group': g.group });
        b.addEventListener('click', () => actions.toggleGroup(g.group));
        made.set(g.group, b);
        box.append(b);
      }
      const { headerHeight } = layout;
      const lit = store.get().rows[g.group].highlit.length;
      const text = `${g.open ? '▼' : '▶'} ${GROUP_TITLES[g.group]} (${g.count}${g.missing > 0 ? ` of ${g.count + g.missing}` : ''})${lit > 0 ? ` ★${lit}` : ''}`;
      if (b.textContent !== text) b.textContent = text;
      b.setAttribute('aria-expanded', String(g.open));
      b.title = `${g.open ? 'Open: click closes' : 'Closed: click opens'} this group${g.missing > 0 ? `; ${g.missing} rows are left out: see Rows (R)` : ''}`;
      b.hidden = false;
      b.style.transform = `translateY(${y}px)`;
      b.style.width = `${layout.left - 2}px`;
      b.style.height = `${headerHeight - 1}px`;
      b.style.fontSize = `${0.75 * layout.type.scale}rem`;
    });
  };
}
