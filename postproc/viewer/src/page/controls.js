// SPDX-License-Identifier: BSD-3-Clause
// The bars: toggles, labels, panels, views, diagnostics badge, group headers. Every tooltip names the key and the state.

import { diagnosticCounts } from '../panels/details.js';
import { button, element } from '../kit/dom.js';
import { FLAG_IPC, FLAG_LLC } from '../format/events.js';
import { AUX } from '../format/events.js';
import { keyOf, withKey } from '../input/keys.js';
import { GROUP_TITLES, headerPlaces } from '../plan/layout.js';
import { hasFreq } from '../trace/model.js';
import { TOGGLES } from '../state/store.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../state/actions.js').Actions} Actions */
/** @typedef {import('../trace/model.js').Model} Model */

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Sets a button's title and name. @param {HTMLElement} b @param {string} text @param {string} state @param {string} action */
function describe(b, text, state, action) {
  b.title = `${text}: ${state}${keyOf(action) ? ` (${keyOf(action)})` : ''}`;
}

/** One line of a menu: what, its state in words, its key. @param {string} label @param {Record<string, string>} attributes @param {string} action @param {(e: MouseEvent) => void} run */
function menuLine(label, attributes, action, run) {
  const b = element('button', { type: 'button', class: 'row', 'aria-label': label, ...attributes });
  const state = element('small');
  const name = element('span', {}, label);
  b.append(name, state);
  if (keyOf(action)) b.append(element('kbd', {}, keyOf(action)));
  b.addEventListener('click', run);
  return { b, name, state };
}

/** @param {HTMLElement} bar @param {Store} store @param {Actions} actions */
export function makeToggles(bar, store, actions) {
  const lines = TOGGLES.map((toggle) => {
    const line = menuLine(toggle.label, { 'data-toggle': toggle.key }, `toggle:${toggle.key}`, (e) =>
      actions.toggle(toggle.key, e.shiftKey ? -1 : 1),
    );
    bar.append(line.b);
    return { ...toggle, ...line };
  });
  /** @type {Record<string, string>} */
  let missing = {};
  const update = (/** @type {State} */ shown) => {
    for (const { key, b, name, state, text, states, label } of lines) {
      const value = shown.show[key] ?? 0;
      b.disabled = missing[key] !== undefined;
      b.setAttribute('aria-pressed', String(value > 0 && !b.disabled));
      b.dataset.state = String(value);
      name.textContent = key === 'ipc' ? counterLabel(shown.model?.flags ?? 0) : label;
      b.setAttribute('aria-label', name.textContent);
      state.textContent = missing[key] ?? states[value];
      describe(b, text, missing[key] ?? `${states[value]}; next: ${states[(value + 1) % states.length]}`, `toggle:${key}`);
    }
  };
  store.subscribe((state, changed) => {
    if (changed.model) missing = missingData(changed.model);
    if (changed.show || changed.model) update(state);
  });
  update(store.get());
}

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
  if (!model.category.includes(AUX.MEMORY)) missing.usage = 'this trace has no samples of it';
  return missing;
}

