// SPDX-License-Identifier: BSD-3-Clause
// kutrace lab: effects of processors and kernels, and whether this machine shows them.
#include "lab/lab.h"

#include "base/error.h"
#include "json/span_json_writer.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {

CLI::App* add_lab(CLI::App& app, LabArguments& a) {
  CLI::App* lab = app.add_subcommand("lab", "try known effects on this machine: shown, not here, or inconclusive");
  lab->add_option("VERB", a.verb, "list, run NAME... or all")->required()->check(CLI::IsMember({"list", "run", "all"}));
  lab->add_option("NAME", a.names, "effects to run");
  lab->add_flag("--check", a.check, "status 1 unless each has a verdict with a reason");
  lab->add_flag("--json", a.json, "print JSON");
  return lab;
}

namespace {

void print(const lab::Effect& effect, const lab::Result& r) {
  std::printf("%-13s %-13s %s\n", r.name.c_str(), lab::verdict_name(r.verdict), r.reason.c_str());
  if (!r.measured) return;
  std::printf("  %s %.3g %s, %s %.3g: %.2f times (%.2f to %.2f)\n", effect.plain_words, effect.timed ? r.plain_median / 1e6 : r.plain_median, effect.timed ? "ms" : "",
              effect.effect_words, effect.timed ? r.effect_median / 1e6 : r.effect_median, r.ratio_median, r.ratio_least, r.ratio_most);
}

void print_json(const lab::Result& r, bool first) {
  std::printf("%s\n{\"name\": %s, \"verdict\": %s, \"reason\": %s, \"emulated\": %s", first ? "" : ",", json_string(r.name).c_str(), json_string(lab::verdict_name(r.verdict)).c_str(),
              json_string(r.reason).c_str(), r.conditions.emulated ? "true" : "false");
  if (r.measured) {
    std::printf(", \"plain\": %.9g, \"effect\": %.9g, \"ratio\": %.6g, \"ratio_least\": %.6g, \"ratio_most\": %.6g, \"stolen\": %.4g, \"others\": %.4g", r.plain_median, r.effect_median,
                r.ratio_median, r.ratio_least, r.ratio_most, r.conditions.stolen, r.conditions.others);
  }
  std::printf("}");
}

std::vector<const lab::Effect*> chosen(const LabArguments& a) {
  std::vector<const lab::Effect*> list;
  for (const lab::Effect& e : lab::effects()) {
    if (a.verb == "all" || std::find(a.names.begin(), a.names.end(), e.name) != a.names.end()) list.push_back(&e);
  }
  for (const std::string& name : a.names) {
    if (std::none_of(list.begin(), list.end(), [&](const lab::Effect* e) { return name == e->name; })) {
      throw Error("kutrace lab", std::nullopt, "there is no effect " + name, "`kutrace lab list` names them");
    }
  }
  if (list.empty()) throw Error("kutrace lab run", std::nullopt, "no effect is named", "`kutrace lab list` names them");
  return list;
}

}  // namespace

int run_lab(const LabArguments& a) {
  if (a.verb == "list") {
    for (const lab::Effect& e : lab::effects()) std::printf("%-13s %s\n", e.name, e.words);
    return kSound;
  }
  bool complete = true, first = true;
  if (a.json) std::printf("[");
  for (const lab::Effect* e : chosen(a)) {
    const lab::Result r = lab::run(*e);
    complete = complete && !r.reason.empty();
    if (a.json) print_json(r, first);
    else print(*e, r);
    first = false;
  }
  if (a.json) std::printf("\n]\n");
  return !a.check || complete ? kSound : kFindings;
}

}  // namespace kutrace
