// SPDX-License-Identifier: BSD-3-Clause
// How much the readers take in: a page or a file from anyone must not take all memory of a browser. What is beyond is left out and told.

import { LIMITS, SIZES } from './tables.js';

/** Records of a trace, of 40 bytes each in memory: whatever its size, and by the bytes that they come in. */
export const MOST_RECORDS = 2 ** 26;
/** @param {number} bytes compressed */
export const mostRecords = (bytes) => Math.min(MOST_RECORDS, LIMITS.records.base + LIMITS.records.perByte * bytes);
/** Kinds of records. */
export const MOST_KINDS = 2 ** 20;
/** Bytes that a chunk may inflate to. */
export const MOST_CHUNK = SIZES.chunk;
/** A zlib stream holds no more than so many bytes for each of its own. */
export const MOST_RATIO = 1032;
/** Bytes that the documents of a page may inflate to, all together. */
export const MOST_DOCUMENTS = LIMITS.inflated.base;
/** Letters of a name; what is longer is cut. */
export const LONGEST_NAME = SIZES.name;
/** CPUs: each has a row and a picture of its own. */
export const MOST_CPUS = 65536;
