// SPDX-License-Identifier: BSD-3-Clause
// The window on time: pure functions for pan and zoom. Times are ticks.

import { scaleLinear } from 'd3-scale';

/** @typedef {{t0: number, t1: number}} Window */

/** Time to pixels and back. @param {{left: number, right: number}} place of the timelines @param {Window} w */
export const timeScale = ({ left, right }, w) => scaleLinear([w.t0, w.t1], [left, right]);
/** @typedef {ReturnType<typeof timeScale>} TimeScale */

/** Narrowest window in ticks: below, nothing new appears. */
export const MIN_TICKS = 8;

/**
 * Keeps a window inside the range and not too narrow.
 * @param {Window} w @param {Window} range @returns {Window}
 */
export function clampWindow(w, range) {
  const full = range.t1 - range.t0;
  const width = Math.min(full, Math.max(Math.min(MIN_TICKS, full), w.t1 - w.t0));
  const t0 = Math.min(Math.max(w.t0, range.t0), range.t1 - width);
  return { t0, t1: t0 + width };
}

/**
 * Zooms so that the time at `at` (0..1 of the width) stays where it is, or that `fixed` is there.
 * @param {Window} w @param {number} factor above 1: wider @param {number} at @param {Window} range @param {number} [fixed]
 */
export function zoomWindow(w, factor, at, range, fixed = w.t0 + (w.t1 - w.t0) * at) {
  const width = w.t1 - w.t0;
  const full = range.t1 - range.t0;
  const next = Math.min(full, Math.max(Math.min(MIN_TICKS, full), width * factor));
  return clampWindow({ t0: fixed - next * at, t1: fixed + next * (1 - at) }, range);
}

/** @param {Window} w @param {number} ticks to the right @param {Window} range */
export const panWindow = (w, ticks, range) => clampWindow({ t0: w.t0 + ticks, t1: w.t1 + ticks }, range);

/** A window that shows t0..t1 with a margin. @param {number} t0 @param {number} t1 @param {Window} range @param {number} [margin] share of the width */
export function fitWindow(t0, t1, range, margin = 0.1) {
  const width = Math.max(t1 - t0, MIN_TICKS);
  const middle = (t0 + t1) / 2;
  return clampWindow({ t0: middle - width * (0.5 + margin), t1: middle + width * (0.5 + margin) }, range);
}

/** What is brought into view and would be narrower than this, in pixels, is shown as wide as that. */
const NARROW = 3;
const VISIBLE = 12;

/**
 * Moves the window so that t0..t1 is inside; zooms only when it would be too narrow to see. An instant has a sign of its own size.
 * @param {Window} w @param {number} t0 @param {number} t1 @param {Window} range @param {number} [pixels] of the window
 */
export function reveal(w, t0, t1, range, pixels = 0) {
  if (pixels > 0 && t1 > t0 && (t1 - t0) * pixels < NARROW * (w.t1 - w.t0)) {
    const half = ((t1 - t0) * pixels) / VISIBLE / 2;
    return clampWindow({ t0: (t0 + t1) / 2 - half, t1: (t0 + t1) / 2 + half }, range);
  }
  if (t0 >= w.t0 && t1 <= w.t1) return w;
  const width = w.t1 - w.t0;
  const middle = t1 - t0 > width ? t0 + width * 0.4 : (t0 + t1) / 2;
  return clampWindow({ t0: middle - width / 2, t1: middle + width / 2 }, range);
}
