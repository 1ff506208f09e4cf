// SPDX-License-Identifier: BSD-3-Clause
#include "support/mutate.h"

#include <algorithm>
#include <cstring>

#include "base/input.h"
#include "kutrace/abi.h"

namespace kutrace::robust {
namespace {

constexpr size_t kEdges[] = {0,     1,     7,     8,     16,    48,    55,    56,    63,    64,    95,    96,    104,
                             4096,  8192,  65535, 65536, 65537, 65584, 73727, 73728, 73729, 73776, 131072};

bool is_zero_word(const Bytes& bytes, size_t word) {
  return std::all_of(bytes.begin() + static_cast<ptrdiff_t>(8 * word), bytes.begin() + static_cast<ptrdiff_t>(8 * word + 8),
                     [](uint8_t b) { return b == 0; });
}

// A byte's place: mostly one of a word that holds something.
size_t place(const Bytes& bytes, Rng& rng) {
  const size_t words = bytes.size() / 8;
  if (words == 0) return rng.below(bytes.size());
  for (int attempt = 0; attempt < 64; ++attempt) {
    const size_t word = rng.below(words);
    if (!is_zero_word(bytes, word) || rng.below(64) == 0) return 8 * word + rng.below(8);
  }
  return rng.below(bytes.size());
}

void flip(Bytes& bytes, size_t at, Rng& rng) {
  if (at < bytes.size()) bytes[at] = static_cast<uint8_t>(bytes[at] ^ 1u << rng.below(8));
}

void flip_bits(Bytes& bytes, size_t n, Rng& rng) {
  for (size_t i = 0; i < n && !bytes.empty(); ++i) flip(bytes, place(bytes, rng), rng);
}

void randomize(Bytes& bytes, size_t from, size_t to, Rng& rng) {
  for (size_t i = from; i < std::min(to, bytes.size()); ++i) bytes[i] = static_cast<uint8_t>(rng.next());
}

std::vector<size_t> block_offsets(const Bytes& trace) {
  std::vector<size_t> out;
  for (size_t at = 0; at + 16 <= trace.size(); at += block_stride(trace, at)) out.push_back(at);
  return out;
}

Bytes mixed(const Bytes& a, const Bytes& b) {
  Bytes out;
  const auto of_a = block_offsets(a), of_b = block_offsets(b);
  auto append = [&](const Bytes& from, const std::vector<size_t>& offsets, size_t i) {
    if (i >= offsets.size()) return;
    const size_t end = std::min(from.size(), offsets[i] + block_stride(from, offsets[i]));
    out.insert(out.end(), from.begin() + static_cast<ptrdiff_t>(offsets[i]), from.begin() + static_cast<ptrdiff_t>(end));
  };
  for (size_t i = 0; i < std::max(of_a.size(), of_b.size()); ++i) {
    append(a, of_a, i);
    append(b, of_b, i);
  }
  return out;
}

}  // namespace

uint64_t Rng::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
  return z ^ z >> 31;
}

const char* damage_name(Damage damage) {
  static constexpr const char* kNames[] = {"truncate",     "truncate at an edge", "1 bit",        "100 bits",
                                           "10000 bits",   "first header",        "other header", "random words",
                                           "run of bytes", "insert bytes",        "delete bytes", "random body",
                                           "all random",   "repeat part",         "mix blocks"};
  static_assert(std::size(kNames) == static_cast<size_t>(Damage::kCount));
  return kNames[static_cast<size_t>(damage)];
}

size_t block_stride(const Bytes& trace, size_t offset) {
  const bool has_bytes = offset + 16 <= trace.size() && (trace[offset + 15] & (KUTRACE_FLAG_IPC | KUTRACE_FLAG_LLC)) != 0;
  return KUTRACE_BLOCK_BYTES + (has_bytes ? KUTRACE_BYTE_AREA_BYTES : 0);
}

