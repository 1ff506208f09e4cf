// SPDX-License-Identifier: BSD-3-Clause
// A second trace below the first, with a picture and a state of its own; linked, both move together.

import { createActions } from '../state/actions.js';
import { button, element } from '../kit/dom.js';
import { listenPointer } from '../input/interaction.js';
import { loadFile } from '../load/loader.js';
import { makeHeaders } from './controls.js';
import { pick } from '../draw/pick.js';
import { onDensity } from '../kit/density.js';
import { createRenderer } from '../draw/render.js';
import { createStore, initialState } from '../state/store.js';
import { clampWindow } from '../plan/view.js';
import { shortWords } from '../words/words.js';
import { paintOverlay } from '../draw/over-picture.js';

/** @typedef {import('../state/store.js').Store} Store */

/** Of a frame, beside that of the first trace. */
const FRAME_MS = 6;

/** @param {HTMLElement} stages @param {Store} first @param {(text: string) => void} say */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the second trace is one state: its file, its picture, its link
export function createOtherTrace(stages, first, say) {
  /** @type {{store: Store, box: HTMLElement, stop: () => void}|null} */
  let other = null;
  let linked = true;
  let moving = false;
  /** @type {(() => void)[]} */
  const listeners = [];
  const changed = () => {
    for (const run of listeners) run();
  };

  /** Moves one window as the other was moved: by as much, and to the same width. @param {Store} from @param {Store} to @param {import('../plan/view.js').Window} before @param {import('../plan/view.js').Window} after */
  function follow(from, to, before, after) {
    const model = to.get().model;
    const source = from.get().model;
    if (!model || !source || !linked || moving) return;
    moving = true;
    const k = source.nsPerTick / model.nsPerTick;
    const { window } = to.get();
    const t0 = window.t0 + (after.t0 - before.t0) * k;
    to.set({ window: clampWindow({ t0, t1: t0 + (after.t1 - after.t0) * k }, model) });
    moving = false;
  }

  let firstWindow = first.get().window;
  first.subscribe((state, change) => {
    if (change.theme || 'safe' in change || change.show || change.sizes)
      other?.store.set({ theme: state.theme, safe: state.safe, show: state.show, sizes: state.sizes });
    if (!change.window) return;
    if (other) follow(first, other.store, firstWindow, state.window);
    firstWindow = state.window;
  });

  /** @param {import('../trace/model.js').Model} model */
  function show(model) {
    close();
    const { theme, safe, show: toggles, sizes } = first.get();
    const store = createStore({ ...initialState(), theme, safe, show: toggles, sizes });
    const box = element('div', { class: 'stage other', 'aria-label': 'Second trace' });
    const canvas = element('canvas', {
      class: 'picture',
      tabindex: '0',
      role: 'application',
      'aria-label': `Timeline of the second trace: ${model.meta.title ?? ''}`,
    });
    const headers = element('div', { class: 'headers' });
    const title = element('div', { class: 'other-title' }, String(model.meta.title ?? 'other trace'));
    const tip = element('output', { class: 'other-tip' });
    title.append(tip, button('✕', 'Close the second trace', close, { 'aria-label': 'Close the second trace' }));
    box.append(canvas, headers, title);
    stages.append(box);
    const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight, dpr: window.devicePixelRatio || 1 });
    const actions = createActions(store, size);
    const renderer = createRenderer(canvas);
    const place = makeHeaders(headers, store, actions);
    /** @type {import('../draw/render.js').Scene|null} */
    let scene = null;
    let asked = false;
    const draw = () => {
      asked = false;
      if (!canvas.isConnected) return;
      scene = renderer.draw(store.get(), size(), FRAME_MS);
      if (scene?.unfinished) schedule();
      const { pointer, model: m } = store.get();
      const ctx = canvas.getContext('2d');
      if (scene) place(scene.layout);
      if (scene && ctx) {
        ctx.save();
        paintOverlay(ctx, store.get(), scene);
        ctx.restore();
      }
      const picked = m && scene && pointer ? pick(m, scene, pointer.x, pointer.y) : null;
      tip.textContent = picked?.selection && m ? [picked.extra, shortWords(m, picked.selection)].filter(Boolean).join('  ') : '';
    };
    const schedule = () => {
      if (!asked) {
        asked = true;
        requestAnimationFrame(draw);
      }
    };
    const leave = onDensity(schedule);
    let last = store.get().window;
    store.subscribe((state, change) => {
      schedule();
      if (change.window) {
        if (!('model' in change)) follow(store, first, last, state.window);
        last = state.window;
      }
      if (change.window || 'range' in change) changed();
    });
    listenPointer(
      canvas,
      store,
      actions,
      { scene: () => scene, pickAt: (x, y) => (scene ? pick(model, scene, x, y) : null) },
      { menu: () => {}, alike: () => {} },
    );
    const observer = new ResizeObserver(schedule);
    observer.observe(canvas);
    other = {
      store,
      box,
      stop() {
        leave();
        observer.disconnect();
      },
    };
    // Both begin at the same scale.
    const { window: w, model: own } = first.get();
    const width = own ? ((w.t1 - w.t0) * own.nsPerTick) / model.nsPerTick : model.t1 - model.t0;
    store.set({ model, window: clampWindow({ t0: model.t0, t1: model.t0 + width }, model) });
    changed();
  }

  function close() {
    if (!other) return;
    other.stop();
    other.box.remove();
    other = null;
    changed();
  }

  return {
    /** @param {File} file */
    async open(file) {
      try {
        show(await loadFile(file, { progress() {}, preview() {} }));
      } catch (e) {
        say(/** @type {Error} */ (e).message);
      }
    },
    close,
    other: () => other?.store.get() ?? null,
    linked: () => linked,
    link: (/** @type {boolean} */ on) => {
      linked = on;
    },
    onChange: (/** @type {() => void} */ run) => {
      listeners.push(run);
    },
  };
}
