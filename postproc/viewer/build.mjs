// SPDX-License-Identifier: BSD-3-Clause
// Bundles the viewer into one HTML template. The same sources give the same bytes.

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { themesCss } from './src/plan/tokens.js';
import esbuild from 'esbuild';
import { LEAVE } from './src/app/leave.js';

const here = path.dirname(fileURLToPath(import.meta.url));

/** The licence of each npm package in the bundle; packages with the same text share it. */
async function licences(metafile) {
  const packages = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const m = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (m && bytesInOutput > 0) packages.add(m[1]);
    }
  }
  /** @type {Map<string, string[]>} */
  const names = new Map();
  for (const name of [...packages].sort()) {
    const text = (await readFile(path.join(here, 'node_modules', name, 'LICENSE'), 'utf8')).trim();
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  const texts = [...names].map(([text, list]) => `${list.join(', ')}\n${text}`);
  return texts.length > 0 ? `/*! Parts of this page come from:\n\n${texts.join('\n\n')}\n*/\n` : '';
}

/** @param {string} entry @param {Record<string, string>} define @param {boolean} dev as it is written, with a map to the sources */
const bundle = (entry, define, dev) =>
  esbuild.build({
    entryPoints: [path.join(here, entry)],
    bundle: true,
    minify: !dev,
    sourcemap: dev && 'inline',
    format: 'iife',
    outfile: 'viewer.js',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    metafile: true,
    tsconfigRaw: '{}',
    legalComments: 'eof',
    absWorkingDir: here,
    define,
  });

/** @param {string} text of an inline script */
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * What a page may do: run these very scripts, and a worker made of text that they hold; show pictures that it made. Nothing is fetched and nothing sent,
 * whatever a trace holds. Styles are its own: they cannot run anything.
 * @param {string[]} scripts as they run
 */
const policyOf = (scripts) =>
  [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'connect-src blob: data:', // what is in the page itself
    'img-src blob: data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** The page without a trace. @param {{dev?: boolean}} [how] dev: for one who changes it (dev.mjs), with maps to the sources and without a policy */
export async function build({ dev = false } = {}) {
  const worker = await bundle('src/load/worker.js', {}, dev);
  // The page carries the worker's script as a string: a page on disk cannot load a second file.
  const { version } = JSON.parse(await readFile(path.join(here, 'package.json'), 'utf8'));
  const js = await bundle(
    'src/app/main.js',
    {
      'globalThis.KUTRACE_WORKER': JSON.stringify(worker.outputFiles[0].text),
      'globalThis.KUTRACE_VERSION': JSON.stringify(version),
    },
    dev,
  );
  const css = await esbuild.build({
    entryPoints: [path.join(here, 'src/app/style.css')],
    bundle: true,
    minify: true,
    write: false,
    target: 'es2022',
    charset: 'utf8',
    absWorkingDir: here,
  });
  const script = js.outputFiles[0].text.trim();
  // The licences stand where they are not compressed with the viewer.
  const start = (await licences(js.metafile)) + (await bundle('src/app/start.js', {}, dev)).outputFiles[0].text.trim();
  if (/<\/script|<!--/i.test(script + start)) throw new Error('the bundle holds text that would end its script element');
  const template = await readFile(path.join(here, 'src/app/template.html'), 'utf8');
  const page = template
    .replace('/*POLICY*/', () => (dev ? '' : policyOf([script, LEAVE + script, start])))
    .replace('/*STYLE*/', () => `${themesCss()}\n${css.outputFiles[0].text.trim()}`)
    .replace('/*SCRIPT*/', () => script)
    .replace('/*START*/', () => start);
  for (const mark of ['@KUTRACE_META@', '@KUTRACE_DATA@']) {
    if (page.split(mark).length !== 2) throw new Error(`${mark} must stand exactly once in the template`);
  }
  return page;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(path.join(here, 'dist'), { recursive: true });
  await writeFile(path.join(here, 'dist/template.html'), await build());
}
