// SPDX-License-Identifier: BSD-3-Clause
// Tables as comma-separated values (RFC 4180). Cells that a spreadsheet would run as a formula get a leading apostrophe.

/** @param {string|number} value */
export function csvCell(value) {
  let text = String(value);
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+$/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {string[]} head @param {(string|number)[][]} rows */
export const csvText = (head, rows) => `${[head, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`;
