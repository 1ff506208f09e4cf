// SPDX-License-Identifier: BSD-3-Clause
// Part of the States panel: the locks that touch the window, with who tried and who held, and the way to the worst.

import { choiceOf } from '../state/choices.js';
import { button, element } from '../kit/dom.js';
import { LocksJob } from '../trace/locks.js';
import { createRunner } from '../kit/runner.js';
import { lockQuery, percent } from '../words/lock-words.js';
import { makeTable } from '../kit/table.js';
import { durationWords, toNs } from '../trace/time.js';
import { threadWords } from '../trace/lookups.js';

/** @typedef {import('../trace/locks.js').LockRow} LockRow */
/** @typedef {import('../trace/locks.js').Share} Share */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../plan/view.js').Window} Window */

/** What the columns are made of. @param {import('../state/store.js').Store} store */
function columnsOf(store) {
  const model = () => /** @type {Model} */ (store.get().model);
  const words = (/** @type {number} */ t) => (t > 0 ? durationWords(toNs(model(), t)) : '');
  /** @template R @param {string} label @param {string} title @param {(r: R) => number} of @returns {import('../kit/table.js').Column<R>} */
  const time = (label, title, of) => ({ label, title, value: (r) => toNs(model(), of(r)), text: (r) => words(of(r)) });
  /** @template R @param {string} label @param {string} title @param {(r: R) => number} of @returns {import('../kit/table.js').Column<R>} */
  const count = (label, title, of) => ({ label, title, value: of, text: (r) => of(r).toLocaleString('en') });
  return { model, time, count };
}

/** @param {import('../state/store.js').Store} store @param {import('../state/choices.js').Choice} chosen key of the lock that is told @param {(r: LockRow) => void} pick */
function lockTable(store, chosen, pick) {
  const { time, count } = columnsOf(store);
  return makeTable(
    /** @type {import('../kit/table.js').TableOptions<LockRow>} */ ({
      label: 'Locks',
      file: 'locks',
      sort: 2,
      order: choiceOf(store, 'states.lockorder', ''),
      pickTitle: 'Go to its longest try here (or hold), and tell who tried and who held',
      picked: (r) => String(r.lock.key) === chosen.get(),
      pick,
      columns: [
        { label: 'Lock', title: 'Name', value: (r) => r.lock.name, up: true },
        count('Tries', 'Failed attempts, each until the acquisition, that touch this time', (r) => r.tries),
        time('Longest try', 'The longest of them, whole', (r) => r.longestTry),
        time('Tried', 'Time of all tries inside this time, of all threads', (r) => r.waited),
        count('Waiters', 'Threads that tried', (r) => r.waiters.length),
        count('Holds', 'Holds that touch this time', (r) => r.holds),
        time('Held', 'Time in which anybody held it', (r) => r.held),
        time('Longest hold', 'The longest hold, whole', (r) => r.longestHold),
        count('Holders', 'Threads that held it', (r) => r.holders.length),
      ],
    }),
  );
}

/** @param {import('./panels.js').PanelContext} context */
export function makeLocks({ store, actions }) {
  const chosen = choiceOf(store, 'states.lock', '');
  /** @type {Window} */
  let counted = { t0: 0, t1: 1 };
  const { model, time, count } = columnsOf(store);
  const go = (/** @type {number} */ record) => actions.go({ cols: 'aux', record });

  const locks = lockTable(store, chosen, (r) => {
    chosen.set(String(r.lock.key));
    go(r.worst >= 0 ? r.worst : r.worstHold);
    tell();
  });
  const detail = element('div');
  const runner = createRunner();

  /** @type {LockRow[]} */
  let rows = [];
  /** A table of threads with their share of one lock. @param {string} what @param {LockRow} row @param {Share[]} shares @param {boolean} tries */
  function threadTable(what, row, shares, tries) {
    const span = counted.t1 - counted.t0;
    const one = tries ? 'try' : 'hold';
    const table = makeTable(
      /** @type {import('../kit/table.js').TableOptions<Share>} */ ({
        label: what,
        file: tries ? 'lock-waiters' : 'lock-holders',
        sort: 1,
        pickTitle: `Go to its longest ${one} here`,
        pick: (s) => go(s.record),
        columns: [
          { label: 'Thread', title: 'Name and id', value: (s) => threadWords(model(), s.tid), up: true },
          time(tries ? 'Tried' : 'Held', 'Inside this time', (s) => s.time),
          {
            label: '% of time',
            title: `Share of the ${durationWords(toNs(model(), span))} counted`,
            value: (s) => s.time / span,
            text: (s) => percent(s.time, span),
          },
          count(tries ? 'Tries' : 'Holds', 'That touch this time', (s) => s.count),
          time('Longest', 'The longest, whole', (s) => s.longest),
        ],
      }),
    );
    table.show(shares);
    const total = shares.reduce((n, s) => n + s.count, 0);
    const list = button(
      `List all ${total.toLocaleString('en')}`,
      `List every ${one}`,
      () => actions.list(lockQuery(model(), row.lock, tries, counted)),
      {
        class: 'link',
      },
    );
    return [element('h3', {}, `${what} ${row.lock.name}`), table.box, ...(total > 0 ? [list] : [])];
  }

  function tell() {
    const row = rows.find((r) => String(r.lock.key) === chosen.get());
    detail.replaceChildren();
    if (row) {
      const free = counted.t1 - counted.t0 - row.held;
      const unseen =
        row.lock.unseen > 0 ? ` ${row.lock.unseen.toLocaleString('en')} holds of it have no record of their length and count as nobody's.` : '';
      detail.append(
        element(
          'p',
          { class: 'dim' },
          `Nobody held ${row.lock.name} for ${durationWords(toNs(model(), free))}, ${percent(free, counted.t1 - counted.t0)} of this time.${unseen}`,
        ),
        ...threadTable('Who tried', row, row.waiters, true),
        ...threadTable('Who held', row, row.holders, false),
      );
    }
    locks.redraw();
  }

  const box = element('div');
  box.append(locks.box, detail);
  return {
    box,
    /** @param {Window} w */
    show(w) {
      counted = { t0: w.t0, t1: w.t1 };
      runner.run(new LocksJob(model(), counted), (job) => {
        rows = job.rows;
        if (!job.done) return;
        locks.show(rows);
        tell();
      });
    },
    stop: () => runner.cancel(),
    redraw: () => tell(),
  };
}
