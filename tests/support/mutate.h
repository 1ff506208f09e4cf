// SPDX-License-Identifier: BSD-3-Clause
// Damage done to raw traces on purpose: the classes of the reference's damage study, each reproducible from a seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kutrace::robust {

using Bytes = std::vector<uint8_t>;

// The same numbers on every machine (splitmix64).
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}
  uint64_t next();
  uint64_t below(uint64_t n) { return n == 0 ? 0 : next() % n; }

 private:
  uint64_t state_;
};

enum class Damage {
  kTruncate,       // anywhere
  kTruncateEdge,   // at and beside the edges of words, headers, blocks and byte areas
  kFlip1,          // bits
  kFlip100,
  kFlip10000,
  kHeader0,        // 1 to 4 bits of the first block's header
  kHeaderOther,    // the same of another block's
  kRandomWords,    // 1 to 100
  kRun,            // of 00, FF or random bytes
  kInsertBytes,
  kDeleteBytes,
  kRandomBody,     // good header, all else random
  kAllRandom,
  kRepeatPart,     // the file and part of it again
  kMixBlocks,      // blocks of two traces in turn
  kCount
};
const char* damage_name(Damage damage);

// `base` with one damage; `other` is the second trace of kMixBlocks.
Bytes damaged(Damage damage, const Bytes& base, const Bytes& other, Rng& rng);

// Bytes from one block to the next, from the flags of the block at `offset`.
size_t block_stride(const Bytes& trace, size_t offset);
// The same trace with only the first `words` words of each block; the rest is zero.
Bytes thinned(const Bytes& trace, size_t words);
// Contents of a file, unpacked when it is gzip.
Bytes load(const std::string& path);

}  // namespace kutrace::robust
