// SPDX-License-Identifier: BSD-3-Clause
#include "tools/prompt.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "base/error.h"
#include "base/output_place.h"
#ifdef KUTRACE_HAVE_LIBEDIT
#include <editline/readline.h>
#endif

namespace kutrace {
namespace {

// Lines that are remembered.
[[maybe_unused]] constexpr int kRemembered = 1000;

// $XDG_STATE_HOME/kutrace/NAME, by default in ~/.local/state. Empty where there is no such place, or it is in somebody else's, as under sudo.
[[maybe_unused]] std::string state_file(const std::string& name) {
  auto folder_in = [](const char* variable) {
    const char* value = std::getenv(variable);
    struct stat is {};
    return value != nullptr && value[0] == '/' && stat(value, &is) == 0 && is.st_uid == geteuid() ? std::string(value) : std::string();
  };
  std::string base = folder_in("XDG_STATE_HOME");
  if (base.empty() && !(base = folder_in("HOME")).empty()) base += "/.local/state";
  if (base.empty()) return "";
  try {
    make_folders(base + "/kutrace");
  } catch (const Error&) {
    return "";  // a session that nobody remembers is one all the same
  }
  return base + "/kutrace/" + name;
}

#ifdef KUTRACE_HAVE_LIBEDIT
std::vector<std::string>& completions() {
  static std::vector<std::string> words;
  return words;
}

char* next_match(const char* text, int state) {
  static size_t at;
  if (state == 0) at = 0;
  const auto& words = completions();
  while (at < words.size()) {
    const std::string& word = words[at++];
    if (strncasecmp(word.c_str(), text, std::strlen(text)) == 0) return strdup(word.c_str());
  }
  return nullptr;
}

char** complete(const char* text, int, int) {
  rl_attempted_completion_over = 1;  // no names of files
  return rl_completion_matches(text, next_match);
}
#endif

}  // namespace

Prompt::Prompt([[maybe_unused]] std::vector<std::string> words, [[maybe_unused]] const std::string& history)
    : interactive_(isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) {
#ifdef KUTRACE_HAVE_LIBEDIT
  if (!interactive_) return;
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  completions() = std::move(words);
  rl_readline_name = const_cast<char*>("kutrace");
  rl_attempted_completion_function = complete;
  using_history();
  stifle_history(kRemembered);
  history_ = state_file(history);
  if (!history_.empty()) read_history(history_.c_str());
#endif
}

Prompt::~Prompt() {
#ifdef KUTRACE_HAVE_LIBEDIT
  if (history_.empty()) return;
  const mode_t before = umask(077);
  write_history(history_.c_str());
  umask(before);
#endif
}

std::optional<std::string> Prompt::line([[maybe_unused]] const char* sign) {
#ifdef KUTRACE_HAVE_LIBEDIT
  if (interactive_) {
    char* typed = readline(sign);
    if (typed == nullptr) return std::nullopt;
    std::string text = typed;
    std::free(typed);
    return text;
  }
#else
  if (interactive_) std::cout << sign << std::flush;
#endif
  std::string text;
  if (!std::getline(std::cin, text)) return std::nullopt;
  return text;
}

void Prompt::remember([[maybe_unused]] const std::string& text) {
#ifdef KUTRACE_HAVE_LIBEDIT
  if (!interactive_) return;
  std::string one = text;
  std::replace(one.begin(), one.end(), '\n', ' ');
  one.erase(one.find_last_not_of(' ') + 1);
  add_history(one.c_str());
#endif
}

bool ends_statement(const std::string& sql) {
  bool ended = false;
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (c == '\'' || c == '"') {
      i = sql.find(c, i + 1);
      if (i == std::string::npos) return false;
      ended = false;
    } else if (sql.compare(i, 2, "--") == 0) {
      i = sql.find('\n', i);
      if (i == std::string::npos) return ended;
    } else if (sql.compare(i, 2, "/*") == 0) {
      i = sql.find("*/", i + 2);
      if (i == std::string::npos) return false;
      ++i;
    } else if (c == ';') {
      ended = true;
    } else if (std::strchr(" \t\r\n", c) == nullptr) {
      ended = false;
    }
  }
  return ended;
}

std::vector<std::string> statements_of(const std::string& sql) {
  std::vector<std::string> statements;
  size_t begin = 0;
  for (size_t at = sql.find(';'); at != std::string::npos; at = sql.find(';', at + 1)) {
    const std::string one = sql.substr(begin, at + 1 - begin);
    if (!ends_statement(one)) continue;
    statements.push_back(one);
    begin = at + 1;
  }
  // Behind the last semicolon: blanks and comments are no statement.
  if (statements.empty() || !ends_statement(statements.back() + sql.substr(begin))) statements.push_back(sql.substr(begin));
  return statements;
}

}  // namespace kutrace
