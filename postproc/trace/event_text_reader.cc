// SPDX-License-Identifier: BSD-3-Clause
#include "trace/event_text_reader.h"

#include <charconv>

#include "base/error.h"
#include "trace/name_table.h"

namespace kutrace {
namespace {

constexpr size_t kBatch = 4096;
constexpr size_t kFieldsWithIpc = 9;
constexpr auto kMaxTime = static_cast<int64_t>(kMaxEventSeconds * 1e8);  // 10 ns units
// A folded call lasts at most 255 counts of at least 0.99 MHz; this is forty times as much.
constexpr int64_t kMaxFold = 1 << 20;
// An event this far before the previous one, but behind the one before that, shows that the previous one is wrong.
constexpr int64_t kOutlier = 100000000;
// Lines read ahead of the first event handed out, so that a wrong first time can be seen.
constexpr size_t kFirstBatch = 16;
// Names in a row.
constexpr size_t kMostNames = 1 << 16;
constexpr uint64_t kMapNode = 64;

// The next blank-separated integer; false when there is none.
bool integer(std::string_view text, size_t& at, int64_t& value) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  const bool negative = at < text.size() && text[at] == '-';
  if (negative) ++at;
  const size_t start = at;
  uint64_t magnitude = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    magnitude = magnitude * 10 + static_cast<uint64_t>(text[at] - '0');
  }
  // Eighteen digits fit; no field of event text has more.
  if (at == start || at - start > 18) return false;
  value = negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
  return at == text.size() || text[at] == ' ' || text[at] == '\t';
}

std::string_view word(std::string_view text, size_t& at) {
  while (at < text.size() && text[at] == ' ') ++at;
  size_t start = at;
  while (at < text.size() && text[at] != ' ') ++at;
  return text.substr(start, at - start);
}

bool fits32(int64_t v) { return v >= INT32_MIN && v <= UINT32_MAX; }

}  // namespace

EventTextReader::EventTextReader(LineReader& lines, Diagnostics& diagnostics) : lines_(lines), diagnostics_(diagnostics) {
  info_.time.ns_per_tick = 10.0;
  info_.flags = 0;
  std::string_view text;
  bool any = false;
  // Only the event behind a name tells whether its time can be.
  while (wants_more(kFirstBatch) && next_line(text)) {
    any = true;
    line(text);
  }
  settle_last_names();
  if (good_lines_ == 0) {
    throw Error(lines_.name(), std::nullopt, any ? "holds no line of event text" : "is empty",
                "give the output of rawtoevent");
  }
}

// No batch ends with a name, but a text of names only is handed on all the same: with the times they have.
bool EventTextReader::wants_more(size_t batch) const {
  if (diagnostics_.spent() || batch_.size() >= kMostNames) return false;
  return batch_.size() < batch || batch_.back().is_name();
}

void EventTextReader::comment(std::string_view text) {
  auto value_of = [&](std::string_view key, int64_t& value) {
    if (!text.starts_with(key)) return false;
    size_t at = key.size();
    return integer(text, at, value);
  };
  int64_t value;
  if (value_of("# ## VERSION:", value)) {
    info_.version = static_cast<uint32_t>(value) & 0xf;
    has_ipc_ = value >= 2;
  } else if (value_of("# ## FLAGS:", value)) {
    info_.flags = static_cast<uint32_t>(value) & 0xf0;
    info_.wrapped = (info_.flags & KUTRACE_FLAG_WRAP) != 0;
  } else if (constexpr std::string_view kFinding = "# ## FINDING: "; text.starts_with(kFinding)) {
    double count = 0;
    std::from_chars(text.data() + kFinding.size(), text.data() + text.size(), count);
    const FindingInfo* row = find_finding(text.substr(text.rfind(' ') + 1));
    if (row != nullptr) diagnostics_.add(row->finding, Diagnostics::count_of(count));
  } else if (text.starts_with("# ## PLACE: ")) {
    const std::string_view rest = text.substr(12);
    const FindingInfo* row = find_finding(rest.substr(0, rest.find(' ')));
    if (row != nullptr && rest.find(' ') != std::string_view::npos) diagnostics_.told(row->finding, rest.substr(rest.find(' ') + 1));
  } else if (text.starts_with("# ## TRACEBASE: ")) {
    info_.time.minute_us = parse_minute(std::string(text.substr(16)));
    have_base_ = true;
  } else if (text.starts_with("# [1] ") && !have_base_ && info_.time.minute_us == TimeBase::kUnknownMinute) {
    info_.time.minute_us = parse_minute(std::string(text.substr(6)));
  }
  ++good_lines_;
}

