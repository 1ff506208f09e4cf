// SPDX-License-Identifier: BSD-3-Clause
// SQL over the tables: DuckDB, loaded at run time, in memory. A query sees the tables and nothing else: no files, no network, no extensions that
// are not in the library.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "query/result_writer.h"
#include "query/tables.h"

namespace kutrace {

class Engine {
 public:
  // Loads the library; throws Error that says how to get it. `reach`: whether it may write files, for copy(); queries never shall.
  enum class Reach : uint8_t { kNothing, kFiles };
  explicit Engine(Reach reach = Reach::kNothing);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Makes the tables, empty. `with_source`: each has a column `source` before the others, the input's name.
  void make_tables(bool with_source);
  // Where rows of one input go; valid until the next call. `pool` has their texts.
  RowSink& rows(const StringPool& pool, const std::string& source);
  // Behind the last row: views and macros, and nothing outside can be reached any more.
  void loaded();

  // Runs a statement, and gives its result to `to`; of several, the first result that has rows. Throws Error with what the engine says.
  void run(const std::string& sql, ResultWriter& to);
  void run(const std::string& sql);
  // Writes a table as a Parquet file (zstd, encodings of version 2). Throws Error.
  void copy(Table table, const std::string& path);
  // From any thread: ends what runs.
  void interrupt();
  // What runs next is another thing.
  void forget_interrupt() { interrupted_ = false; }
  bool interrupted() const { return interrupted_; }

 private:
  struct Library;
  class Loader;

  std::unique_ptr<Library> library_;
  std::unique_ptr<Loader> loader_;
  bool with_source_ = false;
  std::atomic<bool> interrupted_ = false;
};

// The views and macros that queries may use besides the tables.
extern const char kViews[];

struct Question {
  const char *name, *words, *sql;
};
// Those that everybody asks.
const std::vector<Question>& questions();

}  // namespace kutrace
