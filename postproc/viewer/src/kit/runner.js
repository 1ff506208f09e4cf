// SPDX-License-Identifier: BSD-3-Clause
// Runs a long job in slices between frames. The first slice runs at once, so that first results show with the key that asked.

/** @typedef {{done: boolean, step: (now: () => number, deadline: number) => void}} Job */

const FIRST_MS = 3;
const SLICE_MS = 10;
const PUBLISH_MS = 80;

/** One lane: starting a job ends the one before. */
export function createRunner() {
  let turn = 0;
  const now = () => performance.now();
  return {
    /** @template {Job} T @param {T} job @param {(job: T) => void} publish after the first slice, now and then, and at the end */
    run(job, publish) {
      const mine = ++turn;
      job.step(now, now() + FIRST_MS);
      publish(job);
      let last = now();
      // Short slices until the first results are drawn: the frame may be due in any of them.
      let slice = FIRST_MS;
      requestAnimationFrame(() =>
        setTimeout(() => {
          slice = SLICE_MS;
        }, 0),
      );
      const go = () => {
        if (mine !== turn || job.done) return;
        job.step(now, now() + slice);
        if (job.done || now() - last >= PUBLISH_MS) {
          publish(job);
          last = now();
        }
        setTimeout(go, 0);
      };
      if (!job.done) setTimeout(go, 0);
    },
    cancel() {
      turn++;
    },
  };
}
