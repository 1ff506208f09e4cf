// SPDX-License-Identifier: BSD-3-Clause
// Scatter plots of what a trace holds of network and disk. A trace has no block numbers and no packet captures, so these are
// not what show_disk and show_tcp get from their own files: each says in its title what is plotted.

import { AUX, EV } from '../../format/events.js';
import { argOf, tidOf } from '../../format/columns.js';
import { parseBase, toNs } from '../../trace/time.js';
import { DEFAULT_RADIUS, finishPlot } from './plot-data.js';

/** @typedef {import('../../trace/model.js').Model} Model */
/** @typedef {import('./plot-data.js').Plot} Plot */

const DISK_WAIT = EV.WAITA + 3;
const SECONDS = { label: 'Time', unit: 's', mul: 1, thousands: 1000 };

/**
 * @param {Model} model @param {string} title @param {import('./plot-data.js').PlotAxis} yAxis
 * @param {[string, [number, number][]][]} series names and [ns, value] @returns {Plot}
 */
function plotOfSeries(model, title, yAxis, series) {
  const total = series.reduce((n, [, points]) => n + points.length, 0);
  const x = new Float64Array(total);
  const ys = series.map(([name]) => ({ name, y: new Float64Array(total).fill(NaN) }));
  let at = 0;
  series.forEach(([, points], s) => {
    for (const [ns, value] of points) {
      x[at] = ns / 1e9;
      ys[s].y[at++] = value;
    }
  });
  return finishPlot({
    title,
    base: parseBase(model.meta.tracebase),
    xAxis: SECONDS,
    yAxis,
    n: total,
    x,
    series: ys,
    color: null,
    radius: DEFAULT_RADIUS,
    diagnostics: [],
  });
}

/** @param {Model} model @param {(event: number, category: number) => boolean} test */
const any = ({ aux, category, kinds }, test) => {
  for (let i = 0; i < aux.n; i++) if (test(kinds[aux.kind[i]].event, category[i])) return true;
  return false;
};

/** @param {Model} model */
export const hasMessages = (model) => any(model, (_, category) => category === AUX.MESSAGE);

/** Bytes of RPC messages received and sent so far: the slope is the throughput. @param {Model} model */
export function messagePlot(model) {
  const { aux, category, kinds } = model;
  /** @type {[number, number][][]} */
  const points = [[], []];
  const sums = [0, 0];
  for (let i = 0; i < aux.n; i++) {
    if (category[i] !== AUX.MESSAGE) continue;
    const side = kinds[aux.kind[i]].event === EV.RPCIDRXMSG ? 0 : 1;
    sums[side] += Math.max(0, argOf(aux, i));
    points[side].push([toNs(model, aux.start[i] + aux.dur[i]), sums[side]]);
  }
  return plotOfSeries(model, 'Bytes of RPC messages, summed', { label: 'Bytes', unit: 'B', mul: 1, thousands: 1000 }, [
    ['received', points[0]],
    ['sent', points[1]],
  ]);
}

/** Pairs of a message's sending or arrival in the kernel and its receipt by user code. @param {Model} model @returns {[number, number][][]} */
function messagePairs(model) {
  const { aux, category, kinds } = model;
  /** @type {Map<number, {t: number, tid: number}>} */
  const sent = new Map();
  /** @type {Map<number, number>} */
  const arrived = new Map();
  /** @type {[number, number][][]} */
  const pairs = [[], []];
  for (let i = 0; i < aux.n; i++) {
    if (category[i] !== AUX.PACKET) continue;
    const { event } = kinds[aux.kind[i]];
    const hash = argOf(aux, i);
    const t = aux.start[i];
    if (event === EV.TX_USER) sent.set(hash, { t, tid: tidOf(aux, i) });
    else if (event === EV.RX_PKT) arrived.set(hash, t);
    else if (event === EV.RX_USER) {
      const from = sent.get(hash);
      if (from && from.tid !== tidOf(aux, i)) {
        pairs[0].push([toNs(model, t), toNs(model, t - from.t) / 1e9]);
        sent.delete(hash);
      }
      const kernel = arrived.get(hash);
      if (kernel !== undefined) {
        pairs[1].push([toNs(model, t), toNs(model, t - kernel) / 1e9]);
        arrived.delete(hash);
      }
    }
  }
  return pairs;
}

/** @param {Model} model */
export const hasDelays = (model) => any(model, (event) => event === EV.RX_USER) && messagePairs(model).some((p) => p.length > 0);

/** How long messages took to reach user code. Messages are matched by the hash of their first bytes. @param {Model} model */
export function delayPlot(model) {
  const [sent, arrived] = messagePairs(model);
  const series = /** @type {[string, [number, number][]][]} */ ([
    ['since it was sent by a thread of this machine', sent],
    ['since the kernel saw the packet', arrived],
  ]);
  return plotOfSeries(
    model,
    'Time until user code received a message',
    { label: 'Delay', unit: 's', mul: 1, thousands: 1000 },
    series.filter(([, points]) => points.length > 0),
  );
}

/** @param {Model} model */
export const hasDiskWaits = (model) => any(model, (event) => event === DISK_WAIT);

/** How long threads waited for the disk, by when the wait began. @param {Model} model */
export function diskPlot(model) {
  const { aux, kinds } = model;
  /** @type {[number, number][]} */
  const points = [];
  for (let i = 0; i < aux.n; i++) {
    if (kinds[aux.kind[i]].event === DISK_WAIT) points.push([toNs(model, aux.start[i]), toNs(model, aux.dur[i]) / 1e9]);
  }
  return plotOfSeries(model, 'Waits for the disk: begin and length', { label: 'Wait', unit: 's', mul: 1, thousands: 1000 }, [['', points]]);
}
