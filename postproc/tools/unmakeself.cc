// SPDX-License-Identifier: BSD-3-Clause
// unmakeself [FILE]: the span JSON inside a page, ours or the reference's, or a document that stands beside it there.
#include "contents.h"
#include "tools/documents.h"
#include "tools/tool.h"

namespace {

// Counts what it passes on.
class Counter : public kutrace::SpanSink {
 public:
  explicit Counter(SpanSink& next) : next_(next) {}
  void spans(const std::vector<kutrace::Span>& batch) override {
    count_ += batch.size();
    next_.spans(batch);
  }
  void header(const kutrace::SpanHeader& header) override { next_.header(header); }
  size_t count() const { return count_; }

 private:
  SpanSink& next_;
  size_t count_ = 0;
};

// A document's JSON as one text.
std::string text_of(const kutrace::SideDocument& document, kutrace::Diagnostics& diagnostics) {
  std::vector<std::string> parts;
  for (const auto& part : document.parts) parts.push_back(part.json);
  return kutrace::join_parts(parts, document.name, diagnostics);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace kutrace;
  CLI::App app{"Takes the span JSON out of an HTML page made by makeself or kutrace report.", "unmakeself"};
  std::string file = "-", output = "-";
  app.add_option("FILE", file, "page; - is standard input");
  size_t number = 0;
  app.add_option("-o,--output", output, "where to write");
  app.add_option("-d,--document", number, "the RPC log or plot with this number, from 1, instead of the spans")->check(CLI::PositiveNumber);
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    StringPool pool;
    SpanSorter sorter(diagnostics.budget());
    MappedInput input(file, diagnostics.budget());
    if (detect_input(input) != InputKind::kPage) {
      throw Error(input.name(), 0, "is not an HTML page", "give a page made by makeself or kutrace report");
    }
    Counter counter(sorter);
    std::vector<SideDocument> documents;
    ChainResult result = read_all(input, pool, counter, documents, diagnostics);
    if (number > documents.size()) {
      throw Error(input.name(), std::nullopt, "holds " + std::to_string(documents.size()) + " documents beside the trace", "give a smaller number");
    }
    // A page may hold documents and no trace.
    if (number > 0 || (counter.count() == 0 && !documents.empty())) {
      Output out(output, {file}, diagnostics.budget());
      out.write(text_of(documents[number > 0 ? number - 1 : 0], diagnostics));
      out.close();
      return report_damage("unmakeself", diagnostics);
    }
    write_document(output, result.header, pool, sorter, diagnostics, {file});
    return report_damage("unmakeself", diagnostics);
  });
}
