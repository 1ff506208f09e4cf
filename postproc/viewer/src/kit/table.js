// SPDX-License-Identifier: BSD-3-Clause
// A table that sorts by any column, is filtered, used by keyboard, copied and saved as CSV. Of its rows only those in sight are made, and some
// around them: a thousand rows of cells would hold up a frame. Columns that have no room are left out, and it is said how many.

import { button, checkbox, copyText, download, element } from './dom.js';
import { columnsThatFit, readColumns, writeColumns } from './columns-fit.js';
import { csvText } from './csv.js';

/**
 * @template R
 * @typedef {object} Column
 * @property {string} label @property {string} title what it means
 * @property {(row: R) => number|string} value sorted by, and written to CSV
 * @property {(row: R) => number|string} [csv] written to CSV instead of the value
 * @property {string} [swatch] colour of what the column tells
 * @property {(row: R) => string} [text] shown
 * @property {(row: R) => string} [exact] all digits, in the tooltip
 * @property {(row: R) => Node} [node] shown instead of the text
 * @property {boolean} [up] first sort is upwards
 * @property {number} [rank] the higher, the sooner it is left out where there is no room; 0: never
 */
/** What is kept somewhere by a name. @typedef {{get: () => string, set: (value: string) => void}} Kept */
/**
 * @template R
 * @typedef {object} TableOptions
 * @property {string} label @property {Column<R>[]} columns @property {string} file name of the CSV without its ending
 * @property {number} sort column, at first @property {Kept} [order] where the order is kept, as its column and u or d
 * @property {Kept} [columnsShown] where the chosen columns are kept @property {(row: R) => void} [pick] @property {string} [pickTitle] @property {(row: R) => boolean} [picked]
 */

/** Rows made above and below those in sight. */
const AROUND = 20;
/** Tables of no more rows are made whole. */
const FEW = 100;
/** Tables of no more rows are looked through by eye. */
const UNFILTERED = 12;
/** Height of a row and of the box before they are laid out, px. */
const ROW = 22;
const BOX = 600;
/** Rank of a column that says nothing. */
const BLANK = 100;
const collator = new Intl.Collator();

/** A row of what a saved table holds. @template R @param {Column<R>[]} columns @param {R} row */
const cells = (columns, row) => columns.map((c) => (c.csv ?? c.value)(row));

/**
 * The tools below a table. @template R
 * @param {TableOptions<R>} options @param {{rows: () => R[], filter: (text: string) => void, shown: () => boolean[], choose: (shown: boolean[]|null) => void}} table
 */
function makeTools({ columns, file, label }, table) {
  const box = element('div', { class: 'table-tools' });
  const filter = element('input', {
    type: 'search',
    placeholder: 'Filter',
    'aria-label': `${label}: show only rows that hold this`,
    title: 'Show only rows that hold this',
  });
  filter.addEventListener('input', () => table.filter(filter.value));
  const csv = button(
    'CSV',
    'Save this table as comma-separated values, all columns of the rows shown',
    () => {
      const text = csvText(
        columns.map((c) => c.label),
        table.rows().map((r) => cells(columns, r)),
      );
      download(new Blob([text], { type: 'text/csv' }), `${file}.csv`);
    },
    { class: 'csv' },
  );
  const copy = button('Copy', 'Copy this table, as shown, to be pasted into a text or a spreadsheet', async () => {
    const shown = columns.filter((_, i) => table.shown()[i]);
    const plain = (/** @type {string|number} */ v) => String(v).replaceAll(/[\t\r\n]/g, ' ');
    const lines = [shown.map((c) => c.label), ...table.rows().map((r) => shown.map((c) => (c.text ?? c.value)(r)))].map((line) =>
      line.map(plain).join('\t'),
    );
    const done = await copyText(`${lines.join('\n')}\n`);
    copy.textContent = done ? 'Copied' : 'Not copied';
    setTimeout(() => {
      copy.textContent = 'Copy';
    }, 1500);
  });
  const choice = element('details', { class: 'columns' });
  const summary = element('summary', { title: 'Choose the columns' });
  const list = element('div', { class: 'tools' });
  choice.append(summary, list);
  const fit = button('As many as fit', 'Choose by the room that there is', () => table.choose(null));
  /** Of all columns but the first: made when they are first seen. @type {ReturnType<typeof checkbox>[]} */
  let boxes = [];
  /** Shows what is chosen. @type {() => void} */
  let fillChoice = () => {};
  choice.addEventListener('toggle', () => fillChoice());
  box.append(filter, csv, copy, choice);
  return {
    box,
    /** @param {number} rows @param {boolean[]} shown @param {boolean} chosen by hand */
    fill(rows, shown, chosen) {
      filter.hidden = rows <= UNFILTERED && filter.value === '';
      const hidden = shown.filter((on) => !on).length;
      const text = hidden > 0 ? `Columns: ${hidden} of ${shown.length} left out` : 'Columns';
      if (summary.textContent !== text) summary.textContent = text;
      fillChoice = () => {
        if (!choice.open) return;
        if (boxes.length === 0) {
          const hand = (/** @type {number} */ i) => (/** @type {boolean} */ on) => table.choose(table.shown().map((was, k) => (k === i ? on : was)));
          boxes = columns.slice(1).map((c, k) => checkbox(c.label, c.title, true, hand(k + 1)));
          list.replaceChildren(...boxes.map((b) => b.box), fit);
        }
        boxes.forEach((b, k) => {
          b.input.checked = shown[k + 1];
        });
        fit.hidden = !chosen;
      };
      fillChoice();
    },
  };
}

