// SPDX-License-Identifier: BSD-3-Clause
// Clock frequencies: bands behind the spans, in eighths of the range. They are drawn with the row (raster-rows.js) and cannot be picked.

import { AUX } from '../../format/events.js';
import { freqLevel } from '../../plan/freq-bands.js';
import { megahertz } from '../../trace/model.js';
import { W } from './over-kind.js';

/** @param {string} id @param {string} text @param {number} level @returns {import('./over-kind.js').Entry} */
const entry = (id, text, level) => ({ id, text, raster: (r, p) => r.rect(10, 4, W - 10, 30, p.raster.freq[level]) });

/** @type {import('./over-kind.js').OverKind} */
export const frequency = {
  categories: [AUX.FREQ],
  types: [],
  rank: 0,
  words: ({ arg }) => [{ label: 'Frequency', text: `${megahertz(arg)} MHz` }],
  glyph: ({ model, record }) => {
    const level = freqLevel(model, megahertz(model.aux.arg[record]));
    return level === 0 ? 'freq-low' : level === 7 ? 'freq-high' : 'freq-mid';
  },
  legend: {
    section: 'behind',
    place: 1,
    entries: [entry('freq-low', 'Lowest eighth of the range', 0), entry('freq-mid', 'Between', 3), entry('freq-high', 'Highest eighth', 7)],
  },
};
