// SPDX-License-Identifier: BSD-3-Clause
// Sorts many numbers some at a time, so that frames come in between.

/** Numbers sorted at once, and steps of a merge between two looks at the clock. */
const RUN = 16384;

/** Sorts an array in place: step() until done. */
export class SliceSort {
  /** @param {Float64Array} values */
  constructor(values) {
    this.values = values;
    this.other = values.length > RUN ? new Float64Array(values.length) : values;
    /** Length of the runs that are sorted; 0 while they are made. */
    this.run = 0;
    this.at = 0;
    /** Where the merge that goes on stands in its two runs, and its end. */
    this.a = this.b = 0;
    this.done = values.length === 0;
  }

  /** @param {() => number} now @param {number} deadline */
  step(now, deadline) {
    while (!this.done) {
      if (this.run === 0) this.makeRun();
      else this.merge();
      if (now() >= deadline) return;
    }
  }

  makeRun() {
    const { values } = this;
    values.subarray(this.at, this.at + RUN).sort();
    this.at += RUN;
    if (this.at < values.length) return;
    this.run = RUN;
    this.begin(0);
  }

  /** @param {number} at first place of the next two runs */
  begin(at) {
    const { length } = this.values;
    if (at >= length) {
      [this.values, this.other] = [this.other, this.values];
      this.run *= 2;
      at = 0;
    }
    if (this.run >= length) {
      this.done = true;
      return;
    }
    this.at = this.from = this.a = at;
    this.middle = this.b = Math.min(length, at + this.run);
    this.end = Math.min(length, at + 2 * this.run);
  }
  from = 0;
  middle = 0;
  end = 0;

  /** A part of a merge of two runs. */
  merge() {
    const { values, other, middle, end } = this;
    let { a, b, at } = this;
    const stop = Math.min(end, at + RUN);
    while (at < stop) other[at++] = b >= end || (a < middle && values[a] <= values[b]) ? values[a++] : values[b++];
    this.a = a;
    this.b = b;
    this.at = at;
    if (at === end) this.begin(end);
  }
}
