// SPDX-License-Identifier: BSD-3-Clause
// The defects of the reference in span building that concern names, threads, RPCs and arcs (S1, S3, S5, S6, S11 to S26):
// what must happen instead. Most are told as event text, the form in which they are shortest.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/chain_run.h"

namespace kutrace::test {
namespace {

std::unique_ptr<ChainRun> vector(const std::string& name) {
  return run_chain(data_bytes("vectors/" + name + ".trace.gz"));
}

// Event text with thread 7 `app` and thread 8 `other` on CPU 0; lines are "T DUR EVENT CPU PID ARG RET NAME".
class Text {
 public:
  Text() {
    text_ = "# ## VERSION: 3\n# ## TRACEBASE: 2026-11-21_02:50:00\n1000 1 34 7 app\n1000 1 34 8 other\n";
    event(1000, 512, 7, 7, "app.7");
  }
  Text& event(int64_t t, int event, uint32_t pid, uint32_t arg, const std::string& name, uint32_t ret = 0, int dur = 0,
              int cpu = 0) {
    text_ += std::to_string(t) + " " + std::to_string(dur) + " " + std::to_string(event) + " " + std::to_string(cpu) +
             "  " + std::to_string(pid) + " 0  " + std::to_string(arg) + " " + std::to_string(ret) + " 0 " + name + " (0)\n";
    return *this;
  }
  Text& line(const std::string& line) {
    text_ += line + "\n";
    return *this;
  }
  // Out of `from` through the scheduler into `to`.
  Text& change(int64_t t, uint32_t from, uint32_t to) {
    event(t, 3583, from, 0, "-sched-").event(t + 10, 512, to, to, "x").event(t + 20, 4095, to, 0, "/-sched-");
    return *this;
  }
  std::unique_ptr<ChainRun> run() const { return run_text(text_); }

