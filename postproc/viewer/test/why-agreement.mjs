// SPDX-License-Identifier: BSD-3-Clause
// Answers of the page in the words of `kutrace why --json`, so that a test can compare all of both.

import assert from 'node:assert/strict';
import { atOnce } from '../src/kit/slices.js';
import { answerOf, lifeOf, recordsOf } from '../src/search/why-answer.js';
import { keyOfCause } from '../src/search/why-causes.js';
import { CERTAINTIES } from '../src/search/why-path.js';
import { toNs } from '../src/trace/time.js';
import { NO_RECORD } from '../src/trace/why-records.js';
import { askedWords, causeWords, WhyWords } from '../src/words/why-words.js';

/** A length as the programs write it. @param {number} ns */
function programLength(ns) {
  const parts = (/** @type {number} */ n) => `${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, '0')}`;
  if (ns < 1000) return `${ns} ns`;
  return ns < 1e6 ? `${parts(ns)} us` : `${parts(Math.floor(ns / 1000) + (ns % 1000 >= 500 ? 1 : 0))} ms`;
}

const ipcText = ({ instructions, cycles }) => (cycles > 0 ? Number((instructions / cycles).toFixed(6)) : null);

/** The same object as the programs' JSON of an answer. @param {import('../src/search/why-answer.js').Answer} answer */
export function asJson({ records: r, asked, path, elapsed, sums, totals, others, named, steps }) {
  const { model } = r;
  const words = new WhyWords(r, path, programLength);
  const ns = (t) => toNs(model, t);
  const times = ({ from, to }) => ({ ts: ns(from), dur: ns(to) - ns(from) });
  const record = (i) => (i === NO_RECORD ? null : { ts: ns(r.start(i)), cpu: r.cpu(i), tid: r.tid(i), event: r.event(i) });
  const key = ({ cause, object }) => keyOfCause(cause, object);
  const known = others.known && {
    rank: others.rank(elapsed),
    median_ns: others.median,
    typical: others.typicalCount,
    typical_sum_ns: others.typicalElapsed,
    typical_ipc: ipcText(others.typicalIpc),
  };
  return {
    of: askedWords(r, asked),
    tid: asked.tid,
    rpc: asked.rpc,
    name: asked.name,
    ts: ns(path.from),
    dur: elapsed,
    totals: {
      running: totals.running,
      ready: totals.ready,
      waiting: totals.waiting,
      unseen: totals.unseen,
      stolen: totals.stolen,
      ...Object.fromEntries(CERTAINTIES.map((name, i) => [name, totals.certainty[i]])),
      ipc: ipcText(totals.ipc),
    },
    others: { kind: others.kind, count: others.lengths.length, known: others.known, ...known },
    cause: named && {
      cause: named.cause,
      object: named.object,
      words: causeWords(named),
      actors: words.actors(named),
      details: words.details(named, 3),
      ns: named.ns,
    },
    sums: sums.map((s) => ({
      cause: s.cause,
      object: s.object,
      words: causeWords(s),
      ns: s.ns,
      typical_sum_ns: others.typical(key(s)),
      usual_most_ns: others.usualMost(key(s)),
    })),
    links: path.links.slice(1).map((l) => ({
      kind: l.kind,
      certainty: CERTAINTIES[l.certainty],
      parent: l.parent,
      depth: l.depth,
      tid: l.tid,
      actor: l.actor,
      text: words.link(l),
      wait: record(l.wait),
      by: record(l.other),
    })),
    steps: steps.map((s) => ({
      ...times(s),
      tid: s.tid,
      cpu: s.cpu,
      state: s.state,
      link: s.link,
      certainty: CERTAINTIES[s.certainty],
      text: words.step(s),
      records: s.records.map(record),
    })),
    parts: path.parts.map((p) => ({
      ...times(p),
      kind: p.kind,
      tid: p.tid,
      cpu: p.cpu,
      actor: p.actor,
      name: p.name,
      certainty: CERTAINTIES[p.certainty],
      link: p.link,
    })),
  };
}

/** Every answer of the programs is the page's, to the nanosecond. @param {import('../src/trace/model.js').Model} model @param {{answers: any[]}} said by the programs */
export function assertSameAnswers(model, said) {
  assert.ok(said.answers.length > 0);
  const records = atOnce(recordsOf(model));
  for (const want of said.answers) {
    const asked = records.windows.find((w) => w.tid === want.tid && w.rpc === want.rpc && w.name === want.name && toNs(model, w.from) === want.ts);
    const answer = atOnce(answerOf(records, asked ?? lifeOf(records, want.tid)));
    assert.deepEqual(asJson(answer), want);
  }
}
