// SPDX-License-Identifier: BSD-3-Clause
// What the browser keeps between visits; pages on disk may be denied it, and then nothing is kept.

/** @param {string} key @returns {string|null} */
export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} value */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* full or forbidden */
  }
}
