// SPDX-License-Identifier: BSD-3-Clause
// Profiles: their sums are those of `kutrace stat` to the ns, parts add up to wholes, stacks are those of records made by hand, and what is written for other
// programs says the same.
#include <gtest/gtest.h>
#include <simdjson.h>
#include <zlib.h>

#include <fstream>
#include <iterator>
#include <numeric>
#include <sstream>

#include "analysis/profile_formats.h"
#include "analysis/statistics.h"
#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

constexpr Ticks kWhole = 0;

struct Profiled {
  Profiled(ChainRun& run, ProfileOf of, ProfileBy by, Selection part = {})
      : selection(std::move(part)), profile(of, by, run.pool, selection, run.diagnostics) {
    profile.header(run.header);
    profile.spans(run.spans);
    profile.finish();
  }
  // ns of the nodes at the top; with `second`, of those below them, by both.
  std::map<std::pair<int32_t, int32_t>, int64_t> rows(bool second = false) const {
    std::map<std::pair<int32_t, int32_t>, int64_t> out;
    for (const ProfileNode& n : profile.nodes()) {
      if (!second && n.parent < 0) out[{n.frame.id, 0}] = n.ns;
      if (second && n.parent >= 0 && profile.nodes()[static_cast<size_t>(n.parent)].parent < 0)
        out[{profile.nodes()[static_cast<size_t>(n.parent)].frame.id, n.frame.id}] = n.ns;
    }
    return out;
  }
  void expect_whole() const {
    std::vector<int64_t> parts(profile.nodes().size());
    int64_t all = 0, own = 0;
    for (size_t i = 0; i < profile.nodes().size(); ++i) {
      const ProfileNode& n = profile.nodes()[i];
      ASSERT_GE(n.own_ns, 0);
      ASSERT_GE(n.ns, 0);
      parts[i] += n.own_ns;
      own += n.own_ns;
      if (n.parent < 0) all += n.ns;
      if (n.parent >= 0) parts[static_cast<size_t>(n.parent)] += n.ns;
    }
    for (size_t i = 0; i < parts.size(); ++i) ASSERT_EQ(parts[i], profile.nodes()[i].ns) << i;
    EXPECT_EQ(all, profile.total_ns());
    EXPECT_EQ(own, all);
  }
  Selection selection;
  Profile profile;
};

struct Stated {
  Stated(ChainRun& run, Selection part) : selection(std::move(part)), statistics(run.pool, selection, run.diagnostics) {
    statistics.header(run.header);
    statistics.spans(run.spans);
    statistics.finish();
  }
  Selection selection;
  Statistics statistics;
};

class ProfileTrace : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<ChainRun> run_ = run_chain(data_bytes(std::string(GetParam()) + ".trace.gz"));
  // All of it, and a part whose edges cut spans.
  std::vector<Selection> parts() const {
    Ticks first = INT64_MAX, last = INT64_MIN;
    for (const Span& s : run_->spans) {
      if (is_execution(s)) first = std::min(first, s.start), last = std::max(last, s.end());
    }
    Selection part;
    part.set({{first + (last - first) / 3, last - (last - first) / 7}}, kWhole, INT64_MAX);
    return {Selection{}, part};
  }
};

