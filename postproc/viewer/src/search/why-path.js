// SPDX-License-Identifier: BSD-3-Clause
// Where a thread's elapsed time went: from the end backwards through what it did, whom it waited for and what they did meanwhile, holders of
// locks before wakers. The walk of postproc/analysis/why_path.cc, by the same tables; a test compares every part. docs/why.md says what it does.

import { lowerBound } from '../format/bounds.js';
import { EV } from '../format/events.js';
import { WAKER_REASONS, WHY_CALLS, WHY_KINDS, WHY_NUMBERS } from '../format/why-tables.js';
import { NO_RECORD, RUN } from '../trace/why-records.js';

/** @typedef {import('../trace/why-records.js').WhyRecords} WhyRecords */
/** How a part is known, least last. */
export const CERTAINTIES = Object.freeze(['recorded', 'derived', 'inferred', 'unknown']);
const [RECORDED, DERIVED, INFERRED, UNKNOWN] = CERTAINTIES.keys();
/** State of each kind of part. @type {Record<string, string>} */
export const STATE_OF = Object.fromEntries(WHY_KINDS.map(({ id, state }) => [id, state]));

/**
 * A step of the path from a thread that waited to the one that it waited for. The first of a path stands for the thread that was asked for.
 * @typedef {object} Link
 * @property {number} parent link through which the waiting thread came onto the path @property {number} top the first link from there
 * @property {string} kind @property {number} certainty of it and of those that led to it
 * @property {number} tid who waited @property {number} actor for whom
 * @property {string} name lock, or the actor's call @property {string} doing the call in which it waited
 * @property {number} wait record @property {number} other record of the wakeup, acquisition or message
 * @property {number} depth
 */
/**
 * @typedef {object} Part ticks
 * @property {number} from @property {number} to
 * @property {string} kind @property {string} end '' where it is no wait @property {number} certainty
 * @property {number} tid whose time @property {number} cpu of running, and where it ran after being ready; -1 none
 * @property {number} actor who ran instead, who was waited for; -1 none
 * @property {string} name call, interrupt, lock @property {string} doing the call in which it waited or was ready
 * @property {number} record the span or wait @property {number} other what ended it
 * @property {number} link
 */
/** @typedef {{tid: number, from: number, to: number, links: Link[], parts: Part[], cut: boolean}} Path parts in order, without gaps; cut: a limit was reached, the last of its past is one part */
/** @typedef {{tid: number, thread: import('../trace/why-records.js').Thread, record: number, doing: string, link: number}} Wait */
/** A thread whose time in [lo, hi) is still to be told; or a part that stands for it. @typedef {{tid: number, lo: number, hi: number, link: number, entered: boolean, part: Part|null}} Frame */

/** Parts and links that a page holds of one path; what is left then is one part that says so. */
const MOST = 1 << 20;
/** Steps between two looks at the clock. */
const STRIDE = 128;

const listed = (/** @type {string} */ list) => WHY_CALLS.filter(([of]) => of === list).map(([, name]) => name);
const MAKES_THREADS = new Set(listed('makes_threads'));
const HAS_TIMEOUT = new Set(listed('has_timeout'));
const BETWEEN_CPUS = listed('between_cpus');
const REASONS = new Map(WAKER_REASONS);

/** Of thread `tid` in [from, to), from < to. @param {WhyRecords} records @param {number} tid @param {number} from @param {number} to @returns {Generator<undefined, Path, undefined>} */
export function* followPath(records, tid, from, to) {
  const walk = new Walk(records, tid, from, to);
  for (let steps = 1; walk.stack.length > 0; steps++) {
    walk.step();
    if (steps % STRIDE === 0) yield;
  }
  walk.path.parts.reverse();
  return walk.path;
}

class Walk {
  /** @param {WhyRecords} records @param {number} tid @param {number} from @param {number} to */
  constructor(records, tid, from, to) {
    this.r = records;
    /** @type {Link} */
    const first = {
      parent: 0,
      top: 0,
      kind: 'waker',
      certainty: RECORDED,
      tid: -1,
      actor: tid,
      name: '',
      doing: '',
      wait: NO_RECORD,
      other: NO_RECORD,
      depth: 0,
    };
    /** @type {Path} */
    this.path = { tid, from, to, links: [first], parts: [], cut: false };
    /** @type {Frame[]} */
    this.stack = [{ tid, lo: from, hi: to, link: 0, entered: false, part: null }];
    /** Threads that the top of the stack is waited for by: how often. @type {Map<number, number>} */
    this.active = new Map();
  }

