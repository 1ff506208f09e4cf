// SPDX-License-Identifier: BSD-3-Clause
// Where a thread's elapsed time went: from the end backwards through what it did, whom it waited for and what they did meanwhile, holders of
// locks before wakers. The parts tile the time to the tick, whatever the trace holds (docs/why.md).
#pragma once

#include <string_view>
#include <vector>

#include "analysis/why_records.h"

namespace kutrace {

enum class WhyState : uint8_t { running, ready, waiting, unseen };
constexpr std::string_view kWhyStates[] = {"running", "ready", "waiting", "unseen"};

enum class WhyKind : uint8_t {
#define KUTRACE_WHY_KIND(id, state, cause, words) id,
#include "analysis/why_kinds.def"
};
enum class WhyLinkKind : uint8_t {
#define KUTRACE_WHY_LINK(id, words) id,
#include "analysis/why_kinds.def"
};
enum class WhyEnd : uint8_t {
#define KUTRACE_WHY_END(id, words) id,
#include "analysis/why_kinds.def"
  none
};
namespace WhyNumber {
#define KUTRACE_WHY_NUMBER(id, value) constexpr int id = value;
#include "analysis/why_kinds.def"
}  // namespace WhyNumber
struct WhyWords {
  std::string_view id;
  WhyState state;  // of kinds
  std::string_view words;
};
const WhyWords& why_words(WhyKind kind);
const WhyWords& why_words(WhyLinkKind kind);
const WhyWords& why_words(WhyEnd end);

// How a part is known, and that it belongs to the path: as it is recorded; concluded from other records; from a repair; or not at all.
enum class WhyCertainty : uint8_t { recorded, derived, inferred, unknown };
constexpr std::string_view kWhyCertainties[] = {"recorded", "derived", "inferred", "unknown"};

// A step of the path from a thread that waited to the one that it waited for.
struct WhyLink {
  uint32_t parent;  // link through which the waiting thread came onto the path; 0: it is the one that was asked for
  uint32_t top;     // the first link from there
  WhyLinkKind kind;
  WhyCertainty certainty;  // of it and of those that led to it
  int32_t tid, actor;      // who waited, for whom
  NameId name, doing;      // lock, or the actor's call; the call in which it waited
  RecordIndex wait, other; // the wait; the wakeup, acquisition or message
  uint32_t depth;
};

struct WhyPart {
  Ticks from = 0, to = 0;
  WhyKind kind = WhyKind::unseen;
  WhyEnd end = WhyEnd::none;
  WhyCertainty certainty = WhyCertainty::recorded;
  int32_t tid = -1;    // whose time
  int32_t cpu = -1;    // of running, and where it ran after being ready
  int32_t actor = -1;  // who ran instead, who was waited for
  NameId name = 0;     // call, interrupt, lock
  NameId doing = 0;    // the call in which it waited or was ready
  RecordIndex record = kNoRecord, other = kNoRecord;  // the span or wait; what ended it
  uint32_t link = 0;
};

struct WhyPath {
  int32_t tid = -1;
  Ticks from = 0, to = 0;
  std::vector<WhyLink> links;  // the first stands for the thread that was asked for
  std::vector<WhyPart> parts;  // in order of time, without gaps
};

// Of thread `tid` in [from, to). Memory is taken from the budget of `diagnostics`: when that ends, what is left is one part that says so.
WhyPath why_path(const WhyRecords& records, int32_t tid, Ticks from, Ticks to, Diagnostics& diagnostics);

}  // namespace kutrace
