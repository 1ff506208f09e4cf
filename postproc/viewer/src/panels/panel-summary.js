// SPDX-License-Identifier: BSD-3-Clause
// Panel: the summary, with which a trace opens. Each entry leads to its record.

import { button, checkbox, copyText, element } from '../kit/dom.js';
import { CLASS } from '../format/events.js';
import { keepOpening, opensWith } from '../state/memory.js';
import { goCall } from './panel-states.js';
import { createRunner } from '../kit/runner.js';
import { SummaryJob } from '../search/summary.js';
import { busyPart, leadWords, machineWords, missingWords, shareWords, summarySections, summaryText } from '../words/summary-words.js';
import { makeTable } from '../kit/table.js';
import { durationWords, exactNs, toNs } from '../trace/time.js';
import { classToken } from '../plan/tokens.js';

/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../search/summary.js').Summary} Summary */
/** @typedef {import('../search/summary.js').CpuTime} CpuTime */

/** Columns of the table, in the order of what a program does. @type {[number, string, string][]} */
const CLASS_COLUMNS = [
  [CLASS.USER, 'User', 'Programs’ own code'],
  [CLASS.SYSCALL, 'Calls', 'System calls'],
  [CLASS.IRQ, 'Intr.', 'Interrupts and the softirqs that they leave'],
  [CLASS.FAULT, 'Fault', 'Page faults and other faults'],
  [CLASS.SCHED, 'Sched.', 'Scheduler'],
  [CLASS.OTHER, 'Other', 'Other kernel code'],
  [CLASS.IDLE, 'Idle', 'Idle'],
];

/** What was counted for a trace. @type {WeakMap<Model, Summary>} */
const known = new WeakMap();

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function summaryPanel(context) {
  const { store, actions } = context;
  return { id: 'summary', title: 'Summary', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    const runner = createRunner();
    return {
      /** @param {import('../state/store.js').State} state @param {Partial<import('../state/store.js').State>} changed */
      update(state, changed) {
        const { model } = state;
        if (!('model' in changed)) return;
        body.classList.add('summary');
        if (!model) {
          body.replaceChildren();
          return;
        }
        const made = known.get(model);
        if (made) fill(body, model, made);
        else {
          body.replaceChildren(element('h2', {}, titleOf(model)), element('p', { class: 'dim' }, `${machineWords(model)}. Being counted …`));
          runner.run(new SummaryJob(model), (job) => {
            if (!job.made || store.get().model !== model) return;
            known.set(model, job.made);
            fill(body, model, job.made);
          });
        }
      },
    };
  }

  /** @param {HTMLElement} body @param {Model} model @param {Summary} s */
  function fill(body, model, s) {
    body.replaceChildren(
      element('h2', {}, titleOf(model)),
      element('p', { class: 'dim' }, machineWords(model)),
      element('p', { class: 'lead' }, leadWords(model, s)),
    );
    const part = busyPart(model, s);
    if (part)
      body.append(button('Show that part', 'Show the part of the trace in which its RPCs lie', () => showPart(model, part), { class: 'wide' }));
    if (s.all.recorded > 0) body.append(heading('CPU time by class', '% of each CPU’s recorded time'), cpuTable(s).box);
    for (const { title, base, entries } of summarySections(model, s)) {
      const list = element('ul', { class: 'entries' });
      list.append(...entries.map((entry) => entryOf(model, entry)));
      body.append(heading(title, base), list);
    }
    body.append(heading('What is missing', ''), missing(context, model), foot(model, s));
  }

  /** @param {Model} model @param {import('../plan/view.js').Window} part */
  function showPart(model, { t0, t1 }) {
    const edge = (t1 - t0) * 0.03;
    actions.show({ t0: Math.max(model.t0, t0 - edge), t1: Math.min(model.t1, t1 + edge) });
  }

  /** @param {Model} model @param {import('../words/summary-words.js').Entry} entry */
  function entryOf(model, { name, time, why, target }) {
    const item = element('li');
    const ns = toNs(model, time);
    const go = button('', `Go to ${name}`, () => goTo(target), { class: 'entry' });
    go.append(element('span', { class: 'name' }, name), element('span', { class: 'time', title: exactNs(ns) }, durationWords(ns)));
    item.append(go, element('p', { class: 'dim' }, why));
    return item;
  }

  /** @param {import('../words/summary-words.js').Target} target */
  function goTo(target) {
    if ('call' in target) goCall(context, target.call);
    else if ('selection' in target) actions.go(target.selection);
    else {
      actions.goRow('pid', target.thread.key);
      if (target.thread.longest >= 0) actions.go({ cols: 'aux', record: target.thread.longest });
    }
  }
}

/** @param {Model} model */
const titleOf = (model) => String(model.meta.title ?? '') || 'kutrace';

/** @param {string} title @param {string} base */
function heading(title, base) {
  const h = element('h3', {}, title);
  if (base) h.append(' ', element('small', { class: 'dim' }, base));
  return h;
}

/** @param {Summary} s */
function cpuTable(s) {
  const columns = CLASS_COLUMNS.filter(([c]) => s.all.sums[c] > 0);
  const table = makeTable(
    /** @type {import('../kit/table.js').TableOptions<CpuTime>} */ ({
      label: 'CPU time by class',
      file: 'cpu-time',
      sort: 0,
      columns: [
        {
          label: 'CPU',
          title: 'Number of the CPU; all together at the end',
          value: (r) => (r.cpu < 0 ? Infinity : r.cpu),
          text: (r) => (r.cpu < 0 ? 'All' : String(r.cpu)),
          csv: (r) => (r.cpu < 0 ? 'All' : r.cpu),
          up: true,
        },
        ...columns.map(([c, label, title]) => ({
          label,
          title: `${title}; % of the CPU’s recorded time`,
          swatch: classToken(c),
          value: (/** @type {CpuTime} */ r) => (r.recorded > 0 ? (r.sums[c] / r.recorded) * 100 : 0),
          text: (/** @type {CpuTime} */ r) => shareWords(r.sums[c], r.recorded),
        })),
      ],
    }),
  );
  table.show(s.cpus.length > 1 ? [...s.cpus, s.all] : s.cpus);
  return table;
}

/** @param {import('./panels.js').PanelContext} context @param {Model} model */
function missing({ store }, model) {
  const { damage, behind } = missingWords(model);
  const box = element('div');
  for (const text of damage) box.append(element('p', { class: 'damage' }, text));
  if (damage.length === 0) box.append(element('p', {}, 'Nothing is known to be lost or damaged.'));
  if (behind) box.append(button(behind, 'What was dropped, repaired or inferred', () => store.set({ panel: 'quality' }), { class: 'link' }));
  return box;
}

/** @param {Model} model @param {Summary} s */
function foot(model, s) {
  const opens = checkbox('do not open with the summary again', 'Holds for all traces; the Summary tab stays', !opensWith('summary'), (on) =>
    keepOpening('summary', !on),
  );
  const copy = button('Copy as text', 'Copy the summary as text', async () => {
    copy.textContent = (await copyText(summaryText(model, s))) ? 'Copied' : 'Copying is not allowed here';
  });
  const box = element('div', { class: 'tools foot' });
  box.append(opens.box, copy);
  return box;
}
