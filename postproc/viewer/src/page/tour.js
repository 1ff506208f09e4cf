// SPDX-License-Identifier: BSD-3-Clause
// A tour of one minute: each step lights one part of the page and says what it is for.

import { button, element } from '../kit/dom.js';

/** @type {[string, string, string][]} selector, title, text */
const STEPS = [
  [
    '#picture',
    'The picture',
    'Time runs to the right. Each row is a CPU: what it did at every instant. Tall spans are the kernel, half-height spans are programs, a thin line is idle.',
  ],
  [
    '#picture',
    'Move',
    'Wheel to zoom at the pointer, drag to move. W A S D do the same by keyboard; Backspace takes you back to what you saw before; 0 shows everything.',
  ],
  [
    'button.group',
    'Rows',
    'Open PID for a row for each thread and RPC for a row for each remote call. There you see what a thread waited for, as far as it was recorded, and for how long.',
  ],
  [
    '#picture',
    'Ask',
    'Click anything: a span, a wait, an arc. The panel says what it is, why the thread waited, who woke it and whom it woke; [ and ] follow the wakeup.',
  ],
  ['#search-box', 'Find', 'Type part of a name, a /regex/, or terms such as dur>100us cpu:2 wait:disk ret<0. Enter goes to the next match.'],
  [
    '#panel-button',
    'What hurt most',
    'States sorts threads by the time they did not choose to spend, RPC calls by their length, locks by their longest try. Statistics counts the window, or the range you measure by Shift+drag.',
  ],
  ['#toolbar [aria-controls=trace-menu]', 'Keep', 'Save views, write notes, and save the page with them. The address holds what you see: share it.'],
  ['#help-button', 'Help', 'Press ? for every key and the legend, Ctrl+K for every command.'],
];

/** @param {HTMLElement} layer */
export function createTour(layer) {
  let at = -1;
  const end = () => {
    at = -1;
    layer.hidden = true;
    layer.replaceChildren();
  };

  function show() {
    const [selector, title, text] = STEPS[at];
    const target = document.querySelector(selector);
    const box = target?.getBoundingClientRect() ?? new DOMRect(0, 0, 0, 0);
    const light = element('div', { class: 'light' });
    Object.assign(light.style, { left: `${box.left - 4}px`, top: `${box.top - 4}px`, width: `${box.width + 8}px`, height: `${box.height + 8}px` });
    const card = element('div', { class: 'card', role: 'dialog', 'aria-label': `Tour: ${title}` });
    const tools = element('div', { class: 'tools' });
    const next = button(at === STEPS.length - 1 ? 'Done' : 'Next', 'Next step (Enter)', () => step(1));
    tools.append(
      element('span', { class: 'dim' }, `${at + 1} of ${STEPS.length}`),
      button('Back', 'Previous step', () => step(-1), at === 0 ? { disabled: '' } : {}),
      next,
      button('End tour', 'End the tour (Esc)', end),
    );
    card.append(element('h2', {}, title), element('p', { 'aria-live': 'polite' }, text), tools);
    layer.replaceChildren(light, card);
    layer.hidden = false;
    const below = box.bottom + 12 + card.offsetHeight < window.innerHeight;
    const top = below ? box.bottom + 12 : Math.max(12, Math.min(box.top - card.offsetHeight - 12, window.innerHeight - card.offsetHeight - 12));
    card.style.top = `${selector === '#picture' ? window.innerHeight - card.offsetHeight - 60 : top}px`;
    card.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - card.offsetWidth - 8))}px`;
    next.focus();
  }

  /** @param {number} by */
  function step(by) {
    at += by;
    if (at >= STEPS.length || at < 0) end();
    else show();
  }
  return {
    start: () => {
      at = 0;
      show();
    },
    end: () => {
      const was = at >= 0;
      if (was) end();
      return was;
    },
  };
}
