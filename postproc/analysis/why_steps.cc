// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/why_steps.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unordered_map>

namespace kutrace {
namespace {

constexpr size_t kShares = 3;  // of a step, in words

// Lengths by name, in order of their first.
class Shares {
 public:
  void add(const std::string& name, int64_t ns) {
    const auto [place, fresh] = places_.try_emplace(name, shares_.size());
    if (fresh) shares_.emplace_back(name, 0);
    shares_[place->second].second += ns;
  }
  // The longest ones as words; of the others only the sum.
  std::string words(size_t most) {
    std::stable_sort(shares_.begin(), shares_.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    int64_t rest = 0;
    for (size_t i = 0; i < shares_.size(); ++i) {
      if (i < most) {
        text += (text.empty() ? "" : ", ") + shares_[i].first + " " + why_duration(shares_[i].second);
      } else {
        rest += shares_[i].second;
      }
    }
    return rest > 0 ? text + ", else " + why_duration(rest) : text;
  }

 private:
  std::vector<std::pair<std::string, int64_t>> shares_;
  std::unordered_map<std::string, size_t> places_;
};

}  // namespace

std::string why_duration(int64_t ns) {
  char text[40];
  if (ns < 1000) {
    std::snprintf(text, sizeof(text), "%lld ns", static_cast<long long>(ns));
  } else if (ns < 1000000) {
    std::snprintf(text, sizeof(text), "%lld.%03d us", static_cast<long long>(ns / 1000), static_cast<int>(ns % 1000));
  } else {
    const int64_t us = ns / 1000 + (ns % 1000 >= 500 ? 1 : 0);
    std::snprintf(text, sizeof(text), "%lld.%03d ms", static_cast<long long>(us / 1000), static_cast<int>(us % 1000));
  }
  return text;
}

std::string why_time(int64_t ns) {
  char text[40];
  std::snprintf(text, sizeof(text), "%s%lld.%09lld", ns < 0 ? "-" : "", std::llabs(ns / 1000000000), std::llabs(ns % 1000000000));
  return text;
}

std::string why_record(const WhyRecords& records, RecordIndex record) {
  const Span& s = records[record];
  char event[24];
  std::snprintf(event, sizeof(event), "%s0x%x", s.event < 0 ? "-" : "", static_cast<unsigned>(std::abs(s.event)));
  const std::string where = is_wait(s) ? "thread " + std::to_string(s.pid) : "CPU " + std::to_string(s.cpu);
  return where + " at " + why_time(records.time().ns(s.start)) + ", " + event;
}

std::string WhySentences::fill(std::string_view words, int32_t actor, NameId name, int32_t cpu) const {
  std::string text;
  for (size_t at = 0; at < words.size();) {
    const auto rest = words.substr(at);
    if (rest.starts_with("{actor}")) {
      text += r_.thread_name(actor);
      at += 7;
    } else if (rest.starts_with("{name}")) {
      text += name == 0 ? "its own code" : std::string(r_.text(name));
      at += 6;
    } else if (rest.starts_with("{cpu}")) {
      text += std::to_string(cpu);
      at += 5;
    } else {
      text += words[at++];
    }
  }
  return text;
}

std::string WhySentences::in_call(NameId doing) const { return doing == 0 ? "" : " in " + std::string(r_.text(doing)); }

std::string WhySentences::link(const WhyLink& l) const {
  return r_.thread_name(l.tid) + " waited" + in_call(l.doing) + " " + fill(why_words(l.kind).words, l.actor, l.name);
}

std::string WhySentences::cause(const WhyCauseKey& key) const {
  std::string text(why_words(key.cause).words);
  if (const size_t at = text.find("{object}"); at != std::string::npos) text.replace(at, 8, key.object.empty() ? "-" : key.object);
  return text;
}

std::string WhySentences::details(const WhySum& sum, size_t most) const {
  Shares shares;
  for (const auto& [d, ns] : sum.details) shares.add(r_.thread_name(d.tid) + " " + fill(why_words(d.kind).words, d.actor, d.name), ns);
  return shares.words(most);
}

std::string WhySentences::actors(const WhyCauseKey& key, const WhySum& sum) const {
  if (sum.actors.empty()) return "";
  const auto most = std::max_element(sum.actors.begin(), sum.actors.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::string how = key.cause == WhyCause::lock ? "held by " : "";
  if (sum.actors.size() == 1) return how + r_.thread_name(most->first);
  return how + std::to_string(sum.actors.size()) + " threads in turn, longest " + r_.thread_name(most->first) + " " + why_duration(most->second);
}

// ---- steps --------------------------------------------------------------------------------------------------

bool WhySentences::belongs(const WhyPart& a, const WhyPart& b) const {
  const WhyState state = why_words(a.kind).state;
  if (a.link != b.link || a.tid != b.tid || a.cpu != b.cpu || state != why_words(b.kind).state) return false;
  return state == WhyState::running || (a.record == b.record && a.end == b.end);
}

std::vector<WhyStep> WhySentences::steps() const {
  std::vector<WhyStep> steps;
  for (size_t i = 0; i < path_.parts.size(); ++i) {
    const WhyPart& part = path_.parts[i];
    if (i == 0 || !belongs(path_.parts[i - 1], part)) {
      steps.push_back({i, 0, part.from, part.to, why_words(part.kind).state, part.tid, part.cpu, part.link, part.certainty, "", {}});
      add_records(steps.back(), part);
    }
    WhyStep& step = steps.back();
    ++step.count;
    step.to = part.to;
    step.certainty = std::max(step.certainty, part.certainty);
  }
  for (WhyStep& step : steps) step.text = step_text(step);
  return steps;
}

void WhySentences::add_records(WhyStep& step, const WhyPart& part) const {
  if (part.record == kNoRecord) return;
  step.records.push_back(part.record);
  if (step.state == WhyState::waiting && part.other != kNoRecord) step.records.push_back(part.other);
  if (step.state != WhyState::ready || step.from != r_[part.record].start) return;
  if (const RecordIndex woken = r_.wakeup(*r_.thread(step.tid), step.from); woken != kNoRecord) step.records.push_back(woken);
}

std::string WhySentences::step_text(const WhyStep& step) const {
  const WhyPart& part = path_.parts[step.first];
  const std::string who = r_.thread_name(step.tid);
  switch (step.state) {
    case WhyState::running:
      return who + " ran on CPU " + std::to_string(step.cpu) + ": " + shares(step);
    case WhyState::ready:
      return who + ready_text(step);
    case WhyState::waiting:
      return who + " waited" + in_call(part.doing) + " " + fill(why_words(part.end).words, part.actor, part.name, part.other == kNoRecord ? -1 : r_[part.other].cpu);
    case WhyState::unseen:
      break;
  }
  return "nothing is recorded of " + who + ": it was on no CPU";
}

std::string WhySentences::share_name(const WhyPart& part) const {
  const std::string name(r_.text(part.name));
  switch (part.kind) {
    case WhyKind::user: return "its own code";
    case WhyKind::irq: return "interrupt " + name;
    case WhyKind::softirq: return "softirq " + name;
    case WhyKind::sched:
    case WhyKind::behind_sched: return "switching";
    case WhyKind::behind: return r_.thread_name(part.actor) + (part.name == 0 ? "" : " in " + name);
    case WhyKind::waking: return "idle, not yet awake";
    default: return name;
  }
}

std::string WhySentences::shares(const WhyStep& step) const {
  Shares shares;
  for (size_t i = step.first; i < step.first + step.count; ++i) shares.add(share_name(path_.parts[i]), length(path_.parts[i]));
  return shares.words(kShares);
}

std::string WhySentences::ready_text(const WhyStep& step) const {
  const WhyPart& part = path_.parts[step.first];
  if (part.kind == WhyKind::never_ran) return " was ready and did not run before the trace ended";
  std::string text = " was ready; CPU " + std::to_string(step.cpu) + ", where it then ran: " + shares(step);
  std::string idle;
  for (const auto& [number, cpu] : r_.cpus()) {
    if (number != step.cpu && r_.idle(cpu, step.from, step.to) * 2 > step.to - step.from) idle += (idle.empty() ? "" : ", ") + std::to_string(number);
  }
  if (!idle.empty()) text += "; idle meanwhile: CPU " + idle;
  // Its state began there, and nothing woke it.
  if (step.records.size() == 1 && step.from == r_[part.record].start) text += "; it was not asleep before";
  return text;
}

}  // namespace kutrace
