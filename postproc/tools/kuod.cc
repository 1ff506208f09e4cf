// SPDX-License-Identifier: BSD-3-Clause
// kuod [FILE]: a raw trace as hex words, four a line, with their letters. Entries are told by their lengths only, so that it also shows what no reader
// takes; `kutrace dump` says what entries mean.
#include <cstring>

#include "chain.h"
#include "tools/tool.h"
#include "trace/entry_walker.h"

namespace {

using namespace kutrace;

constexpr size_t kWords = 4, kWordBytes = 8;

class WordDump {
 public:
  WordDump(const MappedInput& input, Output& out, bool all) : bytes_(input.bytes()), out_(out), all_(all) {}

  void block(size_t offset) {
    const uint64_t clock = word(offset + kWordBytes * KUTRACE_HDR_CLOCK);
    // Block 0 alone has the version in its flags.
    const bool long_header = ((clock >> 56) & KUTRACE_FLAG_VERSION_MASK) != 0;
    const size_t first = long_header ? KUTRACE_FIRST_ENTRY_BLOCK0 : KUTRACE_FIRST_ENTRY_OTHER;
    continued_ = 0;
    for (size_t i = 0; i < KUTRACE_BLOCK_WORDS; i += kWords) line(offset, i, first, KUTRACE_BLOCK_WORDS);
    if ((clock >> 56 & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) == 0) {
      end_ = offset + KUTRACE_BLOCK_BYTES;
      return;
    }
    for (size_t i = 0; i < KUTRACE_BYTE_AREA_BYTES / kWordBytes; i += kWords)
      line(offset + KUTRACE_BLOCK_BYTES, i, SIZE_MAX, KUTRACE_BYTE_AREA_BYTES / kWordBytes);
    end_ = offset + KUTRACE_BLOCK_BYTES + KUTRACE_BYTE_AREA_BYTES;
  }
  size_t end() const { return end_; }
  uint64_t written() const { return written_; }

 private:
  // A word, 0 behind the end of the file.
  uint64_t word(size_t offset) const {
    uint64_t value = 0;
    if (offset < bytes_.size()) std::memcpy(&value, bytes_.data() + offset, std::min(kWordBytes, bytes_.size() - offset));
    return value;
  }

  // Four words from `index` on; entries begin with word `first`.
  void line(size_t offset, size_t index, size_t first, size_t words) {
    char text[200];
    char* p = text;
    *p++ = '[';
    p = put_hex(p, offset + kWordBytes * index, 8);
    *p++ = ']';
    bool zero = true;
    for (size_t i = index; i < std::min(index + kWords, words); ++i) {
      const uint64_t value = word(offset + kWordBytes * i);
      zero = zero && value == 0;
      p = one(p, value, i >= first);
    }
    if ((zero && !all_) || offset + kWordBytes * index >= bytes_.size()) return;
    *p++ = ' ';
    *p++ = ' ';
    for (size_t i = 0; i < kWords * kWordBytes; ++i) {
      const size_t at = offset + kWordBytes * index + i;
      const uint8_t c = at < bytes_.size() ? bytes_[at] : 0;
      *p++ = c >= ' ' && c <= '~' ? static_cast<char>(c) : '.';
    }
    *p++ = '\n';
    out_.write({text, static_cast<size_t>(p - text)});
    written_ += static_cast<size_t>(p - text);
  }

  char* one(char* p, uint64_t value, bool entry) {
    *p++ = ' ';
    if (entry && continued_ == 0 && value != 0) {
      const auto number = static_cast<uint32_t>(value >> KUTRACE_EVENT_SHIFT & KUTRACE_EVENT_MASK);
      continued_ = std::max<uint32_t>(EntryWalker::length(number), 1) - 1;
      p = put_hex(p, value >> KUTRACE_TS_SHIFT, 5);
      *p++ = '.';
      return put_hex(p, value & ((1ULL << KUTRACE_TS_SHIFT) - 1), 11);
    }
    *p++ = entry && continued_ > 0 ? '_' : ' ';
    if (entry && continued_ > 0) --continued_;
    return put_hex(p, value, 16);
  }

  std::span<const uint8_t> bytes_;
  Output& out_;
  bool all_;
  uint32_t continued_ = 0;  // words of the entry that are still to come
  size_t end_ = 0;
  uint64_t written_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Prints the words of a raw trace in hex.", "kuod"};
  std::string file = "-", output = "-";
  bool all = false;
  app.add_option("FILE", file, "raw trace, plain or compressed; - is standard input");
  app.add_option("-o,--output", output, "where to write");
  app.add_flag("--all", all, "also lines of zeros (the reference's -all is taken)");
  return run_tool(app, argc, argv, {"-all"}, [&](Diagnostics& diagnostics) {
    MappedInput input(file, diagnostics.budget());
    require_raw(input);
    input.tell(diagnostics);
    Output out(output, {file});
    WordDump dump(input, out, all);
    const uint64_t most = diagnostics.budget()->most(Limit::output);
    for (size_t offset = 0; offset < input.bytes().size(); offset = dump.end()) {
      if (dump.written() >= most) {
        diagnostics.take(Limit::output, UINT64_MAX);
        break;
      }
      dump.block(offset);
    }
    out.close();
    return report_damage("kuod", diagnostics);
  });
}
