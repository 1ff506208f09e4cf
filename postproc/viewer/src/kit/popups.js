// SPDX-License-Identifier: BSD-3-Clause
// Menus of the bar: each is opened by the button that controls it, holds controls of its own, and stays while they are used.

/** Room between a menu and the edges of the page, px. */
const EDGE = 6;

/** @param {HTMLElement} bar @returns {{close: () => boolean}} close: false when none was open */
export function connectPopups(bar) {
  /** @type {HTMLElement|null} */
  let open = null;
  /** @param {HTMLElement} popup */
  const buttonOf = (popup) => /** @type {HTMLElement} */ (bar.querySelector(`[aria-controls="${popup.id}"]`));

  /** @param {HTMLElement|null} popup */
  function show(popup) {
    if (open) {
      open.hidden = true;
      buttonOf(open).setAttribute('aria-expanded', 'false');
    }
    open = popup;
    if (!open) return;
    const button = buttonOf(open);
    button.setAttribute('aria-expanded', 'true');
    open.hidden = false;
    const { left, bottom } = button.getBoundingClientRect();
    open.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - open.offsetWidth - EDGE))}px`;
    open.style.top = `${bottom + 4}px`;
    open.style.maxHeight = `${window.innerHeight - bottom - 4 - EDGE}px`;
  }

  /** Takes the keyboard back to the button when it was inside. */
  function close() {
    if (!open) return false;
    const button = buttonOf(open);
    const inside = open.contains(document.activeElement);
    show(null);
    if (inside) button.focus();
    return true;
  }

  for (const popup of /** @type {NodeListOf<HTMLElement>} */ (bar.querySelectorAll('.popup'))) {
    buttonOf(popup).addEventListener('click', () => show(open === popup ? null : popup));
    popup.parentElement?.addEventListener('keydown', (e) => {
      const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
      if (step === 0 || open !== popup) return;
      e.preventDefault();
      e.stopPropagation();
      const items = /** @type {HTMLElement[]} */ ([...popup.querySelectorAll('button:enabled, input')]);
      const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      items[at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length]?.focus();
    });
  }
  document.addEventListener('pointerdown', (e) => {
    if (open && !open.parentElement?.contains(/** @type {Node} */ (e.target))) close();
  });
  window.addEventListener('resize', () => show(null));
  return { close };
}