bool EventTextReader::name_line(const int64_t* f, std::string_view text) {
  size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos || !fits32(f[3]) || std::abs(f[0]) > kMaxTime) return false;
  Event event{};
  event.t = std::max<int64_t>(f[0], last_ == INT64_MIN ? 0 : last_);
  event.num = name_kind(static_cast<uint32_t>(f[2]));
  event.arg = static_cast<uint32_t>(f[3]);
  event.extra = intern(text.substr(start));
  if (event.num == KUTRACE_TRAPNAME || event.num == KUTRACE_INTERRUPTNAME || event.num == KUTRACE_SYSCALL64NAME ||
      event.num == KUTRACE_SYSCALL32NAME) {
    named_.set((static_cast<uint32_t>(event.num) << 8 | (event.arg & 0xfff)) & 0xfff);
  }
  if (f[0] == -1) {
    // All names of the trace come first. A thread's first one is not known from this sorted list: its later
    // lines carry the times.
    if (event.num == KUTRACE_PIDNAME) return true;
    if (!started_) {
      first_name(event);
      return true;
    }
    // In text that nobody sorted they go on behind events that were handed on: they hold from here.
  }
  batch_.push_back(event);
  return true;
}

// Of several names of one number only the last counts, so that the list is no longer than there are numbers.
void EventTextReader::first_name(Event event) {
  event.t = 0;
  const uint64_t key = static_cast<uint64_t>(event.num) << 32 | event.arg;
  const auto [at, fresh] = first_at_.emplace(key, names_first_.size());
  if (!fresh) {
    names_first_[at->second] = event;
    return;
  }
  diagnostics_.take(Limit::memory, sizeof(Event) + kMapNode);
  names_first_.push_back(event);
}

NameId EventTextReader::intern(std::string_view text) {
  if (text.size() > size_limit::name) {
    diagnostics_.add_at(Finding::kLongName, [&] { return lines_.name() + " at offset " + std::to_string(lines_.offset()); });
    text = text.substr(0, size_limit::name);
  }
  const std::string clean = clean_name(text);
  const size_t before = pool_.size();
  const NameId id = pool_.intern(clean);
  if (pool_.size() != before) diagnostics_.take(Limit::memory, StringPool::cost(clean));
  return id;
}

// Text that has lost its name lines still names each call.
void EventTextReader::imply_name(uint32_t num, std::string_view name, Ticks t) {
  uint32_t call = num & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT);
  if (named_.test(call)) return;
  named_.set(call);
  if (call != num && name.starts_with('/')) name.remove_prefix(1);
  if (name.empty() || name == fallback_call_name(call) || call == KUTRACE_BOTTOM_HALF) return;
  Event event{};
  event.t = t;
  event.num = static_cast<uint16_t>(call >> 8);
  event.arg = call & 0xff;
  if (call >= KUTRACE_SYSCALL64) {
    event.num = call >= KUTRACE_SYSCALL32 ? KUTRACE_SYSCALL32NAME : KUTRACE_SYSCALL64NAME;
    event.arg = call & 0x1ff;
  }
  event.extra = intern(name);
  batch_.push_back(event);
}

// The time of the next event is `t`: the names before it cannot be later, and an event far behind it that itself came
// from nowhere is dropped. False when the next event is the one that is wrong.
bool EventTextReader::in_order(Ticks t) {
  auto place = [&] {
    return lines_.name() + " at offset " + std::to_string(lines_.offset()) + "; sort the text with LC_ALL=C sort -n first";
  };
  if (t < last_) {
    diagnostics_.add_at(Finding::kTimeBackwards, place);
    if (t < before_last_ || last_ - t < kOutlier || batch_.empty() || batch_.back().is_name() || batch_.back().t != last_) {
      return false;
    }
    batch_.pop_back();
    last_ = before_last_;
  }
  for (size_t i = batch_.size(); i > 0 && batch_[i - 1].is_name() && batch_[i - 1].t > t; --i) batch_[i - 1].t = t;
  before_last_ = last_;
  last_ = t;
  return true;
}

