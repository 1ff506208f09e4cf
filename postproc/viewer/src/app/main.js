// SPDX-License-Identifier: BSD-3-Clause
// Puts the parts of the page together.

import { createActions } from '../state/actions.js';
import { connectArea } from '../input/area.js';
import { createBubbles } from '../page/bubbles.js';
import { paletteName } from '../plan/colors.js';
import { createCommands, listenKeyboard } from '../input/commands.js';
import { onDensity } from '../kit/density.js';
import { byId, connectPanelButtons, fillBadge, makeHeaders, makeOptions, makeToggles, makeTraceActions, makeViews } from '../page/controls.js';
import { debugInterface } from './debug.js';
import { detailsPanel, qualityPanel } from '../panels/details.js';
import { pictureCanvas, readKept, saveJson, savePicture } from '../page/export.js';
import { frameBudget } from '../kit/frame-budget.js';
import { showHelp } from '../page/help.js';
import { listenPointer } from '../input/interaction.js';
import { connectKey } from '../page/key.js';
import { KEYS, keyOf, withKey } from '../input/keys.js';
import { loadFile, loadPage } from '../load/loader.js';
import { createMenu, menuItems, nameQuery } from '../page/menu.js';
import { connectAddress } from '../state/address.js';
import { note, say, showTitles } from '../page/messages.js';
import { notesOf, placeOfNote } from '../state/notes.js';
import { createOtherTrace } from '../page/other-trace.js';
import { paintOverlay, viewWords } from '../draw/over-picture.js';
import { rememberPage } from '../load/page-source.js';
import { showCommandPalette } from '../page/command-palette.js';
import { comparePanel } from '../panels/panel-compare.js';
import { legendPanel } from '../panels/panel-legend.js';
import { notesPanel } from '../panels/panel-notes.js';
import { resultsPanel } from '../panels/panel-results.js';
import { rowsPanel } from '../panels/panel-rows.js';
import { statesPanel } from '../panels/panel-states.js';
import { statisticsPanel } from '../panels/panel-statistics.js';
import { summaryPanel } from '../panels/panel-summary.js';
import { whyPanel } from '../panels/panel-why.js';
import { profilePanel } from '../panels/panel-profile.js';
import { createPanels } from '../panels/panels.js';
import { PayloadError } from '../format/payload.js';
import { connectPopups } from '../kit/popups.js';
import { createOverview } from '../draw/overview.js';
import { pick } from '../draw/pick.js';
import { previewModel } from '../draw/preview.js';
import { createRenderer } from '../draw/render.js';
import { connectPrint } from '../page/print.js';
import { busiestFirst, plainRows } from '../plan/rows.js';
import { createSaver } from '../page/save-page.js';
import { connectSearch } from '../page/search-box.js';
import { documentOfFile, listenDrop } from '../load/open-files.js';
import { hasTimeline } from '../tabs/catalog.js';
import { connectCharts } from '../page/tabs.js';
import { opensWith } from '../state/memory.js';
import { nextTextSize } from '../plan/sizes.js';
import { createStore, initialState } from '../state/store.js';
import { withoutTheme } from '../state/url-state.js';
import { connectTheme } from '../page/theme.js';
import { updateTooltip } from '../page/tooltip.js';
import { createTour } from '../page/tour.js';
import { viewsOf } from '../state/views.js';
import { kindOf } from '../trace/lookups.js';
import { GROUP_TITLES } from '../plan/layout.js';

rememberPage();
const canvas = /** @type {HTMLCanvasElement} */ (byId('picture'));
const over = /** @type {HTMLCanvasElement} */ (byId('overlay'));
const overCtx = /** @type {CanvasRenderingContext2D} */ (over.getContext('2d'));
const store = createStore(initialState());
const renderer = createRenderer(canvas);
const overview = createOverview(/** @type {HTMLCanvasElement} */ (byId('overview')), store);
let last = { width: 0, height: 0 };
/** Of the picture; as it was last seen while something hides it (a tab, paper). */
const size = () => {
  if (canvas.clientWidth > 0) last = { width: canvas.clientWidth, height: canvas.clientHeight };
  return { ...last, dpr: window.devicePixelRatio || 1 };
};
const actions = createActions(store, size);
const address = connectAddress(store, actions);
const placeHeaders = makeHeaders(byId('headers'), store, actions);
const bubbles = createBubbles(byId('bubbles'), store, actions, () => scene);
const debug = debugInterface(
  store,
  actions,
  size,
  () => charts.scene(),
  () => !scheduled,
);
/** @type {import('../draw/render.js').Scene|null} */
let scene = null;
let scheduled = false;

