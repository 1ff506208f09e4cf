// SPDX-License-Identifier: BSD-3-Clause
// Made by print_tables of postproc/base/file_kinds.def, limits.def and diagnostics.cc, which the programs read too; do not edit.

/**
 * Kinds of files by their first bytes: hex digits at an offset, `?` for any. The first that fits counts.
 * @type {{id: string, offset: number, magic: string, how: 'packed'|'mark'|'refused', words: string, remedy: string}[]}
 */
export const FILE_KINDS = [
  { id: 'gzip', offset: 0, magic: '1f8b08', how: 'packed', words: 'gzip data', remedy: 'decompress it first: gzip -d' },
  { id: 'zstd', offset: 0, magic: '28b52ffd', how: 'packed', words: 'zstd data', remedy: 'decompress it first: zstd -d' },
  { id: 'zstd_skippable', offset: 0, magic: '5?2a4d18', how: 'packed', words: 'zstd data', remedy: 'decompress it first: zstd -d' },
  { id: 'xz', offset: 0, magic: 'fd377a585a00', how: 'packed', words: 'xz data', remedy: 'decompress it first: xz -d' },
  { id: 'bzip2', offset: 0, magic: '425a68??314159265359', how: 'refused', words: 'bzip2 data', remedy: 'decompress it first: bzip2 -d' },
  { id: 'lzma', offset: 0, magic: '5d0000??00ffffffff', how: 'refused', words: 'lzma data', remedy: 'decompress it first: xz -d --format=lzma' },
  { id: 'compress', offset: 0, magic: '1f9d90', how: 'refused', words: 'data of compress (.Z)', remedy: 'decompress it first: uncompress' },
  { id: 'lz4', offset: 0, magic: '04224d18', how: 'refused', words: 'lz4 data', remedy: 'decompress it first: lz4 -d' },
  { id: 'lzip', offset: 0, magic: '4c5a495001', how: 'refused', words: 'lzip data', remedy: 'decompress it first: lzip -d' },
  { id: 'lzop', offset: 0, magic: '894c5a4f000d0a1a0a', how: 'refused', words: 'lzop data', remedy: 'decompress it first: lzop -d' },
  { id: 'zip', offset: 0, magic: '504b0304', how: 'refused', words: 'a zip archive', remedy: 'unpack it first (unzip) and give the trace in it' },
  { id: 'zip_empty', offset: 0, magic: '504b0506', how: 'refused', words: 'an empty zip archive', remedy: 'give a trace' },
  { id: 'seven_zip', offset: 0, magic: '377abcaf271c', how: 'refused', words: 'a 7z archive', remedy: 'unpack it first (7z x) and give the trace in it' },
  { id: 'rar', offset: 0, magic: '526172211a07', how: 'refused', words: 'a rar archive', remedy: 'unpack it first and give the trace in it' },
  { id: 'tar', offset: 257, magic: '7573746172', how: 'refused', words: 'a tar archive', remedy: 'unpack it first (tar xf) and give the trace in it' },
  { id: 'tar_v7', offset: 100, magic: '3?3?3?3?3?3?3?003?3?3?3?3?3?3?003?3?3?3?3?3?3?003?3?3?3?3?3?3?3?3?3?3?00', how: 'refused', words: 'a tar archive', remedy: 'unpack it first (tar xf) and give the trace in it' },
  { id: 'utf8_mark', offset: 0, magic: 'efbbbf', how: 'mark', words: 'UTF-8 with a byte order mark', remedy: 'take the mark away' },
  { id: 'utf32', offset: 0, magic: 'fffe0000', how: 'refused', words: 'UTF-32 text', remedy: 'convert it first: iconv -f UTF-32 -t UTF-8' },
  { id: 'utf16_le', offset: 0, magic: 'fffe??00??00', how: 'refused', words: 'UTF-16 text', remedy: 'convert it first: iconv -f UTF-16 -t UTF-8' },
  { id: 'utf16_be', offset: 0, magic: 'feff00??00??', how: 'refused', words: 'UTF-16 text', remedy: 'convert it first: iconv -f UTF-16 -t UTF-8' },
  { id: 'utf16_bare', offset: 0, magic: '7b002200', how: 'refused', words: 'UTF-16 text', remedy: 'convert it first: iconv -f UTF-16LE -t UTF-8' },
  { id: 'git_lfs', offset: 0, magic: '76657273696f6e2068747470733a2f2f6769742d6c66732e', how: 'refused', words: 'what Git LFS has in the place of a file', remedy: 'fetch the file itself: git lfs pull' },
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
  /** records in a chunk of a page */
  chunk_records: 65536,
  /** bytes that a byte of a zlib stream can hold */
  inflation: 1032,
  /** kinds of records in a page */
  kinds: 1048576,
  /** bytes of an inflated part of a document in a page */
  document_part: 16777216,
  /** bytes of a value in a document's header, or of a record */
  json_value: 16777216,
  /** CPUs that one clock can drive */
  shared_clock_cpus: 64,
  /** CPUs that a browser shows: each has a row and a picture of its own */
  browser_cpus: 65536,
  /** records that a browser holds, of 40 bytes each */
  browser_records: 67108864,
};

/**
 * What is found in a trace, by the name that documents give it.
 * @type {Record<string, {severity: string, text: string}>}
 */
