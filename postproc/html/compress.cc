// SPDX-License-Identifier: BSD-3-Clause
#include "html/compress.h"

#include <libdeflate.h>

#include <memory>
#include <new>

namespace kutrace {

std::string compress(std::string_view raw, int level) {
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
  libdeflate_compressor* compressor = kept.compressor.get();
  if (compressor == nullptr) throw std::bad_alloc();
  std::string out(libdeflate_zlib_compress_bound(compressor, raw.size()), '\0');
  out.resize(libdeflate_zlib_compress(compressor, raw.data(), raw.size(), out.data(), out.size()));
  out.shrink_to_fit();
  return out;
}

}  // namespace kutrace