/** @param {number} x @param {number} y */
const pickAt = (x, y) => {
  const { model } = store.get();
  return model && scene ? pick(model, scene, x, y) : null;
};
const view = { scene: () => scene, pickAt };

function drawOver() {
  const { width, height, dpr } = size();
  const w = Math.round(width * dpr);
  const h = Math.round(height * dpr);
  if (over.width !== w || over.height !== h) {
    over.width = w;
    over.height = h;
  }
  overCtx.setTransform(dpr, 0, 0, dpr, 0, 0);
  overCtx.clearRect(0, 0, width, height);
  if (scene) paintOverlay(overCtx, store.get(), scene);
}

/** @param {{text: string, title: string}} words */
function showReadOut({ text, title }) {
  const line = byId('view-line');
  if (line.textContent !== text) line.textContent = text;
  if (line.title !== title) line.title = title;
}

const budgetAt = frameBudget();

/** The picture of one frame; rows that would take longer come with the next. @param {number} [budget] ms */
function drawNow(budget = 12) {
  scheduled = false;
  const begin = performance.now();
  try {
    scene = renderer.draw(store.get(), size(), budget);
    if (scene?.unfinished) schedule();
    overview.draw();
    if (scene) placeHeaders(scene.layout);
    drawOver();
    bubbles.place(scene);
    updateTooltip(byId('tooltip'), byId('hover-line'), store.get(), scene, pickAt);
    showReadOut(scene ? viewWords(store.get(), scene) : { text: '', title: '' });
  } catch (e) {
    say(`The picture could not be drawn: ${/** @type {Error} */ (e).message}`);
    throw e;
  }
  debug.frameDone(begin);
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame((time) => drawNow(budgetAt(time)));
}

/** While a trace is read: how far, and a coarse picture. @type {import('../load/loader.js').Show} */
const reading = {
  progress(share, text) {
    const bar = /** @type {HTMLProgressElement} */ (byId('progress-bar'));
    bar.value = share;
    byId('progress-text').textContent = text;
  },
  preview(meta, coarse, share) {
    byId('progress').classList.add('corner');
    showTitles(meta);
    const model = previewModel(meta, coarse);
    const { theme, safe, sizes } = store.get();
    renderer.draw({ ...initialState(), theme, safe, sizes, model, window: { t0: model.t0, t1: model.t1 } }, size());
    debug.previewDrawn(share);
  },
};

/**
 * @param {() => Promise<import('../trace/model.js').Model|null|undefined>} load undefined: something else was opened
 * @param {boolean} own the trace of this page: its address tells the view
 */
async function open(load, own) {
  say('');
  byId('welcome').hidden = true;
  byId('progress').hidden = false;
  byId('progress').classList.remove('corner');
  try {
    const model = await load();
    if (model) show(model, own);
    else byId('welcome').hidden = model === undefined || store.get().model !== null;
  } catch (e) {
    const known = e instanceof PayloadError;
    say(known ? e.message : `The trace could not be read: ${/** @type {Error} */ (e).message}`);
    byId('welcome').hidden = store.get().model !== null || store.get().charts.length > 0;
  } finally {
    byId('progress').hidden = true;
    if (!store.get().model) store.set({ panel: '' });
    if (byId('title').textContent === '') showTitles({});
    document.body.dataset.state = store.get().model || store.get().charts.length > 0 ? 'ready' : 'empty';
    debug.loaded();
  }
}

/** @param {import('../trace/model.js').Model} model @param {boolean} own */
function show(model, own) {
  showTitles(model.meta);
  fillBadge(byId('badge'), model);
  const views = viewsOf(model.meta.savedview, model);
  const last = address.last(model);
  if (last && views[0].hash === null) views[0] = { ...views[0], hash: last };
  actions.search('');
  const { theme, safe, sizes } = store.get();
  // A profile of threads has no CPUs. Elsewhere the busiest threads fill the room that the CPUs leave.
  const threads = hasTimeline(model) && model.rows.cpu.length > 0 && opensWith('threads');
  const open = { ...initialState().open, pid: threads || model.rows.cpu.length === 0 };
  store.set({
    ...initialState(),
    open,
    rows: threads ? busiestFirst() : plainRows(),
    theme,
    safe,
    sizes,
    model,
    notes: notesOf(model.meta.extra, model.nsPerTick).notes,
    views,
    window: { t0: model.t0, t1: model.t1 },
    panel: hasTimeline(model) && opensWith('summary') ? 'summary' : '',
  });
  actions.resetEdits();
  const saved = typeof model.meta.view === 'string' ? model.meta.view : '';
  if (own && location.hash.length > 1) actions.applyState(location.hash);
  else if (own && saved !== '') actions.applyState(saved);
  else if (!own) address.write();
  drawNow();
}

