// SPDX-License-Identifier: BSD-3-Clause
#include "json/span_json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace kutrace {
namespace {

constexpr size_t kBatch = 4096;
constexpr int64_t kTerminatorUnits = 99900000000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Without an escape or a UTF-8 character that is cut at the end.
std::string_view whole_characters(std::string_view raw) {
  constexpr size_t kLongestEscape = 12;  // two of six, for one character
  const size_t slash = raw.rfind('\\');
  if (slash != std::string_view::npos && raw.size() - slash < kLongestEscape) {
    size_t first = slash;
    while (first > 0 && (raw[first - 1] == '\\' || (first >= 6 && raw[first - 6] == '\\' && raw[first - 5] == 'u'))) first -= raw[first - 1] == '\\' ? 1 : 6;
    raw = raw.substr(0, first);
  }
  while (!raw.empty() && (static_cast<uint8_t>(raw.back()) & 0xc0) == 0x80) raw.remove_suffix(1);
  if (!raw.empty() && static_cast<uint8_t>(raw.back()) >= 0xc0) raw.remove_suffix(1);
  return raw;
}

// The value of a JSON text, as simdjson sees it.
class Parsed {
 public:
  explicit Parsed(std::string_view raw) : padded_(raw) {
    auto result = parser_.parse(padded_);
    ok_ = result.error() == simdjson::SUCCESS;
    if (ok_) element_ = result.value_unsafe();
  }
  bool ok() const { return ok_; }
  std::string text() const {
    std::string_view s;
    return ok_ && element_.get_string().get(s) == simdjson::SUCCESS ? std::string(s) : std::string();
  }
  double number(double fallback) const {
    double d;
    return ok_ && element_.get_double().get(d) == simdjson::SUCCESS && std::isfinite(d) ? d : fallback;
  }
  bool is_array() const { return ok_ && element_.is_array(); }
  // Calls `take(key, number)` for the numbers of an object.
  template <typename Take>
  void each_number(Take&& take) const {
    simdjson::dom::object object;
    if (!ok_ || element_.get_object().get(object) != simdjson::SUCCESS) return;
    for (auto field : object) {
      double number;
      if (field.value.get_double().get(number) == simdjson::SUCCESS) take(field.key, number);
    }
  }
  // Calls `take(key, text)` for the strings in the arrays of an object.
  template <typename Take>
  void each_text(Take&& take) const {
    simdjson::dom::object object;
    if (!ok_ || element_.get_object().get(object) != simdjson::SUCCESS) return;
    for (auto field : object) {
      simdjson::dom::array texts;
      if (field.value.get_array().get(texts) != simdjson::SUCCESS) continue;
      for (simdjson::dom::element item : texts) {
        std::string_view text;
        if (item.get_string().get(text) == simdjson::SUCCESS) take(field.key, text);
      }
    }
  }

 private:
  simdjson::padded_string padded_;
  simdjson::dom::parser parser_;
  simdjson::dom::element element_;
  bool ok_ = false;
};

}  // namespace

void SpanJsonReader::bad(Finding finding) {
  const size_t here = at_;
  diagnostics_.add_at(finding, [&] { return name_ + " at offset " + std::to_string(here); });
}

void SpanJsonReader::header_value(SpanHeader& h, std::string_view key, std::string_view raw) {
  Parsed value(raw);
  if (!value.ok()) {
    bad(Finding::kBadLine);
    return;
  }
  auto u32 = [&](double fallback) {
    return static_cast<uint32_t>(std::clamp(value.number(fallback), 0.0, 4294967295.0));
  };
  if (key == "Comment") h.comment = value.text();
  if (key == "axisLabelX") h.axis_label_x = value.text();
  if (key == "axisLabelY") h.axis_label_y = value.text();
  if (key == "cpuModelName") h.cpu_model = value.text();
  if (key == "findings") {
    value.each_number([&](std::string_view id, double count) {
      if (const FindingInfo* row = find_finding(id)) diagnostics_.add(row->finding, Diagnostics::count_of(count));
    });
  }
  if (key == "findingPlaces") {
    value.each_text([&](std::string_view id, std::string_view place) {
      if (const FindingInfo* row = find_finding(id)) diagnostics_.told(row->finding, place);
    });
  }
  if (key == "flags") h.flags = u32(0);
  if (key == "hostName") h.host_name = value.text();
  if (key == "kernelVersion") h.kernel_version = value.text();
  if (key == "mbit_sec") h.mbit_sec = u32(1000);
  if (key == "presorted") h.presorted = true;
  if (key == "randomid") h.random_id = u32(0);
  if (key == "shortMulX") h.short_mul_x = value.number(1);
  if (key == "shortUnitsX") h.short_units_x = value.text();
  if (key == "thousandsX") h.thousands_x = value.number(1000);
  if (key == "title") h.title = value.text();
  if (key == "tracebase") h.tracebase = value.text();
  if (key == "version") h.version = static_cast<int>(std::clamp(value.number(3), 0.0, 1000.0));
  if (key == "extra" && value.is_array()) h.extra = std::string(raw);
  if (key == "savedview" && value.is_array()) h.saved_view = std::string(raw);
}

