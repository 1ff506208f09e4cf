// SPDX-License-Identifier: BSD-3-Clause
// The kinds of things drawn over spans: listed here, in the order in which a row has them drawn, and nowhere else.

import { argOf } from '../../format/columns.js';
import { ipi, wakeup } from './arc.js';
import { frequency } from './frequency.js';
import { lock } from './lock.js';
import { mark } from './mark.js';
import { message } from './message.js';
import { packet } from './packet.js';
import { pcSample } from './pc-sample.js';
import { point } from './point.js';
import { rpc } from './rpc.js';
import { usage } from './usage.js';
import { queued, wait } from './wait.js';

/** @typedef {import('./over-kind.js').OverKind} OverKind */

/** @type {OverKind[]} */
export const OVER_KINDS = [wait, queued, lock, pcSample, point, packet, message, rpc, mark, wakeup, ipi, frequency, usage];

const byType = new Map(OVER_KINDS.flatMap((kind) => kind.types.map((type) => [type, kind])));
/** @param {import('../../plan/item-walk.js').Item} item */
export const kindOfItem = ({ type }) => /** @type {OverKind} */ (byType.get(type));

const byCategory = new Map(OVER_KINDS.flatMap((kind) => kind.categories.map((category) => [category, kind])));
/** What no kind of its own has is a point. @param {import('../../trace/model.js').Model} model @param {number} record of aux */
const kindOfRecord = (model, record) => byCategory.get(model.category[record]) ?? point;

/** @param {import('../../trace/model.js').Model} model @param {number} record of aux @returns {import('./over-kind.js').About} */
function about(model, record) {
  const { aux } = model;
  return { model, record, ...model.kinds[aux.kind[record]], arg: argOf(aux, record), end: aux.start[record] + aux.dur[record] };
}

/** What is said of a record of its kind alone. @param {import('../../trace/model.js').Model} model @param {number} record of aux */
export const overLines = (model, record) => kindOfRecord(model, record).words(about(model, record));

/** What of that stands in the box at the pointer. @param {import('../../trace/model.js').Model} model @param {number} record of aux */
export const pointedLines = (model, record) => (kindOfRecord(model, record).pointed ? overLines(model, record) : []);

/** The entry of the legend that a record is drawn as. @param {import('../../trace/model.js').Model} model @param {number} record of aux */
export const overGlyph = (model, record) => kindOfRecord(model, record).glyph(about(model, record));

/** Whether a kind shows. @param {OverKind} kind @param {Record<string, number>} show */
export const isShown = ({ toggle }, show) => toggle === undefined || Boolean(show[toggle]);

/** Entries of a section of the legend. @param {'waiting'|'beside'|'behind'} section */
export const legendOf = (section) =>
  OVER_KINDS.filter(({ legend }) => legend.section === section)
    .sort((a, b) => a.legend.place - b.legend.place)
    .flatMap(({ legend }) => legend.entries);