TEST_P(ProfileTrace, AgreesWithStatToTheNanosecond) {
  const TimeBase& time = run_->header.time;
  for (const Selection& part : parts()) {
    const Stated stat(*run_, part);
    std::map<std::pair<int32_t, int32_t>, int64_t> running, waiting, cpus;
    for (const auto& [tid, t] : stat.statistics.threads()) {
      if (t.running > 0) running[{tid, 0}] = time.ns(t.running);
      if (t.ready > 0) waiting[{tid, 'c' - 'a'}] = time.ns(t.ready);
      for (size_t i = 0; i < kWaitLetters; ++i) {
        if (t.waiting[i] > 0) waiting[{tid, static_cast<int32_t>(i)}] = time.ns(t.waiting[i]);
      }
    }
    Ticks idle = 0;
    for (const auto& [number, cpu] : stat.statistics.cpus()) {
      const Ticks all = std::accumulate(cpu.time.begin(), cpu.time.end(), Ticks{0});
      const Ticks not_busy = cpu.time[static_cast<size_t>(SpanKind::kIdle)] + cpu.time[static_cast<size_t>(SpanKind::kCexit)];
      idle += not_busy;
      if (all > not_busy) cpus[{number, 0}] = time.ns(all - not_busy);
    }
    const Profiled by_thread(*run_, ProfileOf::kRunning, ProfileBy::kThread, part), by_cpu(*run_, ProfileOf::kRunning, ProfileBy::kCpu, part);
    auto got = by_thread.rows();
    got.erase({0, 0});  // the idle thread's interrupts, which are no thread's in stat
    EXPECT_EQ(got, running);
    EXPECT_EQ(by_cpu.rows(), cpus);
    EXPECT_EQ(by_cpu.profile.idle_ns(), time.ns(idle));
    EXPECT_EQ(Profiled(*run_, ProfileOf::kWaiting, ProfileBy::kThread, part).rows(true), waiting);
  }
}

TEST_P(ProfileTrace, PartsAddUpToWholes) {
  for (const Selection& part : parts()) {
    for (const ProfileOf of : {ProfileOf::kRunning, ProfileOf::kWaiting, ProfileOf::kSamples}) {
      for (const ProfileBy by : {ProfileBy::kThread, ProfileBy::kCpu, ProfileBy::kRpc, ProfileBy::kFunction}) {
        if (of == ProfileOf::kWaiting && by == ProfileBy::kCpu) continue;
        SCOPED_TRACE(std::to_string(static_cast<int>(of)) + " " + std::to_string(static_cast<int>(by)));
        Profiled(*run_, of, by, part).expect_whole();
      }
    }
  }
}

TEST_P(ProfileTrace, EverySampleIsCountedOnce) {
  const auto samples = run_->of(KUTRACE_PC_U).size() + run_->of(KUTRACE_PC_K).size();
  const Profiled p(*run_, ProfileOf::kSamples, ProfileBy::kFunction);
  EXPECT_EQ(p.profile.total_ns(), static_cast<int64_t>(samples));
}

INSTANTIATE_TEST_SUITE_P(Golden, ProfileTrace, testing::Values("hello", "rpc", "locks"));

// Threads 7 (reads a file, is interrupted there, waits for the disk until thread 9 wakes it) and 9, on two CPUs; ticks of 10 ns.
class MadeProfile : public TempDir {
 protected:
  MadeProfile() {
    run_.header.time = {};
    auto add = [&](Ticks start, Ticks dur, int32_t cpu, int32_t pid, int32_t event, const std::string& name, int32_t arg = 0, int32_t ret = 0,
                   int32_t rpc = 0) {
      run_.spans.push_back({start, dur, cpu, pid, rpc, event, arg, ret, run_.pool.intern(name), 0, 0});
    };
    add(0, 100, 0, 7, KUTRACE_USER + 7, "reader.7");
    add(0, 500, 1, 9, KUTRACE_USER + 9, "disk;er.9");
    add(100, 40, 0, 7, 0x800, "read", 3);
    add(140, 10, 0, 7, 0x5ec, "local_timer");
    add(150, 30, 0, 7, 0x800, "read", 3);
    add(160, 4, 0, 7, KUTRACE_PC_K, "PC=vfs_read");
    add(180, 20, 0, 7, 0xdff, "-sched-");
    add(200, 200, -1, 7, KUTRACE_WAITA + 3, "wait_disk");
    add(200, 210, 0, 0, KUTRACE_IDLE, "-idle-");
    add(400, 10, 1, 9, KUTRACE_ARC_WAKEUP, "-wakeup-", 0, 7);
    add(400, 10, -1, 7, KUTRACE_WAITA + 2, "wait_cpu");
    add(410, 5, 0, 7, 0xdff, "-sched-");
    add(415, 5, 0, 7, 0x800, "read", 3);
    add(420, 80, 0, 7, KUTRACE_USER + 7, "reader.7");
  }
  std::string folded(ProfileOf of, ProfileBy by) { return profile_folded(Profiled(run_, of, by).profile); }
  ChainRun run_;
};

