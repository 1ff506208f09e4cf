// SPDX-License-Identifier: BSD-3-Clause
// Fields for the sizes that the user chooses: of rows and text, and of saved pictures.

import { element, select } from '../kit/dom.js';
import { FIGURES, MOST_LINES, TEXT_SIZES } from '../plan/sizes.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {{box: HTMLElement, fill: (state: State) => void}} Fields */

/** A field for a whole number; empty is `null`. @param {string} label @param {string} title @param {string} hint @param {(v: number|null) => void} change */
function numberField(label, title, hint, change) {
  const box = element('label', { class: 'field', title });
  const input = element('input', { type: 'text', inputmode: 'numeric', size: '5', placeholder: hint, 'aria-label': label });
  input.addEventListener('change', () => change(/^\d+$/.test(input.value.trim()) ? Number(input.value) : null));
  box.append(`${label} `, input);
  return { box, input };
}

/** @param {HTMLInputElement} input @param {number|null|undefined} v */
function show(input, v) {
  if (document.activeElement !== input) input.value = v === null || v === undefined ? '' : String(v);
}

/** Text size, label column, lines of text. @param {import('../state/actions.js').Actions} actions @returns {Fields} */
export function rowSizeFields(actions) {
  const box = element('div', { class: 'tools' });
  const text = select(
    'Text',
    'Size of the text in the picture',
    TEXT_SIZES.map((s) => [String(s), `${Math.round(s * 100)} %`]),
    '1',
    (v) => actions.setSizes({ text: Number(v) }),
  );
  const lines = select(
    'Text lines in a row',
    'How many lines of a row are for names; the rest of its height is for spans. { and } change the height',
    [
      ['', 'by its height'],
      ...Array.from({ length: MOST_LINES + 1 }, (_, n) => /** @type {[string, string]} */ ([String(n), n === 0 ? 'none' : String(n)])),
    ],
    '',
    (v) => actions.setSizes({ lines: v === '' ? null : Number(v) }),
  );
  const label = numberField(
    'Label column',
    'Width of the labels in pixels; empty: by the window. Dragging their edge does the same, a double-click there takes it back',
    'auto',
    (v) => actions.setSizes({ label: v }),
  );
  box.append(text.box, lines.box, label.box, element('span', { class: 'dim' }, 'px'));
  return {
    box,
    fill({ sizes }) {
      text.select.value = String(sizes.text);
      lines.select.value = sizes.lines === null ? '' : String(sizes.lines);
      show(label.input, sizes.label);
    },
  };
}

const OWN = 'own';

/** Size of saved pictures. @param {import('../state/store.js').Store} store @param {import('../state/actions.js').Actions} actions @returns {Fields} */
export function figureFields(store, actions) {
  const box = element('div', { class: 'tools' });
  const keep = () => store.get().sizes.figure ?? { width: 1600, height: 900, scale: 1 };
  const shape = select(
    'Size',
    "Size of saved pictures: the window's, or one that does not depend on the window",
    [
      ['', 'as the window'],
      ...FIGURES.map(([name, w, h]) => /** @type {[string, string]} */ ([`${w}x${h}`, `${name}  (${w} × ${h})`])),
      [OWN, 'own'],
    ],
    '',
    (v) => {
      const [w, h] = v === OWN ? [keep().width, keep().height] : v.split('x').map(Number);
      actions.setSizes({ figure: v === '' ? null : { ...keep(), width: w, height: h } });
      if (v !== OWN) return;
      width.box.hidden = false;
      width.input.focus();
    },
  );
  const width = numberField('Width', 'Width of saved pictures in pixels', '', (v) => {
    if (v) actions.setSizes({ figure: { ...keep(), width: v } });
  });
  const height = numberField('Height', 'Height of saved pictures in pixels', '', (v) => {
    if (v) actions.setSizes({ figure: { ...keep(), height: v } });
  });
  const scale = select(
    'Sharpness',
    'Image pixels of a PNG for each pixel, for print and dense screens',
    ['1', '2', '3', '4'].map((s) => [s, `${s} ×`]),
    '1',
    (v) => actions.setSizes({ figure: { ...keep(), scale: Number(v) } }),
  );
  box.append(shape.box, width.box, height.box, scale.box);
  return {
    box,
    fill({ sizes: { figure } }) {
      const name = figure ? `${figure.width}x${figure.height}` : '';
      shape.select.value = name === '' || FIGURES.some(([, w, h]) => `${w}x${h}` === name) ? name : OWN;
      for (const field of [width.box, height.box, scale.box]) field.hidden = !figure;
      show(width.input, figure?.width);
      show(height.input, figure?.height);
      scale.select.value = String(figure?.scale ?? 1);
    },
  };
}
