// SPDX-License-Identifier: BSD-3-Clause
// Span JSON as its lines say it: read without any code of the library, for counts that know nothing of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kutrace::test {

// One record, its times in ns.
struct JsonLine {
  int64_t ts, dur;
  int64_t cpu, pid, rpc, event, arg, ret, ipc;
  std::string name;
};

std::vector<JsonLine> lines_of(const std::string& json);

}  // namespace kutrace::test
