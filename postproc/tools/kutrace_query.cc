// SPDX-License-Identifier: BSD-3-Clause
// kutrace query: tables of traces, and SQL over them.
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/output.h"
#include "base/output_file.h"
#include "chain.h"
#include "query/engine.h"
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

// Reads all files into rows; `rows(pool, file)` says where those of a file go.
template <typename Rows>
void read_all(const QueryArguments& a, Diagnostics& diagnostics, Rows&& rows) {
  for (const std::string& file : a.files) {
    StringPool pool;
    Diagnostics found(diagnostics.budget());
    MappedInput input(file, diagnostics.budget());
    read_tables(input, pool, rows(pool, file), found, {a.threads, -INFINITY, INFINITY});
    diagnostics.merge(found);
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
  explicit Interrupter(Engine& engine) {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    thread_ = std::jthread([this, &engine](const std::stop_token& stop) {
      const timespec step{0, 50'000'000};
      while (!stop.stop_requested()) {
        // Again and again: what is about to begin does not hear the first.
        if (sigtimedwait(&set_, nullptr, &step) == SIGINT || engine.interrupted()) engine.interrupt();
      }
    });
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

// All files as tables. The status of what was found in them.
int load(Engine& engine, const QueryArguments& a, Diagnostics& diagnostics) {
  engine.make_tables(a.files.size() > 1);
  read_all(a, diagnostics, [&](const StringPool& pool, const std::string& file) -> RowSink& { return engine.rows(pool, file); });
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
  const Interrupter interrupter(engine);
  const int status = load(engine, a, diagnostics);
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
  const Interrupter interrupter(engine);
  const int status = load(engine, a, diagnostics);
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

// "day=2026-11-21/machine=goldvm": what engines that read folders take for columns.
std::string folders(const SpanHeader& header) {
  std::string machine = header.host_name.empty() ? "unknown" : header.host_name;
  for (char& c : machine) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  }
  return "day=" + (header.tracebase.size() < 10 ? "unknown" : header.tracebase.substr(0, 10)) + "/machine=" + machine;
}

// As long as it lives, no file of this process grows beyond so many bytes: who tries gets an error.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(uint64_t most) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = std::min<rlim_t>(before_.rlim_cur, most);
    setrlimit(RLIMIT_FSIZE, &now);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

// DIR/TABLE/day=.../machine=.../FILE.parquet, a file a table and trace. Those of a trace get their names when all of them are complete.
class ParquetFolder {
 public:
  ParquetFolder(std::string folder, const Budget& budget) : folder_(std::move(folder)), left_(budget.most(Limit::output)) {}

  void add(Engine& engine, const SpanHeader& header) {
    std::vector<std::unique_ptr<OutputFile>> files;
    for (const TableInfo& table : tables()) {
      const std::string folder = folder_ + "/" + std::string(table.name) + "/" + folders(header);
      make_folders(folder);
      files.push_back(std::make_unique<OutputFile>(folder + "/" + leaf(folder, header.title)));
      if (!files.back()->is_regular()) throw Error(files.back()->name(), std::nullopt, "is no ordinary file", "remove it, or give another folder");
      copy(engine, table.table, *files.back());
    }
    for (const auto& file : files) file->finish();
  }

 private:
  // Two traces of one name are two files.
  std::string leaf(const std::string& folder, const std::string& title) {
    std::string name = title + ".parquet";
    for (int n = 2; !names_.insert(folder + "/" + name).second; ++n) name = title + "-" + std::to_string(n) + ".parquet";
    return name;
  }
  void copy(Engine& engine, Table table, const OutputFile& to) {
    try {
      const FileSizeLimit limit(left_);
      engine.copy(table, to.handle_name());
    } catch (const Error&) {
      if (size(to) < left_) throw;
      throw Error(to.name(), std::nullopt, "would have, with what was written before, more bytes than may be written", limit_info(Limit::output).remedy);
    }
    left_ -= std::min(left_, size(to));
  }
  static uint64_t size(const OutputFile& file) {
    std::error_code none;
    const auto bytes = std::filesystem::file_size(file.handle_name(), none);
    return none ? 0 : bytes;
  }

  std::string folder_;
  uint64_t left_;
  std::set<std::string> names_;
};

int write_parquet(const QueryArguments& a, Diagnostics& diagnostics) {
  ParquetFolder folder(a.parquet, *diagnostics.budget());
  for (const std::string& file : a.files) {
    Engine engine(Engine::Reach::kFiles);
    const Interrupter interrupter(engine);
    engine.make_tables(false);
    StringPool pool;
    Diagnostics found(diagnostics.budget());
    MappedInput input(file, diagnostics.budget());
    SpanHeader header = read_tables(input, pool, engine.rows(pool, file), found, {a.threads, -INFINITY, INFINITY}).header;
    engine.loaded();
    diagnostics.merge(found);
    header.title.clear();
    complete_header(header, "", file == "-" ? "stdin" : file);
    folder.add(engine, header);
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
