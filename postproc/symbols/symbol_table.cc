// SPDX-License-Identifier: BSD-3-Clause
#include "symbols/symbol_table.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/budget.h"

namespace kutrace {
namespace {

// Demangling repeats what a name refers to ("S0_", "T_"), and what that refers to: r references can make it 1.45^r times as long,
// and a name of 1 KB more than a machine's memory. So many make it 7,500 times as long at most; names that have more are shown as they are.
constexpr size_t kMostReferences = 24;

size_t references(std::string_view raw) {
  size_t n = 0;
  for (size_t at = 0; (at = raw.find_first_of("ST", at)) != raw.npos;) {
    const size_t end = raw.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", ++at);
    if (end != raw.npos && raw[end] == '_') ++n;
  }
  return n;
}

// Of names of one address: the shortest without an underscore in front.
bool better(const SymbolTable::Symbol& a, const SymbolTable::Symbol& b) {
  if (a.name.empty() != b.name.empty()) return b.name.empty();
  const bool x = a.name.starts_with('_'), y = b.name.starts_with('_');
  if (x != y) return !x;
  return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
}

}  // namespace

void SymbolTable::finish(uint64_t behind) {
  std::stable_sort(symbols_.begin(), symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address != b.address ? a.address < b.address : better(a, b); });
  // One of each address, which ends where the longest of them does.
  size_t kept = 0;
  for (Symbol& s : symbols_) {
    if (kept > 0 && symbols_[kept - 1].address == s.address) {
      symbols_[kept - 1].end = std::max(symbols_[kept - 1].end, s.end);
      continue;
    }
    if (&symbols_[kept] != &s) symbols_[kept] = std::move(s);
    ++kept;
  }
  symbols_.resize(kept);
  for (size_t i = 0; i < symbols_.size(); ++i) {
    if (symbols_[i].end > symbols_[i].address) continue;
    symbols_[i].end = i + 1 < symbols_.size() ? symbols_[i + 1].address : std::max(behind, symbols_[i].address);
    symbols_[i].guessed = true;
  }
  addresses_.clear();
  for (const Symbol& s : symbols_) addresses_.push_back(s.address);
}

const SymbolTable::Symbol* SymbolTable::find(uint64_t address) const {
  const auto next = std::upper_bound(addresses_.begin(), addresses_.end(), address);
  if (next == addresses_.begin()) return nullptr;
  const Symbol& s = symbols_[static_cast<size_t>(next - addresses_.begin()) - 1];
  return address < s.end ? &s : nullptr;
}

std::string readable_symbol(const std::string& raw) {
  if (!raw.starts_with("_Z") || raw.size() > size_limit::name || references(raw) > kMostReferences) return raw;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(raw.c_str(), nullptr, nullptr, &status), &std::free);
  if (status != 0 || text == nullptr) return raw;
  std::string name = text.get();
  // Rust: "core::fmt::write::h0123456789abcdef"
  constexpr size_t kHash = 19;
  const bool hashed = name.size() > kHash && name.compare(name.size() - kHash, 3, "::h") == 0 &&
                      name.find_first_not_of("0123456789abcdef", name.size() - kHash + 3) == std::string::npos;
  if (hashed) name.resize(name.size() - kHash);
  return name;
}

uint16_t symbol_hash(std::string_view name) {
  uint64_t h = 0;
  for (const char c : name) h = (h << 3) ^ static_cast<uint8_t>(c);
  h ^= h >> 32;
  h ^= h >> 16;
  return static_cast<uint16_t>(h);
}

}  // namespace kutrace
