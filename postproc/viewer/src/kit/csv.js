// SPDX-License-Identifier: BSD-3-Clause
// Tables as comma-separated values (RFC 4180). Names come from traces: no cell may become a formula of whoever opens the file.

/**
 * A sign that begins a formula, at the beginning of a text or where a spreadsheet may think that a cell begins: it cuts lines at semicolons and tabs too,
 * according to its country. Full-width signs count as the plain ones there.
 */
const FORMULA = /(^|[;,\t\r\n|"'])(\s*)([=+\-@\uff1d\uff0b\uff0d\uff20])/gu;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** @param {string|number} value */
export function csvCell(value) {
  let text = String(value);
  if (typeof value === 'string' && !NUMBER.test(text)) text = text.replace(FORMULA, "$1$2'$3");
  return /[",;\t\r\n|]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {string[]} head @param {(string|number)[][]} rows */
export const csvText = (head, rows) => `${[head, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`;
