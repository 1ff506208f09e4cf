// SPDX-License-Identifier: BSD-3-Clause
// Sentences about where time went, those of postproc/analysis/why_steps.cc and why_text.cc; the words stand in one table for both.

import { WHY_CAUSES, WHY_ENDS, WHY_KINDS, WHY_LINKS } from '../format/why-tables.js';
import { detailsOf, partNs } from '../search/why-causes.js';
import { durationWords } from '../trace/time.js';
import { NO_RECORD } from '../trace/why-records.js';

/** @typedef {import('../trace/why-records.js').WhyRecords} WhyRecords */
/** @typedef {import('../search/why-path.js').Link} Link */
/** @typedef {import('../search/why-path.js').Part} Part */
/** @typedef {import('../search/why-causes.js').Sum} Sum */
/** @typedef {import('../search/why-answer.js').Answer} Answer */
/** @typedef {import('../search/why-answer.js').Step} Step */

const KIND_WORDS = Object.fromEntries(WHY_KINDS.map(({ id, words }) => [id, words]));
const CAUSE_WORDS = Object.fromEntries(WHY_CAUSES.map(({ id, words }) => [id, words]));
/** Of a step, in words. */
const SHARES = 3;

/** Lengths by name: the longest as words, of the others only the sum. @param {Iterable<[string, number]>} list @param {number} most @param {(ns: number) => string} length */
function shareWords(list, most, length) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const [name, ns] of list) sums.set(name, (sums.get(name) ?? 0) + ns);
  const order = [...sums].sort((a, b) => b[1] - a[1]);
  const rest = order.slice(most).reduce((sum, [, ns]) => sum + ns, 0);
  const text = order
    .slice(0, most)
    .map(([name, ns]) => `${name} ${length(ns)}`)
    .join(', ');
  return rest > 0 ? `${text}, else ${length(rest)}` : text;
}

export class WhyWords {
  /** @param {WhyRecords} records @param {import('../search/why-path.js').Path} path @param {(ns: number) => string} [length] */
  constructor(records, path, length = durationWords) {
    this.r = records;
    this.path = path;
    this.length = length;
  }

  /** @param {string} words @param {number} actor @param {string} name @param {number} [cpu] */
  fill(words, actor, name, cpu = -1) {
    // One pass: a name may hold what looks like a place.
    return words.replaceAll(/\{(actor|name|cpu)\}/g, (_, what) =>
      what === 'actor' ? this.r.threadName(actor) : what === 'name' ? name || 'its own code' : String(cpu),
    );
  }

  /** @param {Link} l */
  link(l) {
    return `${this.r.threadName(l.tid)} waited${inCall(l.doing)} ${this.fill(WHY_LINKS[l.kind], l.actor, l.name)}`;
  }

  /** What a cause consists of most. @param {Sum} sum @param {number} most */
  details(sum, most) {
    return shareWords(
      detailsOf(sum).map((d) => [`${this.r.threadName(d.tid)} ${this.fill(KIND_WORDS[d.kind], d.actor, d.name)}`, d.ns]),
      most,
      this.length,
    );
  }

  /** Who is behind a cause, where the path leaves the thread that was asked for. @param {Sum} sum */
  actors({ cause, actors }) {
    const list = [...actors].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    if (list.length === 0) return '';
    const [tid, ns] = list[0];
    const how = cause === 'lock' ? 'held by ' : '';
    const who = this.r.threadName(tid);
    return list.length === 1 ? how + who : `${how}${list.length} threads in turn, longest ${who} ${this.length(ns)}`;
  }

  /** @param {Step} step */
  step(step) {
    const part = this.path.parts[step.first];
    const who = this.r.threadName(step.tid);
    if (step.state === 'running') return `${who} ran on CPU ${step.cpu}: ${this.shares(step)}`;
    if (step.state === 'ready') return who + this.ready(step, part);
    if (step.state === 'waiting') {
      const cpu = part.other === NO_RECORD ? -1 : this.r.cpu(part.other);
      return `${who} waited${inCall(part.doing)} ${this.fill(WHY_ENDS[part.end], part.actor, part.name, cpu)}`;
    }
    return `nothing is recorded of ${who}: it was on no CPU`;
  }

  /** @param {Step} step */
  shares({ first, count }) {
    const parts = this.path.parts.slice(first, first + count);
    return shareWords(
      parts.map((p) => [this.shareName(p), partNs(this.r, p)]),
      SHARES,
      this.length,
    );
  }

  /** @param {Part} part */
  shareName({ kind, name, actor }) {
    if (kind === 'user') return 'its own code';
    if (kind === 'irq') return `interrupt ${name}`;
    if (kind === 'softirq') return `softirq ${name}`;
    if (kind === 'sched' || kind === 'behind_sched') return 'switching';
    if (kind === 'behind') return `${this.r.threadName(actor)}${name === '' ? '' : ` in ${name}`}`;
    return kind === 'waking' ? 'idle, not yet awake' : name;
  }

  /** @param {Step} step @param {Part} part */
  ready(step, part) {
    const { r } = this;
    if (part.kind === 'never_ran') return ' was ready and did not run before the trace ended';
    const idle = r.model.rows.cpu
      .filter((row) => row.n > 0 && row.key !== step.cpu && r.idle(row, step.from, step.to) * 2 > step.to - step.from)
      .map((row) => row.key);
    const meanwhile = idle.length > 0 ? `; idle meanwhile: CPU ${idle.join(', ')}` : '';
    const awake = step.records.length === 1 && step.from === r.start(part.record) ? '; it was not asleep before' : '';
    return ` was ready; CPU ${step.cpu}, where it then ran: ${this.shares(step)}${meanwhile}${awake}`;
  }
}

/** @param {string} doing */
const inCall = (doing) => (doing === '' ? '' : ` in ${doing}`);

/** @param {{cause: string, object: string}} sum */
export const causeWords = ({ cause, object }) => CAUSE_WORDS[cause].replace('{object}', () => object || '-');

/** "RPC 58512 (read) of thread client.75" @param {WhyRecords} records @param {import('../search/why-causes.js').Asked} asked */
export function askedWords(records, { tid, rpc, name }) {
  const thread = `thread ${records.threadName(tid)}`;
  if (rpc !== 0) return `RPC ${rpc} (${name}) of ${thread}`;
  return name === '' ? thread : `marks ${name} to /${name} of ${thread}`;
}
