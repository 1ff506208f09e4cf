// SPDX-License-Identifier: BSD-3-Clause
// Pages with any content in their chunks.
#pragma once

#include <string>
#include <string_view>

namespace kutrace::robust {

// `content` is pieces, each behind two bytes: its kind and count (bits 0-1 of the first: names, kinds, exec, aux; the
// others and the second: number of records) and two bytes with its length, little-endian.
std::string made_page(std::string_view content);
// One such piece.
std::string piece(int kind, unsigned count, std::string_view raw);

}  // namespace kutrace::robust
