// SPDX-License-Identifier: BSD-3-Clause
// Whatever an input looks like, four times as much of it takes at most about four times the steps and the memory, through the whole chain:
// reading, building, checking, JSON and page. Each shape is one that once cost more, or could. Steps are counted, not timed (support/steps.h).
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "support/encoder.h"
#include "support/made_page.h"
#include "support/robust_run.h"
#include "support/steps.h"

namespace kutrace::robust {
namespace {

constexpr char kText[] = "# ## VERSION: 3\n# ## TRACEBASE: 2026-01-01_00:00:00\n# ## FLAGS: 128\n";
constexpr char kJson[] = "{\"tracebase\":\"2026-01-01_00:00:00\",\n\"events\":[";

std::string number(uint64_t n) { return std::to_string(n); }

std::string repeat(size_t n, const std::function<std::string(size_t)>& piece) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += piece(i);
  return out;
}
std::string repeat(size_t n, const std::string& piece) {
  return repeat(n, [&](size_t) { return piece; });
}

std::string switch_to(size_t t, size_t cpu, size_t pid) {
  return number(t) + " 1 512 " + number(cpu) + " " + number(pid) + " 0 " + number(pid) + " 0 0 x\n";
}
std::string event(size_t t, size_t num, size_t cpu, size_t pid, size_t arg, const char* name = "e") {
  return number(t) + " 1 " + number(num) + " " + number(cpu) + " " + number(pid) + " 0 " + number(arg) + " 0 0 " + name + "\n";
}
std::string json_record(size_t t, size_t pid, const std::string& name) {
  return "[" + number(t / 1000) + "." + number(100 + t % 900) + ", 0.0001, 0, " + number(pid) + ", 0, " + number(65536 + pid) + ", 0, 0, 0, \"" + name + "\"],\n";
}

std::string bytes_of(std::vector<uint8_t> file) { return std::string(file.begin(), file.end()); }

// Each CPU's thread goes to the next CPU while that one's is still shown there.
std::string hand_offs(size_t cpus) {
  std::string out = kText;
  for (size_t i = 0; i < cpus; ++i) out += switch_to(1 + i, i, 100 + i);
  for (size_t i = 0; i < cpus; ++i) out += event(cpus + 1 + i, 0xdff, i, 100 + i, 0);
  for (size_t i = 0; i < cpus; ++i) out += event(2 * cpus + 1 + i, 512, i, 100 + (i + 1) % cpus, 100 + (i + 1) % cpus);
  return out + event(3 * cpus + 2, 0xfff, 0, 101, 0) + event(3 * cpus + 3, 0x827, 0, 101, 0);
}

std::string raw_samples_backward(size_t blocks) {
  test::Encoder trace({});
  uint64_t at = 0x1'2345'6789 + 100;
  trace.running(0, 7, "seven");
  for (size_t b = 0; b < blocks; ++b, at += 40'000'000) {
    for (uint64_t i = 0; i < 2700; ++i) trace.sample(0, at + 4'000'000 - 1400 * i, 0xffffffff81000000 + 64 * i);
    trace.end_block(0);
  }
  return bytes_of(trace.finish(at));
}

std::string raw_late_entries(size_t blocks) {
  test::Encoder trace({});
  uint64_t at = 0x1'2345'6789 + 100;
  trace.running(0, 7, "seven");
  for (size_t b = 0; b < blocks; ++b, at += 40'000'000) {
    for (uint64_t i = 0; i < 4000; ++i) trace.entry(0, at + 4'000'000 - 900 * i, KUTRACE_MARKA, static_cast<uint32_t>(i));
    trace.end_block(0);
  }
  return bytes_of(trace.finish(at));
}

std::string raw_many_cpus(size_t blocks) {
  test::Encoder trace({});
  uint64_t at = 0x1'2345'6789 + 100;
  for (uint32_t cpu = 0; cpu < blocks; ++cpu) {
    trace.running(cpu, cpu + 1, "t");
    for (uint64_t i = 0; i < 100; ++i) trace.entry(cpu, at += 100, KUTRACE_MARKA, static_cast<uint32_t>(i));
  }
  return bytes_of(trace.finish(at + 1000));
}

// Blocks that all begin before the first one ends.
std::string raw_overlapping(size_t blocks) {
  test::Encoder trace({});
  const uint64_t at = 0x1'2345'6789 + 100;
  trace.running(0, 7, "seven");
  for (size_t b = 0; b < blocks; ++b) {
    for (uint64_t i = 0; i < 4000; ++i) trace.entry(0, at + 1000 * b + 5000 * i, KUTRACE_MARKA, static_cast<uint32_t>(i));
    trace.end_block(0);
  }
  return bytes_of(trace.finish(at + 100'000'000));
}

std::string column(std::string_view bytes) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(bytes.size() >> shift);
  return out + std::string(bytes);
}

// Many kinds, and chunks that use one of them each.
std::string page_of_kinds(size_t n) {
  const std::string zeros(4 * n, '\0');
  std::string pieces = piece(0, 1, "[\"\",\"x\"]") + piece(1, static_cast<unsigned>(4 * n), column(zeros) + column(zeros));
  for (size_t i = 0; i < n; ++i) pieces += piece(2, 1, repeat(9, column("")));
  return made_page(pieces);
}

struct Shape {
  const char* name;
  size_t n;
  std::function<std::string(size_t)> make;
};