  /** @param {Partial<Part> & {tid: number, link: number}} part @param {number} from @param {number} to */
  emit(part, from, to) {
    if (to <= from) return;
    const whole = partOf(part);
    whole.from = from;
    whole.to = to;
    whole.certainty = Math.max(whole.certainty, this.path.links[whole.link].certainty);
    this.path.parts.push(whole);
  }

  step() {
    const top = /** @type {Frame} */ (this.stack.at(-1));
    if (top.part) {
      this.emit(top.part, top.lo, top.hi);
      this.stack.pop();
      return;
    }
    if (this.over(top)) return;
    const { r } = this;
    const { tid, lo, hi, link } = top;
    const unseen = { kind: 'unseen', certainty: UNKNOWN, tid, link };
    if (this.path.parts.length + this.path.links.length >= MOST) {
      this.path.cut = true;
      top.hi = lo;
      this.emit(unseen, lo, hi);
      return;
    }
    const thread = r.thread(tid);
    const at = r.before(thread.states, hi);
    if (at < 0) {
      top.hi = lo;
      this.beforeBirth(tid, thread, link, lo, hi);
      return;
    }
    const record = thread.states[at];
    const end = r.end(record);
    if (end < hi) {
      top.hi = Math.max(end, lo);
      this.emit(unseen, top.hi, hi);
      return;
    }
    const from = Math.max(r.start(record), lo);
    top.hi = from;
    const wait = { tid, thread, record, doing: r.callName(thread.doing[at]), link };
    if (r.isRun(record)) this.running(record, link, from, hi);
    else if (r.isReady(record)) this.ready(wait, thread.states[at + 1] ?? NO_RECORD, from, hi);
    else this.waiting(wait, from, hi);
  }

  /** Enters a frame, and ends it when nothing is left of it or its thread waits for itself. @param {Frame} top */
  over(top) {
    const depth = this.active.get(top.tid) ?? 0;
    if (!top.entered && top.lo < top.hi && depth > 0) {
      const l = this.path.links[top.link];
      this.emit(
        {
          kind: 'circle',
          end: 'circle',
          certainty: DERIVED,
          tid: l.tid,
          actor: top.tid,
          name: l.name,
          doing: l.doing,
          record: l.wait,
          other: l.other,
          link: l.parent,
        },
        top.lo,
        top.hi,
      );
      top.hi = top.lo;
    }
    if (top.lo >= top.hi) {
      if (top.entered) this.active.set(top.tid, depth - 1);
      this.stack.pop();
      return true;
    }
    if (!top.entered) this.active.set(top.tid, depth + 1);
    top.entered = true;
    return false;
  }

  // ---- ends and turns

  /** @param {Wait} wait @param {string} kind @param {string} end @param {number} certainty @param {string} name @param {number} other @param {number} lo @param {number} hi @param {number} [actor] */
  stop(wait, kind, end, certainty, name, other, lo, hi, actor = -1) {
    const { tid, doing, record, link } = wait;
    const part = partOf({ kind, end, certainty, tid, actor, name, doing, record, other, link });
    this.stack.push({ tid, lo, hi, link, entered: false, part });
  }

  /** @param {Wait} wait @param {string} kind @param {number} certainty @param {number} actor @param {string} name @param {number} other @param {number} lo @param {number} hi */
  goTo(wait, kind, certainty, actor, name, other, lo, hi) {
    if (lo >= hi) return;
    const { links } = this.path;
    const id = links.length;
    const parent = links[wait.link];
    links.push({
      parent: wait.link,
      top: wait.link === 0 ? id : parent.top,
      kind,
      certainty: Math.max(certainty, parent.certainty),
      tid: wait.tid,
      actor,
      name,
      doing: wait.doing,
      wait: wait.record,
      other,
      depth: parent.depth + 1,
    });
    this.stack.push({ tid: actor, lo, hi, link: id, entered: false, part: null });
  }

