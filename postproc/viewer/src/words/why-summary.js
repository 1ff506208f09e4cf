// SPDX-License-Identifier: BSD-3-Clause
// The sentences that stand above an answer: the cause, how it compares, how the time was spent, and how sure all of it is (those of why_text.cc).

import { keyOfCause } from '../search/why-causes.js';
import { CERTAINTIES } from '../search/why-path.js';
import { durationWords, secondsOf, toNs } from '../trace/time.js';
import { askedWords, causeWords, WhyWords } from './why-words.js';

/** @typedef {import('../search/why-answer.js').Answer} Answer */

/** Of a cause, in words. */
const MOST_DETAILS = 3;

/** A share of all, whose name stands beside it. @param {number} part @param {number} whole */
export function percentWords(part, whole) {
  const share = whole > 0 ? (100 * part) / whole : 0;
  return part > 0 && share < 0.05 ? '<0.1 %' : `${share.toFixed(1)} %`;
}

/** A difference with its sign. @param {number} ns */
export const moreWords = (ns) => (ns > 0 ? `+${durationWords(ns)}` : ns < 0 ? `−${durationWords(-ns)}` : durationWords(0));

/** The cause, in a sentence. @param {Answer} answer */
export function leadWords({ records, path, sums, elapsed, others, named }) {
  const words = new WhyWords(records, path);
  if (named) {
    const actors = words.actors(named);
    const usual = others.known ? `, usually ${durationWords(others.mean(others.typical(keyOfCause(named.cause, named.object))))}` : '';
    const priority = named.cause === 'preempted' ? ' Priorities are not recorded.' : '';
    return `Cause: ${causeWords(named)}${actors && ` (${actors})`}: ${durationWords(named.ns)}${usual}. Of it: ${words.details(named, MOST_DETAILS)}.${priority}`;
  }
  if (!others.known) return 'No single cause: the largest parts are below.';
  const own = sums.find((s) => s.cause === 'computing');
  const more = own ? own.ns - others.mean(others.typical(keyOfCause('computing', ''))) : 0;
  const longer =
    more > Math.trunc(elapsed / 2) ? ` Its own code took ${durationWords(more)} more than usual; it had more to do, or the CPU was slower.` : '';
  return `No cause stands out: all parts are as they usually are, or share what is more.${longer}`;
}

/** How it compares with others of its kind; '' of what has no kind. @param {Answer} answer */
export function kinWords({ elapsed, others }) {
  const count = others.lengths.length;
  if (count === 0) return '';
  if (!others.known) return `Of ${count.toLocaleString('en')} ${others.kind}: too few to say what is usual.`;
  const rank = others.rank(elapsed);
  const place = rank === 1 ? 'The longest' : `Number ${rank.toLocaleString('en')} by length`;
  return `${place} of ${count.toLocaleString('en')} ${others.kind}; the median takes ${durationWords(others.median)}.`;
}

/** How its thread spent the time, and how that is known. @param {Answer} answer */
export function spentWords({ totals, elapsed }) {
  const unseen = totals.unseen > 0 ? ` Of ${durationWords(totals.unseen)} nothing is recorded.` : '';
  const sure = CERTAINTIES.flatMap((name, i) => (totals.certainty[i] > 0 ? [`${percentWords(totals.certainty[i], elapsed)} is ${name}`] : []));
  return `It ran ${durationWords(totals.running)} (${durationWords(totals.stolen)} of that stolen by interrupts), was ready ${durationWords(totals.ready)} and waited ${durationWords(totals.waiting)}.${unseen} Of all this ${sure.join(', ')}.`;
}

/** '' where none was counted. @param {Answer} answer */
export function ipcSentence({ totals, others }) {
  const mean = (/** @type {import('../search/why-causes.js').Ipc} */ { instructions, cycles }) => (instructions / cycles).toFixed(2);
  if (totals.ipc.cycles <= 0) return '';
  const usual = others.typicalIpc.cycles > 0 ? `, usually ${mean(others.typicalIpc)}` : '';
  return `Instructions per cycle in its own code and calls: ${mean(totals.ipc)}${usual}.`;
}

/** A record as one finds it again. @param {import('../trace/why-records.js').WhyRecords} records @param {number} r @returns {{name: string, title: string}} */
export function recordWords(records, r) {
  const where = records.isRun(r) || records.cpu(r) >= 0 ? `CPU ${records.cpu(r)}` : `thread ${records.tid(r)}`;
  const at = `at ${secondsOf(records.model, records.start(r))} s`;
  return { name: `${records.name(r)} on ${where}`, title: `Go to this record: ${where} ${at}, event 0x${(records.event(r) >>> 0).toString(16)}` };
}

/** The whole answer as text. @param {Answer} answer */
export function answerText(answer) {
  const { records, asked, path, elapsed, sums, steps } = answer;
  const { model } = records;
  const words = new WhyWords(records, path);
  const ns = (/** @type {number} */ t) => toNs(model, t);
  return [
    `${askedWords(records, asked)}: ${durationWords(elapsed)}, from ${secondsOf(model, path.from)} to ${secondsOf(model, path.to)} s`,
    ...[leadWords(answer), kinWords(answer), spentWords(answer), ipcSentence(answer)].filter((line) => line !== ''),
    '',
    ...[...sums].sort((a, b) => b.ns - a.ns).map((s) => `${causeWords(s)}\t${s.ns} ns\t${percentWords(s.ns, elapsed)}`),
    '',
    ...steps.map(
      (s, i) =>
        `${i + 1}\t${secondsOf(model, s.from)}\t${ns(s.to) - ns(s.from)} ns\t${words.step(s)}${s.certainty > 0 ? ` (${CERTAINTIES[s.certainty]})` : ''}`,
    ),
    '',
  ].join('\n');
}
