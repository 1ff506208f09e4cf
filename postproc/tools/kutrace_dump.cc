// SPDX-License-Identifier: BSD-3-Clause
// kutrace dump: raw entries in storing order, one a line: file offset, CPU, time, event number, fields.
#include <algorithm>
#include <cinttypes>

#include "base/error.h"
#include "base/output.h"
#include "chain.h"
#include "trace/name_table.h"
#include "tools/commands.h"
#include "tools/tool.h"
#include "trace/decoder.h"
#include "trace/entry_walker.h"

namespace kutrace {
namespace {

class Dumper {
 public:
  Dumper(const TraceReader& reader, Output& out, const DumpArguments& arguments)
      : reader_(reader), out_(out), arguments_(arguments), names_(pool_) {}

  uint64_t bytes() const { return bytes_; }

  void header() {
    const TimePairs& p = reader_.pairs();
    print("# %s: %zu blocks, base %s, %.6f counts/us, flags 0x%02x, version %u\n", terminal_text(reader_.name()).c_str(),
          reader_.blocks().size(), format_minute(reader_.info().time.minute_us).c_str(), 1.0 / p.us_per_count(),
          reader_.info().flags, reader_.info().version);
    print("# start counter %" PRIu64 " = %s UTC\n", p.start_counter, format_utc(static_cast<int64_t>(p.start_us)).c_str());
    print("# stop  counter %" PRIu64 " = %s UTC\n", p.stop_counter, format_utc(static_cast<int64_t>(p.stop_us)).c_str());
    print("# %10s %4s %16s %5s %s\n", "offset", "cpu", "seconds", "event", "fields");
  }

  void block(const Block& b, bool shown, Diagnostics& found) {
    std::string name = clean_name(reader_.header_name(b));
    if (shown) {
      print("# block %u at %" PRIu64 ": cpu %u counter %" PRIu64 " clock %s flags 0x%02x pid %u %s mhz %u%s\n",
            b.index, b.offset, b.cpu, b.counter, format_utc(static_cast<int64_t>(b.clock_us)).c_str(), b.flags, b.pid,
            name.c_str(), b.mhz, b.names_only ? " (names only)" : "");
    }
    EntryWalker walker(reader_, b, found, false);
    Entry e;
    while (walker.next(e)) entry(b, e, shown);
  }

 private:
  template <typename... Args>
  void print(const char* format, Args... args) {
    char line[512];
    int n = std::snprintf(line, sizeof(line), format, args...);
    out_.write({line, std::min(static_cast<size_t>(std::max(n, 0)), sizeof(line) - 1)});
  }

  void entry(const Block& b, const Entry& e, bool shown) {
    const std::string text = describe(b, e);
    if (!shown) return;
    const uint64_t offset = b.offset + 8 * static_cast<uint64_t>(e.index);
    const Ticks t = e.counter - reader_.base_counter();
    const double s = static_cast<double>(reader_.info().time.ns(t)) / 1e9;
    print("%12" PRIu64 " %4u %16.9f %5x ", offset, b.cpu, s, e.num);
    out_.write(text);
    bytes_ += 64 + text.size();
    if (const uint8_t* bytes = reader_.byte_area(b); bytes != nullptr && e.words == 1) print(" ipc=%02x", bytes[e.index]);
    if (arguments_.hex) {
      for (uint32_t i = 0; i < e.words; ++i) print(" %016" PRIx64, reader_.word(b, e.index + i));
    }
    out_.write("\n");
  }

  // Also collects the names that later entries are described with.
  std::string describe(const Block& b, const Entry& e) {
    const auto arg = static_cast<uint32_t>(e.word);
    if (kutrace_is_name(e.num) && name_kind(e.num) == KUTRACE_CLOCK_SET && e.words == 2) {
      return "the wall clock was set by " + signed_seconds(static_cast<int64_t>(reader_.word(b, e.index + 1))) + " s";
    }
    if (kutrace_is_name(e.num)) {
      const char* raw = reinterpret_cast<const char*>(reader_.data() + b.offset + 8 * (e.index + 1ULL));
      std::string text = clean_name({raw, ::strnlen(raw, 8 * (e.words - 1ULL))});
      names_.add(name_kind(e.num), arg, text);
      return "name of " + std::to_string(arg) + ": " + text;
    }
    if (e.words == 2) {
      return std::string(pool_[names_.pc(reader_.word(b, e.index + 1))]) + " mhz=" + std::to_string(arg & 0xffff);
    }
    if (e.num == KUTRACE_TSDELTA) return "tsdelta " + std::to_string(static_cast<int32_t>(arg));
    if (e.num >= KUTRACE_TRAP) {
      const uint32_t call = e.num & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT);
      std::string name(pool_[names_.call(call, arg & 0xffff)]);
      if (call != e.num) return "/" + name + " ret=" + std::to_string(static_cast<int16_t>(arg));
      const uint32_t delta = arg >> KUTRACE_DELTA_SHIFT;
      name += " arg=" + std::to_string(arg & 0xffff);
      if (delta != 0) {
        name += " folded: counts=" + std::to_string(delta) +
                " ret=" + std::to_string(static_cast<int8_t>(static_cast<uint8_t>(arg >> KUTRACE_RETVAL_SHIFT)));
      }
      return name;
    }
    if (e.num == KUTRACE_USERPID) return "switch to " + std::to_string(arg);
    return std::string(pool_[names_.special(e.num, arg)]) + " arg=" + std::to_string(arg);
  }

  const TraceReader& reader_;
  Output& out_;
  const DumpArguments& arguments_;
  StringPool pool_;
  NameTable names_;
  uint64_t bytes_ = 0;
};

}  // namespace

int dump(const DumpArguments& a, Diagnostics& diagnostics) {
  MappedInput input(a.file, diagnostics.budget());
  require_raw(input);
  TraceReader reader(input, diagnostics);
  const auto wanted = [&](const Block& b) {
    return (a.cpu < 0 || b.cpu == static_cast<uint32_t>(a.cpu)) && (a.block < 0 || b.index == static_cast<uint32_t>(a.block));
  };
  if ((a.cpu >= 0 || a.block >= 0) && std::none_of(reader.blocks().begin(), reader.blocks().end(), wanted)) {
    throw Error(reader.name(), std::nullopt, "has no such block", "`kutrace dump` without --cpu and --block lists all");
  }
  Output out("-", {a.file});
  Dumper dumper(reader, out, a);
  dumper.header();
  const uint64_t most = diagnostics.budget()->most(Limit::output);
  for (const Block& b : reader.blocks()) {
    if (dumper.bytes() >= most) {
      diagnostics.take(Limit::output, UINT64_MAX);
      break;
    }
    dumper.block(b, wanted(b), diagnostics);
  }
  out.close();
  return report_damage("kutrace dump", diagnostics);
}

}  // namespace kutrace