  /** A thread that has done nothing yet: whoever made it leads, if that is recorded. @param {number} tid @param {import('../trace/why-records.js').Thread} thread @param {number} link @param {number} lo @param {number} hi */
  beforeBirth(tid, thread, link, lo, hi) {
    const { r } = this;
    if (thread.states.length > 0) {
      const made = r.wakeup(thread, r.start(thread.states[0]));
      const from = made === NO_RECORD ? NO_RECORD : r.covering(r.cpu(made), r.start(made));
      if (from !== NO_RECORD && r.tid(from) > 0 && r.tid(from) !== tid && MAKES_THREADS.has(r.name(from))) {
        this.goTo({ tid, thread, record: made, doing: '', link }, 'creator', RECORDED, r.tid(from), r.name(from), made, lo, hi);
        return;
      }
    }
    this.emit({ kind: 'unseen', certainty: UNKNOWN, tid, link }, lo, hi);
  }

  // ---- running and ready

  /** @param {number} record @param {number} link @param {number} lo @param {number} hi */
  running(record, link, lo, hi) {
    const { r } = this;
    const run = r.runKind(record);
    const kind = RUNNING[run] ?? 'kernel';
    this.emit(
      {
        kind,
        certainty: r.inferred(record) ? INFERRED : RECORDED,
        tid: r.tid(record),
        cpu: r.cpu(record),
        name: kind === 'user' || kind === 'sched' ? '' : r.name(record),
        record,
        link,
      },
      lo,
      hi,
    );
  }

  /** Nothing records which CPUs' queues it stood in; where it then ran is known, and so is what ran there meanwhile. @param {Wait} wait @param {number} next @param {number} lo @param {number} hi */
  ready(wait, next, lo, hi) {
    const { r } = this;
    const part = partOf({
      kind: 'never_ran',
      tid: wait.tid,
      doing: wait.doing,
      record: wait.record,
      other: r.wakeup(wait.thread, r.start(wait.record)),
      link: wait.link,
    });
    const ran = next !== NO_RECORD && r.isRun(next) && r.start(next) === r.end(wait.record);
    const row = ran ? r.cpuRow(r.cpu(next)) : undefined;
    if (!row) {
      part.certainty = UNKNOWN;
      this.emit(part, lo, hi);
      return;
    }
    part.cpu = row.key;
    for (let record = r.spanBefore(row, hi); hi > lo; record = r.previous(row, record)) {
      const end = record === NO_RECORD ? lo : Math.min(hi, Math.max(lo, r.end(record)));
      if (end < hi) this.emit({ ...part, kind: 'unseen', certainty: UNKNOWN }, end, hi);
      hi = Math.min(hi, end);
      if (record === NO_RECORD) break;
      const from = Math.min(hi, Math.max(lo, r.start(record)));
      this.readyPiece(part, record, from, hi);
      hi = from;
    }
  }

  /** @param {Part} part @param {number} record what ran @param {number} lo @param {number} hi */
  readyPiece(part, record, lo, hi) {
    const { r } = this;
    const run = r.runKind(record);
    const piece = { ...part, other: record };
    if (run === RUN.IRQ || run === RUN.SOFTIRQ) {
      piece.kind = 'behind_irq';
      piece.name = r.name(record);
    } else if (run === RUN.IDLE || r.tid(record) <= 0) {
      piece.kind = 'waking'; // the scheduler that ends an idle time belongs to it
    } else if (run === RUN.SCHED) {
      piece.kind = 'behind_sched';
    } else {
      piece.kind = 'behind';
      piece.actor = r.tid(record);
      piece.name = run === RUN.USER ? '' : r.name(record);
    }
    this.emit(piece, lo, hi);
  }

  // ---- waiting: who leads

  /** A lock's holders one after the other; what nobody held it for is the waker's to tell if it ends the wait. @param {Wait} wait @param {number} lo @param {number} hi */
  waiting(wait, lo, hi) {
    const { r } = this;
    const start = r.start(wait.record);
    const { tries } = wait.thread;
    const tried = tries[lowerBound(0, tries.length, (i) => (tries[i].from > start ? 1 : 0), 1) - 1];
    const open = tried && tried.to > start ? tried : null;
    const holds = open && r.holds.get(open.lock);
    if (!holds) {
      this.lead(wait, lo, hi);
      return;
    }
    let at = lo;
    for (let i = lowerBound(0, holds.length, (k) => (holds[k].to > lo ? 1 : 0), 1); i < holds.length && holds[i].from < hi; i++) {
      const hold = holds[i];
      if (hold.tid === wait.tid || hold.tid <= 0) continue;
      const from = Math.max(hold.from, at);
      const to = Math.min(hold.to, hi);
      if (from > at) this.stop(wait, 'free', 'free', RECORDED, open.name, NO_RECORD, at, from);
      this.goTo(wait, 'lock', DERIVED, hold.tid, open.name, hold.record, from, to);
      at = Math.max(at, to);
    }
    if (at < hi) this.lead(wait, at, hi);
  }

