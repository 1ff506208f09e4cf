// SPDX-License-Identifier: BSD-3-Clause
// What keys and tools of an RPC chart do, by name.

import { fitWindow } from '../../plan/view.js';
import { COLORS, firstRpcLook, fitRpc, ROW_SCALE, snapTime, TEXT_SCALES } from './rpc-look.js';
import { SORTS } from './rpc-order.js';

/** @template T @param {readonly T[]} list @param {T} now */
const after = (list, now) => list[(list.indexOf(now) + 1) % list.length];

/**
 * @param {import('./rpc-view.js').RpcView} view @param {import('./rpc-move.js').RpcMove} move
 * @param {{closePanel: () => void, focusSearch: () => void}} page @returns {Record<string, () => void>}
 */
export function rpcActions(view, move, { closePanel, focusSearch }) {
  const { io, log } = view;
  const { zoom, pan, scrollBy, neighbour, match, jump, select, range } = move;
  const page = () => (view.scene ? view.scene.layout.bottom * 0.9 : 400);
  return {
    zoomIn: () => zoom(1 / 1.5),
    zoomOut: () => zoom(1.5),
    left: () => pan(-0.15),
    right: () => pan(0.15),
    up: () => scrollBy(-60),
    down: () => scrollBy(60),
    pageUp: () => scrollBy(-page()),
    pageDown: () => scrollBy(page()),
    first: () => scrollBy(-Infinity),
    last: () => scrollBy(1e12),
    reset: () => io.set({ ...firstRpcLook(log), textScale: io.look().textScale, ...(io.look().relative ? { relative: false } : {}) }),
    fit: () => {
      const { measure, selected } = io.look();
      const [a, b] = measure ? [measure.a, measure.b].map((s) => snapTime(log, io.look(), s)) : [0, 0];
      if (a !== b) io.set(fitWindow(Math.min(a, b), Math.max(a, b), range()));
      else if (selected >= 0) io.set(fitRpc(log, io.look(), selected));
    },
    next: () => neighbour(1),
    previous: () => neighbour(-1),
    jump: () => jump(true),
    relative: () => io.set({ relative: !io.look().relative, measure: null }),
    annotate: () => io.set({ annotate: !io.look().annotate }),
    measure: () => io.set({ drag: io.look().drag === 'measure' ? 'move' : 'measure' }),
    box: () => io.set({ drag: io.look().drag === 'zoom' ? 'move' : 'zoom' }),
    sort: () => {
      const sorts = SORTS.map(([v]) => v);
      io.set({ sort: after(sorts, io.look().sort), scroll: 0 });
    },
    color: () => {
      const colors = COLORS.map(([v]) => v);
      io.set({ color: after(colors, io.look().color) });
    },
    textSize: () => io.set({ textScale: after(TEXT_SCALES, io.look().textScale) }),
    search: focusSearch,
    invert: () => io.set({ query: { ...io.look().query, invert: !io.look().query.invert } }),
    nextMatch: () => match(1),
    previousMatch: () => match(-1),
    only: () => io.set({ only: !io.look().only, scroll: 0 }),
    smaller: () => io.set({ rowScale: Math.max(ROW_SCALE.min, io.look().rowScale / 1.25) }),
    larger: () => io.set({ rowScale: Math.min(ROW_SCALE.max, io.look().rowScale * 1.25) }),
    escape: () => {
      const { band, measure, selected, query } = io.look();
      if (band) io.set({ band: null });
      else if (measure) io.set({ measure: null });
      else if (selected >= 0) select(-1);
      else if (view.panel === 'diagnostics') closePanel();
      else if (query.text || query.min || query.max) io.set({ query: { text: '', invert: false, min: '', max: '' } });
    },
  };
}
