// SPDX-License-Identifier: BSD-3-Clause
#include "html/compress.h"

#include <libdeflate.h>

#include <memory>
#include <new>

namespace kutrace {
namespace {

libdeflate_compressor* compressor_of(int level) {
  struct Free {
    void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
  };
  // Kept, since it is large and chunks come one after another with the same level.
  struct Kept {
    std::unique_ptr<libdeflate_compressor, Free> compressor;
    int level = 0;
  };
  thread_local Kept kept;
  if (kept.level != level) {
    kept.compressor.reset(libdeflate_alloc_compressor(level));
    kept.level = level;
  }
  if (kept.compressor == nullptr) throw std::bad_alloc();
  return kept.compressor.get();
}

}  // namespace

std::string compress(std::string_view raw, int level) {
  libdeflate_compressor* compressor = compressor_of(level);
  std::string out(libdeflate_zlib_compress_bound(compressor, raw.size()), '\0');
  out.resize(libdeflate_zlib_compress(compressor, raw.data(), raw.size(), out.data(), out.size()));
  out.shrink_to_fit();
  return out;
}

std::string gzip(std::string_view raw, int level) {
  libdeflate_compressor* compressor = compressor_of(level);
  std::string out(libdeflate_gzip_compress_bound(compressor, raw.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor, raw.data(), raw.size(), out.data(), out.size()));
  return out;
}

}  // namespace kutrace
