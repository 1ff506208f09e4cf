// SPDX-License-Identifier: BSD-3-Clause
// Ticks of the time axis: units fit the window, high-order digits are in the base time.

import { tickStep } from 'd3-array';
import { clock } from './time.js';

/** @typedef {{ns: number, label: string}} Tick */
/** @typedef {{base: string, date: string, unit: string, caption: string, ticks: Tick[]}} Axis */

const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

/**
 * @param {number} ns0 left edge @param {number} ns1 right edge @param {number|null} base instant of ns 0
 * @param {number} count ticks wanted
 * @returns {Axis}
 */
export function makeAxis(ns0, ns1, base, count) {
  const width = ns1 - ns0;
  if (width >= 60e9) return clockAxis(ns0, ns1, base, count);
  const step = Math.max(1, tickStep(0, width, Math.max(1, count)));
  const unit =
    width >= 2e9
      ? { ns: 1e9, name: 's', long: 'seconds', digits: 0, origin: 60e9 }
      : width >= 2e6
        ? { ns: 1e6, name: 'ms', long: 'milliseconds', digits: 0, origin: 1e9 }
        : width >= 2e3
          ? { ns: 1e3, name: 'µs', long: 'microseconds', digits: 3, origin: 1e6 }
          : { ns: 1, name: 'ns', long: 'nanoseconds', digits: 6, origin: 1e3 };
  const origin = Math.floor(ns0 / unit.origin) * unit.origin;
  const places = Math.max(0, Math.ceil(-Math.log10(step / unit.ns) - 1e-9));
  const ticks = [];
  for (let t = Math.ceil(ns0 / step) * step; t <= ns1; t += step) {
    ticks.push({ ns: t, label: ((t - origin) / unit.ns).toFixed(places) });
  }
  const { date, time } = clock(base, origin, unit.digits);
  return { base: time, date, unit: unit.name, caption: `Time (${unit.long} after the base time at left)`, ticks };
}

/** Windows of a minute and more: time of day. @param {number} ns0 @param {number} ns1 @param {number|null} base @param {number} count @returns {Axis} */
function clockAxis(ns0, ns1, base, count) {
  const wanted = (ns1 - ns0) / 1e9 / Math.max(1, count);
  const step = (CLOCK_STEPS.find((s) => s >= wanted) ?? 86400 * Math.ceil(wanted / 86400)) * 1e9;
  const shift = base === null ? 0 : (base % 86400000) * 1e6;
  const ticks = [];
  for (let t = Math.ceil((ns0 + shift) / step) * step - shift; t <= ns1; t += step) {
    ticks.push({ ns: t, label: clock(base, t, 0).time });
  }
  const { date, time } = clock(base, ns0, 0);
  return { base: time, date, unit: 'time of day', caption: 'Time (hh:mm:ss)', ticks };
}
