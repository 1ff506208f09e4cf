// SPDX-License-Identifier: BSD-3-Clause
#include "query/parquet_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/fd.h"

namespace kutrace {
namespace {

constexpr size_t kUnwritten = 1u << 18;
constexpr std::string_view kPatterns = "*?[]{}\\", kEnding = ".parquet";

// Nothing that means anything to a file system.
std::string plain(std::string text) {
  for (char& c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  }
  return text;
}

// "day=2026-11-21/machine=goldvm": what engines that read folders take for columns.
std::string folders(const SpanHeader& header) {
  const std::string machine = header.host_name.empty() ? "unknown" : header.host_name;
  const std::string day = header.tracebase.size() < 10 ? "unknown" : header.tracebase.substr(0, 10);
  return "day=" + plain(day) + "/machine=" + plain(machine);
}

}  // namespace

ParquetFolder::Trace::File::File(Trace& of, const TableInfo& table, const StringPool& pool, Diagnostics& diagnostics)
    : trace(of), name(of.folder_.folder_ + "/.kutrace-" + std::to_string(getpid()) + "-" + std::string(table.name)),
      writer(table, pool, diagnostics, [this](std::string_view bytes) { write(bytes); }) {}

void ParquetFolder::Trace::File::write(std::string_view bytes) {
  ParquetFolder& folder = trace.folder_;
  folder.written_ += bytes.size();
  if (folder.budget_ != nullptr && folder.written_ > folder.budget_->most(Limit::output)) {
    throw Error(folder.folder_, std::nullopt, "would have more bytes than may be written", limit_info(Limit::output).remedy);
  }
  unwritten += bytes;
  if (unwritten.size() < kUnwritten) return;
  if (!spool) spool = std::make_unique<OutputFile>(name);
  spool->write(unwritten);
  unwritten.clear();
}

void ParquetFolder::Trace::File::copy_to(OutputFile& to) const {
  if (spool) {
    const Fd from(open(spool->handle_name().c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<char> buffer(kUnwritten);
    for (;;) {
      const ssize_t n = from ? read(from.get(), buffer.data(), buffer.size()) : -1;
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw Error(to.name(), std::nullopt, std::string("cannot read the temporary copy: ") + std::strerror(errno), "give another place");
      if (n == 0) break;
      to.write({buffer.data(), static_cast<size_t>(n)});
    }
  }
  to.write(unwritten);
}

ParquetFolder::Trace::Trace(ParquetFolder& folder, const StringPool& pool, Diagnostics& diagnostics, const std::atomic<bool>& interrupted)
    : folder_(folder), interrupted_(interrupted) {
  make_folders(folder_.folder_);
  for (const TableInfo& table : tables()) files_.push_back(std::make_unique<File>(*this, table, pool, diagnostics));
}

void ParquetFolder::Trace::check() const {
  if (interrupted_) throw Error("the query", std::nullopt, "was interrupted", "nothing was written");
}

void ParquetFolder::Trace::finish(const SpanHeader& header) {
  std::vector<std::unique_ptr<OutputFile>> named;
  for (size_t i = 0; i < files_.size(); ++i) {
    check();
    files_[i]->writer.finish();
    const std::string folder = folder_.folder_ + "/" + std::string(tables()[i].name) + "/" + folders(header);
    make_folders(folder);
    named.push_back(std::make_unique<OutputFile>(folder + "/" + folder_.leaf(folder, header.title)));
    if (!named.back()->is_regular()) throw Error(named.back()->name(), std::nullopt, "is no ordinary file", "remove it, or give another folder");
    files_[i]->copy_to(*named.back());
  }
  check();
  for (const auto& file : named) file->finish();
}

// Two traces of one name are two files.
std::string ParquetFolder::leaf(const std::string& folder, const std::string& title) {
  std::string plain_title = title;
  // For engines they would stand for other names.
  for (char& c : plain_title) {
    if (kPatterns.find(c) != std::string_view::npos) c = '_';
  }
  std::string name = plain_title + std::string(kEnding);
  for (int n = 2; !names_.insert(folder + "/" + name).second; ++n) name = plain_title + "-" + std::to_string(n) + std::string(kEnding);
  return name;
}

namespace {

namespace fs = std::filesystem;

// What is in a folder and is one itself, or is a file; no links. In the order of names.
std::vector<fs::path> entries(const fs::path& folder, std::string_view begin, bool folders) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    const fs::file_status status = entry.symlink_status(none);
    const std::string name = entry.path().filename();
    if (!name.starts_with(begin) || name.starts_with('.')) continue;
    if (folders ? fs::is_directory(status) : fs::is_regular_file(status) && name.ends_with(kEnding)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

ParquetFiles find_parquet(const std::string& folder) {
  ParquetFiles found;
  found.name = folder;
  while (found.name.size() > 1 && found.name.ends_with('/')) found.name.pop_back();
  std::error_code none;
  found.path = fs::canonical(folder, none);
  if (none) throw Error(folder, std::nullopt, "cannot be read: " + none.message(), "give a folder that `kutrace query --parquet` wrote");
  bool any = false;
  for (const TableInfo& table : tables()) {
    std::vector<std::string>& files = found.files[static_cast<size_t>(table.table)];
    const fs::path of_table = fs::path(found.path) / table.name;
    if (fs::is_symlink(of_table, none)) continue;
    for (const fs::path& day : entries(of_table, "day=", true)) {
      for (const fs::path& machine : entries(day, "machine=", true)) {
        for (const fs::path& file : entries(machine, "", false)) files.push_back(file);
      }
    }
    any = any || !files.empty();
    for (const std::string& file : files) {
      if (file.find_first_of(kPatterns) != std::string::npos) throw Error(file, std::nullopt, "has a character in its name that stands for others", "rename it");
    }
  }
  if (!any) throw Error(folder, std::nullopt, "is a folder without Parquet files of traces", "give traces, or a folder that `kutrace query --parquet` wrote");
  return found;
}

}  // namespace kutrace
