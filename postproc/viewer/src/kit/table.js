// SPDX-License-Identifier: BSD-3-Clause
// A table that sorts by any column, is used by keyboard, and is saved as CSV. Of its rows only those in sight are made, and some around them:
// a thousand rows of cells would hold up a frame.

import { button, download, element } from './dom.js';
import { csvText } from './csv.js';

/**
 * @template R
 * @typedef {object} Column
 * @property {string} label @property {string} title what it means
 * @property {(row: R) => number|string} value sorted by, and written to CSV
 * @property {(row: R) => number|string} [csv] written to CSV instead of the value
 * @property {string} [swatch] colour of what the column tells
 * @property {(row: R) => string} [text] shown
 * @property {(row: R) => Node} [node] shown instead of the text
 * @property {boolean} [up] first sort is upwards
 */
/**
 * @template R
 * @typedef {object} TableOptions
 * @property {string} label @property {Column<R>[]} columns @property {string} file name of the CSV without its ending
 * @property {number} sort column, at first @property {import('../state/choices.js').Choice} [order] where the order is kept, as its column and u or d @property {(row: R) => void} [pick] @property {string} [pickTitle] @property {(row: R) => boolean} [picked]
 */

/** Rows made above and below those in sight. */
const AROUND = 20;
/** Tables of no more rows are made whole. */
const FEW = 100;
/** Height of a row and of the box before they are laid out, px. */
const ROW = 22;
const BOX = 600;
const collator = new Intl.Collator();

/** @template R @param {TableOptions<R>} options */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: order, rows and the cell with the focus are one state
export function makeTable(options) {
  const { columns } = options;
  let sort = options.sort;
  let up = columns[sort].up ?? false;
  /** @type {R[]} */
  let rows = [];
  /** In order. @type {R[]} */
  let list = [];
  /** Rows that are made, by their place. @type {Map<number, HTMLElement>} */
  let made = new Map();
  let rowHeight = ROW;
  const box = element('div', { class: 'table-box' });
  const table = element('table', { class: 'data', 'aria-label': options.label });
  const head = element('tr');
  const body = element('tbody');
  const note = element('p', { class: 'dim' });
  const heads = columns.map((c, i) => {
    const th = element('th', { scope: 'col' });
    const b = button(
      c.label,
      `${c.title}. Click to sort`,
      () => {
        up = sort === i ? !up : (c.up ?? false);
        sort = i;
        options.order?.set(`${sort}${up ? 'u' : 'd'}`);
        fill();
      },
      { class: 'sort' },
    );
    if (c.swatch) {
      const swatch = element('span', { class: 'swatch', 'aria-hidden': 'true' });
      swatch.style.background = c.swatch;
      b.prepend(swatch);
    }
    th.append(b);
    head.append(th);
    return th;
  });
  const thead = element('thead');
  thead.append(head);
  table.append(thead, body);
  const csv = button(
    'CSV',
    'Save this table as comma-separated values',
    () => {
      download(
        new Blob(
          [
            csvText(
              columns.map((c) => c.label),
              sorted().map((r) => columns.map((c) => (c.csv ?? c.value)(r))),
            ),
          ],
          { type: 'text/csv' },
        ),
        `${options.file}.csv`,
      );
    },
    { class: 'csv' },
  );
  const scroller = element('div', { class: 'table-scroll' });
  scroller.append(table);
  const above = element('tr', { 'aria-hidden': 'true' });
  const below = element('tr', { 'aria-hidden': 'true' });
  let asked = false;
  scroller.addEventListener('scroll', () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      makeRows();
    });
  });
  box.append(scroller, note, csv);

  /** @returns {R[]} */
  function sorted() {
    const { value } = columns[sort];
    const sign = up ? 1 : -1;
    const values = rows.map(value);
    const order = rows.map((_, i) => i);
    order.sort((i, j) => {
      const [x, y] = [values[i], values[j]];
      return (typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y))) * sign;
    });
    return order.map((i) => rows[i]);
  }

  /** The order as it is kept. */
  function keptOrder() {
    const kept = /^(\d{1,2})([ud])$/.exec(options.order?.get() ?? '');
    if (!kept || Number(kept[1]) >= columns.length) return;
    sort = Number(kept[1]);
    up = kept[2] === 'u';
  }

  function fill() {
    keptOrder();
    heads.forEach((th, i) => th.setAttribute('aria-sort', i === sort ? (up ? 'ascending' : 'descending') : 'none'));
    list = sorted();
    table.setAttribute('aria-rowcount', String(list.length + 1));
    body.replaceChildren();
    made = new Map();
    for (const th of heads) th.style.minWidth = '';
    makeRows();
    note.textContent = list.length === 0 ? 'Nothing in this window.' : list.length > made.size ? `${list.length.toLocaleString('en')} rows.` : '';
  }

  /** Makes the rows in sight; those that were made stay what they are, so that one of them keeps the keyboard. */
  function makeRows() {
    const few = list.length <= FEW;
    const first = few ? 0 : Math.max(0, Math.floor(scroller.scrollTop / rowHeight) - AROUND);
    const last = few ? list.length : Math.min(list.length, Math.ceil((scroller.scrollTop + (scroller.clientHeight || BOX)) / rowHeight) + AROUND);
    for (const [i, tr] of made) {
      if (i >= first && i < last) continue;
      tr.remove();
      made.delete(i);
    }
    space(above, first);
    /** @type {Element|null} */
    let after = above.parentNode ? above : null;
    for (let i = first; i < last; i++) {
      let tr = made.get(i);
      if (!tr) {
        tr = rowOf(list[i]);
        tr.setAttribute('aria-rowindex', String(i + 2));
        made.set(i, tr);
        body.insertBefore(tr, after ? after.nextSibling : body.firstChild);
      }
      after = tr;
    }
    space(below, list.length - last);
    if (list.length === made.size) return;
    // What comes later changes no width that was seen, and every row is as high as the first.
    rowHeight = made.get(first)?.offsetHeight || rowHeight;
    for (const th of heads) th.style.minWidth = `${th.offsetWidth}px`;
  }

  /** @param {HTMLElement} tr @param {number} n rows that it stands for */
  function space(tr, n) {
    if (n === 0) tr.remove();
    else if (!tr.parentNode) body.insertBefore(tr, tr === above ? body.firstChild : null);
    tr.style.height = `${n * rowHeight}px`;
  }

  /** @param {R} row */
  function rowOf(row) {
    const tr = element('tr', options.picked?.(row) ? { 'aria-current': 'true' } : {});
    columns.forEach((c, i) => {
      const cell = i === 0 ? element('th', { scope: 'row' }) : element('td', typeof c.value(row) === 'number' ? { class: 'number' } : {});
      const text = c.text ? c.text(row) : String(c.value(row));
      if (c.node) cell.append(c.node(row));
      else if (i === 0 && options.pick) cell.append(button(text, options.pickTitle ?? 'Show', () => options.pick?.(row), { class: 'link' }));
      else cell.textContent = text;
      tr.append(cell);
    });
    return tr;
  }

  return {
    box,
    /** @param {R[]} next */
    show(next) {
      rows = next;
      fill();
    },
    redraw: fill,
  };
}
