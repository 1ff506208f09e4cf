// SPDX-License-Identifier: BSD-3-Clause
// The table of colours, given to the page's style. Names: --bg and others of the page; --c-syscall ... of classes, --w-d ... of waits by letter.

import { CLASS } from '../format/events.js';
import { SHADOWS, THEMES } from './shades.js';

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

/** Variables of the page's own colours, by their name in the table. @type {[keyof typeof THEMES.light, string][]} */
const PAGE_TOKENS = [
  ['background', 'bg'],
  ['panel', 'panel'],
  ['text', 'text'],
  ['muted', 'muted'],
  ['line', 'line'],
  ['on', 'on'],
  ['onLine', 'on-line'],
  ['accent', 'accent'],
  ['header', 'header'],
  ['damage', 'damage'],
  ['repair', 'repair'],
  ['focus', 'focus'],
];

/** The page's style in all themes, for the build: these stand before any script runs. */
export const themesCss = () =>
  /** @type {import('./shades.js').ThemeName[]} */ (Object.keys(THEMES))
    .map((theme) => {
      const page = PAGE_TOKENS.map(([key, name]) => `--${name}:${THEMES[theme][key]};`);
      const shadows = theme === 'light' ? Object.entries(SHADOWS).map(([name, color]) => `--${name}:${color};`) : [];
      return `:root${theme === 'light' ? '' : `[data-theme="${theme}"]`}{${[...page, ...shadows].join('')}}`;
    })
    .join('\n');

/** @param {import('./colors.js').Palette} palette @returns {[string, string][]} */
export const tokensOf = ({ css }) => [
  ...CLASS_TOKENS.map(([key, name]) => /** @type {[string, string]} */ ([`--c-${name}`, css.cls[CLASS[key]]])),
  ...Object.entries(css.wait).map(([letter, color]) => /** @type {[string, string]} */ ([`--w-${letter}`, color])),
];

/** @param {HTMLElement} root @param {import('./colors.js').Palette} palette */
export function applyTokens(root, palette) {
  for (const [name, color] of tokensOf(palette)) root.style.setProperty(name, color);
}
