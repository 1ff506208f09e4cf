// SPDX-License-Identifier: BSD-3-Clause
// The path as steps that a person can follow: parts of one thread that belong together, each with a sentence and the records that it stands on.
#pragma once

#include <string>
#include <vector>

#include "analysis/why_causes.h"

namespace kutrace {

struct WhyStep {
  size_t first, count;  // parts
  Ticks from, to;
  WhyState state;
  int32_t tid, cpu;
  uint32_t link;
  WhyCertainty certainty;  // the least of its parts
  std::string text;
  std::vector<RecordIndex> records;
};

// Sentences about a path, all without times but lengths, so that one can compare them.
class WhySentences {
 public:
  WhySentences(const WhyRecords& records, const WhyPath& path) : r_(records), path_(path) {}
  std::vector<WhyStep> steps() const;
  std::string link(const WhyLink& link) const;
  // What a cause consists of most: "holder.75 waiting for a timer 12.100 ms".
  std::string details(const WhySum& sum, size_t most) const;
  std::string cause(const WhyCauseKey& key) const;
  // Who is behind it, where the path leaves the thread that was asked for: "held by holder.75", "by 6 threads in turn".
  std::string actors(const WhyCauseKey& key, const WhySum& sum) const;

 private:
  bool belongs(const WhyPart& a, const WhyPart& b) const;
  void add_records(WhyStep& step, const WhyPart& part) const;
  std::string step_text(const WhyStep& step) const;
  std::string shares(const WhyStep& step) const;
  std::string share_name(const WhyPart& part) const;
  std::string ready_text(const WhyStep& step) const;
  std::string fill(std::string_view words, int32_t actor, NameId name, int32_t cpu = -1) const;
  std::string in_call(NameId doing) const;
  int64_t length(const WhyPart& part) const { return r_.time().ns(part.to) - r_.time().ns(part.from); }

  const WhyRecords& r_;
  const WhyPath& path_;
};

// "812 ns", "812.345 us", "41.023 ms"
std::string why_duration(int64_t ns);
// Seconds with nine decimals.
std::string why_time(int64_t ns);
// A record as one finds it again: "CPU 1 at 48.123456789, 0x206".
std::string why_record(const WhyRecords& records, RecordIndex record);

}  // namespace kutrace
