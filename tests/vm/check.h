// SPDX-License-Identifier: BSD-3-Clause
// What the programs that judge a guest's trace share: lines `ok NAME` or `FAILED NAME: why`, and a trace that is opened.
#ifndef KUTRACE_TESTS_VM_CHECK_H
#define KUTRACE_TESTS_VM_CHECK_H

#include <cstdio>
#include <exception>
#include <string>

#include "base/error.h"
#include "trace/trace_reader.h"

namespace kutrace::check {

class Report {
 public:
  void operator()(const char* name, bool good, const std::string& why) {
    std::printf(good ? "ok %s\n" : "FAILED %s: %s\n", name, why.c_str());
    failed_ |= !good;
  }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

// The program `usage`, whose first word is its name and whose second is the trace: `judge(report, trace, diagnostics)`.
// Status 0: all is ok, 1: something failed, 2: it could not be judged.
template <typename Judge>
int run(int argc, char** argv, const std::string& usage, const Judge& judge) {
  int words = 1;
  for (char c : usage) words += c == ' ';
  if (argc != words) {
    std::fprintf(stderr, "usage: %s\n", usage.c_str());
    return 2;
  }
  try {
    Report report;
    Diagnostics diagnostics;
    MappedInput input(argv[1]);
    TraceReader trace(input, diagnostics);
    judge(report, trace, diagnostics);
    return report.failed() ? 1 : 0;
  } catch (const std::exception& e) {
    std::printf("FAILED %s: %s\n", usage.substr(0, usage.find(' ')).c_str(), e.what());
    return 2;
  }
}

}  // namespace kutrace::check

#endif
