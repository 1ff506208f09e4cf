// SPDX-License-Identifier: BSD-3-Clause
// Results as text: a table for a person, CSV or JSON for a program. NULL is empty in CSV and the table, null in JSON.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/output.h"

namespace kutrace {

struct ResultCell {
  enum class Kind : uint8_t { Null, Number, Bool, Text, Json } kind = Kind::Null;
  std::string text;  // of Json: a list, as JSON has it
};

class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual void columns(const std::vector<std::string>& names) = 0;
  virtual void row(const std::vector<ResultCell>& cells) = 0;
  virtual void end() = 0;
};

enum class ResultFormat { kTable, kCsv, kJson };
std::unique_ptr<ResultWriter> make_writer(ResultFormat format, Output& out);

}  // namespace kutrace