// Whether a number begins here as JSON writes one: no sign but a minus, no zero in front of digits.
bool SpanJsonReader::number_follows() const {
  size_t at = at_;
  if (at < text_.size() && text_[at] == '-') ++at;
  if (at >= text_.size() || !is_digit(text_[at])) return false;
  return text_[at] != '0' || at + 1 >= text_.size() || !is_digit(text_[at + 1]);
}

bool SpanJsonReader::number(int64_t& value) {
  skip_space();
  if (!number_follows()) return false;
  const char* begin = text_.data() + at_;
  const char* end = text_.data() + text_.size();
  auto [next, error] = std::from_chars(begin, end, value);
  if (next != end && (*next == '.' || *next == 'e' || *next == 'E')) {
    // A whole number written with a fraction or an exponent, as some tools do.
    if (*next == '.' && (next + 1 == end || !is_digit(next[1]))) return false;
    double real;
    const auto written = std::from_chars(begin, end, real);
    if (written.ec != std::errc() || !(std::abs(real) <= static_cast<double>(UINT32_MAX))) return false;
    at_ += static_cast<size_t>(written.ptr - begin);
    value = static_cast<int64_t>(real);
    return true;
  }
  if (error != std::errc()) return false;
  at_ += static_cast<size_t>(next - begin);
  return true;
}

// Seconds with any number of decimals, or with an exponent, as 10 ns units rounded to nearest.
bool SpanJsonReader::seconds(int64_t& units) {
  skip_space();
  if (!number_follows()) return false;
  const size_t start = at_;
  bool negative = at_ < text_.size() && text_[at_] == '-';
  if (negative) ++at_;
  uint64_t whole = 0;
  size_t digits = 0;
  while (at_ < text_.size() && is_digit(text_[at_]) && digits < 12) {
    whole = whole * 10 + static_cast<uint64_t>(text_[at_++] - '0');
    ++digits;
  }
  uint64_t part = 0;
  int places = 0;
  bool round_up = false;
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (at_ >= text_.size() || !is_digit(text_[at_])) return false;
    for (; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
      if (places < 8) {
        part = part * 10 + static_cast<uint64_t>(text_[at_] - '0');
      } else if (places == 8) {
        round_up = text_[at_] >= '5';
      }
      ++places;
    }
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E' || is_digit(text_[at_]))) {
    double value;
    auto [next, error] = std::from_chars(text_.data() + start, text_.data() + text_.size(), value);
    if (error != std::errc() || !(std::abs(value) < kMaxSpanSeconds)) return false;
    at_ = static_cast<size_t>(next - text_.data());
    units = std::llround(value * 1e8);
    return true;
  }
  if (static_cast<double>(whole) >= kMaxSpanSeconds) return false;
  for (; places < 8; ++places) part *= 10;
  units = static_cast<int64_t>(whole * 100000000 + part + (round_up ? 1 : 0));
  if (static_cast<double>(units) >= kMaxSpanSeconds * 1e8) return false;
  if (negative) units = -units;
  return true;
}

NameId SpanJsonReader::name_of(std::string_view raw, int32_t event) {
  if (raw.size() > size_limit::name) {
    bad(Finding::kLongName);
    raw = whole_characters(raw.substr(0, size_limit::name));
  }
  Recent& recent = recent_[(static_cast<uint32_t>(event) * 7 + raw.size()) & 1023];
  if (recent.raw == raw && recent.raw.data() != nullptr) return recent.id;
  NameId id;
  const size_t before = pool_.size();
  if (raw.find('\\') == std::string_view::npos && std::all_of(raw.begin(), raw.end(), [](char c) { return c >= ' ' && c < 0x7f; })) {
    id = pool_.intern(raw);
  } else {
    Parsed value("\"" + std::string(raw) + "\"");
    if (value.ok()) {
      id = pool_.intern(value.text());
    } else {
      bad(Finding::kBadUtf8);
      std::string clean;
      for (char c : raw) clean += c >= ' ' && c < 0x7f && c != '\\' ? c : '_';
      id = pool_.intern(clean);
    }
  }
  if (pool_.size() != before) diagnostics_.take(Limit::memory, StringPool::cost(raw));
  recent = {raw, id};
  return id;
}

