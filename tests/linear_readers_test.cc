// SPDX-License-Identifier: BSD-3-Clause
// The same as linear_test.cc of what does not go through the chain to a page: programs, mappings, captures, logs, documents, recordings of
// coroutines, and what answers questions.
#include <elf.h>

#include <cstring>
#include <fstream>

#include "analysis/memory_use.h"
#include "analysis/profile.h"
#include "analysis/row_profile.h"
#include "analysis/why_report.h"
#include "base/error.h"
#include "chain.h"
#include "coro/coro_check.h"
#include "json/side_document.h"
#include "kutrace/coro_file.h"
#include "net/log_clocks.h"
#include "net/packets_seen.h"
#include "support/linear.h"
#include "support/rpc_files.h"
#include "support/temp_dir.h"
#include "symbols/elf_file.h"
#include "symbols/kernel_symbols.h"
#include "symbols/process_maps.h"

namespace kutrace::test {
namespace {

class LinearReaders : public TempDir {
 protected:
  // A reader of a file, by its name.
  template <typename Read>
  auto of_file(Read read) const {
    return [this, read](const std::string& bytes) {
      std::ofstream(dir_ + "in", std::ios::binary) << bytes;
      Diagnostics diagnostics;
      try {
        read(dir_ + "in", diagnostics);
      } catch (const Error&) {
      }
    };
  }
};

template <typename T>
std::string raw(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
}

Elf64_Ehdr elf_header() {
  Elf64_Ehdr h{};
  std::memcpy(h.e_ident, ELFMAG, SELFMAG);
  h.e_ident[EI_CLASS] = ELFCLASS64;
  h.e_ident[EI_DATA] = ELFDATA2LSB;
  h.e_ident[EI_VERSION] = EV_CURRENT;
  h.e_type = ET_DYN;
  h.e_version = EV_CURRENT;
  h.e_ehsize = sizeof(h);
  h.e_phentsize = sizeof(Elf64_Phdr);
  h.e_shentsize = sizeof(Elf64_Shdr);
  return h;
}

// Each of n sections is the same table of n symbols, none of them a function.
std::string tables_of_symbols(size_t n) {
  Elf64_Ehdr h = elf_header();
  h.e_shoff = sizeof(h);
  h.e_shnum = static_cast<Elf64_Half>(n + 1);
  Elf64_Shdr s{};
  std::string out = raw(h) + raw(s);
  s.sh_type = SHT_SYMTAB;
  s.sh_offset = out.size() + n * sizeof(s);
  s.sh_size = n * sizeof(Elf64_Sym);
  s.sh_entsize = sizeof(Elf64_Sym);
  return out + repeat(n, raw(s)) + std::string(s.sh_size, '\0');
}

// Each of n segments is the same n notes, none of them a build-id.
std::string segments_of_notes(size_t n) {
  Elf64_Ehdr h = elf_header();
  h.e_phoff = sizeof(h);
  h.e_phnum = static_cast<Elf64_Half>(n);
  Elf64_Phdr p{};
  p.p_type = PT_NOTE;
  p.p_offset = sizeof(h) + n * sizeof(p);
  p.p_filesz = n * 16;
  p.p_align = 4;
  const Elf64_Nhdr note{4, 0, 1};
  return raw(h) + repeat(n, raw(p)) + repeat(n, raw(note) + std::string("GNU\0", 4));
}

// A sample falls into the last of n loaded parts, n times.
std::string segments_of_code(size_t n) {
  Elf64_Ehdr h = elf_header();
  h.e_phoff = sizeof(h);
  h.e_phnum = static_cast<Elf64_Half>(n);
  return raw(h) + repeat(n, [](size_t i) {
           Elf64_Phdr p{};
           p.p_type = PT_LOAD;
           p.p_flags = PF_X;
           p.p_offset = i;
           p.p_filesz = 1;
           return raw(p);
         });
}

void elf(const std::string& path, Diagnostics& diagnostics) {
  const ElfFile file(path, {}, diagnostics);
  for (size_t i = 0; i < std::filesystem::file_size(path) / 56; ++i) file.address_of(i);
}

std::string packet(size_t i, const std::string& bytes) {
  std::string out;
  put(out, static_cast<uint32_t>(1000 + i));
  put<uint32_t>(out, 0);
  put(out, static_cast<uint32_t>(bytes.size()));
  put(out, static_cast<uint32_t>(bytes.size()));
  return out + bytes;
}
std::string capture(size_t n, const std::function<std::string(size_t)>& bytes) {
  std::string out;
  put<uint32_t>(out, 0xa1b2c3d4);
  put<uint32_t>(out, 0x00040002);
  put<uint64_t>(out, 0);
  put<uint32_t>(out, 65535);
  put<uint32_t>(out, 101);  // IP without a link's header
  return out + repeat(n, [&](size_t i) { return packet(i, bytes(i)); });
}
// Of UDP, with a payload of its own.
std::string datagram(size_t i) {
  std::string out("\x45\0\0\x34\0\0\0\0\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2\0\1\0\2\0\x20\0\0", 28);
  const std::string text = std::to_string(i);
  return out + text + std::string(24 - text.size(), 'x');
}

LoggedRpc logged(size_t i, uint32_t client, uint32_t server) {
  LoggedRpc r;
  r.id = static_cast<uint32_t>(i + 1);
  const int64_t t = 1'000'000'000'000 + static_cast<int64_t>(i) * 100;
  r.t = {t, t + 10, t + 20, t + 30};
  r.client = client;
  r.server = server;
  return r;
}

std::string section(uint64_t kind, const std::array<uint64_t, 5>& value, const std::string& payload) {
  kutrace_coro_section h{KUTRACE_CORO_MAGIC, kind, payload.size(), {}};
  std::copy(value.begin(), value.end(), h.value);
  return raw(h) + payload;
}
struct CoroRecord {
  uint64_t kind, argument, id, value;
};
// One thread that says all of this.
std::string coroutines(const std::vector<CoroRecord>& records) {
  std::string body;
  uint64_t time = 1000;
  for (const CoroRecord& r : records) {
    put(body, ++time | r.kind << 48 | r.argument << 56);
    put(body, r.id);
    put(body, time | uint64_t{KUTRACE_RING_MORE} << 48);
    put(body, r.value);
  }
  const uint64_t who = 7ull << 32 | 7, n = records.size();
  std::string times;
  for (const uint64_t t : {1000ull, 1000ull, 1000ull}) put<uint64_t>(times, t);
  return section(KUTRACE_SECTION_BEGIN, {KUTRACE_CORO_VERSION, KUTRACE_RING_CLOCK_GIVEN, 1000, 1000, 1000}, "/dev/shm/a\0\0\0\0\0\0") +
         section(KUTRACE_SECTION_RECORDS, {1, who, 0, 1000}, body) + section(KUTRACE_SECTION_THREAD, {1, who, n, 0, 2 * n | KUTRACE_THREAD_LEFT}, times) +
         section(KUTRACE_SECTION_END, {time + 1000, time + 1000, time + 1000}, "");
}
// n coroutines of which each does something like this.
std::string lives(size_t n, const std::function<std::vector<CoroRecord>(uint64_t)>& life) {
  std::vector<CoroRecord> all;
  for (uint64_t i = 1; i <= n; ++i) {
    for (const CoroRecord& r : life(i)) all.push_back(r);
  }
  return coroutines(all);
}
std::vector<CoroRecord> waits(uint64_t id, uint64_t kind, uint64_t value) {
  return {{KUTRACE_CORO_CREATE, 0, id, 0}, {KUTRACE_CORO_START, 0, id, 0}, {KUTRACE_CORO_SUSPEND, kind, id, value}};
}
void check_coroutines(const std::string& bytes) {
  Diagnostics diagnostics;
  const CoroFile file = read_coro_file({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, diagnostics);
  const CoroCheck check(file);
  check.text();
  check.json("in");
}

constexpr char kText[] = "# ## VERSION: 3\n# ## TRACEBASE: 2026-01-01_00:00:00\n# ## FLAGS: 128\n1 1 512 0 9 0 9 0 0 x\n1 1 512 1 8 0 8 0 0 y\n";
std::string event(size_t t, size_t num, size_t cpu, size_t pid, size_t arg, const char* name = "e") {
  return std::to_string(t) + " 1 " + std::to_string(num) + " " + std::to_string(cpu) + " " + std::to_string(pid) + " 0 " + std::to_string(arg) + " 0 0 " + name + "\n";
}

class Nowhere : public SpanSink {
 public:
  void spans(const std::vector<Span>&) override {}
};

// Every question at once.
void ask(const std::string& text) {
  StringPool pool;
  Diagnostics diagnostics;
  const Selection all;
  WhyRecords records(pool, diagnostics);
  Profile profile(ProfileOf::kWaiting, ProfileBy::kThread, pool, all, diagnostics);
  MemoryUse use(pool, diagnostics);
  RowProfile rows(pool, diagnostics);
  std::vector<SpanSink*> sinks{&records, &profile, &use, &rows};
  struct Tee : SpanSink {
    explicit Tee(std::vector<SpanSink*>& to) : to(to) {}
    void header(const SpanHeader& header) override {
      for (SpanSink* sink : to) sink->header(header);
    }
    void spans(const std::vector<Span>& batch) override {
      for (SpanSink* sink : to) sink->spans(batch);
    }
    std::vector<SpanSink*>& to;
  } tee(sinks);
  const MappedInput input(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()), "in");
  read_spans_in_order(input, pool, tee, diagnostics);
  records.finish();
  profile.finish();
  use.skews();
  Nowhere nowhere;
  rows.write({}, nowhere);
  why_answers(records, records.windows(), diagnostics);
  for (const auto& [tid, thread] : records.threads()) {
    if (records.threads().size() < 10) why_path(records, tid, records.first(), records.last(), diagnostics);
  }
}

TEST_F(LinearReaders, FourTimesTheInputTakesAboutFourTimesTheStepsAndTheMemory) {
  const auto maps = of_file([](const std::string& path, Diagnostics& d) {
    ProcessMaps all("/nowhere", {});
    all.read(path, d);
    for (uint64_t i = 0; i < 1000; ++i) all.name(static_cast<int32_t>(i % 7), i * 0x1000, d);
  });
  const auto kernel = of_file([](const std::string& path, Diagnostics& d) { read_kernel_symbols(path, d); });
  const auto packets = of_file([](const std::string& path, Diagnostics& d) {
    PacketsSeen seen(d);
    seen.captured(PacketCapture(AnyInput(path, d)));
    fit_packets(seen, seen);
  });
  const auto log = of_file([](const std::string& path, Diagnostics& d) {
    LogClocks clocks;
    const std::vector<Rpc> all = read_rpc_log(AnyInput(path, d), d);
    for (const Rpc& rpc : all) clocks.take(rpc);
    clocks.solve();
    for (const Rpc& rpc : all) clocks.aligned(rpc);
  });
  const auto document = [](const std::string& text) {
    Diagnostics d;
    try {
      read_side_document(text, "in", d);
    } catch (const Error&) {
    }
  };
  const auto imported = of_file([](const std::string& path, Diagnostics& d) { import_coros(MappedInput(path), d); });
  std::vector<Shape> shapes = {
      {"maps: mappings", 2000, [](size_t n) { return "==== /proc/5/maps\n" + repeat(n, [](size_t i) { return std::to_string(i) + "000-" + std::to_string(i) + "fff r-xp 00000000 00:00 1 /x" + std::to_string(i) + "\n"; }); }, maps},
      {"maps: mappings that overlap", 2000, [](size_t n) { return "==== /proc/5/maps\n" + repeat(n, "1000-fffffff r-xp 00000000 00:00 1 /x\n"); }, maps},
      {"maps: processes", 2000, [](size_t n) { return repeat(n, [](size_t i) { return "==== /proc/" + std::to_string(i) + "/maps\n1000-2000 r-xp 00000000 00:00 1 /x\n"; }); }, maps},
      {"maps: build-ids", 2000, [](size_t n) { return "==== build-ids\n" + repeat(n, [](size_t i) { return std::to_string(i) + " /x" + std::to_string(i) + "\n"; }); }, maps},
      {"kernel symbols at one address", 2000, [](size_t n) { return repeat(n, [](size_t i) { return "ffffffff81000000 T f" + std::to_string(i) + "\n"; }); }, kernel},
      {"capture: packets", 1000, [](size_t n) { return capture(n, datagram); }, packets},
      {"capture: one packet again and again", 1000, [](size_t n) { return capture(n, [](size_t) { return datagram(1); }); }, packets},
      {"capture: empty packets", 1000, [](size_t n) { return capture(n, [](size_t) { return std::string(); }); }, packets},
      {"log: one pair of machines", 500, [](size_t n) { return repeat(n, [](size_t i) { return log_record(logged(i, 1, 2)); }); }, log},
      {"log: a chain of machines", 500, [](size_t n) { return repeat(n, [](size_t i) { return log_record(logged(i, static_cast<uint32_t>(i), static_cast<uint32_t>(i + 1))); }); }, log},
      {"log: a star of machines", 500, [](size_t n) { return repeat(n, [](size_t i) { return log_record(logged(i, 7, static_cast<uint32_t>(i + 100))); }); }, log},
      {"document: points", 4000, [](size_t n) { return "{\"title\":\"x\",\"points\":[" + repeat(n, "[1,2],") + "[1,2]]}"; }, document},
      {"document: brackets", 4000, [](size_t n) { return "{\"title\":\"x\",\"points\":" + repeat(n, "["); }, document},
      {"document: members", 4000, [](size_t n) { return "{\"points\":[[1,2]]" + repeat(n, [](size_t i) { return ",\"m" + std::to_string(i) + "\":[1]"; }) + "}"; }, document},
      {"coroutines that wait for one thing", 1000, [](size_t n) { return lives(n, [](uint64_t i) { return waits(i, KUTRACE_WAIT_EVENT, 5); }); }, check_coroutines},
      {"coroutines that wait for the next one", 1000, [](size_t n) { return lives(n, [](uint64_t i) { return waits(i, KUTRACE_WAIT_JOIN, i + 1); }); }, check_coroutines},
      {"coroutines that wait for the one before", 1000, [](size_t n) { return lives(n, [](uint64_t i) { return waits(i, KUTRACE_WAIT_JOIN, i - 1); }); }, check_coroutines},
      {"coroutines in a ring of locks", 1000,
       [](size_t n) {
         return lives(n, [n](uint64_t i) {
           auto all = waits(i, KUTRACE_WAIT_LOCK, i % n + 1);
           all.insert(all.end() - 1, {KUTRACE_RES_TAKE, 0, i, i});
           return all;
         });
       },
       check_coroutines},
      {"coroutines: a signal after each wait", 1000,
       [](size_t n) {
         return lives(n, [](uint64_t i) {
           auto all = waits(i, KUTRACE_WAIT_EVENT, 5);
           all.push_back({KUTRACE_RES_SIGNAL, 1, i, 5});
           return all;
         });
       },
       check_coroutines},
      {"coroutines: ready and never resumed", 1000,
       [](size_t n) {
         return lives(n, [](uint64_t i) {
           auto all = waits(i, KUTRACE_WAIT_YIELD, 0);
           all.push_back({KUTRACE_CORO_READY, 0, i, 0});
           return all;
         });
       },
       check_coroutines},
      {"coroutines: started inside each other", 1000, [](size_t n) { return lives(n, [](uint64_t i) { return std::vector<CoroRecord>{{KUTRACE_CORO_CREATE, 1, i, i - 1}, {KUTRACE_CORO_START, 0, i, 0}}; }); }, check_coroutines},
      {"coroutines: many waits before one", 1000,
       [](size_t n) {
         std::vector<CoroRecord> all = {{KUTRACE_CORO_CREATE, 0, 1, 0}, {KUTRACE_CORO_START, 0, 1, 0}};
         for (uint64_t i = 0; i < n; ++i) all.push_back({KUTRACE_CORO_WAIT, KUTRACE_WAIT_EVENT, 1, i});
         all.push_back({KUTRACE_CORO_SUSPEND, KUTRACE_WAIT_EVENT, 1, 5});
         return coroutines(all);
       },
       check_coroutines},
      {"coroutines: bytes between sections", 4000, [](size_t n) { return lives(1, [](uint64_t i) { return waits(i, 1, 5); }) + repeat(n, "UKTCORO1"); }, check_coroutines},
      {"import: lines", 1000, [](size_t n) { return repeat(n, [](size_t i) { return "{\"id\":" + std::to_string(i) + ",\"ts\":" + std::to_string(i) + ",\"event\":\"resume\",\"tid\":1}\n"; }); }, imported},
      {"questions: pairs of marks inside each other", 200,
       [](size_t n) {
         return kText + repeat(n, [](size_t i) { return std::to_string(10 + i) + " 1 34 " + std::to_string(i) + " t\n" + event(10 + i, 522, 0, 9, i, "e"); });
       },
       ask},
      {"questions: wakeups to and fro", 1000,
       [](size_t n) {
         return kText + repeat(n, [](size_t i) {
                  const size_t t = 10 + 20 * i, cpu = i % 2;
                  return event(t, 518, cpu, 9 - cpu, 8 + cpu) + event(t + 5, 512, cpu, 0, 0, "-idle-") + event(t + 10, 512, 1 - cpu, 8 + cpu, 8 + cpu);
                });
       },
       ask},
      {"questions: samples", 1000, [](size_t n) { return kText + repeat(n, [](size_t i) { return event(10 + i, 641, 0, 9, i); }); }, ask},
  };
  if (can_read_elf()) {
    shapes.push_back({"ELF: tables of symbols", 1000, tables_of_symbols, of_file(elf)});
    shapes.push_back({"ELF: segments of notes", 1000, segments_of_notes, of_file(elf)});
    shapes.push_back({"ELF: loaded parts", 1000, segments_of_code, of_file(elf)});
  }
  for (const Shape& shape : shapes) expect_linear(shape);
}

}  // namespace
}  // namespace kutrace::test
