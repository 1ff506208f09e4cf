// SPDX-License-Identifier: BSD-3-Clause
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  comparison,
  nearestKey,
  numberList,
  parseDuration,
  parseNumber,
  parseQuery,
  parseTimeJump,
  quoted,
  QUERY_KEYS,
  timeText,
  tokenize,
} from './query.js';
import { hitNumber, hitsAt, LONGEST, matchBuckets, runSearch, SearchJob } from './search.js';
import { compileQuery } from './compile-query.js';
import { Longest, IntList } from '../kit/lists.js';
import { argOf, tidOf } from '../format/columns.js';
import { cpuOfSpan } from '../trace/lookups.js';
import { hello as loadHello, rpc as loadRpc, story, traceOf } from '../../test/samples.mjs';
import { buildModel } from '../trace/model.js';
import { makeTrace, random } from '../../test/synthetic.mjs';

const hello = loadHello();
const rpc = loadRpc();
const names = (m, s) => [
  ...s.hits.flatMap((h) => [...h].map((r) => m.kinds[m.exec.kind[r]].name)),
  ...[...s.auxHits].map((r) => m.kinds[m.aux.kind[r]].name),
];

test('tokens: blanks split, quotes and patterns hold together', () => {
  assert.deepEqual(tokenize('a  "b c" /d e/i -/f g/ cpu:2').tokens, ['a', '"b c"', '/d e/i', '-/f g/', 'cpu:2']);
  assert.equal(tokenize('"open').error, 'A quotation mark is not closed.');
  assert.deepEqual(tokenize('/').tokens, ['/']);
  assert.deepEqual(tokenize('a/b').tokens, ['a/b']);
});

test('terms: keys, exclusion, names with hyphens, inversion', () => {
  const term = (text) => parseQuery(text).terms[0];
  assert.deepEqual([term('-idle').exclude, term('-idle').value], [true, 'idle']);
  assert.deepEqual([term('-idle-').exclude, term('-idle-').value], [false, '-idle-']);
  assert.deepEqual([term('DUR>=1ms').key, term('DUR>=1ms').op, term('DUR>=1ms').value], ['dur', '>=', '1ms']);
  assert.equal(term('tid:5').key, 'pid');
  assert.deepEqual(
    [term('a:b').type, term('a:b').value, term('a:b').unknown],
    ['text', 'a:b', 'a'],
    'text for now: the trace tells whether it is a name',
  );
  assert.equal(term('"a:b"').unknown, undefined, 'text on purpose');
  assert.deepEqual([term('pid:/a b/i').type, term('pid:/a b/i').regex.source], ['key', 'a b']);
  assert.match(parseQuery('dur>/x/').error, /takes no pattern/);
  assert.equal(parseQuery('! x').invert, true);
  assert.match(parseQuery('dur>').error, /wants a value/);
  assert.match(parseQuery('x /(/').error, /Bad pattern/);
  assert.equal(quoted('a b'), '"a b"');
  for (const [key, , example] of QUERY_KEYS) assert.equal(parseQuery(example).terms[0].key, key, example);
});

test('numbers, lists, fractions and durations', () => {
  assert.equal(parseDuration('10us'), 10000);
  assert.ok(Number.isNaN(parseDuration('10')), 'a unit is asked for');
  assert.equal(parseDuration('0'), 0);
  assert.equal(parseDuration('1.5ms'), 1.5e6);
  assert.equal(parseDuration('2 s'), 2e9);
  assert.ok(Number.isNaN(parseDuration('1h')));
  assert.equal(parseNumber('1/4'), 0.25);
  assert.equal(parseNumber('0x10'), 16);
  assert.ok([0, 2, 3].every(numberList('0,2-3')) && !numberList('0,2-3')(1));
  assert.ok(numberList('5..7')(6));
  assert.equal(numberList('x'), null);
  assert.deepEqual(
    ['<', '<=', '>', '>=', '=', '!='].map((op) => comparison(op, 2)(2)),
    [false, true, false, true, true, false],
  );
});

test('typed times narrow and widen in steps of 1, 2, 5', () => {
  const width = (t) => parseTimeJump(t).to - parseTimeJump(t).from;
  assert.ok(Math.abs(width('50.084+') - 0.0041) < 1e-9);
  assert.ok(width('50.084++') < width('50.084+') && width('50.084-') > width('50.084'));
  assert.ok(Math.abs(parseTimeJump('1:02.5').from - (62.5 - 0.5 * 1.025)) < 1e-9);
  for (const bad of ['50', 'x', '1.5s', '']) assert.equal(parseTimeJump(bad), null);
  const rnd = random(3);
  for (let i = 0; i < 200; i++) {
    const from = rnd() * 59;
    const to = from + 10 ** -(rnd() * 8) * 0.5;
    const jump = parseTimeJump(timeText(from, to));
    assert.ok(jump.from <= from && jump.to >= to, `${from} ${to} ${timeText(from, to)}`);
  }
});