Bytes thinned(const Bytes& trace, size_t words) {
  Bytes out = trace;
  for (size_t at : block_offsets(trace)) {
    const size_t from = std::min(out.size(), at + 8 * words);
    const size_t to = std::min(out.size(), at + KUTRACE_BLOCK_BYTES);
    if (from < to) std::memset(out.data() + from, 0, to - from);
  }
  return out;
}

Bytes load(const std::string& path) {
  const MappedInput input(path);
  return {input.bytes().begin(), input.bytes().end()};
}

Bytes damaged(Damage damage, const Bytes& base, const Bytes& other, Rng& rng) {
  Bytes out = base;
  const size_t n = out.size();
  switch (damage) {
    case Damage::kTruncate:
      out.resize(rng.below(n));
      break;
    case Damage::kTruncateEdge:
      out.resize(std::min(n, kEdges[rng.below(std::size(kEdges))]));
      break;
    case Damage::kFlip1:
      flip_bits(out, 1, rng);
      break;
    case Damage::kFlip100:
      flip_bits(out, 100, rng);
      break;
    case Damage::kFlip10000:
      flip_bits(out, 10000, rng);
      break;
    case Damage::kHeader0:
      for (uint64_t i = rng.below(4) + 1; i > 0; --i) flip(out, rng.below(8 * KUTRACE_FIRST_ENTRY_BLOCK0), rng);
      break;
    case Damage::kHeaderOther: {
      const auto offsets = block_offsets(out);
      const size_t at = offsets[rng.below(offsets.size())];
      for (uint64_t i = rng.below(4) + 1; i > 0; --i) flip(out, at + rng.below(8 * KUTRACE_FIRST_ENTRY_OTHER), rng);
      break;
    }
    case Damage::kRandomWords:
      for (uint64_t i = rng.below(100) + 1; i > 0; --i) {
        const size_t at = place(out, rng) & ~size_t{7};
        randomize(out, at, at + 8, rng);
      }
      break;
    case Damage::kRun: {
      const size_t from = place(out, rng);
      const size_t to = std::min(n, from + 1 + rng.below(rng.below(2) == 0 ? 256 : 20000));
      const uint64_t what = rng.below(3);
      if (what == 2) {
        randomize(out, from, to, rng);
      } else {
        std::memset(out.data() + from, what == 0 ? 0 : 0xff, to - from);
      }
      break;
    }
    case Damage::kInsertBytes: {
      Bytes extra(1 + rng.below(rng.below(2) == 0 ? 16 : 70000));
      if (rng.below(2) == 0) randomize(extra, 0, extra.size(), rng);
      out.insert(out.begin() + static_cast<ptrdiff_t>(place(out, rng)), extra.begin(), extra.end());
      break;
    }
    case Damage::kDeleteBytes: {
      const size_t from = place(out, rng);
      const size_t to = std::min(n, from + 1 + rng.below(rng.below(2) == 0 ? 16 : 70000));
      out.erase(out.begin() + static_cast<ptrdiff_t>(from), out.begin() + static_cast<ptrdiff_t>(to));
      break;
    }
    case Damage::kRandomBody:
      randomize(out, 8 * KUTRACE_FIRST_ENTRY_BLOCK0, 8 * (KUTRACE_FIRST_ENTRY_BLOCK0 + rng.below(2000)), rng);
      break;
    case Damage::kAllRandom:
      out.resize(rng.below(200000));
      randomize(out, 0, out.size(), rng);
      break;
    case Damage::kRepeatPart: {
      const size_t from = rng.below(n), to = from + rng.below(n - from);
      out.insert(out.end(), base.begin() + static_cast<ptrdiff_t>(from), base.begin() + static_cast<ptrdiff_t>(to));
      break;
    }
    case Damage::kMixBlocks:
      out = rng.below(2) == 0 ? mixed(base, other) : mixed(other, base);
      break;
    case Damage::kCount:
      break;
  }
  return out;
}

}  // namespace kutrace::robust
