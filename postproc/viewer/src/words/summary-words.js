// SPDX-License-Identifier: BSD-3-Clause
// The summary of a trace in words: each line stands on records, each entry leads to one.

import { CLASS, CLASS_COUNT, EV, waitFor } from '../format/events.js';
import { sumWindow } from '../trace/aggregate.js';
import { tidOf } from '../format/columns.js';
import { percent } from './lock-words.js';
import { heldDuring, lockBook } from '../trace/locks.js';
import { namesRun, stateParts } from './state-words.js';
import { threadRow } from '../trace/thread-runs.js';
import { statesOf } from '../search/thread-states.js';
import { clockWords, durationWords, parseBase, secondsOf, toNs } from '../trace/time.js';
import { doing, idleWords, numberWords } from './wait-words.js';
import { cpuOfSpan, kindOf, threadWords } from '../trace/lookups.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../search/summary.js').Summary} Summary */
/** @typedef {import('../state/store.js').Selection} Selection */
/** @typedef {import('../search/thread-states.js').Call} Call */
/** Where an entry leads. @typedef {{call: Call}|{selection: Selection}|{thread: import('../search/thread-states.js').States}} Target */
/** @typedef {{name: string, time: number, why: string, target: Target}} Entry time: ticks */
/** @typedef {{title: string, base: string, entries: Entry[]}} Section base: of what these are the longest */

/** @param {Model} model @param {number} t ticks */
const words = (model, t) => durationWords(toNs(model, t));
/** @param {number} n @param {string} one @param {string} many */
const times = (n, one, many) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/**
 * What a thread did most of a window, and what most in that.
 * @param {Model} model @param {number} tid @param {import('../search/thread-states.js').States} s @param {import('../plan/view.js').Window} w
 */
function mostly(model, tid, s, w) {
  const [part] = stateParts(s).sort((a, b) => b.time - a.time);
  if (!part) return 'did nothing that a record tells';
  const time = words(model, part.time);
  const wait = /^wait-(.)$/.exec(part.name);
  if (wait) return `waited for ${waitFor(EV.WAITA + wait[1].charCodeAt(0) - 97)} for ${time}`;
  if (part.name === 'ready') return `was ready and had no CPU for ${time}`;
  if (part.name === 'unknown') return `did what no record tells for ${time}`;
  const [most] = namesRun(model, tid, w);
  return `ran for ${time}${most ? `, most in ${most[0]} (${words(model, most[1])})` : ''}`;
}

/** Where most of a call's time went. @param {Model} model @param {Call} c */
export function callWhy(model, c) {
  const whole = c.t1 - c.t0;
  const caller = c.client ? `the caller ${mostly(model, c.tid, c.client, c)}` : `the caller is ${threadWords(model, c.tid)}`;
  if (c.servers.length === 0) return `No server side is recorded; ${caller}.`;
  const inside = whole - c.outside;
  const longest = c.servers.reduce((a, b) => (b.t1 - b.t0 > a.t1 - a.t0 ? b : a));
  const who = threadWords(model, longest.tid);
  if (inside * 2 < whole || !longest.states) return `${caller.replace(/^t/, 'T')}; the server ${who} had it for ${words(model, inside)}.`;
  return `The server ${who} had it for ${words(model, inside)} and ${mostly(model, longest.tid, longest.states, longest)}.`;
}

/** What a thread did between two marks. @param {Model} model @param {import('../search/summary.js').Region} r */
function regionWhy(model, { tid, t0, t1 }) {
  const row = threadRow(model, tid);
  const who = threadWords(model, tid);
  return row ? `${who} ${mostly(model, tid, statesOf(model, row, { t0, t1 }), { t0, t1 })}.` : `Of ${who}.`;
}

/** @param {Model} model @param {import('../search/thread-states.js').States} s */
function threadWhy(model, s) {
  const parts = stateParts(s).filter((p) => p.name === 'ready' || /^wait-[dlm]$/.test(p.name));
  return `${parts
    .map((p) => `${p.label} ${words(model, p.time)}`)
    .join(', ')
    .replace(/^./, (c) => c.toUpperCase())}; it ran for ${words(model, s.running)}.`;
}

