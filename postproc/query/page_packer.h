// SPDX-License-Identifier: BSD-3-Clause
// Compresses the pages of Parquet files: with zstd, where the programs were built with it, else as gzip.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kutrace {

class PagePacker {
 public:
  PagePacker();
  ~PagePacker();
  PagePacker(const PagePacker&) = delete;
  PagePacker& operator=(const PagePacker&) = delete;

  // Appends `raw`, packed, to `out`.
  void pack(std::string_view raw, std::string& out);
  // Parquet's number of how.
  static int32_t codec();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace kutrace
