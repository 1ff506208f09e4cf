// SPDX-License-Identifier: BSD-3-Clause
// Bubbles of notes over the picture: moved by dragging, changed by double-click or Enter, removed by Delete.

import { element } from '../kit/dom.js';
import { noteAnchor } from '../draw/over-picture.js';
import { snap } from '../plan/cursors.js';
import { rowAt } from '../plan/layout.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/actions.js').Actions} Actions */

/**
 * What a note points at after its spike was moved: the span edge nearest on the row there; null when there is no row.
 * @param {{model: import('../trace/model.js').Model, scene: import('../draw/render.js').Scene, anchor: {x: number, y: number}}} spike @param {{x: number, y: number}} by px
 */
function pointAt({ model, scene, anchor }, by) {
  const row = rowAt(scene.layout, anchor.y + by.y).row?.row;
  if (!row) return null;
  const t = scene.time.invert(anchor.x + by.x);
  return { t: snap(model, row, t, scene.tpp * 8), group: row.group, key: row.key };
}

/** @param {HTMLElement} layer @param {Store} store @param {Actions} actions @param {() => import('../draw/render.js').Scene|null} sceneNow */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a bubble that is dragged or written in is one state
export function createBubbles(layer, store, actions, sceneNow) {
  /** @type {Map<number, HTMLElement>} */
  const made = new Map();

  /** @param {number} id */
  function make(id) {
    const bubble = element('div', {
      class: 'bubble',
      tabindex: '0',
      role: 'note',
      title: 'Drag to move, Shift+drag to point elsewhere, double-click or Enter to change, Delete to remove',
    });
    const text = element('span');
    bubble.append(text);
    const note = () => store.get().notes.find((n) => n.id === id);
    bubble.addEventListener('pointerdown', (e) => {
      const n = note();
      if (!n || bubble.querySelector('textarea')) return;
      bubble.setPointerCapture(e.pointerId);
      const from = { x: e.clientX, y: e.clientY, dx: n.dx, dy: n.dy };
      const { model } = store.get();
      const scene = sceneNow();
      const anchor = scene ? noteAnchor(store.get(), scene, n) : null;
      const spike = e.shiftKey && model && scene && anchor ? { model, scene, anchor } : null;
      let moved = false;
      const move = (/** @type {PointerEvent} */ m) => {
        if (!moved && Math.hypot(m.clientX - from.x, m.clientY - from.y) < 3) return;
        moved = true;
        const by = { x: m.clientX - from.x, y: m.clientY - from.y };
        const change = spike ? pointAt(spike, by) : { dx: from.dx + by.x, dy: from.dy + by.y };
        if (change) store.set({ notes: store.get().notes.map((o) => (o.id === id ? { ...o, ...change } : o)) });
      };
      bubble.addEventListener('pointermove', move);
      bubble.addEventListener(
        'pointerup',
        () => {
          bubble.removeEventListener('pointermove', move);
          if (moved) actions.editNote(id, {});
        },
        { once: true },
      );
    });
    bubble.addEventListener('dblclick', () => edit(id));
    bubble.addEventListener('keydown', (e) => {
      if (bubble.querySelector('textarea')) return;
      const step = e.shiftKey ? 20 : 4;
      const by = /** @type {Record<string, [number, number]>} */ ({
        ArrowLeft: [-step, 0],
        ArrowRight: [step, 0],
        ArrowUp: [0, -step],
        ArrowDown: [0, step],
      })[e.key];
      const n = note();
      if (by && n) actions.editNote(id, { dx: n.dx + by[0], dy: n.dy + by[1] });
      else if (e.key === 'Enter') edit(id);
      else if (e.key === 'Delete') actions.deleteNote(id);
      else return;
      e.preventDefault();
      e.stopPropagation();
    });
    layer.append(bubble);
    made.set(id, bubble);
    return bubble;
  }

  /** Lets the user write. @param {number} id */
  function edit(id) {
    const bubble = made.get(id);
    const n = store.get().notes.find((o) => o.id === id);
    if (!bubble || !n || bubble.querySelector('textarea')) return;
    const area = element('textarea', { rows: '2', maxlength: '500', 'aria-label': 'Text of the note', placeholder: 'Your note' });
    area.value = n.text;
    bubble.firstElementChild?.replaceWith(area);
    let over = false;
    const done = (/** @type {boolean} */ keep) => {
      if (over) return;
      over = true;
      const text = area.value.trim();
      area.replaceWith(element('span', {}, n.text));
      if (keep && text !== '' && text !== n.text) actions.editNote(id, { text });
      else if (text === '' && n.text === '') actions.deleteNote(id);
      store.set({});
    };
    area.addEventListener('blur', () => done(true));
    area.addEventListener('keydown', (e) => {
      e.stopPropagation();
      if (e.key === 'Escape') done(false);
      if (e.key === 'Enter' && !e.shiftKey) {
        e.preventDefault();
        done(true);
        bubble.focus();
      }
    });
    area.focus();
  }

  return {
    edit,
    /** Puts the bubbles where their notes are. @param {import('../draw/render.js').Scene|null} scene */
    place(scene) {
      const state = store.get();
      for (const [id, bubble] of made) {
        if (state.notes.some((n) => n.id === id)) continue;
        bubble.remove();
        made.delete(id);
      }
      if (!scene) return;
      for (const n of state.notes) {
        const bubble = made.get(n.id) ?? make(n.id);
        const at = noteAnchor(state, scene, n);
        bubble.hidden = !at;
        const text = bubble.querySelector('span');
        if (text && text.textContent !== n.text) text.textContent = n.text;
        if (at)
          bubble.style.transform = `translate(${Math.round(Math.min(scene.layout.right - 40, at.x + n.dx))}px, ${Math.round(Math.max(0, at.y + n.dy - 12))}px)`;
      }
    },
  };
}
