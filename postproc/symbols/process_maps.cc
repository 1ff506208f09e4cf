// SPDX-License-Identifier: BSD-3-Clause
#include "symbols/process_maps.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/error.h"
#include "base/input.h"

namespace kutrace {
namespace {

// Numbers of a process's threads follow its own closely.
constexpr int32_t kThreadsBehind = 12;

template <typename T>
bool take_number(std::string_view& text, T& value, int base) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<size_t>(stop - text.data()));
  return true;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

}  // namespace

// "START-END rwxp OFFSET DEVICE INODE PATH"; only what is executed, from a file.
bool ProcessMaps::map_line(std::string_view line, std::vector<Mapping>& to) const {
  Mapping m{};
  if (!take_number(line, m.start, 16) || !take(line, "-") || !take_number(line, m.end, 16) || !take(line, " ") || line.size() < 5) return false;
  const bool executed = line[2] == 'x';
  line.remove_prefix(4);
  if (!take(line, " ") || !take_number(line, m.offset, 16) || m.end <= m.start) return false;
  const size_t path = line.find('/');
  if (path != std::string_view::npos) m.path = line.substr(path);
  // What is gone may stand there again as another file.
  if (executed && !m.path.empty() && !m.path.ends_with(" (deleted)")) to.push_back(std::move(m));
  return true;
}

void ProcessMaps::read(const std::string& path, Diagnostics& diagnostics) {
  LineReader lines(path, diagnostics.budget());
  std::vector<Mapping>* of = nullptr;
  bool ids = false, kernel = false;
  for (std::string_view line; lines.next(line) && !diagnostics.spent();) {
    const std::string_view whole = line;
    bool good = line.empty();
    if (take(line, "==== ")) {
      int32_t pid = 0;
      ids = line == "build-ids";
      kernel = line == "kernel";
      good = ids || kernel || (take(line, "/proc/") && take_number(line, pid, 10) && line == "/maps");
      of = good && !ids && !kernel ? &processes_[pid] : nullptr;
    } else if (ids) {
      const size_t blank = line.find(' ');
      good = good || blank != std::string_view::npos;
      if (blank != std::string_view::npos) build_ids_[std::string(line.substr(blank + 1))] = line.substr(0, blank);
    } else if (of != nullptr) {
      good = good || map_line(line, *of);
    } else {
      good = good || kernel;
    }
    diagnostics.take(Limit::memory, whole.size() + 64);
    if (!good) diagnostics.add_at(Finding::kBadLine, [&] { return lines.name() + " at offset " + std::to_string(lines.offset()); });
  }
  for (auto& [pid, mappings] : processes_)
    std::sort(mappings.begin(), mappings.end(), [](const Mapping& a, const Mapping& b) { return a.start < b.start; });
}

// A thread has its process's mappings, whose number is its own or a little lower.
const ProcessMaps::Mapping* ProcessMaps::find(int32_t thread, uint64_t address) const {
  auto process = processes_.upper_bound(thread);
  if (process == processes_.begin() || static_cast<int64_t>(thread) - (--process)->first >= kThreadsBehind) return nullptr;
  const std::vector<Mapping>& m = process->second;
  auto at = std::upper_bound(m.begin(), m.end(), address, [](uint64_t a, const Mapping& x) { return a < x.start; });
  return at != m.begin() && address < (--at)->end ? &*at : nullptr;
}

ProcessMaps::Module& ProcessMaps::module_of(const std::string& path, Diagnostics& diagnostics) {
  const auto [place, fresh] = modules_.try_emplace(path);
  Module& module = place->second;
  if (!fresh) return module;
  try {
    module.file = std::make_unique<ElfFile>(root_ + path, debug_folders_, diagnostics);
  } catch (const Error& e) {
    module.reason = e.what();
    return module;
  }
  const auto id = build_ids_.find(path);
  if (id != build_ids_.end() && id->second != module.file->build_id()) {
    module.reason = root_ + path + ": has build-id " + module.file->build_id() + ", not " + id->second + ": it is not the file that was mapped";
    module.file.reset();
  }
  return module;
}

std::vector<std::string> ProcessMaps::report() const {
  std::vector<std::string> out;
  for (const auto& [path, m] : modules_) {
    out.push_back(path + ": " + std::to_string(m.resolved) + " addresses in functions, " + std::to_string(m.unresolved) + " not" +
                  (m.reason.empty() ? "" : " (" + m.reason + ")"));
  }
  return out;
}

const std::string& ProcessMaps::name(int32_t thread, uint64_t address, Diagnostics& diagnostics) {
  std::map<int32_t, std::string>& known = names_[address];
  const auto [place, fresh] = known.try_emplace(thread);
  std::string& name = place->second;
  if (!fresh) return name;
  diagnostics.take(Limit::memory, 128);
  const Mapping* m = find(thread, address);
  if (m == nullptr) return name;
  const uint64_t offset = address - m->start + m->offset;
  Module& module = module_of(m->path, diagnostics);
  const auto at = module.file != nullptr ? module.file->address_of(offset) : std::nullopt;
  const SymbolTable::Symbol* symbol = at ? module.file->symbols().find(*at) : nullptr;
  ++(symbol != nullptr ? module.resolved : module.unresolved);
  if (symbol != nullptr) {
    name = readable_symbol(symbol->name);
    if (symbol->guessed) name.insert(0, "~");
    return name;
  }
  char place_text[24];
  std::snprintf(place_text, sizeof(place_text), "+0x%llx", static_cast<unsigned long long>(at.value_or(offset)));
  name = m->path.substr(m->path.rfind('/') + 1) + place_text;
  return name;
}

}  // namespace kutrace
