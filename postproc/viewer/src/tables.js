// SPDX-License-Identifier: BSD-3-Clause
// Made by print_tables of postproc/base/file_kinds.def and limits.def, which the programs read too; do not edit.

/**
 * Kinds of files by their first bytes: hex digits at an offset, `?` for any. The first that fits counts.
 * @type {{id: string, offset: number, magic: string, how: 'packed'|'mark'|'refused', words: string, remedy: string}[]}
 */
export const FILE_KINDS = [
  { id: 'gzip', offset: 0, magic: '1f8b08', how: 'packed', words: 'gzip data', remedy: 'decompress it first: gzip -d' },
  { id: 'zstd', offset: 0, magic: '28b52ffd', how: 'packed', words: 'zstd data', remedy: 'decompress it first: zstd -d' },
  { id: 'xz', offset: 0, magic: 'fd377a585a00', how: 'packed', words: 'xz data', remedy: 'decompress it first: xz -d' },
  { id: 'bzip2', offset: 0, magic: '425a68??314159265359', how: 'refused', words: 'bzip2 data', remedy: 'decompress it first: bzip2 -d' },
  { id: 'lz4', offset: 0, magic: '04224d18', how: 'refused', words: 'lz4 data', remedy: 'decompress it first: lz4 -d' },
  { id: 'zip', offset: 0, magic: '504b0304', how: 'refused', words: 'a zip archive', remedy: 'unpack it first (unzip) and give the trace in it' },
  { id: 'zip_empty', offset: 0, magic: '504b0506', how: 'refused', words: 'an empty zip archive', remedy: 'give a trace' },
  { id: 'seven_zip', offset: 0, magic: '377abcaf271c', how: 'refused', words: 'a 7z archive', remedy: 'unpack it first (7z x) and give the trace in it' },
  { id: 'rar', offset: 0, magic: '526172211a07', how: 'refused', words: 'a rar archive', remedy: 'unpack it first and give the trace in it' },
  { id: 'tar', offset: 257, magic: '7573746172', how: 'refused', words: 'a tar archive', remedy: 'unpack it first (tar xf) and give the trace in it' },
  { id: 'utf8_mark', offset: 0, magic: 'efbbbf', how: 'mark', words: 'UTF-8 with a byte order mark', remedy: 'take the mark away' },
  { id: 'utf32', offset: 0, magic: 'fffe0000', how: 'refused', words: 'UTF-32 text', remedy: 'convert it first: iconv -f UTF-32 -t UTF-8' },
  { id: 'utf16_le', offset: 0, magic: 'fffe??00??00', how: 'refused', words: 'UTF-16 text', remedy: 'convert it first: iconv -f UTF-16 -t UTF-8' },
  { id: 'utf16_be', offset: 0, magic: 'feff00??00??', how: 'refused', words: 'UTF-16 text', remedy: 'convert it first: iconv -f UTF-16 -t UTF-8' },
  { id: 'elf', offset: 0, magic: '7f454c46', how: 'refused', words: 'a program or object file (ELF)', remedy: 'give the trace that was recorded, not the program' },
  { id: 'perf_data', offset: 0, magic: '50455246494c4532', how: 'refused', words: 'a perf.data file', remedy: 'give a trace of kutrace_control' },
  { id: 'trace_dat', offset: 0, magic: '17084474726163696e67', how: 'refused', words: 'a trace.dat file of trace-cmd', remedy: 'give a trace of kutrace_control' },
  { id: 'pcap', offset: 0, magic: 'd4c3b2a10200', how: 'refused', words: 'a packet capture', remedy: 'give a trace of kutrace_control' },
  { id: 'pcapng', offset: 0, magic: '0a0d0d0a????????4d3c2b1a', how: 'refused', words: 'a packet capture', remedy: 'give a trace of kutrace_control' },
  { id: 'ctf', offset: 0, magic: 'c11ffcc1', how: 'refused', words: 'a CTF trace', remedy: 'give a trace of kutrace_control' },
  { id: 'pdf', offset: 0, magic: '255044462d', how: 'refused', words: 'a PDF document', remedy: 'give the page itself, not a print of it' },
  { id: 'png', offset: 0, magic: '89504e470d0a1a0a', how: 'refused', words: 'a PNG picture', remedy: 'give the page or the trace, not a picture of it' },
  { id: 'jpeg', offset: 0, magic: 'ffd8ffe?????4?464946', how: 'refused', words: 'a JPEG picture', remedy: 'give the page or the trace, not a picture of it' },
  { id: 'sqlite', offset: 0, magic: '53514c69746520666f726d617420', how: 'refused', words: 'an SQLite database', remedy: 'give a trace of kutrace_control' },
];

/**
 * What reading one input may take in all: base + perByte * its bytes.
 * @type {Record<string, {base: number, perByte: number, words: string, remedy: string}>}
 */
export const LIMITS = {
  inflated: { base: 268435456, perByte: 100, words: 'bytes of inflated data', remedy: 'decompress the file first, or raise --max-memory' },
  memory: { base: 1073741824, perByte: 0, words: 'bytes of memory for names, threads and CPUs', remedy: 'raise --max-memory' },
  records: { base: 2097152, perByte: 4, words: 'records in compressed parts', remedy: 'raise --max-memory' },
  temporary: { base: 536870912, perByte: 256, words: 'bytes in temporary files', remedy: 'raise --max-output' },
  output: { base: 536870912, perByte: 256, words: 'bytes of output', remedy: 'raise --max-output' },
};

/** The largest that one thing may be. */
export const SIZES = {
  /** bytes of a name */
  name: 1024,
  /** bytes of an inflated chunk of a page */
  chunk: 67108864,
  /** bytes of an inflated part of a document in a page */
  document_part: 16777216,
  /** bytes of a value in a document's header, or of a record */
  json_value: 16777216,
  /** CPUs that one clock can drive */
  shared_clock_cpus: 64,
};
