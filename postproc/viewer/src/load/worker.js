// SPDX-License-Identifier: BSD-3-Clause
// The worker's side: built as a script of its own and carried by the page as text (see build.mjs).

import { createJob } from './load-job.js';

/** The buffers of a model, to be handed over and not copied. @param {unknown} value @param {Set<ArrayBuffer>} found */
function buffersIn(value, found) {
  if (ArrayBuffer.isView(value)) found.add(/** @type {ArrayBuffer} */ (value.buffer));
  else if (Array.isArray(value)) for (const v of value) buffersIn(v, found);
  else if (value !== null && typeof value === 'object' && !(value instanceof Map)) for (const v of Object.values(value)) buffersIn(v, found);
  return found;
}

/** @type {any} */
const scope = globalThis;
const receive = createJob(
  (reply) => {
    if (reply.type !== 'model') {
      scope.postMessage(reply);
      return;
    }
    const { meta, kinds, ...rest } = reply.model;
    scope.postMessage(reply, [...buffersIn(rest, new Set())]);
  },
  () => {},
);
scope.onmessage = (/** @type {MessageEvent} */ e) => receive(e.data);
scope.postMessage({ type: 'progress', share: 0, text: '' }); // it runs
