// SPDX-License-Identifier: BSD-3-Clause
// The keyboard: one table for both the handler and the help text.

/** @typedef {{keys: string[], shown: string, text: string, action: string}} KeyRow */
/** @type {KeyRow[]} */
export const KEYS = [
  { keys: ['w', '+', '='], shown: 'W  +', text: 'zoom in at the pointer', action: 'zoomIn' },
  { keys: ['s', '-', '_'], shown: 'S  −', text: 'zoom out', action: 'zoomOut' },
  { keys: ['a', 'ArrowLeft'], shown: 'A  ←', text: 'pan to earlier', action: 'panLeft' },
  { keys: ['d', 'ArrowRight'], shown: 'D  →', text: 'pan to later', action: 'panRight' },
  { keys: ['ArrowUp'], shown: '↑', text: 'scroll rows up', action: 'scrollUp' },
  { keys: ['ArrowDown'], shown: '↓', text: 'scroll rows down', action: 'scrollDown' },
  { keys: ['PageUp'], shown: 'Page Up', text: 'scroll a page up', action: 'pageUp' },
  { keys: ['PageDown'], shown: 'Page Down', text: 'scroll a page down', action: 'pageDown' },
  { keys: ['Home'], shown: 'Home', text: 'go to the start of the trace', action: 'home' },
  { keys: ['End'], shown: 'End', text: 'go to the end of the trace', action: 'end' },
  { keys: ['0'], shown: '0', text: 'show the whole trace', action: 'full' },
  { keys: ['f', 'F'], shown: 'F', text: 'fit the selection', action: 'fit' },
  { keys: ['.'], shown: '.', text: 'select the next span on the row', action: 'next' },
  { keys: [','], shown: ',', text: 'select the previous span on the row', action: 'previous' },
  { keys: ['/'], shown: '/', text: 'search (text, or /regex/)', action: 'search' },
  { keys: ['n'], shown: 'n   Enter', text: 'next match', action: 'nextMatch' },
  { keys: ['N'], shown: 'N   Shift+Enter', text: 'previous match', action: 'previousMatch' },
  { keys: ['['], shown: '[', text: 'lower rows', action: 'lower' },
  { keys: [']'], shown: ']', text: 'taller rows', action: 'taller' },
  { keys: ['?'], shown: '?', text: 'help and legend', action: 'help' },
  { keys: ['Escape'], shown: 'Esc', text: 'close panels, clear selection and search', action: 'escape' },
];

export const GESTURES = [
  ['Drag', 'move the picture'],
  ['Wheel', 'zoom time at the pointer'],
  ['Shift+wheel, or wheel over the labels', 'scroll rows'],
  ['Double-click', 'zoom in at the pointer; Shift: out'],
  ['Click', 'select: every detail in the panel'],
  ['Click a group name', 'open or close the group'],
];

const BY_KEY = new Map(KEYS.flatMap((row) => row.keys.map((k) => [k, row.action])));

/** Action of a key press, or undefined. @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} e */
export function actionOf(e) {
  if (e.ctrlKey || e.metaKey || e.altKey) return undefined;
  return BY_KEY.get(e.key) ?? (e.key.length === 1 && e.key !== 'N' ? BY_KEY.get(e.key.toLowerCase()) : undefined);
}
