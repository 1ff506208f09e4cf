// SPDX-License-Identifier: BSD-3-Clause
// What follows from a log and its look, kept until what it depends on changes: order and search, hues, the legend.

import { countNames, rpcLegend } from './rpc-legend.js';
import { firstRpcLook } from './rpc-look.js';
import { orderRpcs, searchRpcs, statisticsOf } from './rpc-order.js';
import { hueNumbers } from './rpc-paint.js';

/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/** @typedef {import('./rpc-look.js').RpcLook} RpcLook */

/** @param {RpcLog} log @param {import('./rpc-view.js').RpcIo} io */
export function rpcDerived(log, io) {
  /** @type {{key: string, order: Uint32Array, search: import('./rpc-order.js').RpcSearch, statistics: ReturnType<typeof statisticsOf>}} */
  let memo = {
    key: '',
    order: new Uint32Array(0),
    search: searchRpcs(log, firstRpcLook(log).query),
    statistics: statisticsOf(log, new Uint32Array(0)),
  };
  function rows() {
    const { sort, query, only } = io.look();
    const key = JSON.stringify([sort, query, only]);
    if (memo.key !== key) {
      const search = searchRpcs(log, query);
      const order = orderRpcs(log, sort, only ? search : null);
      memo = { key, search, order, statistics: statisticsOf(log, order) };
    }
    return memo;
  }
  /** @type {{color: string, names: [string, number][], numbers: Map<string, number>}} */
  let known = { color: '', names: [], numbers: new Map() };
  /** @param {RpcLook['color']} color */
  function hues(color) {
    if (known.color === color) return known;
    const names = countNames(log, color);
    return (known = { color, names, numbers: hueNumbers(names.map(([name]) => name)) });
  }
  /** @returns {import('../frame/tab-legend.js').Legend} */
  function legend() {
    const palette = io.palette();
    const { names, numbers } = hues(io.look().color);
    const find = (/** @type {string} */ name) => io.set({ query: { ...io.look().query, text: name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') } });
    return { items: rpcLegend(log, names, palette, numbers, find), palette };
  }
  return { rows, hues, legend };
}
