// SPDX-License-Identifier: BSD-3-Clause
// Writes the made-up sample documents in tests/data: an RPC log, disk and TCP plots, a profile. The same bytes each time.
//   node test/make-samples.mjs

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { random } from './synthetic.mjs';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../tests/data');
const s = (v, digits = 8) => v.toFixed(digits);

/** Header lines, records one a line, last the 999.0 record. */
function write(name, header, list, records, last) {
  const head = Object.entries(header)
    .map(([k, v]) => ` "${k}" : ${JSON.stringify(v)},`)
    .join('\n');
  writeFileSync(path.join(folder, name), `{\n${head}\n"${list}" : [\n${records.join(',\n')},\n${last}\n]}\n`);
}

/**
 * Three clients call two servers. One server has a single worker: its requests wait in line. Clocks of the servers are 37 us ahead, which
 * deltaT23 mends, but for server dclab-3's last records, whose clock stepped.
 */
function rpcLog() {
  const rnd = random(4);
  const base = 44.7;
  const skew = 0.000037;
  const methods = { ping: [20, 20, 0.00002], read: [66, 166, 0.0004], write: [166, 66, 0.0009], stats: [50, 110, 0.0001], sink: [196, 40, 0.0003] };
  const free = [0, 0];
  const events = [];
  let t = base;
  for (let i = 0; i < 120; i++) {
    t += 0.0003 + rnd() * rnd() * 0.04;
    const method = ['ping', 'read', 'read', 'write', 'write', 'stats', 'sink'][Math.floor(rnd() * 7)];
    const [request, response, work] = methods[method];
    const server = rnd() < 0.6 ? 0 : 1;
    const client = Math.floor(rnd() * 3);
    const wire = (code) => (2 ** (code / 10) * 8) / 1e9;
    const arrive = t + 0.00006 + wire(request) + rnd() * 0.0001;
    const begin = Math.max(arrive, server === 0 ? free[0] : 0);
    const t3 = begin + work * (0.6 + rnd()) + (i === 71 ? 0.021 : 0);
    free[server] = t3;
    const t4 = t3 + 0.00005 + wire(response) + rnd() * 0.0001;
    const step = server === 1 && i > 112 ? 0.004 : 0;
    const data =
      method === 'read' || method === 'write'
        ? `key_${String(Math.floor(rnd() * 9000) + 1000)}`
        : method === 'sink'
          ? 'vvvvvvvvvvvvvvvvvvvvvvvv'
          : '';
    events.push(
      `[${s(t)}, ${s(arrive + skew + step)}, ${s(t3 + skew + step)}, ${s(t4)}, "192.168.1.${60 + client}:4${1000 + client * 7}", "192.168.1.${80 + server}:12345", ` +
        `${request}, ${response}, ${1000 + i * 17}, ${i % 9 === 8 ? 1000 + (i - 1) * 17 : 0}, "ReqResp", "${method}", "${i === 40 ? 'TooBusy' : 'OK'}", ${Math.round(2 ** (request / 10))}, "${data}"]`,
    );
  }
  write(
    'rpc_log.json',
    { Comment: 'made up', title: 'Three clients, two servers', tracebase: '2026-11-21_02:59:00', deltaT23: -skew, gbs: 1, version: 4 },
    'events',
    events,
    '[999.0, 0.0, 0.0, 0.0, "", "", 0, 0, 0, 0, "", "", "", 0, ""]',
  );
}

