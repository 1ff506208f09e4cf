// SPDX-License-Identifier: BSD-3-Clause
// What the colours of an RPC chart mean: pure.

import { waitColor } from '../../plan/colors.js';
import { CLASS } from '../../format/events.js';
import { hueOf } from './rpc-paint.js';

/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {import('../frame/tab-legend.js').LegendItem} LegendItem */

const MOST = 12;

/** Names that colour RPCs, most frequent first. @param {RpcLog} log @param {import('./rpc-look.js').RpcLook['color']} by @returns {[string, number][]} */
export function countNames(log, by) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of log[by]) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** What the line below a bar shows: thick where the thread runs, thin where it waits. @param {import('../../plan/colors.js').Palette} palette @returns {LegendItem[]} */
function stripItems(palette) {
  const { cls } = palette.css;
  const runs = /** @type {[string, string][]} */ ([
    ['user', cls[CLASS.USER]],
    ['system call', cls[CLASS.SYSCALL]],
    ['interrupt', cls[CLASS.IRQ]],
    ['scheduler', cls[CLASS.SCHED]],
  ]);
  const waits = /** @type {[string, string][]} */ ([
    ['a CPU', 'c'],
    ['network', 'n'],
    ['disk', 'd'],
    ['lock', 'l'],
  ]);
  return [
    { text: 'Line below, its thread runs:' },
    ...runs.map(([text, color]) => /** @type {LegendItem} */ ({ text, color, swatch: 'line', look: 'thin' })),
    { text: 'waits for:' },
    ...waits.map(([text, letter]) => /** @type {LegendItem} */ ({ text, color: waitColor(palette, letter), swatch: 'line waits', look: 'thin' })),
  ];
}

/**
 * The most frequent names with their colours; of RPCs of a trace also what their threads did.
 * @param {RpcLog} log @param {[string, number][]} sorted from countNames @param {import('../../plan/colors.js').Palette} palette
 * @param {Map<string, number>} hues @param {(name: string) => void} pick @returns {LegendItem[]}
 */
export function rpcLegend(log, sorted, palette, hues, pick) {
  const names = sorted.slice(0, MOST).map(([name, count]) => ({
    text: `${name || '(none)'} ${count.toLocaleString('en')}`,
    color: hueOf(palette, hues.get(name) ?? 0),
    title: `${name || '(none)'}: ${count} RPCs. Click: search for it`,
    pick: () => pick(name),
  }));
  return [
    ...names,
    ...(sorted.length > MOST ? [{ text: `and ${sorted.length - MOST} more` }] : []),
    { text: 'Lower part: server. White: on the wire (estimated).' },
    ...(log.threads ? stripItems(palette) : []),
  ];
}
