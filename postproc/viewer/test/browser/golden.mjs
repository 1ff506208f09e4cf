// SPDX-License-Identifier: BSD-3-Clause
// Pictures compared with those kept beside the tests. RENEW=1 writes them anew, to be looked at as a diff.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../golden');
/** Share of pixels that may differ: fonts are not the same to the pixel everywhere. */
const TOLERANCE = 0.006;
/** Steps of 255 by which a channel may differ in a pixel that counts as the same. */
const NEAR = 40;

/** Shares of pixels that differ; both pictures are decoded by the browser. */
const difference = (page, a, b) => page.evaluate(async ([first, second, near]) => {
  const decode = async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const ctx = canvas.getContext('2d');
    ctx.drawImage(bitmap, 0, 0);
    return ctx.getImageData(0, 0, bitmap.width, bitmap.height);
  };
  const [x, y] = [await decode(first), await decode(second)];
  if (x.width !== y.width || x.height !== y.height) return 1;
  let count = 0;
  for (let i = 0; i < x.data.length; i += 4) {
    if ([0, 1, 2].some((c) => Math.abs(x.data[i + c] - y.data[i + c]) > near)) count++;
  }
  return count / (x.width * x.height);
}, [a.toString('base64'), b.toString('base64'), NEAR]);

/** @param {import('playwright-core').Page} page @param {import('playwright-core').Locator} what @param {string} name */
export async function expectPicture(page, what, name) {
  const file = path.join(folder, `${name}.png`);
  const shot = await what.screenshot({ animations: 'disabled', caret: 'hide' });
  if (process.env.RENEW === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, shot);
    return;
  }
  assert.ok(existsSync(file), `${name}.png is missing: run with RENEW=1 and look at it`);
  const share = await difference(page, shot, readFileSync(file));
  if (share <= TOLERANCE) return;
  const seen = path.join(os.tmpdir(), `kutrace-${name}.png`);
  writeFileSync(seen, shot);
  assert.fail(`${name}: ${(share * 100).toFixed(2)} % of the pixels differ; what was drawn is in ${seen}`);
}
