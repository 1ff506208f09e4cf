// SPDX-License-Identifier: BSD-3-Clause
// Wakeups and interprocessor interrupts: an arc from who sent to who got it.

import { AUX } from '../../format/events.js';
import { forEachOverlap } from '../../format/bounds.js';
import { arcInBox, arcPasses } from '../../plan/arc-curve.js';
import { auxKind, endOf, xOf } from '../../plan/item-walk.js';
import { rowTop } from '../../plan/layout.js';
import { spanOnCpu, threadWords } from '../../trace/lookups.js';
import { paintArc } from '../item-strokes.js';
import { sampleItem } from './over-kind.js';

const MAX_ARCS = 400;
/** Farther from its curve than an arc's line and head reach, px. */
const ARC_REACH = 12;

/** Arcs join rows of one group; both ends must be in an open group. @type {NonNullable<import('./over-kind.js').OverKind['collectAll']>} */
const collectAll = ({ model, layout, frame }, items) => {
  const width = layout.right - layout.left;
  const shortest = width * frame.tpp * model.nsPerTick <= 5e6 || frame.show.arcs === 2 ? 0 : width * 0.03 * frame.tpp;
  const { aux } = model;
  const cpu = /** @type {Int32Array} */ (aux.cpu);
  let left = MAX_ARCS;
  const inSight = {
    left: layout.left - ARC_REACH,
    top: layout.top - ARC_REACH,
    right: layout.right + ARC_REACH,
    bottom: layout.bottom + ARC_REACH,
  };
  const add = (
    /** @type {'arc'|'ipi'} */ type,
    /** @type {import('../../trace/model.js').Group} */ group,
    /** @type {number} */ record,
    /** @type {number} */ from,
    /** @type {number} */ to,
  ) => {
    const a = rowTop(layout, group, from);
    const b = rowTop(layout, group, to);
    if (!a || !b || left <= 0) return;
    const y0 = a.y + a.zones.span + a.zones.spanHeight / 2;
    const y1 = b.y + b.zones.span + b.zones.spanHeight / 2;
    if (Math.max(y0, y1) < -ARC_REACH || Math.min(y0, y1) > layout.bottom + ARC_REACH) return;
    const s = aux.start[record];
    const ends = { x0: xOf(layout, frame, s), x1: xOf(layout, frame, s + aux.dur[record]), y0, y1, h: b.zones.spanHeight };
    const piece = arcInBox(ends, inSight);
    if (!piece) return;
    left--;
    items.push({ type, record, ...ends, piece, text: auxKind(model, record).name });
  };
  forEachOverlap(model.wakeups, aux, frame.t0, endOf(layout, frame), shortest, (r) => {
    add('arc', 'cpu', r, cpu[r], aux.arg[r]);
    if (layout.groups.some((g) => g.group === 'pid' && g.open) && aux.pid[r] > 0) add('arc', 'pid', r, aux.pid[r], aux.ret[r]);
  });
  forEachOverlap(model.ipis, aux, frame.t0, endOf(layout, frame), shortest, (r) => add('ipi', 'cpu', r, cpu[r], aux.arg[r]));
};

/** What both have in common. */
const common = /** @type {const} */ ({ toggle: 'arcs', steady: true });
/** @type {Pick<import('./over-kind.js').OverKind, 'paintLast'|'hit'>} */
const curve = {
  paintLast: (ctx, { palette, item, chosen, bold }) => paintArc(ctx, palette, item, chosen, bold),
  hit: (item, x, y, reach) => arcPasses(item, x, y, reach),
};

/** @type {import('./over-kind.js').OverKind} */
export const wakeup = {
  ...common,
  ...curve,
  categories: [AUX.WAKEUP],
  types: ['arc'],
  collectAll,
  rank: 4,
  words: ({ model, record, arg, end }) => [
    { label: 'Wakes', text: `${threadWords(model, model.aux.ret[record])} on CPU ${arg}`, link: spanOnCpu(model, arg, end) },
  ],
  glyph: () => 'wakeup',
  legend: {
    section: 'beside',
    place: 1,
    entries: [
      {
        id: 'wakeup',
        text: 'Wakeup: from the waker to the thread made to run',
        paint: (c, p) => paintArc(c, p, sampleItem({ type: 'arc', y0: 6, y1: 26 }), false),
      },
    ],
  },
};

/** @type {import('./over-kind.js').OverKind} its items are collected with the wakeups: both share one budget */
export const ipi = {
  ...common,
  ...curve,
  categories: [AUX.IPI],
  types: ['ipi'],
  rank: 3,
  words: ({ model, arg, end }) => [{ label: 'To CPU', text: String(arg), link: spanOnCpu(model, arg, end) }],
  glyph: () => 'ipi',
  legend: {
    section: 'beside',
    place: 1.5,
    entries: [{ id: 'ipi', text: 'Interprocessor interrupt', paint: (c, p) => paintArc(c, p, sampleItem({ type: 'ipi', y0: 26, y1: 6 }), false) }],
  },
};
