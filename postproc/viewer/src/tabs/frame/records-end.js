// SPDX-License-Identifier: BSD-3-Clause
// Where the records of a document end: RPC logs and plots alike have a record that says so, and what follows it is not read.

const SENTINEL = 999;

/** @param {any} record */
export const isEnd = (record) => Array.isArray(record) && record[0] === SENTINEL;
