// SPDX-License-Identifier: BSD-3-Clause
// The line below an RPC chart, and what is said beside the pointer.

import { durationWords } from '../../trace/time.js';
import { placeTip } from '../frame/pane.js';
import { durationOf } from './rpc-log.js';
import { rpcAt } from './rpc-scene.js';
import { nameOfRpc, rpcTip } from './rpc-words.js';

/** @typedef {import('./rpc-view.js').RpcView} RpcView */

/** @param {RpcView} view */
export function hover({ scene, pointer, pane, log }) {
  const row = scene && pointer && pointer.x < scene.layout.right ? rpcAt(scene, pointer.y) : -1;
  if (!scene || !pointer || row < 0) pane.tip.hidden = true;
  else placeTip(pane.tip, rpcTip(log, row), pointer, scene.layout);
}

/** @param {RpcView} view */
export function say({ scene, pane, log, io, derived, failed }) {
  const look = io.look();
  const s = derived.rows().statistics;
  const measure = scene?.measure
    ? `T${/** @type {any} */ (look.measure).a.k + 1} to T${/** @type {any} */ (look.measure).b.k + 1}: ${durationWords(Math.abs(scene.measure.ns))}  ·  `
    : '';
  const problem = failed.look === look && failed.text ? `${failed.text}  ·  ` : '';
  pane.status.textContent =
    `${problem}${measure}${s.count.toLocaleString('en')} of ${log.n.toLocaleString('en')} RPCs  ·  half take up to ${durationWords(s.p50)}, ` +
    `95 % up to ${durationWords(s.p95)}, 99 % up to ${durationWords(s.p99)}, the longest ${durationWords(s.max)}`;
  pane.canvas.setAttribute(
    'aria-label',
    `RPC chart, ${pane.status.textContent}${look.selected >= 0 ? `. Selected: ${nameOfRpc(log, look.selected)}, ${durationWords(durationOf(log, look.selected))}` : ''}`,
  );
}
