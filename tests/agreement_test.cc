// SPDX-License-Identifier: BSD-3-Clause
// One trace, asked in five ways: plain addition over the lines of its span JSON, the statistics of `kutrace stat`, `kutrace check`, the tables by SQL,
// and the page's own statistics, which node runs. What each says must be the same to the nanosecond, on the golden traces and on generated ones.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "analysis/statistics.h"
#include "query/engine.h"
#include "support/chain_run.h"
#include "support/json_lines.h"
#include "support/simulator.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

// What is said of a trace: "cpu 3", "class idle", "running 61", "waiting 61 t", "name getpid", "count getpid", ... and how much. Nothing of no length.
using Said = std::map<std::string, int64_t>;

void add(Said& said, const std::string& what, int64_t amount) {
  if (amount != 0) said[what] += amount;
}

// By the numbers of docs/trace-format.md.
std::string class_of(const JsonLine& l) {
  if (l.event == 0x10000 || l.name == "-c-exit-") return "idle";
  if (l.event > 0x10000) return "user";
  if (l.event == 0x9ff || l.event == 0xdff) return "scheduler";
  if (l.event >= 0x800) return "system call";
  return l.event >= 0x500 ? "interrupt" : "fault";
}

struct Life {
  int64_t first = INT64_MAX, last = INT64_MIN, time = 0;
  void extend(const JsonLine& l) {
    first = std::min(first, l.ts);
    last = std::max(last, l.ts + l.dur);
    time += l.dur;
  }
};

// Plain addition. That the rows of CPUs and threads are tiled is seen here, too.
Said by_addition(const std::string& json) {
  Said said;
  std::map<int64_t, Life> cpus, threads;
  for (const JsonLine& l : lines_of(json)) {
    const std::string tid = std::to_string(l.pid);
    if (l.event >= 0x400) {
      cpus[l.cpu].extend(l);
      add(said, "cpu " + std::to_string(l.cpu), l.dur);
      add(said, "class " + class_of(l), l.dur);
      add(said, "name " + l.name, l.dur);
      add(said, "count " + l.name, 1);
      add(said, "on a CPU " + tid, l.dur);
      if (l.pid > 0) add(said, "running " + tid, l.dur);
    } else if (l.event >= 0x300 && l.event <= 0x319) {
      const auto letter = static_cast<char>('a' + (l.event - 0x300));
      add(said, letter == 'c' ? "ready " + tid : "waiting " + tid + " " + letter, l.dur);
    } else {
      continue;
    }
    if (l.pid > 0) threads[l.pid].extend(l);
  }
  EXPECT_FALSE(cpus.empty());
  for (const auto& [cpu, life] : cpus) EXPECT_EQ(life.time, life.last - life.first) << "CPU " << cpu;
  for (const auto& [tid, life] : threads) EXPECT_EQ(life.time, life.last - life.first) << "thread " << tid;
  return said;
}

constexpr std::array<const char*, kSpanKinds> kClassOfKind = {"user", "system call", "fault", "interrupt", "interrupt", "scheduler", "idle", "idle", "other kernel"};

