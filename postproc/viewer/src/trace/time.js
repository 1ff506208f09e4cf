// SPDX-License-Identifier: BSD-3-Clause
// Ticks to nanoseconds to words.

/** @param {{nsPerTick: number}} model @param {number} ticks */
export const toNs = (model, ticks) => Math.floor(ticks * model.nsPerTick);

/** Seconds since the base minute, with as many digits as name this very tick. @param {{nsPerTick: number}} model @param {number} t ticks */
export function secondsOf({ nsPerTick }, t) {
  for (let digits = 9; ; digits++) {
    const text = ((t * nsPerTick) / 1e9).toFixed(digits);
    if (digits === 15 || Math.abs((Number(text) * 1e9) / nsPerTick - t) < 5e-4) return text.replace(/0+$/, '').replace(/\.$/, '');
  }
}

const UNITS = [
  { div: 1, name: 'ns' },
  { div: 1e3, name: 'µs' },
  { div: 1e6, name: 'ms' },
  { div: 1e9, name: 's' },
];

/** A duration with four significant digits and its unit. @param {number} ns @returns {string} */
export function durationWords(ns) {
  if (ns < 0) return `-${durationWords(-ns)}`;
  const unit = UNITS.find((u) => Number((ns / u.div).toPrecision(4)) < 1000) ?? UNITS[3]; // as rounded: 1.000 ms, not 1000 µs
  const value = ns / unit.div;
  const text = unit.div === 1 ? String(Math.round(value)) : value >= 1000 ? value.toFixed(1) : value.toPrecision(4);
  return `${text} ${unit.name}`;
}

/** All digits, in groups of three. @param {number} ns */
export function exactNs(ns) {
  return `${Math.round(ns)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ' ')} ns`;
}

/** Instant of tick 0 in ms since 1970, null when unknown. @param {unknown} tracebase YYYY-MM-DD_HH:MM:SS */
export function parseBase(tracebase) {
  const m = /^(\d{4})-(\d\d)-(\d\d)_(\d\d):(\d\d):(\d\d)/.exec(String(tracebase ?? ''));
  if (!m) return null;
  const [y, mo, d, h, mi, s] = m.slice(1).map(Number);
  const ms = Date.UTC(y, mo - 1, d, h, mi, s);
  return Number.isFinite(ms) ? ms : null;
}

/** @param {number} v @param {number} n */
const pad = (v, n) => String(v).padStart(n, '0');

/**
 * Date and time of day of an instant.
 * @param {number|null} base from parseBase @param {number} ns since tick 0 @param {number} digits after the second: 0, 3, 6 or 9
 * @returns {{date: string, time: string}}
 */
export function clock(base, ns, digits) {
  const unit = 10 ** (9 - digits);
  const units = Math.floor(ns / unit); // what the digits show is never later than the instant
  const second = 10 ** digits;
  const whole = Math.floor(units / second);
  const at = base === null ? null : new Date(base + whole * 1000);
  if (at === null || Number.isNaN(at.getTime())) return { date: '', time: sinceBase(units, second, digits) };
  const [date, time] = at.toISOString().split('T');
  return { date, time: time.slice(0, 8) + fraction(units - whole * second, digits) };
}

/** @param {number} units below a second @param {number} digits */
const fraction = (units, digits) => (digits > 0 ? `.${pad(units, digits)}` : '');

/** Hours, minutes and seconds since a base that is not known: of what was before it, the distance with a sign. @param {number} units @param {number} second units in it @param {number} digits */
function sinceBase(units, second, digits) {
  const size = Math.abs(units);
  const s = Math.floor(size / second);
  return `${units < 0 ? '-' : ''}${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60, 2)}:${pad(s % 60, 2)}${fraction(size - s * second, digits)}`;
}

/** "2021-10-28 14:01:49.418" @param {number|null} base @param {number} ns @param {number} digits */
export function clockWords(base, ns, digits) {
  const { date, time } = clock(base, ns, digits);
  return date ? `${date} ${time}` : time;
}