/** 40 MB of 4 KB blocks from a turning disk: bursts of read-ahead, then a track change. */
function disk() {
  const rnd = random(9);
  const points = [];
  let t = 0.0042;
  for (let block = 0; block < 2500; block++) {
    t += block % 512 === 0 ? 0.0085 + rnd() * 0.004 : block % 64 === 0 ? 0.0011 : 4096 / 105e6;
    points.push(`[${s(t, 6)}, ${block}]`);
  }
  write(
    'disk_read_times.json',
    {
      Comment: 'made up',
      title: 'Disk read, 4 KB blocks',
      axisLabelX: 'Time (sec)',
      axisLabelY: 'Offset (4 KB block)',
      dotColor: 'blue',
      dotRadius: 1.5,
      shortUnitsX: 's',
      shortMulX: 1,
      thousandsX: 1000,
      shortUnitsY: 'B',
      shortMulY: 4096,
      thousandsY: 1024,
      version: 1,
    },
    'points',
    points,
    '[999.0, 0.0]',
  );
}

/** Clock of a packet capture minus that of a trace: 180 us apart and drifting 12 us a second, before and after alignment. */
function tcp() {
  const rnd = random(11);
  const points = [];
  for (let i = 0; i < 400; i++) {
    const t = 44.7 + i * 0.0065 + rnd() * 0.002;
    const noise = (rnd() + rnd() - 1) * 0.000008;
    points.push(`[${s(t, 6)}, ${s(0.00018 + (t - 44.7) * 0.000012 + noise, 7)}, ${s(noise, 7)}]`);
  }
  write(
    'tcp_offsets.json',
    {
      Comment: 'made up',
      title: 'Capture clock minus trace clock',
      tracebase: '2026-11-21_02:59:00',
      axisLabelX: 'Time (sec)',
      axisLabelY: 'Offset',
      dotColor: 'red',
      dotRadius: 3,
      shortUnitsX: 's',
      shortMulX: 1,
      thousandsX: 1000,
      shortUnitsY: 's',
      shortMulY: 1,
      thousandsY: 1000,
      version: 1,
    },
    'points',
    points,
    '[999.0, 0.0, 0.0]',
  );
}

/** A row profile: CPUs 3 and 1, then two threads and an RPC, in that order; the spans of a row are sums, longest first, from 0. */
function profile() {
  const rows = [
    {
      cpu: 3,
      pid: -1,
      rpc: -1,
      spans: [
        ['-idle-', 65536, 0.61],
        ['mystery27.76', 65612, 0.22],
        ['write', 2049, 0.05],
        ['page_fault', 1038, 0.01],
      ],
    },
    {
      cpu: 1,
      pid: -1,
      rpc: -1,
      spans: [
        ['mystery27.75', 65611, 0.7],
        ['local_timer_vector', 1516, 0.1],
        ['-sched-', 3583, 0.02],
      ],
    },
    {
      cpu: -1,
      pid: 76,
      rpc: -1,
      spans: [
        ['mystery27.76', 65612, 0.22],
        ['futex', 2250, 0.12],
        ['write', 2049, 0.05],
      ],
    },
    {
      cpu: -1,
      pid: 75,
      rpc: -1,
      spans: [
        ['mystery27.75', 65611, 0.7],
        ['read', 2048, 0.15],
      ],
    },
    {
      cpu: -1,
      pid: -1,
      rpc: 77,
      spans: [
        ['server4.53', 65589, 0.3],
        ['recvfrom', 2093, 0.11],
      ],
    },
  ];
  const events = rows.flatMap(({ cpu, pid, rpc, spans }) => {
    let t = 0;
    return spans.map(([name, event, dur]) => {
      const line = `[${s(t)}, ${s(dur)}, ${cpu}, ${pid}, ${rpc}, ${event}, 0, 0, 0, "${name}"]`;
      t += dur;
      return line;
    });
  });
  write(
    'row_profile.json',
    {
      Comment: 'made up',
      axisLabelX: 'Time (sec)',
      axisLabelY: 'CPU Number',
      flags: 0,
      mbit_sec: 1000,
      presorted: 1,
      randomid: 7,
      shortMulX: 1,
      shortUnitsX: 's',
      thousandsX: 1000,
      title: 'Row profile',
      tracebase: '2026-11-21_02:59:00',
      version: 3,
    },
    'events',
    events,
    '[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, ""]',
  );
}

rpcLog();
disk();
tcp();
profile();
