// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/why_causes.h"

#include <algorithm>

namespace kutrace {
namespace {

constexpr WhyWords kCauses[] = {
#define KUTRACE_WHY_CAUSE(id, words) {#id, WhyState::unseen, words},
#include "analysis/why_kinds.def"
};

// Of the codes of trace-format.md, 1.12.
constexpr double kIpc[] = {0, .125, .25, .375, .5, .625, .75, .875, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5};

constexpr WhyCause kCauseOf[] = {
#define KUTRACE_WHY_KIND(id, state, cause, words) WhyCause::cause,
#include "analysis/why_kinds.def"
};

bool is_same_kind(const WhyRecords& records, const Window& a, const Window& b) {
  return (a.rpc != 0) == (b.rpc != 0) && a.name == b.name && records.program(a.tid) == records.program(b.tid);
}

}  // namespace

const WhyWords& why_words(WhyCause cause) { return kCauses[static_cast<size_t>(cause)]; }

WhyCauseKey why_cause(const WhyRecords& records, const WhyPath& path, const WhyPart& part) {
  if (part.link != 0) {
    const WhyLink& top = path.links[path.links[part.link].top];
    if (top.kind == WhyLinkKind::lock) return {WhyCause::lock, std::string(records.text(top.name))};
    return {WhyCause::peer, records.program(top.actor)};
  }
  const WhyCause cause = kCauseOf[static_cast<size_t>(part.kind)];
  switch (cause) {
    case WhyCause::call:
      if (records.text(part.name) == "page_fault") return {WhyCause::faults, ""};
      [[fallthrough]];
    case WhyCause::lock:
    case WhyCause::device:
    case WhyCause::deferred:
      return {cause, std::string(records.text(part.name))};
    case WhyCause::preempted:
      return {cause, records.program(part.actor)};
    default:
      return {cause, ""};
  }
}

WhySums why_sums(const WhyRecords& records, const WhyPath& path) {
  WhySums sums;
  for (const WhyPart& part : path.parts) {
    const int64_t ns = records.time().ns(part.to) - records.time().ns(part.from);
    WhySum& sum = sums[why_cause(records, path, part)];
    sum.ns += ns;
    sum.details[{part.tid, part.kind, part.actor, part.name}] += ns;
    if (part.link != 0) sum.actors[path.links[path.links[part.link].top].actor] += ns;
  }
  return sums;
}

WhyTotals why_totals(const WhyRecords& records, const WhyPath& path) {
  WhyTotals totals;
  for (const WhyPart& part : path.parts) {
    const int64_t ns = records.time().ns(part.to) - records.time().ns(part.from);
    totals.state[static_cast<size_t>(part.link != 0 ? WhyState::waiting : why_words(part.kind).state)] += ns;
    if (part.link == 0 && (part.kind == WhyKind::irq || part.kind == WhyKind::softirq)) totals.stolen += ns;
    totals.certainty[static_cast<size_t>(part.certainty)] += ns;
    if (part.link == 0 && (part.kind == WhyKind::user || part.kind == WhyKind::kernel) && records.has_ipc() && records[part.record].ipc != 0) {
      const auto cycles = static_cast<double>(ns);
      totals.ipc.add({cycles * kIpc[records[part.record].ipc & 15], cycles});
    }
  }
  return totals;
}

WhyOthers::WhyOthers(const WhyRecords& records, const Window& window, Diagnostics& diagnostics) {
  if (window.name.empty()) return;
  kind_ = std::string(window.rpc != 0 ? "RPCs " : "marks ") + window.name + " of " + records.program(window.tid);
  std::vector<std::pair<int64_t, const Window*>> kin;
  for (const Window& w : records.windows()) {
    if (w.to <= w.from || !is_same_kind(records, w, window)) continue;
    if (!diagnostics.take(Limit::memory, sizeof(kin[0]))) return;
    kin.emplace_back(records.time().ns(w.to) - records.time().ns(w.from), &w);
  }
  std::stable_sort(kin.begin(), kin.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const size_t n = kin.size();
  if (n >= kFewest) {
    // The middle fifth, at least five, and who takes as long as one of them.
    size_t first = n * 2 / 5, last = n - n * 2 / 5;
    while (last - first < kFewest) {
      if (first > 0) --first;
      if (last - first < kFewest && last < n) ++last;
    }
    while (first > 0 && kin[first - 1].first == kin[first].first) --first;
    while (last < n && kin[last].first == kin[last - 1].first) ++last;
    const size_t low = n / 10, high = n - std::max<size_t>(n / 10, 1);
    for (size_t i = std::min(low, first); i < std::max(high, last); ++i) {
      const Window& w = *kin[i].second;
      const bool is_typical = i >= first && i < last, is_usual = i >= low && i < high;
      if (is_typical) typical_elapsed_ = add_clamped(typical_elapsed_, kin[i].first);
      const WhyPath path = why_path(records, w.tid, w.from, w.to, diagnostics);
      if (is_typical) typical_ipc_.add(why_totals(records, path).ipc);
      for (const auto& [key, sum] : why_sums(records, path)) {
        if (is_typical) typical_[key] = add_clamped(typical_[key], sum.ns);
        if (is_usual) usual_most_[key] = std::max(usual_most_[key], sum.ns);
      }
    }
    typical_count_ = last - first;
  }
  for (const auto& [ns, w] : kin) lengths_.push_back(ns);
}

size_t WhyOthers::rank(int64_t ns) const {
  return static_cast<size_t>(lengths_.end() - std::upper_bound(lengths_.begin(), lengths_.end(), ns)) + 1;
}

int64_t WhyOthers::typical(const WhyCauseKey& key) const {
  const auto found = typical_.find(key);
  return found == typical_.end() ? 0 : found->second;
}

int64_t WhyOthers::usual_most(const WhyCauseKey& key) const {
  const auto found = usual_most_.find(key);
  return found == usual_most_.end() ? 0 : found->second;
}

std::optional<WhyCauseKey> why_named(const WhySums& sums, int64_t elapsed, const WhyOthers& others) {
  const int64_t excess = elapsed - others.mean(others.typical_elapsed());
  const WhyCauseKey* named = nullptr;
  int64_t most = 0;
  for (const auto& [key, sum] : sums) {
    const int64_t over = sum.ns - others.mean(others.typical(key));
    if (over <= most) continue;
    most = over;
    named = &key;
  }
  if (named == nullptr || named->cause == WhyCause::unknown || named->cause == WhyCause::computing) return std::nullopt;
  if (most < elapsed / 10 || most <= excess / 2 || (others.known() && most < WhyNumber::least_excess)) return std::nullopt;
  if (others.known() && sums.at(*named).ns <= others.usual_most(*named)) return std::nullopt;
  return *named;
}

}  // namespace kutrace
