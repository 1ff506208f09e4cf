// SPDX-License-Identifier: BSD-3-Clause
// window.kutrace: a small view of the inside, for tests and for the browser's console.

import { CLASS_COUNT, CLASS_NAMES } from '../format/events.js';
import { sumWindow } from '../trace/aggregate.js';
import { layoutRows } from '../plan/layout.js';
import { lastLoad } from '../load/loader.js';
import { modelBytes } from '../trace/model.js';

/** @param {import('../state/store.js').Store} store @param {import('../state/actions.js').Actions} actions @param {() => {width: number, height: number}} size @param {() => unknown} chart @param {() => boolean} settled */
export function debugInterface(store, actions, size, chart, settled) {
  /** @type {number[]} */
  const frames = [];
  const times = { rows: 0, firstPicture: 0, wholePicture: 0, loaded: 0, tab: 0 };
  const model = () => store.get().model;
  const api = {
    times,
    frames,
    counts: () => {
      const m = model();
      return (
        m && {
          exec: m.exec.n,
          aux: m.aux.n,
          kinds: m.kinds.length,
          cpus: m.rows.cpu.length,
          threads: m.rows.pid.length,
          rpcs: m.rows.rpc.length,
        }
      );
    },
    window: () => ({ ...store.get().window }),
    range: () => ({ t0: model()?.t0 ?? 0, t1: model()?.t1 ?? 0 }),
    setWindow: (/** @type {number} */ t0, /** @type {number} */ t1) => store.set({ window: { t0, t1 } }),
    layout: () => {
      const m = model();
      return m && layoutRows(m, store.get(), size());
    },
    state: () => store.get(),
    selection: () => store.get().selection,
    /** Whether all of the picture is of the view that is asked for. */
    settled: () => settled(),
    /** What the shown tab drew; of its time axis the two ends. */
    chart: () => {
      const { time, ...scene } = /** @type {any} */ (chart());
      return time ? { ...scene, t0: time.domain()[0] } : scene;
    },
    setLooks: (/** @type {Record<string, object|string>} */ looks) => store.set({ looks }),
    actions,
    /** Bytes of all arrays that hold the trace. */
    bytes: () => (model() ? modelBytes(/** @type {any} */ (model())) : 0),
    /** How the trace was read. */
    lastLoad,
    diagnostics: () => model()?.diagnostics ?? [],
    /** Ticks of each class on each row of a group in a window. @param {number} t0 @param {number} t1 @param {import('../trace/model.js').Group} [group] */
    classTime: (t0, t1, group = 'cpu') => {
      const m = model();
      return m
        ? m.rows[group].map((row) => {
            const sums = new Float64Array(CLASS_COUNT);
            sumWindow(row, m.exec, m.cls, t0, t1, sums);
            return { key: row.key, ticks: Object.fromEntries(CLASS_NAMES.map((name, c) => [name, sums[c]])) };
          })
        : [];
    },
  };
  /** @type {any} */ (window).kutrace = api;
  const noted = (/** @type {number} */ ms) => {
    frames.push(ms);
    if (frames.length > 2000) frames.splice(0, 1000);
  };
  return {
    /** A tab beside the timeline was drawn. @param {number} begin */
    tabDone: (begin) => {
      const end = performance.now();
      times.tab ||= end;
      noted(end - begin);
    },
    loaded: () => {
      times.loaded = performance.now();
    },
    /** A coarse picture was drawn. @param {number} share of the records in it */
    previewDrawn: (share) => {
      const now = performance.now();
      times.rows ||= now;
      if (share > 0) times.firstPicture ||= now;
      if (share >= 1) times.wholePicture ||= now;
    },
    /** @param {number} begin */
    frameDone: (begin) => {
      const end = performance.now();
      if (model()) {
        times.firstPicture ||= end;
        times.wholePicture ||= end;
      }
      noted(end - begin);
    },
  };
}
