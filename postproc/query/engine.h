// SPDX-License-Identifier: BSD-3-Clause
// SQL over the tables: DuckDB, loaded at run time, in memory. A query sees the tables and nothing else: no files but those of the Parquet folders
// that it was given, no network, no extensions that are not in the library; and it writes nothing.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "query/parquet_folder.h"
#include "query/result_writer.h"
#include "query/tables.h"

namespace kutrace {

class Engine {
 public:
  // Loads the library; throws Error that says how to get it.
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  // Its version; throws Error as the constructor does.
  static std::string version();

  // Rows of one input after the other, for one thread.
  class Loader;

  // Makes the tables, empty, for rows from `loaders` threads. `with_source`: each has a column `source` before the others, the input's name.
  // `folders`: what they have is in the tables, too; then with_source must be true.
  void make_tables(bool with_source, size_t loaders = 1, const std::vector<ParquetFiles>& folders = {});
  // Only these tables get rows.
  void only(std::set<Table> used) { used_ = std::move(used); }
  // Where rows of one input go; valid until the next call for that loader. `pool` has their texts.
  RowSink& rows(const StringPool& pool, const std::string& source, size_t loader = 0);
  // Behind the last row of a loader.
  void finish(size_t loader);
  // Behind the last row of all: views and macros, and nothing outside can be reached any more.
  void loaded();

  // Runs a statement, and gives its result to `to`; of several, the first result that has rows. Throws Error with what the engine says.
  void run(const std::string& sql, ResultWriter& to);
  void run(const std::string& sql);
  // From any thread: ends what runs.
  void interrupt();
  // What runs next is another thing.
  void forget_interrupt() { interrupted_ = false; }
  bool interrupted() const { return interrupted_; }

 private:
  struct Library;

  void stop_if_interrupted() const;
  [[noreturn]] void fail(const std::string& cause) const;
  void require_harmless(const std::string& sql);
  void make_view(const TableInfo& table, size_t loaders, const std::vector<ParquetFiles>& folders);

  std::unique_ptr<Library> library_;
  std::vector<std::unique_ptr<Loader>> loaders_;
  std::set<Table> used_;
  std::string rows_from_;  // made when all rows are there: tables of several parts
  bool with_source_ = false, split_ = false, reads_files_ = false, locked_ = false;
  std::atomic<bool> interrupted_ = false;
};

// The views and macros that queries may use besides the tables.
extern const char kViews[];
// The tables that a statement may ask, through views and macros, too: at least those.
std::set<Table> tables_named(const std::string& sql);

struct Question {
  const char *name, *words, *sql;
};
// Those that everybody asks.
const std::vector<Question>& questions();

}  // namespace kutrace
