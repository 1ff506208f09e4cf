// SPDX-License-Identifier: BSD-3-Clause
#include "base/decompress.h"

#include <zlib.h>

#include <cstring>
#include <new>

#ifdef KUTRACE_HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif
#ifdef KUTRACE_HAVE_LZMA
#include <lzma.h>
#endif

namespace kutrace {
namespace {

class Gzip : public Decompressor {
 public:
  Gzip() {
    std::memset(&stream_, 0, sizeof(stream_));
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }
  Step run(const char* in, size_t size, char* out, size_t room) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in));
    stream_.avail_in = static_cast<uInt>(size);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(room);
    const int rc = inflate(&stream_, Z_NO_FLUSH);
    const State state = rc == Z_STREAM_END ? State::kMemberEnd : rc == Z_OK || rc == Z_BUF_ERROR ? State::kMore : State::kFailed;
    return {size - stream_.avail_in, room - stream_.avail_out, state};
  }
  void next_member() override { inflateReset(&stream_); }

 private:
  z_stream stream_;
};

#ifdef KUTRACE_HAVE_ZSTD
class Zstd : public Decompressor {
 public:
  Zstd() : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  Step run(const char* in, size_t size, char* out, size_t room) override {
    ZSTD_inBuffer from{in, size, 0};
    ZSTD_outBuffer to{out, room, 0};
    const size_t rc = ZSTD_decompressStream(stream_, &to, &from);
    const bool large = ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge;
    return {from.pos, to.pos, large ? State::kTooLarge : ZSTD_isError(rc) != 0 ? State::kFailed : rc == 0 ? State::kMemberEnd : State::kMore};
  }
  void next_member() override {}

 private:
  ZSTD_DStream* stream_;
};
#endif

#ifdef KUTRACE_HAVE_LZMA
class Xz : public Decompressor {
 public:
  Xz() { start(); }
  ~Xz() override { lzma_end(&stream_); }
  Step run(const char* in, size_t size, char* out, size_t room) override {
    stream_.next_in = reinterpret_cast<const uint8_t*>(in);
    stream_.avail_in = size;
    stream_.next_out = reinterpret_cast<uint8_t*>(out);
    stream_.avail_out = room;
    const lzma_ret rc = lzma_code(&stream_, LZMA_RUN);
    const State state = rc == LZMA_STREAM_END ? State::kMemberEnd
                        : rc == LZMA_OK || rc == LZMA_BUF_ERROR ? State::kMore
                        : rc == LZMA_MEMLIMIT_ERROR ? State::kTooLarge : State::kFailed;
    return {size - stream_.avail_in, room - stream_.avail_out, state};
  }
  void next_member() override {
    lzma_end(&stream_);
    start();
  }

 private:
  void start() {
    constexpr uint64_t kMemory = 128u << 20;  // what xz -9 needs, twice
    stream_ = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&stream_, kMemory, 0) != LZMA_OK) throw std::bad_alloc();
  }
  lzma_stream stream_;
};
#endif

}  // namespace

std::unique_ptr<Decompressor> make_decompressor(FileKind::Id kind) {
  switch (kind) {
    case FileKind::Id::gzip:
      return std::make_unique<Gzip>();
#ifdef KUTRACE_HAVE_ZSTD
    case FileKind::Id::zstd:
    case FileKind::Id::zstd_skippable:
      return std::make_unique<Zstd>();
#endif
#ifdef KUTRACE_HAVE_LZMA
    case FileKind::Id::xz:
      return std::make_unique<Xz>();
#endif
    default:
      return nullptr;
  }
}

}  // namespace kutrace
