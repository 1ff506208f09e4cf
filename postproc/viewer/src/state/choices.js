// SPDX-License-Identifier: BSD-3-Clause
// What the user chose inside the panels: short words by name, in the store and so in the address.

/** @typedef {Record<string, string>} Choices name: value; what is as usual is absent */
/** @typedef {{get: () => string, set: (value: string) => void}} Choice */

const NAME = /^[a-z]{1,20}\.[a-z]{1,20}$/;
const LONGEST = 100;
const MOST = 40;

/** @param {import('./store.js').Store} store @param {string} name of the panel, a dot, and of the choice @param {string} usual @param {(value: string) => boolean} [sound] @returns {Choice} */
export function choiceOf(store, name, usual, sound = () => true) {
  return {
    get: () => {
      const value = store.get().choices[name];
      return value !== undefined && sound(value) ? value : usual;
    },
    set: (value) => {
      const { [name]: _, ...rest } = store.get().choices;
      store.set({ choices: value === usual ? rest : { ...rest, [name]: value } });
    },
  };
}

/** Puts choices into the parts of an address. @param {Choices} choices @param {(key: string, value: string) => void} put */
export function writeChoices(choices, put) {
  for (const name of Object.keys(choices).sort()) put(`p.${name}`, choices[name]);
}

/** @param {URLSearchParams} parts @returns {Choices} */
export function readChoices(parts) {
  const found = [...parts].filter(([key, value]) => key.startsWith('p.') && NAME.test(key.slice(2)) && value.length <= LONGEST).slice(0, MOST);
  return Object.fromEntries(found.map(([key, value]) => [key.slice(2), value]));
}
