// SPDX-License-Identifier: BSD-3-Clause
// kutrace align on pairs of raw traces made as two machines would make them: clocks that differ and drift, a network that delays by chance.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "chain.h"
#include "net/packets_seen.h"
#include "net/rpc_message.h"
#include "support/chain_run.h"
#include "support/encoder.h"
#include "support/rpc_files.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

constexpr double kOffsetUs = 500000, kDriftPpm = 200, kCountsPerUs = 40;
constexpr int64_t kStartUs = 1795229448519597;
constexpr uint64_t kCounter = 0x1'2345'6789;

// What happened between the two, by the true time in us since the start; A's clock is true.
struct Message {
  uint32_t hash;
  bool from_a;
  double sent, received;
};

std::vector<Message> traffic(uint64_t seed, int count, bool both_ways) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> when(0, 9e6);
  std::exponential_distribution<double> queue(1.0 / 300);
  std::vector<Message> out;
  for (int i = 0; i < count; ++i) {
    const double sent = when(random);
    out.push_back({static_cast<uint32_t>(random()), i % 2 == 0 || !both_ways, sent, sent + 25 + queue(random)});
  }
  return out;
}

// B's clock is half a second behind at the start and slower by 200 ppm.
double clock_of_b(double us) { return us * (1 - kDriftPpm * 1e-6) - kOffsetUs; }

std::vector<uint8_t> trace(const std::vector<Message>& messages, bool is_a) {
  EncoderOptions options;
  options.start_counter = kCounter;
  options.start_us = static_cast<uint64_t>(kStartUs - (is_a ? 0 : static_cast<int64_t>(kOffsetUs)));
  options.counts_per_us = kCountsPerUs;
  Encoder encoder(options);
  encoder.running(0, 41, "talker");
  std::vector<std::pair<uint64_t, std::pair<uint32_t, uint32_t>>> entries;
  for (const Message& m : messages) {
    const bool sends = m.from_a == is_a;
    const double us = sends ? m.sent : m.received;
    const double here = is_a ? us : clock_of_b(us) + kOffsetUs;
    entries.push_back({kCounter + static_cast<uint64_t>(here * kCountsPerUs), {sends ? KUTRACE_TX_PKT : KUTRACE_RX_PKT, m.hash}});
  }
  std::sort(entries.begin(), entries.end());
  encoder.entry(0, kCounter, KUTRACE_USERPID, 41);
  for (const auto& [counter, what] : entries) encoder.entry(0, counter, what.first, what.second);
  return encoder.finish(kCounter + static_cast<uint64_t>(10e6 * kCountsPerUs));
}

