// SPDX-License-Identifier: BSD-3-Clause
// Names of functions: the tables of a module of libc's size, built once, and a look-up of a PC.
#include <benchmark/benchmark.h>

#include <fstream>
#include <random>
#include <string>

#include "symbols/elf_file.h"

namespace {

// The C library that this program runs with.
std::string libc() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t path = line.find('/');
    if (path != std::string::npos && line.find("/libc.so", path) != std::string::npos) return line.substr(path);
  }
  return "";
}

void build_symbols(benchmark::State& state) {
  const std::string path = libc();
  for (auto _ : state) {
    kutrace::Diagnostics diagnostics;
    benchmark::DoNotOptimize(kutrace::ElfFile(path, {"/usr/lib/debug"}, diagnostics).symbols().size());
  }
}
BENCHMARK(build_symbols)->Unit(benchmark::kMillisecond);

void find_symbol(benchmark::State& state) {
  kutrace::Diagnostics diagnostics;
  const kutrace::ElfFile file(libc(), {"/usr/lib/debug"}, diagnostics);
  std::mt19937_64 random(1);
  std::vector<uint64_t> addresses;
  for (int i = 0; i < 4096; ++i) addresses.push_back(file.symbols().all()[random() % file.symbols().size()].address);
  size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(file.symbols().find(addresses[at++ % addresses.size()]));
}
BENCHMARK(find_symbol);

}  // namespace
