// SPDX-License-Identifier: BSD-3-Clause
// kutrace report and view: the page of a trace, and the browser that shows it.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "contents.h"
#include "html/html_packer.h"
#include "html/payload_writer.h"
#include "query/mark_view.h"
#include "tools/commands.h"
#include "tools/tool.h"

namespace kutrace {

namespace fs = std::filesystem;

std::string page_name(const std::string& file) {
  if (file == "-") return "-";
  std::string name = file;
  for (const char* ending : {".gz", ".trace", ".json"}) {
    if (name.ends_with(ending)) name.resize(name.size() - std::string_view(ending).size());
  }
  return name + ".html";
}

namespace {

// What the page opens on.
std::string opening(const ReportArguments& a, const Diagnostics& diagnostics) {
  if (a.mark.empty()) return a.view;
  if (a.file == "-") throw Error("standard input", std::nullopt, "is read once, and --mark looks for the mark first", "give a file");
  Diagnostics looked(diagnostics.budget());
  std::string view = mark_view(a.file, a.mark, looked);
  if (view.empty()) std::fprintf(stderr, "kutrace report: no mark %s is there: the page opens on all of it\n", terminal_text(a.mark).c_str());
  return view;
}

}  // namespace

int report(const ReportArguments& a, Diagnostics& diagnostics) {
  const std::string view = opening(a, diagnostics);
  StringPool pool;
  MappedInput input(a.file, diagnostics.budget());
  std::unique_ptr<MappedInput> page_file;
  std::string_view page = builtin_template();
  if (!a.page.empty()) {
    page_file = std::make_unique<MappedInput>(a.page);
    page = page_file->text();
  }
  PayloadWriter payload(pool, a.threads, diagnostics.budget(), page.size());
  std::vector<SideDocument> documents;
  ChainResult result = read_all(input, pool, payload, documents, diagnostics, {a.threads, a.from, a.to});
  for (SideDocument& document : documents) payload.document(std::move(document));
  complete_header(result.header, a.title, a.file);
  payload.finish();
  diagnostics.tell_limits();
  const std::string path = a.output.empty() ? page_name(a.file) : a.output;
  Output out(path, {a.file, a.page}, diagnostics.budget());
  pack_page(page, payload.meta(result.header, diagnostics, view), payload.data(), out);
  out.close();
  if (path != "-") std::fprintf(stderr, "kutrace report: wrote %s\n", terminal_text(path).c_str());
  return report_damage("kutrace report", diagnostics);
}

namespace {

bool is_page(const std::string& file) { return file.ends_with(".html"); }

// There, and not older than what it was made of.
bool is_made(const std::string& page, const std::string& file) {
  std::error_code error;
  const auto made = fs::last_write_time(page, error);
  return !error && made >= fs::last_write_time(file, error) && !error;
}

// What shows a page: $BROWSER, or what the desktop has.
bool open_with(const char* program, const std::string& page) {
  if (program == nullptr || *program == '\0') return false;
  std::string first = program, second = page;
  char* arguments[] = {first.data(), second.data(), nullptr};
  pid_t child = 0;
  int status = 0;
  if (posix_spawnp(&child, program, nullptr, nullptr, arguments, environ) != 0) return false;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int view(const ReportArguments& a, Diagnostics& diagnostics) {
  const std::string page = is_page(a.file) ? a.file : page_name(a.file);
  if (is_page(a.file) && !fs::exists(page)) throw Error(page, std::nullopt, "there is no such page", "");
  const int status = is_page(a.file) || is_made(page, a.file) ? kSound : report(a, diagnostics);
  const std::string path = fs::absolute(page).string();
  // A browser is nothing for root, who only had to record.
  if (geteuid() != 0 || std::getenv("BROWSER") != nullptr) {
    for (const char* program : {std::getenv("BROWSER") != nullptr ? std::getenv("BROWSER") : "xdg-open", "sensible-browser"}) {
      if (open_with(program, path)) return status;
    }
  }
  std::fprintf(stderr, "kutrace view: no browser could be started here; open %s\n", terminal_text(path).c_str());
  return kCannotRead;
}

}  // namespace kutrace
