// SPDX-License-Identifier: BSD-3-Clause
// Tells when the page comes to a screen of another density, or the browser zooms: no element changes its size then.

/** @param {() => void} changed */
export function onDensity(changed) {
  const query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  query.addEventListener(
    'change',
    () => {
      changed();
      onDensity(changed);
    },
    { once: true },
  );
}
