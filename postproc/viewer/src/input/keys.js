// SPDX-License-Identifier: BSD-3-Clause
// The keyboard: one table for the handler, the help, the command palette and the tooltips.

/** @typedef {{keys: string[], shown: string, text: string, action: string, section: string}} KeyRow
 *   keys as key-names.js names them */

import { keyName } from '../kit/key-names.js';

/** @type {[string, [string[], string, string, string][]][]} */
const SECTIONS = [
  [
    'Move and zoom',
    [
      [['w', '+', '='], 'W  +', 'zoom in at the pointer', 'zoomIn'],
      [['s', '-', '_'], 'S  −', 'zoom out', 'zoomOut'],
      [['a', 'ArrowLeft'], 'A  ←', 'pan to earlier', 'panLeft'],
      [['d', 'ArrowRight'], 'D  →', 'pan to later', 'panRight'],
      [['ArrowUp'], '↑', 'scroll rows up', 'scrollUp'],
      [['ArrowDown'], '↓', 'scroll rows down', 'scrollDown'],
      [['PageUp'], 'Page Up', 'scroll a page up', 'pageUp'],
      [['PageDown'], 'Page Down', 'scroll a page down', 'pageDown'],
      [['Home'], 'Home', 'go to the start of the trace', 'home'],
      [['End'], 'End', 'go to the end of the trace', 'end'],
      [['0'], '0', 'show the whole trace', 'full'],
      [['f', 'F'], 'F', 'fit the measured range, or else the selection', 'fit'],
      [['Backspace', 'Alt+ArrowLeft'], 'Backspace', 'back to what was seen before', 'zoomBack'],
      [['Shift+Backspace', 'Alt+ArrowRight'], 'Shift+Backspace', 'forward again', 'zoomForward'],
      [['Shift+0'], 'Shift+0', 'reset everything: view, rows, options, search', 'resetAll'],
    ],
  ],
  [
    'Select and follow',
    [
      [['.'], '.', 'select the next span on the row', 'next'],
      [[','], ',', 'select the previous span on the row', 'previous'],
      [['Shift+ArrowUp'], 'Shift+↑', 'select what runs on the row above', 'rowAbove'],
      [['Shift+ArrowDown'], 'Shift+↓', 'select what runs on the row below', 'rowBelow'],
      [['Enter'], 'Enter', 'select what is under the pointer, or the first span in sight', 'pickHere'],
      [['['], '[', 'follow the wakeup back: who woke this thread', 'waker'],
      [[']'], ']', 'follow the wakeup on: whom this woke', 'wakee'],
      [['e'], 'E', 'details panel', 'panel:details'],
      [['y'], 'Y', 'why: where the time of the selection went', 'panel:why'],
      [['<'], '<', 'the step before on the critical path', 'pathBack'],
      [['>'], '>', 'the next step on the critical path', 'pathOn'],
    ],
  ],
  [
    'Find and measure',
    [
      [['/', 'Ctrl+f'], '/', 'search: text, /regex/ or a query such as dur>10us cpu:2', 'search'],
      [['n'], 'N   Enter', 'next match', 'nextMatch'],
      [['N'], 'Shift+N', 'previous match', 'previousMatch'],
      [['i'], 'I', 'isolate: grey what does not match the search', 'isolate'],
      [['g'], 'G', 'go to a row by name', 'rowFinder'],
      [['q'], 'Q', 'list of matches', 'panel:results'],
      [['t'], 'T', 'statistics of the window or the measured range', 'panel:statistics'],
      [['h'], 'H', 'thread states and RPC times: what hurt most', 'panel:states'],
      [['p'], 'P', 'profile: time by stack, on the CPU and off it', 'panel:profile'],
      [['c'], 'C', 'set a cursor at the pointer (first A, then B)', 'cursor'],
      [['A'], 'Shift+A', 'select an area: the next drag on the picture measures', 'selectArea'],
      [['C'], 'Shift+C', 'remove cursors and the measured range', 'clearCursors'],
    ],
  ],
  [
    'Show',
    [
      [['u'], 'U', 'label each user thread in sight', 'labelUser'],
      [['U'], 'Shift+U', 'label every span in sight', 'labelAll'],
      [['j'], 'J', 'labels tall or short', 'labelStyle'],
      [['M'], 'Shift+M', 'marks', 'toggle:marks'],
      [['R'], 'Shift+R', 'arcs', 'toggle:arcs'],
      [['Y'], 'Shift+Y', 'waits', 'toggle:waits'],
      [['Q'], 'Shift+Q', 'clock frequency', 'toggle:freq'],
      [['I'], 'Shift+I', 'instructions per cycle', 'toggle:ipc'],
      [['P'], 'Shift+P', 'PC samples', 'toggle:samples'],
      [['L'], 'Shift+L', 'locks', 'toggle:locks'],
      [['G'], 'Shift+G', 'what each CPU used', 'toggle:usage'],
      [['X'], 'Shift+X', 'fade', 'toggle:fade'],
      [['k'], 'K', 'colour spans by class, by name, threads by CPU, CPUs by thread', 'colorBy'],
      [['{'], '{', 'lower rows', 'lower'],
      [['}'], '}', 'taller rows', 'taller'],
      [['o'], 'O', 'theme: light, dark, high contrast', 'theme'],
      [['O'], 'Shift+O', 'colours for colour blindness', 'safeColors'],
    ],
  ],
  [
    'Keep and share',
    [
      [['b'], 'B', 'write a note here', 'note'],
      [['v'], 'V', 'notes and views', 'panel:notes'],
      [['1'], '1 … 4', 'show view 1 to 4', 'view:1'],
      [['2'], '2', 'show view 2', 'view:2'],
      [['3'], '3', 'show view 3', 'view:3'],
      [['4'], '4', 'show view 4', 'view:4'],
      [['Shift+1'], 'Shift+1 … 4', 'save as view 1 to 4', 'save:1'],
      [['Shift+2'], 'Shift+2', 'save as view 2', 'save:2'],
      [['Shift+3'], 'Shift+3', 'save as view 3', 'save:3'],
      [['Shift+4'], 'Shift+4', 'save as view 4', 'save:4'],
      [['`'], '`', 'show what was seen before the last view', 'view:0'],
      [['Ctrl+z'], 'Ctrl+Z', 'undo: notes, views, rows', 'undo'],
      [['Ctrl+y', 'Ctrl+Shift+z'], 'Ctrl+Y', 'redo', 'redo'],
      [['Ctrl+s'], 'Ctrl+S', 'save this page with notes and views', 'saveCopy'],
    ],
  ],
  [
    'Page',
    [
      [['Ctrl+k', ':'], 'Ctrl+K  :', 'command palette', 'palette'],
      [['z'], 'Z', 'next tab: timeline, RPCs, plots', 'nextTab'],
      [['Z'], 'Shift+Z', 'previous tab', 'previousTab'],
      [['r'], 'R', 'rows: hide, pin, sort, filter', 'panel:rows'],
      [['l'], 'L', 'legend; names what is under the pointer', 'panel:legend'],
      [['x'], 'X', 'compare two ranges or two traces', 'panel:compare'],
      [['m'], 'M', 'menu of what is under the pointer', 'menu'],
      [['?'], '?', 'help', 'help'],
      [['Escape'], 'Esc', 'close what is open; then clear selection, range and search', 'escape'],
    ],
  ],
];

