// SPDX-License-Identifier: BSD-3-Clause
// The gallery's first page and its thumbnails, drawn by the viewer's own code on what each figure's page opens on.
// node gallery.mjs FIGURES PAGES: FIGURES has a folder with figure.json and text.md for each, PAGES the page of each as ID.html, and gets the rest.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseMeta } from './src/format/payload.js';
import { TraceReader } from './src/load/trace-reader.js';
import { pictureSvg } from './src/page/export.js';
import { themesCss } from './src/plan/tokens.js';
import { decodeState } from './src/state/url-state.js';
import { initialState } from './src/state/store.js';
import { buildModel, prepareAll } from './src/trace/model.js';

/** In pixels of the picture; the page shows it at half of that. */
const SIZE = { width: 720, height: 400, dpr: 1 };

// What a raster needs of a browser.
globalThis.ImageData ??= class {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(4 * width * height);
  }
};

const escapeHtml = (/** @type {string} */ text) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

/** The text of an element of a page of ours. @param {string} html @param {string} id */
function element(html, id) {
  const from = html.indexOf('>', html.indexOf(`id="${id}"`)) + 1;
  return html.slice(from, html.indexOf('</script>', from));
}

/** The trace of a page, and what it opens on. @param {string} html */
async function traceOf(html) {
  const meta = parseMeta(element(html, 'kutrace-meta'));
  const reader = new TraceReader(meta);
  reader.add(element(html, 'kutrace-data'));
  reader.end();
  const model = buildModel(await reader.read());
  prepareAll(model);
  return { model, view: decodeState(meta.view ?? '', model) };
}

/** @param {string} html @param {'light'|'dark'} theme */
async function thumbnail(html, theme) {
  const { model, view } = await traceOf(html);
  const plain = initialState();
  const show = { ...plain.show, ...view.show };
  return pictureSvg({ ...plain, window: { t0: model.t0, t1: model.t1 }, ...view, show, rows: view.rows ?? plain.rows, theme, model }, SIZE);
}

/** What a figure is, and its text without the heading. @param {string} folder */
async function readFigure(folder) {
  const figure = JSON.parse(await readFile(path.join(folder, 'figure.json'), 'utf8'));
  const text = await readFile(path.join(folder, 'text.md'), 'utf8');
  const paragraphs = text.split('\n').filter((line) => line !== '' && !line.startsWith('<!--') && !line.startsWith('# '));
  return { ...figure, text: paragraphs.join(' ') };
}

const card = (/** @type {Record<string, string>} */ f) => `
<a class="card" href="${f.id}.html" data-find="${escapeHtml(`${f.id} ${f.question} ${f.sees} ${f.text} ${f.command}`.toLowerCase())}">
<picture><source media="(prefers-color-scheme: dark)" srcset="thumbnails/${f.id}.dark.svg"><img src="thumbnails/${f.id}.svg" alt="${escapeHtml(f.sees)}" width="360" height="200" loading="lazy"></picture>
<b>${escapeHtml(f.question)}</b>
<span>${escapeHtml(f.text)}</span>
<small>${escapeHtml(f.capture)} · <code>${escapeHtml(f.command)}</code></small>
<code>${escapeHtml(f.claim)}</code>
</a>`;

const STYLE = `
body{margin:0 auto;max-width:1180px;padding:16px;background:var(--bg);color:var(--text);font:15px/1.45 system-ui,sans-serif}
input{font:inherit;width:min(420px,100%);padding:6px 10px;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px}
section{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:16px}
.card{display:flex;flex-direction:column;gap:6px;padding:10px;color:inherit;text-decoration:none;background:var(--panel);border:1px solid var(--line);border-radius:8px}
.card:focus-visible,input:focus-visible{outline:3px solid var(--focus)}
.card img{width:100%;height:auto;border-radius:4px}
.card small,.card>code{color:var(--muted);overflow-wrap:anywhere;font-size:12px}
[hidden]{display:none!important}
`;

// Runs in the page: finding, and arrows from card to card.
const SCRIPT = `
const cards = [...document.querySelectorAll('.card')];
const box = document.querySelector('input');
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => { document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light'; };
dark.addEventListener('change', follow);
follow();
function find() {
  const words = box.value.toLowerCase().split(' ').filter(Boolean);
  for (const card of cards) card.hidden = !words.every((w) => card.dataset.find.includes(w));
  for (const s of document.querySelectorAll('section')) s.hidden = s.previousElementSibling.hidden = !s.querySelector('.card:not([hidden])');
  const left = cards.filter((c) => !c.hidden).length;
  document.querySelector('output').value = left === cards.length ? left + ' figures' : left + ' of ' + cards.length + ' figures';
}
box.addEventListener('input', find);
find();
addEventListener('keydown', (e) => {
  if (e.key === '/' && document.activeElement !== box) { e.preventDefault(); box.focus(); return; }
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
  if (!step || (document.activeElement === box && e.key !== 'ArrowDown')) return;
  const shown = cards.filter((c) => !c.hidden);
  const next = shown[Math.min(shown.length - 1, Math.max(0, shown.indexOf(document.activeElement) + step))];
  if (next) { e.preventDefault(); next.focus(); }
});
`;

/** @param {Record<string, string>[]} figures in the order in which they stand there */
function indexPage(figures) {
  const chapters = new Map();
  for (const f of figures) chapters.set(f.chapter, [...(chapters.get(f.chapter) ?? []), f]);
  const parts = [...chapters].map(([chapter, list]) => `<h2>${escapeHtml(chapter)}</h2><section>${list.map(card).join('')}</section>`);
  return `<!DOCTYPE html>
<!-- SPDX-License-Identifier: BSD-3-Clause -->
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>kutrace: figures</title>
<style>${themesCss()}${STYLE}</style></head><body>
<h1>Figures that one can walk around in</h1>
<p>Each answers a question by a recorded trace, and says as SQL what is to be seen in it. <kbd>/</kbd> finds, arrows go from one to the next, Enter opens.</p>
<p><input type="search" placeholder="find" aria-label="find figures"> <output></output></p>
${parts.join('\n')}
<script>${SCRIPT}</script></body></html>
`;
}

/** The chapters as the book has them; others come behind. */
const CHAPTERS = [
  'What a trace shows',
  'Executing too much',
  'Executing slowly',
  'Waiting for CPU',
  'Waiting for memory',
  'Waiting for disk',
  'Waiting for network',
  'Waiting for locks',
  'Waiting for time',
  'Waiting in queues',
  'Interrupts',
  'The lab',
];
const place = (/** @type {{chapter: string}} */ f) => (CHAPTERS.indexOf(f.chapter) + CHAPTERS.length + 1) % (CHAPTERS.length + 1);

const [from, to] = process.argv.slice(2);
const names = (await readdir(from, { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => e.name);
const figures = await Promise.all(names.sort().map((name) => readFigure(path.join(from, name))));
figures.sort((a, b) => place(a) - place(b) || a.id.localeCompare(b.id));
await mkdir(path.join(to, 'thumbnails'), { recursive: true });
for (const f of figures) {
  const html = await readFile(path.join(to, `${f.id}.html`), 'utf8');
  await writeFile(path.join(to, 'thumbnails', `${f.id}.svg`), await thumbnail(html, 'light'));
  await writeFile(path.join(to, 'thumbnails', `${f.id}.dark.svg`), await thumbnail(html, 'dark'));
}
await writeFile(path.join(to, 'index.html'), indexPage(figures));
