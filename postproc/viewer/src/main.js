// SPDX-License-Identifier: BSD-3-Clause
// Puts the parts of the page together.

import { createActions } from './actions.js';
import { byId, connectSearch, connectTheme, fillBadge, makeHeaders, makeToggles } from './controls.js';
import { debugInterface } from './debug.js';
import { showDetails, showDiagnostics } from './details.js';
import { showHelp } from './help.js';
import { listenKeyboard, listenPointer } from './interaction.js';
import { loadFile, loadPage } from './loader.js';
import { PayloadError } from './payload.js';
import { createOverview } from './overview.js';
import { pick } from './pick.js';
import { previewModel } from './preview.js';
import { createRenderer } from './render.js';
import { createStore, initialState } from './store.js';
import { updateTooltip } from './tooltip.js';

const canvas = /** @type {HTMLCanvasElement} */ (byId('picture'));
const store = createStore(initialState());
const renderer = createRenderer(canvas);
const overview = createOverview(/** @type {HTMLCanvasElement} */ (byId('overview')), store);
const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight, dpr: window.devicePixelRatio || 1 });
const actions = createActions(store, size);
const placeHeaders = makeHeaders(byId('headers'), store, actions);
const debug = debugInterface(store, actions, size);
/** @type {import('./render.js').Scene|null} */
let scene = null;
let scheduled = false;
let panelShows = '';

/** @param {number} x @param {number} y */
const pickAt = (x, y) => {
  const { model } = store.get();
  return model && scene ? pick(model, scene, x, y) : null;
};
const view = { scene: () => scene, pickAt };

function drawNow() {
  scheduled = false;
  const begin = performance.now();
  try {
    scene = renderer.draw(store.get(), size());
    overview.draw();
    if (scene) placeHeaders(scene.layout);
    updateTooltip(byId('tooltip'), byId('hover-line'), store.get(), scene, pickAt);
  } catch (e) {
    say(`The picture could not be drawn: ${/** @type {Error} */ (e).message}`);
    throw e;
  }
  debug.frameDone(begin);
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(drawNow);
}

/** @param {string} text */
function say(text) {
  byId('message-text').textContent = text;
  byId('message').hidden = text === '';
}

/** While a trace is read: how far, and a coarse picture. @type {import('./loader.js').Show} */
const reading = {
  progress(share, text) {
    const bar = /** @type {HTMLProgressElement} */ (byId('progress-bar'));
    bar.value = share;
    byId('progress-text').textContent = text;
  },
  preview(meta, profile, share) {
    byId('progress').classList.add('corner');
    byId('title').textContent = String(meta.title ?? '') || 'kutrace';
    const model = previewModel(meta, profile);
    renderer.draw({ ...store.get(), model, window: { t0: model.t0, t1: model.t1 } }, size());
    debug.previewDrawn(share);
  },
};

function closePanel() {
  panelShows = '';
  byId('panel').hidden = true;
  if (store.get().selection) store.set({ selection: null });
  schedule();
}

/** @param {() => Promise<import('./model.js').Model|null>} load */
async function open(load) {
  say('');
  byId('welcome').hidden = true;
  byId('progress').hidden = false;
  byId('progress').classList.remove('corner');
  try {
    const model = await load();
    if (model) show(model);
    else byId('welcome').hidden = false;
  } catch (e) {
    const known = e instanceof PayloadError;
    say(known ? e.message : `The trace could not be read: ${/** @type {Error} */ (e).message}`);
    byId('welcome').hidden = store.get().model !== null;
  } finally {
    byId('progress').hidden = true;
    document.body.dataset.state = store.get().model ? 'ready' : 'empty';
    debug.loaded();
  }
}

/** @param {import('./model.js').Model} model */
function show(model) {
  const title = String(model.meta.title ?? '') || 'kutrace';
  byId('title').textContent = title;
  byId('machine').textContent = [model.meta.hostName, model.meta.cpuModelName, model.meta.kernelVersion].filter(Boolean).join('  ·  ');
  document.title = `${title} (kutrace)`;
  fillBadge(byId('badge'), model);
  closePanel();
  store.set({ ...initialState(), theme: store.get().theme, model, window: { t0: model.t0, t1: model.t1 } });
  drawNow();
}

store.subscribe((state, changed) => {
  schedule();
  if (!('selection' in changed)) return;
  if (state.selection && state.model) {
    panelShows = 'details';
    showDetails(byId('panel'), state.model, state.selection, { close: closePanel, go: actions.go });
  } else if (panelShows === 'details') {
    closePanel();
  }
});

makeToggles(byId('toggles'), store, actions);
const search = connectSearch(store, actions);
connectTheme(store);
listenPointer(canvas, store, actions, view);
const help = /** @type {HTMLDialogElement} */ (byId('help'));
listenKeyboard(store, actions, view, {
  help: () => (help.open ? help.close() : showHelp(help, store.get().theme)),
  search: search.focus,
  escape: () => {
    if (help.open) help.close();
    else if (!byId('panel').hidden) closePanel();
    else search.clear();
    canvas.focus();
  },
});
byId('help-button').addEventListener('click', () => showHelp(help, store.get().theme));
byId('badge').addEventListener('click', () => {
  const { model } = store.get();
  if (!model) return;
  panelShows = 'diagnostics';
  showDiagnostics(byId('panel'), model, closePanel);
  schedule();
});
byId('message-close').addEventListener('click', () => say(''));
for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input[type=file]'))) {
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) open(() => loadFile(file, reading));
    input.value = '';
  });
}
new ResizeObserver(schedule).observe(canvas);

open(() => loadPage(reading));
