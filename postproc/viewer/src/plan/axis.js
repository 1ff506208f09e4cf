// SPDX-License-Identifier: BSD-3-Clause
// Ticks of the time axis: units fit the window, high-order digits are in the base time. d3 chooses where they stand.

import { scaleLinear } from 'd3-scale';
import { utcTicks } from 'd3-time';
import { clock } from '../trace/time.js';

/** @typedef {{ns: number, label: string}} Tick */
/** @typedef {{base: string, date: string, unit: string, caption: string, ticks: Tick[]}} Axis */

/** The first that a window is as wide as; origin: what the labels count from. */
const UNITS = [
  { width: 2e9, ns: 1e9, name: 's', long: 'seconds', digits: 0, origin: 60e9 },
  { width: 2e6, ns: 1e6, name: 'ms', long: 'milliseconds', digits: 0, origin: 1e9 },
  { width: 2e3, ns: 1e3, name: 'µs', long: 'microseconds', digits: 3, origin: 1e6 },
  { width: 0, ns: 1, name: 'ns', long: 'nanoseconds', digits: 6, origin: 1e3 },
];

/** Ticks of time that fit, closer on a narrow page: one alone is no scale. @param {{left: number, right: number, width: number}} layout px */
export const tickCount = ({ left, right, width }) => (right - left) / (width < 600 ? 70 : 110);

/**
 * @param {number} ns0 left edge @param {number} ns1 right edge @param {number|null} base instant of ns 0
 * @param {number} count ticks wanted
 * @returns {Axis}
 */
export function makeAxis(ns0, ns1, base, count) {
  const width = ns1 - ns0;
  if (width >= 60e9) return clockAxis(ns0, ns1, base, count);
  const unit = UNITS.find((u) => width >= u.width) ?? UNITS[UNITS.length - 1];
  const origin = Math.floor(ns0 / unit.origin) * unit.origin;
  const scale = scaleLinear([(ns0 - origin) / unit.ns, (ns1 - origin) / unit.ns], [0, 1]);
  const wanted = Math.max(1, Math.min(count, width)); // there is nothing between two nanoseconds
  const format = scale.tickFormat(wanted, 'f');
  const ticks = scale.ticks(wanted).map((v) => ({ ns: origin + Math.round(v * unit.ns), label: format(v) }));
  const { date, time } = clock(base, origin, unit.digits);
  return { base: time, date, unit: unit.name, caption: `Time (${unit.long} after the base time at left)`, ticks };
}

const DAY = 86400e9;

/** Windows of a minute and more: time of day; where they are days wide, the date at midnight. @param {number} ns0 @param {number} ns1 @param {number|null} base @param {number} count @returns {Axis} */
function clockAxis(ns0, ns1, base, count) {
  const days = base !== null && ns1 - ns0 > DAY;
  const instant = (/** @type {number} */ ns) => new Date((base ?? 0) + ns / 1e6);
  const ticks = utcTicks(instant(ns0), instant(ns1), Math.max(1, count)).map((at) => {
    const ns = (at.getTime() - (base ?? 0)) * 1e6;
    const { date, time } = clock(base, ns, 0);
    return { ns, label: days && time === '00:00:00' ? date : time };
  });
  const { date, time } = clock(base, ns0, 0);
  const caption = base === null ? 'Time (h:mm:ss after a base that is not known)' : days ? 'Time (date, or hh:mm:ss)' : 'Time (hh:mm:ss)';
  return { base: time, date, unit: 'time of day', caption, ticks };
}