store.subscribe((_, changed) => {
  // What is found shows in words at the next frame; the picture may follow one later.
  const only = (/** @type {string[]} */ ...keys) => Object.keys(changed).every((k) => keys.includes(k));
  if (only('search', 'query')) requestAnimationFrame(() => setTimeout(schedule, 0));
  else if (!only('looks')) schedule(); // what is seen in a tab moves nothing in the timeline
  if ('pointer' in changed && Object.keys(changed).length === 1) return;
  address.writeSoon();
});

const dialogs = { help: /** @type {HTMLDialogElement} */ (byId('help')), palette: /** @type {HTMLDialogElement} */ (byId('palette')) };
const tour = createTour(byId('tour'));
const help = () => {
  const { theme, safe } = store.get();
  if (dialogs.help.open) dialogs.help.close();
  else showHelp(dialogs.help, paletteName(theme, safe), tour.start);
};
const menu = createMenu(byId('stage'), () => canvas.focus({ preventScroll: true }));
const saveCopy = createSaver(store, () => withoutTheme(actions.encodeState()), { note, say });

/** @param {number} t @param {import('../trace/model.js').Row} row */
function writeNote(t, row) {
  const id = actions.addNote({ t: Math.round(t), group: row.group, key: row.key, text: '', dx: 30, dy: -30 });
  drawNow();
  bubbles.edit(id);
}

function newNote() {
  const place = scene && placeOfNote(store.get(), scene, pickAt);
  if (place) writeNote(place.t, place.row);
}

/** Menu of what is at a point. @param {number} x @param {number} y @param {import('../draw/pick.js').Picked|null} picked */
function openMenu(x, y, picked) {
  if (!scene) return;
  const t = scene.time.invert(x);
  const { label, items } = menuItems(store, actions, picked, t, commands, writeNote);
  menu.open(x, y, label, items);
}

const commands = createCommands(store, actions, view, {
  help,
  search: () => search.focus(),
  palette: () =>
    showCommandPalette(dialogs.palette, 'Command', [
      ...KEYS.map((k) => ({ text: k.text, hint: k.shown, run: () => commands[k.action]() })),
      { text: 'take the tour', hint: '', run: tour.start },
      { text: 'save the picture as PNG', hint: '', run: () => savePicture(store.get(), size(), 'png') },
      { text: 'save the picture as SVG', hint: '', run: () => savePicture(store.get(), size(), 'svg') },
      { text: 'export notes and views as JSON', hint: '', run: () => saveJson(store.get()) },
      {
        text: 'book style: short labels, bold arcs, no frequency',
        hint: '',
        run: () => store.set({ annotStyle: 'short', show: { ...store.get().show, arcs: 2, freq: 0 } }),
      },
      { text: 'larger text in the picture', hint: '', run: () => actions.setSizes({ text: nextTextSize(store.get().sizes.text, 1) }) },
      { text: 'smaller text in the picture', hint: '', run: () => actions.setSizes({ text: nextTextSize(store.get().sizes.text, -1) }) },
      { text: 'summary of this trace', hint: '', run: () => store.set({ panel: 'summary' }) },
      { text: 'quality of this trace', hint: '', run: () => store.set({ panel: 'quality' }) },
      { text: 'show all rows again', hint: '', run: () => actions.showAllRows() },
    ]),
  rowFinder: () => {
    const { model } = store.get();
    if (!model) return;
    showCommandPalette(
      dialogs.palette,
      'Row',
      /** @type {const} */ (['pid', 'rpc', 'cpu']).flatMap((group) =>
        model.rows[group].map((row) => ({
          text: row.label,
          hint: GROUP_TITLES[group],
          run: () => {
            actions.goRow(group, row.key);
            note(`${GROUP_TITLES[group]} ${row.label}`);
          },
        })),
      ),
    );
  },
  theme: () => theme.next(),
  tab: (step) => {
    if (!charts.step(step)) note('There are no other tabs: open an RPC log or a plot.');
  },
  note: newNote,
  saveCopy,
  say: note,
  menu: () => {
    const { pointer } = store.get();
    if (pointer) openMenu(pointer.x, pointer.y, pickAt(pointer.x, pointer.y));
    else note('Point at something first.');
  },
  escape: () => {
    if (popups.close() || menu.close() || tour.end()) return;
    const openDialog = Object.values(dialogs).find((d) => d.open);
    const { panel, selection, range, labelled, annotate, selecting } = store.get();
    if (openDialog) openDialog.close();
    else if (!byId('message').hidden) say('');
    else if (selecting) store.set({ selecting: false });
    else if (panel !== '' || selection) store.set({ panel: '', selection: null });
    else if (range || labelled.length > 0 || annotate !== 'off') store.set({ range: null, labelled: [], annotate: 'off' });
    else search.clear();
    canvas.focus({ preventScroll: true });
  },
});

