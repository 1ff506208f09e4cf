// SPDX-License-Identifier: BSD-3-Clause
// A list of any length of which only what is in sight exists. A browser limits the height of an element, so long lists are scaled.

import { element } from './dom.js';

const ROW = 24;
const MOST_PX = 8_000_000;

/**
 * @param {{label: string, rows: (first: number, n: number) => {text: string, dim: string, current: boolean}[], pick: (i: number) => void}} options
 */
export function makeVirtualList(options) {
  const box = element('div', { class: 'virtual', role: 'listbox', tabindex: '0', 'aria-label': options.label });
  const space = element('div', { class: 'space' });
  const shown = element('div', { class: 'shown' });
  box.append(space, shown);
  let count = 0;
  let current = 0;
  const scale = () => Math.max(1, (count * ROW) / MOST_PX);
  const firstInSight = () => Math.min(Math.max(0, count - 1), Math.floor((box.scrollTop * scale()) / ROW));

  function fill() {
    const n = Math.ceil((box.clientHeight || 400) / ROW) + 1;
    const first = Math.min(firstInSight(), Math.max(0, count - n + 1));
    const rows = count > 0 ? options.rows(first, n) : [];
    shown.replaceChildren(
      ...rows.map((row, k) => {
        const item = element('div', {
          class: 'item',
          role: 'option',
          id: `hit-${first + k}`,
          'aria-selected': String(row.current),
          'aria-posinset': String(first + k + 1),
          'aria-setsize': String(count),
        });
        item.append(element('span', { class: 'name' }, row.text), element('span', { class: 'dim' }, row.dim));
        item.addEventListener('click', () => choose(first + k));
        return item;
      }),
    );
    shown.style.transform = `translateY(${box.scrollTop - (scale() === 1 ? box.scrollTop - first * ROW : 0)}px)`;
  }

  /** @param {number} i */
  function choose(i) {
    if (i < 0 || i >= count) return;
    current = i;
    const top = (i * ROW) / scale();
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
    options.pick(i);
    box.setAttribute('aria-activedescendant', `hit-${i}`);
    fill();
  }

  box.addEventListener('scroll', fill);
  new ResizeObserver(fill).observe(box); // what stands above it comes and goes
  box.addEventListener('keydown', (e) => {
    const page = Math.max(1, Math.floor(box.clientHeight / ROW) - 1);
    const to = /** @type {Record<string, number>} */ ({
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: Math.min(count - 1, current + page),
      PageUp: Math.max(0, current - page),
      Home: 0,
      End: count - 1,
      Enter: current,
    })[e.key];
    if (to === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    choose(to);
  });
  return {
    box,
    /** @param {number} n */
    show(n) {
      count = n;
      space.style.height = `${Math.min(MOST_PX, n * ROW)}px`;
      if (current >= n) current = 0;
      fill();
    },
    redraw: fill,
  };
}
