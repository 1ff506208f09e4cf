// SPDX-License-Identifier: BSD-3-Clause
// The tools above an RPC chart: order, colour, switches, search, export. Each tooltip names its key and state.

import { element } from '../../kit/dom.js';
import { durationWords } from '../../trace/time.js';
import { choice, tool } from '../frame/pane.js';
import { COLORS } from './rpc-look.js';
import { SORTS } from './rpc-order.js';

/** @typedef {import('./rpc-look.js').RpcLook} RpcLook */

/** @param {HTMLElement} bar @param {string} label @param {string} title */
function bound(bar, label, title) {
  const input = element('input', {
    type: 'text',
    inputmode: 'decimal',
    class: 'bound',
    placeholder: label,
    'aria-label': title,
    title,
    size: '5',
    autocomplete: 'off',
  });
  bar.append(input);
  return input;
}

/**
 * @param {HTMLElement} bar @param {Record<string, () => void>} actions @param {(change: Partial<RpcLook>) => void} set @param {() => RpcLook} look
 * @param {{csv: () => void, png: () => void, svg: () => void}} out
 */
export function makeRpcTools(bar, actions, set, look, out) {
  const sort = choice(bar, 'Rows', 'sort', SORTS, (v) => set({ sort: /** @type {any} */ (v), scroll: 0 }));
  const color = choice(bar, 'Colour', 'color', COLORS, (v) => set({ color: /** @type {any} */ (v) }));
  const relative = tool(bar, 'Rel. 0', 'relative', 'Start every row at 0', actions.relative);
  const annotate = tool(bar, 'Annotate', 'annotate', 'Label all RPCs', actions.annotate);
  const measure = tool(bar, 'Measure', 'measure', 'Measure by dragging between two of T1 to T4', actions.measure);
  const box = tool(bar, 'Box', 'box', 'Zoom to a box by dragging', actions.box);
  const searching = element('span', { class: 'chart-search', role: 'search' });
  bar.append(searching);
  const invert = tool(searching, '!', 'invert', 'Find what does not match', actions.invert);
  const text = element('input', {
    type: 'search',
    placeholder: 'Search: pattern',
    'aria-label': 'Search method.id, client, server, data',
    spellcheck: 'false',
    autocomplete: 'off',
    maxlength: '200',
    title: 'Search method.id, client, server and data for a pattern (/)',
  });
  searching.append(text);
  const min = bound(searching, 'min', 'Shortest duration in µs');
  const max = bound(searching, 'max', 'Longest duration in µs');
  searching.append(element('span', { class: 'unit' }, 'µs'));
  const only = tool(searching, 'Only', 'only', 'Show only rows that match', actions.only);
  tool(searching, '▲', 'previousMatch', 'Previous match', actions.previousMatch);
  tool(searching, '▼', 'nextMatch', 'Next match', actions.nextMatch);
  const result = element('output', { class: 'chart-result', 'aria-live': 'polite' });
  searching.append(result);
  const textSize = tool(bar, 'A', 'textSize', 'Text size', actions.textSize);
  tool(bar, 'All', 'reset', 'Show all, as at first', actions.reset);
  tool(bar, 'CSV', 'csv', 'Save the rows as a CSV table', out.csv);
  tool(bar, 'PNG', 'png', 'Save the picture', out.png);
  tool(bar, 'SVG', 'svg', 'Save the picture as SVG, for print', out.svg);

  const query = () => set({ query: { ...look().query, text: text.value, min: min.value, max: max.value }, scroll: look().only ? 0 : look().scroll });
  for (const input of [text, min, max]) {
    input.addEventListener('input', query);
    input.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter') return;
      e.preventDefault();
      (e.shiftKey ? actions.previousMatch : actions.nextMatch)();
    });
  }
  return {
    focusSearch: () => {
      text.focus();
      text.select();
    },
    /** @param {RpcLook} l @param {import('./rpc-order.js').RpcSearch} search */
    show(l, search) {
      sort.show(l.sort);
      color.show(l.color);
      relative.press(l.relative);
      annotate.press(l.annotate);
      measure.press(l.drag === 'measure');
      box.press(l.drag === 'zoom');
      invert.press(l.query.invert);
      only.press(l.only);
      textSize.say(`${Math.round(l.textScale * 100)} %`);
      for (const [input, value] of /** @type {[HTMLInputElement, string][]} */ ([
        [text, l.query.text],
        [min, l.query.min],
        [max, l.query.max],
      ])) {
        if (input.value !== value) input.value = value;
      }
      result.classList.toggle('error', search.error !== '');
      const words = `${search.count.toLocaleString('en')} found, total ${durationWords(search.total)}, ${durationWords(search.min)} to ${durationWords(search.max)}`;
      result.textContent = !search.on ? '' : search.error || (search.count === 0 ? 'no match' : words);
    },
  };
}
