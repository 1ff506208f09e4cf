// SPDX-License-Identifier: BSD-3-Clause
// Keys on keyboards of every kind: what a layout has on a key, and what is meant by it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { actionOf, KEYS } from './keys.js';
import { chartAction } from '../tabs/frame/tab-keys.js';

const press = (key, code, more = {}) => ({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const does = (...args) => actionOf(press(...args));
const shift = { shiftKey: true };
const altGr = { getModifierState: (name) => name === 'AltGraph' };

test('where a key gives no Latin letter, its place counts', () => {
  for (const [layout, key] of [
    ['Russian', 'ц'],
    ['Greek', 'ς'],
    ['Korean', 'ㅈ'],
    ['Hebrew', "'"],
    ['Arabic', 'ص'],
    ['Thai', 'ไ'],
    ['an input method', 'Process'],
  ])
    assert.equal(does(key, 'KeyW'), 'zoomIn', layout);
  assert.equal(does('а', 'KeyF'), 'fit');
  assert.equal(does('Т', 'KeyN', shift), 'previousMatch');
  assert.equal(does('х', 'BracketLeft'), 'waker');
  assert.equal(does('١', 'Digit1'), 'view:1');
  assert.equal(does('я', 'KeyZ', { ctrlKey: true }), 'undo');
  assert.equal(does('я', 'KeyZ', { metaKey: true }), 'undo');
  assert.equal(does('Я', 'KeyZ', { ctrlKey: true, ...shift }), 'redo');
  assert.equal(chartAction(press('ц', 'KeyW')), 'zoomIn');
});

test('a Latin letter is meant wherever the layout has it', () => {
  assert.equal(does('w', 'KeyZ'), 'zoomIn', 'French');
  assert.equal(does('z', 'KeyW', { ctrlKey: true }), 'undo', 'French');
  assert.equal(does(',', 'KeyW'), 'previous', 'Dvorak');
  assert.equal(does('m', 'Semicolon'), 'menu', 'French');
  assert.equal(does('ü', 'BracketLeft'), undefined, 'German');
});

test('Caps Lock does not make Shift of a letter', () => {
  const locked = { getModifierState: (name) => name === 'CapsLock' };
  assert.equal(does('C', 'KeyC', locked), 'cursor');
  assert.equal(does('c', 'KeyC', { ...locked, ...shift }), 'clearCursors');
});

test('AltGr and Option make characters: signs are meant, letters are no commands', () => {
  assert.equal(does('[', 'Digit8', altGr), 'waker', 'German, Linux');
  assert.equal(does('[', 'Digit8', { ctrlKey: true, altKey: true }), 'waker', 'German, Windows');
  assert.equal(does('{', 'Digit8', { altKey: true }), 'lower', 'German, Mac');
  assert.equal(does('ą', 'KeyA', altGr), undefined, 'Polish');
  assert.equal(does('∑', 'KeyW', { altKey: true }), undefined, 'US, Mac');
  assert.equal(does('≈', 'KeyX', { altKey: true, ...shift }), undefined);
  assert.equal(does('@', 'KeyQ', altGr), undefined, 'German');
  assert.equal(does('w', 'KeyW', { altKey: true }), undefined);
  assert.equal(does('z', 'KeyZ', { ctrlKey: true, altKey: true }), undefined);
  assert.equal(does('ArrowLeft', 'ArrowLeft', { altKey: true }), 'zoomBack');
});

test('Shift and a digit is the key of the digit, but a digit where Shift types it', () => {
  for (const key of ['!', '+', '"', '°']) assert.equal(does(key, 'Digit1', shift), 'save:1');
  assert.equal(does('=', 'Digit0', shift), 'resetAll', 'German');
  assert.equal(does('1', 'Digit1', shift), 'view:1', 'French');
  assert.equal(does('0', 'Digit0', shift), 'full', 'French');
  assert.equal(does('&', 'Digit1'), 'view:1', 'French');
  assert.equal(does('/', 'Digit7', shift), 'search', 'German');
});

test('on no layout does a plain key lose anything', () => {
  const loses = (action) => /^(save|resetAll|clearCursors)/.test(action ?? '');
  const codes = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((c) => `Key${c}`);
  codes.push(
    ...[...'0123456789'].map((c) => `Digit${c}`),
    'Minus',
    'Equal',
    'BracketLeft',
    'BracketRight',
    'Semicolon',
    'Quote',
    'Backquote',
    'Backslash',
    'Comma',
    'Period',
    'Slash',
    'IntlBackslash',
    '',
  );
  const characters = Array.from({ length: 0x500 }, (_, i) => String.fromCodePoint(i + 32));
  for (const code of codes) {
    for (const key of characters) {
      if (/^\p{Lu}$/u.test(key)) continue; // typed with Shift, or the next test's
      for (const more of [{}, altGr, { altKey: true }, { ctrlKey: true, altKey: true }])
        assert.ok(!loses(does(key, code, more)), `${key} on ${code}`);
    }
  }
});

test('every key of the table is there on a US keyboard', () => {
  for (const { keys, action } of KEYS) {
    for (const name of keys) {
      const [key] = name.split('+').filter(Boolean).slice(-1);
      const digit = /^Shift\+(\d)$/.exec(name)?.[1];
      const more = { ctrlKey: name.startsWith('Ctrl+'), altKey: name.startsWith('Alt+'), shiftKey: name.includes('Shift+') };
      assert.equal(digit ? does(')!@#$'[Number(digit)], `Digit${digit}`, shift) : does(name === '+' ? '+' : key, '', more), action, name);
    }
  }
});
