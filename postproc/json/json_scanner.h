// SPDX-License-Identifier: BSD-3-Clause
// Walks the tokens of a JSON text by its brackets and quotes, so that a reader can go on behind what is broken.
#pragma once

#include <string_view>

namespace kutrace {

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

 protected:
  void skip_space();
  // At a quote: the text between it and the closing one, still escaped.
  bool string_token(std::string_view& raw);
  // Any JSON value. Once one has run to the end of the text unclosed, others may not leave their line: else a text of
  // open brackets would be read once for each.
  bool value_token(std::string_view& raw);
  // Behind a broken record: the next line, or the next bracket that opens one.
  void resync();

  std::string_view text_;
  size_t at_ = 0;

 private:
  bool unclosed_ = false;  // a bracket was seen that nothing closes
};

}  // namespace kutrace
