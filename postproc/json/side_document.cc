// SPDX-License-Identifier: BSD-3-Clause
#include "json/side_document.h"

#include <simdjson.h>

#include <cmath>

#include "base/error.h"
#include "json/json_scanner.h"

namespace kutrace {
namespace {

constexpr size_t kRpcFields = 15;
constexpr size_t kTimes = 4, kTimeT2 = 1, kTimeT3 = 2;
constexpr double kSentinel = 999.0;
// A record longer than this is none; a part, which begins with the header, stays within what readers of pages take.
constexpr size_t kRecordBytes = size_limit::document_part / 8;
constexpr size_t kPartBytes = size_limit::document_part / 2;

// Fields that must be numbers: T1..T4, the length codes, rpcid, parent, data length. The others are texts, or numbers shown as such.
constexpr bool is_number_field(size_t i) { return i < 4 || (i >= 6 && i <= 9) || i == 13; }

class SideReader : private JsonScanner {
 public:
  SideReader(std::string_view text, const std::string& name, Diagnostics& diagnostics)
      : JsonScanner(text), name_(name), diagnostics_(diagnostics) {}

  SideDocument read() {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != '{') throw unknown("does not begin with {");
    ++at_;
    while (at_ < text_.size()) {
      skip_space();
      if (at_ >= text_.size()) break;
      if (text_[at_] == ',' || text_[at_] == '}' || text_[at_] == ']') {
        ++at_;
      } else if (text_[at_] != '"' || !member()) {
        bad(Finding::kBadLine, "is no header line");
        const size_t before = at_;
        resync();
        if (at_ == before) ++at_;
      }
    }
    if (list_.empty()) throw unknown("has neither \"events\" nor \"points\"");
    if (!terminated_) bad(Finding::kMissingTerminator, "the 999.0 record is missing");
    if (out_.parts.empty()) begin_part();
    out_.kind = list_ == "points" ? DocumentKind::kPlot : DocumentKind::kRpcLog;
    if (out_.axis_label_y.empty() && out_.kind == DocumentKind::kRpcLog) out_.axis_label_y = "RPC Number";
    out_.parts.back().json += "\n]}";
    return std::move(out_);
  }

 private:
  Error unknown(const std::string& cause) const {
    return Error(name_, at_, "is neither an RPC log nor a scatter plot: it " + cause, "give the JSON of dumplogfile4, mystery3 or tcpalign");
  }
  void bad(Finding finding, const std::string& cause) {
    const size_t here = at_;
    diagnostics_.add_at(finding, [&] { return name_ + " at offset " + std::to_string(here) + ": " + cause; });
  }

  // A header member, or the list of records.
  bool member() {
    const size_t before = at_;
    std::string_view key, raw;
    bool ok = string_token(key);
    skip_space();
    ok = ok && at_ < text_.size() && text_[at_] == ':';
    if (ok) {
      ++at_;
      skip_space();
    }
    if (ok && (key == "events" || key == "points") && at_ < text_.size() && text_[at_] == '[') {
      if (!list_.empty()) throw unknown("has two lists of records");
      list_ = key;
      ++at_;
      records();
      return true;
    }
    if (!ok || !value_token(raw) || raw.size() + header_.size() > size_limit::json_value / 4 || !header(key, raw)) {
      at_ = before;
      return false;
    }
    return true;
  }

  bool header(std::string_view key, std::string_view raw) {
    simdjson::padded_string padded("{\"" + std::string(key) + "\":" + std::string(raw) + "}");
    simdjson::dom::object object;
    if (parser_.parse(padded).get_object().get(object) != simdjson::SUCCESS) return false;
    for (auto field : object) {
      std::string_view text;
      if (field.value.get_string().get(text) == simdjson::SUCCESS) {
        if (field.key == "title") out_.title = text;
        if (field.key == "tracebase") out_.tracebase = text;
        if (field.key == "Comment") out_.comment = text;
        if (field.key == "axisLabelX") out_.axis_label_x = text;
        if (field.key == "axisLabelY") out_.axis_label_y = text;
      } else if (field.key == "deltaT23") {
        double seconds;
        if (field.value.get_double().get(seconds) == simdjson::SUCCESS) shift_ = seconds;
      }
    }
    const std::string member = simdjson::minify(object);
    header_ += member.substr(1, member.size() - 2) + ",";
    return true;
  }

