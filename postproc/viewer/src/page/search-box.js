// SPDX-License-Identifier: BSD-3-Clause
// The search box: query, result line, steps, inversion, recent searches and the list of terms.

import { byId } from './controls.js';
import { button, element } from '../kit/dom.js';
import { withKey } from '../input/keys.js';
import { resultWords } from '../panels/panel-results.js';
import { parseTimeJump, QUERY_KEYS, timeText } from '../search/query.js';
import { keepSearches, recallSearches, SEARCHES_KEPT } from '../state/memory.js';

/** @typedef {import('../state/store.js').Store} Store */
/** @typedef {import('../state/actions.js').Actions} Actions */

const RECENT_SHOWN = 7;

/** @param {Store} store @param {Actions} actions @param {Record<string, () => void>} commands */
export function connectSearch(store, actions, commands) {
  const input = /** @type {HTMLInputElement} */ (byId('search'));
  const result = byId('search-result');
  const help = byId('search-help');
  const invert = byId('search-invert');
  const isolate = byId('search-isolate');
  byId('search-previous').title = withKey('Previous match', 'previousMatch');
  byId('search-next').title = withKey('Next match', 'nextMatch');
  input.title = withKey('Search the whole trace: text, /regex/ or terms such as dur>10us', 'search');
  /** @type {string[]} */
  let recent = recallSearches();

  const fillHelp = () => {
    const shown = recent.filter((r) => r !== input.value && r.toLowerCase().includes(input.value.toLowerCase())).slice(0, RECENT_SHOWN);
    const use = (/** @type {() => string} */ text) => () => {
      actions.search(text());
      fillHelp();
      input.focus();
    };
    help.replaceChildren();
    if (shown.length > 0)
      help.append(
        element('h3', {}, 'Searched lately'),
        ...shown.map((r) =>
          button(
            r,
            'Search for this again',
            use(() => r),
            { class: 'recent' },
          ),
        ),
      );
    help.append(element('h3', {}, 'Terms, joined by blanks; a leading hyphen excludes'));
    for (const [key, text, example] of QUERY_KEYS) {
      const b = button(
        '',
        `Add ${example}`,
        use(() => `${input.value} ${example}`.trim()),
        { class: 'term', 'data-term': key },
      );
      b.append(element('kbd', {}, example), element('span', { class: 'dim' }, ` ${text}`));
      help.append(b);
    }
  };
  const openHelp = (/** @type {boolean} */ on) => {
    help.hidden = !on;
    byId('search-terms').setAttribute('aria-expanded', String(on));
    if (on) fillHelp();
  };
  byId('search-terms').addEventListener('click', () => openHelp(help.hidden === true));
  document.addEventListener('pointerdown', (e) => {
    if (!byId('search-box').contains(/** @type {Node} */ (e.target))) openHelp(false);
  });

  input.addEventListener('input', () => {
    if (input.value.includes('@@')) input.value = input.value.replace('@@', shownTime());
    actions.search(input.value);
    if (!help.hidden) fillHelp();
  });
  input.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter') return;
    e.preventDefault();
    keep(input.value);
    if (actions.jumpToTime(input.value)) return;
    actions.match(!e.shiftKey);
  });
  byId('search-previous').addEventListener('click', () => actions.match(false));
  byId('search-next').addEventListener('click', () => actions.match(true));
  invert.addEventListener('click', () => actions.search(input.value.startsWith('!') ? input.value.slice(1) : `!${input.value}`));
  isolate.addEventListener('click', () => commands.isolate());
  result.addEventListener('click', () => {
    if (store.get().search) store.set({ panel: 'results' });
  });

  /** The window as a time to type. */
  function shownTime() {
    const { model, window } = store.get();
    return model ? timeText((window.t0 * model.nsPerTick) / 1e9, (window.t1 * model.nsPerTick) / 1e9) : '';
  }

  /** @param {string} text */
  function keep(text) {
    if (text.trim() === '') return;
    recent = [text, ...recent.filter((r) => r !== text)].slice(0, SEARCHES_KEPT);
    keepSearches(recent);
  }

  store.subscribe((state, changed) => {
    if (!('search' in changed) && !('query' in changed) && !('isolate' in changed)) return;
    const { search, model, query } = state;
    if (input.value !== query) input.value = query;
    const error = search?.error ?? '';
    result.classList.toggle('error', error !== '');
    if (error) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    byId('search-tools').hidden = query === '';
    const jump = parseTimeJump(query);
    result.textContent = jump && !search ? 'a time: Enter goes there' : search && model ? error || resultWords(model, search) : '';
    invert.setAttribute('aria-pressed', String(query.startsWith('!')));
    invert.title = `Find what does not match: ${query.startsWith('!') ? 'on' : 'off'}`;
    isolate.setAttribute('aria-pressed', String(state.isolate));
    isolate.title = `${withKey('Isolate: grey what does not match', 'isolate')}: ${state.isolate ? 'on' : 'off'}`;
  });
  return {
    focus: () => {
      input.focus();
      input.select();
    },
    clear: () => {
      actions.search('');
      openHelp(false);
      input.blur();
    },
  };
}
