// SPDX-License-Identifier: BSD-3-Clause
// What recording an entry costs, and in how narrow a window it is shown: estimates measured on two kinds of machine.

import { FLAG_IPC } from '../format/events.js';

/** Name of the core of the slow RISC-V board, in cpuModelName. */
const SLOW_CORE = /\bu74\b/i;

/** Nanoseconds an entry, and of the widest window in which it is drawn. @param {Record<string, any>} meta @param {number} flags */
export function overheadOf(meta, flags) {
  if (SLOW_CORE.test(String(meta.cpuModelName ?? '').replaceAll(/[-_]/g, ' '))) return { ns: 400, widest: 40000 };
  return { ns: (flags & FLAG_IPC) !== 0 ? 50 : 20, widest: 8000 };
}
