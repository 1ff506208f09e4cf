// SPDX-License-Identifier: BSD-3-Clause
// kutrace query: tables of traces, and SQL over them.
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/output.h"
#include "chain.h"
#include "query/engine.h"
#include "query/parquet_folder.h"
#include "query/table_builder.h"
#include "tools/commands.h"
#include "tools/prompt.h"
#include "tools/tool.h"

namespace kutrace {
namespace {

ResultFormat format_of(const QueryArguments& a, ResultFormat otherwise) {
  return a.format == "csv" ? ResultFormat::kCsv : a.format == "json" ? ResultFormat::kJson : a.format == "table" ? ResultFormat::kTable : otherwise;
}

int list_questions() {
  for (const Question& q : questions()) std::printf("%-18s %s\n", q.name, q.words);
  return kSound;
}

int list_tables() {
  for (const TableInfo& table : tables()) {
    std::printf("%s: %s\n", std::string(table.name).c_str(), std::string(table.words).c_str());
    for (const ColumnInfo& c : table.columns) {
      std::printf("  %-11s %-8s %-6s %s\n", std::string(c.name).c_str(), c.type == CellType::Text ? "VARCHAR" : "BIGINT", std::string(c.unit).c_str(),
                  std::string(c.words).c_str());
    }
  }
  return kSound;
}

// Rows of one table, straight to the output.
class OneTable : public RowSink {
 public:
  OneTable(const TableInfo& table, const StringPool& pool, ResultWriter& to, const std::string* source) : table_(table), pool_(pool), to_(to), source_(source) {}
  void row(Table table, std::span<const int64_t> cells) override {
    if (table != table_.table) return;
    out_.clear();
    if (source_ != nullptr) out_.push_back({ResultCell::Kind::Text, *source_});
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i] == kNull) {
        out_.emplace_back();
      } else if (table_.columns[i].type == CellType::Text) {
        out_.push_back({ResultCell::Kind::Text, std::string(pool_[static_cast<NameId>(cells[i])])});
      } else {
        out_.push_back({ResultCell::Kind::Number, std::to_string(cells[i])});
      }
    }
    to_.row(out_);
  }

 private:
  const TableInfo& table_;
  const StringPool& pool_;
  ResultWriter& to_;
  const std::string* source_;
  std::vector<ResultCell> out_;
};

// Each of many inputs may cost as much as one alone.
struct OneInput {
  OneInput(const std::string& file, Budget* all) : found(&budget), input((allow(budget, all), file), &budget) {
    if (all != nullptr) all->saw(input.bytes().size());
  }
  static void allow(Budget& one, const Budget* all) {
    if (all == nullptr) return;
    if (const uint64_t memory = all->most(Limit::memory); memory != limit_info(Limit::memory).base) one.allow_memory(memory);
  }
  Budget budget;
  Diagnostics found;
  StringPool pool;
  MappedInput input;
};

// Reads all files into rows; `rows(pool, file)` says where those of a file go.
template <typename Rows>
void read_all(const QueryArguments& a, Diagnostics& diagnostics, Rows&& rows) {
  for (const std::string& file : a.files) {
    OneInput one(file, diagnostics.budget());
    read_tables(one.input, one.pool, rows(one.pool, file), one.found, {a.threads, -INFINITY, INFINITY});
    diagnostics.merge(one.found);
  }
}

int print_table(const QueryArguments& a, Diagnostics& diagnostics) {
  const TableInfo* table = find_table(a.table);
  if (table == nullptr) throw Error("--table", std::nullopt, "there is no table " + a.table, "`kutrace query --tables` lists them");
  Output out(a.output, a.files, diagnostics.budget());
  const auto writer = make_writer(format_of(a, ResultFormat::kCsv), out);
  std::vector<std::string> names;
  if (a.files.size() > 1) names.emplace_back("source");
  for (const ColumnInfo& c : table->columns) names.emplace_back(c.name);
  writer->columns(names);
  std::unique_ptr<OneTable> one;
  read_all(a, diagnostics, [&](const StringPool& pool, const std::string& file) -> RowSink& {
    one = std::make_unique<OneTable>(*table, pool, *writer, a.files.size() > 1 ? &file : nullptr);
    return *one;
  });
  writer->end();
  out.close();
  return report_damage("kutrace query", diagnostics);
}

// Ctrl-C ends the query, not the program: then nothing is half written.
class Interrupter {
 public:
  // `hear` is told again and again whether it was pressed just now: what is about to begin does not hear the first.
  explicit Interrupter(std::function<void(bool)> hear) {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    thread_ = std::jthread([this, hear = std::move(hear)](const std::stop_token& stop) {
      const timespec step{0, 50'000'000};
      for (;;) {
        const bool now = sigtimedwait(&set_, nullptr, &step) == SIGINT;
        if (stop.stop_requested()) break;
        hear(now);
      }
    });
  }
  Interrupter(const Interrupter&) = delete;
  Interrupter& operator=(const Interrupter&) = delete;
  // The thread need not wait for its step to end.
  ~Interrupter() {
    thread_.request_stop();
    pthread_kill(thread_.native_handle(), SIGINT);
  }