  /** @param {Wait} wait @param {number} lo @param {number} hi */
  lead(wait, lo, hi) {
    const { r } = this;
    const end = r.end(wait.record);
    const wakeup = r.wakeup(wait.thread, end);
    if (wakeup === NO_RECORD) {
      const kind = end >= r.last ? 'open' : 'unwoken';
      this.stop(wait, kind, kind, UNKNOWN, '', NO_RECORD, lo, hi);
      return;
    }
    const from = r.covering(r.cpu(wakeup), r.start(wakeup));
    if (from === NO_RECORD) this.stop(wait, 'unwoken', 'unnamed', UNKNOWN, '', wakeup, lo, hi);
    else this.leadBy(wait, wakeup, from, lo, hi);
  }

  /** @param {Wait} wait @param {number} wakeup @param {number} from the span in which it was sent @param {number} lo @param {number} hi */
  leadBy(wait, wakeup, from, lo, hi) {
    const { r } = this;
    const run = r.runKind(from);
    const tid = r.tid(from);
    if (run === RUN.IRQ) this.interrupt(wait, wakeup, from, lo, hi);
    else if (run === RUN.SOFTIRQ) this.softirq(wait, wakeup, from, lo, hi);
    else if (tid <= 0 || run === RUN.IDLE) this.betweenCpus(wait, wakeup, r.name(from), lo, hi);
    else if (tid === wait.tid) this.stop(wait, 'unwoken', 'unnamed', UNKNOWN, '', wakeup, lo, hi);
    else this.goTo(wait, 'waker', RECORDED, tid, run === RUN.USER ? '' : r.name(from), wakeup, lo, hi);
  }

  /** @param {Wait} wait @param {string} name @param {number} wakeup @param {number} lo @param {number} hi */
  timer(wait, name, wakeup, lo, hi) {
    const own = HAS_TIMEOUT.has(wait.doing);
    this.stop(wait, 'timer', own ? 'own_timer' : 'timer', own ? DERIVED : RECORDED, name, wakeup, lo, hi);
  }

  /** Never on to the thread that it interrupted. @param {Wait} wait @param {number} wakeup @param {number} from @param {number} lo @param {number} hi */
  interrupt(wait, wakeup, from, lo, hi) {
    const { r } = this;
    const name = r.name(from);
    if (REASONS.get(name) === 't') this.timer(wait, name, wakeup, lo, hi);
    else if (BETWEEN_CPUS.some((part) => name.includes(part))) this.betweenCpus(wait, wakeup, name, lo, hi);
    else {
      const kind = r.event(wait.record) === EV.WAITA + 3 ? 'disk' : 'device';
      this.stop(wait, kind, kind, RECORDED, name, wakeup, lo, hi);
    }
  }

  /** The span in which a softirq was raised: of an interrupt, if one ended right before it or before another softirq there. @param {number} softirq */
  raisedIn(softirq) {
    const { r } = this;
    const row = /** @type {import('../trace/model.js').Row} */ (r.cpuRow(r.cpu(softirq)));
    let found = softirq;
    for (let record = r.spanBefore(row, r.start(softirq)); record !== NO_RECORD; ) {
      if (r.end(record) !== r.start(found)) break;
      found = record;
      const run = r.runKind(record);
      const before = r.previous(row, record);
      if (run !== RUN.SOFTIRQ) {
        if (run !== RUN.IRQ || before === NO_RECORD) return record;
        // An interrupt inside a softirq has a piece of it on its other side.
        if (r.end(before) !== r.start(record) || r.runKind(before) !== RUN.SOFTIRQ) return record;
      }
      record = before;
    }
    return NO_RECORD;
  }

  /** @param {Wait} wait @param {number} wakeup @param {number} from @param {number} lo @param {number} hi */
  softirq(wait, wakeup, from, lo, hi) {
    const { r } = this;
    const name = r.name(from);
    const kind = SOFTIRQ_ENDS[REASONS.get(name) ?? ''] ?? 'deferred';
    if (kind === 'timer') this.timer(wait, name, wakeup, lo, hi);
    else if (kind === 'net') {
      const raised = this.raisedIn(from);
      const sent = raised !== NO_RECORD && r.runKind(raised) === RUN.SYSCALL && r.tid(raised) > 0 && r.tid(raised) !== wait.tid;
      if (sent) this.goTo(wait, 'sender', DERIVED, r.tid(raised), r.name(raised), wakeup, lo, hi);
      else this.network(wait, wakeup, name, lo, hi);
    } else this.stop(wait, kind, kind, RECORDED, name, wakeup, lo, hi);
  }