class Align : public TempDir {
 protected:
  void write(const std::string& name, const std::vector<uint8_t>& bytes) const {
    std::ofstream(dir_ + name, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  int run(const std::string& command) {
    const int status = shell("cd " + dir_ + " && PATH=" KUTRACE_TOOLS ":$PATH && " + command + " >out 2>err");
    out_ = read("out");
    said_ = read("err");
    return status;
  }
  std::string read(const std::string& name) const {
    std::ifstream in(dir_ + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  double number(const char* key) const {
    simdjson::dom::parser parser;
    return parser.parse(simdjson::padded_string(out_))["others"].at(0)[key].get_double();
  }
  std::string out_, said_;
};

TEST_F(Align, OffsetAndDriftAreFoundWithTheirErrors) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    const auto messages = traffic(seed, 300, true);
    write("a.trace", trace(messages, true));
    write("b.trace", trace(messages, false));
    ASSERT_EQ(run("kutrace align a.trace b.trace --json"), 0) << said_;
    // A's clock against B's runs faster by as much as B's is slow.
    const double drift = (1 / (1 - kDriftPpm * 1e-6) - 1) * 1e6;
    EXPECT_NEAR(number("drift_ppm"), drift, 5);
    EXPECT_LE(std::abs(number("drift_ppm") - drift), number("drift_error_ppm") + 0.01);
    // The truth at the time of B at which the line is stated.
    const double b_us = number("at_ns") / 1000 - static_cast<double>(kStartUs);
    const double truth_us = (b_us + kOffsetUs) / (1 - kDriftPpm * 1e-6) - b_us;
    EXPECT_NEAR(number("offset_ns") / 1000, truth_us, 50);
    EXPECT_LE(number("error_last_ns"), 200000);
    EXPECT_EQ(number("contradiction_ns"), 0);
    EXPECT_EQ(number("packets_to") + number("packets_from"), 300);
  }
}

TEST_F(Align, ThePageHasBothMachinesOnOneAxis) {
  const auto messages = traffic(5, 300, true);
  write("a.trace", trace(messages, true));
  write("b.trace", trace(messages, false));
  ASSERT_EQ(run("kutrace align a.trace b.trace -o both.html"), 0) << said_;
  EXPECT_NE(out_.find("the clock of b.trace plus 0.50"), std::string::npos) << out_;
  EXPECT_NE(out_.find("drift within "), std::string::npos) << out_;
  ASSERT_EQ(run("kutrace check both.html"), 0) << out_ << said_;
  StringPool pool;
  Diagnostics diagnostics;
  MappedInput input(dir_ + "both.html");
  struct Packets : SpanSink {
    void spans(const std::vector<Span>& batch) override {
      for (const Span& s : batch) {
        if (s.event == KUTRACE_TX_PKT || s.event == KUTRACE_RX_PKT) at[{static_cast<uint32_t>(s.arg), s.event}] = s;
        if (s.event > KUTRACE_USER && s.cpu >= 0) threads.insert(s.pid);
      }
    }
    std::map<std::pair<uint32_t, int>, Span> at;
    std::set<int32_t> threads;
  } packets;
  const SpanHeader header = read_spans(input, pool, packets, diagnostics).header;
  EXPECT_EQ(packets.threads, (std::set<int32_t>{41, 41 + MachineShift::kThreads}));
  EXPECT_NE(header.title.find("b.trace (CPU 10 on)"), std::string::npos) << header.title;
  for (const Message& m : messages) {
    const Span &sent = packets.at.at({m.hash, KUTRACE_TX_PKT}), &received = packets.at.at({m.hash, KUTRACE_RX_PKT});
    EXPECT_EQ(sent.cpu, m.from_a ? 0 : 10);
    EXPECT_EQ(received.cpu, m.from_a ? 10 : 0);
    const double took = static_cast<double>(header.time.ns(received.start) - header.time.ns(sent.start)) / 1000;
    EXPECT_NEAR(took, m.received - m.sent, 50) << "us on the way";
    EXPECT_GT(took, 0) << "nothing arrives before it was sent";
  }
}

TEST_F(Align, WithoutCommonPacketsOrOneWayOnlyItIsRefused) {
  const auto one = traffic(1, 100, true), other = traffic(2, 100, true), one_way = traffic(3, 100, false);
  write("a.trace", trace(one, true));
  write("b.trace", trace(other, false));
  EXPECT_EQ(run("kutrace align a.trace b.trace -o both.html"), 2);
  EXPECT_NE(said_.find("b.trace: cannot be aligned with a.trace: no message was seen on both sides"), std::string::npos) << said_;
  EXPECT_EQ(read("both.html"), "");
  write("a.trace", trace(one_way, true));
  write("b.trace", trace(one_way, false));
  EXPECT_EQ(run("kutrace align a.trace b.trace -o both.html"), 2);
  EXPECT_NE(said_.find("in one direction only"), std::string::npos) << said_;
}

TEST_F(Align, AHashThatComesAgainTellsNothing) {
  auto messages = traffic(4, 200, true);
  // A retransmission: which of the two arrived is not known.
  Message again = messages[0];
  again.sent -= 5000;
  messages.push_back(again);
  write("a.trace", trace(messages, true));
  write("b.trace", trace(messages, false));
  ASSERT_EQ(run("kutrace align a.trace b.trace --json"), 0) << said_;
  EXPECT_EQ(number("ambiguous"), 1);
  EXPECT_EQ(number("contradiction_ns"), 0);
}

TEST_F(Align, ACaptureOfAThirdMachineIsAlignedToo) {
  // Seen on the wire 5 us behind their sending and at least 20 us before their receipt, by a clock that is 3 s ahead.
  std::string capture = capture_head();
  std::vector<Message> messages = traffic(6, 300, true);
  std::vector<std::pair<int64_t, std::string>> packets;
  for (Message& m : messages) {
    LoggedRpc rpc;
    rpc.id = m.hash;
    const std::string payload = rpc_message(rpc, 10);
    m.hash = *message_hash({reinterpret_cast<const uint8_t*>(payload.data()), payload.size()});
    const int64_t us = kStartUs + 3000000 + static_cast<int64_t>(m.sent + 5);
    packets.emplace_back(us, captured(us, 1, 2, payload));
  }
  std::sort(packets.begin(), packets.end());
  for (const auto& [us, packet] : packets) capture += packet;
  write("a.trace", trace(messages, true));
  std::ofstream(dir_ + "wire.pcap", std::ios::binary) << capture;
  ASSERT_EQ(run("kutrace align a.trace wire.pcap --json -o one.html"), 0) << said_;
  EXPECT_NEAR(number("offset_ns"), -3e9, 50000);
  EXPECT_NEAR(number("drift_ppm"), 0, 5);
  EXPECT_EQ(run("kutrace align wire.pcap a.trace"), 2);
  EXPECT_NE(said_.find("give a trace first"), std::string::npos) << said_;
}

}  // namespace
}  // namespace kutrace::test
