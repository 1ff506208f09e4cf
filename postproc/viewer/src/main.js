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
import { pick } from './pick.js';
import { createRenderer } from './render.js';
import { documentOfFile, listenDrop } from './sisters/open-files.js';
import { connectSisters } from './sisters/sisters.js';
import { createStore, initialState } from './store.js';
import { updateTooltip } from './tooltip.js';

const canvas = /** @type {HTMLCanvasElement} */ (byId('picture'));
const store = createStore(initialState());
const renderer = createRenderer(canvas);
const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight, dpr: window.devicePixelRatio || 1 });
const actions = createActions(store, size);
const placeHeaders = makeHeaders(byId('headers'), store, actions);
const debug = debugInterface(store, actions, size, () => sisters.scene());
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

/** @param {number} share @param {string} text */
function progress(share, text) {
  const bar = /** @type {HTMLProgressElement} */ (byId('progress-bar'));
  bar.value = share;
  byId('progress-text').textContent = text;
}

function closePanel() {
  panelShows = '';
  byId('panel').hidden = true;
  if (store.get().selection) store.set({ selection: null });
  schedule();
}

/** @param {() => Promise<import('./model.js').Model|null|undefined>} load undefined: something else was opened */
async function open(load) {
  say('');
  byId('welcome').hidden = true;
  byId('progress').hidden = false;
  try {
    const model = await load();
    if (model) show(model);
    else byId('welcome').hidden = model === undefined || store.get().model !== null;
  } catch (e) {
    const known = e instanceof PayloadError;
    say(known ? e.message : `The trace could not be read: ${/** @type {Error} */ (e).message}`);
    byId('welcome').hidden = store.get().model !== null || store.get().sisters.length > 0;
  } finally {
    byId('progress').hidden = true;
    document.body.dataset.state = store.get().model || store.get().sisters.length > 0 ? 'ready' : 'empty';
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
  const open = { ...initialState().open, pid: model.rows.cpu.length === 0 }; // a profile of threads has no CPUs
  store.set({ ...initialState(), open, theme: store.get().theme, model, window: { t0: model.t0, t1: model.t1 } });
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

/** Files the user gave: an RPC log or a plot becomes a tab, anything else is the trace. @param {File[]} files */
async function openFiles(files) {
  for (const file of files) {
    await open(async () => {
      const document = await documentOfFile(file);
      if (!document) return loadFile(file, progress);
      sisters.add(document);
      return undefined;
    });
  }
}

makeToggles(byId('toggles'), store, actions);
const sisters = connectSisters(store, { host: byId('sisters'), tabs: byId('tabs'), canvas, size });
listenDrop(document.body, openFiles);
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
    openFiles([...(input.files ?? [])]);
    input.value = '';
  });
}
new ResizeObserver(schedule).observe(canvas);

const start = () => open(() => loadPage(progress));
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
