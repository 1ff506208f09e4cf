// SPDX-License-Identifier: BSD-3-Clause
// Which entry of the legend a record is drawn as.

import { argOf } from '../format/columns.js';
import { AUX, CLASS, EV, SHAPE, waitLetter } from '../format/events.js';
import { waitGlyphOf } from './key-entries.js';
import { freqLevel } from './items.js';
import { megahertz } from '../trace/model.js';

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
  const { event, name } = model.kinds[model[s.cols].kind[s.record]];
  if (s.cols === 'exec') {
    const kind = model.exec.kind[s.record];
    if (model.shape[kind] === SHAPE.CEXIT) return 'cexit';
    if (event === EV.IDLE && argOf(model.exec, s.record) === 1) return 'idlelp';
    return BY_CLASS[model.cls[kind]] ?? 'point';
  }
  const { aux } = model;
  switch (model.category[s.record]) {
    case AUX.WAIT:
      return waitGlyphOf(waitLetter(event));
    case AUX.WAKEUP:
      return 'wakeup';
    case AUX.IPI:
      return 'ipi';
    case AUX.SAMPLE:
      return event === EV.PC_K ? 'sample-k' : 'sample-u';
    case AUX.LOCK:
      return event === EV.LOCK_HELD ? 'lock-held' : 'lock-try';
    case AUX.PACKET:
      return event === EV.RX_PKT || event === EV.RX_USER ? 'rx' : 'tx';
    case AUX.MESSAGE:
      return event === EV.RPCIDRXMSG ? 'msg-rx' : 'msg-tx';
    case AUX.RPC:
      return event === EV.RPCIDRESP ? 'rpc-resp' : 'rpc-req';
    case AUX.QUEUED:
      return 'queued';
    case AUX.FREQ: {
      const level = freqLevel(model, megahertz(aux.arg[s.record]));
      return level === 0 ? 'freq-low' : level === 7 ? 'freq-high' : 'freq-mid';
    }
    case AUX.MARK:
      return event === EV.MARKA && /=\//.test(name) ? 'mark-a-end' : `mark-${'abcd'[event - EV.MARKA]}`;
    default:
      return event === EV.LOST ? 'lost' : event === EV.ZONE ? 'zone' : 'point';
  }
}
