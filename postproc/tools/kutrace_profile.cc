// SPDX-License-Identifier: BSD-3-Clause
// kutrace profile: where time went, as flame graphs are made of, in text or for other programs; of one trace or two.
#include "analysis/profile_formats.h"
#include "base/output.h"
#include "chain.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {
namespace {

const std::map<std::string, ProfileBy> kBy = {
    {"thread", ProfileBy::kThread}, {"cpu", ProfileBy::kCpu}, {"rpc", ProfileBy::kRpc}, {"function", ProfileBy::kFunction}};

// One side: its input, the names in it, what of it was chosen, and the profile of that.
struct Side {
  Side(const std::string& file, const SelectionArguments& part, const ProfileArguments& a, Diagnostics& diagnostics)
      : input(file, diagnostics.budget()),
        chosen(choose(part, input, diagnostics.budget())),
        profile(a.samples   ? ProfileOf::kSamples
                : a.off_cpu ? ProfileOf::kWaiting
                            : ProfileOf::kRunning,
                kBy.at(a.by), pool, chosen.selection, diagnostics) {
    read_spans_in_order(input, pool, profile, diagnostics, {a.threads, -INFINITY, INFINITY});
    profile.finish();
  }
  StringPool pool;
  MappedInput input;
  Chosen chosen;
  Profile profile;
};

std::string of_one(const Side& side, const ProfileArguments& a) {
  const ProfileTitle title{side.input.name(), side.chosen.what};
  if (a.format == "json") return profile_json(side.profile, title);
  if (a.format == "folded") return profile_folded(side.profile);
  if (a.format == "pprof") return profile_pprof(side.profile);
  if (a.format == "speedscope") return profile_speedscope(side.profile, title);
  return profile_text(side.profile, title, a.rows);
}

std::string of_two(const Side& a, const Side& b, const ProfileArguments& arguments) {
  const ProfilePair pair = compare_profiles(a.profile, b.profile, arguments.per_rpc);
  if (arguments.format == "json") return pair_json(pair, a.profile);
  if (arguments.format == "folded") return pair_folded(pair);
  if (arguments.format == "text") return pair_text(pair, a.profile, arguments.rows);
  throw Error("--format", std::nullopt, arguments.format + " holds one profile", "give text, json or folded for two");
}

}  // namespace

CLI::App* add_profile(CLI::App& app, ProfileArguments& a) {
  CLI::App* p = app.add_subcommand("profile", "tell where time went, by stack: on a CPU, off it, or by samples");
  p->add_option("FILE", a.files, "an input that report takes; two are compared")->required()->expected(1, 2);
  std::vector<std::string> names;
  for (const auto& [name, by] : kBy) names.push_back(name);
  p->add_option("--by", a.by, "what a row is: thread, cpu, rpc or function")->check(CLI::IsMember(names));
  auto* off = p->add_flag("--off-cpu", a.off_cpu, "the time in which threads did not run, by reason");
  p->add_flag("--samples", a.samples, "PC samples, counted")->excludes(off);
  add_selection(*p, a);
  p->add_option("--from-b", a.from_b, "first second of B, in the second file or in the only one");
  p->add_option("--to-b", a.to_b, "last second of B");
  p->add_flag("--per-rpc", a.per_rpc, "compare by RPCs that were answered, not by seconds");
  p->add_option("--format", a.format, "text, json, folded, pprof or speedscope")
      ->check(CLI::IsMember({"text", "json", "folded", "pprof", "speedscope"}));
  p->add_option("--rows", a.rows, "rows of a table (15 if not given), 0: all");
  p->add_option("-o,--output", a.output, "file to write (standard output if not given)");
  return p;
}

int profile(const ProfileArguments& a, Diagnostics& diagnostics) {
  check_range(a.from_b, a.to_b);
  const bool two = a.files.size() == 2 || !std::isinf(a.from_b) || !std::isinf(a.to_b);
  if (a.off_cpu && a.by == "cpu") throw Error("--by", std::nullopt, "cpu: a thread that does not run is on no CPU", "give thread, rpc or function");
  const Side first(a.files[0], a, a, diagnostics);
  std::string text;
  if (two) {
    SelectionArguments part = a;
    part.from = a.from_b;
    part.to = a.to_b;
    const Side second(a.files.back(), part, a, diagnostics);
    text = of_two(first, second, a);
  } else {
    text = of_one(first, a);
  }
  Output out(a.output, a.files, diagnostics.budget());
  out.write(text);
  out.close();
  return report_damage("kutrace profile", diagnostics);
}

}  // namespace kutrace
