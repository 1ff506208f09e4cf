// SPDX-License-Identifier: BSD-3-Clause
// Span records to the compressed columns of docs/payload-format.md, chunk by chunk. Holds the compressed
// bytes and one open chunk a CPU. A page that would be larger than its budget allows has fewer records: all up to one moment.
#pragma once

#include <array>
#include <deque>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/budget.h"
#include "base/diagnostics.h"
#include "base/string_pool.h"
#include "json/side_document.h"
#include "span/span.h"

namespace kutrace {

// One column being filled: the first bytes of all numbers, then the second bytes of those that have one, and so on.
// Leading zeros are only counted, so that a column of zeros costs nothing.
class Column {
 public:
  void put(uint64_t value) {
    if (value == 0 && planes_[0].empty()) {
      ++zeros_;
      return;
    }
    put_slow(value);
  }
  void put_signed(int64_t value) { put(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63)); }
  void put_byte(uint8_t value) {
    if (value == 0 && planes_[0].empty()) {
      ++zeros_;
      return;
    }
    if (planes_[0].empty()) planes_[0].assign(zeros_, 0);
    planes_[0].push_back(value);
  }
  void append_to(std::string& out) const;
  void clear() {
    for (auto& plane : planes_) plane.clear();
    zeros_ = 0;
  }

 private:
  static constexpr size_t kPlanes = 10;  // bytes of the longest number: 64 bits, 7 in each

  void put_slow(uint64_t value) {
    if (planes_[0].empty()) planes_[0].assign(zeros_, 0);
    size_t plane = 0;
    for (; value >= 0x80; value >>= 7) planes_[plane++].push_back(static_cast<uint8_t>(value | 0x80));
    planes_[plane].push_back(static_cast<uint8_t>(value));
  }
  std::array<std::vector<uint8_t>, kPlanes> planes_;
  size_t zeros_ = 0;
};

class PayloadWriter : public SpanSink {
 public:
  static constexpr size_t kChunkRecords = size_limit::chunk_records;

  // `pool` must outlive the writer. `threads` > 1 compresses beside the caller.
  // `around`: bytes of the page that the payload goes into. `budget`: of the page's bytes; when they are used up it is spent.
  PayloadWriter(const StringPool& pool, unsigned threads, Budget* budget = nullptr, uint64_t around = 0);
  ~PayloadWriter() override;

  void spans(const std::vector<Span>& batch) override;
  // Ends all chunks. Afterwards meta() and data() are complete. Call once.
  void finish();
  // Adds a document beside the trace; before finish().
  void document(SideDocument document);

  // The JSON of the page's `kutrace-meta`, `<` escaped. `view`: what it opens on, as its address has it.
  std::string meta(const SpanHeader& header, const Diagnostics& diagnostics, const std::string& view = "") const;
  // The compressed chunks, in file order.
  const std::vector<std::string>& data() const { return compressed_; }

 private:
  struct Chunk;
  struct Directory {
    std::string kind;
    int64_t cpu = -1;
    uint64_t count = 0;
    Ticks first = 0, last = 0;
    uint64_t raw = 0;
    std::string fields = {};  // further members, as JSON text
  };
  uint32_t kind_of(int32_t event, NameId name);
  void grow_kinds();
  void put_exec(const Span& span);
  void put_aux(const Span& span);
  void put_common(Chunk& chunk, const Span& span, uint32_t kind);
  void end_chunk(Chunk& chunk);
  void add(Directory directory, std::string raw);
  void compressed(std::string bytes);
  void collect(size_t still_running);
  void end_chunks();
  void put_spans(std::span<const Span> spans);
  void look();
  uint64_t bytes_at_most();

  const StringPool& pool_;
  unsigned threads_;
  std::vector<std::unique_ptr<Chunk>> exec_;
  std::unique_ptr<Chunk> aux_;
  struct KindSlot {
    uint64_t key = 0;
    uint32_t kind = UINT32_MAX;
  };
  std::vector<KindSlot> slots_;
  std::vector<std::pair<int32_t, NameId>> kinds_;
  std::vector<Directory> directory_;
  std::vector<std::string> compressed_;
  std::deque<std::future<std::string>> running_;
  std::vector<int32_t> cpu_order_;  // of their first span
  size_t documents_ = 0;
  Budget* budget_;
  uint64_t room_;               // for what budget_ allows
  uint64_t encoded_ = 0;        // bytes of the page that the ended chunks take
  uint64_t names_ = 0;          // bytes of as many names as counted_names_ says
  size_t counted_names_ = 0;
  struct Fits {                 // what was in when chunks of all CPUs ended last, and fits
    size_t chunks = 0;
    uint64_t bytes = 0;
    Ticks first = INT64_MAX, last = INT64_MIN;
  };
  Fits fits_;
  uint64_t since_ = 0, until_look_;  // records since then, and how many more until it is looked at again
  bool full_ = false;
  Ticks first_ = INT64_MAX, last_ = INT64_MIN;
};

}  // namespace kutrace