TEST_F(MadeProfile, StacksAreWhatTheThreadsWereIn) {
  EXPECT_EQ(folded(ProfileOf::kRunning, ProfileBy::kThread),
            "disk:er.9;user code 5000\nreader.7;read 750\nreader.7;read;-sched- 250\nreader.7;read;local_timer 100\nreader.7;user code 1800\n");
  EXPECT_EQ(folded(ProfileOf::kRunning, ProfileBy::kCpu),
            "CPU 0;reader.7;read 750\nCPU 0;reader.7;read;-sched- 250\nCPU 0;reader.7;read;local_timer 100\nCPU 0;reader.7;user code 1800\nCPU "
            "1;disk:er.9;user code 5000\n");
  EXPECT_EQ(folded(ProfileOf::kRunning, ProfileBy::kFunction),
            "-sched-;read;reader.7 250\nlocal_timer;read;reader.7 100\nread;reader.7 750\nuser code;disk:er.9 5000\nuser code;reader.7 1800\n");
}

TEST_F(MadeProfile, WaitsSayWhyInWhatAndFromWhereTheyEnded) {
  EXPECT_EQ(folded(ProfileOf::kWaiting, ProfileBy::kThread), "reader.7;wait_cpu;read 100\nreader.7;wait_disk;read;--;woken from disk:er.9 2000\n");
  EXPECT_EQ(folded(ProfileOf::kSamples, ProfileBy::kThread), "reader.7;PC=vfs_read 1\n");
}

// Enough of protobuf to read what we write: (field, value or bytes) of a message.
struct Field {
  uint64_t number = 0, value = 0;
  std::string bytes{};
};
std::vector<Field> fields(const std::string& message) {
  std::vector<Field> out;
  size_t at = 0;
  auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(message.at(at++));
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.size()) {
    const uint64_t key = varint();
    Field f;
    f.number = key >> 3;
    if ((key & 7) == 2) {
      const uint64_t size = varint();
      f.bytes = message.substr(at, size);
      at += size;
    } else {
      f.value = varint();
    }
    out.push_back(f);
  }
  return out;
}
std::vector<uint64_t> packed(const std::string& bytes) {
  std::vector<uint64_t> out(1);
  int shift = 0;
  for (const char c : bytes) {
    out.back() |= static_cast<uint64_t>(c & 0x7f) << shift;
    shift = (c & 0x80) != 0 ? shift + 7 : 0;
    if ((c & 0x80) == 0) out.push_back(0);
  }
  out.pop_back();
  return out;
}

