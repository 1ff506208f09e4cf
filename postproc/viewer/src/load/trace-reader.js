// SPDX-License-Identifier: BSD-3-Clause
// Reads a payload while its text is still coming: chunk by chunk into columns, with a coarse picture that grows.

import { makeColumns, removeRecords } from '../format/columns.js';
import { decodeAux, decodeExec, readKinds } from '../format/chunk-decode.js';
import { classOf } from '../format/events.js';
import { DataArea, inflate, PayloadError, plausible } from '../format/payload.js';
import { LIMITS, SIZES } from '../format/tables.js';
import { addSpans, emptyCoarse } from '../trace/coarse.js';
import { readDocuments } from './payload-documents.js';

/** @typedef {import('../format/payload.js').Chunk} Chunk */
/** @typedef {import('../format/payload.js').RawTrace} RawTrace */
/** @typedef {import('../format/payload.js').Diagnostic} Diagnostic */
/** @typedef {import('../trace/coarse.js').Coarse} Coarse */
/** @typedef {(done: number, total: number, coarse: Coarse|null) => (Promise<void>|void)} ReadProgress */
/** Where a chunk's records go. @typedef {{chunk: Chunk, at: number, slot: number}} Place */

/** @param {Error} error */
const reason = (error) => (error instanceof PayloadError ? error.message : 'its compressed data is damaged');

export class TraceReader {
  /** @param {Record<string, any>} meta from parseMeta @param {ReadProgress} [progress] */
  constructor(meta, progress = () => {}) {
    this.meta = meta;
    this.progress = progress;
    this.area = new DataArea();
    this.ended = false;
    this.wake = () => {};
    /** What could not be read. @type {{chunks: number, records: number, why: string}} */
    this.lost = { chunks: 0, records: 0, why: '' };
    /** @type {import('../format/payload.js').Gap[]} */
    this.gaps = [];
  }

  /** More of the text of the data area. @param {string} text */
  add(text) {
    this.area.add(text);
    this.wake();
  }

  /** The text is complete. */
  end() {
    this.area.end();
    this.ended = true;
    this.wake();
  }

  /** Bytes of a chunk, as soon as they are there. @param {Chunk} c */
  async load(c) {
    while (this.area.size < c.offset + c.size && !this.ended)
      await new Promise((resolve) => {
        this.wake = () => resolve(undefined);
      });
    return inflate(this.area.slice(c.offset, c.size), c.raw, c.kind === 'document' ? SIZES.document_part : SIZES.chunk);
  }

  /** @returns {Promise<RawTrace>} */
  async read() {
    const { meta, lost } = this;
    /** @type {Diagnostic[]} */
    const diagnostics = [...(Array.isArray(meta.diagnostics) ? meta.diagnostics : [])];
    const sound = withinLimits(apart(/** @type {Chunk[]} */ (meta.chunks.filter(plausible))));
    lost.chunks = meta.chunks.length - sound.length;
    if (lost.chunks > 0) lost.why = 'its description is damaged, or there is more than is read';
    const read = new Set(sound);
    for (const c of meta.chunks) if (!read.has(c) && Number.isSafeInteger(c?.count) && c.count > 0) lost.records += c.count;
    const kinds = await this.kinds(sound);
    if (/** @type {any} */ (kinds).namesLost) {
      diagnostics.push({ id: 'viewer.names', severity: 'damage', count: 1, text: 'The table of names is damaged: spans have no names.' });
    }
    const plan = planOf(sound);
    const { exec, aux } = allocate(plan, kinds.length);
    const cls = Uint8Array.from(kinds, (k) => classOf(k.event, k.name));
    const coarse = emptyCoarse({ ...meta, chunks: sound });
    let done = 0;
    for (const place of plan.places) {
      const { chunk, at, slot } = place;
      try {
        const bytes = await this.load(chunk);
        if (slot < 0) decodeAux(bytes, chunk, aux, at, kinds.length);
        else {
          decodeExec(bytes, chunk, exec, at, kinds.length);
          if (coarse) addSpans(coarse, slot, exec, at, at + chunk.count, cls);
        }
      } catch (e) {
        this.lose(place, reason(/** @type {Error} */ (e)));
      }
      done += chunk.count;
      await this.progress(done, plan.exec + plan.aux, coarse);
    }
    this.close(plan, exec, aux);
    if (lost.chunks > 0) {
      diagnostics.push({
        id: 'viewer.chunks',
        severity: 'damage',
        count: lost.records,
        text: `records lost: ${lost.chunks} of ${meta.chunks.length} chunks of this page are unreadable (first: ${lost.why}).`,
      });
    }
    const documents = await readDocuments(sound, (c) => this.load(c), diagnostics);
    this.area = new DataArea(); // the bytes are no longer needed
    return { meta, kinds, exec, cpus: plan.ranges, aux, diagnostics, gaps: this.gaps, documents, ...(coarse ? { coarse } : {}) };
  }

