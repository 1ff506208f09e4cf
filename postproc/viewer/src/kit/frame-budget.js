// SPDX-License-Identifier: BSD-3-Clause
// How long the script may work for a frame. The browser needs its own time for what was drawn, which no script can measure before: when
// frames come late the script gets less, and slowly more again when they come in time.

const MOST = 12;
const LEAST = 4;
/** Of a screen of 60 Hz, ms; and frames farther apart do not follow each other. */
const PERIOD = 1000 / 60;
const APART = 250;

/** @returns {(time: number) => number} takes the time of each frame as requestAnimationFrame tells it, gives the ms that it may take */
export function frameBudget() {
  let budget = MOST;
  let last = -Infinity;
  return (time) => {
    const since = time - last;
    last = time;
    if (since > APART) return budget; // the first of several
    budget = since > PERIOD * 1.2 ? Math.max(LEAST, budget - 1) : Math.min(MOST, budget + 0.1);
    return budget;
  };
}
