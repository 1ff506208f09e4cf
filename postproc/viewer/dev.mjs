// SPDX-License-Identifier: BSD-3-Clause
// npm run dev [-- FILE]: serves the page with a trace (span JSON; a sample when none is given) to this machine, with maps to the sources. Each load builds
// it anew, and a change of a source loads it again.

import { watch } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { metaText } from './src/format/encode-payload.js';
import { encodePayload, readSpanFile, textOf } from './test/encode-payload.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const file = process.argv[2] ?? path.join(here, 'test/data/rpc.span.json.gz');
const port = Number(process.env.PORT ?? 8000);
/** Loads the page again when it hears of a change. It is the page's first script, so that it works when the others fail. */
const RELOAD = "<script>new EventSource('/changes').onmessage = () => location.reload();</script>";

async function page() {
  const { meta, data } = encodePayload(readSpanFile(file));
  return (await build({ dev: true }))
    .replace('<head>', () => `<head>${RELOAD}`)
    .replace('@KUTRACE_META@', () => metaText(meta))
    .replace('@KUTRACE_DATA@', () => textOf(data));
}

/** @type {Set<http.ServerResponse>} */
const listening = new Set();
let timer = setTimeout(() => {}, 0);
// An editor writes a file in several steps.
watch(path.join(here, 'src'), { recursive: true }, () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const response of listening) response.write('data: changed\n\n');
  }, 100);
});

const server = http.createServer(async (request, response) => {
  if (request.url === '/changes') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    listening.add(response);
    response.on('close', () => listening.delete(response));
    return;
  }
  try {
    const text = await page();
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(text);
  } catch (error) {
    // What does not build is told where one looks; the next change loads again.
    response.writeHead(500, { 'content-type': 'text/html; charset=utf-8' });
    const words = String(error).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    response.end(`<!DOCTYPE html><head>${RELOAD}</head><pre>${words}</pre>`);
  }
});
// For this machine only.
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${/** @type {any} */ (server.address()).port}/  shows ${file}`));
