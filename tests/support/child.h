// SPDX-License-Identifier: BSD-3-Clause
// Processes of a test's own: a function in a child, and a child that says when it is ready.
#pragma once

#include <functional>

namespace kutrace::test {

class Child {
 public:
  // What the function gives is the exit status. Nothing of the test's own is run in the child at its end.
  explicit Child(const std::function<int()>& body);
  ~Child();  // ends it if it runs still
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int pid() const { return pid_; }
  // Waits for say_ready(); also over when the child has ended.
  void wait_until_ready();
  static void say_ready();  // in the child
  // Waits for its end: what waitpid() tells; the status; the signal, 0: none.
  int wait();
  int status();
  int end_signal();

 private:
  int pid_ = -1, ready_ = -1, result_ = 0;
};

// The exit status of `body` in a child; 128 and the signal that ended it.
int in_child(const std::function<int()>& body);

// Signals as a program finds them that was just started: no handlers of a sanitizer, nothing blocked, no core files.
void usual_actions();

// From now on this process and its children find file systems that have no files without names: O_TMPFILE is not supported.
// False if that cannot be done here.
bool without_nameless_files();

}  // namespace kutrace::test