/** Every query is also answered by a plain function of the record. */
const PLAIN = [
  ['dur>10us', (m, r) => m.exec.dur[r] * m.nsPerTick > 10000],
  ['dur<=10us -idle', (m, r) => m.exec.dur[r] * m.nsPerTick <= 10000 && !m.kinds[m.exec.kind[r]].name.includes('idle')],
  ['cpu:1 page', (m, r) => cpuOfSpan(m, r) === 1 && m.kinds[m.exec.kind[r]].name.includes('page')],
  ['-cpu:1 page', (m, r) => cpuOfSpan(m, r) !== 1 && m.kinds[m.exec.kind[r]].name.includes('page')],
  ['pid:37', (m, r) => tidOf(m.exec, r) === 37],
  ['class:syscall arg=3', (m, r) => m.cls[m.exec.kind[r]] === 0 && argOf(m.exec, r) === 3],
  ['ret<0', (m, r) => m.cls[m.exec.kind[r]] === 0 && m.exec.ret[r] >= 0xf001],
  ['ret:ECHILD', (m, r) => m.cls[m.exec.kind[r]] === 0 && m.exec.ret[r] === 0x10000 - 10],
  ['class:kernel -class:irq', (m, r) => [0, 2, 3, 4].includes(m.cls[m.exec.kind[r]])],
  ['!dur>10us', (m, r) => !(m.exec.dur[r] * m.nsPerTick > 10000)],
  ['!cpu:0', (m, r) => cpuOfSpan(m, r) !== 0],
  ['/^(read|write)$/ dur>1us', (m, r) => ['read', 'write'].includes(m.kinds[m.exec.kind[r]].name) && m.exec.dur[r] * m.nsPerTick > 1000],
  ['name:read,write', (m, r) => /read|write/i.test(m.kinds[m.exec.kind[r]].name)],
  [
    'after:48.7 before:48.9 mmap',
    (m, r) => m.exec.start[r] + m.exec.dur[r] > 4.87e9 && m.exec.start[r] < 4.89e9 && m.kinds[m.exec.kind[r]].name.includes('mmap'),
  ],
  ['event:0x801', (m, r) => m.kinds[m.exec.kind[r]].event === 0x801],
];

test('each term finds exactly the spans a plain test finds', () => {
  for (const [text, plain] of PLAIN) {
    const s = runSearch(hello, text);
    assert.equal(s.error, '', text);
    const want = [];
    for (let r = 0; r < hello.exec.n; r++) if (plain(hello, r)) want.push(r);
    assert.deepEqual(
      s.hits.flatMap((h) => [...h]).sort((a, b) => a - b),
      want,
      text,
    );
    for (let r = 0; r < hello.exec.n; r += 13) assert.equal(s.exec(r), plain(hello, r), `${text}: test of span ${r}`);
  }
});

test('waits by reason, RPCs by name, counters, and data that is not there', () => {
  const m = story();
  assert.deepEqual(names(m, runSearch(m, 'wait:disk')), ['wait_disk']);
  assert.equal(runSearch(m, 'wait:any').count, 2);
  assert.equal(runSearch(m, 'wait:cpu pid:other').count, 1);
  assert.deepEqual(names(m, runSearch(m, 'ret:EAGAIN')), ['read']);
  assert.deepEqual(names(m, runSearch(m, 'ipc<0.5 class:syscall')), ['read']);
  assert.deepEqual(names(m, runSearch(m, 'ipc=1/4')), ['read']);
  assert.ok(runSearch(rpc, 'rpc:ping').count > 100);
  assert.match(runSearch(m, 'llc>=64').error, /no LLC data/);
  for (const bad of ['cpu:x', 'dur>soon', 'ret:EWHAT', 'class:car', 'ipc<low', 'after:noon', 'event:one', 'arg=?']) {
    const s = runSearch(m, bad);
    assert.match(s.error, /wants/, bad);
    assert.equal(s.count, 0, bad);
  }
});

test('an unknown term is told, with the one that was meant; a name with a colon is a name', () => {
  assert.match(runSearch(hello, 'cpuu:1').error, /^There is no term "cpuu", and no name here holds "cpuu:1": did you mean cpu/);
  assert.match(runSearch(hello, '-durr>1us').error, /did you mean dur/);
  assert.match(runSearch(hello, 'colour:red').error, /no term "colour"/);
  assert.deepEqual([nearestKey('wiat'), nearestKey('thred'), nearestKey('zzzzz')], ['wait', 'thread', '']);
  const soft = runSearch(hello, 'BH:sched');
  assert.equal(soft.error, '');
  assert.ok(soft.count > 0 && names(hello, soft).every((n) => n === 'BH:sched'));
  assert.equal(runSearch(hello, '"cpuu:1"').error, '', 'in quotation marks it is text');
});

test('a duration without a unit is asked for it', () => {
  assert.equal(runSearch(hello, 'dur>10').error, 'dur wants a unit: dur>10us, ms, ns or s.');
  assert.equal(runSearch(hello, 'dur>0').error, '');
});

