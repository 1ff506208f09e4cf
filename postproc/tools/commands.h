// SPDX-License-Identifier: BSD-3-Clause
// Sub-commands of kutrace that have a file of their own.
#pragma once

#include <CLI/CLI.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "tools/selection.h"

namespace kutrace {

struct ReportArguments {
  std::string file = "-", output, title, page;
  std::string view;  // what the page opens on, as its address has it
  std::string mark;  // or: the mark of this label, and who asked for it
  double from = -INFINITY, to = INFINITY;
  unsigned threads = 2;
};
// The page's name if none is given.
std::string page_name(const std::string& file);
int report(const ReportArguments& arguments, Diagnostics& diagnostics);
int view(const ReportArguments& arguments, Diagnostics& diagnostics);

struct DumpArguments {
  std::string file = "-";
  int cpu = -1, block = -1;
  bool hex = false;
};
int dump(const DumpArguments& arguments, Diagnostics& diagnostics);

struct RecordArguments {
  std::string output;
  bool overwrite = false, html = false;
  double seconds = 0;
  unsigned buffer_kb = 2048, sample_hz = 0;
  std::string as_user;
  bool as_root = false;
  std::vector<std::string> command;
};
CLI::App* add_record(CLI::App& app, RecordArguments& a);
int run_record(const RecordArguments& a, Diagnostics& diagnostics);
int run_mark(const std::string& text);
int run_doctor();

struct CoroArguments {
  std::string file = "-", output, format = "text";
  bool overwrite = false;
  unsigned records = 16384, rings = 128;
  std::vector<std::string> command;
};
struct CoroCommands {
  CLI::App *coro, *record, *check, *dump, *harvest, *import;
};
CoroCommands add_coro(CLI::App& app, CoroArguments& a);
int run_coro(const CoroCommands& c, const CoroArguments& a, Diagnostics& diagnostics);

struct QueryArguments {
  std::vector<std::string> files;
  std::string table, sql, sql_file, ask, parquet, format, output = "-";
  std::optional<std::string> expect;
  bool list = false, tables = false;
  unsigned threads = 2;
};
int query(const QueryArguments& arguments, Diagnostics& diagnostics);

struct FigureArguments {
  std::string verb, output;
  std::vector<std::string> folders;
};
CLI::App* add_figure(CLI::App& app, FigureArguments& a);
int figure(const FigureArguments& arguments, Diagnostics& diagnostics);

struct LabArguments {
  std::string verb;
  std::vector<std::string> names;
  bool check = false, json = false;
};
CLI::App* add_lab(CLI::App& app, LabArguments& a);
int run_lab(const LabArguments& a);

struct StatArguments : SelectionArguments {
  std::string file = "-";
  bool json = false;
  unsigned threads = 2;
  size_t rows = 15;
};
int stat(const StatArguments& arguments, Diagnostics& diagnostics);

struct WhyArguments : SelectionArguments {
  std::string file = "-";
  bool json = false;
  unsigned threads = 2;
  size_t rows = 15, slowest = 1;
};
int why(const WhyArguments& arguments, Diagnostics& diagnostics);

struct SymbolArguments {
  std::string file, from, root, output = "-";
  std::vector<std::string> folders{"/usr/lib/debug"};
  bool save = false;
};
CLI::App* add_symbols(CLI::App& app, SymbolArguments& a);
int symbols(const SymbolArguments& arguments, Diagnostics& diagnostics);
// Saves what naming the samples of `trace` needs. `maps`: what processes had mapped, as ProcessMaps reads it; without it what is mapped now.
void save_symbols(const std::string& trace, const std::string& to, const std::optional<std::string>& maps, Diagnostics& diagnostics);

struct AlignArguments {
  std::vector<std::string> files;
  std::string output;
  bool json = false;
};
CLI::App* add_align(CLI::App& app, AlignArguments& a);
int align(const AlignArguments& arguments, Diagnostics& diagnostics);

struct ProfileArguments : SelectionArguments {
  std::vector<std::string> files;
  double from_b = -INFINITY, to_b = INFINITY;
  std::string by = "thread", format = "text", output = "-";
  bool off_cpu = false, samples = false, per_rpc = false;
  unsigned threads = 2;
  size_t rows = 15;
};
CLI::App* add_profile(CLI::App& app, ProfileArguments& a);
int profile(const ProfileArguments& arguments, Diagnostics& diagnostics);

struct MemoryArguments {
  std::string file = "-", mark, method;
  bool json = false;
  unsigned threads = 2;
  size_t rows = 15;
};
int memory(const MemoryArguments& arguments, Diagnostics& diagnostics);

struct DiffWindow {
  double from = -INFINITY, to = INFINITY;
};
struct DiffArguments {
  std::vector<std::string> files;
  DiffWindow a, b;
  double margin = 10;  // percent
  bool per_rpc = false, all = false, json = false;
  unsigned threads = 2;
};
int diff(const DiffArguments& arguments, Diagnostics& diagnostics);

}  // namespace kutrace
