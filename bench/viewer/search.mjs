// SPDX-License-Identifier: BSD-3-Clause
// Time from a key in the search box until its first results are drawn, and until all are found.
// node bench/viewer/search.mjs [spans ...]; wants `npm ci && npm run build` in postproc/viewer. Prints one line a query.

import { launch, openPage, pageOf, settle } from '../../postproc/viewer/test/browser/page.mjs';
import { makeTrace } from '../../postproc/viewer/test/synthetic.mjs';

const QUERIES = ['w', 'write', '/^(read|write)$/', 'dur>1us -idle', 'cpu:2 ret<0', '!class:idle'];
const sizes = process.argv.slice(2).map(Number);
const browser = await launch();
console.log('spans     query              first shown ms   done ms   matches');
for (const spans of sizes.length > 0 ? sizes : [510000, 2000000]) {
  const { page, close } = await openPage(browser, pageOf(makeTrace({ spans, aux: spans / 10, cpus: 4, threads: 200 })));
  for (const text of QUERIES) {
    const runs = [];
    for (let k = 0; k < 5; k++) {
      runs.push(await page.evaluate(async (query) => {
        const input = document.getElementById('search');
        // The first task after the frame: a timer could come after the next slice of the search.
        const frame = () => new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve();
          requestAnimationFrame(() => port2.postMessage(0));
        });
        input.value = query;
        const begin = performance.now();
        input.dispatchEvent(new Event('input'));
        await frame();
        const first = performance.now() - begin;
        while (!window.kutrace.state().search.done) await new Promise((resolve) => { setTimeout(resolve, 1); });
        return { first, done: performance.now() - begin, count: window.kutrace.state().search.count };
      }, text));
      await page.locator('#search').fill('');
      await settle(page);
    }
    const median = (key) => runs.map((r) => r[key]).sort((a, b) => a - b)[2].toFixed(1);
    console.log(`${String(spans).padEnd(9)} ${text.padEnd(18)} ${median('first').padStart(12)} ${median('done').padStart(12)} ${String(runs[0].count).padStart(9)}`);
  }
  await close();
}
await browser.close();
