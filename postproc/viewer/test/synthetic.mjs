// SPDX-License-Identifier: BSD-3-Clause
// Made-up traces of any size: spans tile each CPU; threads move between CPUs; waits, wakeups and samples are beside them.

import { makeColumns, setArg } from '../src/format/columns.js';

/** Small, fast, repeatable random numbers. @param {number} seed */
export function random(seed) {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

/**
 * @param {{spans: number, aux?: number, cpus?: number, threads?: number, firstThread?: number, seed?: number, nsPerTick?: number}} options
 * @returns {import('../src/format/payload.js').RawTrace}
 */
export function makeTrace({ spans, aux = 0, cpus = 4, threads = 20, firstThread = 1000, seed = 1, nsPerTick = 10 }) {
  const rnd = random(seed);
  const kinds = [
    { event: 0x10000, name: '-idle-' },
    { event: 0xdff, name: '-sched-' },
    { event: 0x5ec, name: 'local_timer_vector' },
    { event: 0x40e, name: 'page_fault' },
    { event: 0x206, name: 'runnable' },
    { event: -3, name: '-wakeup-' },
    { event: 0x302, name: 'wait_cpu' },
    { event: 0x309, name: 'wait_j' },
    { event: 0x281, name: 'PC=0' },
    { event: 0x209, name: '-freq-' },
  ];
  const calls = kinds.length;
  for (const [i, name] of ['read', 'write', 'openat', 'futex', 'mmap', 'sendto', 'recvfrom', 'poll'].entries())
    kinds.push({ event: 0x800 + i, name });
  const users = kinds.length;
  for (let t = 0; t < threads; t++) kinds.push({ event: 0x10000 + firstThread + t, name: `prog${t % 7}.${firstThread + t}` });

  const exec = makeColumns(spans, kinds.length, false);
  const ranges = [];
  let at = 0;
  for (let cpu = 0; cpu < cpus; cpu++) {
    const n = Math.floor(((cpu + 1) * spans) / cpus) - at;
    ranges.push({ cpu, lo: at, hi: at + n });
    let t = 1000 + cpu;
    let thread = cpu % threads;
    for (let i = at; i < at + n; i++) {
      const pick = rnd();
      const idle = pick < 0.05;
      if (pick < 0.1) thread = Math.floor(rnd() * threads);
      exec.kind[i] = idle ? 0 : pick < 0.1 ? 1 : pick < 0.13 ? 2 : pick < 0.16 ? 3 : i % 2 ? users + thread : calls + Math.floor(rnd() * 8);
      exec.start[i] = t;
      exec.dur[i] = Math.floor((idle ? 2000 : 100) * rnd() * rnd()) + 1;
      exec.pid[i] = idle ? 0 : firstThread + thread;
      setArg(exec, i, exec.kind[i] >= calls && exec.kind[i] < users ? Math.floor(rnd() * 20) : 0);
      exec.ret[i] = rnd() < 0.02 ? 0xfff5 : 0;
      exec.ipc[i] = Math.floor(rnd() * 16);
      t += exec.dur[i];
    }
    at += n;
  }
  const last = exec.n > 0 ? Math.max(...ranges.map(({ hi }) => exec.start[hi - 1] + exec.dur[hi - 1])) : 2000;
  return {
    meta: { title: `synthetic ${spans}`, tracebase: '2026-01-02_03:04:00', flags: 128, nsPerTick },
    kinds,
    exec,
    cpus: ranges,
    aux: makeAux(aux, last, kinds.length, cpus, threads, firstThread, rnd),
    diagnostics: [],
  };
}

function makeAux(n, last, kindCount, cpus, threads, firstThread, rnd) {
  const aux = makeColumns(n, kindCount, true);
  // Records of one CPU or one thread do not overlap: at most the mean distance between them.
  const period = ((last - 1000) / Math.max(1, n)) * 6;
  const plan = [
    [4, 0],
    [5, 500],
    [6, period * threads * 0.2],
    [7, period * threads * 0.8],
    [8, period * cpus],
    [9, period * cpus],
  ];
  for (let i = 0; i < n; i++) {
    const [kind, dur] = plan[i % plan.length];
    const round = Math.floor(i / plan.length);
    const cpu = round % cpus;
    const pid = firstThread + (round % threads);
    aux.start[i] = Math.floor((i / n) * (last - 1000)) + 1000;
    aux.dur[i] = Math.floor(kind >= 8 ? dur * 0.98 : dur * rnd());
    aux.cpu[i] = kind === 6 || kind === 7 ? -1 : cpu;
    aux.kind[i] = kind;
    aux.pid[i] = pid;
    setArg(aux, i, kind === 5 ? (cpu + 1) % cpus : kind === 9 ? 800 + Math.floor(rnd() * 3) * 1000 : pid);
    aux.ret[i] = kind === 5 ? firstThread + Math.floor(rnd() * threads) : 0;
  }
  return aux;
}
