// SPDX-License-Identifier: BSD-3-Clause
// The keys of the views beside the timeline: one table for both the handler and the help text. Keys of the page are in input/keys.js.

import { keyName } from '../../kit/key-names.js';

/** @typedef {{keys: string[], shown: string, text: string, action: string}} KeyRow */
/** @type {KeyRow[]} */
export const CHART_KEYS = [
  { keys: ['w', '+', '='], shown: 'W  +', text: 'zoom in at the pointer (plots: both axes)', action: 'zoomIn' },
  { keys: ['s', '-', '_'], shown: 'S  −', text: 'zoom out', action: 'zoomOut' },
  { keys: ['a', 'ArrowLeft'], shown: 'A  ←', text: 'pan left', action: 'left' },
  { keys: ['d', 'ArrowRight'], shown: 'D  →', text: 'pan right', action: 'right' },
  { keys: ['ArrowUp'], shown: '↑', text: 'rows or plot up', action: 'up' },
  { keys: ['ArrowDown'], shown: '↓', text: 'rows or plot down', action: 'down' },
  { keys: ['PageUp'], shown: 'Page Up', text: 'a page up', action: 'pageUp' },
  { keys: ['PageDown'], shown: 'Page Down', text: 'a page down', action: 'pageDown' },
  { keys: ['Home'], shown: 'Home', text: 'first row', action: 'first' },
  { keys: ['End'], shown: 'End', text: 'last row', action: 'last' },
  { keys: ['x'], shown: 'X', text: 'plots: zoom in along x; Shift: out', action: 'zoomInX' },
  { keys: ['X'], shown: 'Shift+X', text: '', action: 'zoomOutX' },
  { keys: ['y'], shown: 'Y', text: 'plots: zoom in along y; Shift: out', action: 'zoomInY' },
  { keys: ['Y'], shown: 'Shift+Y', text: '', action: 'zoomOutY' },
  { keys: ['0'], shown: '0', text: 'show all, as at first', action: 'reset' },
  { keys: ['f'], shown: 'F', text: 'fit what is measured, or else the selected RPC', action: 'fit' },
  { keys: ['.'], shown: '.', text: 'select the next RPC or point', action: 'next' },
  { keys: [','], shown: ',', text: 'select the previous one', action: 'previous' },
  { keys: ['j', 'Enter'], shown: 'J  Enter', text: 'show the selection in the timeline', action: 'jump' },
  { keys: ['r'], shown: 'R', text: 'RPCs: start every row at 0', action: 'relative' },
  { keys: ['l'], shown: 'L', text: 'RPCs: label all', action: 'annotate' },
  { keys: ['o'], shown: 'O', text: 'RPCs: next order of rows', action: 'sort' },
  { keys: ['c'], shown: 'C', text: 'RPCs: colour by method, client or server', action: 'color' },
  { keys: ['t'], shown: 'T', text: 'RPCs: text size', action: 'textSize' },
  { keys: ['m'], shown: 'M', text: 'measure by dragging (Shift+drag does so at any time)', action: 'measure' },
  { keys: ['b'], shown: 'B', text: 'zoom to a box by dragging (Ctrl+drag does so at any time)', action: 'box' },
  { keys: ['/'], shown: '/', text: 'RPCs: search', action: 'search' },
  { keys: ['!'], shown: '!', text: 'RPCs: invert the search', action: 'invert' },
  { keys: ['e'], shown: 'E', text: 'RPCs: show only rows that match the search', action: 'only' },
  { keys: ['n'], shown: 'n   Enter', text: 'next match', action: 'nextMatch' },
  { keys: ['N'], shown: 'N   Shift+Enter', text: 'previous match', action: 'previousMatch' },
  { keys: ['['], shown: '[', text: 'lower rows, smaller dots', action: 'smaller' },
  { keys: [']'], shown: ']', text: 'taller rows, larger dots', action: 'larger' },
  { keys: ['Escape'], shown: 'Esc', text: 'clear measure, selection, search', action: 'escape' },
];

/** Rows for the help. */
export const CHART_HELP = CHART_KEYS.filter((k) => k.text !== '').map((k) => [k.shown, k.text]);

const BY_KEY = new Map(CHART_KEYS.flatMap((row) => row.keys.map((k) => [k, row.action])));

/** Action of a key press, or undefined. @param {import('../../kit/key-names.js').Press} press @returns {string|undefined} */
export function chartAction(press) {
  const name = keyName(press, (known) => BY_KEY.has(known));
  return BY_KEY.get(name) ?? (name.length === 1 ? BY_KEY.get(name.toLowerCase()) : undefined);
}

/** Key of an action as it is shown. @param {string} action */
export const keyOf = (action) => CHART_KEYS.find((row) => row.action === action)?.shown.split(/\s{2,}/)[0] ?? '';
