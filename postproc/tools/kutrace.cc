// SPDX-License-Identifier: BSD-3-Clause
// kutrace: the whole chain in one program. Its sub-commands; check is here.
#include "check/checker.h"
#include "contents.h"
#include "span/span_sorter.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace {

using namespace kutrace;

int check(const std::string& file, bool json, bool all_rows, Diagnostics& diagnostics) {
  StringPool pool;
  MappedInput input(file, diagnostics.budget());
  Checker checker(pool, &diagnostics);
  SpanSorter sorter(diagnostics.budget());
  // Documents may hold their records in any order; a trace gives them in the order that the checker needs.
  const InputKind kind = detect_input(input);
  const bool in_order = kind == InputKind::kRawTrace || kind == InputKind::kEventText;
  std::vector<SideDocument> documents;
  ChainResult result = read_all(input, pool, in_order ? static_cast<SpanSink&>(checker) : sorter, documents, diagnostics);
  sorter.drain_to(checker);
  diagnostics.tell_limits();
  std::vector<CheckedDocument> beside;
  for (const SideDocument& d : documents) beside.push_back({document_kind_name(d.kind), d.title, d.records()});
  std::string text = json ? check_json(checker, result.header, diagnostics, beside)
                          : check_text(checker, result.header, diagnostics, all_rows, beside);
  if (!json && !input.packed().empty()) text.insert(0, "inflated from " + input.packed() + "\n");
  Output out("-", {file}, diagnostics.budget());
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
  r->add_option("FILE", ra.file, "raw trace, event text, span JSON, RPC log, scatter plot or page, plain or gzip; - is standard input");
  r->add_option("-o,--output", ra.output, "page to write (FILE.html if not given)");
  r->add_option("-t,--title", ra.title, "title of the picture");
  r->add_option("--from", ra.from, "first second to show, since the base minute");
  r->add_option("--to", ra.to, "last second to show");
  r->add_option("--mark", ra.mark, "open on the last mark of this label: the second before it, and who asked for it");
  r->add_option("--template", ra.page, "another viewer template");
  r->add_option("--threads", ra.threads, "threads to use")->check(CLI::Range(1, 64));

  ReportArguments va;
  CLI::App* v = app.add_subcommand("view", "open a trace's page in the browser, made if it is not there");
  v->add_option("FILE", va.file, "a page, or any input that report takes")->required();

  std::string check_file = "-";
  bool check_json_flag = false, check_rows = false;
  CLI::App* c = app.add_subcommand("check", "test the invariants; 0 sound, 1 findings, 2 cannot read");
  c->add_option("FILE", check_file, "any input that report takes");
  c->add_flag("--json", check_json_flag, "print JSON");
  c->add_flag("--per-thread", check_rows, "also a row a thread");
  c->add_flag("--threads", check_rows)->group("");  // its first name, which report has for another thing

  DumpArguments da;
  CLI::App* d = app.add_subcommand("dump", "print the raw entries of a trace");
  d->add_option("FILE", da.file, "raw trace, plain or gzip");
  d->add_option("--cpu", da.cpu, "only this CPU")->check(CLI::Range(0, 65535));
  d->add_option("--block", da.block, "only this block")->check(CLI::Range(0, INT32_MAX));
  d->add_flag("--hex", da.hex, "also the words in hex");

  RecordArguments rec;
  CLI::App* record_command = add_record(app, rec);
  std::string mark_text;
  CLI::App* m = app.add_subcommand("mark", "put a mark into what is being recorded");
  m->add_option("TEXT", mark_text, "up to six of a-z 0-9 - . /, or a number")->required();
  CLI::App* doctor = app.add_subcommand("doctor", "tell what this machine allows a recorder, and the remedy for each lack");

  StatArguments sa;
  CLI::App* s = app.add_subcommand("stat", "print what one asks first: times, waits, latencies, calls, locks, RPCs");
  s->add_option("FILE", sa.file, "any input that report takes");
  add_selection(*s, sa);
  s->add_option("--rows", sa.rows, "rows of a table (15 if not given), 0: all");
  s->add_flag("--json", sa.json, "print JSON, all rows, times in ns");

  WhyArguments wa;
  CLI::App* w = app.add_subcommand("why", "tell why an RPC, a pair of marks or a thread took its time: the critical path, by cause");
  w->add_option("FILE", wa.file, "any input that report takes");
  add_selection(*w, wa);
  w->add_option("--slowest", wa.slowest, "how many to explain, the longest first (1 if not given)")->check(CLI::Range(1, 1000));
  w->add_option("--rows", wa.rows, "rows of a table and steps (15 if not given), 0: all");
  w->add_flag("--json", wa.json, "print JSON, all steps, times in ns");

  MemoryArguments ma;
  CLI::App* u = app.add_subcommand("memory", "print the ticks and samples of what CPUs use; and who used much while something was slow");
  u->add_option("FILE", ma.file, "any input that report takes");
  u->add_option("--mark", ma.mark, "who was next door in the slow ones of the times from marks of this name to those with a slash before it");
  u->add_option("--method", ma.method, "the same of RPCs of this method");
  u->add_option("--rows", ma.rows, "rows of a table (15 if not given), 0: all");
  u->add_flag("--json", ma.json, "print JSON, all rows, times in ns");

  QueryArguments qa;
  CLI::App* q = app.add_subcommand("query", "print the records as tables, or what SQL makes of them");
  q->add_option("FILE", qa.files, "any inputs that report takes, and folders that --parquet wrote");
  CLI::Option* table = q->add_option("--table", qa.table, "print all of this table, as CSV if no --format is given");
  CLI::Option* sql = q->add_option("--sql", qa.sql, "print the result of this SQL; of several statements, of the last");
  CLI::Option* sql_file = q->add_option("--file", qa.sql_file, "print the result of the SQL in this file, in the same way")->excludes(sql, table);
  sql->excludes(table);
  CLI::Option* ask = q->add_option("--ask", qa.ask, "print the answer to a question of --list")->excludes(sql, sql_file, table);
  q->add_option("--parquet", qa.parquet, "write all tables as Parquet files into this folder")->excludes(sql, sql_file, table, ask);
  q->add_option("--format", qa.format, "table, csv or json")->check(CLI::IsMember({"table", "csv", "json"}));
  q->add_option("--expect", qa.expect, "print nothing; status 1 unless the result is this one value");
  q->add_option("-o,--output", qa.output, "file to write (standard output if not given)");
  q->add_flag("--list", qa.list, "list the questions that --ask knows");
  q->add_flag("--tables", qa.tables, "list tables and columns");

  SymbolArguments na;
  CLI::App* n = add_symbols(app, na);

  AlignArguments aa;
  CLI::App* l = add_align(app, aa);

  ProfileArguments pa;
  CLI::App* p = add_profile(app, pa);

  FigureArguments figures;
  CLI::App* g = add_figure(app, figures);

  LabArguments la;
  CLI::App* lab = add_lab(app, la);

  DiffArguments fa;
  CLI::App* f = app.add_subcommand("diff", "tell what changed between two recordings, beyond chance");
  f->add_option("FILE", fa.files, "two inputs that report takes, or one of which two windows are compared")->required()->expected(1, 2);
  f->add_option("--from-a", fa.a.from, "first second of A, since the base minute");
  f->add_option("--to-a", fa.a.to, "last second of A");
  f->add_option("--from-b", fa.b.from, "first second of B");
  f->add_option("--to-b", fa.b.to, "last second of B");
  f->add_flag("--per-rpc", fa.per_rpc, "divide amounts by the RPCs that were answered, not by seconds");
  f->add_option("--margin", fa.margin, "percent by which recordings of one program may differ (10 if not given)")->check(CLI::Range(0.0, 1000.0));
  f->add_flag("--all", fa.all, "list also what shows no difference");
  f->add_flag("--json", fa.json, "print JSON: all quantities");

  CoroArguments ca;
  const CoroCommands coro = add_coro(app, ca);

  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    if (record_command->parsed()) return run_record(rec, diagnostics);
    if (coro.coro->parsed()) return run_coro(coro, ca, diagnostics);
    if (m->parsed()) return run_mark(mark_text);
    if (doctor->parsed()) return run_doctor();
    if (r->parsed()) return report(ra, diagnostics);
    if (v->parsed()) return view(va, diagnostics);
    if (c->parsed()) return check(check_file, check_json_flag, check_rows, diagnostics);
    if (q->parsed()) return query(qa, diagnostics);
    if (s->parsed()) return stat(sa, diagnostics);
    if (w->parsed()) return why(wa, diagnostics);
    if (n->parsed()) return symbols(na, diagnostics);
    if (l->parsed()) return align(aa, diagnostics);
    if (p->parsed()) return profile(pa, diagnostics);
    if (u->parsed()) return memory(ma, diagnostics);
    if (f->parsed()) return diff(fa, diagnostics);
    if (g->parsed()) return figure(figures, diagnostics);
    if (lab->parsed()) return run_lab(la);
    if (d->parsed()) return dump(da, diagnostics);
    return kCannotRead;
  });
}
