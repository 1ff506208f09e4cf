// SPDX-License-Identifier: BSD-3-Clause
// Every command by its name in the key table: what keys, palette, menus and buttons run.

import { actionOf, KEYS } from './keys.js';
import { TOGGLES } from '../state/store.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/actions.js').Actions} Actions */
/** @typedef {import('./interaction.js').View} View */
/**
 * What the page does for commands.
 * @typedef {object} CommandPage
 * @property {() => void} help @property {() => void} search @property {() => void} escape @property {() => void} palette
 * @property {() => void} rowFinder @property {() => void} theme @property {() => void} note @property {() => void} saveCopy
 * @property {() => void} menu @property {(text: string) => void} say @property {(step: number) => void} tab
 */

/** @param {Store} store @param {Actions} actions @param {View} view @param {CommandPage} page @returns {Record<string, () => void>} */
export function createCommands(store, actions, view, page) {
  const at = () => {
    const { pointer } = store.get();
    const layout = view.scene()?.layout;
    if (!pointer || !layout) return 0.5;
    return Math.min(1, Math.max(0, (pointer.x - layout.left) / (layout.right - layout.left)));
  };
  const pageHeight = () => (view.scene()?.layout.bottom ?? 600) * 0.9;
  const follow = (/** @type {number} */ direction) => {
    if (actions.follow(direction)) return;
    page.say(
      store.get().selection
        ? direction < 0
          ? 'No wakeup of this thread is recorded here.'
          : 'No wakeup was sent from here.'
        : 'Select a span or a wait first.',
    );
  };
  const walk = (/** @type {number} */ direction) => {
    if (!actions.walkPath(direction)) page.say('Ask why first: select something and press Y.');
  };
  const cycle = /** @type {const} */ (['class', 'kind', 'cpu', 'thread']);
  /** @type {Record<string, () => void>} */
  const commands = {
    zoomIn: () => actions.zoom(1 / 1.5, at()),
    zoomOut: () => actions.zoom(1.5, at()),
    panLeft: () => actions.pan(-0.15),
    panRight: () => actions.pan(0.15),
    scrollUp: () => actions.scroll(-60),
    scrollDown: () => actions.scroll(60),
    pageUp: () => actions.scroll(-pageHeight()),
    pageDown: () => actions.scroll(pageHeight()),
    home: () => actions.jump(false),
    end: () => actions.jump(true),
    full: () => actions.full(),
    fit: () => actions.fit(),
    zoomBack: () => {
      if (!actions.zoomBack()) page.say('Nothing was seen before.');
    },
    zoomForward: () => {
      if (!actions.zoomForward()) page.say('Nothing was seen after this.');
    },
    resetAll: () => actions.resetAll(),
    next: () => actions.neighbour(1),
    previous: () => actions.neighbour(-1),
    rowAbove: () => actions.otherRow(-1),
    rowBelow: () => actions.otherRow(1),
    pickHere: () => {
      const { pointer } = store.get();
      const picked = pointer ? view.pickAt(pointer.x, pointer.y) : null;
      if (picked?.selection) actions.select(picked.selection, picked.row?.row.group);
      else actions.selectFirst();
    },
    waker: () => follow(-1),
    wakee: () => follow(1),
    pathBack: () => walk(-1),
    pathOn: () => walk(1),
    search: () => page.search(),
    nextMatch: () => actions.match(true),
    previousMatch: () => actions.match(false),
    isolate: () => {
      if (store.get().search) store.set({ isolate: !store.get().isolate });
      else page.say('Search for something first; then its matches can be isolated.');
    },
    rowFinder: () => page.rowFinder(),
    cursor: () => {
      const scene = view.scene();
      const { pointer, window } = store.get();
      if (!scene) return;
      const inside = pointer && pointer.x >= scene.layout.left;
      const t = inside ? scene.time.invert(pointer.x) : (window.t0 + window.t1) / 2;
      const picked = pointer ? view.pickAt(pointer.x, pointer.y) : null;
      actions.cursor(t, picked?.row?.row ?? null, scene.tpp * 8);
    },
    clearCursors: () => actions.clearCursors(),
    labelUser: () => actions.annotate('user'),
    labelAll: () => actions.annotate('all'),
    labelStyle: () => store.set({ annotStyle: store.get().annotStyle === 'tall' ? 'short' : 'tall' }),
    colorBy: () => store.set({ colorBy: cycle[(cycle.indexOf(store.get().colorBy) + 1) % cycle.length] }),
    lower: () => actions.rowHeight(1 / 1.25),
    taller: () => actions.rowHeight(1.25),
    theme: () => page.theme(),
    safeColors: () => store.set({ safe: !store.get().safe }),
    selectArea: () => store.set({ selecting: !store.get().selecting }),
    note: () => page.note(),
    undo: () => {
      if (!actions.undo()) page.say('There is nothing to undo.');
    },
    redo: () => {
      if (!actions.redo()) page.say('There is nothing to redo.');
    },
    saveCopy: () => page.saveCopy(),
    palette: () => page.palette(),
    nextTab: () => page.tab(1),
    previousTab: () => page.tab(-1),
    menu: () => page.menu(),
    help: () => page.help(),
    escape: () => page.escape(),
  };
  return { ...commands, ...tableCommands(actions, page) };
}

/** What the table of keys has with a value: toggles, panels, views. @param {Actions} actions @param {CommandPage} page */
function tableCommands(actions, page) {
  /** @type {Record<string, () => void>} */
  const commands = {};
  for (const { key } of TOGGLES) commands[`toggle:${key}`] = () => actions.toggle(key);
  for (const { action } of KEYS) {
    const [what, value] = action.split(':');
    if (what === 'panel') commands[action] = () => actions.openPanel(value);
    if (what === 'view')
      commands[action] = () => {
        if (!actions.showView(Number(value))) page.say(`View ${value} is empty: Shift+${value} saves what you see there.`);
      };
    if (what === 'save')
      commands[action] = () => {
        actions.saveView(Number(value));
        page.say(`Saved as view ${value}.`);
      };
  }
  return commands;
}

/** Fields in which letters are text. @param {EventTarget|null} target */
const isField = (target) =>
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLInputElement && !['checkbox', 'radio', 'file', 'button'].includes(target.type));

/** @param {Record<string, () => void>} commands */
export function listenKeyboard(commands) {
  document.addEventListener('keydown', (e) => {
    const action = actionOf(e);
    if (!action) return;
    const held = (e.ctrlKey || e.metaKey) && !e.altKey; // with Ctrl and Alt, AltGr types a character
    if (isField(e.target) && !(action === 'escape' || (held && ['palette', 'saveCopy', 'search'].includes(action)))) return;
    // A focused button or list keeps its own keys.
    if (
      (e.key === 'Enter' || e.key.startsWith('Arrow')) &&
      e.target instanceof HTMLElement &&
      e.target.closest('button, [role=listbox], [role=menu], a, dialog')
    )
      return;
    if (document.querySelector('dialog[open]') && !['escape', 'help', 'palette'].includes(action)) return;
    e.preventDefault();
    commands[action]();
  });
}
