// SPDX-License-Identifier: BSD-3-Clause
// Where the words of marks, messages and RPCs stand: pure. Marks and messages have their place; an RPC's name stands above them, or
// below where there is more room, and never on one of them. A name without room is left out: its flag stays, and pointing at it tells.

import { EV } from '../format/events.js';
import { fitText } from '../kit/type.js';

/** @typedef {import('./item-walk.js').Item} Item */
/** @typedef {import('../kit/type.js').Type} Type */
/** @typedef {{left: number, top: number, width: number, height: number, text: string, x: number, y: number}} NameBox x, y: where the text begins, its base line */

/** Least letters of a cut name. */
const LEAST = 3;
/** A box without an edge that can be seen reaches this far beside its text. */
const PAD = 2;

/** @param {string} text @param {number} x @param {number} y base line @param {Type} type @returns {NameBox} */
const bare = (text, x, y, type) => ({
  left: x - PAD,
  top: y - type.ascent,
  width: text.length * type.char + 2 * PAD,
  height: type.ascent + type.descent,
  text,
  x,
  y,
});

/** The box of a mark, or of its number; null when there is no room for it. @param {Item} item @param {number} event @param {number} room px to the next mark @param {Type} type @returns {NameBox|null} */
export function markBox({ x0: x, y0: y, h, text }, event, room, type) {
  const lane = event - EV.MARKA;
  if (lane === 3) return room >= text.length * type.char + 4 ? bare(text, x + 3, y + 2, type) : null;
  const whole = text.length * type.char + 6;
  if (room < Math.min(whole, 32 * type.scale)) return null;
  const shown = fitText(text, Math.min(room, whole) - 4, type.char);
  const width = shown.length * type.char + 6;
  const height = Math.min(13 * type.scale, Math.max(8, h * 0.5));
  const top = y + (lane === 1 ? h * 0.45 : lane === 2 ? h * 0.22 : -2);
  const left = lane === 2 ? x - width / 2 : text.startsWith('/') ? x - width : x;
  return { left, top, width, height, text: shown, x: left + 3, y: top + height / 2 + 3.5 * type.scale };
}

/** The number of a message beside its line; null when the line is too short. @param {Item} item @param {Type} type @returns {NameBox|null} */
export const messageBox = (item, type) =>
  item.text && item.x1 - item.x0 >= 24 ? bare(item.text, item.x0 + 4, Math.max(9, item.y0 + 8), type) : null;

/** @param {Item} item @param {number} room px to the next RPC @param {number[]} lines base lines to try @param {NameBox[]} taken @param {Type} type @returns {NameBox|null} */
export function rpcBox(item, room, lines, taken, type) {
  const x = item.x0 + 8;
  /** @type {NameBox|null} */
  let best = null;
  for (const y of lines) {
    let free = room - 12;
    for (const b of taken) {
      if (b.top >= y + type.descent || b.top + b.height <= y - type.ascent || b.left + b.width <= x - PAD) continue;
      free = Math.min(free, b.left - x - 2 * PAD);
    }
    const text = free > 0 ? fitText(item.text, free, type.char) : '';
    if (text.length >= LEAST && (!best || text.length > best.text.length)) best = bare(text, x, y, type);
  }
  return best;
}

/**
 * The box of each item that has a name to show; null for the others.
 * @param {Item[]} items @param {(item: Item) => number} eventOf @param {(item: Item) => boolean} shown @param {Type} type
 * @returns {(NameBox|null)[]}
 */
export function placeItemNames(items, eventOf, shown, type) {
  /** Boxes of each row, by the y where its spans begin. @type {Map<number, NameBox[]>} */
  const rows = new Map();
  const take = (/** @type {number} */ y, /** @type {NameBox|null} */ box) => {
    const list = rows.get(y);
    if (box && list) list.push(box);
    else if (box) rows.set(y, [box]);
    return box;
  };
  const boxes = items.map((item) => {
    if (!shown(item)) return null;
    if (item.type === 'mark') return take(item.y0, markBox(item, eventOf(item), item.room ?? 0, type));
    return item.type === 'message' ? take(item.y1, messageBox(item, type)) : null;
  });
  items.forEach((item, k) => {
    if (item.type !== 'rpc' || !shown(item) || eventOf(item) === EV.RPCIDRESP) return;
    const room = item.room ?? 0;
    const reach = item.x0 + 8 + Math.min(room, 200);
    const near = (rows.get(item.y0) ?? []).filter((b) => b.left < reach && b.left + b.width > item.x0);
    const above = (item.top ?? item.y0 - type.ascent) + type.ascent;
    boxes[k] = take(item.y0, rpcBox(item, room, item.h >= 24 * type.scale ? [above, item.y0 + 20 * type.scale] : [above], near, type));
  });
  return boxes;
}
