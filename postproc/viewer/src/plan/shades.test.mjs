// SPDX-License-Identifier: BSD-3-Clause
// The table of colours is the only place that has any, and every palette fills all of it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { colorsOf, paletteName } from './colors.js';
import { SAFE, THEMES } from './shades.js';
import { themesCss } from './tokens.js';

const src = fileURLToPath(new URL('..', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => /\.(js|css|html)$/.test(f));

/** A colour by its digits, by its parts, or by a name, where one stands in a style or is given to a canvas. */
const DIGITS = /['"`:\s(,](#[0-9a-f]{3,4}|#[0-9a-f]{6}(?:[0-9a-f]{2})?)(?=['"`;,)\s])|\b(?:rgb|hsl)a?\(\s*\d/i;
const NAMES = '(?:white|black|red|green|blue|yellow|orange|gr[ae]y)\\b';
const NAME = { css: new RegExp(`:[^;]*\\b(?<!-)${NAMES}(?!-)`), js: new RegExp(`Style = ['"]${NAMES}`) };
/** What a canvas begins with, which is no choice of ours. */
const ALLOWED = new Map([[path.join('kit', 'svg-context.js'), /Style = '#000';/]]);

const bareColours = (name, text) =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter(
      (line) =>
        !/^\s*(\/\/|\*)/.test(line) &&
        (DIGITS.test(line) || (name.endsWith('.css') ? NAME.css : NAME.js).test(line)) &&
        !ALLOWED.get(name)?.test(line),
    )
    .map((line) => `${name}: ${line.trim()}`);

test('no other file has a colour of its own', () => {
  assert.ok(files.length > 100);
  const found = files.filter((f) => f !== path.join('plan', 'shades.js')).flatMap((f) => bareColours(f, readFileSync(path.join(src, f), 'utf8')));
  assert.deepEqual(found, []);
});

test('a bare colour is found, whatever its form', () => {
  for (const [name, line] of [
    ['x.js', "c.fillStyle = '#f5a623';"],
    ['x.js', "c.fillStyle = '#fff';"],
    ['x.js', "c.strokeStyle = 'white';"],
    ['x.css', 'color: #1d4fb8;'],
    ['x.css', 'box-shadow: 0 0 2px rgb(0 0 0 / 25%);'],
    ['x.css', 'border: 1px solid black;'],
  ])
    assert.equal(bareColours(name, line).length, 1, line);
  for (const [name, line] of [
    ['x.css', 'white-space: nowrap;'],
    ['x.css', 'color: var(--muted);'],
    ['x.js', "open('#panel');"],
    ['x.js', '// red: #ff0000'],
    ['x.js', "text: 'rows go grey'"],
  ])
    assert.deepEqual(bareColours(name, line), [], line);
});

test('every theme has the same colours, and each is one', () => {
  const keys = Object.keys(THEMES.light);
  for (const theme of Object.keys(THEMES)) assert.deepEqual(Object.keys(THEMES[theme]), keys, theme);
  for (const colour of Object.values(THEMES).flatMap((t) => Object.values(t).flat())) assert.match(colour, /^#[0-9a-f]{6}$/);
  for (const theme of ['dark', 'contrast']) assert.ok(themesCss().includes(`[data-theme="${theme}"]{--bg:${THEMES[theme].background}`));
});

test('needles, bars of cache misses and cursors are those of the theme, and of the safe colours', () => {
  for (const key of ['needles', 'misses', 'cursor']) {
    for (const theme of ['light', 'dark', 'contrast']) {
      const safe = SAFE[theme === 'light' ? 'light' : 'dark'][key];
      assert.deepEqual(colorsOf(paletteName(theme, true))[key], safe, `${theme} ${key}`);
      assert.deepEqual(colorsOf(paletteName(theme, false))[key], THEMES[theme][key], `${theme} ${key}`);
      assert.notDeepEqual(safe, THEMES[theme][key]);
    }
  }
});
