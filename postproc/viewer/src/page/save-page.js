// SPDX-License-Identifier: BSD-3-Clause
// Saving this page with its trace, notes and views, and what is shown: the copy opens there. What was opened as span JSON is packed first, once.

import { download, fileStem } from '../kit/dom.js';
import { keptLists } from './export.js';
import { pageWith } from '../load/page-source.js';
import { encodeSource } from '../load/saved-source.js';

/** @param {import('../state/store.js').Store} store @param {() => string} view what is shown, as in the address @param {{note: (text: string) => void, say: (text: string) => void}} words a remark, an error */
export function createSaver(store, view, { note, say }) {
  let saving = false;
  const progress = (/** @type {number} */ share) => {
    note(`Packing the trace: ${Math.round(share * 100)} %`);
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        setTimeout(resolve, 0);
      })
    );
  };
  return async () => {
    const { model } = store.get();
    if (!model || saving) return;
    saving = true;
    try {
      model.source ??= await encodeSource(model, progress);
      // Another trace may have been opened meanwhile: its notes do not belong here.
      const page = store.get().model === model ? pageWith(model.source, { ...keptLists(store.get()), view: view() }) : null;
      if (page) download(page, `${fileStem(model.meta.title)}.html`);
    } catch (e) {
      say(`The copy could not be made: ${/** @type {Error} */ (e).message}`);
    } finally {
      saving = false;
    }
  };
}
