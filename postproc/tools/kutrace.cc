// SPDX-License-Identifier: BSD-3-Clause
// kutrace: the whole chain in one program. report, check, dump.
#include "chain.h"
#include "check/checker.h"
#include "html/html_packer.h"
#include "html/payload_writer.h"
#include "span/span_sorter.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace {

using namespace kutrace;

struct ReportArguments {
  std::string file = "-", output, title, page;
  double from = -INFINITY, to = INFINITY;
  unsigned threads = 2;
};

std::string page_name(const std::string& file) {
  if (file == "-") return "-";
  std::string name = file;
  for (const char* ending : {".gz", ".trace", ".json"}) {
    if (name.ends_with(ending)) name.resize(name.size() - std::string_view(ending).size());
  }
  return name + ".html";
}

int report(const ReportArguments& a) {
  Diagnostics diagnostics;
  StringPool pool;
  MappedInput input(a.file);
  PayloadWriter payload(pool, a.threads);
  ChainResult result = read_spans(input, pool, payload, diagnostics, {a.threads, a.from, a.to});
  complete_header(result.header, a.title, a.file);
  payload.finish();
  std::unique_ptr<MappedInput> page_file;
  std::string_view page = builtin_template();
  if (!a.page.empty()) {
    page_file = std::make_unique<MappedInput>(a.page);
    page = page_file->text();
  }
  const std::string path = a.output.empty() ? page_name(a.file) : a.output;
  Output out(path);
  pack_page(page, payload.meta(result.header, diagnostics), payload.data(), out);
  out.close();
  if (path != "-") std::fprintf(stderr, "kutrace report: wrote %s\n", path.c_str());
  return report_damage("kutrace report", diagnostics);
}

int check(const std::string& file, bool json, bool all_rows) {
  Diagnostics diagnostics;
  StringPool pool;
  MappedInput input(file);
  Checker checker(pool);
  SpanSorter sorter;
  // Documents may hold their records in any order; a trace gives them in the order that the checker needs.
  const InputKind kind = detect_input(input);
  const bool in_order = kind == InputKind::kRawTrace || kind == InputKind::kEventText;
  ChainResult result = read_spans(input, pool, in_order ? static_cast<SpanSink&>(checker) : sorter, diagnostics);
  std::vector<Span> one(1);
  sorter.drain([&](const Span& span) {
    one[0] = span;
    checker.spans(one);
  });
  std::string text = json ? check_json(checker, result.header, diagnostics)
                          : check_text(checker, result.header, diagnostics, all_rows);
  Output out("-");
  out.write(text);
  out.close();
  return is_sound(checker, result.header, diagnostics) ? kSound : kFindings;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"KUtrace-style traces: every nanosecond of every core.", "kutrace"};
  app.require_subcommand(1);

  ReportArguments ra;
  CLI::App* r = app.add_subcommand("report", "make the interactive HTML timeline");
  r->add_option("FILE", ra.file, "raw trace, event text, span JSON or page, plain or gzip; - is standard input");
  r->add_option("-o,--output", ra.output, "page to write (FILE.html if not given)");
  r->add_option("-t,--title", ra.title, "title of the picture");
  r->add_option("--from", ra.from, "first second to show, since the base minute");
  r->add_option("--to", ra.to, "last second to show");
  r->add_option("--template", ra.page, "another viewer template");
  r->add_option("--threads", ra.threads, "threads to use")->check(CLI::Range(1, 64));

  std::string check_file = "-";
  bool check_json_flag = false, check_rows = false;
  CLI::App* c = app.add_subcommand("check", "test the invariants; 0 sound, 1 findings, 2 cannot read");
  c->add_option("FILE", check_file, "any input that report takes");
  c->add_flag("--json", check_json_flag, "print JSON");
  c->add_flag("--threads", check_rows, "also a row a thread");

  DumpArguments da;
  CLI::App* d = app.add_subcommand("dump", "print the raw entries of a trace");
  d->add_option("FILE", da.file, "raw trace, plain or gzip");
  d->add_option("--cpu", da.cpu, "only this CPU");
  d->add_option("--block", da.block, "only this block");
  d->add_flag("--hex", da.hex, "also the words in hex");

#ifdef KUTRACE_RECORD
  RecordArguments rec;
  CLI::App* record_command = add_record(app, rec);
#endif

  return run_tool(app, argc, argv, [&] {
#ifdef KUTRACE_RECORD
    if (record_command->parsed()) return run_record(rec);
#endif
    if (r->parsed()) return report(ra);
    if (c->parsed()) return check(check_file, check_json_flag, check_rows);
    if (d->parsed()) return dump(da);
    return kCannotRead;
  });
}