export const FINDINGS = {
  limit_reached: { severity: 'damage', text: 'limits of what reading may cost, reached: the rest was not read or written' },
  damaged_stream: { severity: 'damage', text: 'compressed input that is corrupt, ends early or is followed by other bytes; what came before was used' },
  no_records: { severity: 'damage', text: 'inputs that hold no record at all' },
  long_name: { severity: 'damage', text: 'names longer than 1024 bytes, cut' },
  truncated_block: { severity: 'damage', text: 'the last block is cut short; what is there was used' },
  trailing_bytes: { severity: 'damage', text: 'bytes at the end that are too few for a block header' },
  bad_block_header: { severity: 'damage', text: 'blocks dropped because their header makes no sense' },
  foreign_block: { severity: 'damage', text: 'blocks dropped because they belong to another trace' },
  duplicate_block: { severity: 'damage', text: 'blocks dropped because they repeat an earlier block' },
  overlapping_block: { severity: 'damage', text: "blocks that begin before the CPU's previous block ends" },
  repaired_block_header: { severity: 'repair', text: 'block times rebuilt from the other clock in the header' },
  clock_mismatch: { severity: 'info', text: 'block headers whose wall clock disagrees with the counter, which was used' },
  repaired_time_pairs: { severity: 'repair', text: 'start/stop time pairs rebuilt; times are less exact' },
  stride_mismatch: { severity: 'repair', text: "blocks whose IPC/LLC flag contradicts the file's layout" },
  bad_length: { severity: 'damage', text: 'entries with an impossible length, skipped' },
  entry_past_end: { severity: 'damage', text: 'entries that cross the end of their block, dropped' },
  bad_tsdelta: { severity: 'damage', text: 'time-step entries that contradict their neighbours, ignored' },
  outlier_dropped: { severity: 'damage', text: 'entries dropped because their time is impossible' },
  time_backwards: { severity: 'damage', text: 'events dropped because time went backwards' },
  unknown_event: { severity: 'damage', text: 'entries with an event number that has no meaning' },
  bad_argument: { severity: 'damage', text: 'events with an argument out of range, clamped or ignored' },
  events_lost: { severity: 'damage', text: 'events that could not be stored while tracing' },
  late_store: { severity: 'info', text: 'events stored after later ones, put back in order' },
  unmarked_late_store: { severity: 'repair', text: 'events far out of order without a time-step entry, put where they fit' },
  name_inferred: { severity: 'repair', text: 'threads shown under a name that was recorded only later' },
  no_wall_clock: { severity: 'info', text: 'blocks without a wall clock' },
  clock_set: { severity: 'info', text: 'times the wall clock was set while recording; times here are by a clock that cannot be set' },
  clock_step: { severity: 'damage', text: 'steps of the wall clock from one block header to the next: it was set while recording; lengths are by the rate on which the headers agree' },
  clock_doubtful: { severity: 'damage', text: 'the block headers contradict the start and stop times, and agree on no other clock rate: lengths may be wrong' },
  clock_unsteady: { severity: 'info', text: 'the machine did not promise that its counter keeps its rate and runs in idle states' },
  clock_differs: { severity: 'damage', text: 'counters of CPUs were seen to differ: times of different CPUs cannot be compared to the ns' },
  low_resolution: { severity: 'info', text: 'the time counter runs below 10 MHz' },
  bad_line: { severity: 'damage', text: 'lines that cannot be read, skipped' },
  long_line: { severity: 'damage', text: 'lines too long to be read, skipped' },
  bad_record: { severity: 'damage', text: 'records that cannot be read, skipped' },
  missing_terminator: { severity: 'damage', text: 'the document ends without its last record' },
  bad_utf8: { severity: 'repair', text: 'names with bytes that are not UTF-8 or not printable, replaced' },
  bad_chunk: { severity: 'damage', text: 'compressed parts of the page that cannot be read' },
  rpc_backwards: { severity: 'damage', text: 'RPCs of a log whose times run backward, shown grey' },
  missing_return: { severity: 'repair', text: 'calls closed without a recorded return' },
  missing_call: { severity: 'repair', text: 'returns without a recorded call' },
  missing_sched_exit: { severity: 'repair', text: 'first runs of new threads, begun without a scheduler exit' },
  resumed_in_user: { severity: 'repair', text: 'threads that left a system call without a recorded return' },
  missing_switch: { severity: 'repair', text: 'context switches not recorded, taken from the next block header' },
  two_cpus: { severity: 'damage', text: 'threads that seem to run on two CPUs at once' },
  inferred_wakeup: { severity: 'repair', text: 'wakeups of new threads inferred from fork or clone' },
  inferred_idle_exit: { severity: 'repair', text: 'idle exits whose length is taken from a table, not recorded' },
  unknown_start: { severity: 'repair', text: 'first spans of CPUs: what the CPU was in when its record began is not known' },
  missing_sched: { severity: 'repair', text: 'context switches recorded without the scheduler around them' },
  inferred_message: { severity: 'repair', text: 'RPC messages whose time on the wire is computed from their length' },
  open_wait: { severity: 'repair', text: 'waits that had not ended when the trace did' },
  unknown_wait: { severity: 'info', text: 'waits whose reason is not known' },
  deep_nesting: { severity: 'damage', text: 'calls nested too deep, ignored' },
};
