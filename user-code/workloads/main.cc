// SPDX-License-Identifier: BSD-3-Clause
// All workloads as one file, with a link for each name: a guest's memory holds the C library once, not twenty times.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "workload.h"

namespace kutrace::workload {
namespace {

std::map<std::string, Registered::Body>& all() {
  static std::map<std::string, Registered::Body> list;
  return list;
}

}  // namespace

Registered::Registered(const char* name, Body body) { all()[name] = body; }

}  // namespace kutrace::workload

int main(int argc, char** argv) {
  using namespace kutrace::workload;
  auto found = all().find(program_invocation_short_name);
  if (found == all().end() && argc > 1) {
    found = all().find(argv[1]);
    if (found != all().end()) {
      program_invocation_short_name = argv[1];
      --argc;
      ++argv;
    }
  }
  if (found == all().end()) {
    std::fprintf(stderr, "usage: %s WORKLOAD [--help | --OPTION VALUE...]; there are:", program_invocation_short_name);
    for (const auto& [name, body] : all()) std::fprintf(stderr, " %s", name.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  found->second(argc, argv);
  return 0;
}