test('terms take patterns', () => {
  const count = (text) => {
    const s = runSearch(hello, text);
    assert.equal(s.error, '', text);
    return s.count;
  };
  assert.equal(count('pid:/hello_.*41$/'), count('pid:41'));
  assert.ok(count('pid:41') > 0 && count('pid:/^world/') === 0);
  assert.equal(count('class:/^(user|idle)$/'), count('class:user') + count('class:idle'));
  assert.equal(count('wait:/^(rcu|pipe)$/'), count('wait:rcu') + count('wait:pipe'));
  assert.equal(count('ret:/^E(CHILD|AGAIN)$/'), count('ret:ECHILD') + count('ret:EAGAIN'));
  assert.equal(runSearch(rpc, 'rpc:/^ping/').count, runSearch(rpc, 'rpc:ping').count);
  assert.match(runSearch(hello, 'wait:noon').error, /wants a reason/);
});

test('marks by label and by number', () => {
  const mark = (t, event, arg, name) => [t, 0.00000001, 0, 41, 0, event, arg, 0, 0, name];
  const m = traceOf([
    [1.0, 1, 0, 41, 0, 65536 + 41, 0, 0, 0, 'prog.41'],
    mark(1.1, 0x20a, 39187408, 'mark_a=hello'),
    mark(1.2, 0x20d, 292, 'mark_d'),
    mark(1.3, 0x20d, 2925, 'mark_d'),
    mark(1.4, 0x20b, 5, 'mark_b=e'),
  ]);
  const found = (text) => {
    const s = runSearch(m, text);
    assert.equal(s.error, '', text);
    return s.auxHits.length * 10 + s.hits.reduce((n, h) => n + h.length, 0);
  };
  assert.deepEqual(
    ['mark:hello', 'mark:292', 'mark:/^29/', 'mark>300', 'mark:any', '292', '/^29/', 'hello', 'mark_d', '-mark:hello mark:any', 'mark:any -292'].map(
      found,
    ),
    [10, 10, 20, 10, 40, 10, 20, 10, 20, 30, 30],
  );
});

test('names that are only drawn around spans are found when asked for', () => {
  assert.equal(names(hello, runSearch(hello, 'dur>0ns')).filter((n) => n.startsWith('wait_')).length, 0);
  assert.ok(runSearch(hello, '-wakeup-').count > 0);
  assert.equal(runSearch(hello, 'init+hello').count, 0, 'row names are no finds');
});

test('a search in slices finds what one at once finds, and says how far it is', () => {
  const big = buildModel(makeTrace({ spans: 60000, aux: 9000, cpus: 3 }));
  const job = new SearchJob(big, 'read');
  const shares = [];
  for (let n = 0; !job.done; n++) {
    assert.ok(n < 1000);
    job.step(() => 1, 0); // the deadline has always passed: one stride a slice
    const part = job.result();
    assert.equal(part.done, job.done);
    shares.push(part.share);
  }
  assert.ok(shares.length > 5 && shares.every((v, i) => i === 0 || v >= shares[i - 1]) && shares.at(-1) === 1);
  const whole = runSearch(big, 'read');
  assert.deepEqual(job.result().hits, whole.hits);
  assert.equal(whole.longest.length, LONGEST);
  const durations = whole.longest.map((s) => big[s.cols].dur[s.record]);
  assert.ok(durations.every((d, i) => i === 0 || d <= durations[i - 1]));
  assert.equal(durations[0], whole.max);
});

test('matches in order of time, from any place, and their numbers', () => {
  const s = runSearch(hello, 'page_fault');
  const all = hitsAt(hello, s, 0, s.count);
  assert.equal(all.length, s.count);
  assert.equal(new Set(all.map((h) => h.cols + h.record)).size, s.count);
  for (let i = 1; i < all.length; i++) assert.ok(hello[all[i].cols].start[all[i].record] >= hello[all[i - 1].cols].start[all[i - 1].record]);
  for (const first of [1, 17, 400, s.count - 2]) assert.deepEqual(hitsAt(hello, s, first, 5), all.slice(first, first + 5));
  for (const i of [0, 5, 500]) assert.equal(hitNumber(hello, s, all[i]), i);
  assert.equal(hitNumber(hello, s, { cols: 'exec', record: [...Array(hello.exec.n).keys()].find((r) => !s.exec(r)) }), -1);
  assert.equal(
    matchBuckets(hello, s, 77).reduce((a, b) => a + b, 0),
    s.count,
  );
});

test('growing lists and the longest of many', () => {
  const list = new IntList();
  for (let i = 0; i < 1000; i++) list.push(i * 3);
  assert.deepEqual(
    [...list.view()],
    Array.from({ length: 1000 }, (_, i) => i * 3),
  );
  const longest = new Longest(10);
  const rnd = random(4);
  const values = Array.from({ length: 500 }, () => Math.floor(rnd() * 1e6));
  values.forEach((d, i) => {
    if (d > longest.least) longest.add('exec', i, d);
  });
  assert.deepEqual(
    longest.sorted().map((s) => values[s.record]),
    [...values].sort((a, b) => b - a).slice(0, 10),
  );
});

test('compiled errors match nothing', () => {
  const c = compileQuery(hello, 'x "');
  assert.ok(c.error.length > 0);
});
