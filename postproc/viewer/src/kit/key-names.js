// SPDX-License-Identifier: BSD-3-Clause
// What a key press means, on any keyboard: the name under which the tables of keys have it.

/**
 * What of a KeyboardEvent is looked at.
 * @typedef {{key: string, code?: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey?: boolean, getModifierState?: (name: string) => boolean}} Press
 */

/** Keys that have no letter, with what a US keyboard has there, without Shift and with it: for keyboards of other scripts. @type {Record<string, string>} */
const SIGNS = { Comma: ',<', Period: '.>', Slash: '/?', BracketLeft: '[{', BracketRight: ']}', Backquote: '`~', Minus: '-_', Equal: '=+' };

/** A browser does not know the character: an input method has the key. */
const UNKNOWN = ['Process', 'Unidentified'];

/** @param {string} key */
const isLatin = (key) => /^[a-z]$/i.test(key);

/** The letter, digit or sign at a place of a US keyboard, '' none. @param {string} code KeyboardEvent.code @param {boolean} shift @param {string} key what the layout has there */
function atPlace(code, shift, key) {
  const [, kind, name] = /^(Key|Digit)(.)$/.exec(code) ?? [];
  if (kind === 'Key') return shift ? name : name.toLowerCase();
  // With Shift a digit's key has a name of its own.
  if (kind === 'Digit') return shift ? '' : name;
  return /\p{L}/u.test(key) && !/\p{Script=Latin}/u.test(key) ? (SIGNS[code]?.[shift ? 1 : 0] ?? '') : '';
}

/**
 * Name of a press, as KeyboardEvent.key with Ctrl+ (also for Cmd), Alt+ or Shift+ before it; '' when it means nothing. A character that the tables have
 * is meant as it is, wherever the layout has it, also with AltGr or Option. Where a key gives no Latin letter, its place counts. Shift and a digit is
 * the digit's key, whatever sign the layout has there; where Shift is how a digit is typed it is the digit.
 * @param {Press} press @param {(name: string) => boolean} known whether the tables have a name
 */
export function keyName(press, known) {
  const { key, code = '', ctrlKey, metaKey, altKey, shiftKey: shift = false } = press;
  if (key === 'Escape') return key; // it takes away a box that Ctrl draws, too
  const prints = [...key].length === 1;
  const lockedCase = isLatin(key) && press.getModifierState?.('CapsLock');
  const letter = lockedCase ? (shift ? key.toUpperCase() : key.toLowerCase()) : key;
  // AltGr (Windows tells it as Ctrl+Alt) and Option make other characters: signs are meant, letters are not commands.
  const third = prints && (press.getModifierState?.('AltGraph') || (altKey && !metaKey));
  if (third) return /[\p{L}\p{N}]/u.test(key) ? '' : key;
  if (altKey) return `Alt+${key}`;
  if (ctrlKey || metaKey) return `Ctrl+${shift ? 'Shift+' : ''}${(isLatin(key) ? key : atPlace(code, false, key) || key).toLowerCase()}`;
  if (!prints && !UNKNOWN.includes(key)) return shift && known(`Shift+${key}`) ? `Shift+${key}` : key;
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  if (shift && digit && !/^\d$/.test(key) && known(`Shift+${digit}`)) return `Shift+${digit}`;
  if (known(letter)) return letter;
  if (isLatin(letter)) return letter.toLowerCase();
  return atPlace(code, shift, key);
}
