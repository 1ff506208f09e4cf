// SPDX-License-Identifier: BSD-3-Clause
// The colours of data, given to the page's style: the same as the picture's. Names: --c-syscall ... of classes, --w-d ... of waits by letter.

import { CLASS } from '../format/events.js';

const CLASS_TOKENS = /** @type {[keyof typeof CLASS, string][]} */ ([
  ['SYSCALL', 'syscall'],
  ['IRQ', 'irq'],
  ['FAULT', 'fault'],
  ['SCHED', 'sched'],
  ['OTHER', 'other'],
  ['USER', 'user'],
  ['IDLE', 'idle'],
]);

/** The variable of a class. @param {number} c */
export const classToken = (c) => `var(--c-${CLASS_TOKENS.find(([key]) => CLASS[key] === c)?.[1]})`;

/** @param {import('./colors.js').Palette} palette @returns {[string, string][]} */
export const tokensOf = ({ css }) => [
  ...CLASS_TOKENS.map(([key, name]) => /** @type {[string, string]} */ ([`--c-${name}`, css.cls[CLASS[key]]])),
  ...Object.entries(css.wait).map(([letter, color]) => /** @type {[string, string]} */ ([`--w-${letter}`, color])),
];

/** @param {HTMLElement} root @param {import('./colors.js').Palette} palette */
export function applyTokens(root, palette) {
  for (const [name, color] of tokensOf(palette)) root.style.setProperty(name, color);
}