/** Lines of menus for labels and colours. @param {{labels: HTMLElement, colours: HTMLElement}} bars @param {Store} store @param {Actions} actions @param {Record<string, () => void>} commands */
export function makeOptions({ labels, colours }, store, actions, commands) {
  const line = (/** @type {string} */ id, /** @type {string} */ label, /** @type {string} */ action, /** @type {() => void} */ run) =>
    menuLine(label, { 'data-option': id }, action, run);
  const user = line('user', 'First of each thread', 'labelUser', () => actions.annotate('user'));
  const all = line('all', 'All spans', 'labelAll', () => actions.annotate('all'));
  const style = line('style', 'Lines', 'labelStyle', () => commands.labelStyle());
  const color = line('colorBy', 'Spans', 'colorBy', () => commands.colorBy());
  const safe = line('safe', 'For colour blindness', 'safeColors', () => commands.safeColors());
  labels.append(user.b, all.b, style.b);
  colours.append(color.b, safe.b);
  const names = { class: 'by class', kind: 'by name', cpu: 'by CPU', thread: 'by thread' };
  const update = (/** @type {State} */ s) => {
    for (const [{ b, state }, what, text, action] of /** @type {[typeof user, string, string, string][]} */ ([
      [user, 'user', 'Label each user thread in sight', 'labelUser'],
      [all, 'all', 'Label every span in sight', 'labelAll'],
    ])) {
      b.setAttribute('aria-pressed', String(s.annotate === what));
      state.textContent = s.annotate === what ? 'on' : 'off';
      describe(b, text, state.textContent, action);
    }
    style.state.textContent = s.annotStyle;
    describe(style.b, 'Lines of labels', s.annotStyle, 'labelStyle');
    color.state.textContent = names[s.colorBy];
    color.b.setAttribute('aria-pressed', String(s.colorBy !== 'class'));
    describe(
      color.b,
      'Colour of spans',
      `${names[s.colorBy]}${s.colorBy === 'cpu' ? ' on thread and RPC rows' : s.colorBy === 'thread' ? ' on CPU rows' : ''}`,
      'colorBy',
    );
    safe.b.setAttribute('aria-pressed', String(s.safe));
    safe.state.textContent = s.safe ? 'on' : 'off';
    describe(safe.b, 'Colours for colour blindness', safe.state.textContent, 'safeColors');
  };
  store.subscribe((s, changed) => {
    if ('annotate' in changed || 'annotStyle' in changed || 'colorBy' in changed || 'safe' in changed) update(s);
  });
  update(store.get());
}

/** Buttons of the bar that open the panel: the rows, and what was open last. @param {{rows: HTMLElement, panel: HTMLElement}} buttons @param {Store} store @param {Actions} actions */
export function connectPanelButtons({ rows, panel }, store, actions) {
  let last = 'summary';
  rows.addEventListener('click', () => actions.openPanel('rows'));
  panel.addEventListener('click', () => actions.openPanel(store.get().panel || last));
  const update = (/** @type {string} */ open) => {
    rows.setAttribute('aria-pressed', String(open === 'rows'));
    describe(rows, 'Rows: hide, pin, sort, filter', open === 'rows' ? 'open' : 'closed', 'panel:rows');
    panel.setAttribute('aria-pressed', String(open !== ''));
    panel.title = open === '' ? 'Panel: closed; a click opens what was open last' : 'Panel: open; a click closes it';
  };
  store.subscribe((state, changed) => {
    if (!('panel' in changed)) return;
    if (state.panel !== '') last = state.panel;
    update(state.panel);
  });
  update(store.get().panel);
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

/** Lines of the menu of the trace. @param {HTMLElement} bar @param {[string, string, string, () => void][]} list label, what it does, its command in the table of keys, run */
export function makeTraceActions(bar, list) {
  for (const [label, text, action, run] of list) {
    const { b } = menuLine(label, { title: withKey(text, action) }, action, run);
    bar.append(b);
  }
}

/** Red is for what is missing or wrong; what was repaired and noted stands behind a tick. @param {HTMLElement} badge @param {Model} model */
export function fillBadge(badge, model) {
  const { damage, repair, info } = diagnosticCounts(model);
  badge.hidden = false;
  badge.className = damage > 0 ? 'badge damage' : 'badge';
  badge.textContent = damage > 0 ? `⚠ ${damage.toLocaleString('en')} damaged` : '✓ Complete';
  const behind = [`${repair.toLocaleString('en')} repaired`, `${info.toLocaleString('en')} notes`].join(', ');
  badge.title = `What was dropped, repaired or inferred: click for the list (${behind})`;
}

/** Group headers are real buttons over the label column. @param {HTMLElement} box @param {Store} store @param {Actions} actions */
export function makeHeaders(box, store, actions) {
  /** @type {Map<string, HTMLButtonElement>} */
  const made = new Map();
  /** @param {import('../plan/layout.js').Layout} layout */
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