Said by_statistics(ChainRun& run) {
  std::stable_sort(run.spans.begin(), run.spans.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  const Selection everything;
  Statistics statistics(run.pool, everything, run.diagnostics);
  statistics.header(run.header);
  statistics.spans(run.spans);
  statistics.finish();
  std::map<std::string, Ticks> classes;
  Said said;
  auto ns = [&](Ticks t) { return run.header.time.ns(t); };
  for (const auto& [number, cpu] : statistics.cpus()) {
    Ticks sum = 0;
    for (size_t kind = 0; kind < kSpanKinds; ++kind) {
      sum += cpu.time[kind];
      classes[kClassOfKind[kind]] += cpu.time[kind];
    }
    add(said, "cpu " + std::to_string(number), ns(sum));
  }
  for (const auto& [name, sum] : classes) add(said, "class " + name, ns(sum));
  for (const auto& [tid, thread] : statistics.threads()) {
    const std::string id = std::to_string(tid);
    add(said, "running " + id, ns(thread.running));
    add(said, "ready " + id, ns(thread.ready));
    for (size_t i = 0; i < kWaitLetters; ++i) add(said, "waiting " + id + " " + static_cast<char>('a' + i), ns(thread.waiting[i]));
  }
  for (const auto& [key, call] : statistics.calls()) add(said, "name " + std::string(run.pool[key.second]), ns(call.time));
  return said;
}

Said by_check(const ChainRun& run) {
  Said said;
  const TimeBase& time = run.header.time;
  EXPECT_EQ(run.faults(), std::vector<std::string>());
  for (const auto& [number, row] : run.checker->cpus()) add(said, "cpu " + std::to_string(number), time.ns(row.user + row.kernel + row.idle));
  for (const auto& [tid, row] : run.checker->threads()) {
    add(said, "running " + std::to_string(tid), time.ns(row.running));
    add(said, "ready " + std::to_string(tid), time.ns(row.ready));
    add(said, "all waiting " + std::to_string(tid), time.ns(row.waiting));
  }
  return said;
}

// What `part` says is said by `whole`, too, and no more than that of the same kinds.
void expect_same(const Said& whole, const Said& part, const std::vector<std::string>& kinds) {
  auto of_kinds = [&](const Said& said) {
    Said kept;
    for (const auto& [what, amount] : said) {
      for (const std::string& kind : kinds) {
        if (what.starts_with(kind + " ")) kept[what] = amount;
      }
    }
    return kept;
  };
  const Said a = of_kinds(whole), b = of_kinds(part);
  EXPECT_FALSE(a.empty());
  for (const auto& [what, amount] : a) EXPECT_EQ(b.contains(what) ? b.at(what) : 0, amount) << what;
  for (const auto& [what, amount] : b) EXPECT_TRUE(a.contains(what)) << what << " " << amount;
}

class Agreement : public TempDir {
 protected:
  std::string read(const std::string& name) {
    std::ifstream in(dir_ + name);
    EXPECT_TRUE(in) << name;
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // All that needs no other program; what the others are asked of it afterwards.
  void take(const std::string& name, const std::vector<uint8_t>& trace) {
    SCOPED_TRACE(name);
    const auto run = run_chain(trace);
    const std::string json = span_json(*run);
    Said wanted = by_addition(json);
    const auto document = run_text(json);
    expect_same(wanted, by_statistics(*document), {"cpu", "class", "running", "ready", "waiting"});
    by_calls(wanted, by_statistics(*document));
    compare_check(*document, wanted);
    std::ofstream(dir_ + name + ".json") << json;
    wanted_[dir_ + name + ".json"] = std::move(wanted);
    // The trace itself has finer times, and so has the page that is made of it.
    Said exact = by_statistics(*run);
    compare_check(*run, exact);
    std::ofstream(dir_ + name + ".trace", std::ios::binary).write(reinterpret_cast<const char*>(trace.data()), static_cast<std::streamsize>(trace.size()));
    wanted_[dir_ + name + ".html"] = std::move(exact);
    damaged_ = damaged_ || run->diagnostics.total(Severity::kDamage) > 0;
    ASSERT_LE(shell("cd " + dir_ + " && " KUTRACE_TOOLS "/kutrace report -o " + name + ".html " + name + ".trace 2>/dev/null"), damaged_ ? 1 : 0);
  }

  void by_calls(const Said& wanted, const Said& statistics) {
    for (const auto& [what, amount] : statistics) {
      if (!what.starts_with("name ")) continue;
      EXPECT_EQ(wanted.contains(what) ? wanted.at(what) : 0, amount) << what;
    }
  }

  void compare_check(const ChainRun& run, const Said& wanted) {
    Said with_sums = wanted;
    for (const auto& [tid, row] : run.checker->threads()) {
      Said waits;
      const std::string prefix = "waiting " + std::to_string(tid) + " ";
      int64_t sum = 0;
      for (auto at = wanted.lower_bound(prefix); at != wanted.end() && at->first.starts_with(prefix); ++at) sum += at->second;
      // Of a trace each sum is converted once, so that of the reasons may have a ns more or less for each.
      if (run.header.time.ns_per_tick == 10) add(with_sums, "all waiting " + std::to_string(tid), sum);
    }
    std::vector<std::string> kinds = {"cpu", "running", "ready"};
    if (run.header.time.ns_per_tick == 10) kinds.push_back("all waiting");
    expect_same(with_sums, by_check(run), kinds);
  }

  // "== FILE", then lines of what and how much.
  std::map<std::string, Said> sayings(const std::string& text) {
    std::map<std::string, Said> of;
    std::istringstream in(text);
    Said* said = nullptr;
    for (std::string line; std::getline(in, line);) {
      const size_t tab = line.rfind('\t');
      if (line.starts_with("== ")) {
        said = &of[line.substr(3)];
      } else {
        add(*said, line.substr(0, tab), std::stoll(line.substr(tab + 1)));
      }
    }
    return of;
  }

  std::string files(const std::string& ending) {
    std::string list;
    for (const auto& [file, said] : wanted_) {
      if (file.ends_with(ending)) list += " " + file;
    }
    return list;
  }

#ifdef KUTRACE_TEST_NODE
  void ask_the_page() {
    ASSERT_EQ(shell("cd " KUTRACE_SOURCE " && " KUTRACE_TEST_NODE " postproc/viewer/test/page-statistics.mjs" + files("") + " > " + dir_ + "page 2> " + dir_ + "err"), 0) << read("err");
    const auto page = sayings(read("page"));
    for (const auto& [file, wanted] : wanted_) {
      SCOPED_TRACE("the page of " + file);
      ASSERT_TRUE(page.contains(file));
      std::vector<std::string> kinds = {"cpu", "class", "running", "ready", "waiting"};
      if (file.ends_with(".json")) kinds.insert(kinds.end(), {"name", "count", "on a CPU"});
      expect_same(wanted, page.at(file), kinds);
    }
  }
#endif

#ifdef KUTRACE_TEST_DUCKDB
  // All files in one question: what it says of each.
  std::map<std::string, Said> answers(const std::string& sql, const std::string& files) {
    std::map<std::string, Said> said;
    std::ofstream(dir_ + "ask.sql") << sql;
    EXPECT_LE(shell("cd " + dir_ + " && " KUTRACE_TOOLS "/kutrace query --format csv --file ask.sql" + files + " > sql 2> err"), damaged_ ? 1 : 0) << read("err");
    std::istringstream in(read("sql"));
    std::string line;
    std::getline(in, line);
    EXPECT_EQ(line, "source,what,amount");
    while (std::getline(in, line)) {
      const size_t first = line.find(','), last = line.rfind(',');
      add(said[line.substr(0, first)], line.substr(first + 1, last - first - 1), std::stoll(line.substr(last + 1)));
    }
    return said;
  }

  // Of a trace and its page each sum is converted once, as in statistics; of documents each length is whole.
  void ask_by_sql() {
    std::map<std::string, Said> said = answers(R"(
      SELECT source, what, sum(dur)::BIGINT amount FROM (
        SELECT source, 'cpu ' || cpu what, dur FROM spans
        UNION ALL SELECT source, 'class ' || CASE kind WHEN 'syscall' THEN 'system call' WHEN 'trap' THEN 'fault' WHEN 'irq' THEN 'interrupt'
          WHEN 'softirq' THEN 'interrupt' WHEN 'sched' THEN 'scheduler' WHEN 'cexit' THEN 'idle' WHEN 'other' THEN 'other kernel' ELSE kind END, dur FROM spans
        UNION ALL SELECT source, 'name ' || name, dur FROM spans
        UNION ALL SELECT source, 'count ' || name, 1 FROM spans
        UNION ALL SELECT source, 'on a CPU ' || tid, dur FROM spans
        UNION ALL SELECT source, 'running ' || tid, dur FROM spans WHERE tid > 0
        UNION ALL SELECT source, 'ready ' || tid, dur FROM waits WHERE reason = 'cpu'
        UNION ALL SELECT source, 'all waiting ' || tid, dur FROM waits WHERE reason <> 'cpu')
      GROUP BY ALL ORDER BY ALL)", files(".json"));
    std::string exact = files(".html");
    for (const auto& [file, wanted] : wanted_) {
      if (file.ends_with(".html")) exact += " " + trace_of(file);
    }
    std::map<std::string, Said> said_of_threads = answers(R"(
      SELECT source, what, amount FROM (
        SELECT source, 'running ' || tid what, running amount FROM threads WHERE tid > 0
        UNION ALL SELECT source, 'ready ' || tid, ready FROM threads WHERE tid > 0) WHERE amount <> 0 ORDER BY ALL)", exact);
    for (const auto& [file, wanted] : wanted_) {
      if (file.ends_with(".html")) {
        for (const std::string& one : {file, trace_of(file)}) {
          SCOPED_TRACE("SQL over " + one);
          expect_same(wanted, said_of_threads[one], {"running", "ready"});
        }
        continue;
      }
      SCOPED_TRACE("SQL over " + file);
      expect_same(wanted, said[file], {"cpu", "class", "name", "count", "on a CPU", "running", "ready"});
    }
  }
  static std::string trace_of(const std::string& page) { return page.substr(0, page.size() - 4) + "trace"; }
#endif

  void ask_the_others() {
#ifdef KUTRACE_TEST_NODE
    ask_the_page();
#endif
#ifdef KUTRACE_TEST_DUCKDB
    ask_by_sql();
#endif
  }

  std::map<std::string, Said> wanted_;  // by file
  bool damaged_ = false;                // one of them: commands say so by their status
};

TEST_F(Agreement, OnTheGoldenTraces) {
  std::vector<std::string> names = {"hello", "rpc", "getpid", "locks"};
  // The largest takes minutes and gigabytes: scripts/test-all asks for it.
  if (std::getenv("KUTRACE_TEST_LARGEST") != nullptr) names.emplace_back("wrap");
  for (const std::string& name : names) take(name, data_bytes(name + ".trace.gz"));
  ask_the_others();
}

// Machines of one CPU to six, with clocks that have whole nanoseconds and clocks that have not, some of them recorded around a ring.
TEST_F(Agreement, OnAHundredGeneratedTraces) {
  constexpr std::array kClocks = {40.0, 19.2, 1000.0, 2893.3, 54.0};
  for (uint64_t life = 0; life < 100; ++life) {
    SimOptions options;
    options.seed = 1000 + life;
    options.cpus = static_cast<uint32_t>(1 + life % 6);
    options.threads = static_cast<uint32_t>(2 + life % 17);
    options.events = 2000;
    options.counts_per_us = kClocks[life % kClocks.size()];
    options.idle_step = life % 2 == 0 ? 4000 : 400000;
    take("life" + std::to_string(life), Simulator(options).run());
    if (HasFailure()) return;
  }
  ask_the_others();
}

}  // namespace
}  // namespace kutrace::test
