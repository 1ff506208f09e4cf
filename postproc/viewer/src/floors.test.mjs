// SPDX-License-Identifier: BSD-3-Clause
// The floors of the sources (docs/architecture.md, "The viewer's floors"): an import goes down or stays, never up, and never from one tab to another.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const FLOORS = ['kit', 'format', 'trace', 'search', 'words', 'plan', 'draw', 'tabs', 'load', 'state', 'input', 'panels', 'page', 'app'];
const root = path.dirname(fileURLToPath(import.meta.url));
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => file.endsWith('.js'));
const IMPORT = /\b(?:from|import)\s*\(?\s*(['"])(?<target>[^'"]+)\1/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** @param {string} file relative to the sources @param {string} text @returns {string[]} what it imports of the sources, so too */
const importsOf = (file, text) =>
  [...text.replace(COMMENT, '').matchAll(IMPORT)]
    .map((m) => m.groups?.target ?? '')
    .filter((target) => target.startsWith('.'))
    .map((target) => path.posix.join(path.posix.dirname(file), target));

const floorOf = (file) => FLOORS.indexOf(file.split('/')[0]);
/** The room of a tab that a file stands in, '' for what may import all rooms of the floor. */
const tabOf = (file) => (file.startsWith('tabs/') ? file.split('/').slice(1, -1).join('/') : '');

/** @returns {string} why the arrow is not allowed, '' when it is */
function fault(file, target) {
  if (floorOf(target) > floorOf(file)) return 'goes up';
  const [from, to] = [tabOf(file), tabOf(target)];
  if (file.startsWith('tabs/') && target.startsWith('tabs/') && from !== '' && to !== from && to !== 'frame') return 'from one tab to another';
  return '';
}

test('every source stands on a floor', () => {
  assert.deepEqual(
    sources.filter((file) => floorOf(file) < 0),
    [],
  );
  assert.ok(sources.length > 100, String(sources.length));
});

test('no import goes up, and no tab imports another', () => {
  const arrows = sources.flatMap((file) => importsOf(file, readFileSync(path.join(root, file), 'utf8')).map((target) => [file, target]));
  assert.ok(arrows.length > 400, String(arrows.length));
  assert.deepEqual(
    arrows.flatMap(([file, target]) => (fault(file, target) ? [`${file} -> ${target} ${fault(file, target)}`] : [])),
    [],
  );
});

test('what is looked for would be found', () => {
  const text =
    "import { a } from '../page/key.js';\nimport '../kit/dom.js';\n/** @typedef {import('../app/main.js').X} X */\nconst b = await import('../draw/render.js');\n";
  assert.deepEqual(importsOf('plan/x.js', text), ['page/key.js', 'kit/dom.js', 'draw/render.js']);
  assert.equal(fault('plan/x.js', 'page/key.js'), 'goes up');
  assert.equal(fault('plan/x.js', 'kit/dom.js'), '');
  assert.equal(fault('tabs/rpc/a.js', 'tabs/plot/b.js'), 'from one tab to another');
  assert.equal(fault('tabs/rpc/a.js', 'tabs/catalog.js'), 'from one tab to another');
  assert.equal(fault('tabs/rpc/a.js', 'tabs/frame/pane.js'), '');
  assert.equal(fault('tabs/catalog.js', 'tabs/rpc/a.js'), '');
});
