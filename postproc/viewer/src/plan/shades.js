// SPDX-License-Identifier: BSD-3-Clause
// The one table of colours: of the picture, of what is drawn over it, and of the page around it, in every theme, usual and for colour blindness.
// colors.js makes palettes of it, tokens.js variables of the page's style; no other file has a colour of its own (shades.test.mjs looks).

/** @typedef {'light'|'dark'|'contrast'} ThemeName */

/** Ends of every scale, and the shadows of what lies over something. */
export const BLACK = '#000000';
export const WHITE = '#ffffff';
export const SHADOWS = { shadow: 'rgb(0 0 0 / 25%)', 'shadow-deep': 'rgb(0 0 0 / 30%)', veil: 'rgb(0 0 0 / 40%)', 'veil-deep': 'rgb(0 0 0 / 45%)' };

/** Hues that people with colour blindness can tell apart (Okabe and Ito, 2008). */
export const SAFE_HUES = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'];

/** @type {Record<ThemeName, Record<'user'|'syscall'|'irq'|'fault'|'sched'|'other'|'idle'|'ready', string>>} */
export const CLASSES = {
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
export const SAFE_CLASSES = {
  light: { user: '#c8830a', syscall: '#0a815f', irq: '#1a479b', fault: '#a94203', sched: '#909194', other: '#9e6fb7', ready: '#6b0246' },
  dark: { user: '#f5c439', syscall: '#9edec2', irq: '#0e7ed0', fault: '#e36c52', sched: '#8b8b8b', other: '#d5c0fd', ready: '#b8438d' },
};

/** Of waits; peer: another thread, by a pipe, a child, rcu. @type {Record<ThemeName, Record<'disk'|'net'|'lock'|'mem'|'peer'|'timer'|'other', string>>} */
export const WAITS = {
  light: { disk: '#007d78', net: '#2f8fe0', lock: '#54257e', mem: '#7d4f22', peer: '#2f3844', timer: '#968a76', other: '#8a8f98' },
  dark: { disk: '#1f9a96', net: '#6fcbee', lock: '#9d6ee0', mem: '#b98652', peer: '#d3d9e2', timer: '#8f8674', other: '#7d838d' },
  contrast: { disk: '#22aaa4', net: '#84d8f7', lock: '#b98cf5', mem: '#d39a5c', peer: '#eef1f6', timer: '#a8a890', other: '#a4a9b2' },
};

/** Everything but classes and waits on dark ground. */
const DARK = {
  background: '#12151a',
  stripe: '#151920',
  text: '#eceff4',
  muted: '#a3acb9',
  faint: '#5d6673',
  grid: '#2a303a',
  header: '#eceff4',
  accent: '#ff6fb5',
  select: '#ffffff',
  edge: '#97ddbb',
  irqEdge: '#eceff4',
  freq: ['#3a2023', '#2a271a', '#17231b'],
  arc: '#94a3b8',
  ipi: '#6d7480',
  markText: '#ff8080',
  needle: '#ffffff',
  mark: ['#ff7a7a', '#7aa5ff', '#5fd38a', '#e6e9ee'],
  cexit: '#ff7a70',
  rx: '#ff8a80',
  tx: '#4fd0d6',
  density: '#8a94a4',
  lost: '#ff7ac6',
  fade: '#454c58',
  overText: '#e6e9ee',
  overBack: '#14171c',
  label: '#d9b3ff',
  cursor: ['#ff8a80', '#7fb0ff'],
  range: '#7fb0ff',
  note: '#a9c6ff',
  panel: '#191d23',
  line: '#2a303a',
  on: '#2b313b',
  onLine: '#a3acb9',
  damage: '#ff8086',
  repair: '#f2b457',
  focus: '#eceff4',
  needles: ['#555b66', '#1e50c8', '#d11f1f'],
  misses: ['#f5a623', '#d6216b', '#7a4a00'],
  exported: '#9cc4ff',
};

/**
 * Everything but classes and waits. needles: of few, of usual, of many instructions a cycle; misses: of what fits into the time, of what does not, and the rim of
 * the needle of cache misses; over...: words over the picture and what is behind them; panel to focus: of the page.
 */
export const THEMES = {
  light: {
    background: '#ffffff',
    stripe: '#fafbfc',
    text: '#161a22',
    muted: '#59616e',
    faint: '#aab1bd',
    grid: '#e3e6eb',
    header: '#161a22',
    accent: '#c2187a',
    select: '#000000',
    edge: '#2b6543',
    irqEdge: '#161a22',
    freq: ['#fbd0cc', '#fbefbe', '#f0f9ee'],
    arc: '#5d6b80',
    ipi: '#a9adb5',
    markText: '#c21818',
    needle: '#ffffff',
    mark: ['#c81e1e', '#1e50c8', '#12803c', '#20242b'],
    cexit: '#8c1a1a',
    rx: '#8c1a1a',
    tx: '#0b7a80',
    density: '#6b7484',
    lost: '#c0267e',
    fade: '#c9ced6',
    overText: '#1b1f27',
    overBack: '#ffffff',
    label: '#6b21a8',
    cursor: ['#b3261e', '#1d4fb8'],
    range: '#1d4fb8',
    note: '#16306b',
    panel: '#f6f7f9',
    line: '#e3e6eb',
    on: '#e8eaee',
    onLine: '#59616e',
    damage: '#b3141f',
    repair: '#8a5200',
    focus: '#161a22',
    needles: ['#555b66', '#1e50c8', '#d11f1f'],
    misses: ['#f5a623', '#d6216b', '#7a4a00'],
    exported: '#1d4fb8',
  },
  dark: DARK,
  /** Black ground, brighter lines and text; the rest is as in dark. */
  contrast: {
    ...DARK,
    background: '#000000',
    stripe: '#0d0d0d',
    text: '#ffffff',
    muted: '#dfe3ea',
    faint: '#b3bac6',
    grid: '#3a3a3a',
    header: '#ffffff',
    accent: '#ff9ad0',
    select: '#ffff00',
    edge: '#7cf7c7',
    irqEdge: '#ffffff',
    arc: '#c4cfde',
    ipi: '#b8bfca',
    overText: '#ffffff',
    overBack: '#000000',
    label: '#e6ccff',
    cursor: ['#ffb3a8', '#a8ccff'],
    range: '#ffff00',
    note: '#ffffff',
    panel: '#000000',
    line: '#6a6f78',
    on: '#333333',
    onLine: '#ffff00',
    damage: '#ff9aa0',
    repair: '#ffd166',
    focus: '#ffff00',
    needles: ['#000000', '#0033cc', '#c00000'],
    misses: ['#ffd166', '#ff5fa8', '#000000'],
  },
};

/** What else differs where colours are to be told apart with colour blindness. */
export const SAFE = {
  light: {
    freq: ['#f6d3bd', '#fbf6c5', '#d2e8f7'],
    mark: ['#b34700', '#0072b2', '#00785a', '#20242b'],
    cursor: ['#b34700', '#0072b2'],
    needles: ['#555b66', '#0072b2', '#b34700'],
    misses: ['#e69f00', '#0072b2', '#5c3d00'],
  },
  dark: {
    freq: ['#43240f', '#33300f', '#10293b'],
    mark: ['#ff9b52', '#6cc1f2', '#3cd6a8', '#e6e9ee'],
    cursor: ['#ff9b52', '#6cc1f2'],
    needles: ['#555b66', '#0072b2', '#b34700'],
    misses: ['#e69f00', '#56b4e9', '#5c3d00'],
  },
};
