// SPDX-License-Identifier: BSD-3-Clause
// kutrace figure: are the figures of a folder true, and a page of one.
#include <filesystem>

#include "base/error.h"
#include "figures/figure.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {

CLI::App* add_figure(CLI::App& app, FigureArguments& a) {
  CLI::App* figure = app.add_subcommand("figure", "test the claims of figures on their traces (check), or make the page of one (page)");
  figure->add_option("VERB", a.verb, "check or page")->required()->check(CLI::IsMember({"check", "page"}));
  figure->add_option("FOLDER", a.folders, "folders with a figure.json each (book-figures/README.md)")->required();
  figure->add_option("-o,--output", a.output, "page to write (ID.html if not given)");
  return figure;
}

namespace {

int check(const std::string& folder, Diagnostics& all) {
  const Figure figure = read_figure(folder, all.budget());
  Diagnostics found(all.budget());
  const std::vector<std::string> wrong = check_figure(figure, found);
  for (const std::string& what : wrong) std::printf("FAILED %s: %s\n", figure.id.c_str(), terminal_text(what).c_str());
  if (wrong.empty()) std::printf("ok %s: %s\n", figure.id.c_str(), terminal_text(figure.question).c_str());
  return wrong.empty() ? kSound : kFindings;
}

int page(const std::string& folder, const std::string& output, Diagnostics& diagnostics) {
  const Figure figure = read_figure(folder, diagnostics.budget());
  ReportArguments a;
  a.file = figure.trace();
  a.output = output.empty() ? figure.id + ".html" : output;
  a.title = figure.question;
  Diagnostics looked(diagnostics.budget());
  a.view = figure_view(figure, looked);
  return report(a, diagnostics);
}

}  // namespace

int figure(const FigureArguments& a, Diagnostics& diagnostics) {
  if (a.verb == "page") {
    if (a.folders.size() != 1) throw Error("kutrace figure page", std::nullopt, "makes one page", "give one folder");
    return page(a.folders.front(), a.output, diagnostics);
  }
  int status = kSound;
  for (const std::string& folder : a.folders) status = std::max(status, check(folder, diagnostics));
  return status;
}

}  // namespace kutrace