std::string gunzip(const std::string& packed) {
  std::string out(1 << 20, '\0');
  z_stream z{};
  inflateInit2(&z, 31);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  z.avail_in = static_cast<uInt>(packed.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  inflateEnd(&z);
  return out;
}

TEST_F(MadeProfile, PprofHoldsTheSameStacks) {
  const Profiled p(run_, ProfileOf::kRunning, ProfileBy::kThread);
  std::vector<std::string> strings;
  std::map<uint64_t, uint64_t> names;  // of functions, of which each place has one
  std::vector<Field> all = fields(gunzip(profile_pprof(p.profile)));
  for (const Field& f : all) {
    if (f.number == 6) strings.push_back(f.bytes);
    if (f.number != 5) continue;
    const auto function = fields(f.bytes);
    names[function.at(0).value] = function.at(1).value;
  }
  ASSERT_FALSE(strings.empty());
  EXPECT_EQ(strings[0], "");
  std::map<std::string, uint64_t> stacks;
  for (const Field& f : all) {
    if (f.number == 4) {
      const auto location = fields(f.bytes);
      EXPECT_EQ(fields(location.at(1).bytes).at(0).value, location.at(0).value);
    }
    if (f.number != 2) continue;
    const auto sample = fields(f.bytes);
    std::string stack;
    for (const uint64_t place : packed(sample.at(0).bytes)) stack = strings.at(names.at(place)) + (stack.empty() ? "" : ";") + stack;
    const auto values = packed(sample.at(1).bytes);
    ASSERT_EQ(values.size(), 2u);
    stacks[stack] += values[1];
  }
  EXPECT_EQ(stacks, (std::map<std::string, uint64_t>{{"disk;er.9;user code", 5000},
                                                     {"reader.7;read", 750},
                                                     {"reader.7;read;-sched-", 250},
                                                     {"reader.7;read;local_timer", 100},
                                                     {"reader.7;user code", 1800}}));
  std::vector<std::string> types;
  for (const Field& f : all) {
    if (f.number == 1) types.push_back(strings.at(fields(f.bytes).at(0).value) + "/" + strings.at(fields(f.bytes).at(1).value));
  }
  EXPECT_EQ(types, (std::vector<std::string>{"count/count", "cpu/nanoseconds"}));
}

TEST_F(MadeProfile, SpeedscopeHoldsTheSameStacks) {
  const Profiled p(run_, ProfileOf::kRunning, ProfileBy::kThread);
  simdjson::dom::parser parser;
  const simdjson::padded_string text(profile_speedscope(p.profile, {"file \"x\"", ""}));
  const simdjson::dom::element root = parser.parse(text);
  const simdjson::dom::array frames = root["shared"]["frames"], samples = root["profiles"].at(0)["samples"],
                             weights = root["profiles"].at(0)["weights"];
  ASSERT_EQ(samples.size(), weights.size());
  std::map<std::string, int64_t> stacks;
  int64_t sum = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    std::string stack;
    for (const uint64_t frame : simdjson::dom::array(samples.at(i)))
      stack += (stack.empty() ? "" : ";") + std::string(std::string_view(frames.at(frame)["name"]));
    stacks[stack] += int64_t(weights.at(i));
    sum += int64_t(weights.at(i));
  }
  EXPECT_EQ(stacks.at("reader.7;read;local_timer"), 100);
  EXPECT_EQ(stacks.size(), 5u);
  EXPECT_EQ(sum, int64_t(root["profiles"].at(0)["endValue"]));
  EXPECT_EQ(std::string_view(root["profiles"].at(0)["unit"]), "nanoseconds");
}

class ProfileCommand : public TempDir {
 protected:
  int run(const std::string& arguments) {
    const int status = shell(std::string(KUTRACE_TOOLS) + "/kutrace profile " + arguments + " >" + dir_ + "out 2>" + dir_ + "err");
    std::ifstream out(dir_ + "out"), err(dir_ + "err");
    out_ = {std::istreambuf_iterator<char>(out), {}};
    said_ = {std::istreambuf_iterator<char>(err), {}};
    return status;
  }
  static int64_t sum(const std::string& folded, bool second = false) {
    std::istringstream in(folded);
    int64_t all = 0;
    for (std::string line; std::getline(in, line);) {
      const size_t last = line.rfind(' '), one = second ? line.rfind(' ', last - 1) : last;
      all += std::stoll(line.substr(one + 1));
    }
    return all;
  }
  const std::string kHello = std::string(KUTRACE_TEST_DATA) + "/hello.trace.gz", kRpc = std::string(KUTRACE_TEST_DATA) + "/rpc.trace.gz";
  std::string out_, said_;
};

TEST_F(ProfileCommand, EveryFormatHasTheSameTotal) {
  for (const std::string what : {"", "--off-cpu ", "--samples ", "--by rpc ", "--by function "}) {
    SCOPED_TRACE(what);
    ASSERT_EQ(run(what + "--format json " + kRpc), 0) << said_;
    simdjson::dom::parser parser;
    const int64_t total = parser.parse(simdjson::padded_string(out_))["total"].get_int64();
    EXPECT_GT(total, 0);
    ASSERT_EQ(run(what + "--format folded " + kRpc), 0);
    EXPECT_EQ(sum(out_), total);
    ASSERT_EQ(run(what + "--format speedscope " + kRpc), 0);
    EXPECT_EQ(parser.parse(simdjson::padded_string(out_))["profiles"].at(0)["endValue"].get_int64().value(), total);
    ASSERT_EQ(run(what + kRpc), 0);
    EXPECT_NE(out_.find("all: "), std::string::npos);
    ASSERT_EQ(run(what + "--format pprof -o " + dir_ + "p.pb.gz " + kRpc), 0);
  }
}

