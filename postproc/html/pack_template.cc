// SPDX-License-Identifier: BSD-3-Clause
// Part of the build: pack_template TEMPLATE OUT writes the viewer's template with the viewer compressed
// (docs/payload-format.md, "The viewer").
#include <cstdio>

#include "base/error.h"
#include "base/input.h"
#include "base/output.h"
#include "html/base91.h"
#include "html/compress.h"

namespace kutrace {
namespace {

constexpr std::string_view kViewer = "<script id=\"kutrace-viewer\"";
constexpr int kSmallest = 12;

void pack_template(const std::string& from, const std::string& to) {
  MappedInput input(from);
  const std::string_view page = input.text();
  const size_t at = page.find(kViewer);
  const size_t begin = page.find('>', at) + 1;
  const size_t end = page.find("</script", begin);
  if (at == std::string_view::npos || end == std::string_view::npos) {
    throw Error(from, std::nullopt, "holds no viewer", "build it: node postproc/viewer/build.mjs");
  }
  Output out(to);
  out.write(page.substr(0, at + kViewer.size()));
  out.write(" type=\"text/plain\" data-size=\"" + std::to_string(end - begin) + "\">");
  Base91Writer text(out);
  text.put(compress(page.substr(begin, end - begin), kSmallest));
  text.end();
  out.write(page.substr(end));
  out.close();
}

}  // namespace
}  // namespace kutrace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: pack_template TEMPLATE OUT\n");
    return 2;
  }
  try {
    kutrace::pack_template(argv[1], argv[2]);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "pack_template: %s\n", e.what());
    return 2;
  }
}
