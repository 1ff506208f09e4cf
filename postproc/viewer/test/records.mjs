// SPDX-License-Identifier: BSD-3-Clause
// The records of a trace as the tests of the programs write them.
import { rpcOf } from '../src/format/columns.js';

/** The records of a trace, as texts in order. */
export function recordsOf({ exec, aux, cpus, kinds }) {
  const text = (cols, i, cpu) => {
    const kind = kinds[cols.kind[i]];
    return JSON.stringify([
      cols.start[i],
      cols.dur[i],
      cpu,
      cols.pid[i],
      rpcOf(cols, i),
      kind.event,
      cols.arg[i],
      cols.ret[i],
      cols.ipc[i],
      kind.name,
    ]);
  };
  const found = cpus.flatMap(({ cpu, lo, hi }) => Array.from({ length: hi - lo }, (_, k) => text(exec, lo + k, cpu)));
  for (let i = 0; i < aux.n; i++) found.push(text(aux, i, aux.cpu[i]));
  return found.sort();
}
