// SPDX-License-Identifier: BSD-3-Clause
#include "support/json_lines.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kutrace::test {

std::vector<JsonLine> lines_of(const std::string& json) {
  std::vector<JsonLine> lines;
  for (size_t at = json.find("\n[") + 1; at < json.size() && json[at] == '['; at = json.find('\n', at) + 1) {
    const std::string text = json.substr(at, json.find('\n', at) - at);
    const char* p = text.c_str() + 1;
    auto number = [&] {
      char* end;
      const int64_t value = std::strtoll(p, &end, 10);
      p = end + 1;
      return value;
    };
    auto time = [&] {
      const int64_t seconds = number();
      const char* digits = p;
      const int64_t units = number();
      EXPECT_TRUE(p == digits + 9 || seconds == 999) << text;
      return seconds * 1000000000 + units * 10;
    };
    JsonLine line;
    line.ts = time();
    if (line.ts >= 999000000000) break;
    line.dur = time();
    for (int64_t* field : {&line.cpu, &line.pid, &line.rpc, &line.event, &line.arg, &line.ret, &line.ipc}) *field = number();
    line.name = text.substr(text.find('"') + 1, text.rfind('"') - text.find('"') - 1);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace kutrace::test
