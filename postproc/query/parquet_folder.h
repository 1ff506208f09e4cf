// SPDX-License-Identifier: BSD-3-Clause
// A folder of Parquet files, a file a table and trace: DIR/TABLE/day=.../machine=.../TRACE.parquet. Those of a trace get their names when all of
// them are complete.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "query/parquet_writer.h"
#include "query/tables.h"
#include "span/span.h"

namespace kutrace {

// The files of such a folder, which its tables consist of.
struct ParquetFiles {
  std::string name, path;  // of the folder, as given and without links
  std::array<std::vector<std::string>, kTables> files;
  const std::vector<std::string>& of(Table table) const { return files[static_cast<size_t>(table)]; }
};
// Throws Error where there are none. Links in the folder are not followed.
ParquetFiles find_parquet(const std::string& folder);

class ParquetFolder {
 public:
  // `budget`: more output than it allows is an Error; nullptr: none.
  ParquetFolder(std::string folder, const Budget* budget) : folder_(std::move(folder)), budget_(budget) {}

  // The rows of one trace. All must outlive it; when `interrupted` turns true, the next rows throw Error.
  class Trace : public RowSink {
   public:
    Trace(ParquetFolder& folder, const StringPool& pool, Diagnostics& diagnostics, const std::atomic<bool>& interrupted);
    void row(Table table, std::span<const int64_t> cells) override {
      if ((++rows_ & 0xfff) == 0) check();
      files_[static_cast<size_t>(table)]->writer.row(cells);
    }
    // Behind the last row: `header` says day, machine and title.
    void finish(const SpanHeader& header);

   private:
    // Nobody knows its name before the last row: till then what does not fit into memory lies in a file without one.
    struct File {
      File(Trace& trace, const TableInfo& table, const StringPool& pool, Diagnostics& diagnostics);
      void write(std::string_view bytes);
      void copy_to(OutputFile& to) const;
      Trace& trace;
      std::string name, unwritten;
      std::unique_ptr<OutputFile> spool;
      ParquetWriter writer;
    };
    void check() const;

    ParquetFolder& folder_;
    const std::atomic<bool>& interrupted_;
    std::vector<std::unique_ptr<File>> files_;
    uint64_t rows_ = 0;
  };

 private:
  std::string leaf(const std::string& folder, const std::string& title);

  std::string folder_;
  const Budget* budget_;
  uint64_t written_ = 0;
  std::set<std::string> names_;
};

}  // namespace kutrace
