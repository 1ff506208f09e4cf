// SPDX-License-Identifier: BSD-3-Clause
// What the pointer is on: a box beside it, and a line below the picture.

import { pointedLines } from '../draw/over/kinds.js';
import { eventWords, waitFor, EV } from '../format/events.js';
import { argOf, tidOf } from '../format/columns.js';
import { clockWords, parseBase, toNs } from '../trace/time.js';
import { shortWords } from '../words/words.js';
import { kindOf, threadWords, timesOf } from '../trace/lookups.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../draw/render.js').Scene} Scene */

const HINT = 'Wheel: zoom  ·  drag: move  ·  click: details  ·  / search  ·  ? help and tour';

/**
 * @param {HTMLElement} box @param {HTMLElement} line @param {State} state @param {Scene|null} scene
 * @param {(x: number, y: number) => import('../draw/pick.js').Picked|null} pickAt
 */
export function updateTooltip(box, line, state, scene, pickAt) {
  const { pointer, model } = state;
  const picked = pointer ? pickAt(pointer.x, pointer.y) : null;
  if (!pointer || !model || !scene || !picked) {
    box.hidden = true;
    // Without a pointer the line tells the selection, also to screen readers.
    const text =
      model && state.selection && !pointer
        ? `Selected: ${shortWords(model, state.selection)}, thread ${threadWords(model, tidOf(model[state.selection.cols], state.selection.record))}`
        : HINT;
    if (line.textContent !== text) line.textContent = text;
    return;
  }
  const inside = pointer.x >= scene.layout.left && pointer.x < scene.layout.right;
  const t = scene.time.invert(pointer.x);
  const when = inside ? clockWords(parseBase(model.meta.tracebase), toNs(model, t), 9) : '';
  const s = picked.selection;
  const first = s ? shortWords(model, s) : '';
  line.textContent = [when, picked.row?.row.label, picked.extra, first].filter(Boolean).join('  ·  ') || HINT;
  if (!s) {
    const label = pointer.x < scene.layout.left && picked.row ? picked.row.row.label : picked.extra;
    box.hidden = label === '';
    box.textContent = label;
  } else {
    box.hidden = false;
    box.replaceChildren();
    if (picked.extra) addLine(box, 'dim', picked.extra);
    addLine(box, 'name', first);
    const { event, name } = kindOf(model, s);
    const cols = model[s.cols];
    const wait = event >= EV.WAITA && event <= EV.WAITZ ? `waiting for ${waitFor(event)}` : '';
    const tid = tidOf(cols, s.record);
    addLine(
      box,
      'dim',
      `${wait || eventWords(event, name, argOf(cols, s.record), cols.dur[s.record])}${tid > 0 ? `, thread ${threadWords(model, tid)}` : ''}`,
    );
    addLine(box, 'dim', `from ${clockWords(parseBase(model.meta.tracebase), timesOf(model, s).start, 9)}`);
    if (s.cols === 'aux') for (const { label, text } of pointedLines(model, s.record)) addLine(box, 'name', `${label}: ${text}`);
    if (cols.flags[s.record] & 1) addLine(box, 'dim', 'inferred: it, or one of its ends, was not recorded');
  }
  const width = box.offsetWidth;
  const height = box.offsetHeight;
  const x = pointer.x + 14 + width > scene.layout.width ? pointer.x - width - 10 : pointer.x + 14;
  const y = pointer.y + 18 + height > scene.layout.height ? pointer.y - height - 10 : pointer.y + 18;
  box.style.transform = `translate(${Math.max(0, x)}px, ${Math.max(0, y)}px)`;
}

/** @param {HTMLElement} box @param {string} className @param {string} text */
function addLine(box, className, text) {
  const div = document.createElement('div');
  div.className = className;
  div.textContent = text;
  box.append(div);
}