  void records() {
    while (at_ < text_.size() && !terminated_ && !diagnostics_.spent()) {
      skip_space();
      if (at_ >= text_.size()) break;
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      if (text_[at_] == ']') break;
      const size_t start = at_;
      std::string_view raw;
      std::string cause = "is no record";
      if (text_[at_] == '[' && value_token(raw) && raw.size() <= kRecordBytes && record(raw, start, cause)) continue;
      at_ = start;
      bad(Finding::kBadRecord, cause);
      resync();
      if (at_ == start) ++at_;
    }
    // What stands behind the last record is not read as records.
    if (terminated_) skip_list();
  }

  void skip_list() {
    while (at_ < text_.size() && text_[at_] != ']') {
      std::string_view raw;
      skip_space();
      if (at_ < text_.size() && (text_[at_] == ',' || !value_token(raw))) ++at_;
    }
  }

  bool record(std::string_view raw, size_t start, std::string& cause) {
    simdjson::padded_string padded(raw);
    simdjson::dom::array fields;
    if (parser_.parse(padded).get_array().get(fields) != simdjson::SUCCESS) return false;
    double first = 0;
    if (fields.size() > 0 && fields.at(0).get_double().get(first) == simdjson::SUCCESS && first == kSentinel) {
      terminated_ = true;
      return true;
    }
    if (list_ == "events" ? !check_rpc(fields, start, cause) : !check_point(fields, cause)) return false;
    const std::string text = simdjson::minify(fields);
    if (out_.parts.empty() || out_.parts.back().records == SideDocument::kPartRecords ||
        (out_.parts.back().json.size() + text.size() > kPartBytes && out_.parts.back().records > 0)) {
      begin_part();
    }
    SideDocument::Part& part = out_.parts.back();
    part.json += (part.records == 0 ? "\n" : ",\n") + text;
    ++part.records;
    return true;
  }

  static bool is_finite_number(simdjson::dom::element field) {
    double d;
    return field.get_double().get(d) == simdjson::SUCCESS && std::isfinite(d);
  }

  bool check_point(simdjson::dom::array fields, std::string& cause) {
    if (fields.size() < 2 || fields.size() > 3) {
      cause = "a point has " + std::to_string(fields.size()) + " numbers, not 2 or 3";
      return false;
    }
    for (simdjson::dom::element field : fields) {
      if (is_finite_number(field)) continue;
      cause = "a point has a field that is no number";
      return false;
    }
    return true;
  }

  bool check_rpc(simdjson::dom::array fields, size_t start, std::string& cause) {
    if (fields.size() < kRpcFields) {
      cause = "an RPC has " + std::to_string(fields.size()) + " fields, not " + std::to_string(kRpcFields);
      return false;
    }
    double last = -INFINITY;
    bool backward = false;
    size_t i = 0;
    for (simdjson::dom::element field : fields) {
      if (is_number_field(i) && !is_finite_number(field)) {
        cause = "field " + std::to_string(i + 1) + " of an RPC is no number";
        return false;
      }
      if (i < kTimes) {
        double t = field.get_double().value() + (i == kTimeT2 || i == kTimeT3 ? shift_ : 0);
        backward |= std::round(t * 1e9) < std::round(last * 1e9);
        last = t;
      }
      ++i;
    }
    if (backward) {
      diagnostics_.add_at(Finding::kRpcBackwards, [&] {
        return name_ + " at offset " + std::to_string(start) + ": T1 to T4 are not in order; align the clocks of the logs";
      });
    }
    return true;
  }

  void begin_part() {
    if (!out_.parts.empty()) out_.parts.back().json += "\n]}";
    out_.parts.push_back({"{" + header_ + "\"" + list_ + "\":[", 0});
  }

