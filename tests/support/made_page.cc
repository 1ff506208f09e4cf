// SPDX-License-Identifier: BSD-3-Clause
#include "support/made_page.h"

#include <zlib.h>

#include <algorithm>

#include "base/output.h"
#include "html/html_packer.h"
#include "support/robust_run.h"

namespace kutrace::robust {
namespace {

constexpr const char* kKinds[4] = {"names", "kinds", "exec", "aux"};

unsigned byte(std::string_view text, size_t at) { return static_cast<unsigned char>(text[at]); }

std::string compressed(std::string_view raw) {
  uLongf size = compressBound(raw.size());
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(raw.data()), raw.size(), 1);
  out.resize(size);
  return out;
}

}  // namespace

std::string piece(int kind, unsigned count, std::string_view raw) {
  std::string out;
  for (unsigned value : {static_cast<unsigned>(kind) | (count & 0x3f) << 2, count >> 6,
                         static_cast<unsigned>(raw.size()) & 0xff, static_cast<unsigned>(raw.size()) >> 8}) {
    out += static_cast<char>(value);
  }
  return out.append(raw);
}

std::string made_page(std::string_view content) {
  std::string meta = "{\"format\":\"kutrace-payload\",\"version\":" + std::to_string(kPayloadVersion) + ",\"nsPerTick\":25.5,\"chunks\":[";
  std::vector<std::string> data;
  size_t offset = 0;
  while (content.size() >= 4) {
    const unsigned kind = byte(content, 0) & 3;
    const unsigned count = byte(content, 0) >> 2 | byte(content, 1) << 6;
    const size_t size = std::min<size_t>(byte(content, 2) | byte(content, 3) << 8, content.size() - 4);
    data.push_back(compressed(content.substr(4, size)));
    meta += std::string(offset == 0 ? "" : ",") + "{\"kind\":\"" + kKinds[kind] +
            "\",\"cpu\":1,\"first\":5,\"count\":" + std::to_string(count) + ",\"offset\":" + std::to_string(offset) +
            ",\"size\":" + std::to_string(data.back().size()) + ",\"raw\":" + std::to_string(size) + "}";
    offset += data.back().size();
    content.remove_prefix(4 + size);
  }
  std::string page;
  Output out(&page);
  pack_page(kTinyTemplate, meta + "]}", data, out);
  out.flush();
  return page;
}

}  // namespace kutrace::robust
