// SPDX-License-Identifier: BSD-3-Clause
// Named cases of bad input, one test each: what is said, what is counted, and that the good part still comes out.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "html/html_packer.h"
#include "support/mutate.h"
#include "support/robust_run.h"
#include "trace/decoder.h"

namespace kutrace::robust {
namespace {

using F = Finding;

const std::string kData = KUTRACE_TEST_DATA;

// The outcome, after checking the promises that hold for any input.
Outcome read(const std::string& text) {
  Outcome run = run_chain(text, "in");
  EXPECT_EQ("", broken_promise(run));
  return run;
}
Outcome read(const Bytes& bytes) {
  Outcome run = run_chain(bytes, "in");
  EXPECT_EQ("", broken_promise(run));
  return run;
}

std::string first_place(const Outcome& run, Finding finding) {
  const auto& examples = run.diagnostics.at(finding).examples;
  return examples.empty() ? "" : examples.front();
}

// ---- raw traces ---------------------------------------------------------------------------------------------------

// Events of a raw trace as lines, by block: what each of its blocks gave.
std::multiset<std::string> events_of(const Bytes& trace) {
  Diagnostics ignored;
  MappedInput input(trace, "in");
  TraceReader reader(input, ignored);
  Decoder decoder(reader, ignored);
  std::multiset<std::string> out;
  const int64_t base = reader.base_counter();
  for (;;) {
    const std::vector<Event>& batch = decoder.next();
    if (batch.empty()) return out;
    for (const Event& e : batch) {
      if (e.num == KUTRACE_USERPID) continue;  // may be implied by a block's header
      out.insert(std::to_string(e.t + base) + " " + std::to_string(e.cpu) + " " + std::to_string(e.num) + " " +
                 std::to_string(e.pid) + " " + std::to_string(e.arg) + " " + std::to_string(e.ret));
    }
  }
}

std::vector<size_t> offsets_of(const Bytes& trace) {
  std::vector<size_t> out;
  for (size_t at = 0; at < trace.size(); at += block_stride(trace, at)) out.push_back(at);
  return out;
}

TEST(BadRaw, EmptyFileIsRefused) { EXPECT_EQ("in: is empty; record a trace again", read(Bytes()).refused); }

TEST(BadRaw, RandomBytesAreRefusedWithTheirOffset) {
  Rng rng(1);
  Bytes bytes(300000);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng.next());
  EXPECT_EQ("in: at offset 0: is not a KUtrace raw trace: no block header makes sense; give a .trace file written by "
            "kutrace_control", read(bytes).refused);
}

TEST(BadRaw, AFewBytesAreNoTrace) {
  const Bytes hello = load(kData + "/hello.trace.gz");
  for (size_t n : {1u, 7u, 8u, 16u, 55u}) {
    const Outcome run = read(Bytes(hello.begin(), hello.begin() + static_cast<ptrdiff_t>(n)));
    EXPECT_TRUE(run.refused.starts_with("in: at offset 0: is not a KUtrace raw trace")) << n << ": " << run.refused;
  }
}

TEST(BadRaw, TruncatedAtAnyOffsetClassKeepsWhatIsThere) {
  const Bytes hello = load(kData + "/hello.trace.gz");
  uint64_t before = 0;
  for (size_t n : {size_t{1000}, size_t{4096}, size_t{65535}, size_t{65536}, size_t{73727}, size_t{73729 + 56}, hello.size() - 1}) {
    const Outcome run = read(Bytes(hello.begin(), hello.begin() + static_cast<ptrdiff_t>(n)));
    EXPECT_EQ("", run.refused) << n;
    EXPECT_EQ(1u, run.count(F::kTruncatedBlock)) << n;
    EXPECT_TRUE(first_place(run, F::kTruncatedBlock).starts_with("in at offset ")) << first_place(run, F::kTruncatedBlock);
    EXPECT_GE(run.records, before) << n;
    before = run.records;
  }
}

TEST(BadRaw, BytesTooFewForAHeaderAreCounted) {
  Bytes hello = load(kData + "/hello.trace.gz");
  const std::string whole = read(hello).json;
  hello.resize(hello.size() + 13, 0x55);
  const Outcome run = read(hello);
  EXPECT_EQ(13u, run.count(F::kTrailingBytes));
  EXPECT_EQ("in at offset 147456", first_place(run, F::kTrailingBytes));
}

TEST(BadRaw, ABlockWithItsHeaderDestroyedCostsOnlyItself) {
  const Bytes whole = load(kData + "/getpid.trace.gz");
  const std::vector<size_t> offsets = offsets_of(whole);
  ASSERT_GT(offsets.size(), 8u);
  const size_t at = offsets[5];
  Bytes broken = whole, without = whole;
  std::fill_n(broken.begin() + static_cast<ptrdiff_t>(at), 48, uint8_t{0xff});
  without.erase(without.begin() + static_cast<ptrdiff_t>(at),
                without.begin() + static_cast<ptrdiff_t>(at + block_stride(whole, at)));
  EXPECT_EQ(events_of(without), events_of(broken));
  const Outcome run = read(broken);
  EXPECT_EQ(1u, run.count(F::kBadBlockHeader));
  EXPECT_TRUE(first_place(run, F::kBadBlockHeader).starts_with("in at offset " + std::to_string(at)));
}

TEST(BadRaw, ABlockThatComesTwiceCountsOnce) {
  const Bytes whole = load(kData + "/rpc.trace.gz");
  Bytes twice = whole;
  const std::vector<size_t> offsets = offsets_of(whole);
  twice.insert(twice.end(), whole.begin() + static_cast<ptrdiff_t>(offsets[1]), whole.begin() + static_cast<ptrdiff_t>(offsets[2]));
  EXPECT_EQ(events_of(whole), events_of(twice));
  EXPECT_EQ(1u, read(twice).count(F::kDuplicateBlock));
}

TEST(BadRaw, BlocksOfAnotherTraceAreLeftOut) {
  const Bytes hello = load(kData + "/hello.trace.gz"), rpc = load(kData + "/rpc.trace.gz");
  Bytes both = rpc;
  both.insert(both.end(), hello.begin(), hello.end());
  const Outcome run = read(both);
  EXPECT_GT(run.count(F::kForeignBlock) + run.count(F::kRepairedBlockHeader) + run.count(F::kClockMismatch), 0u);
  const auto mine = events_of(rpc), mixed = events_of(both);
  EXPECT_TRUE(std::includes(mixed.begin(), mixed.end(), mine.begin(), mine.end()));
}

TEST(BadRaw, ACpuNumberOutOfRangeCostsTheBlockOnly) {
  Bytes rpc = load(kData + "/rpc.trace.gz");
  const size_t at = offsets_of(rpc)[2];
  rpc[at + 7] = 0xff;                    // low byte of the number
  rpc[at + 8 * KUTRACE_HDR_EXT] = 0xff;  // high byte
  const Outcome run = read(rpc);
  EXPECT_EQ("", run.refused);
  EXPECT_EQ(1u, run.count(F::kBadBlockHeader));
  EXPECT_NE(std::string::npos, first_place(run, F::kBadBlockHeader).find("CPU 65535"));
}

TEST(BadRaw, NamesCannotInject) {
  Bytes hello = load(kData + "/hello.trace.gz");
  const char hostile[16] = {'<', '/', 's', 'c', 'r', 'i', 'p', 't', '>', '\'', ';', '"', '\\', '\x01', '\xff', '\xc0'};
  std::copy(std::begin(hostile), std::end(hostile), hello.begin() + 8 * KUTRACE_HDR0_NAME);
  const Outcome run = read(hello);
  EXPECT_TRUE(std::any_of(run.names.begin(), run.names.end(),
                          [](const std::string& n) { return n.starts_with("</script>';_____."); }));
}

// ---- event text ---------------------------------------------------------------------------------------------------

const std::string kText =
    "10 1 512 0 7 0 7 0 0 x.7 (200)\n"
    "100 0 2087 0 7 0 1 0 0 read (827)\n"
    "200 0 2599 0 7 0 0 5 0 /read (a27)\n"
    "300 0 2087 0 7 0 1 0 0 read (827)\n"
    "400 0 2599 0 7 0 0 5 0 /read (a27)\n";

TEST(BadEventText, GoodTextIsSound) {
  const Outcome run = read(kText);
  EXPECT_EQ(InputKind::kEventText, run.kind);
  EXPECT_EQ(0u, run.damage());
  EXPECT_EQ(10, run.first);
  EXPECT_EQ(400, run.last);
}

TEST(BadEventText, ALineWithMissingFieldsIsSkipped) {
  const Outcome run = read(kText + "410 0 2087 0\n" + "420 0 2087 0 7 0 1 0 0 read\n");
  EXPECT_EQ(1u, run.count(F::kBadLine));
  EXPECT_EQ("in at offset " + std::to_string(kText.size()), first_place(run, F::kBadLine));
  EXPECT_EQ(420, run.last);
}

TEST(BadEventText, NumbersOutOfRangeAreBadLines) {
  for (const char* line : {"99999999999999999999 0 2087 0 7 0 1 0 0 read\n", "410 0 2087 99999999 7 0 1 0 0 read\n",
                           "410 0 2087 -1 7 0 1 0 0 read\n", "410 0 70000 0 7 0 1 0 0 read\n", "410 0 -5 0 7 0 1 0 0 x\n",
                           "410 0 2087 0 99999999999 0 1 0 0 read\n", "410 4000000000 2087 0 7 0 1 0 0 read\n",
                           "410 -1 2087 0 7 0 1 0 0 read\n", "999999999999999999 0 2087 0 7 0 1 0 0 read\n"}) {
    const Outcome run = read(kText + line);
    EXPECT_EQ(1u, run.count(F::kBadLine)) << line;
    EXPECT_EQ(400, run.last) << line;
  }
}

TEST(BadEventText, ALineWhoseTimeGoesBackIsDropped) {
  const Outcome run = read(kText + "350 0 2087 0 7 0 1 0 0 read\n" + "500 0 2087 0 7 0 1 0 0 read\n");
  EXPECT_EQ(1u, run.count(F::kTimeBackwards));
  EXPECT_EQ("in at offset " + std::to_string(kText.size()) + "; sort the text with LC_ALL=C sort -n first",
            first_place(run, F::kTimeBackwards));
  EXPECT_EQ(500, run.last);
}

TEST(BadEventText, OneWrongTimeFarAheadDoesNotCostTheRest) {
  const Outcome run = read("10 1 512 0 7 0 7 0 0 x.7\n50000000000000 0 2087 0 7 0 1 0 0 read\n" + kText.substr(kText.find('\n') + 1));
  EXPECT_EQ(1u, run.count(F::kTimeBackwards));
  EXPECT_EQ(400, run.last);
}

TEST(BadEventText, ANameLineFarAheadDoesNotMoveTime) {
  EXPECT_EQ(400, read(kText + "50000000000000 1 50 7 later\n").last);
}

// As rawtoevent writes it, before it is sorted: each name twice, the second time for the head of the sorted text.
TEST(BadEventText, NamesForTheHeadMayComeLate) {
  std::string text = "-1 1 40 39 early\n10 1 512 0 7 0 7 0 0 x.7 (200)\n";
  for (int t = 100; t < 5000; t += 10) {
    text += std::to_string(t) + " 0 2087 0 7 0 1 0 0 read (827)\n" + std::to_string(t + 5) + " 0 2599 0 7 0 0 5 0 /read (a27)\n";
  }
  const Outcome run = read(text + "-1 1 40 39 again\n-1 1 40 40 late\n6000 0 2087 0 7 0 1 0 0 read (827)\n6010 0 2599 0 7 0 0 5 0 /read (a27)\n" +
                           "6020 0 2088 0 7 0 1 0 0 write (828)\n6030 0 2600 0 7 0 0 5 0 /write (a28)\n");
  EXPECT_EQ(0u, run.damage());
  for (const char* name : {"early", "again", "late"}) EXPECT_EQ(1, std::count(run.names.begin(), run.names.end(), name) > 0) << name;
  EXPECT_EQ(0, std::count(run.names.begin(), run.names.end(), "write"));
}

TEST(BadEventText, ALineOfTwoMegabytesIsSkipped) {
  const Outcome run = read(kText + "410 0 2087 0 7 0 1 0 0 " + std::string(2 << 20, 'x') + "\n500 0 2087 0 7 0 1 0 0 read\n");
  EXPECT_EQ(1u, run.count(F::kLongLine));
  EXPECT_EQ("in at offset " + std::to_string(kText.size()), first_place(run, F::kLongLine));
  EXPECT_EQ(500, run.last);
}

TEST(BadEventText, CarriageReturnsAreNoDamage) {
  std::string text;
  for (char c : kText) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(read(kText).json, read(text).json);
}

TEST(BadEventText, NothingButCommentsOrNoiseIsRefused) {
  EXPECT_EQ("in: holds no line of event text; give the output of rawtoevent", read("1 2\n3 4\n").refused);
}

// ---- span JSON ----------------------------------------------------------------------------------------------------

const std::string kHead = "  {\n \"tracebase\" : \"2024-01-01_00:00:00\",\n\"events\" : [\n";
const std::string kRecord = "[  1.00000000, 0.00000100, 0, 1, 0, 2048, 0, 0, 0, \"read\"],\n";
const std::string kEnd = "[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n]}\n";

void expect_json(const std::string& text, uint64_t records, uint64_t bad_records, uint64_t other_damage) {
  const Outcome run = read(text);
  EXPECT_EQ("", run.refused) << text.substr(0, 200);
  EXPECT_EQ(records, run.records) << text.substr(0, 200);
  EXPECT_EQ(bad_records, run.count(F::kBadRecord)) << text.substr(0, 200);
  EXPECT_EQ(bad_records + other_damage, run.damage()) << text.substr(0, 200) << run.diagnostics.summary(Severity::kDamage);
}

TEST(BadSpanJson, BrokenRecordsInTheMiddleAreSkipped) {
  for (const char* record : {"[ 1.0, x, 0],\n", "[ 1.0, 0.1, 0, 1, 0, 2048, 0, 0, 0, \"re],\n", "[\"a\", 1],\n", "5,\n", "null\n",
                             "[4e9, 0.1, 0, 1, 0, 2048, 0, 0, 0, \"a\"],\n", "[1.0, -1.0, 0, 1, 0, 2048, 0, 0, 0, \"a\"],\n",
                             "[1.0, 1.0, 99999999999, 1, 0, 2048, 0, 0, 0, \"a\"],\n"}) {
    expect_json(kHead + kRecord + record + kRecord + kEnd, 2, 1, 0);
  }
  EXPECT_EQ("in at offset " + std::to_string(kHead.size() + 7), first_place(read(kHead + "[ 1.0, x],\n" + kEnd), F::kBadRecord));
}

TEST(BadSpanJson, OneLineUnsortedExponentsAndLatePartsAreFine) {
  std::string one = kHead + kRecord + kRecord + kEnd;
  std::replace(one.begin(), one.end(), '\n', ' ');
  expect_json(one, 2, 0, 0);
  const Outcome run = read(kHead + "[ 2.0, 1e-6, 0, 1, 0, 2048, 0, 0, 0, \"b\"],\n" + kRecord + kEnd);
  ASSERT_EQ(2u, run.spans.size());
  EXPECT_EQ(100000000, run.spans[0].start);
  EXPECT_EQ(100, run.spans[1].dur);
}

TEST(BadSpanJson, AMissingEndIsCounted) {
  expect_json(kHead + kRecord + kRecord, 2, 0, 1);
  expect_json(kHead + kRecord + kRecord.substr(0, 20), 1, 1, 1);
  expect_json(kHead + "]}\n", 0, 0, 2);  // and no record at all
}

TEST(BadSpanJson, WrongTypesAndDeepNestingAreBadLinesAtMost) {
  expect_json("  {\n \"flags\" : \"x\",\n \"title\" : 5,\n" + kHead.substr(4) + kRecord + kEnd, 1, 0, 0);
  const std::string deep(5000, '['), close(5000, ']');
  expect_json("  {\n \"extra\" : " + deep + close + ",\n" + kHead.substr(4) + kRecord + kEnd, 1, 0, 1);
}

TEST(BadSpanJson, OtherTextIsRefused) {
  EXPECT_EQ("in: has no \"events\" array; give a .json made by eventtospan", read("{}").refused);
  for (const char* text : {"", "[]", "\"x\"", "true"}) EXPECT_TRUE(read(std::string(text)).refused.starts_with("in: ")) << text;
}

TEST(BadSpanJson, ManyBrokenLinesTakeLinearTime) {
  std::string text = "{\n";
  while (text.size() < (3u << 20)) text += "\"a\":[\n";
  text += kHead.substr(4);
  while (text.size() < (6u << 20)) text += "[ 1.0, x],\n";
  // No clock: in quadratic time this takes hours, and ends at ctest's limit for what hangs.
  EXPECT_GT(read(text + kEnd).count(Finding::kBadRecord), 100000u);
}

// ---- names --------------------------------------------------------------------------------------------------------

TEST(HostileNames, StayNamesInJsonAndPages) {
  const std::string names[] = {"a';alert(1);//", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
                               std::string(200, 'n'), "\\u0001\\u0007\\n\\t", "\xff\xfe\xc0\x80\xed\xa0\x80", "\\\\\\\" <!-- "};
  for (const std::string& name : names) {
    const Outcome run = read(kHead + "[ 1.0, 0.1, 0, 1, 0, 2048, 0, 0, 0, \"" + name + "\"],\n" + kEnd);
    ASSERT_EQ(1u, run.records) << name;
    // The reference's kind of template: the text is a JavaScript string in single quotes inside a script element.
    std::string page;
    Output out(&page);
    pack_reference_page("<html>\n<!-- selfcontained1 -->\n</html>\n", "", run.json, out);
    out.flush();
    const size_t open = page.find('\'');
    size_t close = open + 1;
    while (close < page.size() && page[close] != '\'') close += page[close] == '\\' ? 2 : 1;
    EXPECT_EQ("';\n</html>\n", page.substr(close)) << name;
    EXPECT_EQ(3u, occurrences(page, "<")) << name;
    EXPECT_EQ(run.json.size(), reference_page_json(page).size()) << name;
    const Outcome again = run_chain(page, "in");
    ASSERT_EQ(1u, again.names.size()) << name;
    EXPECT_EQ(run.names, again.names);
  }
}

TEST(HostileNames, InEventTextAreCleaned) {
  for (const char* name : {"a';alert(1);//", "</script><script>", "<img\tsrc=x>", "\x01\x02", "\xff\xfe", "\"\\"}) {
    const Outcome run = read("-1 1 66 7 " + std::string(name) + "\n5 1 66 7 " + name + "\n" + kText);
    EXPECT_EQ(0u, run.damage()) << name;
    for (const std::string& n : run.names) {
      EXPECT_TRUE(std::all_of(n.begin(), n.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; })) << n;
    }
  }
}

}  // namespace
}  // namespace kutrace::robust