/** What else was in interrupts, and what this one came upon. @param {Model} model @param {number} record of exec */
function interruptWhy(model, record) {
  const { exec, cls } = model;
  const cpu = cpuOfSpan(model, record);
  const w = { t0: exec.start[record], t1: exec.start[record] + exec.dur[record] };
  const sums = new Float64Array(CLASS_COUNT);
  const others = model.rows.cpu.filter((row) => {
    if (row.key === cpu || row.n === 0) return false;
    sumWindow(row, exec, cls, w.t0, w.t1, sums);
    return sums[CLASS.IRQ] * 2 >= w.t1 - w.t0;
  });
  const tid = tidOf(exec, record);
  const upon = tid > 0 ? `It interrupted ${threadWords(model, tid)}` : 'The CPU was idle before it';
  if (others.length === 0) return `${upon}.`;
  const list = numberWords(others.map((row) => row.key));
  return `${upon}; CPU${others.length === 1 ? '' : 's'} ${list} ${others.length === 1 ? 'was' : 'were'} in interrupts for half of it or more.`;
}

/** Who held the lock that was waited for. @param {Model} model @param {number} record of aux @param {boolean} tried */
function lockWhy(model, record, tried) {
  const held = tried ? heldDuring(model, record) : null;
  if (!held) {
    const was = doing(model, record);
    return was ? `It slept in ${was.text}; no record tells who held the lock.` : 'No record tells who held the lock.';
  }
  const [most] = held.holders;
  const share = (/** @type {number} */ t) => percent(t, model.aux.dur[record]);
  const nobody = held.free > 0 ? `; no record of a hold for ${share(held.free)}` : '';
  return most
    ? `${threadWords(model, most.tid)} held it for ${words(model, most.time)} of it, ${share(most.time)}, in ${times(most.count, 'hold', 'holds')}${nobody}.`
    : 'Nobody is recorded as holding it meanwhile.';
}

/** @param {Model} model @param {Summary} s @returns {Section} what was slow */
function slowest(model, s) {
  if (s.callCount > 0) {
    return {
      title: 'Slowest RPCs',
      base: `of ${times(s.callCount, 'call', 'calls')}, request to response; median ${words(model, s.callMedian)}`,
      entries: s.calls.map((c) => ({ name: c.label, time: c.t1 - c.t0, why: callWhy(model, c), target: { call: c } })),
    };
  }
  if (s.regionCount > 0) {
    return {
      title: 'Longest between marks',
      base: `of ${times(s.regionCount, 'part', 'parts')} from a mark “name” to “/name”`,
      entries: s.regions.map((r) => ({
        name: r.text,
        time: r.t1 - r.t0,
        why: regionWhy(model, r),
        target: { selection: { cols: 'aux', record: r.record } },
      })),
    };
  }
  return {
    title: 'Threads that hurt most',
    base: `of ${model.rows.pid.length.toLocaleString('en')}: ready without a CPU, or blocked for the disk, a lock or memory`,
    entries: s.threads.map((t) => ({ name: threadWords(model, t.key), time: t.hurt, why: threadWhy(model, t), target: { thread: t } })),
  };
}

/** @param {Model} model @param {string} title @param {import('../search/summary.js').Longest} longest @param {string} base @param {'exec'|'aux'} cols @param {(record: number) => {name: string, why: string}} tell @returns {Section} */
const single = (model, title, longest, base, cols, tell) => ({
  title,
  base,
  entries:
    longest.record < 0
      ? []
      : [{ ...tell(longest.record), time: model[cols].dur[longest.record], target: { selection: { cols, record: longest.record } } }],
});

/** What the trace has of these, in order. @param {Model} model @param {Summary} s @returns {Section[]} */
export function summarySections(model, s) {
  const { aux } = model;
  const sections = [
    slowest(model, s),
    single(model, 'Longest ready without a CPU', s.ready, `of ${times(s.ready.count, 'wait', 'waits')} for a CPU`, 'aux', (r) => ({
      name: threadWords(model, tidOf(aux, r)),
      why: `${idleWords(model, { t0: aux.start[r], t1: aux.start[r] + aux.dur[r] }).replace(/^n/, 'N')}.`,
    })),
    single(model, 'Longest interrupt', s.irq, `of ${times(s.irq.count, 'interrupt', 'interrupts')}, softirqs aside`, 'exec', (r) => ({
      name: `${kindOf(model, { cols: 'exec', record: r }).name}, CPU ${cpuOfSpan(model, r)}`,
      why: interruptWhy(model, r),
    })),
    single(
      model,
      s.tried ? 'Longest try of a lock' : 'Longest sleep for a lock',
      s.lock,
      s.tried ? `of ${times(s.lock.count, 'try', 'tries')}` : `of ${times(s.lock.count, 'sleep', 'sleeps')}; the trace has no tries`,
      'aux',
      (r) => {
        const name = s.tried ? lockBook(model).byKey.get(aux.arg[r])?.name : '';
        return { name: `${name ? `${name}, ` : ''}${threadWords(model, tidOf(aux, r))}`, why: lockWhy(model, r, s.tried) };
      },
    ),
  ];
  return sections.filter((section) => section.entries.length > 0);
}

