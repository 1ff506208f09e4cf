// SPDX-License-Identifier: BSD-3-Clause
// Saved views: ours, and the `savedview` list of the span JSON, both ways.

import { stateOfView, viewOfState } from './reference-view.js';
import { decodeState, encodeState } from './url-state.js';

/** @typedef {{label: string, hash: string|null}} View a name and the state as in the URL; null: an empty slot */
/** @typedef {import('../trace/model.js').Model} Model */

const SLOTS = ['⇐', '①', '②', '③', '④'];
/** Slots of the reference: back, and four to save in. @returns {View[]} */
export const emptyViews = () => SLOTS.map((label) => ({ label, hash: null }));

/** &#x2780; and the like become the character. Nothing else is interpreted. @param {string} label */
const plainLabel = (label) =>
  label
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, h) => String.fromCodePoint(Math.min(0x10ffff, parseInt(h, 16))))
    .replace(/[\u2780-\u2783]/g, (c) => SLOTS[c.charCodeAt(0) - 0x2780 + 1]);

/** A label as the reference writes it: its page takes it for markup, so all but plain ASCII is a character number. @param {string} label */
const writtenLabel = (label) =>
  [...label]
    .map((c) => {
      const slot = SLOTS.indexOf(c);
      const code = slot > 0 ? 0x2780 + slot - 1 : /** @type {number} */ (c.codePointAt(0));
      return code < 32 || code > 126 || '&<>"\''.includes(c) ? `&#x${code.toString(16)};` : c;
    })
    .join('');

/** @param {unknown} saved @param {Model} model @returns {View[]} */
export function viewsOf(saved, model) {
  const views = emptyViews();
  if (!Array.isArray(saved)) return views;
  saved.forEach((entry, i) => {
    if (!Array.isArray(entry)) return;
    const view = { label: plainLabel(String(entry[0] ?? '')), hash: hashOf(entry[1], model) };
    if (i < views.length && (view.label === '' || SLOTS.includes(view.label))) views[i].hash = view.hash;
    else if (i < views.length) views[i] = view;
    else views.push(view);
  });
  return views;
}

/** @param {any} v a view object of the span JSON @param {Model} model @returns {string|null} */
function hashOf(v, model) {
  if (v === null || typeof v !== 'object') return null;
  if (typeof v.kutrace === 'string') return v.kutrace;
  const state = stateOfView(v, model);
  return state && encodeState(state, model);
}

/** Views as the `savedview` list: what the reference reads, and our own state beside it. @param {View[]} views @param {Model} model */
export const savedView = (views, model) => views.map(({ label, hash }) => [writtenLabel(label), hash === null ? null : viewObject(hash, model)]);

/** @param {string} hash @param {Model} model */
const viewObject = (hash, model) => ({ ...viewOfState(decodeState(hash, model), model), kutrace: hash });