/** Files the user gave: an RPC log or a plot becomes a tab, anything else is the trace. @param {File[]} files */
async function openFiles(files) {
  for (const file of files) {
    await open(async () => {
      const document = await documentOfFile(file);
      if (!document) return loadFile(file, reading);
      charts.add(document);
      if (!hasTimeline(store.get().model)) showTitles({ title: document.data.title || file.name });
      return undefined;
    }, false);
  }
}

makeToggles(byId('toggles'), store, actions);
makeOptions({ labels: byId('labels'), colours: byId('options') }, store, actions, commands);
connectPanelButtons({ rows: byId('rows-button'), panel: byId('panel-button') }, store, actions);
connectArea(byId('area-button'), store, commands);
makeTraceActions(byId('trace-actions'), [
  ['Save this page', 'Save this page with notes and views', 'saveCopy', saveCopy],
  ['Picture as PNG', 'Save what is seen as PNG', '', () => savePicture(store.get(), size(), 'png')],
  ['Picture as SVG', 'Save what is seen as SVG', '', () => savePicture(store.get(), size(), 'svg')],
  ['Notes and views as JSON', 'Export notes and views as JSON', '', () => saveJson(store.get())],
  ['Compare', 'Compare two ranges or two traces', 'panel:compare', () => store.set({ panel: 'compare' })],
]);
const popups = connectPopups(byId('toolbar'));
makeViews(byId('views'), store, actions, note);
connectKey(byId('key'), store, actions, view);
const search = connectSearch(store, actions, commands);
const charts = connectCharts(store, { host: byId('charts'), tabs: byId('tabs'), canvas, size, drawn: debug.tabDone });
listenDrop(document.body, openFiles);
const theme = connectTheme(store, byId('theme'), keyOf('theme'));
const other = createOtherTrace(byId('stages'), store, say);
const context = { store, actions, view, say: note };
createPanels(byId('panel'), store, [
  summaryPanel(context),
  detailsPanel(context),
  whyPanel(context),
  resultsPanel(context),
  statisticsPanel(context),
  statesPanel(context),
  profilePanel(context),
  rowsPanel(context),
  notesPanel(context, {
    saveCopy,
    exportJson: () => saveJson(store.get()),
    note: newNote,
    exportPicture: (kind) => savePicture(store.get(), size(), kind),
    importJson,
  }),
  comparePanel(context, other),
  legendPanel(context),
  qualityPanel(),
]);

/** @param {string} text */
function importJson(text) {
  const { model } = store.get();
  if (!model) return;
  try {
    store.set(readKept(text, model));
    actions.resetEdits();
    note('Notes and views were read.');
  } catch (e) {
    say(`The notes could not be read: ${/** @type {Error} */ (e).message}`);
  }
}

listenPointer(canvas, store, actions, view, {
  menu: openMenu,
  alike: (picked) => {
    const { model } = store.get();
    if (!model || !picked.selection) return;
    actions.label(picked.selection);
    actions.search(nameQuery(kindOf(model, picked.selection).name));
    store.set({ isolate: true });
  },
});
listenKeyboard(commands);
byId('help-button').addEventListener('click', help);
byId('note-button').addEventListener('click', newNote);
byId('note-button').title = withKey('Write a note here', 'note');
byId('palette-button').addEventListener('click', () => commands.palette());
for (const [id, action, text] of [
  ['zoom-back', 'zoomBack', 'Back to what was seen before'],
  ['zoom-forward', 'zoomForward', 'Forward again'],
  ['zoom-full', 'full', 'Show the whole trace'],
]) {
  byId(id).title = withKey(text, action);
  byId(id).addEventListener('click', () => commands[action]());
}
byId('badge').addEventListener('click', () => {
  if (store.get().model) store.set({ panel: 'quality' });
});
byId('message-close').addEventListener('click', () => say(''));
for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('header input[type=file], #welcome input[type=file]'))) {
  input.addEventListener('change', () => {
    openFiles([...(input.files ?? [])]);
    input.value = '';
  });
}
new ResizeObserver(schedule).observe(canvas);
onDensity(schedule);
connectPrint(
  byId('paper'),
  store,
  () => charts.paper() ?? pictureCanvas(store.get(), { ...size(), dpr: 2 }),
  () => {
    if (store.get().model) drawNow(Infinity);
    charts.draw();
  },
);

// The panel of the summary has its room before anything is seen.
if (location.hash.length <= 1 && opensWith('summary')) store.set({ panel: 'summary' });
document.body.dataset.made = '';
open(() => loadPage(reading), true);