/** Machine and time of recording. @param {Model} model */
export function machineWords({ meta, rows, nsPerTick, t0 }) {
  const known = (/** @type {unknown} */ text) => (text && text !== '(none)' ? String(text) : '');
  const cpus = rows.cpu.length > 0 ? times(rows.cpu.length, 'CPU', 'CPUs') : '';
  const model = known(meta.cpuModelName);
  const base = parseBase(meta.tracebase);
  const when = base === null ? '' : `recorded ${clockWords(base, toNs({ nsPerTick }, t0), 0)}`;
  return [known(meta.hostName), cpus && model ? `${cpus} (${model})` : cpus || model, known(meta.kernelVersion), when].filter(Boolean).join(', ');
}

/** The trace in one or two sentences. @param {Model} model @param {Summary} s */
export function leadWords(model, s) {
  const records = model.exec.n + model.aux.n;
  const parts = [times(model.rows.pid.length, 'thread', 'threads')];
  if (s.callCount > 0) parts.push(times(s.callCount, 'RPC', 'RPCs'));
  parts.push(times(records, 'record', 'records'));
  const idle = s.all.recorded > 0 ? ` The CPUs were idle for ${percent(s.all.sums[CLASS.IDLE], s.all.recorded)} of their recorded time.` : '';
  const part = busyPart(model, s);
  const calls = part
    ? ` All RPCs lie within ${words(model, part.t1 - part.t0)} from ${Number(secondsOf(model, part.t0)).toFixed(3)} s of the base minute on.`
    : '';
  return `${words(model, model.t1 - model.t0)}: ${parts.join(', ')}.${idle}${calls}`;
}

/** The part of the trace that its RPCs fill, when it is a small one. @param {Model} model @param {Summary} s */
export const busyPart = (model, { callWindow: w }) => (w && w.t1 > w.t0 && (w.t1 - w.t0) * 2 < model.t1 - model.t0 ? w : null);

/** What is missing, damage first; how many repairs and notes stand behind it. @param {Model} model */
export function missingWords(model) {
  const of = (/** @type {string} */ severity) => model.diagnostics.filter((d) => d.severity === severity);
  const sum = (/** @type {import('../format/payload.js').Diagnostic[]} */ list) => list.reduce((n, d) => n + (Number(d.count) || 0), 0);
  const damage = of('damage').map((d) => `${Number(d.count).toLocaleString('en')} ${d.text}`);
  const lost = model.gaps.length;
  if (lost > 0) damage.push(`Something was lost at ${times(lost, 'place', 'places')}, hatched in the picture.`);
  const [repairs, all] = [sum(of('repair')), sum(model.diagnostics)];
  const notes = all - repairs - sum(of('damage'));
  const behind = [repairs > 0 ? times(repairs, 'repair', 'repairs') : '', notes > 0 ? times(notes, 'note', 'notes') : '']
    .filter(Boolean)
    .join(' and ');
  return { damage, behind };
}

/** Share of a time as a number of a table; its base is said above it. @param {number} part @param {number} whole */
export const shareWords = (part, whole) => percent(part, whole).replace(' %', '');

/** The summary as text for the clipboard. @param {Model} model @param {Summary} s */
export function summaryText(model, s) {
  const { damage, behind } = missingWords(model);
  return [
    `${String(model.meta.title ?? '') || 'kutrace'}: ${machineWords(model)}`,
    leadWords(model, s),
    ...summarySections(model, s).flatMap(({ title, base, entries }) => [
      `${title}, ${base}`,
      ...entries.map((e) => `  ${e.name}  ${words(model, e.time)}  ${e.why}`),
    ]),
    ...damage,
    behind,
  ]
    .filter(Boolean)
    .join('\n');
}
