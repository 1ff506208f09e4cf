// SPDX-License-Identifier: BSD-3-Clause
// Small made-up traces, one for each thing that can be seen. Times in the records are seconds; scenes begin at 1 s.

const US = 1e-6;
/** A record: start and duration in microseconds after 1 s. */
const rec = (start, dur, cpu, pid, event, name, { arg = 0, ret = 0, rpc = 0, ipc = 0 } = {}) => [
  1 + start * US,
  Math.max(dur * US, 1e-8),
  cpu,
  pid,
  rpc,
  event,
  arg,
  ret,
  ipc,
  name,
];
const idle = (start, dur, cpu = 0, low = 0) => rec(start, dur, cpu, 0, 65536, low ? '-idlelp-' : '-idle-', { arg: low });
const user = (start, dur, pid = 41, more = {}, cpu = 0) => rec(start, dur, cpu, pid, 65536 + pid, `prog.${pid}`, more);
const call = (start, dur, number, name, more = {}, cpu = 0) => rec(start, dur, cpu, 41, 2048 + number, name, { arg: 3, ...more });
const wait = (start, dur, letter, name, pid = 41) => rec(start, dur, -1, pid, 768 + letter.charCodeAt(0) - 97, name);

/** A row of alternating spans that are far finer than a pixel. */
function fine(cpu, n, shares) {
  const list = [];
  for (let i = 0; i < n; i++) {
    const t = (i * 1000) / n;
    const d = 1000 / n;
    const [a, b] = shares(i / n);
    list.push(user(t, d * a, 41, {}, cpu), call(t + d * a, d * b, 1, 'write', {}, cpu), idle(t + d * (a + b), d * (1 - a - b), cpu));
  }
  return list;
}

/** Ticks each 50 us with amounts of a kind before each; 4 are skipped in the middle. @param {number} kind */
const cellsOf = (kind) => [
  rec(0, 0, 0, 41, 0x230, 'tick_on', { arg: 50000 }),
  ...[3, 40, 900, 700, 5, 0, 12, -1, 60, 2000, 1500, 4, 1, 0, 300].flatMap((arg, i) => {
    const t = (i + (i > 7 ? 5 : 1)) * 50;
    if (arg < 0) return [rec(t + 200, 0, 0, 41, 0x232, 'skipped', { arg: 4 }), rec(t + 200.1, 0, 0, 41, 0x231, 'tick', { arg: 200000 })];
    return [...(arg > 0 ? [rec(t - 10, 0, 0, 41, kind, 'used', { arg })] : []), rec(t, 0, 0, 41, 0x231, 'tick', { arg: 300 })];
  }),
];

