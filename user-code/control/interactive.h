// SPDX-License-Identifier: BSD-3-Clause
// The reference's commands, one a line: init on off flush reset stat dump go goipc ... stop [name], wait N, mark TEXT,
// test, quit, exit.
#pragma once

#include <istream>
#include <string>

#include "control/session.h"

namespace kutrace::capture {

class Interactive {
 public:
  Interactive(Session& session, bool force) : session_(session), force_(force) {}

  // True if the line's first word is a command.
  static bool knows(const std::string& word);
  // Obeys one line; false if it ends the session. Throws Failure.
  bool obey(const std::string& line);
  // Obeys lines to the end of `in`; failures go to stderr. The worst exit status of all of them.
  int loop(std::istream& in, bool prompt);

  static const char* help();
  int status() const { return status_; }

 private:
  void save(const std::string& name);

  Session& session_;
  bool force_;
  int status_ = 0;
};

// Messages of the program: to stderr, each with its name.
void say_lines(const std::vector<std::string>& lines);
// Signals do not shorten it.
void sleep_seconds(double seconds);
// The state for people, to stdout.
void print_stat(const Stat& stat);

}  // namespace kutrace::capture
