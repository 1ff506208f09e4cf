// SPDX-License-Identifier: BSD-3-Clause
// Long work as a generator, which yields often: a job that runs between frames.

/** @template T */
export class Slices {
  /** @param {Generator<any, T, undefined>} parts yields after a fraction of a millisecond each; what it yields is kept as `share` if it is a number */
  constructor(parts) {
    this.parts = parts;
    /** What it came to. @type {T|null} */
    this.made = null;
    this.done = false;
    /** How much of it is done, where it tells. */
    this.share = 0;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    while (!this.done) {
      const { done, value } = this.parts.next();
      if (done) {
        this.made = value;
        this.done = true;
        this.share = 1;
      } else if (typeof value === 'number') this.share = value;
      if (now() >= deadline) return;
    }
  }
}

/** All of it at once. @template T @param {Generator<any, T, undefined>} parts @returns {T} */
export function atOnce(parts) {
  for (;;) {
    const { done, value } = parts.next();
    if (done) return value;
  }
}
