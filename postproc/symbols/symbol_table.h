// SPDX-License-Identifier: BSD-3-Clause
// Functions by address: built once, asked many times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kutrace {

class SymbolTable {
 public:
  struct Symbol {
    uint64_t address = 0, end = 0;  // [address, end)
    std::string name;  // "": nothing of which a function is known
    bool guessed = false;  // where it ends was not said: it goes on to the next one
  };
  // Any order; ends of 0 are unknown. `behind`: where the last one ends, if it does not say.
  void add(Symbol symbol) { symbols_.push_back(std::move(symbol)); }
  // Behind the last add(): sorts, gives unknown ends, and keeps of several at one address the best name (global ones were added first).
  void finish(uint64_t behind);

  // nullptr: no function lies there.
  const Symbol* find(uint64_t address) const;
  size_t size() const { return symbols_.size(); }
  const std::vector<Symbol>& all() const { return symbols_; }

 private:
  std::vector<Symbol> symbols_;
  std::vector<uint64_t> addresses_;  // of symbols_, packed for the search
};

// "std::vector<int>::push_back(int const&)" of a C++ name, Rust's older ones without their hash; what is no such name is the same.
std::string readable_symbol(const std::string& raw);
// The colour of a sample with a name (trace-format.md, 4.6).
uint16_t symbol_hash(std::string_view name);

}  // namespace kutrace
