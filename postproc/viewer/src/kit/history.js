// SPDX-License-Identifier: BSD-3-Clause
// Back and forward through states: what was seen, and undo of notes, views and rows.

/**
 * @template T
 * @param {{limit?: number, quiet?: number, same?: (a: T, b: T) => boolean}} [options] changes less than `quiet` ms apart are one step
 */
export function createHistory({ limit = 200, quiet = 0, same = (a, b) => a === b } = {}) {
  /** @type {T[]} */
  let past = [];
  /** @type {T[]} */
  let future = [];
  /** @type {T|undefined} */
  let now;
  let last = -Infinity;
  return {
    /** Notes the state as it is now. @param {T} state @param {number} time ms */
    record(state, time) {
      if (now !== undefined && same(now, state)) return;
      if (now !== undefined && !(quiet > 0 && time - last < quiet && past.length > 0)) {
        past.push(now);
        if (past.length > limit) past.shift();
      }
      now = state;
      future = [];
      last = time;
    },
    /** @returns {T|undefined} */
    back() {
      const state = past.pop();
      if (state === undefined || now === undefined) return undefined;
      future.push(now);
      now = state;
      last = -Infinity;
      return state;
    },
    /** @returns {T|undefined} */
    forward() {
      const state = future.pop();
      if (state === undefined || now === undefined) return undefined;
      past.push(now);
      now = state;
      last = -Infinity;
      return state;
    },
    /** @param {T} state */
    reset(state) {
      past = [];
      future = [];
      now = state;
      last = -Infinity;
    },
    canBack: () => past.length > 0,
    canForward: () => future.length > 0,
  };
}