/** @type {KeyRow[]} */
export const KEYS = SECTIONS.flatMap(([section, rows]) => rows.map(([keys, shown, text, action]) => ({ keys, shown, text, action, section })));

/** @type {[string, string][]} */
export const GESTURES = [
  ['Drag', 'move the picture'],
  ['Wheel', 'zoom time at the pointer'],
  ['Shift+wheel, or wheel over the labels', 'scroll rows'],
  ['Double-click', 'zoom in at the pointer; Shift: out'],
  ['Click', 'select: every detail in the panel; arcs too'],
  ['Shift+click', 'give a span a label, or take it away'],
  ['Shift+drag, or drag on the time axis', 'measure, from span edge to span edge'],
  ['Right-click, or long touch', 'menu of what is there'],
  ['Shift+right-click', 'isolate the spans of that name and count them (Firefox opens its own menu as well)'],
  ['Click a group name', 'open or close the group'],
  ['Click a row label', 'menu of the row: pin, hide, highlight'],
  ['Shift+click a row label', 'highlight the row; Shift+right-click: all rows named alike'],
  ['Drag a row label', 'move the row'],
  ['Drag the edge of the labels', 'width of their column; double-click: as the window'],
  ['Two fingers', 'zoom and move'],
];

const BY_KEY = new Map(KEYS.flatMap((row) => row.keys.map((k) => [k, row.action])));
const SHOWN = new Map(KEYS.map((row) => [row.action, row.shown]));

/** Key of an action as shown, '' when it has none. @param {string} action */
export const keyOf = (action) => SHOWN.get(action) ?? '';

/** A tooltip that ends in the key. @param {string} text @param {string} action */
export const withKey = (text, action) => (keyOf(action) ? `${text} (${keyOf(action).replace(/\s+/g, ' ')})` : text);

/** Action of a key press, or undefined. @param {import('../kit/key-names.js').Press} press @returns {string|undefined} */
export function actionOf(press) {
  const name = keyName(press, (known) => BY_KEY.has(known));
  return BY_KEY.get(name) ?? (name.length === 1 ? BY_KEY.get(name.toLowerCase()) : undefined);
}
