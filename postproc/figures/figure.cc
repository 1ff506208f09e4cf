// SPDX-License-Identifier: BSD-3-Clause
#include "figures/figure.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "base/error.h"
#include "chain.h"
#include "check/checker.h"
#include "query/table_builder.h"
#include "query/tables.h"

namespace kutrace {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element;

std::string text_of(const element& root, const char* key, const std::string& file) {
  std::string_view text;
  if (root[key].get_string().get(text) != SUCCESS || text.empty()) throw Error(file, std::nullopt, std::string("has no text \"") + key + "\"", "see book-figures/README.md");
  return std::string(text);
}

void read_control(const element& root, const std::string& file, Figure& figure) {
  simdjson::dom::array pair;
  if (root["control"].get_array().get(pair) != SUCCESS) return;
  std::vector<std::string> names;
  for (const element& e : pair) {
    std::string_view name;
    if (e.get_string().get(name) == SUCCESS) names.emplace_back(name);
  }
  if (names.size() != 2) throw Error(file, std::nullopt, "its \"control\" is not the names of two phases", "");
  figure.control_a = names[0];
  figure.control_b = names[1];
}

void read_phases(const element& root, const std::string& file, Figure& figure) {
  simdjson::dom::object phases;
  if (root["phases"].get_object().get(phases) != SUCCESS) throw Error(file, std::nullopt, "has no \"phases\"", "see book-figures/README.md");
  for (const auto& [name, value] : phases) {
    int64_t count = 0;
    if (value.get_int64().get(count) != SUCCESS) throw Error(file, std::nullopt, "the count of a phase is no whole number", "");
    figure.phases.emplace_back(name, count);
  }
}

// A text of SQL.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

// Whether the one value of a result is true; a text that says what it is otherwise.
class Truth : public ResultWriter {
 public:
  void columns(const std::vector<std::string>&) override {}
  void row(const std::vector<ResultCell>& cells) override {
    ++rows_;
    value_ = cells.empty() || cells[0].kind == ResultCell::Kind::Null ? "NULL" : cells[0].text;
  }
  void end() override {}
  bool is_true() const { return rows_ == 1 && value_ == "true"; }
  const std::string& value() const { return value_; }

 private:
  uint64_t rows_ = 0;
  std::string value_ = "no row";
};

class Judge {
 public:
  Judge(const Figure& figure, Diagnostics& diagnostics) : figure_(figure) {
    engine_.make_tables(false);
    StringPool pool;
    const MappedInput input(figure.trace(), diagnostics.budget());
    read_tables(input, pool, engine_.rows(pool, figure.trace()), diagnostics, {1, -INFINITY, INFINITY});
    engine_.loaded();
  }
  std::vector<std::string> judge() {
    standing();
    holds(figure_.claim, "the claim is not true: " + figure_.claim);
    if (!figure_.control_a.empty()) {
      exchange(figure_.control_a, figure_.control_b);
      fails("with " + figure_.control_a + " and " + figure_.control_b + " exchanged");
    }
    for (const TableInfo& table : tables()) change("DELETE FROM " + std::string(table.name));
    fails("of no trace");
    return std::move(wrong_);
  }

 private:
  void standing() {
    holds("gaps()=0", "there are gaps between spans");
    holds("(SELECT coalesce(sum(lost),0)=0 FROM cpus)", "events were lost");
    for (const auto& [phase, count] : figure_.phases) {
      const std::string p = quoted(phase);
      holds("run(" + p + ")+wait(" + p + ",'%')=total(" + p + ")", "phase " + phase + " does not consist of running and waiting");
      holds("cnt(" + p + ")=" + std::to_string(count), "phase " + phase + " is not there " + std::to_string(count) + " times");
    }
  }
  Truth ask(const std::string& condition) {
    Truth truth;
    engine_.run("SELECT (" + condition + ")", truth);
    return truth;
  }
  void holds(const std::string& condition, const std::string& otherwise) {
    const Truth truth = ask(condition);
    if (!truth.is_true()) wrong_.push_back(otherwise + " (" + truth.value() + ")");
  }
  void fails(const std::string& where) {
    if (ask(figure_.claim).is_true()) wrong_.push_back("the claim is true " + where + ", too");
  }
  void change(const std::string& sql) {
    Truth ignored;
    engine_.run(sql, ignored);
  }
  void exchange(const std::string& a, const std::string& b) {
    std::string cases;
    for (const char* slash : {"", "/"}) {
      cases += " WHEN " + quoted(slash + a) + " THEN " + quoted(slash + b) + " WHEN " + quoted(slash + b) + " THEN " + quoted(slash + a);
    }
    change("UPDATE points SET label=CASE label" + cases + " ELSE label END WHERE kind='mark_a'");
  }

