// SPDX-License-Identifier: BSD-3-Clause
// The one table of what a colour means: classes of time and reasons of waits, in every theme, usual and for colour blindness. The picture,
// the overview, tables, the key and saved pictures take them from here. colors.test.mjs checks contrast and difference.
// Shape and dash carry each meaning a second time: a class and a wait may look alike, they never share a sign.

import { CLASS } from '../format/events.js';
import { BLACK, CLASSES, SAFE_CLASSES, WAITS, WHITE } from './shades.js';

/** @typedef {import('./shades.js').ThemeName} ThemeName */

/** Letters of the wait events by meaning; those not here are of another reason, x. @type {Record<string, keyof typeof WAITS['light']>} */
const LETTERS = { d: 'disk', n: 'net', l: 'lock', m: 'mem', p: 'peer', k: 'peer', r: 'peer', t: 'timer', x: 'other' };

/** @param {ThemeName} theme */
const ground = (theme) => (theme === 'light' ? 'light' : 'dark');
/** @param {ThemeName} theme @param {boolean} safe */
const classesOf = (theme, safe) => ({ ...CLASSES[theme], ...(safe ? SAFE_CLASSES[ground(theme)] : {}) });

/** Colours of the classes, by number. @param {ThemeName} theme @param {boolean} safe @returns {string[]} */
export function classColors(theme, safe) {
  const of = classesOf(theme, safe);
  /** @type {string[]} */
  const list = [];
  list[CLASS.SYSCALL] = of.syscall;
  list[CLASS.IRQ] = of.irq;
  list[CLASS.FAULT] = of.fault;
  list[CLASS.SCHED] = of.sched;
  list[CLASS.OTHER] = of.other;
  list[CLASS.USER] = of.user;
  list[CLASS.IDLE] = of.idle;
  return list;
}

/** Colours of the waits, by letter of the event; c is ready. @param {ThemeName} theme @param {boolean} safe @returns {Record<string, string>} */
export const waitColors = (theme, safe) => ({
  c: classesOf(theme, safe).ready,
  ...Object.fromEntries(Object.entries(LETTERS).map(([letter, meaning]) => [letter, WAITS[theme][meaning]])),
});

/** @param {string} color #rrggbb @param {string} to @param {number} k share of `to` */
function blend(color, to, k) {
  const part = (/** @type {string} */ text, /** @type {number} */ i) => parseInt(text.slice(i, i + 2), 16);
  return `#${[1, 3, 5]
    .map((i) =>
      Math.round(part(color, i) * (1 - k) + part(to, i) * k)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** The pale ground of a kernel span. @param {string} color @param {ThemeName} theme @param {string} background */
export const tintOf = (color, theme, background) => blend(color, background, theme === 'light' ? 0.8 : 0.7);

/** Its core at the most, and its edge. @param {string} color @param {ThemeName} theme */
export const deepOf = (color, theme) => (theme === 'light' ? blend(color, BLACK, 0.4) : blend(color, WHITE, 0.38));
