// SPDX-License-Identifier: BSD-3-Clause
#include "query/result_writer.h"

#include <algorithm>

#include "analysis/text_table.h"
#include "base/terminal.h"
#include "json/span_json_writer.h"

namespace kutrace {
namespace {

bool begins_formula(char32_t c) {
  constexpr std::u32string_view kSigns = U"=+-@\uff1d\uff0b\uff0d\uff20";  // full-width ones count as the plain ones there
  return kSigns.find(c) != std::u32string_view::npos;
}

bool is_blank(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
}

bool is_number(std::string_view text) {
  const size_t digits = text.find_first_not_of("+-");
  if (digits == std::string_view::npos || digits > 1) return false;
  text.remove_prefix(digits);
  const size_t point = text.find('.');
  const auto all_digits = [](std::string_view s) { return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos; };
  return all_digits(text.substr(0, point)) && (point == std::string_view::npos || all_digits(text.substr(point + 1)));
}

// Names come from traces: no cell may become a formula of whoever opens the file, wherever a spreadsheet may think that one begins: some cut lines
// at semicolons and tabs, too. The page's tables have the same rule (viewer/src/kit/csv.js).
std::string without_formula(std::string_view text) {
  if (is_number(text)) return std::string(text);
  constexpr std::u32string_view kCuts = U";,\t\r\n|\"'";
  std::string out;
  bool at_start = true;
  while (!text.empty()) {
    char32_t c = 0;
    const size_t n = std::max<size_t>(utf8_character(text, c), 1);
    if (at_start && begins_formula(c)) out += '\'';
    at_start = kCuts.find(c) != std::u32string_view::npos || (at_start && is_blank(c));
    out += text.substr(0, n);
    text.remove_prefix(n);
  }
  return out;
}

// RFC 4180, with line feeds alone.
class CsvWriter : public ResultWriter {
 public:
  explicit CsvWriter(Output& out) : out_(out) {}
  void columns(const std::vector<std::string>& names) override {
    for (const std::string& name : names) cell(name);
    line();
  }
  void row(const std::vector<ResultCell>& cells) override {
    for (const ResultCell& c : cells) {
      const bool written = c.kind == ResultCell::Kind::Text || c.kind == ResultCell::Kind::Json;
      cell(written ? without_formula(c.text) : c.text);
    }
    line();
  }
  void end() override {}

 private:
  void cell(const std::string& text) {
    if (!first_) out_.write(",");
    first_ = false;
    const bool at_edge = !text.empty() && (text.front() == ' ' || text.back() == ' ');
    if (!at_edge && text.find_first_of(",;|\t\"\r\n") == std::string::npos) {
      out_.write(text);
      return;
    }
    out_.write("\"");
    for (const char c : text) out_.write(c == '"' ? std::string_view("\"\"") : std::string_view(&c, 1));
    out_.write("\"");
  }
  void line() {
    out_.write("\n");
    first_ = true;
  }
  Output& out_;
  bool first_ = true;
};

// A list of objects, one a line.
class JsonWriter : public ResultWriter {
 public:
  explicit JsonWriter(Output& out) : out_(out) {}
  void columns(const std::vector<std::string>& names) override {
    for (const std::string& name : names) keys_.push_back(json_string(name) + ": ");
    out_.write("[");
  }
  void row(const std::vector<ResultCell>& cells) override {
    out_.write(rows_++ == 0 ? "\n{" : ",\n{");
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out_.write(", ");
      out_.write(keys_[i]);
      switch (cells[i].kind) {
        case ResultCell::Kind::Null:
          out_.write("null");
          break;
        case ResultCell::Kind::Text:
          out_.write(json_string(cells[i].text));
          break;
        case ResultCell::Kind::Number:
          // JSON has no words for what is no number.
          out_.write(cells[i].text.find_first_of("nN") == std::string::npos ? cells[i].text : json_string(cells[i].text));
          break;
        default:
          out_.write(cells[i].text);
      }
    }
    out_.write("}");
  }
  void end() override { out_.write("\n]\n"); }

 private:
  Output& out_;
  std::vector<std::string> keys_;
  uint64_t rows_ = 0;
};

class TableWriter : public ResultWriter {
 public:
  explicit TableWriter(Output& out) : out_(out) {}
  void columns(const std::vector<std::string>& names) override { table_ = std::make_unique<TextTable>(names, 0); }
  void row(const std::vector<ResultCell>& cells) override {
    std::vector<std::string> texts;
    for (const ResultCell& c : cells) texts.push_back(c.text);
    table_->add(std::move(texts));
  }
  void end() override {
    if (table_) out_.write(table_->text(SIZE_MAX));
  }

 private:
  Output& out_;
  std::unique_ptr<TextTable> table_;
};

}  // namespace

std::unique_ptr<ResultWriter> make_writer(ResultFormat format, Output& out) {
  switch (format) {
    case ResultFormat::kCsv:
      return std::make_unique<CsvWriter>(out);
    case ResultFormat::kJson:
      return std::make_unique<JsonWriter>(out);
    default:
      return std::make_unique<TableWriter>(out);
  }
}

}  // namespace kutrace