  const Figure& figure_;
  Engine engine_;
  std::vector<std::string> wrong_;
};

bool sound(const Figure& figure, Diagnostics& diagnostics) {
  StringPool pool;
  const MappedInput input(figure.trace(), diagnostics.budget());
  Diagnostics found(diagnostics.budget());
  Checker checker(pool, &found);
  const ChainResult result = read_spans(input, pool, checker, found);
  return is_sound(checker, result.header, found);
}

// Where marks stand, and whose they are.
class Marks : public RowSink {
 public:
  explicit Marks(const StringPool& pool) : pool_(pool) {}
  void row(Table table, std::span<const int64_t> cells) override {
    if (table != Table::points) return;
    const auto point = as_row<PointRow>(cells);
    if (point.kind == kNull || pool_[static_cast<NameId>(point.kind)] != "mark_a" || point.tid == kNull) return;
    first = std::min(first, point.ts);
    last = std::max(last, point.ts);
    threads.insert(point.tid);
  }
  int64_t first = INT64_MAX, last = INT64_MIN;
  std::set<int64_t> threads;

 private:
  const StringPool& pool_;
};

}  // namespace

Figure read_figure(const std::string& folder, Budget* budget) {
  const std::string file = folder + "/figure.json";
  const MappedInput input(file, budget);
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(input.text().data(), input.text().size()).get(root) != SUCCESS || !root.is_object()) throw Error(file, std::nullopt, "is no JSON object", "see book-figures/README.md");
  Figure f;
  f.folder = folder;
  const std::pair<const char*, std::string*> texts[] = {{"id", &f.id}, {"chapter", &f.chapter}, {"question", &f.question}, {"command", &f.command}, {"capture", &f.capture}, {"sees", &f.sees}, {"claim", &f.claim}};
  for (const auto& [key, to] : texts) *to = text_of(root, key, file);
  if (f.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) throw Error(file, std::nullopt, "its \"id\" is no name of a figure", "letters, digits and - only");
  read_control(root, file, f);
  read_phases(root, file, f);
  return f;
}

std::vector<std::string> check_figure(const Figure& figure, Diagnostics& diagnostics) {
  std::vector<std::string> wrong = Judge(figure, diagnostics).judge();
  if (!sound(figure, diagnostics)) wrong.emplace_back("the trace is not sound: see kutrace check");
  return wrong;
}

std::string figure_view(const Figure& figure, Diagnostics& diagnostics) {
  StringPool pool;
  const MappedInput input(figure.trace(), diagnostics.budget());
  Marks marks(pool);
  read_tables(input, pool, marks, diagnostics, {1, -INFINITY, INFINITY});
  if (marks.first > marks.last) return "open=cpu+pid";
  // A little of what is around.
  const int64_t margin = (marks.last - marks.first) / 20 + 10000;
  std::string rows;
  for (const int64_t tid : marks.threads) rows += (rows.empty() ? "l" : ",") + std::to_string(tid);
  return "t=" + std::to_string(std::max<int64_t>(0, marks.first - margin)) + "~" + std::to_string(marks.last + margin) + "&open=cpu+pid&row.pid=" + rows + "+x";
}

}  // namespace kutrace