  const std::string& name_;
  Diagnostics& diagnostics_;
  simdjson::dom::parser parser_;
  SideDocument out_;
  std::string list_, header_;
  double shift_ = 0;
  bool terminated_ = false;
};

// Fields of the record whose first character is at `at`; 0 when it does not end before another begins.
size_t fields_at(std::string_view text, size_t at) {
  size_t fields = 1;
  for (; at < text.size(); ++at) {
    if (text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\';
    } else if (text[at] == '[') {
      return 0;
    } else if (text[at] == ',') {
      ++fields;
    } else if (text[at] == ']') {
      return fields;
    }
  }
  return 0;
}

// Behind `"key" :`, 0 when there is none.
size_t value_of(std::string_view text, std::string_view key) {
  const size_t found = text.find("\"" + std::string(key) + "\"");
  if (found == std::string_view::npos) return 0;
  const size_t colon = text.find_first_not_of(" \t\r\n", found + key.size() + 2);
  if (colon == std::string_view::npos || text[colon] != ':') return 0;
  const size_t value = text.find_first_not_of(" \t\r\n", colon + 1);
  return value == std::string_view::npos ? 0 : value;
}

}  // namespace

DocumentKind detect_document(std::string_view text) {
  const std::string_view head = text.substr(0, 65536);
  const size_t events = value_of(head, "events");
  const size_t points = value_of(head, "points");
  if (points != 0 && (events == 0 || points < events)) return DocumentKind::kPlot;
  if (events == 0) return DocumentKind::kSpans;
  const std::string_view header = head.substr(0, events);
  if (value_of(header, "deltaT23") != 0 || value_of(header, "gbs") != 0) return DocumentKind::kRpcLog;
  const size_t first = head.find_first_not_of(" \t\r\n", events + 1);
  if (first == std::string_view::npos || head[first] != '[') return DocumentKind::kSpans;
  return fields_at(head, first + 1) >= kRpcFields ? DocumentKind::kRpcLog : DocumentKind::kSpans;
}

const char* document_kind_name(DocumentKind kind) {
  return kind == DocumentKind::kRpcLog ? "RPC log" : kind == DocumentKind::kPlot ? "scatter plot" : "spans";
}

SideDocument read_side_document(std::string_view text, const std::string& name, Diagnostics& diagnostics) {
  SideDocument document = SideReader(text, name, diagnostics).read();
  document.name = name.substr(name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1);
  return document;
}

std::string join_parts(const std::vector<std::string>& parts, const std::string& name, Diagnostics& diagnostics) {
  simdjson::dom::parser parser;
  std::string header, list, records;
  size_t width = 0;
  for (const std::string& part : parts) {
    simdjson::padded_string padded(part);
    simdjson::dom::object object;
    if (parser.parse(padded).get_object().get(object) != simdjson::SUCCESS) {
      diagnostics.add_at(Finding::kBadChunk, [&] { return name + ": a part of a document is no JSON"; });
      continue;
    }
    const bool first = list.empty();
    for (auto field : object) {
      simdjson::dom::array rows;
      if ((field.key == "events" || field.key == "points") && field.value.get_array().get(rows) == simdjson::SUCCESS) {
        if (first) list = field.key;
        for (simdjson::dom::element row : rows) {
          records += simdjson::minify(row) + ",\n";
          simdjson::dom::array fields;
          if (width == 0 && row.get_array().get(fields) == simdjson::SUCCESS) width = fields.size();
        }
      } else if (first) {
        header += " \"" + std::string(field.key) + "\" : " + simdjson::minify(field.value) + ",\n";
      }
    }
  }
  std::string last = list == "events" ? "[999.0, 0.0, 0.0, 0.0, \"\", \"\", 0, 0, 0, 0, \"\", \"\", \"\", 0, \"\"]"
                     : width == 3     ? "[999.0, 0.0, 0.0]"
                                      : "[999.0, 0.0]";
  return "{\n" + header + "\"" + list + "\" : [\n" + records + last + "\n]}\n";
}

}  // namespace kutrace
