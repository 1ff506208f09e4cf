// SPDX-License-Identifier: BSD-3-Clause
// Pictures compared with those kept in test/golden. RENEW=1 (`npm run pictures`) writes them anew; look at what git diff shows.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inFirefox } from './browsers.mjs';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../golden');
const failed = path.join(folder, 'failed');
export const renew = process.env.RENEW === '1';
/** A pixel differs when a channel is off by more than this; so may this share of a picture (text is drawn a little differently elsewhere). */
const CHANNEL = 40;
export const SHARE = 0.006;
/** A small picture on a sheet has fewer pixels to be off in. */
export const CELL_SHARE = 4 * SHARE;

const dataUrl = (bytes) => `data:image/png;base64,${bytes.toString('base64')}`;
const bytesOf = (url) => Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');

/** The picture kept under a name. */
export const kept = (name) => dataUrl(readFileSync(path.join(folder, `${name}.png`)));

/** Share of pixels that differ, over the whole picture or in cells of a sheet. */
export const compare = (page, a, b, cell) =>
  page.evaluate(
    async ([one, other, limit, size]) => {
      const load = async (url) => {
        const image = await createImageBitmap(await (await fetch(url)).blob());
        const canvas = new OffscreenCanvas(image.width, image.height);
        const ctx = canvas.getContext('2d');
        ctx.drawImage(image, 0, 0);
        return ctx.getImageData(0, 0, image.width, image.height);
      };
      const [x, y] = [await load(one), await load(other)];
      if (x.width !== y.width || x.height !== y.height) return { size: `${x.width}x${x.height} and ${y.width}x${y.height}`, cells: [1], diff: one };
      const [cw, ch] = size ?? [x.width, x.height];
      const across = Math.ceil(x.width / cw);
      const counts = new Array(across * Math.ceil(x.height / ch)).fill(0);
      const diff = new ImageData(x.width, x.height);
      for (let i = 0; i < x.data.length; i += 4) {
        const off = Math.max(...[0, 1, 2].map((c) => Math.abs(x.data[i + c] - y.data[i + c])));
        diff.data.set(off > limit ? [255, 0, 0, 255] : [x.data[i], x.data[i + 1], x.data[i + 2], 60], i);
        if (off > limit) counts[Math.floor(Math.floor(i / 4 / x.width) / ch) * across + Math.floor(((i / 4) % x.width) / cw)]++;
      }
      const canvas = new OffscreenCanvas(x.width, x.height);
      canvas.getContext('2d').putImageData(diff, 0, 0);
      const reader = new FileReader();
      reader.readAsDataURL(await canvas.convertToBlob());
      await new Promise((resolve) => {
        reader.onload = resolve;
      });
      return { size: '', cells: counts.map((n) => n / (cw * ch)), diff: reader.result };
    },
    [a, b, CHANNEL, cell],
  );

/** Compares a picture (a data URL) with the one kept; `cell` and `names` for a sheet of small ones. */
export async function checkPicture(page, name, url, cell, names = []) {
  const file = path.join(folder, `${name}.png`);
  if (renew) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, bytesOf(url));
    return;
  }
  assert.ok(existsSync(file), `${name}.png is missing: npm run pictures`);
  const { size, cells, diff } = await compare(page, kept(name), url, cell);
  const bad = cells.map((share, i) => ({ share, what: names[i] ?? name })).filter(({ share }) => share > (cell ? CELL_SHARE : SHARE));
  if (bad.length > 0) {
    mkdirSync(failed, { recursive: true });
    writeFileSync(path.join(failed, `${name}.png`), bytesOf(url));
    writeFileSync(path.join(failed, `${name}.diff.png`), bytesOf(diff));
  }
  assert.deepEqual(bad, [], `${size} see test/golden/failed/${name}.diff.png`);
}

/** Compares a part of the page as it is seen; in Firefox, which writes the text of controls its own way, only canvases are compared (checkPicture). @param {import('playwright-core').Page} page @param {import('playwright-core').Locator} what @param {string} name */
export async function expectPicture(page, what, name) {
  if (inFirefox) return;
  await checkPicture(page, name, dataUrl(await what.screenshot({ animations: 'disabled', caret: 'hide' })));
}
