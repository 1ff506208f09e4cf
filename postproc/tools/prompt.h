// SPDX-License-Identifier: BSD-3-Clause
// Lines from a person: edited, remembered from one session to the next, words completed (by libedit, where the build found it); or from a pipe.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kutrace {

class Prompt {
 public:
  // `words`: what the Tab key completes. `history`: the name of the file that remembers, in the user's folder for such things.
  Prompt(std::vector<std::string> words, const std::string& history);
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;
  ~Prompt();

  bool interactive() const { return interactive_; }
  // The next line without its end; none at the end of input. Only a person sees `sign`.
  std::optional<std::string> line(const char* sign);
  void remember(const std::string& text);

 private:
  bool interactive_;
  std::string history_;  // empty: nothing is remembered
};

// Whether text ends with a `;` that belongs to no quoted text and no comment.
bool ends_statement(const std::string& sql);
// The statements of a text, one after the other; at least one.
std::vector<std::string> statements_of(const std::string& sql);

}  // namespace kutrace