/** name: records, header, open groups, toggles, window in microseconds, what is done before the picture. */
export const SCENES = {
  classes: {
    events: [
      call(0, 100, 1, 'write'),
      call(100, 100, 0, 'read'),
      rec(200, 100, 0, 41, 0x5ec, 'local_timer_vector'),
      rec(300, 100, 0, 41, 0x5ff, 'BH:net_rx', { arg: 3 }),
      rec(400, 100, 0, 41, 0x5ff, 'BH:rcu', { arg: 9 }),
      rec(500, 100, 0, 41, 0x40e, 'page_fault'),
      rec(600, 100, 0, 41, 0xdff, '-sched-'),
      user(700, 100),
      user(800, 100, 1000042),
      idle(900, 100),
      idle(1000, 170, 0, 1),
      rec(1170, 30, 0, 0, 0x20000, '-c-exit-'),
    ],
  },
  finer: {
    events: [
      ...fine(0, 4000, () => [0.5, 0.3]),
      ...fine(1, 4000, (k) => [0.9 * k, 0.05]),
      ...fine(2, 500, () => [0.01, 0.002]),
      ...fine(3, 10000, (k) => [0.2, 0.7 * (1 - k)]),
    ],
  },
  waits: {
    open: ['pid'],
    events: [
      user(0, 50),
      ...['c', 'd', 'l', 'm', 'n', 'p', 't', 'k'].map((c, i) => wait(50 + i * 140, 130, c, `wait_${c}`)),
      user(1180, 20),
      user(0, 20, 42),
      wait(20, 1150, 'd', 'wait_disk', 42),
      wait(1180, 6, 'l', 'wait_lock', 42),
    ],
  },
  locks: {
    open: ['pid'],
    events: [
      user(0, 1000),
      rec(100, 500, -1, 41, 0x282, '=first', { arg: 3 }),
      rec(200, 300, -1, 41, 0x282, '=second', { arg: 4 }),
      rec(250, 100, -1, 41, 0x283, '~third', { arg: 5 }),
      rec(700, 200, -1, 41, 0x283, '~first', { arg: 3 }),
    ],
  },
  arcs: {
    open: ['pid'],
    events: [
      user(0, 200),
      user(200, 800, 42),
      idle(0, 400, 1),
      user(400, 600, 43, {}, 1),
      rec(100, 0, 0, 41, 0x206, 'runnable.43', { arg: 43 }),
      rec(100, 300, 0, 41, -3, '-wakeup-', { arg: 1, ret: 43 }),
      rec(600, 200, 1, 43, -3, '-wakeup-', { arg: 0, ret: 42 }),
      rec(450, 100, 0, 42, -7, '-ipi-', { arg: 1 }),
      rec(250, 100, 0, 42, -3, '-wakeup-', { arg: 0, ret: 41 }),
    ],
    select: '-wakeup-',
  },
  marks: {
    events: [
      user(0, 1000),
      rec(50, 0, 0, 41, 0x20a, 'mark_a=begin'),
      rec(250, 0, 0, 41, 0x20a, 'mark_a=/begin'),
      rec(350, 0, 0, 41, 0x20b, 'mark_b=step'),
      rec(500, 0, 0, 41, 0x20c, 'mark_c=middle'),
      rec(600, 0, 0, 41, 0x20d, 'mark_d', { arg: 12345 }),
      ...Array.from({ length: 60 }, (_, i) => rec(750 + i * 3, 0, 0, 41, 0x20a + (i % 2), `mark_${i % 2 ? 'b' : 'a'}=x${i}`)),
    ],
  },
  rpc: {
    open: ['rpc'],
    events: [
      user(0, 400, 41, { rpc: 7 }),
      user(400, 600, 42, { rpc: 8 }),
      rec(10, 0, 0, 41, 0x201, 'read.7', { arg: 7, rpc: 7 }),
      rec(200, 0, 0, 41, 0x203, 'read.7', { arg: 7, rpc: 7 }),
      rec(390, 0, 0, 41, 0x202, 'read.7', { arg: 7, rpc: 7 }),
      rec(420, 0, 0, 42, 0x201, 'write.8', { arg: 8, rpc: 8 }),
      rec(20, 150, 0, 41, 0x204, 'rx.7', { arg: 12000, rpc: 7 }),
      rec(500, 200, 0, 42, 0x205, 'tx.8', { arg: 500, rpc: 8 }),
      rec(750, 0, 0, 42, 0x214, 'rx.0001'),
      rec(800, 0, 0, 42, 0x215, 'tx.0001'),
      rec(850, 0, 0, 42, 0x216, 'urx.1'),
      rec(900, 0, 0, 42, 0x217, 'utx.1'),
      rec(60, 120, -1, -1, 0x21a, 'queue.1', { arg: 2, rpc: 8 }),
    ],
  },
  samples: {
    events: [
      user(0, 500),
      idle(500, 500),
      rec(20, 400, 0, 41, 0x281, 'PC=ffff', { arg: 54618 }),
      rec(430, 40, 0, 41, 0x280, 'PC=4011', { arg: 69 }),
      rec(480, 400, 0, 0, 0x281, 'PC=idle', { arg: 3 }),
      rec(250, 0, 0, 41, 0x208, 'mwait', { arg: 64 }),
      rec(260, 0, 0, 41, 0x21e, 'store', { arg: 1 }),
    ],
  },
  usage: { events: [user(0, 1000), ...cellsOf(0x254)] },
  'usage-model': { events: [user(0, 1000), ...cellsOf(0x26f)] },
  ipc: { toggle: ['ipc'], events: Array.from({ length: 16 }, (_, i) => user(i * 70, 70, 41 + (i % 2), { ipc: i })) },
  llc: { toggle: ['ipc'], header: { flags: 32 }, events: Array.from({ length: 16 }, (_, i) => user(i * 70, 70, 41 + (i % 2), { ipc: i })) },
  both: { toggle: ['ipc'], header: { flags: 160 }, events: Array.from({ length: 16 }, (_, i) => user(i * 70, 70, 41 + (i % 2), { ipc: i })) },
  frequency: { events: [user(0, 900), ...Array.from({ length: 9 }, (_, i) => rec(i * 100, 100, 0, 0, 0x209, '-freq-', { arg: 800 + i * 350 }))] },
  lost: {
    events: [
      call(0, 300, 1, 'write'),
      user(300, 400),
      rec(450, 0, 0, 41, 0x206, 'runnable.9', { arg: 9 }),
      rec(600, 0, 0, 41, 0x213, 'lost', { arg: 1234 }),
      idle(700, 300),
    ],
  },
  zone: { events: [user(0, 1000), idle(0, 1000, 1), rec(300, 200, -1, -1, -6, 'zone')] },
  overhead: { window: [0, 3], events: [user(0, 1), call(1, 0.8, 1, 'write'), rec(1.8, 0.4, 0, 41, 0x5ec, 'timer'), user(2.2, 0.8)] },
  fade: {
    toggle: ['fade'],
    open: ['pid'],
    events: [
      call(0, 300, 1, 'write'),
      user(300, 300),
      idle(600, 200),
      user(800, 200),
      wait(600, 200, 'd', 'wait_disk'),
      rec(400, 0, 0, 41, 0x20a, 'mark_a=here'),
    ],
  },
  found: {
    search: 'write',
    events: [
      call(0, 200, 1, 'write'),
      user(200, 200),
      call(400, 3, 1, 'write'),
      user(403, 297),
      rec(500, 0, 0, 41, 0x20a, 'mark_a=write'),
      idle(700, 300),
    ],
  },
  empty: { events: [] },
  one: { events: [user(0, 10)] },
};