TEST_F(ProfileCommand, PartsAndTwoTracesAreCompared) {
  ASSERT_EQ(run("--from 48.6 --to 48.9 --format folded " + kHello), 0) << said_;
  const int64_t part = sum(out_);
  ASSERT_EQ(run("--from 48.6 --to 48.9 --from-b 48.9 --to-b 49.2 --format folded " + kHello), 0) << said_;
  EXPECT_EQ(sum(out_, true) > 0, true);
  std::istringstream in(out_);
  int64_t a = 0;
  for (std::string line; std::getline(in, line);) {
    const size_t last = line.rfind(' '), one = line.rfind(' ', last - 1);
    a += std::stoll(line.substr(one + 1, last - one - 1));
  }
  EXPECT_EQ(a, part);
  ASSERT_EQ(run(kHello + " " + kRpc), 0) << said_;
  EXPECT_NE(out_.find("only in A"), std::string::npos) << out_;
  // The same against itself: no change.
  ASSERT_EQ(run(kRpc + " " + kRpc + " --per-rpc --rows 0"), 0) << said_;
  EXPECT_EQ(out_.find("only in"), std::string::npos);
  EXPECT_EQ(out_.find("-0.0 %"), std::string::npos);
  EXPECT_NE(out_.find("+0.0 %"), std::string::npos);
  ASSERT_EQ(run("--format json " + kRpc + " " + kRpc), 0) << said_;
  EXPECT_EQ(run(kHello + " " + kHello + " --per-rpc"), 2);
  EXPECT_NE(said_.find("has no RPC that was answered"), std::string::npos) << said_;
}

// Times as long as a document may have, more of them than fit a sum, threads and names of every kind.
TEST_F(ProfileCommand, HostileDocumentsGiveSums) {
  std::string text = "{\n\"events\" : [\n";
  for (int i = 0; i < 40; ++i) {
    text += "[  1.00000000, 1599999998.0, " + std::to_string(i) + ", " + std::to_string(i % 2 == 0 ? 2147483647 - i : -2147483647 + i) + ", 65535, " +
            std::to_string(i % 3 == 0 ? 2048 : 65543) + ", 1, 2, 3, \"a;b\\n " + std::to_string(i) + "\"],\n" + "[  1.00000000, 1599999998.0, -1, 5, 0, 771, 0, 0, 0, \"wait_disk\"],\n";
  }
  std::ofstream(dir_ + "in.json") << text << "[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n]}\n";
  for (const char* what : {"", "--off-cpu ", "--samples ", "--by rpc ", "--by function ", "--by cpu "}) {
    for (const char* format : {"text", "json", "folded", "pprof", "speedscope"}) EXPECT_EQ(run(std::string(what) + "--format " + format + " " + dir_ + "in.json"), 0) << said_;
    EXPECT_EQ(run(std::string(what) + dir_ + "in.json " + dir_ + "in.json"), 0) << said_;
  }
}

TEST_F(ProfileCommand, WhatCannotBeIsRefused) {
  EXPECT_EQ(run("--off-cpu --by cpu " + kHello), 2);
  EXPECT_EQ(run("--off-cpu --samples " + kHello), 2);
  EXPECT_EQ(run("--by color " + kHello), 2);
  EXPECT_EQ(run("--format pprof " + kHello + " " + kHello), 2);
  EXPECT_NE(said_.find("pprof holds one profile"), std::string::npos) << said_;
  EXPECT_EQ(run("--from 48 --to 47 " + kHello), 2);
  EXPECT_EQ(run("--thread nobody " + kHello), 2);
}

}  // namespace
}  // namespace kutrace::test
