// SPDX-License-Identifier: BSD-3-Clause
// What a kind of thing drawn over spans is, and the box that an entry of the legend is drawn in.

import { typeOf } from '../../kit/type.js';

/** @typedef {import('../../plan/item-walk.js').Item} Item */
/** @typedef {import('../../plan/colors.js').Palette} Palette */
/** @typedef {import('../raster.js').Raster} Raster */
/** @typedef {CanvasRenderingContext2D} Ctx */
/** @typedef {{id: string, text: string, raster?: (r: Raster, p: Palette) => void, paint?: (c: Ctx, p: Palette) => void}} Entry of the legend */
/**
 * @typedef {object} OverKind a kind of thing drawn over spans: all that is said and drawn of it
 * @property {number[]} categories of its records (AUX)
 * @property {Item['type'][]} types of its items
 * @property {string} [toggle] key in `show`; without it, it always shows
 * @property {boolean} [mute] nothing is written of it on the canvas
 * @property {boolean} [steady] shows on rows that are not highlit, too: it tells where their time went
 * @property {(at: import('../../plan/item-walk.js').RowAt, items: Item[]) => void} [collect] items of a row
 * @property {(at: Omit<import('../../plan/item-walk.js').RowAt, 'placed'>, items: Item[]) => void} [collectAll] items that go from row to row
 * @property {(on: import('../raster-items.js').On) => void} [raster] a row of it in pixels
 * @property {(ctx: Ctx, drawn: Written) => void} [paint] what is written of an item
 * @property {(ctx: Ctx, drawn: Written & {chosen: boolean, bold: boolean}) => void} [paintLast] of an item that lies over all others
 * @property {number} rank the higher, the sooner it is what the pointer is on
 * @property {(item: Item, x: number, y: number, reach: number) => boolean} [hit] whether it is at a point, when its box does not tell
 * @property {{text?: boolean, half?: boolean, below?: number}} [box] text: its text counts; half: of the row's spans the upper half; below: pixels under it
 * @property {(record: About) => import('../../words/words.js').Line[]} words of its details
 * @property {boolean} [pointed] those stand in the box at the pointer, too
 * @property {(record: About) => string} glyph its entry of the legend
 * @property {{section: 'waiting'|'beside'|'behind', place: number, entries: Entry[]}} legend
 */
/** @typedef {{palette: Palette, item: Item, event: number, box: import('../../plan/item-names.js').NameBox|null, type: import('../../kit/type.js').Type}} Written */
/** @typedef {{model: import('../../trace/model.js').Model, record: number, event: number, name: string, arg: number, end: number}} About a record: end in ticks */

export const W = 120;
export const H = 34;
export const TOP = 8;
export const SPAN = 22;
export const TYPE = typeOf(1);

/** An item in that box. @param {Partial<Item>} over @returns {Item} */
export const sampleItem = (over) => ({ type: 'wait', record: 0, x0: 10, y0: 17, x1: W - 10, y1: 17, h: SPAN, text: '', ...over });
