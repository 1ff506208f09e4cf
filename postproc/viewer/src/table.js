// SPDX-License-Identifier: BSD-3-Clause
// A table that sorts by any column, is used by keyboard, and is saved as CSV.

import { button, download, element } from './dom.js';
import { csvText } from './csv.js';

/**
 * @template R
 * @typedef {object} Column
 * @property {string} label @property {string} title what it means
 * @property {(row: R) => number|string} value sorted by, and written to CSV
 * @property {(row: R) => string} [text] shown
 * @property {(row: R) => Node} [node] shown instead of the text
 * @property {boolean} [up] first sort is upwards
 */
/**
 * @template R
 * @typedef {object} TableOptions
 * @property {string} label @property {Column<R>[]} columns @property {string} file name of the CSV without its ending
 * @property {number} sort column, at first @property {import('./choices.js').Choice} [order] where the order is kept, as its column and u or d @property {(row: R) => void} [pick] @property {string} [pickTitle] @property {(row: R) => boolean} [picked]
 */

const MOST = 500;

/** @template R @param {TableOptions<R>} options */
export function makeTable(options) {
  const { columns } = options;
  let sort = options.sort;
  let up = columns[sort].up ?? false;
  /** @type {R[]} */
  let rows = [];
  let all = false;
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
    th.append(b);
    head.append(th);
    return th;
  });
  const thead = element('thead');
  thead.append(head);
  table.append(thead, body);
  const more = button(
    'Show all rows',
    'Show every row of this table',
    () => {
      all = true;
      fill();
    },
    { class: 'link' },
  );
  const csv = button(
    'CSV',
    'Save this table as comma-separated values',
    () => {
      download(
        new Blob(
          [
            csvText(
              columns.map((c) => c.label),
              sorted().map((r) => columns.map((c) => c.value(r))),
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
  box.append(scroller, note, csv);

  /** @returns {R[]} */
  function sorted() {
    const { value } = columns[sort];
    const sign = up ? 1 : -1;
    return [...rows].sort((a, b) => {
      const x = value(a);
      const y = value(b);
      if (typeof x === 'number' && typeof y === 'number') return (x - y) * sign;
      return String(x).localeCompare(String(y)) * sign;
    });
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
    const list = sorted();
    const shown = all ? list : list.slice(0, MOST);
    body.replaceChildren(...shown.map(rowOf));
    note.replaceChildren();
    if (list.length === 0) note.textContent = 'Nothing in this window.';
    if (shown.length < list.length) note.append(`The first ${shown.length} of ${list.length.toLocaleString('en')} rows. `, more);
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
