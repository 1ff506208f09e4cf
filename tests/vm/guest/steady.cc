// SPDX-License-Identifier: BSD-3-Clause
// steady SEED [PERCENT]: a client asks a server over pipes, eight requests at a time, and rests between. The server computes and reads for each, between
// marks. How long follows from the seed, and the laws by which it is drawn are always the same: of what differs between two runs, or two parts of one,
// nothing is a change of the program. With PERCENT (100 if not given) the computing is that share of the usual. tests/data/steady says how it is recorded.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <random>
#include <thread>

#include "kutrace.h"

namespace {

constexpr int kBatches = 400;
using Batch = std::array<uint32_t, 8>;  // rounds of computing, of each request

void compute(uint32_t rounds) {
  for (uint32_t i = 0; i < rounds; ++i) asm volatile("" : : "r"(i));
}

// Whole batches, for they are smaller than what a pipe takes at once.
bool pass(ssize_t bytes) { return bytes == sizeof(Batch); }

void serve(int in, int out, int zeros) {
  Batch batch;
  std::array<char, 512> data;
  while (pass(read(in, batch.data(), sizeof(batch)))) {
    for (const uint32_t rounds : batch) {
      kutrace_mark_a("work");
      compute(rounds);
      if (read(zeros, data.data(), data.size()) < 0) return;
      kutrace_mark_a("/work");
    }
    if (!pass(write(out, batch.data(), sizeof(batch)))) return;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const uint32_t percent = count > 2 ? static_cast<uint32_t>(std::strtoul(arguments[2], nullptr, 10)) : 100;
  int there[2], back[2];
  const int zeros = open("/dev/zero", O_RDONLY);
  if (zeros < 0 || pipe(there) != 0 || pipe(back) != 0) return 1;
  std::thread server(serve, there[0], back[1], zeros);
  std::mt19937_64 random(std::strtoull(arguments[1], nullptr, 10));
  std::exponential_distribution<double> rest_ns(1 / 300e3);
  std::lognormal_distribution<double> rounds(9, 0.3);
  for (int i = 0; i < kBatches; ++i) {
    const timespec rest{0, static_cast<long>(rest_ns(random)) % 999999999};
    nanosleep(&rest, nullptr);
    Batch batch;
    for (uint32_t& r : batch) r = static_cast<uint32_t>(rounds(random)) * percent / 100;
    if (!pass(write(there[1], batch.data(), sizeof(batch))) || !pass(read(back[0], batch.data(), sizeof(batch)))) return 1;
    compute(4 * batch[0] / 3);
  }
  close(there[1]);
  server.join();
  return 0;
}
