// SPDX-License-Identifier: BSD-3-Clause
// The one table of what a colour means: classes of time and reasons of waits, in every theme, usual and for colour blindness. The picture,
// the overview, tables, the key and saved pictures take them from here. colors.test.mjs checks contrast and difference.
// Shape and dash carry each meaning a second time: a class and a wait may look alike, they never share a sign.

import { CLASS } from '../format/events.js';

/** @typedef {'light'|'dark'|'contrast'} ThemeName */

/** @type {Record<ThemeName, Record<'user'|'syscall'|'irq'|'fault'|'sched'|'other'|'idle'|'ready', string>>} */
const CLASSES = {
  light: {
    user: '#c27b0a',
    syscall: '#3f9563',
    irq: '#3355c8',
    fault: '#86070f',
    sched: '#8b909b',
    other: '#ad79e6',
    idle: '#3d434e',
    ready: '#b82a72',
  },
  dark: {
    user: '#f0b440',
    syscall: '#58c892',
    irq: '#3585f2',
    fault: '#d3243e',
    sched: '#60666f',
    other: '#caacf6',
    idle: '#b4bbc6',
    ready: '#e8629f',
  },
  contrast: {
    user: '#f7c412',
    syscall: '#2bf2a4',
    irq: '#4592f4',
    fault: '#e2364b',
    sched: '#7a7f87',
    other: '#dcbffd',
    idle: '#ffffff',
    ready: '#fd80b1',
  },
};

/** For colour blindness: classes that differ by hue alone, too. @type {Record<'light'|'dark', Record<'user'|'syscall'|'irq'|'fault'|'sched'|'other'|'ready', string>>} */
const SAFE_CLASSES = {
  light: { user: '#c8830a', syscall: '#0a815f', irq: '#1a479b', fault: '#a94203', sched: '#909194', other: '#9e6fb7', ready: '#6b0246' },
  dark: { user: '#f5c439', syscall: '#9edec2', irq: '#0e7ed0', fault: '#e36c52', sched: '#8b8b8b', other: '#d5c0fd', ready: '#b8438d' },
};

/** Of waits; peer: another thread, by a pipe, a child, rcu. @type {Record<ThemeName, Record<'disk'|'net'|'lock'|'mem'|'peer'|'timer'|'other', string>>} */
const WAITS = {
  light: { disk: '#007d78', net: '#2f8fe0', lock: '#54257e', mem: '#7d4f22', peer: '#2f3844', timer: '#968a76', other: '#8a8f98' },
  dark: { disk: '#1f9a96', net: '#6fcbee', lock: '#9d6ee0', mem: '#b98652', peer: '#d3d9e2', timer: '#8f8674', other: '#7d838d' },
  contrast: { disk: '#22aaa4', net: '#84d8f7', lock: '#b98cf5', mem: '#d39a5c', peer: '#eef1f6', timer: '#a8a890', other: '#a4a9b2' },
};

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
export const deepOf = (color, theme) => (theme === 'light' ? blend(color, '#000000', 0.4) : blend(color, '#ffffff', 0.38));
