// SPDX-License-Identifier: BSD-3-Clause
// A list of numbers that grows, and the longest of many records.

export class IntList {
  constructor() {
    this.data = new Uint32Array(0);
    this.n = 0;
  }

  /** @param {number} v */
  push(v) {
    if (this.n === this.data.length) {
      const more = new Uint32Array(Math.max(64, this.n * 2));
      more.set(this.data);
      this.data = more;
    }
    this.data[this.n++] = v;
  }

  view() {
    return this.data.subarray(0, this.n);
  }
}

/** The `limit` records of longest duration among those added. */
export class Longest {
  /** @param {number} limit */
  constructor(limit) {
    this.limit = limit;
    /** @type {{cols: 'exec'|'aux', record: number, dur: number}[]} */
    this.kept = [];
    /** Only longer ones are worth adding. */
    this.least = -1;
  }

  /** @param {'exec'|'aux'} cols @param {number} record @param {number} dur */
  add(cols, record, dur) {
    this.kept.push({ cols, record, dur });
    if (this.kept.length >= this.limit * 2) this.trim();
  }

  trim() {
    this.kept.sort((a, b) => b.dur - a.dur);
    if (this.kept.length < this.limit) return;
    this.kept.length = this.limit;
    this.least = this.kept[this.limit - 1].dur;
  }

  /** Longest first. @returns {import('../state/store.js').Selection[]} */
  sorted() {
    this.trim();
    return this.kept.map(({ cols, record }) => ({ cols, record }));
  }
}
