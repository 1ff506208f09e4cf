// SPDX-License-Identifier: BSD-3-Clause
// Drags on the timelines that do something else than move the picture.

import { rowsBetween } from '../plan/layout.js';

/** @typedef {import('../kit/gestures.js').At} At */
/** @typedef {import('../kit/gestures.js').Drag} Drag */
/** @typedef {import('../plan/layout.js').Layout} Layout */
/**
 * @typedef {object} Timelines what is dragged on
 * @property {import('../state/store.js').Store} store @property {import('../state/actions.js').Actions} actions @property {() => Layout|null} layoutNow
 * @property {(x: number, y: number) => number} snapped time at x on an edge of the row at y, when one is near
 */

/** @param {Layout} layout */
export const mostScroll = (layout) => Math.max(0, layout.contentHeight - layout.bottom);

/** The scroll bar at the right. @param {Timelines} on @param {At} from @returns {Drag} */
export function barDrag({ store, layoutNow }, from) {
  const { scroll } = store.get();
  return {
    move: ({ y }) => {
      const layout = layoutNow();
      if (!layout) return;
      const to = scroll + ((y - from.y) * layout.contentHeight) / layout.bottom;
      store.set({ scroll: Math.min(mostScroll(layout), Math.max(0, to)) });
    },
  };
}

/** A range of time; the rows that it crosses, when there are several, become its area. @param {Timelines} on @param {At} from @returns {Drag} */
export function rangeDrag({ store, actions, layoutNow, snapped }, from) {
  const begin = snapped(from.x, from.y);
  return {
    cursor: 'measuring',
    move: ({ x, y }) => {
      const layout = layoutNow();
      if (!layout) return;
      const t = snapped(Math.min(layout.right, Math.max(layout.left, x)), y);
      actions.setRange({ t0: Math.min(begin, t), t1: Math.max(begin, t), rows: rowsBetween(layout, from.y, y) });
      store.set({ pointer: null });
    },
    end: () => {
      if (store.get().selecting) store.set({ selecting: false, panel: 'statistics' });
    },
  };
}

/** The edge of the label column. @param {Timelines} on @returns {Drag} */
export const edgeDrag = ({ store, actions }) => ({
  cursor: 'edge',
  move: ({ x }) => {
    actions.setSizes({ label: x });
    store.set({ pointer: null });
  },
});

/** A row to another place of its group. @param {Timelines} on @param {import('../trace/model.js').Row} row @returns {Drag} */
export function rowDrag({ store, actions, layoutNow }, row) {
  let last = 0;
  return {
    move: ({ x, y }) => {
      last = y;
      store.set({ pointer: { x, y } });
    },
    end: (done) => {
      const layout = layoutNow();
      const g = layout?.groups.find((b) => b.group === row.group);
      if (!done || !layout || !g) return;
      const to = Math.floor((last + layout.scroll - g.top) / g.rowHeight);
      const place = Math.max(0, Math.min(g.count - 1, to));
      if (place !== (g.slot.get(row.key) ?? 0)) actions.moveRow(g.group, row.key, place);
    },
  };
}
