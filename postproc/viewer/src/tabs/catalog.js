// SPDX-License-Identifier: BSD-3-Clause
// The views beside the timeline: those a trace can fill, and those of documents. Their data are made when first shown.

import { delayPlot, diskPlot, hasDelays, hasDiskWaits, hasMessages, messagePlot } from './plot/plot-trace.js';
import { hasRpcs, rpcLogOfTrace } from './rpc/rpc-trace.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('./documents.js').Document} Document */
/** @typedef {{id: string, kind: 'rpc', label: string, title: string, fromTrace: boolean, data: () => import('./rpc/rpc-log.js').RpcLog}} RpcChart */
/** @typedef {{id: string, kind: 'plot', label: string, title: string, fromTrace: boolean, data: () => import('./plot/plot-data.js').Plot}} PlotChart */
/** @typedef {RpcChart|PlotChart} Chart one tab */

export const TIMELINE = 'timeline';

/** True when there is a trace to show as a timeline. @param {Model|null} model */
export const hasTimeline = (model) => model !== null && (model.exec.n + model.aux.n > 0 || model.documents.length === 0);

/** @template T @param {() => T} make @returns {() => T} */
function once(make) {
  /** @type {T|undefined} */
  let made;
  return () => (made ??= make());
}

/** @type {{id: string, kind: 'rpc'|'plot', label: string, title: string, has: (m: Model) => boolean, make: (m: Model) => any}[]} */
const FROM_TRACE = [
  { id: 'rpc', kind: 'rpc', label: 'RPCs', title: 'One row an RPC: client and server parts', has: hasRpcs, make: rpcLogOfTrace },
  { id: 'bytes', kind: 'plot', label: 'Bytes', title: 'Bytes of RPC messages over time', has: hasMessages, make: messagePlot },
  { id: 'delay', kind: 'plot', label: 'Message delay', title: 'How long messages took to reach user code', has: hasDelays, make: delayPlot },
  { id: 'disk', kind: 'plot', label: 'Disk waits', title: 'How long threads waited for the disk', has: hasDiskWaits, make: diskPlot },
];

/** @param {Model} model @returns {Chart[]} */
export const chartsOfTrace = (model) =>
  FROM_TRACE.filter(({ has }) => has(model)).map(
    ({ id, kind, label, title, make }) => /** @type {Chart} */ ({ id, kind, label, title, fromTrace: true, data: once(() => make(model)) }),
  );

/** @param {Document} document @param {string} id @returns {Chart} */
export function chartOfDocument({ kind, name, data }, id) {
  const label = data.title || name.replace(/\.(json|gz)\b/g, '') || id;
  return /** @type {Chart} */ ({
    id,
    kind,
    label,
    title: `${kind === 'rpc' ? 'RPC log' : 'Scatter plot'} ${name}`,
    fromTrace: false,
    data: () => data,
  });
}
