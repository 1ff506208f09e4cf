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
  // Any JSON value. What is read in vain is counted: once that is more than the text before, values that do not end soon are not
  // read to their end, else a text of open brackets would be read once for each.
  bool value_token(std::string_view& raw);
  // Behind a broken record: the next line, or the next bracket that opens one.
  void resync();
  // Behind the element of a list that begins here, whatever it is: at the comma or bracket that ends it, or where the next must
  // begin, since a record holds neither a list nor a line's end inside a text. EventsSplitter of the viewer has the same rule.
  size_t element_end() const;
  // The end of the line that `at_` is in.
  size_t line_end();

  std::string_view text_;
  size_t at_ = 0;

 private:
  size_t line_begin_ = 1, line_end_ = 0;  // the line that was looked for last; at first none
  size_t in_vain_ = 0;                    // characters of values that had no end
};

}  // namespace kutrace
