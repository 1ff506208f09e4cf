// SPDX-License-Identifier: BSD-3-Clause
// The row of tabs: hidden while there is one.

import { element } from '../kit/dom.js';
import { withKey } from '../input/keys.js';

/** @typedef {{id: string, label: string, title: string}} Tab */

/** @param {HTMLElement} bar with the role tablist @param {(id: string) => void} choose */
export function makeTabs(bar, choose) {
  /** @type {Tab[]} */
  let tabs = [];
  let shown = '';

  /** False when there is no other tab. @param {number} step */
  function step(step) {
    const at = tabs.findIndex((t) => t.id === shown);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next || next.id === shown) return false;
    choose(next.id);
    return true;
  }
  bar.addEventListener('keydown', (e) => {
    const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 });
    if (steps[e.key] === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    step(steps[e.key]);
    /** @type {HTMLElement|null} */ (bar.querySelector('[aria-selected=true]'))?.focus();
  });
  return {
    step,
    /** @param {Tab[]} list @param {string} id */
    show(list, id) {
      tabs = list;
      shown = id;
      bar.hidden = list.length < 2;
      bar.replaceChildren(
        ...list.map((tab) => {
          const on = tab.id === id;
          const button = element(
            'button',
            {
              type: 'button',
              role: 'tab',
              'data-tab': tab.id,
              'aria-selected': String(on),
              tabindex: on ? '0' : '-1',
              title: withKey(`${tab.title}; next tab`, 'nextTab'),
            },
            tab.label,
          );
          button.addEventListener('click', () => choose(tab.id));
          return button;
        }),
      );
    },
  };
}
