// SPDX-License-Identifier: BSD-3-Clause
#include "query/page_packer.h"

#include <new>

#ifdef KUTRACE_HAVE_ZSTD
#include <zstd.h>
#else
#include "html/compress.h"
#endif

namespace kutrace {

#ifdef KUTRACE_HAVE_ZSTD

struct PagePacker::Context {
  ZSTD_CCtx* zstd = ZSTD_createCCtx();
  ~Context() { ZSTD_freeCCtx(zstd); }
};

void PagePacker::pack(std::string_view raw, std::string& out) {
  constexpr int kLevel = 1;  // 3 takes twice the time for a tenth of the bytes
  const size_t at = out.size();
  out.resize(at + ZSTD_compressBound(raw.size()));
  const size_t size = context_->zstd == nullptr ? 0 : ZSTD_compressCCtx(context_->zstd, out.data() + at, out.size() - at, raw.data(), raw.size(), kLevel);
  // The room is enough for whatever it is: only memory can fail.
  if (context_->zstd == nullptr || ZSTD_isError(size) != 0) throw std::bad_alloc();
  out.resize(at + size);
}

int32_t PagePacker::codec() { return 6; }

#else

struct PagePacker::Context {};

void PagePacker::pack(std::string_view raw, std::string& out) { out += gzip(raw, 1); }

int32_t PagePacker::codec() { return 2; }

#endif

PagePacker::PagePacker() : context_(std::make_unique<Context>()) {}
PagePacker::~PagePacker() = default;

}  // namespace kutrace
