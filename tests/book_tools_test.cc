// SPDX-License-Identifier: BSD-3-Clause
// The small programs of the book: labels, words in hex, logs of RPCs, clocks of several machines, packet captures, profiles of rows. Run as users run them.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>

#include "net/rpc_message.h"
#include "support/chain_run.h"
#include "support/rpc_files.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

const std::string kTools = std::string(KUTRACE_TOOLS) + "/";
const std::string kData = std::string(KUTRACE_TEST_DATA) + "/";
constexpr int64_t kMinute = 1795229400000000;  // 2026-11-21_02:50:00
constexpr uint32_t kClient = 0xc0a8013c, kServer = 0xc0a80150, kThird = 0xc0a80151;

class BookTools : public TempDir {
 protected:
  void write(const std::string& name, const std::string& bytes) const { std::ofstream(dir_ + name, std::ios::binary) << bytes; }
  std::string read(const std::string& name) const {
    std::ifstream in(dir_ + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // What a program prints; its messages behind that.
  int run(const std::string& command) {
    const int status = shell("cd " + dir_ + " && PATH=" + kTools + ":$PATH && " + command + " >out 2>err");
    out_ = read("out");
    said_ = read("err");
    return status;
  }
  // Fields of the records of a document.
  static std::vector<std::vector<std::string>> records(const std::string& text) {
    std::vector<std::vector<std::string>> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("[") || line.starts_with("[999")) continue;
      std::vector<std::string> fields;
      static const std::regex field(R"re("([^"]*)"|([-0-9.]+))re");
      for (std::sregex_iterator at(line.begin(), line.end(), field), end; at != end; ++at) fields.push_back((*at)[1].matched ? (*at)[1] : (*at)[2]);
      all.push_back(fields);
    }
    return all;
  }
  std::string out_, said_;
};

TEST_F(BookTools, LabelsAndNumbersTurnIntoEachOther) {
  ASSERT_EQ(run("base40 hello Hello /hello a.b-c/ seventh x_y"), 0);
  EXPECT_EQ(out_,
            "#define BASE40_hello 39187408 // \"hello\"\n#define BASE40_hello 39187408 // \"hello\"\n"
            "#define BASE40__hello 1567496359 // \"/hello\"\n#define BASE40_a_b_c_ 4003652721 // \"a.b-c/\"\n"
            "#define BASE40_sevent 2084195419 // \"sevent\"\n#define BASE40_x_y 41544 // \"x.y\"\n");
  ASSERT_EQ(run("printf 'hello  x\\n\\nx' | base40"), 0);
  EXPECT_EQ(out_, "#define BASE40_hello 39187408 // \"hello\"\n#define BASE40_x 24 // \"x\"\n#define BASE40_x 24 // \"x\"\n");
  ASSERT_EQ(run("from_base40 39187408 0x255f3d0 0 4294967295"), 0);
  EXPECT_EQ(out_, "39187408 \"hello\"\n39187408 \"hello\"\n0 \"\"\n4294967295 \"ov71-aa\"\n");
  ASSERT_EQ(run("echo 39187408 | from_base40"), 0);
  EXPECT_EQ(out_, "39187408 \"hello\"\n");
  for (const char* bad : {"4294967296", "-1", "12x", "0x", "''"}) {
    EXPECT_EQ(run(std::string("from_base40 -- ") + bad), 2) << bad;
    EXPECT_NE(said_.find("is no number of 32 bits"), std::string::npos) << said_;
  }
}

TEST_F(BookTools, WordsInHexShowHeadersEntriesAndByteAreas) {
  ASSERT_EQ(run("kuod " + kData + "hello.trace.gz"), 0) << said_;
  EXPECT_TRUE(out_.starts_with("[00000000]  00000000060d75e6  830660c06d91bfae  00000000060d5c0f  000660c06d91bfad  ")) << out_.substr(0, 200);
  EXPECT_NE(out_.find("0000000000000025  0000000000000000  5f6563617274756b  006c6f72746e6f63  %...............kutrace_control.\n"),
            std::string::npos);
  EXPECT_NE(out_.find("[00000060] d6ce3.16200000000 _"), std::string::npos);
  EXPECT_TRUE(std::regex_search(out_, std::regex(" 2fa62.2800000012c(  [^\n]*\n\\[[0-9a-f]{8}\\])? _ffffffff813556a3")));
  // Behind the words of a block with IPC come 8 KB of bytes, then the next block.
  EXPECT_NE(out_.find("[00012000]  01"), std::string::npos);
  EXPECT_EQ(out_.find("0000000000000000  0000000000000000  0000000000000000  0000000000000000"), std::string::npos);
  const size_t without = out_.size();
  ASSERT_EQ(run("kuod -all " + kData + "hello.trace.gz"), 0);
  EXPECT_GT(out_.size(), without);
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 2 * (65536 + 8192) / 32);
  EXPECT_EQ(run("kuod " + kData + "rpc_log.json"), 2);
}

TEST_F(BookTools, T10_AFileWithCacheMissesOnlyHasByteAreasToo) {
  ASSERT_EQ(run("kuod --all " + kData + "vectors/e9_llc.trace.gz"), 0) << said_;
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n') % ((65536 + 8192) / 32), 0);
}

LoggedRpc rpc(uint32_t id, int64_t at, uint16_t type = 3) {
  LoggedRpc r;
  r.id = id;
  r.t = {kMinute + at, kMinute + at + 950, kMinute + at + 1550, kMinute + at + 1600};
  r.type = type;
  return r;
}

TEST_F(BookTools, ALogOfRpcsBecomesADocumentOfThem) {
  LoggedRpc open = rpc(7, 46000000, 0);
  open.t[1] = open.t[2] = open.t[3] = 0;
  LoggedRpc half = rpc(9, 47000000, 2);
  half.t[3] = 0;
  write("a.log", log_record(rpc(0x12345, 45000000)) + log_record(open) + log_record(half));
  ASSERT_EQ(run("dumplogfile4 \"three \\\" RPCs\" a.log -o a.json"), 0) << said_;
  std::string text = read("a.json");
  EXPECT_NE(text.find(" \"title\" : \"three \\\" RPCs\",\n \"tracebase\" : \"2026-11-21_02:50:00\""), std::string::npos) << text;
  EXPECT_NE(text.find("[45.00000000, 45.00095000, 45.00155000, 45.00160000, \"192.168.1.60:41000\", \"192.168.1.80:12345\", 66, 66, 74565, 0, "
                      "\"RespRcv\", \"read\", \"OK\", 97, \"key\"],\n"),
            std::string::npos)
      << text;
  // What was not recorded lies 2 us behind.
  EXPECT_NE(text.find("47.00155000, 47.00155200, \"192"), std::string::npos) << text;
  EXPECT_EQ(records(text).size(), 2u);
  ASSERT_EQ(run("makeself < a.json > a.html"), 0) << said_;
  ASSERT_EQ(run("dumplogfile -all -raw t a.log"), 0) << said_;
  EXPECT_EQ(records(out_).size(), 3u);
  EXPECT_NE(out_.find("[46.00000000, 0.00000000, 0.00000000, 0.00000000, \"192"), std::string::npos) << out_;
  ASSERT_EQ(run("dumplogfile -req t a.log"), 0) << said_;
  EXPECT_NE(out_.find("\"ReqSend\""), std::string::npos) << out_;
}

TEST_F(BookTools, ALogThatIsNoneIsAFinding) {
  write("cut.log", log_record(rpc(1, 5)) + std::string(40, 'x'));
  EXPECT_EQ(run("dumplogfile t cut.log"), 1);
  EXPECT_NE(said_.find("cut.log at offset 96: 40 bytes, not 96"), std::string::npos) << said_;
  EXPECT_EQ(records(out_).size(), 1u);
  write("text.log", std::string(960, 'x'));
  for (const char* tool : {"dumplogfile t", "timealign"}) {
    EXPECT_EQ(run(std::string(tool) + " text.log"), 1) << tool;
    EXPECT_NE(said_.find("10 x records that cannot be read, skipped (first: text.log at offset 0"), std::string::npos) << said_;
  }
  EXPECT_EQ(read("text_align.log"), read("text.log")) << "what is no record stays as it is";
  write("empty.log", "");
  EXPECT_EQ(run("dumplogfile t empty.log"), 1);
  EXPECT_EQ(run("dumplogfile t none.log"), 2);
  // Names of any bytes, times at the ends of what a clock can have.
  LoggedRpc odd = rpc(2, 5);
  odd.method = "\x01\"\\<>\xff\xfe!";
  odd.text = "\xff</script>";
  write("odd.log", log_record(odd));
  EXPECT_EQ(run("dumplogfile t odd.log -o odd.json"), 0) << said_;
  EXPECT_NE(run("makeself < odd.json"), 2) << said_;
}

// The server's clock as timealign shall find it: half a second behind, and 200 ppm slow.
int64_t servers(int64_t clients) { return clients - 500000 - std::llround(200e-6 * static_cast<double>(clients - kMinute)); }

TEST_F(BookTools, LogsOfTwoMachinesGoByTheClockOfTheFirst) {
  std::string client, server;
  for (uint32_t i = 0; i < 200; ++i) {
    LoggedRpc r;
    r.id = i + 1;
    const int64_t sent = kMinute + i * 50000, wire = 40 + i * 37 % 400, back = 40 + i * 53 % 700;
    r.t = {sent, servers(sent + wire), servers(sent + wire + 300), sent + wire + 300 + back};
    client += log_record(r);
    r.type = 2;
    r.t[3] = 0;
    server += log_record(r);
  }
  write("client.log", client);
  write("server.log", server);
  write("old_align.log", "as it was");
  ASSERT_EQ(run("timealign -all client.log server.log old_align.log"), 0) << said_;
  std::smatch words;
  ASSERT_TRUE(std::regex_search(out_, words, std::regex("192.168.1.80 -> 192.168.1.60: .*drift ([+-][0-9.]+) ppm, .*; 200 RPCs\n"))) << out_;
  EXPECT_NEAR(std::stod(words[1]), 200, 5);
  EXPECT_EQ(read("old_align.log"), "as it was");
  Diagnostics diagnostics;
  const AnyInput before(dir_ + "client.log", diagnostics), after(dir_ + "client_align.log", diagnostics),
      other(dir_ + "server_align.log", diagnostics);
  const std::vector<Rpc> was = read_rpc_log(before, diagnostics), is = read_rpc_log(after, diagnostics), of_server = read_rpc_log(other, diagnostics);
  ASSERT_EQ(is.size(), 200u);
  ASSERT_EQ(of_server.size(), 200u);
  for (size_t i = 0; i < is.size(); ++i) {
    const int64_t wire = 40 + static_cast<int64_t>(i) * 37 % 400;
    EXPECT_EQ(is[i].t[0], was[i].t[0]);
    EXPECT_NEAR(static_cast<double>(is[i].t[1]), static_cast<double>(was[i].t[0] + wire), 50);
    EXPECT_LE(is[i].t[1], is[i].t[2]);
    EXPECT_LE(is[i].t[2], is[i].t[3]);
    EXPECT_EQ(of_server[i].t[1], is[i].t[1]);
    EXPECT_EQ(of_server[i].t[3], 0) << "what was not recorded stays so";
  }
}

TEST_F(BookTools, T12_OneRpcIsEnoughAndMachinesAreTiedThroughOthers) {
  LoggedRpc one = rpc(1, 1000000);
  for (const size_t k : {1u, 2u}) one.t[k] -= 700000;
  // The server is a client of a third machine, which is 3 s ahead of it.
  LoggedRpc two = rpc(2, 2000000);
  two.client = kServer;
  two.server = kThird;
  for (int64_t& t : two.t) t -= 700000;
  for (const size_t k : {1u, 2u}) two.t[k] += 3000000;
  write("a.log", log_record(one) + log_record(two));
  ASSERT_EQ(run("timealign a.log"), 0) << said_;
  Diagnostics diagnostics;
  const AnyInput input(dir_ + "a_align.log", diagnostics);
  const std::vector<Rpc> r = read_rpc_log(input, diagnostics);
  ASSERT_EQ(r.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const int64_t at = kMinute + 1000000 * static_cast<int64_t>(i + 1);
    EXPECT_NEAR(static_cast<double>(r[i].t[0] - at), 0, 1000) << i;
    EXPECT_NEAR(static_cast<double>(r[i].t[3] - at), 1600, 1000) << i;
    EXPECT_TRUE(std::is_sorted(r[i].t.begin(), r[i].t.end())) << i;
  }
}

TEST_F(BookTools, MessagesOfACaptureBecomeRecords) {
  const LoggedRpc request = rpc(0x70000, 0), answer = rpc(0x12345, 0);
  for (const bool swapped : {false, true}) {
    write("a.pcap", capture_head(swapped) + captured(kMinute + 48123456, kClient, kServer, rpc_message(request, 100), swapped) +
                        captured(kMinute + 48123999, kServer, kClient, rpc_message(answer, 1 << 12), swapped) +
                        captured(kMinute + 48124000, kServer, kClient, "no message at all, but long enough for one", swapped) +
                        captured(kMinute + 48125000, kThird, kThird + 1, rpc_message(answer, 8), swapped));
    ASSERT_EQ(run("pcaptojson a.pcap 192.168.1.80"), 0) << said_;
    EXPECT_EQ(out_,
              " \"tcpdumpba\" : \"2026-11-21_02:50:00\",\n[ 48.12345600, 0.00000001, 0, 0, 7, 516, 100, 0, 0, \"rpc.7\"],\n"
              "[ 48.12399900, 0.00000001, 0, 0, 9029, 517, 4096, 0, 0, \"rpc.9029\"],\n");
  }
}

TEST_F(BookTools, CapturesThatAreNoneOrEndEarlyAreNamed) {
  EXPECT_EQ(run("pcaptojson " + kData + "rpc_log.json 1.2.3.4"), 2);
  EXPECT_NE(said_.find("is no packet capture"), std::string::npos) << said_;
  write("n.pcapng", std::string("\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a", 12) + std::string(100, '\0'));
  EXPECT_EQ(run("pcaptojson n.pcapng 1.2.3.4"), 2);
  EXPECT_NE(said_.find("convert it first: tcpdump"), std::string::npos) << said_;
  write("w.pcap", capture_head(false, 105));
  EXPECT_EQ(run("pcaptojson w.pcap 1.2.3.4"), 2);
  EXPECT_NE(said_.find("of kind 105, which is not known"), std::string::npos) << said_;
  const std::string whole = capture_head() + captured(kMinute, kClient, kServer, rpc_message(rpc(1, 0), 10));
  EXPECT_EQ(run("pcaptojson w.pcap 1.2.3"), 2);
  // Cut anywhere, and with any byte changed: never more than a finding.
  for (size_t size = 0; size < whole.size(); size += 7) {
    write("cut.pcap", whole.substr(0, size));
    EXPECT_EQ(run("pcaptojson cut.pcap 192.168.1.80"), size < 24 ? 2 : 1) << size << said_;
  }
}

std::map<std::string, int64_t> sums(const std::vector<std::vector<std::string>>& rows, size_t id) {
  std::map<std::string, int64_t> out;
  for (const auto& r : rows) {
    const int event = std::stoi(r[5]);
    if (event < 1024 || std::stoi(r[id]) < 0) continue;
    out[r[id] + " " + r[9]] += std::llround(std::stod(r[1]) * 1e8);
  }
  return out;
}

TEST_F(BookTools, ProfilesOfRowsHoldTheTimeOfTheirRecords) {
  ASSERT_EQ(run("zcat " + kData + "hello.reference.json.gz > hello.json && spantoprof < hello.json"), 0) << said_;
  const auto profile = records(out_), spans = records(read("hello.json"));
  EXPECT_EQ(sums(profile, 2), sums(spans, 2)) << "CPUs";
  auto of_threads = sums(spans, 3);
  std::erase_if(of_threads, [](const auto& row) { return row.first.starts_with("0 "); });
  EXPECT_EQ(sums(profile, 3), of_threads);
  EXPECT_NE(out_.find(" \"presorted\" : 1,"), std::string::npos);
}

TEST_F(BookTools, NumberedRowsAreThoseOfTheReference) {
  ASSERT_EQ(run("zcat " + kData + "hello.reference.json.gz | spantoprof -row -all -v"), 0) << said_;
  const auto rows = records(out_);
  EXPECT_EQ(rows.size() + 1, 637u) << "with the terminator, as many as the reference makes";
  const std::string first = out_.substr(out_.find("\"events\" : [\n"));
  EXPECT_NE(
      first.find("65536, -1, -1, 526, 0, 0, 0, \"0 \"],\n[  0.00000000, 0.90668898, 65536, -1, -1, 641, 54618, 0, 0, \"PC=ffffffff813556a3\"],\n"),
      std::string::npos)
      << first.substr(0, 300);
  ASSERT_EQ(run("zcat " + kData +
                "hello.reference.json.gz | spantoprof -row -o rows.json && kutrace report rows.json -o rows.html && unmakeself rows.html"),
            0)
      << said_;
  EXPECT_EQ(records(out_).size(), rows.size()) << "the page has them all";
}

TEST_F(BookTools, GroupsAreAveragesOfRowsOfOneName) {
  ASSERT_EQ(run("zcat " + kData + "hello.reference.json.gz | spantoprof -group"), 0) << said_;
  const auto few = records(out_);
  std::map<std::string, int64_t> idle;
  std::string row;
  for (const auto& r : few) {
    if (r[5] == "526") row = r[9];
    if (r[9] == "-idle-") idle[row] = std::llround(std::stod(r[1]) * 1e8);
  }
  ASSERT_EQ(run("zcat " + kData + "hello.reference.json.gz | spantoprof"), 0);
  int64_t all = 0;
  for (const auto& r : records(out_)) {
    if (r[9] == "-idle-" && std::stoi(r[2]) >= 0) all += std::llround(std::stod(r[1]) * 1e8);
  }
  EXPECT_EQ(idle.at("CPU_AVG (2) "), all / 2);
  ASSERT_EQ(run("zcat " + kData + "hello.reference.json.gz | spantoprof -group -all"), 0);
  EXPECT_GT(records(out_).size(), few.size()) << "groups of one row as well";
  EXPECT_NE(out_.find("\"rcu_sched_AVG (1) \""), std::string::npos);
  EXPECT_EQ(run("spantoprof -row -group < /dev/null"), 2) << "one or the other";
}

TEST_F(BookTools, TheReferencesScriptsForRpcsRun) {
  LoggedRpc r = rpc(0x12345, 1000000);
  write("client_1.log", log_record(r));
  r.type = 2;
  write("server_1.log", log_record(r));
  write("net.pcap", capture_head() + captured(kMinute + 48900000, kClient, kServer, rpc_message(r, 10)));
  ASSERT_EQ(run("zcat " + kData +
                "hello.reference.json.gz > hello.json && " KUTRACE_TOOL_SCRIPTS
                "/reference_rpc_chain 'two logs' both net.pcap 192.168.1.80 hello.json client_1.log server_1.log"),
            0)
      << said_;
  EXPECT_EQ(records(read("both.json")).size(), 2u);
  EXPECT_NE(read("both.html").find("\"kind\":\"document\""), std::string::npos);
  EXPECT_EQ(records(read("both_packets.json")).size(), records(read("hello.json")).size() + 1);
  ASSERT_EQ(run("spantojson both_packets.json"), 0) << said_;
  EXPECT_NE(out_.find("0, 0, 9029, 516, 10, 0, 0, \"rpc.9029\""), std::string::npos);
}

}  // namespace
}  // namespace kutrace::test
