// SPDX-License-Identifier: BSD-3-Clause
// A second reader of recordings of coroutines, written from docs/coroutine-format.md alone: prints what `kutrace coro dump` prints.
import { readFileSync } from "node:fs";

const SECTION = 0x314f524f4354554bn;
const KINDS = new Map([
  [2n, "lost"], [3n, "exit"], [16n, "create"], [17n, "start"], [18n, "suspend"], [19n, "ready"], [20n, "resume"], [21n, "final"], [22n, "destroy"],
  [23n, "name"], [24n, "wait"], [32n, "signal"], [33n, "close"], [34n, "take"], [35n, "give"], [40n, "park"], [41n, "unpark"],
]);

const bytes = readFileSync(process.argv[2]);
const threads = new Map();
const sites = new Map();
const thread = (serial, who) => {
  if (!threads.has(serial)) threads.set(serial, { tid: who & 0xffffffffn, parts: [], start: 0n });
  return threads.get(serial);
};
const text = (from, size) => {
  const end = bytes.indexOf(0, from);
  return bytes.toString("utf8", from, Math.min(end < 0 ? from + size : end, from + size));
};

for (let at = 0; at + 64 <= bytes.length; ) {
  const word = (n) => bytes.readBigUInt64LE(at + 8 * n);
  if (word(0) !== SECTION || BigInt(bytes.length - at - 64) < word(2)) break;
  const size = Number(word(2));
  const payload = at + 64;
  if (word(1) === 2n) {
    const t = thread(word(3), word(4));
    t.start = word(6);
    t.parts.push({ first: word(5), payload, records: size / 16 });
  } else if (word(1) === 3n) {
    for (let i = 0; i < size / 256; i++) {
      const site = payload + 256 * i;
      if (bytes.readUInt32LE(site) !== 1) continue;
      const file = text(site + 12, 152);
      sites.set(word(3) + BigInt(i), `${file.slice(file.lastIndexOf("/") + 1)}:${bytes.readUInt32LE(site + 4)} ${text(site + 164, 92)}`);
    }
  } else if (word(1) === 4n) {
    thread(word(3), word(4));
  }
  at = payload + size;
}

const events = [];
for (const { tid, parts, start } of threads.values()) {
  let time = start;
  for (const part of parts.sort((a, b) => Number(a.first - b.first))) {
    for (let i = 0; i < part.records; i++) {
      const word0 = bytes.readBigUInt64LE(part.payload + 16 * i);
      const word1 = bytes.readBigUInt64LE(part.payload + 16 * i + 8);
      const kind = (word0 >> 48n) & 0xffn;
      if (kind === 1n) {
        events.at(-1).value = word1;
        continue;
      }
      const step = BigInt.asIntN(48, (word0 & 0xffffffffffffn) - time);
      if (step > 0n) time += step;
      const event = { time, tid, kind, argument: word0 >> 56n, id: 0n, site: 0n, value: undefined };
      if (kind === 2n) event.value = word1;
      else Object.assign(event, { id: word1 & ((1n << 44n) - 1n), site: word1 >> 44n });
      events.push(event);
    }
  }
}
events.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
for (const e of events) {
  console.log(`${e.time} ${e.tid} ${KINDS.get(e.kind) ?? `event ${e.kind}`} ${e.argument} ${e.id} ${e.site === 0n ? "-" : (sites.get(e.site) ?? "?")} ${e.value ?? "-"}`);
}
