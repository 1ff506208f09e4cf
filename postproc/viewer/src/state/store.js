// SPDX-License-Identifier: BSD-3-Clause
// The one place that holds what the page shows. Changes go through set(); listeners hear of each.

import { plainRows } from '../plan/rows.js';
import { USUAL_SIZES } from '../plan/sizes.js';
import { emptyViews } from './views.js';

/** @typedef {import('../trace/model.js').Group} Group */
/** @typedef {{cols: 'exec'|'aux', record: number}} Selection */
/**
 * @typedef {object} State
 * @property {import('../trace/model.js').Model|null} model
 * @property {import('../plan/view.js').Window} window
 * @property {Record<Group, boolean>} open
 * @property {number} scroll px
 * @property {number} rowScale
 * @property {Record<string, number>} show state of each toggle, 0 off
 * @property {import('../plan/sizes.js').Sizes} sizes of text, label column, saved pictures
 * @property {import('../plan/colors.js').ThemeName} theme
 * @property {boolean} safe colours that people with colour blindness can tell apart
 * @property {'class'|'kind'|'cpu'|'thread'} colorBy kind: the inner hues of a span tell its name
 * @property {boolean} isolate grey what does not match the search
 * @property {'off'|'user'|'all'} annotate @property {'tall'|'short'} annotStyle
 * @property {Selection[]} labelled spans with a long label of their own
 * @property {import('../plan/cursors.js').Cursors} cursors
 * @property {(import('../plan/view.js').Window & {rows?: import('../search/subjects.js').AreaRows|null})|null} range measured by dragging; rows: those that it crossed, else all
 * @property {boolean} selecting the next drag on the picture measures
 * @property {import('../plan/rows.js').RowsView} rows
 * @property {import('./notes.js').Note[]} notes
 * @property {import('./views.js').View[]} views
 * @property {string} panel shown at the right, '' none
 * @property {import('./choices.js').Choices} choices made inside the panels
 * @property {Selection|null} selection
 * @property {{answer: import('../search/why-answer.js').Answer, step: number}|null} why the answer that the panel shows, and the step that is marked, -1 none
 * @property {string} query text of the search box
 * @property {import('../search/search.js').Search|null} search
 * @property {{x: number, y: number}|null} pointer
 * @property {import('../tabs/catalog.js').Chart[]} charts tabs beside the timeline
 * @property {string} tab id of the one shown
 * @property {Record<string, object|string>} looks what the user sees in each tab: plain data; text: as in the address, until the tab is shown
 */
/** @typedef {{key: string, label: string, text: string, states: string[], first: number}} Toggle states[0] is off */

/** The toggle buttons. @type {Toggle[]} */
export const TOGGLES = [
  {
    key: 'marks',
    label: 'Marks',
    text: 'Marks made by the program, and RPC requests and responses',
    states: ['hidden', 'all', 'only a and c (text)', 'only b and d'],
    first: 1,
  },
  { key: 'arcs', label: 'Arcs', text: 'Who woke whom, and interprocessor interrupts', states: ['hidden', 'shown', 'bold, short ones too'], first: 1 },
  { key: 'waits', label: 'Waits', text: 'Why a thread was not running, on thread and RPC rows', states: ['hidden', 'shown'], first: 1 },
  { key: 'freq', label: 'Freq', text: 'CPU clock frequency as a band behind the spans', states: ['hidden', 'shown', 'bold'], first: 1 },
  {
    key: 'ipc',
    label: 'IPC',
    text: 'Instructions per cycle, cache misses, or both, as needles in each span',
    states: ['hidden', 'kernel and user', 'kernel only', 'user only'],
    first: 0,
  },
  {
    key: 'samples',
    label: 'Samples',
    text: 'PC samples above the spans',
    states: ['hidden', 'shown', 'only those taken in the idle loop'],
    first: 1,
  },
  { key: 'locks', label: 'Locks', text: 'Locks held and waited for, above thread rows', states: ['hidden', 'shown', 'bold'], first: 1 },
  {
    key: 'usage',
    label: 'Usage',
    text: 'What each CPU used from tick to tick, under its spans',
    states: ['hidden', 'logarithmic', 'linear'],
    first: 1,
  },
  { key: 'fade', label: 'Fade', text: 'Grey spans, so that what is drawn over them stands out', states: ['off', 'on'], first: 0 },
];

/** @returns {State} */
export function initialState() {
  return {
    model: null,
    window: { t0: 0, t1: 1 },
    open: { cpu: true, pid: false, rpc: false },
    scroll: 0,
    rowScale: 1,
    show: Object.fromEntries(TOGGLES.map(({ key, first }) => [key, first])),
    sizes: USUAL_SIZES,
    theme: 'light',
    safe: false,
    colorBy: 'class',
    isolate: false,
    annotate: 'off',
    annotStyle: 'tall',
    labelled: [],
    cursors: { a: null, b: null },
    range: null,
    selecting: false,
    rows: plainRows(),
    notes: [],
    views: emptyViews(),
    panel: '',
    choices: {},
    selection: null,
    why: null,
    query: '',
    search: null,
    pointer: null,
    charts: [],
    tab: 'timeline',
    looks: {},
  };
}

/** @param {State} state */
export function createStore(state) {
  /** @type {((state: State, changed: Partial<State>) => void)[]} */
  const listeners = [];
  return {
    get: () => state,
    /** @param {Partial<State>} change */
    set(change) {
      Object.assign(state, change);
      for (const listener of listeners) listener(state, change);
    },
    /** @param {(state: State, changed: Partial<State>) => void} listener */
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}
/** @typedef {ReturnType<typeof createStore>} Store */
