// SPDX-License-Identifier: BSD-3-Clause
// The one place that holds what the page shows. Changes go through set(); listeners hear of each.

/** @typedef {import('./model.js').Group} Group */
/** @typedef {{cols: 'exec'|'aux', record: number}} Selection */
/**
 * @typedef {object} State
 * @property {import('./model.js').Model|null} model
 * @property {import('./view.js').Window} window
 * @property {Record<Group, boolean>} open
 * @property {number} scroll px
 * @property {number} rowScale
 * @property {Record<string, boolean>} show toggles
 * @property {import('./colors.js').ThemeName} theme
 * @property {Selection|null} selection
 * @property {import('./search.js').Search|null} search
 * @property {{x: number, y: number}|null} pointer
 * @property {import('./sisters/catalog.js').Sister[]} sisters tabs beside the timeline
 * @property {string} tab id of the one shown
 * @property {Record<string, object>} looks what the user sees in each tab: plain data
 */

/** The toggle buttons: key, label, tooltip, on at first. @type {[string, string, string, boolean][]} */
export const TOGGLES = [
  ['marks', 'Marks', 'Show marks made by the program and RPC requests and responses', true],
  ['arcs', 'Arcs', 'Show arcs: who woke whom, and interprocessor interrupts', true],
  ['waits', 'Waits', 'Show on thread and RPC rows why a thread was not running', true],
  ['freq', 'Freq', 'Show the CPU clock frequency as a band behind the spans', true],
  ['ipc', 'IPC', 'Show instructions per cycle as a needle in each span', false],
  ['samples', 'Samples', 'Show PC samples above the spans', true],
  ['locks', 'Locks', 'Show locks held and waited for above thread rows', true],
];

/** @returns {State} */
export function initialState() {
  return {
    model: null,
    window: { t0: 0, t1: 1 },
    open: { cpu: true, pid: false, rpc: false },
    scroll: 0,
    rowScale: 1,
    show: Object.fromEntries(TOGGLES.map(([key, , , on]) => [key, on])),
    theme: 'light',
    selection: null,
    search: null,
    pointer: null,
    sisters: [],
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
