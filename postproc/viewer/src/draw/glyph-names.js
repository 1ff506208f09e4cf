// SPDX-License-Identifier: BSD-3-Clause
// Which entry of the legend a record is drawn as.

import { argOf } from '../format/columns.js';
import { CLASS, EV, SHAPE } from '../format/events.js';
import { overGlyph } from './over/kinds.js';

/** @type {Record<number, string>} */
const BY_CLASS = {
  [CLASS.SYSCALL]: 'syscall',
  [CLASS.IRQ]: 'irq',
  [CLASS.FAULT]: 'fault',
  [CLASS.SCHED]: 'sched',
  [CLASS.USER]: 'user',
  [CLASS.IDLE]: 'idle',
};

/** @param {import('../trace/model.js').Model} model @param {import('./pick.js').Picked|null} picked @returns {string} '' when there is none */
export function glyphOf(model, picked) {
  const s = picked?.selection;
  if (!picked || !s) return '';
  if (picked.extra) return 'shares';
  const { event } = model.kinds[model[s.cols].kind[s.record]];
  if (s.cols === 'exec') {
    const kind = model.exec.kind[s.record];
    if (model.shape[kind] === SHAPE.CEXIT) return 'cexit';
    if (event === EV.IDLE && argOf(model.exec, s.record) === 1) return 'idlelp';
    return BY_CLASS[model.cls[kind]] ?? 'point';
  }
  return overGlyph(model, s.record);
}
