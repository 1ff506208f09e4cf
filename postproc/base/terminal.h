// SPDX-License-Identifier: BSD-3-Clause
// Text for a person at a terminal: whatever a file or its name holds, it stays text.
#pragma once

#include <string>
#include <string_view>

namespace kutrace {

// `text` with everything that a terminal or a reader could take for more than letters made visible: controls as \x1b, C1 controls,
// characters that turn the direction of writing, line and paragraph separators, and bytes that are no UTF-8. Line feeds
// and tabs stay when `lines`.
std::string terminal_text(std::string_view text, bool lines = false);

// Whether a character means something to a terminal, or changes how its neighbours are shown.
bool is_control_character(char32_t c);

// The UTF-8 character at the beginning of `text`, and its size in bytes; 0 when there is none.
size_t utf8_character(std::string_view text, char32_t& c);

// Writes out what is still held of standard output; whether all that was ever printed there could be written.
bool standard_output_is_whole();

}  // namespace kutrace
