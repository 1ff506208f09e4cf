// SPDX-License-Identifier: BSD-3-Clause
// Panel: the legend, in which what is under the pointer is lit.

import { element } from '../kit/dom.js';
import { paletteName } from '../plan/colors.js';
import { glyphOf } from '../draw/glyph-names.js';
import { fillLegend } from './legend.js';

/** @param {import('./panels.js').PanelContext} context @returns {import('./panels.js').Panel} */
export function legendPanel({ view }) {
  return {
    id: 'legend',
    title: 'Legend',
    mount(body) {
      const under = element('p', { class: 'under', 'aria-live': 'polite' }, 'Point at the picture: what is there is named here.');
      const legend = element('div');
      body.append(element('h2', {}, 'Legend'), under, legend);
      let last = '';
      return {
        update(state, changed) {
          if ('model' in changed || 'theme' in changed || 'safe' in changed) fillLegend(legend, paletteName(state.theme, state.safe));
          const { model, pointer } = state;
          const id = model && pointer ? glyphOf(model, view.pickAt(pointer.x, pointer.y)) : '';
          if (id === last || id === '') return;
          legend.querySelector('.lit')?.classList.remove('lit');
          const figure = legend.querySelector(`[data-glyph="${id}"]`);
          figure?.classList.add('lit');
          figure?.scrollIntoView({ block: 'nearest' });
          if (figure) under.textContent = `Under the pointer: ${figure.textContent}`;
          last = id;
        },
      };
    },
  };
}
