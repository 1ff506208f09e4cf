// SPDX-License-Identifier: BSD-3-Clause
#include "query/result_writer.h"

#include "analysis/text_table.h"
#include "json/span_json_writer.h"

namespace kutrace {
namespace {

// RFC 4180, with line feeds alone.
class CsvWriter : public ResultWriter {
 public:
  explicit CsvWriter(Output& out) : out_(out) {}
  void columns(const std::vector<std::string>& names) override {
    for (const std::string& name : names) cell(name);
    line();
  }
  void row(const std::vector<ResultCell>& cells) override {
    for (const ResultCell& c : cells) cell(c.text);
    line();
  }
  void end() override {}

 private:
  void cell(const std::string& text) {
    if (!first_) out_.write(",");
    first_ = false;
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
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
