// SPDX-License-Identifier: BSD-3-Clause
// Calls of RPCs, from the points at which threads take up a request and give its response.

import { AUX, EV } from '../format/events.js';

/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./model.js').Row} Row */
/**
 * One call: the client's side from request to response, and the server's sides inside it.
 * @typedef {object} Call ticks
 * @property {number} key @property {string} label
 * @property {number} request record of aux @property {number} tid
 * @property {number} t0 @property {number} t1
 * @property {import('../search/thread-states.js').States|null} client @property {{tid: number, t0: number, t1: number, states: import('../search/thread-states.js').States|null}[]} servers
 * @property {number} outside time of the call in which no server had it
 */

/** Method of an RPC, from its name: "ping.58512". @param {string} name */
export const methodOf = (name) => name.replace(/\.\d+$/, '');

/**
 * The calls of one RPC row, without how their threads spent them: each side lasts from a thread's first request to its next response with this id.
 * @param {Model} model @param {Row} row @returns {Call[]}
 */
export function outlineCalls(model, row) {
  const { aux } = model;
  const list = row.aux[AUX.RPC];
  if (!list) return [];
  /** @type {Map<number, number>} */
  const open = new Map();
  /** @type {{tid: number, request: number, t0: number, t1: number}[]} */
  const sides = [];
  for (const r of list.index) {
    const { event } = model.kinds[aux.kind[r]];
    const tid = aux.pid[r] >>> 0;
    if (event === EV.RPCIDREQ && !open.has(tid)) open.set(tid, r); // again: taken up again, or handed on
    if (event !== EV.RPCIDRESP) continue;
    const request = open.get(tid);
    if (request === undefined) continue;
    open.delete(tid);
    sides.push({ tid, request, t0: aux.start[request], t1: aux.start[r] });
  }
  sides.sort((a, b) => a.t0 - b.t0 || b.t1 - a.t1);
  return groupSides(row, sides);
}

/** @param {Row} row @param {{tid: number, request: number, t0: number, t1: number}[]} sides @returns {Call[]} */
function groupSides(row, sides) {
  /** @type {Call[]} */
  const calls = [];
  for (const side of sides) {
    const last = calls[calls.length - 1];
    if (last && side.t0 >= last.t0 && side.t1 <= last.t1 && side.tid !== last.tid) {
      last.servers.push({ tid: side.tid, t0: side.t0, t1: side.t1, states: null });
    } else {
      calls.push({
        key: row.key,
        label: row.label,
        request: side.request,
        tid: side.tid,
        t0: side.t0,
        t1: side.t1,
        client: null,
        servers: [],
        outside: 0,
      });
    }
  }
  for (const call of calls) call.outside = call.t1 - call.t0 - covered(call.servers);
  return calls;
}

/** @param {{t0: number, t1: number}[]} parts sorted by start */
function covered(parts) {
  let end = -Infinity;
  let sum = 0;
  for (const { t0, t1 } of parts) {
    sum += Math.max(0, t1 - Math.max(t0, end));
    end = Math.max(end, t1);
  }
  return sum;
}