/** @template R @param {TableOptions<R>} options */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: order, rows and the cell with the focus are one state
export function makeTable(options) {
  const { columns } = options;
  let sort = options.sort;
  let up = columns[sort].up ?? false;
  /** @type {R[]} */
  let rows = [];
  let filter = '';
  /** Columns chosen by hand. @type {boolean[]|null} */
  let chosen = null;
  let shown = columns.map(() => true);
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
    const th = element('th', { scope: 'col', 'aria-colindex': String(i + 1) });
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
  const tools = makeTools(options, {
    rows: () => list,
    filter: (text) => {
      filter = text.trim().toLowerCase();
      fill();
    },
    shown: () => shown,
    choose: (wanted) => {
      chosen = wanted;
      options.columnsShown?.set(wanted ? writeColumns(wanted) : '');
      fill();
    },
  });
  const scroller = element('div', { class: 'table-scroll' });
  scroller.append(table);
  const above = element('tr', { 'aria-hidden': 'true' });
  const below = element('tr', { 'aria-hidden': 'true' });
  let asked = false;
  const soon = (/** @type {() => void} */ run) => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      run();
    });
  };
  scroller.addEventListener('scroll', () => soon(makeRows));
  let room = 0;
  new ResizeObserver(() => {
    if (scroller.clientWidth === room || list.length === 0) return;
    if (columns.some((c) => c.rank)) soon(fill);
  }).observe(scroller);
  box.append(scroller, note, tools.box);

  /** Those that the filter leaves, in order. @returns {R[]} */
  function sorted() {
    const { value } = columns[sort];
    const sign = up ? 1 : -1;
    const words = (/** @type {R} */ r) => columns.map((c) => (c.node ? String(c.value(r)) : c.text ? c.text(r) : String(c.value(r)))).join(' ');
    const kept = filter === '' ? rows : rows.filter((r) => words(r).toLowerCase().includes(filter));
    const values = kept.map(value);
    const order = kept.map((_, i) => i);
    order.sort((i, j) => {
      const [x, y] = [values[i], values[j]];
      return (typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y))) * sign;
    });
    return order.map((i) => kept[i]);
  }

  /** The order and the columns as they are kept. */
  function readKept() {
    const kept = /^(\d{1,2})([ud])$/.exec(options.order?.get() ?? '');
    if (kept && Number(kept[1]) < columns.length) {
      sort = Number(kept[1]);
      up = kept[2] === 'u';
    }
    if (options.columnsShown) chosen = readColumns(options.columnsShown.get(), columns.length);
  }

  function fill() {
    readKept();
    heads.forEach((th, i) => th.setAttribute('aria-sort', i === sort ? (up ? 'ascending' : 'descending') : 'none'));
    list = sorted();
    table.setAttribute('aria-rowcount', String(list.length + 1));
    table.setAttribute('aria-colcount', String(columns.length));
    show(chosen ?? columns.map(() => true));
    room = scroller.clientWidth;
    if (!chosen && room > 0 && table.offsetWidth > room) {
      const fitting = columnsThatFit(
        columns.map((c, i) => ({ width: heads[i].offsetWidth, rank: i === sort ? 0 : isBlank(c) ? BLANK : (c.rank ?? 0) })),
        room,
      );
      if (fitting.includes(false)) show(fitting);
    }
    tools.fill(rows.length, shown, chosen !== null);
    note.textContent =
      list.length === 0
        ? rows.length === 0
          ? 'Nothing in this window.'
          : `None of ${rows.length.toLocaleString('en')} rows holds this.`
        : list.length < rows.length
          ? `${list.length.toLocaleString('en')} of ${rows.length.toLocaleString('en')} rows.`
          : list.length > made.size
            ? `${list.length.toLocaleString('en')} rows.`
            : '';
  }

  /** True of a column that says nothing of any row. @param {Column<R>} c */
  const isBlank = (c) => c.rank !== undefined && c.text !== undefined && list.every((r) => c.text?.(r) === '');

  /** Makes the table anew with some columns. @param {boolean[]} wanted */
  function show(wanted) {
    shown = wanted;
    body.replaceChildren();
    made = new Map();
    heads.forEach((th, i) => {
      th.style.minWidth = '';
      th.hidden = !shown[i];
      th.classList.toggle('number', i > 0 && list.length > 0 && !columns[i].node && typeof columns[i].value(list[0]) === 'number');
    });
    makeRows();
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
    const widths = heads.map((th) => th.offsetWidth);
    heads.forEach((th, i) => {
      th.style.minWidth = `${widths[i]}px`;
    });
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
      if (!shown[i]) return;
      const cell = i === 0 ? element('th', { scope: 'row' }) : element('td', typeof c.value(row) === 'number' ? { class: 'number' } : {});
      const text = c.text ? c.text(row) : String(c.value(row));
      if (c.node) cell.append(c.node(row));
      else if (i === 0 && options.pick)
        cell.append(button(text, `${text}: ${options.pickTitle ?? 'Show'}`, () => options.pick?.(row), { class: 'link' }));
      else cell.textContent = text;
      if (c.exact) cell.title = c.exact(row);
      else if (i === 0 && !options.pick) cell.title = text;
      cell.setAttribute('aria-colindex', String(i + 1));
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
