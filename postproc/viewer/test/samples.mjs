// SPDX-License-Identifier: BSD-3-Clause
// Traces that several tests look at.

import { fileURLToPath } from 'node:url';
import { buildModel } from '../src/trace/model.js';
import { parseSpanJson } from '../src/format/span-json.js';
import { readSpanFile, spanJson } from './encode-payload.mjs';

const sample = (name) => () => buildModel(readSpanFile(fileURLToPath(new URL(`./data/${name}`, import.meta.url))));
export const hello = sample('hello.span.json.gz');
export const rpc = sample('rpc.span.json.gz');
export const traceOf = (events, header) => buildModel(parseSpanJson(spanJson(events, header)));

/** Thread 41 writes and wakes 42, which waited for a disk, gets CPU 1 late, and reads in vain. */
export const story = () =>
  traceOf([
    [1.0, 0.00001, 0, 41, 0, 65536 + 41, 0, 0, 8, 'prog.41'],
    [1.00001, 0.000002, 0, 41, 0, 2049, 3, 5, 4, 'write'],
    [1.000012, 0.0001, 0, 0, 0, 65536, 0, 0, 0, '-idle-'],
    [1.000011, 0.00000001, 0, 41, 0, 518, 42, 0, 0, 'runnable.42'],
    [1.000011, 0.000014, 0, 41, 0, -3, 1, 42, 0, '-wakeup-'],
    [0.9, 0.100011, -1, 42, 0, 768 + 3, 0, 0, 0, 'wait_disk'],
    [1.000011, 0.000014, -1, 42, 0, 770, 0, 0, 0, 'wait_cpu'],
    [1.0, 0.000025, 1, 0, 0, 65536, 1, 0, 0, '-idlelp-'],
    [1.000025, 0.00004, 1, 42, 0, 65536 + 42, 0, 0, 8, 'other.42'],
    [1.000065, 0.000005, 1, 42, 0, 2048, 7, 0xfff5, 2, 'read'],
  ]);
