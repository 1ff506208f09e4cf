// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace kutrace {

// `raw` as one zlib stream (RFC 1950). `level`: 1 (fast) to 12 (small), of libdeflate.
std::string compress(std::string_view raw, int level);
// The same as a gzip file (RFC 1952).
std::string gzip(std::string_view raw, int level);

}  // namespace kutrace
