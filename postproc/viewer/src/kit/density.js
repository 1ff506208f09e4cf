// SPDX-License-Identifier: BSD-3-Clause
// Tells when the page comes to a screen of another density, or the browser zooms: no element changes its size then. Browsers tell of it by a
// media query that no longer holds, but not of every way in which it changes; so it is looked at now and then as well.

const LOOK_MS = 250;

/** @type {Set<() => void>} */
const listeners = new Set();
let density = 0;

function look() {
  if (window.devicePixelRatio === density) return;
  density = window.devicePixelRatio;
  window.matchMedia(`(resolution: ${density}dppx)`).addEventListener('change', look, { once: true });
  for (const changed of listeners) changed();
}

/** Gives what ends it. @param {() => void} changed @returns {() => void} */
export function onDensity(changed) {
  if (density === 0) {
    look();
    setInterval(look, LOOK_MS);
  }
  listeners.add(changed);
  return () => listeners.delete(changed);
}
