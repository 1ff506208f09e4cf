// SPDX-License-Identifier: BSD-3-Clause
// Values of the address that are used only when they are what they should be.

/** @param {string|null} text @param {number} min @param {number} max @param {(v: number) => void} use */
export function number(text, min, max, use) {
  const v = Number(text);
  if (text !== null && text !== '' && Number.isFinite(v)) use(Math.min(max, Math.max(min, v)));
}

/** @param {string|null} text @param {string[]} allowed @param {(v: string) => void} use */
export function oneOf(text, allowed, use) {
  if (text !== null && allowed.includes(text)) use(text);
}
