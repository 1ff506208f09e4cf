// SPDX-License-Identifier: BSD-3-Clause
// Points whose names stand beside them: how much room each has.

/** @typedef {import('../../plan/item-walk.js').Frame} Frame */

/** @param {import('../../plan/layout.js').PlacedRow} placed @param {number} x */
export const stemAt = ({ y, zones }, x) => {
  const y0 = y + zones.span;
  return { x0: x, x1: x, y0, y1: y0 + zones.spanHeight, h: zones.spanHeight };
};

/** Less room than any name needs, in pixels. */
const NO_ROOM = 8;
/** Room behind the last of a row. */
const LAST_ROOM = 200;

/**
 * Gives each of a row's points, in order of time, when the room to the next is known; of a frame of words those only that may have a name.
 * @param {Frame} frame @param {(record: number, x: number, room: number) => void} give
 */
export function withRoom(frame, give) {
  let held = -1;
  let from = 0;
  const put = (/** @type {number} */ room) => {
    if (held >= 0 && (room >= NO_ROOM || !frame.words)) give(held, from, room);
  };
  return {
    next: (/** @type {number} */ record, /** @type {number} */ x) => {
      put(x - from);
      held = record;
      from = x;
    },
    end: () => put(LAST_ROOM),
  };
}
