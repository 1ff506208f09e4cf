// SPDX-License-Identifier: BSD-3-Clause
// Panel: why what is selected took as long as it did. The answer is that of `kutrace why`; the path lies over the picture while the panel is open.

import { choiceOf } from '../state/choices.js';
import { button, copyText, element, select } from '../kit/dom.js';
import { createRunner } from '../kit/runner.js';
import { makeTable } from '../kit/table.js';
import { Slices } from '../kit/slices.js';
import { withKey } from '../input/keys.js';
import { answerOf, longestOf, recordsOf, subjectsOf } from '../search/why-answer.js';
import { partNs } from '../search/why-causes.js';
import { durationWords, exactNs } from '../trace/time.js';
import { askedWords } from '../words/why-words.js';
import { answerText, ipcSentence, kinWords, leadWords, spentWords } from '../words/why-summary.js';
import { causeBar, causeTable } from './why-causes.js';
import { makeSteps } from './why-steps.js';

/** @typedef {import('../state/store.js').State} State */
/** @typedef {import('../trace/model.js').Model} Model */
/** @typedef {import('../search/why-answer.js').Answer} Answer */
/** @typedef {import('../search/why-answer.js').Subject} Subject */
/** @typedef {import('../search/why-causes.js').Asked} Asked */
/** @typedef {import('../state/actions.js').Actions} Actions */
/** What is shown: an answer, or what one can ask. @typedef {{subjects: Partial<Record<Subject, Asked>>, of: Subject|'', answer: Answer|null, longest: Asked[], records: import('../trace/why-records.js').WhyRecords}} Shown */

/** @type {Record<Subject, string>} */
const SUBJECTS = {
  wait: 'this wait',
  rpc: 'its RPC',
  mark: 'its marks',
  range: 'its thread, in the measured range',
  life: 'its thread, all that is recorded',
};

/** @param {Model} model @param {State} state @param {string} wanted @returns {Generator<number|undefined, Shown, undefined>} */
function* ask(model, { selection, range }, wanted) {
  const records = yield* recordsOf(model);
  const subjects = selection ? subjectsOf(records, selection, range) : {};
  const names = /** @type {Subject[]} */ (Object.keys(subjects));
  const of = names.find((name) => name === wanted) ?? names[0] ?? '';
  const asked = of && subjects[of];
  if (!asked) return { records, subjects, of: '', answer: null, longest: yield* longestOf(records) };
  return { records, subjects, of, answer: yield* answerOf(records, asked), longest: [] };
}

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function whyPanel(context) {
  const { store, actions, say } = context;
  const of = choiceOf(store, 'why.of', '', (v) => v in SUBJECTS);
  return { id: 'why', title: 'Why', mount };

  /** @param {HTMLElement} body */
  function mount(body) {
    body.classList.add('why');
    const runner = createRunner();
    const progress = element('p', { class: 'dim', role: 'status' });
    const content = element('div');
    body.append(element('h2', {}, 'Why'), progress, content);
    /** @type {ReturnType<typeof makeSteps>|null} */
    let steps = null;
    let step = -1;
    let counted = '';

    function compute(/** @type {State} */ state) {
      const { model } = state;
      counted = of.get();
      if (!model) return;
      runner.run(new Slices(ask(model, state, of.get())), (job) => {
        progress.textContent = job.done ? '' : `Being followed … ${Math.floor(job.share * 100)} %`;
        if (!job.made || store.get().model !== model) return;
        show(job.made);
      });
    }

    /** @param {Shown} shown */
    function show({ records, subjects, of: subject, answer, longest }) {
      steps = null;
      step = -1;
      content.replaceChildren();
      if (actions.showAnswer(answer)) say('The rows of threads were opened: the path goes through them.');
      if (!answer) {
        content.append(...introduction(context, of, records, longest));
        return;
      }
      const names = /** @type {Subject[]} */ (Object.keys(subjects));
      if (names.length > 1) {
        const options = names.map((name) => /** @type {[string, string]} */ ([name, SUBJECTS[name]]));
        content.append(select('Of', 'What is asked about', options, subject, (v) => of.set(v)).box);
      }
      content.append(...head(answer, actions));
      steps = makeSteps(answer, {
        go: actions.goStep,
        mark: actions.markStep,
        record: (r) => actions.go(answer.records.selection(r)),
      });
      content.append(...pathHead(answer, actions), steps.list);
    }

    return {
      /** @param {State} state @param {Partial<State>} changed */
      update(state, changed) {
        const asked = 'model' in changed || 'selection' in changed || ('range' in changed && state.selection !== null);
        if (asked || of.get() !== counted) compute(state);
        else if ('why' in changed && state.why && state.why.step !== step) {
          step = state.why.step;
          if (step >= 0) steps?.mark(step);
        }
      },
    };
  }
}