 private:
  sigset_t set_{};
  std::jthread thread_;
};

constexpr char kHowToAsk[] = "give --sql, --file, --table, or --ask with one of `kutrace query --list`, or statements to standard input";

std::string sql_of_question(const std::string& name) {
  for (const Question& q : questions()) {
    if (name == q.name) return q.sql;
  }
  throw Error("--ask", std::nullopt, name.empty() ? "nothing is asked" : "there is no question " + name, kHowToAsk);
}

std::string statement(const QueryArguments& a) {
  if (!a.sql.empty()) return a.sql;
  if (!a.sql_file.empty()) {
    std::ifstream in(a.sql_file);
    if (!in) throw Error(a.sql_file, std::nullopt, "cannot be read", "give a file with SQL");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  return sql_of_question(a.ask);
}

// The first value of a result.
class OneValue : public ResultWriter {
 public:
  void columns(const std::vector<std::string>&) override {}
  void row(const std::vector<ResultCell>& cells) override {
    if (!value && !cells.empty()) value = cells[0].kind == ResultCell::Kind::Null ? "NULL" : cells[0].text;
    ++rows;
  }
  void end() override {}
  std::optional<std::string> value;
  uint64_t rows = 0;
};

// All statements; what the last one says goes to the writer.
void run_all(Engine& engine, const std::string& sql, ResultWriter& to) {
  const std::vector<std::string> statements = statements_of(sql);
  for (size_t i = 0; i + 1 < statements.size(); ++i) engine.run(statements[i]);
  engine.run(statements.back(), to);
}

int expect(Engine& engine, const std::string& sql, const std::string& wanted) {
  OneValue one;
  run_all(engine, sql, one);
  const std::string got = one.value.value_or("no row");
  if (one.rows == 1 && got == wanted) return kSound;
  std::fprintf(stderr, "kutrace query: expected %s, is %s%s\n", terminal_text(wanted).c_str(), terminal_text(got).c_str(),
               one.rows > 1 ? (", the first of " + std::to_string(one.rows) + " rows").c_str() : "");
  return kFindings;
}

// Reads files one after the other, and as many at once as there are loaders; what is found in them is told in their order. The first error ends it.
class Readers {
 public:
  Readers(Engine& engine, std::vector<std::string> files, unsigned threads, Diagnostics& diagnostics)
      : engine_(engine), files_(std::move(files)), threads_(threads), diagnostics_(diagnostics), found_(files_.size()) {}

  void run(size_t loaders) {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < loaders; ++i) others.emplace_back([this, i, loaders] { read(i, loaders); });
    read(0, loaders);
    others.clear();
    if (error_) std::rethrow_exception(error_);
    for (const Diagnostics& found : found_) diagnostics_.merge(found);
  }

 private:
  // Files in turn, so that the rows of each loader are in one order whoever is faster.
  void read(size_t loader, size_t loaders) {
    size_t at = loader;
    try {
      for (; at < files_.size() && at < stop_; at += loaders) read_one(files_[at], found_[at], loader, loaders);
      engine_.finish(loader);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (at >= stop_) return;
      stop_ = at;
      error_ = std::current_exception();
    }
  }
  void read_one(const std::string& file, Diagnostics& found, size_t loader, size_t loaders) {
    OneInput one(file, diagnostics_.budget());
    read_tables(one.input, one.pool, engine_.rows(one.pool, file, loader), one.found, {loaders > 1 ? 1 : threads_, -INFINITY, INFINITY});
    found.merge(one.found);
  }

  Engine& engine_;
  std::vector<std::string> files_;
  unsigned threads_;
  Diagnostics& diagnostics_;
  std::vector<Diagnostics> found_;
  std::mutex mutex_;
  std::atomic<size_t> stop_ = SIZE_MAX;  // the first file with an error
  std::exception_ptr error_;
};

// All files as tables. The status of what was found in them. `sql`: what is going to be asked, if that is known.
int load(Engine& engine, const QueryArguments& a, Diagnostics& diagnostics, const std::string* sql) {
  std::vector<std::string> traces;
  std::vector<ParquetFiles> folders;
  for (const std::string& file : a.files) {
    std::error_code none;
    if (std::filesystem::is_directory(file, none)) {
      folders.push_back(find_parquet(file));
    } else {
      traces.push_back(file);
    }
  }
  if (sql != nullptr) engine.only(tables_named(*sql));
  const size_t loaders = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, std::max<size_t>(traces.size(), 1));
  engine.make_tables(a.files.size() > 1 || !folders.empty(), loaders, folders);
  Readers(engine, traces, a.threads, diagnostics).run(loaders);
  engine.loaded();
  return report_damage("kutrace query", diagnostics);
}

void print_result(Engine& engine, const std::string& sql, const QueryArguments& a, Diagnostics& diagnostics) {
  Output out(a.output, a.files, diagnostics.budget());
  const auto writer = make_writer(format_of(a, ResultFormat::kTable), out);
  run_all(engine, sql, *writer);
  out.close();
}