bool SpanJsonReader::record(Span& span) {
  ++at_;  // the bracket
  int64_t start, dur;
  auto comma = [&] {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != ',') return false;
    ++at_;
    return true;
  };
  if (!seconds(start) || !comma() || !seconds(dur) || !comma() || dur < 0) return false;
  int64_t f[7];
  for (int64_t& field : f) {
    if (!number(field) || field < INT32_MIN || field > UINT32_MAX || !comma()) return false;
  }
  skip_space();
  std::string_view raw;
  if (!string_token(raw)) return false;
  skip_space();
  if (at_ >= text_.size() || text_[at_] != ']') return false;
  ++at_;
  skip_space();
  if (at_ < text_.size() && std::string_view(",]}[").find(text_[at_]) == std::string_view::npos) return false;
  span.start = start;
  span.dur = dur;
  span.cpu = static_cast<int32_t>(f[0]);
  span.pid = static_cast<int32_t>(f[1]);
  span.rpc = static_cast<int32_t>(f[2]);
  span.event = static_cast<int32_t>(f[3]);
  span.arg = static_cast<int32_t>(f[4]);
  span.ret = static_cast<int32_t>(f[5]);
  span.ipc = static_cast<uint8_t>(f[6]);
  span.flags = 0;
  span.name = name_of(raw, span.event);
  if (span.dur == 1 && is_point(span)) span.dur = 0;
  return true;
}

// One element of the list: a record, or what costs as much of the list as it is.
bool SpanJsonReader::element(Span& span) {
  const size_t begin = at_;
  if (text_[at_] == '[' && record(span)) return true;
  bad(Finding::kBadRecord);
  at_ = begin;
  at_ = std::max(element_end(), begin + 1);
  return false;
}

// At the bracket that ends the list. One too many, with records behind it, costs nothing but is counted.
bool SpanJsonReader::list_goes_on() {
  const size_t bracket = at_++;
  skip_space();
  if (at_ < text_.size() && text_[at_] == ',') ++at_;
  skip_space();
  const bool on = at_ < text_.size() && text_[at_] == '[';
  const size_t behind = at_;
  at_ = bracket;
  if (on) bad(Finding::kBadRecord);
  at_ = on ? behind : bracket + 1;
  return on;
}

SpanHeader SpanJsonReader::read(SpanSink& sink) {
  SpanHeader header;
  header.flags = 0;
  std::vector<Span> batch;
  batch.reserve(kBatch);
  bool in_events = false, any_events = false, terminated = false, closed = false;
  skip_space();
  if (at_ >= text_.size() || text_[at_] != '{') {
    throw Error(name_, at_, "is not a span document: it does not begin with {", "give a .json made by eventtospan");
  }
  ++at_;
  while (at_ < text_.size() && !diagnostics_.spent()) {
    skip_space();
    if (at_ >= text_.size()) break;
    const char c = text_[at_];
    if (c == ',') {
      ++at_;
    } else if (in_events) {
      Span span;
      if (c == ']') {
        in_events = list_goes_on();
      } else if (!element(span)) {
        continue;
      } else if (span.start == kTerminatorUnits && span.event == 0 && pool_[span.name].empty()) {
        if (terminated) bad(Finding::kBadRecord);
        terminated = true;
      } else {
        batch.push_back(span);
        if (batch.size() < kBatch) continue;
        sink.spans(batch);
        batch.clear();
      }
    } else if (c == '}' || c == ']') {
      if (c == ']') bad(Finding::kBadLine);
      closed = closed || c == '}';
      ++at_;
    } else if (c == '"') {
      std::string_view key, raw;
      const size_t before = at_;
      bool ok = string_token(key);
      skip_space();
      ok = ok && at_ < text_.size() && text_[at_] == ':';
      if (ok) {
        ++at_;
        skip_space();
      }
      if (ok && key == "events" && at_ < text_.size() && text_[at_] == '[') {
        ++at_;
        in_events = any_events = true;
        sink.header(header);
        continue;
      }
      if (ok && value_token(raw) && raw.size() <= size_limit::json_value) {
        header_value(header, key, raw);
      } else {
        at_ = before;
        bad(Finding::kBadLine);
        resync();
      }
    } else {
      bad(Finding::kBadLine);
      const size_t before = at_;
      resync();
      if (at_ == before) ++at_;
    }
  }
  if (!batch.empty()) sink.spans(batch);
  if (!any_events) {
    throw Error(name_, std::nullopt, "has no \"events\" array", "give a .json made by eventtospan");
  }
  if (!terminated || !closed) bad(Finding::kMissingTerminator);
  header.time.ns_per_tick = 10.0;
  header.time.minute_us = parse_minute(header.tracebase);
  return header;
}

}  // namespace kutrace