  /** Woken by an interrupt of another CPU: the latest one that was sent there within the wait. @param {Wait} wait @param {number} wakeup @param {string} name @param {number} lo @param {number} hi */
  betweenCpus(wait, wakeup, name, lo, hi) {
    const { r } = this;
    const ipis = r.ipis.get(r.cpu(wakeup)) ?? [];
    const at = ipis[r.beforePoint(ipis, r.start(wakeup) + 1)];
    if (at !== undefined) {
      const sent = r.n + at;
      const from = r.covering(r.cpu(sent), r.start(sent));
      const run = from === NO_RECORD ? RUN.IRQ : r.runKind(from);
      const tid = from === NO_RECORD ? 0 : r.tid(from);
      if (r.start(sent) >= r.start(wait.record) && tid > 0 && tid !== wait.tid && run !== RUN.IRQ && run !== RUN.SOFTIRQ) {
        this.goTo(wait, 'ipi', DERIVED, tid, r.name(from), sent, lo, hi);
        return;
      }
    }
    this.stop(wait, 'unwoken', 'ipi', UNKNOWN, name, wakeup, lo, hi);
  }

  /**
   * The latest message with the hash of what the thread received first when it ran again, sent by another thread before it was woken and not
   * received by this one before. @param {Wait} wait @param {number} woken
   */
  messageFor(wait, woken) {
    const { r } = this;
    const { received, states } = wait.thread;
    const at = r.beforePoint(received, woken) + 1;
    if (at >= received.length) return NO_RECORD;
    const { start, arg } = r.model.aux;
    const receive = received[at];
    // Behind the next wait it is another message.
    for (let i = r.before(states, start[receive]); i >= 0 && r.start(states[i]) >= woken; i--) {
      if (!r.isRun(states[i]) && !r.isReady(states[i])) return NO_RECORD;
    }
    const sent = r.sent.get(arg[receive]);
    if (!sent) return NO_RECORD;
    const from = Math.max(0, at - WHY_NUMBERS.look_back);
    const earlier = received.slice(from, at).findLast((k) => arg[k] === arg[receive]);
    const used = earlier === undefined ? -Infinity : start[earlier];
    const last = r.beforePoint(sent, woken);
    for (let i = last; i >= 0 && i > last - WHY_NUMBERS.look_back; i--) {
      const record = r.n + sent[i];
      if (r.start(record) < used) break;
      if (r.tid(record) !== wait.tid && r.tid(record) > 0) return record;
    }
    return NO_RECORD;
  }

  /** @param {Wait} wait @param {number} wakeup @param {string} name @param {number} lo @param {number} hi */
  network(wait, wakeup, name, lo, hi) {
    const { r } = this;
    const message = this.messageFor(wait, r.start(wakeup));
    if (message === NO_RECORD) {
      this.stop(wait, 'net', 'net', RECORDED, name, wakeup, lo, hi);
      return;
    }
    const sent = Math.min(hi, Math.max(lo, r.start(message)));
    this.goTo(wait, 'message', DERIVED, r.tid(message), '', message, lo, sent);
    this.stop(wait, 'net', 'wire', DERIVED, name, wakeup, sent, hi, r.tid(message));
  }
}

/** Kind of a part of a thread that runs; else it is `kernel`. @type {Record<number, string>} */
const RUNNING = { [RUN.USER]: 'user', [RUN.IRQ]: 'irq', [RUN.SOFTIRQ]: 'softirq', [RUN.SCHED]: 'sched' };
/** By the letter of what a softirq tells. @type {Record<string, string>} */
const SOFTIRQ_ENDS = { t: 'timer', d: 'disk', r: 'grace', n: 'net' };

/** @param {Partial<Part> & {tid: number, link: number}} part @returns {Part} */
const partOf = (part) => ({
  from: 0,
  to: 0,
  kind: 'unseen',
  end: '',
  certainty: RECORDED,
  cpu: -1,
  actor: -1,
  name: '',
  doing: '',
  record: NO_RECORD,
  other: NO_RECORD,
  ...part,
});