bool EventTextReader::event_line(std::string_view text, const int64_t* first, size_t at) {
  int64_t f[kFieldsWithIpc] = {first[0], first[1], first[2], first[3], 0, 0, 0, 0, 0};
  const size_t count = has_ipc_ ? kFieldsWithIpc : kFieldsWithIpc - 1;
  for (size_t i = 4; i < count; ++i) {
    if (!integer(text, at, f[i])) return false;
  }
  const int64_t num = f[2];
  if (num < 0 || num > 0xfff || f[3] < 0 || f[3] > kMaxCpu || !fits32(f[4]) || !fits32(f[6]) || !fits32(f[7])) return false;
  if (std::abs(f[0]) > kMaxTime || f[1] < 0 || f[1] > (kutrace_is_call(static_cast<uint32_t>(num)) ? kMaxFold : INT64_MAX)) return false;
  if (!in_order(f[0])) return true;
  const std::string_view name = word(text, at);
  Event e{};
  e.t = f[0];
  e.num = static_cast<uint16_t>(num);
  e.cpu = static_cast<uint16_t>(f[3]);
  e.pid = static_cast<uint32_t>(f[4]);
  e.arg = static_cast<uint32_t>(f[6]);
  e.ret = static_cast<uint16_t>(f[7]);
  e.ipc = static_cast<uint8_t>(f[8]);
  if (e.num == KUTRACE_NOP || e.num == KUTRACE_TSDELTA) return true;
  if (e.num >= KUTRACE_TRAP) {
    if (kutrace_is_call(e.num)) e.extra = static_cast<uint64_t>(f[1]);
    imply_name(e.num, name, e.t);
  } else if (e.num == KUTRACE_PC_OLD || e.is_sample()) {
    if (e.num == KUTRACE_PC_OLD) e.num = KUTRACE_PC_K;
    uint64_t address = 0;
    auto [next, error] = name.size() > 3 ? std::from_chars(name.data() + 3, name.data() + name.size(), address, 16)
                                         : std::from_chars_result{nullptr, std::errc::invalid_argument};
    if (error == std::errc() && next == name.data() + name.size()) {
      e.extra = address;
    } else {
      e.flags |= Event::kNamedSample;
      e.extra = intern(name);
    }
  } else if (e.num == KUTRACE_USERPID) {
    e.pid = e.arg;
  }
  batch_.push_back(e);
  return true;
}

// Names behind the last event of all, or of a batch that had to end with them, have its time at most.
void EventTextReader::settle_last_names() {
  for (size_t i = batch_.size(); i > 0 && batch_[i - 1].is_name() && last_ != INT64_MIN; --i) {
    batch_[i - 1].t = std::min(batch_[i - 1].t, last_);
  }
}

bool EventTextReader::next_line(std::string_view& text) {
  if (lines_.next(text)) return true;
  const std::string damage = lines_.damage();
  if (!damage.empty() && !ended_) {
    diagnostics_.add_at(Finding::kDamagedStream, [&] { return lines_.name() + ": " + damage; });
  }
  ended_ = true;
  return false;
}

bool EventTextReader::line(std::string_view text) {
  if (lines_.too_long()) {
    diagnostics_.add_at(Finding::kLongLine, [&] { return lines_.name() + " at offset " + std::to_string(lines_.offset()); });
    return false;
  }
  if (text.empty()) return true;
  if (text[0] == '#') {
    comment(text);
    return true;
  }
  int64_t f[4];
  size_t at = 0;
  bool ok = integer(text, at, f[0]) && integer(text, at, f[1]) && integer(text, at, f[2]) && integer(text, at, f[3]);
  const bool named = ok && f[2] >= 0 && f[2] <= KUTRACE_NAME_LAST && kutrace_is_name(static_cast<uint32_t>(f[2]));
  if (ok) ok = named ? name_line(f, text.substr(at)) : event_line(text, f, at);
  if (ok) {
    ++good_lines_;
  } else {
    diagnostics_.add_at(Finding::kBadLine, [&] { return lines_.name() + " at offset " + std::to_string(lines_.offset()); });
  }
  return ok;
}

const std::vector<Event>& EventTextReader::next() {
  if (!started_) {
    started_ = true;
    batch_.insert(batch_.begin(), names_first_.begin(), names_first_.end());
    names_first_ = std::vector<Event>();
    first_at_ = std::unordered_map<uint64_t, size_t>();
    if (!batch_.empty()) return batch_;
  }
  batch_.clear();
  std::string_view text;
  while (wants_more(kBatch) && next_line(text)) line(text);
  settle_last_names();
  return batch_;
}

}  // namespace kutrace