int ask(const QueryArguments& a, Diagnostics& diagnostics) {
  const std::string sql = statement(a);
  Engine engine;
  const Interrupter interrupter([&](bool now) {
    if (now || engine.interrupted()) engine.interrupt();
  });
  const int status = load(engine, a, diagnostics, &sql);
  if (a.expect) return std::max(status, expect(engine, sql, *a.expect));
  print_result(engine, sql, a, diagnostics);
  return status;
}

// What the Tab key completes.
std::vector<std::string> words_of_sql() {
  std::vector<std::string> words = {"SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "JOIN", "count(*)", "sum(", "avg(", "max(", "min(", "quantile_cont(", ".ask", ".help", ".list", ".quit", ".tables"};
  for (const TableInfo& table : tables()) {
    words.emplace_back(table.name);
    for (const ColumnInfo& c : table.columns) words.emplace_back(c.name);
  }
  for (const Question& q : questions()) words.emplace_back(q.name);
  return words;
}

// A line that is no SQL. False: leave.
bool obey(const std::string& line, const std::function<void(const std::string&)>& run) {
  if (line == ".quit") return false;
  if (line == ".tables") {
    list_tables();
  } else if (line == ".list") {
    list_questions();
  } else if (line.starts_with(".ask ")) {
    run(sql_of_question(line.substr(5)));
  } else {
    std::puts("SELECT ... FROM ...;    an SQL statement, on one line or several\n"
              ".tables                 tables and columns\n"
              ".list                   questions that have names\n"
              ".ask NAME               one of them\n"
              ".quit                   leave, as Ctrl-D does. Ctrl-C ends the statement that is typed or runs.");
  }
  std::fflush(stdout);
  return true;
}

// Statements as they are typed; from a pipe the first error ends it.
int converse(const QueryArguments& a, Diagnostics& diagnostics) {
  if (a.output != "-") throw Error("-o", std::nullopt, "is for the result of one statement, and none is given", kHowToAsk);
  if (std::find(a.files.begin(), a.files.end(), "-") != a.files.end()) {
    throw Error("kutrace query", std::nullopt, "standard input is the trace, and nothing is asked", kHowToAsk);
  }
  Engine engine;
  const Interrupter interrupter([&](bool now) {
    if (now || engine.interrupted()) engine.interrupt();
  });
  const int status = load(engine, a, diagnostics, nullptr);
  Prompt prompt(words_of_sql(), "query_history");
  bool asked = false;
  auto run = [&](const std::string& sql) {
    asked = true;
    for (const std::string& one : statements_of(sql)) print_result(engine, one, a, diagnostics);
  };
  if (prompt.interactive()) std::puts("SQL, ended by a semicolon; .help says what else.");
  std::string sql;
  for (;;) {
    // Ctrl-C from here on is meant for the statement that comes.
    if (sql.empty()) engine.forget_interrupt();
    const auto line = prompt.line(sql.empty() ? "query> " : "  ...> ");
    if (!line) break;
    try {
      if (sql.empty() && line->starts_with('.')) {
        asked = true;
        prompt.remember(*line);
        if (!obey(*line, run)) break;
        continue;
      }
      sql += *line + "\n";
      if (!ends_statement(sql)) continue;
      prompt.remember(sql);
      run(std::exchange(sql, ""));
    } catch (const Error& e) {
      if (!prompt.interactive()) throw;
      std::fprintf(stderr, "%s\n", terminal_text(e.what()).c_str());
    }
  }
  if (prompt.interactive()) return status;
  if (sql.find_first_not_of(" \t\r\n") != std::string::npos) run(sql);
  if (!asked) throw Error("kutrace query", std::nullopt, "nothing is asked", kHowToAsk);
  return status;
}

int write_parquet(const QueryArguments& a, Diagnostics& diagnostics) {
  ParquetFolder folder(a.parquet, diagnostics.budget());
  std::atomic<bool> interrupted = false;
  const Interrupter interrupter([&](bool now) {
    if (now) interrupted = true;
  });
  for (const std::string& file : a.files) {
    OneInput one(file, diagnostics.budget());
    ParquetFolder::Trace trace(folder, one.pool, one.found, interrupted);
    SpanHeader header = read_tables(one.input, one.pool, trace, one.found, {a.threads, -INFINITY, INFINITY}).header;
    header.title.clear();
    complete_header(header, "", file == "-" ? "stdin" : file);
    trace.finish(header);
    diagnostics.merge(one.found);
  }
  return report_damage("kutrace query", diagnostics);
}

}  // namespace

int query(const QueryArguments& a, Diagnostics& diagnostics) {
  if (a.list) return list_questions();
  if (a.tables) return list_tables();
  if (a.files.empty()) throw Error("kutrace query", std::nullopt, "no file is given", "give traces, event text, span JSON or pages");
  if (!a.parquet.empty()) return write_parquet(a, diagnostics);
  if (!a.table.empty()) return print_table(a, diagnostics);
  const bool asked = !a.sql.empty() || !a.sql_file.empty() || !a.ask.empty() || a.expect;
  return asked ? ask(a, diagnostics) : converse(a, diagnostics);
}

}  // namespace kutrace