/** What can be asked when nothing is. @param {import('./panels.js').PanelContext} context @param {import('../state/choices.js').Choice} of @param {import('../trace/why-records.js').WhyRecords} records @param {Asked[]} longest */
function introduction({ actions }, of, records, longest) {
  const note = element('p', {}, 'Select an RPC, a mark, a wait or any span of a thread to see where its time went, or choose one of the longest:');
  if (longest.length === 0) return [element('p', {}, 'No thread is recorded here.')];
  const table = makeTable(
    /** @type {import('../kit/table.js').TableOptions<Asked>} */ ({
      label: 'The longest',
      file: 'longest',
      sort: 1,
      pickTitle: 'Ask why it took so long',
      pick: (a) => {
        of.set(a.name === '' ? 'life' : '');
        actions.go(records.selection(a.begin ?? records.thread(a.tid).states[0]));
      },
      columns: [
        { label: 'What', title: 'RPCs, else pairs of marks, else threads', value: (a) => askedWords(records, a), up: true },
        { label: 'Time', title: 'From its beginning to its end', value: (a) => partNs(records, a), text: (a) => durationWords(partNs(records, a)) },
      ],
    }),
  );
  table.show(longest);
  return [note, table.box];
}

/** Title and sentences of an answer, and its time by cause. @param {Answer} answer @param {Actions} actions */
function head(answer, actions) {
  const { records, asked, elapsed } = answer;
  const title = element('h3', { class: 'what' }, askedWords(records, asked));
  const lead = element('p', { class: 'lead' });
  lead.append(element('b', { title: exactNs(elapsed) }, durationWords(elapsed)), ` ${leadWords(answer)}`);
  const lines = [kinWords(answer), spentWords(answer), ipcSentence(answer)].filter((line) => line !== '');
  const by = element('h3', {}, 'Where the time went ');
  by.append(element('small', { class: 'dim' }, `% of ${durationWords(elapsed)}`));
  return [title, lead, ...lines.map((line) => element('p', { class: 'dim' }, line)), by, causeBar(answer), causeTable(answer, actions.goStep)];
}

/** @param {Answer} answer @param {Actions} actions */
function pathHead(answer, actions) {
  const { steps, path } = answer;
  const title = element('h3', {}, `The critical path, ${steps.length.toLocaleString('en')} ${steps.length === 1 ? 'step' : 'steps'} `);
  title.append(element('small', { class: 'dim' }, 'indented: what others did while it waited'));
  const tools = element('div', { class: 'tools' });
  const copy = button('Copy as text', 'Copy this answer with all of its steps as text', async () => {
    copy.textContent = (await copyText(answerText(answer))) ? 'Copied' : 'Copying is not allowed here';
  });
  tools.append(
    button('◀', withKey('Previous step', 'pathBack'), () => actions.walkPath(-1), { 'aria-label': 'Previous step' }),
    button('▶', withKey('Next step', 'pathOn'), () => actions.walkPath(1), { 'aria-label': 'Next step' }),
    button('All of it', 'Show the whole path in the picture', actions.fitPath),
    copy,
  );
  const cut = path.cut
    ? [
        element(
          'p',
          { class: 'damage' },
          'The path has more steps than this page holds: what came before is one part, “not in the trace”. `kutrace why` tells all of it.',
        ),
      ]
    : [];
  return [title, ...cut, tools];
}
