// SPDX-License-Identifier: BSD-3-Clause
// The RPCs of a trace: T1..T4 from the request and response points of client and server.
// The first thread that names a request while it is open is taken as one side, a second thread as the server. When only one thread
// is in the trace, its messages tell its side: a client sends after its request point, a server has sent nothing until its response.

import { AUX, EV } from '../../format/events.js';
import { argOf, rpcKey, tidOf } from '../../format/columns.js';
import { methodOf } from '../../trace/calls.js';
import { parseBase, toNs } from '../../trace/time.js';
import { DEFAULT_GBS, finishRpcLog, makeRpcLog } from './rpc-log.js';

/** @typedef {import('../../trace/model.js').Model} Model */
/** @typedef {import('./rpc-log.js').RpcLog} RpcLog */
/**
 * An RPC being put together. Times are ticks, NaN unknown.
 * @typedef {{key: number, name: string, first: number, second: number, t: number[], requestCode: number, responseCode: number,
 *   sent: boolean, unknown: boolean}} Open first, second: thread ids, -1 none; sent: the first thread sent a message before its response;
 *   unknown: one thread only, and nothing tells its side
 */

const ID = 0xffff;
/** Length code of a request or response point: above the 16 bits of the id. @param {number} arg */
const codeOf = (arg) => (arg >>> 16) & 0xff;

/** True when the trace has RPC points. @param {Model} model */
export const hasRpcs = (model) => model.category.includes(AUX.RPC) && rpcPoints(model).length > 0;

/** Records of requests and responses that name an RPC, in time order. @param {Model} model */
function rpcPoints({ aux, category, kinds }) {
  const points = [];
  for (let i = 0; i < aux.n; i++) {
    if (category[i] !== AUX.RPC || (aux.arg[i] & ID) === 0 || kinds[aux.kind[i]].event === EV.RPCIDMID) continue;
    points.push(i);
  }
  return points;
}

/** @param {Model} model @returns {RpcLog} */
export function rpcLogOfTrace(model) {
  const { aux, category, kinds } = model;
  /** @type {Map<number, Open>} */
  const open = new Map();
  /** @type {Open[]} */
  const all = [];
  const sides = knowsSides(model);
  for (let i = 0; i < aux.n; i++) {
    const { event, name } = kinds[aux.kind[i]];
    const tid = tidOf(aux, i);
    if (category[i] === AUX.PACKET && event === EV.TX_USER) {
      const rpc = open.get(rpcKey(aux, i));
      if (rpc && rpc.first === tid) rpc.sent = true;
    } else if (category[i] === AUX.RPC && (argOf(aux, i) & ID) !== 0) {
      const key = argOf(aux, i) & ID;
      if (event === EV.RPCIDREQ) request(open, all, key, name, tid, aux.start[i], codeOf(argOf(aux, i)));
      else if (event === EV.RPCIDRESP) response(open, key, tid, aux.start[i], codeOf(argOf(aux, i)), sides);
    }
  }
  return asLog(model, all);
}

/** A trace without messages of user code cannot tell the side of a lone thread. @param {Model} model */
const knowsSides = ({ aux, kinds }) => kinds.some((k) => k.event === EV.TX_USER) && aux.n > 0;

/**
 * @param {Map<number, Open>} open @param {Open[]} all @param {number} key @param {string} name @param {number} tid @param {number} t
 * @param {number} code
 */
function request(open, all, key, name, tid, t, code) {
  const known = open.get(key);
  if (known && known.first === tid) return; // handed on inside one process
  if (known && known.second < 0) {
    known.second = tid;
    known.t[1] = t;
    if (name.length > known.name.length) known.name = name;
    return;
  }
  if (known) return;
  /** @type {Open} */
  const rpc = { key, name, first: tid, second: -1, t: [t, NaN, NaN, NaN], requestCode: code, responseCode: 0, sent: false, unknown: false };
  open.set(key, rpc);
  all.push(rpc);
}

/** @param {Map<number, Open>} open @param {number} key @param {number} tid @param {number} t @param {number} code @param {boolean} sides */
function response(open, key, tid, t, code, sides) {
  const rpc = open.get(key);
  if (!rpc) return;
  rpc.responseCode = code;
  if (rpc.second >= 0 && tid !== rpc.first) {
    rpc.t[2] = t; // the server's
    return;
  }
  rpc.t[3] = t;
  open.delete(key);
  if (rpc.second >= 0 || rpc.sent) return;
  if (!sides) {
    rpc.unknown = true;
    return;
  }
  // One thread, and nothing sent until now: a server.
  [rpc.t[1], rpc.t[2], rpc.t[0], rpc.t[3]] = [rpc.t[0], rpc.t[3], NaN, NaN];
  [rpc.second, rpc.first] = [rpc.first, -1];
}

/** What is said of an RPC whose only thread may be either side. */
export const ONE_SIDE = 'one thread only; whether client or server is not recorded';

/** Name of a thread without its id. @param {Model} model @param {number} tid */
function threadName(model, tid) {
  if (tid < 0) return '';
  const p = model.position.pid.get(tid);
  return p === undefined ? `thread ${tid}` : model.rows.pid[p].label;
}

/** @param {Model} model @param {Open[]} all @returns {RpcLog} */
function asLog(model, all) {
  const log = makeRpcLog(all.length);
  log.title = 'RPCs of this trace';
  log.base = parseBase(model.meta.tracebase);
  const mbit = Number(model.meta.mbit_sec);
  log.gbs = mbit > 0 ? mbit / 1000 : DEFAULT_GBS;
  log.threads = { client: Int32Array.from(all, (r) => r.first), server: Int32Array.from(all, (r) => r.second) };
  all.forEach((rpc, i) => {
    for (let k = 0; k < 4; k++) log.t[k][i] = Number.isNaN(rpc.t[k]) ? NaN : toNs(model, rpc.t[k]);
    log.client[i] = threadName(model, rpc.first);
    log.server[i] = threadName(model, rpc.second);
    log.method[i] = methodOf(rpc.name) || 'rpc';
    log.rpcid[i] = rpc.key;
    log.requestCode[i] = rpc.requestCode;
    log.responseCode[i] = rpc.responseCode;
    if (rpc.unknown) log.type[i] = ONE_SIDE;
  });
  return finishRpcLog(log, 0);
}
