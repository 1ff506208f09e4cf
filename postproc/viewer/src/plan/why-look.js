// SPDX-License-Identifier: BSD-3-Clause
// What a cause looks like in bars and tables: the colour of the class of time or of the wait that it stands for, and a pattern that says it again.

import { CLASS } from '../format/events.js';
import { classToken } from './tokens.js';

/** @typedef {'solid'|'hatched'|'dashed'|'blank'} Pattern runs; is ready; waits; not known */

/** @type {Record<string, [string, Pattern]>} */
const LOOKS = {
  computing: [classToken(CLASS.USER), 'solid'],
  call: [classToken(CLASS.SYSCALL), 'solid'],
  faults: [classToken(CLASS.FAULT), 'solid'],
  interrupts: [classToken(CLASS.IRQ), 'solid'],
  switching: [classToken(CLASS.SCHED), 'solid'],
  preempted: ['var(--w-c)', 'hatched'],
  waking: ['var(--w-c)', 'hatched'],
  lock: ['var(--w-l)', 'dashed'],
  peer: ['var(--w-p)', 'dashed'],
  timer: ['var(--w-t)', 'dashed'],
  disk: ['var(--w-d)', 'dashed'],
  net: ['var(--w-n)', 'dashed'],
  grace: ['var(--w-r)', 'dashed'],
  device: ['var(--w-x)', 'dashed'],
  deferred: ['var(--w-x)', 'dashed'],
  circle: ['var(--w-l)', 'dashed'],
  unknown: ['var(--muted)', 'blank'],
};

/** @param {string} cause @returns {{color: string, pattern: Pattern}} */
export function causeLook(cause) {
  const [color, pattern] = LOOKS[cause] ?? LOOKS.unknown;
  return { color, pattern };
}

/** Causes that have a look of their own. */
export const LOOKED_AT = Object.freeze(Object.keys(LOOKS));
