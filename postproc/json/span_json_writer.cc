// SPDX-License-Identifier: BSD-3-Clause
#include "json/span_json_writer.h"

#include <cstdio>

#include "base/utf8.h"

namespace kutrace {
namespace {

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  const std::string clean = valid_utf8(text);
  for (char c : clean) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 0x20 || u == 0x7f) {
      char code[8];
      std::snprintf(code, sizeof(code), "\\u%04x", u);
      out += code;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json_strings(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + json_string(text);
  return out + "]";
}

void SpanJsonWriter::begin(const SpanHeader& h, const Diagnostics& diagnostics) {
  out_.write("  {\n");
  auto line = [&](const char* key, const std::string& value) {
    out_.write(" \"" + std::string(key) + "\" : " + value + ",\n");
  };
  auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) line(key, json_string(value));
  };
  text("Comment", h.comment);
  text("axisLabelX", h.axis_label_x);
  text("axisLabelY", h.axis_label_y);
  text("cpuModelName", h.cpu_model);
  std::string findings, places;
  diagnostics.each([&](const FindingInfo& row, uint64_t count) {
    if (row.told) places += std::string(places.empty() ? "" : ", ") + "\"" + row.id + "\": " + json_strings(diagnostics.at(row.finding).examples);
    findings += std::string(findings.empty() ? "" : ", ") + "\"" + row.id + "\": " + std::to_string(count);
  });
  if (!places.empty()) line("findingPlaces", "{" + places + "}");
  if (!findings.empty()) line("findings", "{" + findings + "}");
  line("flags", std::to_string(h.flags));
  text("hostName", h.host_name);
  text("kernelVersion", h.kernel_version);
  line("mbit_sec", std::to_string(h.mbit_sec));
  if (h.presorted) line("presorted", "1");
  line("randomid", std::to_string(h.random_id));
  line("shortMulX", number(h.short_mul_x));
  text("shortUnitsX", h.short_units_x);
  line("thousandsX", number(h.thousands_x));
  line("title", json_string(h.title));
  text("tracebase", h.tracebase);
  line("version", std::to_string(h.version));
  out_.write("\"events\" : [\n");
}

const std::string& SpanJsonWriter::escaped(NameId id) {
  if (id >= escaped_.size()) {
    escaped_.resize(pool_.size());
    has_escaped_.resize(pool_.size());
  }
  if (!has_escaped_[id]) {
    escaped_[id] = json_string(pool_[id]) + "],\n";
    has_escaped_[id] = true;
  }
  return escaped_[id];
}

void SpanJsonWriter::record(const Span& s) {
  int64_t start = time_.units(s.start);
  int64_t dur = is_point(s) ? 1 : time_.units(s.end()) - start;
  char* p = out_.reserve(256);
  const char* begin = p;
  *p++ = '[';
  p = put_seconds(p, start, 12);
  *p++ = ',';
  *p++ = ' ';
  p = put_seconds(p, dur, 10);
  for (int32_t field : {s.cpu, s.pid, s.rpc, s.event, s.arg, s.ret, static_cast<int32_t>(s.ipc)}) {
    *p++ = ',';
    *p++ = ' ';
    p = put_signed(p, field);
  }
  *p++ = ',';
  *p++ = ' ';
  out_.commit(p);
  const std::string& rest = escaped(s.name);
  bytes_ += static_cast<uint64_t>(p - begin) + rest.size();
  out_.write(rest);
  ++records_;
}

void SpanJsonWriter::end(const SpanHeader& h, bool cut) {
  // Without the terminator the last record has a comma behind it: a record that readers leave out makes it JSON again.
  out_.write(cut ? "[]\n" : "[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n");
  if (!h.extra.empty()) out_.write("],\n\"extra\" : " + h.extra.substr(0, h.extra.rfind(']')) + "\n");
  if (!h.saved_view.empty()) out_.write("],\n\"savedview\" : " + h.saved_view.substr(0, h.saved_view.rfind(']')) + "\n");
  out_.write("]}\n");
}

}  // namespace kutrace
