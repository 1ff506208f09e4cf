// SPDX-License-Identifier: BSD-3-Clause
// What all CPUs used, by program: nothing is lost or made where every CPU has cells, and elsewhere nothing is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceOf } from '../../test/samples.mjs';
import { columnWords, highestColumn, machineOf, NAMED } from './machine-usage.js';

const [ON, TICK, SKIPPED, OFF, FAULTS, MODEL] = [0x230, 0x231, 0x232, 0x233, 0x254, 0x26f];
const user = (cpu, tid, name) => [1.0, 0.01, cpu, tid, 0, 65536 + tid, 0, 0, 0, `${name}.${tid}`];
const at = (cpu, us, event, arg, tid = 41) => [1 + us / 1e6, 1e-8, cpu, tid, 0, event, arg, 0, 0, 'x'];
const on = (cpu) => at(cpu, 0, ON, 1e6);
const ticks = (cpu, ...at_us) => at_us.map((us) => at(cpu, us, TICK, 0));
const programs = [user(0, 41, 'hog'), user(1, 42, 'victim'), user(1, 43, 'hog')];
const inOrder = (events) => events.sort((a, b) => a[0] - b[0]);
const sums = ({ programs: list }) => Object.fromEntries(list.map(({ name, values }) => [name, Math.round(values.reduce((a, b) => a + b, 0))]));

const ofTwoCpus = (...events) => machineOf(traceOf([...programs, ...inOrder([on(0), on(1), ...events])]));
const FAULTS_OF_TWO = [at(0, 500, FAULTS, 70), at(1, 600, FAULTS, 30, 43), at(1, 1500, FAULTS, 11, 42), at(0, 2500, FAULTS, 5)];

test('threads of one name are one program, on all CPUs; the sums are those of the samples', () => {
  const machine = ofTwoCpus(...ticks(0, 1000, 2000, 3000), ...ticks(1, 1000, 2040, 3000), ...FAULTS_OF_TWO);
  assert.deepEqual(sums(machine), { hog: 105, victim: 11 });
  assert.equal(machine.programs[0].name, 'hog');
  assert.equal(machine.n, 3);
  assert.equal(Math.round(machine.totals[0]), 100);
  assert.equal(Math.round(machine.most), 100);
  assert.equal(columnWords(machine, 0), 'faults of all CPUs: 100 faults: hog 100');
  assert.equal(highestColumn(machine, machine.t0 - 1e9, machine.t0 + 1e9), 0);
});

test('where one CPU skipped ticks nothing is told of all; a CPU without samples used nothing', () => {
  const late = [at(1, 2990, SKIPPED, 1), at(1, 3000, TICK, 0), at(1, 3010, OFF, 0)];
  const machine = ofTwoCpus(...ticks(0, 1000, 2000, 3000, 4000), at(0, 3500, FAULTS, 8), ...ticks(1, 1000), ...late);
  assert.deepEqual(machine.totals, Float64Array.of(0, NaN, NaN, machine.totals[3]));
  assert.equal(Math.round(machine.totals[3]), 8);
  assert.equal(highestColumn(machine, machine.t0 + 1.2 * machine.width, machine.t0 + 1.3 * machine.width), -1);
});

test('those that used least are one, and a model is called one', () => {
  const many = [...Array(NAMED + 3).keys()];
  const machine = machineOf(
    traceOf([
      ...many.map((i) => user(0, 100 + i, `p${i}`)),
      ...inOrder([on(0), ...many.map((i) => at(0, 10 + i, MODEL, 100 - i, 100 + i)), ...ticks(0, 1000)]),
    ]),
  );
  assert.equal(machine.programs.length, NAMED + 1);
  assert.equal(machine.programs[NAMED].name, 'others');
  assert.equal(Math.round(machine.programs[NAMED].values[0]), 94 + 93 + 92);
  assert.match(columnWords(machine, 0), /^model-bytes of all CPUs: \d+ bytes \(model, not measured\): others 279, p0 100, p1 99, /);
});
