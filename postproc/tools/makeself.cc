// SPDX-License-Identifier: BSD-3-Clause
// makeself: span JSON, an RPC log or a scatter plot to one self-contained HTML page.
//   makeself < JSON > HTML                 the built-in viewer
//   makeself TEMPLATE < JSON > HTML        another template, ours or the reference's
//   makeself TEMPLATE HTML < JSON
//   makeself TEMPLATE JSON HTML
//   makeself --with LOG.json --with DISK.json < JSON > HTML    documents as tabs beside the timeline
#include "contents.h"
#include "html/html_packer.h"
#include "html/payload_writer.h"
#include "tools/documents.h"
#include "tools/tool.h"

namespace {

using namespace kutrace;

// The one document of a file that stands beside the trace.
SideDocument document_of(const MappedInput& input, Diagnostics& diagnostics) {
  std::vector<SideDocument> documents = read_documents(input, diagnostics);
  if (documents.empty()) {
    throw Error(input.name(), 0, "is neither an RPC log nor a scatter plot", "give span JSON as the input, and logs and plots behind --with");
  }
  return std::move(documents.front());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Packs span JSON, an RPC log or a scatter plot and the viewer into one HTML file.", "makeself"};
  std::vector<std::string> names, beside;
  std::string title, library = "d3.v4.min.js";
  unsigned threads = 2;
  app.add_option("FILES", names, "[TEMPLATE [JSON] [HTML]], as the reference's makeself takes them")->expected(0, 3);
  app.add_option("-t,--title", title, "title of the picture");
  app.add_option("--with", beside, "RPC log or scatter plot to show beside it; may be given again")->expected(1)->take_all();
  app.add_option("--library", library, "the script that a template of the reference's kind needs");
  app.add_option("--threads", threads, "threads to use")->check(CLI::Range(1, 64));
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    std::string json = names.size() == 3 ? names[1] : "-";
    std::string html = names.size() >= 2 ? names.back() : "-";
    std::vector<std::string> inputs = beside;
    inputs.insert(inputs.end(), {json, library, names.empty() ? "" : names[0]});
    std::unique_ptr<MappedInput> file;
    std::string_view page = builtin_template();
    if (!names.empty()) {
      file = std::make_unique<MappedInput>(names[0]);
      page = file->text();
    }
    MappedInput input(json, diagnostics.budget());
    StringPool pool;
    if (is_reference_template(page)) {
      if (!beside.empty()) {
        throw Error(names[0], std::nullopt, "holds one document only: it is a template of the reference's kind", "leave out --with, or the template");
      }
      // Its viewer reads JSON text: a document as it is, spans sorted and cleaned first.
      SpanSorter sorter(diagnostics.budget());
      std::vector<SideDocument> documents;
      ChainResult result = read_all(input, pool, sorter, documents, diagnostics);
      if (result.kind == InputKind::kDocument) {
        MappedInput script(library);
        Output out(html, inputs, diagnostics.budget());
        pack_reference_page(page, script.text(), document_json(input), out);
        out.close();
        return report_damage("makeself", diagnostics);
      }
      complete_header(result.header, title, json);
      std::string document;
      Output text(&document);
      SpanJsonWriter writer(text, pool, result.header.time);
      writer.begin(result.header, diagnostics);
      sorter.drain([&](const Span& span) {
        writer.record(span);
        return true;
      });
      writer.end(result.header);
      text.flush();
      MappedInput script(library);
      Output out(html, inputs, diagnostics.budget());
      pack_reference_page(page, script.text(), document, out);
      out.close();
      return report_damage("makeself", diagnostics);
    }
    PayloadWriter payload(pool, threads, diagnostics.budget(), page.size());
    std::vector<SideDocument> documents;
    ChainResult result = read_all(input, pool, payload, documents, diagnostics, {threads});
    for (const std::string& name : beside) documents.push_back(document_of(MappedInput(name, diagnostics.budget()), diagnostics));
    for (SideDocument& document : documents) payload.document(std::move(document));
    complete_header(result.header, title, json);
    payload.finish();
    diagnostics.tell_limits();
    Output out(html, inputs, diagnostics.budget());
    pack_page(page, payload.meta(result.header, diagnostics), payload.data(), out);
    out.close();
    return report_damage("makeself", diagnostics);
  });
}