 private:
  std::string text_;
};

std::string names_of(const ChainRun& run, int32_t event) {
  std::string out;
  for (const Span& s : run.of(event)) out += run.name(s) + " ";
  return out;
}

TEST(Defects, S1_S25_NamesOfAnyLengthAreRead) {
  const std::string method(240, 'm');
  const auto run = Text().line("2000 1 19 777 " + method).event(3000, 513, 7, 777, method + ".777").run();
  EXPECT_EQ(names_of(*run, 513), method + ".777 ");
}

TEST(Defects, S3_ACpuNumberOutOfRangeIsABadLine) {
  const auto run = Text().event(2000, 2048, 7, 0, "read", 0, 10, -1).event(2100, 2048, 7, 0, "read", 0, 10, 99999999).run();
  EXPECT_EQ(run->diagnostics.count(Finding::kBadLine), 2u);
}

TEST(Defects, S5_S23_AnUnknownDateStillGivesAWholeDocument) {
  for (const char* name : {"d11", "e2_y2038"}) {
    const std::string json = span_json(*vector(name));
    EXPECT_TRUE(json.starts_with("  {\n")) << name;
    EXPECT_TRUE(json.ends_with("]}\n")) << name;
  }
}

TEST(Defects, S6_BaseMinuteAndTimesAgree) {
  const auto run = vector("d10");
  const int64_t ns = run->header.time.ns(run->execution(0).front().start);
  EXPECT_EQ(run->header.tracebase, "2026-11-21_02:50:00");
  EXPECT_NEAR(static_cast<double>(ns) / 1e9, 60.0, 0.1);
}

TEST(Defects, S11_ANewCallSettlesWhereAThreadResumed) {
  const auto run = Text().event(2000, 2048, 7, 3, "read").change(2100, 7, 8).change(3000, 8, 7)
                       .event(4000, 2049, 7, 1, "write", 4, 20).run();
  // From its turn at 3020 to the new call it was in user code.
  const auto row = run->execution(0);
  const auto at = std::find_if(row.begin(), row.end(), [](const Span& s) { return s.start == 3020; });
  ASSERT_NE(at, row.end());
  EXPECT_EQ(run->name(*at), "app.7");
  EXPECT_EQ(at->flags, Span::kInferred);
}

TEST(Defects, S12_TodaysTimerNameGivesAReason) {
  const auto run = Text().line("1000 1 53 236 local_timer").change(2000, 7, 8).event(3000, 1516, 8, 0, "local_timer")
                       .event(3100, 518, 8, 7, "runnable.7", 0, 1).event(3200, 2028, 8, 0, "/local_timer").run();
  EXPECT_EQ(names_of(*run, KUTRACE_WAITA + ('t' - 'a')), "wait_time ");
}

TEST(Defects, S13_S14_AnRpcIdHasNoLengthInIt) {
  const auto run = vector("g1_rpc");
  for (const Span& s : run->spans) EXPECT_LE(s.rpc, 0xffff);
  EXPECT_EQ(run->of(KUTRACE_RPCIDMID).size(), 0u);
  // The queued span, which the reference loses: from leaving the RPC to resuming it.
  const auto queued = run->of(KUTRACE_ENQUEUE);
  EXPECT_EQ(std::count_if(queued.begin(), queued.end(), [](const Span& s) { return s.cpu < 0 && s.rpc == 777; }), 1);
}

TEST(Defects, S15_AContextSwitchDoesNotTakeAnotherThreadsName) {
  const auto run = Text().line("1500 1 66 512 fivehundredtwelve").event(2000, 2048, 7, 0, "read", 0, 10).run();
  for (const Span& s : run->spans) EXPECT_EQ(run->name(s).find("fivehundredtwelve"), std::string::npos);
}

TEST(Defects, S16_ARenameToAPartOfTheOldNameCounts) {
  const auto run = Text().line("2000 1 34 7 ap").event(3000, 2048, 7, 0, "read", 0, 10).run();
  EXPECT_EQ(run->row(0, run->counter(0)), "1000+1000 7 app.7\n2000+1000 7 ap.7\n3000+10 7 read\n");
  EXPECT_EQ(names_of(*run, KUTRACE_LEFTMARK), "app+ap.7 ");
}

TEST(Defects, S17_Clone3WakesItsChildOnce) {
  const auto once = Text().event(2000, 2483, 7, 0, "clone3").event(2500, 2995, 7, 0, "/clone3", 9).run();
  ASSERT_EQ(once->of(KUTRACE_RUNNABLE).size(), 1u);
  EXPECT_EQ(once->of(KUTRACE_RUNNABLE)[0].flags, Span::kInferred);
  const auto twice = Text().event(2000, 2483, 7, 0, "clone3").event(2400, 518, 7, 9, "runnable.9", 0, 1)
                         .event(2500, 2995, 7, 0, "/clone3", 9).run();
  ASSERT_EQ(twice->of(KUTRACE_RUNNABLE).size(), 1u);
  EXPECT_EQ(twice->of(KUTRACE_RUNNABLE)[0].flags, 0);
}

TEST(Defects, S18_AnIpiArcEndsAtTheIpi) {
  Text text;
  text.line("1000 1 53 253 reschedule_ipi").line("1000 1 53 35 eth0");
  text.event(1100, 512, 0, 0, "-idle-.0", 0, 1, 1).event(2000, 519, 7, 1, "sendipi", 0, 1);
  text.event(2100, 1315, 0, 0, "eth0", 0, 50, 1).event(2300, 1533, 0, 0, "reschedule_ipi", 0, 50, 1);
  const auto run = text.run();
  const auto arcs = run->of(KUTRACE_ARC_IPI);
  ASSERT_EQ(arcs.size(), 1u);
  EXPECT_EQ(arcs[0].end(), 2300);
}

TEST(Defects, S19_WhatWasGoingOnAtTheEndIsShown) {
  const auto run = Text().event(2000, 2048, 7, 3, "read").event(5000, 525, 7, 1, "mark_d", 0, 1).run();
  EXPECT_EQ(run->execution(0).back().end(), 5000);
}

TEST(Names, AGaugeSaysWhichItIsAndItsValue) {
  const auto run = Text().event(2000, KUTRACE_GAUGE, 7, (3 << 24) + 1234, "x", 0, 1).run();
  const auto gauges = run->of(KUTRACE_GAUGE);
  ASSERT_EQ(gauges.size(), 1u);
  EXPECT_EQ(run->name(gauges[0]), "gauge_3=1234");
  EXPECT_EQ(gauges[0].dur, 0);
  EXPECT_EQ(run->diagnostics.count(Finding::kUnknownEvent), 0u);
}

TEST(Defects, S21_TheTitleIsEscaped) {
  const std::string json = span_json(*vector("d14"), "say \"hi\"\n");
  EXPECT_NE(json.find("\"title\" : \"say \\\"hi\\\"\\u000a\""), std::string::npos);
}

TEST(Defects, S22_AnIncomingRpcSendsNothing) {
  // A packet and a request come in; the packet that goes out belongs to no request of this thread.
  const auto run = Text().event(2000, 532, 7, 5, "rx.5", 0, 1).event(2100, 534, 7, 5, "urx.5", 0, 1)
                       .event(2200, 513, 7, 100u << 16 | 777, "m.777", 0, 1).event(2300, 535, 7, 6, "utx.6", 0, 1)
                       .event(2400, 533, 7, 6, "tx.6", 0, 1).run();
  EXPECT_EQ(run->of(KUTRACE_RPCIDRXMSG).size(), 1u);
  EXPECT_EQ(run->of(KUTRACE_RPCIDTXMSG).size(), 0u);
}

TEST(Defects, S26_AThreadBeginsUnderItsFirstName) {
  const auto run = Text().line("1500 1 34 7 zzz").event(2000, 2048, 7, 0, "read", 0, 10).run();
  EXPECT_EQ(run->name(run->execution(0).front()), "app.7");
}

}  // namespace
}  // namespace kutrace::test