  /** @param {Chunk[]} sound */
  async kinds(sound) {
    try {
      return await readKinds(sound, (c) => this.load(c));
    } catch (e) {
      throw new PayloadError(`The table of event kinds is damaged (${reason(/** @type {Error} */ (e))}); nothing can be shown.`);
    }
  }

  /** Notes a chunk that cannot be read. @param {Place} place @param {string} why */
  lose(place, why) {
    const { chunk, slot } = place;
    this.lost.chunks++;
    this.lost.records += chunk.count;
    this.lost.why ||= why;
    this.gaps.push({ cpu: slot < 0 ? -1 : (chunk.cpu ?? 0), t0: chunk.first, t1: chunk.last, count: chunk.count, at: place.at });
  }

  /** Closes the holes of lost chunks. @param {ReturnType<typeof planOf>} plan @param {import('../format/columns.js').Columns} exec @param {import('../format/columns.js').Columns} aux */
  close(plan, exec, aux) {
    const holes = (/** @type {boolean} */ ofCpus) =>
      this.gaps
        .filter(({ cpu }) => cpu >= 0 === ofCpus)
        .sort((a, b) => a.at - b.at)
        .map(({ at, count }) => ({ lo: at, hi: at + count }));
    removeRecords(aux, holes(false));
    const lost = holes(true);
    removeRecords(exec, lost);
    let [before, next] = [0, 0];
    /** A place behind what is gone before it. @param {number} at */
    const moved = (at) => {
      for (; next < lost.length && lost[next].lo < at; next++) before += lost[next].hi - lost[next].lo;
      return at - before;
    };
    for (const range of plan.ranges) {
      range.lo = moved(range.lo);
      range.hi = moved(range.hi);
    }
  }
}

/** Chunks that share no byte with one before them: no page holds others. @param {Chunk[]} chunks */
function apart(chunks) {
  let end = 0;
  const kept = new Set();
  for (const c of [...chunks].sort((a, b) => a.offset - b.offset)) {
    if (c.offset < end) continue;
    kept.add(c);
    end = c.offset + c.size;
  }
  return chunks.filter((c) => kept.has(c));
}

/** Chunks of as many records, CPUs and documents as are read. @param {Chunk[]} chunks */
function withinLimits(chunks) {
  const cpus = new Set();
  let [documents, records, bytes] = [0, 0, 0];
  return chunks.filter((c) => {
    if (c.kind === 'document') return (documents += c.raw) <= LIMITS.inflated.base;
    if (c.kind !== 'exec' && c.kind !== 'aux') return true;
    bytes += c.size;
    if (records + c.count > Math.min(SIZES.browser_records, LIMITS.records.base + LIMITS.records.perByte * bytes)) return false;
    if (c.kind === 'exec' && !cpus.has(c.cpu) && cpus.size >= SIZES.browser_cpus) return false;
    records += c.count;
    if (c.kind === 'exec') cpus.add(c.cpu);
    return true;
  });
}

/** Where the records of each chunk go: execution spans CPU after CPU, the rest in file order. @param {Chunk[]} sound */
function planOf(sound) {
  const inFile = sound.filter((c) => c.kind === 'exec' || c.kind === 'aux').sort((a, b) => a.offset - b.offset);
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const c of inFile) if (c.kind === 'exec') counts.set(c.cpu ?? 0, (counts.get(c.cpu ?? 0) ?? 0) + c.count);
  const ranges = [];
  let exec = 0;
  for (const cpu of [...counts.keys()].sort((a, b) => a - b)) {
    ranges.push({ cpu, lo: exec, hi: (exec += counts.get(cpu) ?? 0) });
  }
  const next = ranges.map((r) => r.lo);
  const slots = new Map(ranges.map((r, i) => [r.cpu, i]));
  let aux = 0;
  /** @type {Place[]} */
  const places = inFile.map((chunk) => {
    const slot = chunk.kind === 'aux' ? -1 : (slots.get(chunk.cpu ?? 0) ?? 0);
    const at = slot < 0 ? aux : next[slot];
    if (slot < 0) aux += chunk.count;
    else next[slot] += chunk.count;
    return { chunk, at, slot };
  });
  return { places, ranges, exec, aux };
}

/** @param {{exec: number, aux: number}} plan @param {number} kindCount */
function allocate(plan, kindCount) {
  try {
    return { exec: makeColumns(plan.exec, kindCount, false), aux: makeColumns(plan.aux, kindCount, true) };
  } catch {
    throw new PayloadError('The page claims more records than this browser can hold.');
  }
}

/**
 * Reads a whole payload at once.
 * @param {Record<string, any>} meta from parseMeta @param {string} text of the data area @param {ReadProgress} [progress]
 */
export function readPayload(meta, text, progress) {
  const reader = new TraceReader(meta, progress);
  reader.add(text);
  reader.end();
  return reader.read();
}