std::vector<Shape> shapes() {
  return {
      {"JSON: bad records on one line", 20000, [](size_t n) { return kJson + repeat(n, "[a], ") + "\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]]}\n"; }},
      {"JSON: bad records without a comma", 20000, [](size_t n) { return kJson + repeat(n, "[a ") + "\n"; }},
      {"JSON: open brackets", 20000, [](size_t n) { return "{" + repeat(n, "\"a\":[[], ["); }},
      {"JSON: open brackets on lines", 20000, [](size_t n) { return "{" + repeat(n, "\"a\":[\n"); }},
      {"JSON: quotes that do not end", 20000, [](size_t n) { return "{" + repeat(n, "\"a\\\"], ["); }},
      {"JSON: values of quotes", 20000, [](size_t n) { return "{" + repeat(n, "\"a\":[\"b\\\", "); }},
      {"JSON: names that need care", 2000, [](size_t n) { return kJson + repeat(n, [](size_t i) { return json_record(i, 5, "\\u00e9" + number(i)); }); }},
      {"JSON: a thread each", 5000, [](size_t n) { return kJson + repeat(n, [](size_t i) { return json_record(i, 100 + i, "t"); }); }},
      {"text: names and nothing else", 20000, [](size_t n) { return kText + repeat(n, [](size_t i) { return "1 1 34 " + number(i) + " n" + number(i) + "\n"; }); }},
      {"text: first names", 20000, [](size_t n) { return kText + repeat(n, "-1 1 39 5 lock\n") + switch_to(1, 0, 9); }},
      {"text: a lock renamed", 5000, [](size_t n) {
         return kText + switch_to(1, 0, 9) + repeat(n, [](size_t i) {
                  return number(2 * i + 2) + " 1 39 6 b\n" + event(2 * i + 3, 529, 0, 9, 5, "l");
                });
       }},
      {"text: a name of great length", 5000, [](size_t n) {
         return kText + switch_to(1, 0, 9) + "1 1 39 5 " + std::string(n, 'A') + "\n" + repeat(n, [](size_t i) {
                  return number(2 * i + 2) + " 1 39 6 b\n" + event(2 * i + 3, 529, 0, 9, 5, "l");
                });
       }},
      {"text: one clock for all CPUs", 300, [](size_t n) {
         return kText + std::string("1 1 323 0 Raspberry\n") + repeat(n, [](size_t i) { return switch_to(1, i, 9); }) +
                repeat(n, [](size_t i) { return event(i + 2, 521, 0, 9, 600 + i % 7, "f"); });
       }},
      {"text: a clock for few CPUs with high numbers", 1000, [](size_t n) {
         return kText + std::string("1 1 323 0 Raspberry\n") + switch_to(1, 16383, 9) +
                repeat(n, [](size_t i) { return event(i + 2, 521, 16383, 9, 600 + i % 7, "f"); });
       }},
      {"text: hand-offs", 1000, hand_offs},
      {"text: threads", 5000, [](size_t n) { return kText + repeat(n, [](size_t i) { return switch_to(i + 1, 0, 100 + i); }); }},
      {"text: wakeups", 5000, [](size_t n) { return kText + switch_to(1, 0, 9) + repeat(n, [](size_t i) { return event(i + 2, 518, 0, 9, 100 + i); }); }},
      {"text: IPIs that nobody takes", 5000, [](size_t n) {
         return kText + switch_to(1, 0, 9) + switch_to(1, 1, 8) + repeat(n, [](size_t i) { return event(i + 2, 519, 0, 9, 1); });
       }},
      {"text: calls that do not return", 5000, [](size_t n) { return kText + switch_to(1, 0, 9) + repeat(n, [](size_t i) { return event(i + 2, 0x800 + i % 500, 0, 9, 0); }); }},
      {"text: a CPU and a kind each", 500, [](size_t n) {
         return kText + repeat(n, [](size_t i) { return switch_to(i + 1, 0, 100 + i); }) +
                repeat(n, [n](size_t i) { return switch_to(n + i + 1, i, 100 + i); });
       }},
      {"raw: samples backward", 4, raw_samples_backward},
      {"raw: late entries", 4, raw_late_entries},
      {"raw: a block each CPU", 8, raw_many_cpus},
      {"raw: overlapping blocks", 8, raw_overlapping},
      {"page: kinds and chunks", 100, page_of_kinds},
  };
}

TEST(Linear, FourTimesTheInputTakesAboutFourTimesTheStepsAndTheMemory) {
  // A factor that a sort may add, and what does not grow.
  constexpr double kGrowth = 1.25;
  constexpr uint64_t kSteps = 2'000'000, kMemory = 24u << 20;
  for (const Shape& shape : shapes()) {
    auto cost = [&](size_t n) {
      const std::string input = shape.make(n);
      const test::CostMeter meter;
      run_chain(input, "in");
      return meter.read();
    };
    cost(shape.n);  // what is made once and kept
    const test::Cost one = cost(shape.n), four = cost(4 * shape.n);
    std::printf("%-45s %11llu -> %11llu steps, %9llu -> %9llu bytes\n", shape.name, static_cast<unsigned long long>(one.steps),
                static_cast<unsigned long long>(four.steps), static_cast<unsigned long long>(one.memory), static_cast<unsigned long long>(four.memory));
    EXPECT_LE(static_cast<double>(four.steps), 4 * kGrowth * static_cast<double>(one.steps) + kSteps) << shape.name;
    EXPECT_LE(static_cast<double>(four.memory), 4 * kGrowth * static_cast<double>(one.memory) + kMemory) << shape.name;
    EXPECT_GT(one.steps, 1000u) << shape.name << ": nothing is counted";
  }
}

}  // namespace
}  // namespace kutrace::robust
