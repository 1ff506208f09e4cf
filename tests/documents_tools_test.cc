// SPDX-License-Identifier: BSD-3-Clause
// makeself and unmakeself with documents beside a trace: RPC logs, scatter plots, profiles; run as users run them.
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "json/side_document.h"
#include "support/chain_run.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

const std::string kTools = std::string(KUTRACE_TOOLS) + "/";
const std::string kData = std::string(KUTRACE_TEST_DATA) + "/";

class Documents : public TempDir {
 protected:
  std::string read(const std::string& path) const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(dir_ + name, std::ios::binary) << text; }
  // Status of a program; what it says is in said_.
  int run(const std::string& command) {
    const int status = std::system((kTools + command + " 2> " + dir_ + "stderr").c_str());
    said_ = read(dir_ + "stderr");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool said(const std::string& what) const { return said_.find(what) != std::string::npos; }
  std::string said_;
};

// The values of a document's records, whatever digits they are written with.
std::string records(const std::string& text, const std::string& list) {
  simdjson::dom::parser parser;
  simdjson::dom::array rows;
  if (parser.parse(simdjson::padded_string(text))[list].get_array().get(rows) != simdjson::SUCCESS) return "no records";
  std::string out;
  for (simdjson::dom::element row : rows) {
    simdjson::dom::array fields;
    if (row.get_array().get(fields) != simdjson::SUCCESS) return "no record";
    for (simdjson::dom::element field : fields) {
      double number;
      std::string_view words;
      if (field.get_double().get(number) == simdjson::SUCCESS) out += std::to_string(std::llround(number * 1e9)) + " ";
      if (field.get_string().get(words) == simdjson::SUCCESS) out += "'" + std::string(words) + "' ";
    }
    out += "\n";
  }
  return out;
}

// A member of a document, as short as JSON can be.
std::string member(const std::string& text, const std::string& key) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  return parser.parse(simdjson::padded_string(text))[key].get(value) == simdjson::SUCCESS ? simdjson::minify(value) : "none";
}

struct Sample {
  const char *file, *list;
  int status;
};

TEST_F(Documents, EachKindAloneMakesAPageAndComesBack) {
  for (const Sample& s : {Sample{"rpc_log.json", "events", 1}, Sample{"disk_read_times.json", "points", 0}, Sample{"tcp_offsets.json", "points", 0}}) {
    EXPECT_EQ(run("makeself < " + kData + s.file + " > " + dir_ + "a.html"), s.status) << s.file << said_;
    const std::string page = read(dir_ + "a.html");
    EXPECT_EQ(page.find("\"kind\":\"document\""), page.rfind("\"kind\":\"document\"")) << "one part";
    run("unmakeself " + dir_ + "a.html > " + dir_ + "a.json");
    EXPECT_EQ(records(read(dir_ + "a.json"), s.list), records(read(kData + s.file), s.list)) << s.file;
    run("makeself < " + dir_ + "a.json > " + dir_ + "b.html");
    run("unmakeself " + dir_ + "b.html > " + dir_ + "b.json");
    EXPECT_EQ(read(dir_ + "b.json"), read(dir_ + "a.json")) << s.file;
  }
}

TEST_F(Documents, AClockThatRanBackwardIsReportedWithItsPlace) {
  EXPECT_EQ(run("makeself < " + kData + "rpc_log.json > " + dir_ + "a.html"), 1);
  const std::string text = read(kData + "rpc_log.json");
  EXPECT_TRUE(said("4 x RPCs of a log whose times run backward")) << said_;
  const size_t first = text.find("\n[45.94267047") + 1;
  EXPECT_TRUE(said("standard input at offset " + std::to_string(first) + ": T1 to T4 are not in order")) << said_;
}

TEST_F(Documents, TheyStandBesideATraceThatStaysTheSame) {
  ASSERT_EQ(run("makeself < " + kData + "hello.reference.json.gz > " + dir_ + "plain.html"), 0) << said_;
  ASSERT_EQ(run("makeself --with " + kData + "disk_read_times.json --with " + kData + "tcp_offsets.json < " + kData + "hello.reference.json.gz > " +
                dir_ + "all.html"), 0) << said_;
  run("unmakeself " + dir_ + "plain.html > " + dir_ + "plain.json");
  run("unmakeself " + dir_ + "all.html > " + dir_ + "all.json");
  EXPECT_EQ(read(dir_ + "plain.json"), read(dir_ + "all.json"));
  for (const auto& [number, name] : {std::pair{"1", "disk_read_times.json"}, std::pair{"2", "tcp_offsets.json"}}) {
    EXPECT_EQ(run(std::string("unmakeself -d ") + number + " " + dir_ + "all.html > " + dir_ + "d.json"), 0) << said_;
    EXPECT_EQ(records(read(dir_ + "d.json"), "points"), records(read(kData + name), "points"));
  }
  EXPECT_EQ(run("unmakeself -d 3 " + dir_ + "all.html > /dev/null"), 2);
  EXPECT_TRUE(said("holds 2 documents beside the trace")) << said_;
}

TEST_F(Documents, ManyPointsAreCutIntoPartsAndJoined) {
  std::string text = "{\"title\":\"many\",\"points\":[";
  const size_t count = SideDocument::kPartRecords + 3;
  for (size_t i = 0; i < count; ++i) text += "[" + std::to_string(i) + ".5," + std::to_string(i * 7) + "],\n";
  write("many.json", text + "[999.0,0.0]]}");
  // 999.5 is a point as any other; 999.0 alone ends the list.
  ASSERT_EQ(run("makeself < " + dir_ + "many.json > " + dir_ + "a.html"), 0) << said_;
  const std::string page = read(dir_ + "a.html");
  EXPECT_NE(page.find("\"kind\":\"document\",\"document\":0,\"name\":\"standard input\",\"count\":65536,"), std::string::npos);
  EXPECT_NE(page.find("\"kind\":\"document\",\"document\":0,\"name\":\"standard input\",\"count\":3,"), std::string::npos);
  run("unmakeself " + dir_ + "a.html > " + dir_ + "a.json");
  EXPECT_EQ(records(read(dir_ + "a.json"), "points"), records(read(dir_ + "many.json"), "points"));
}

TEST_F(Documents, OddRecordsAreLeftOutAndNamed) {
  const std::string good = "[1.0,1.1,1.2,1.3,\"c\",\"s\",0,0,7,0,\"t\",\"read\",\"OK\",3,\"abc\"]";
  write("odd.json", "{\"gbs\":1,\n\"events\":[\n" + good + ",\n[1,2,3],\n[1,2,\"x\",4,\"c\",\"s\",0,0,7,0,\"t\",\"read\",\"OK\",3,\"abc\"],\n" + good +
                        ",\nnonsense,\n[999.0]]}\n");
  EXPECT_EQ(run("makeself < " + dir_ + "odd.json > " + dir_ + "a.html"), 1);
  EXPECT_TRUE(said("3 x records that cannot be read, skipped (first: standard input at offset 80: an RPC has 3 fields, not 15)")) << said_;
  run("unmakeself " + dir_ + "a.html > " + dir_ + "a.json");
  const std::string left = read(dir_ + "a.json");
  EXPECT_EQ(left.find("nonsense"), std::string::npos);
  EXPECT_EQ(left.find("\"x\""), std::string::npos);
  write("short.json", "{\"points\":[[1,2],[3],[4,\"y\"],[5,6]]}");
  EXPECT_EQ(run("makeself < " + dir_ + "short.json > " + dir_ + "a.html"), 1);
  EXPECT_TRUE(said("a point has 1 numbers, not 2 or 3") && said("the 999.0 record is missing")) << said_;
}

TEST_F(Documents, WhatIsNoDocumentIsRefusedByName) {
  write("no.json", "{\"title\":\"x\"}");
  EXPECT_EQ(run("makeself --with " + dir_ + "no.json < " + kData + "hello.reference.json.gz > /dev/null"), 2);
  EXPECT_TRUE(said(dir_ + "no.json: at offset 0: is neither an RPC log nor a scatter plot")) << said_;
  EXPECT_EQ(run("makeself --with " + kData + "hello.reference.json.gz < " + kData + "rpc_log.json > /dev/null"), 2);
  write("theirs.html", "<html>\n<!-- selfcontained1 -->\n</html>\n");
  write("d3.js", "");
  EXPECT_EQ(run("makeself --with " + kData + "rpc_log.json --library " + dir_ + "d3.js " + dir_ + "theirs.html < " + kData + "hello.reference.json.gz > /dev/null"), 2);
  EXPECT_TRUE(said("holds one document only")) << said_;
}

TEST_F(Documents, ATemplateOfTheReferencesKindTakesOneAsItIs) {
  write("theirs.html", "<html>\n<!-- selfcontained1 -->\n</html>\n");
  write("d3.js", "");
  ASSERT_EQ(run("makeself --library " + dir_ + "d3.js " + dir_ + "theirs.html < " + kData + "tcp_offsets.json > " + dir_ + "a.html"), 0) << said_;
  const std::string page = read(dir_ + "a.html");
  std::string line = read(kData + "tcp_offsets.json");
  std::replace(line.begin(), line.end(), '\n', ' ');
  EXPECT_NE(page.find("var myString = '" + line + "';"), std::string::npos);
}

TEST_F(Documents, NothingInADocumentEndsTheScript) {
  write("<!--.json", "{\"title\":\"</script><b>\",\"points\":[[1,2],[999.0,0]]}");
  ASSERT_EQ(run("makeself --with '" + dir_ + "<!--.json' < " + kData + "hello.reference.json.gz > " + dir_ + "a.html"), 0) << said_;
  const std::string page = read(dir_ + "a.html");
  EXPECT_EQ(page.find("<!--.json"), std::string::npos);
  EXPECT_EQ(page.find("</script><b>"), std::string::npos);
}

TEST_F(Documents, ADamagedPartIsCountedAndTheRestShown) {
  ASSERT_EQ(run("makeself --with " + kData + "tcp_offsets.json < " + kData + "disk_read_times.json > " + dir_ + "a.html"), 0) << said_;
  std::string page = read(dir_ + "a.html");
  const size_t data = page.find('>', page.find("<script id=\"kutrace-data\"")) + 1;
  page.replace(data + 200, 8, "AAAAAAAA");
  write("bad.html", page);
  EXPECT_EQ(run("unmakeself " + dir_ + "bad.html > " + dir_ + "a.json"), 1);
  EXPECT_TRUE(said("compressed parts of the page that cannot be read")) << said_;
  EXPECT_EQ(records(read(dir_ + "a.json"), "points"), records(read(kData + "tcp_offsets.json"), "points"));
}

TEST_F(Documents, AProfileKeepsTheOrderOfItsRows) {
  const std::string want = records(read(kData + "row_profile.json"), "events");
  ASSERT_EQ(run("makeself < " + kData + "row_profile.json > " + dir_ + "a.html"), 0) << said_;
  EXPECT_NE(read(dir_ + "a.html").find("\"cpuOrder\":[3,1]"), std::string::npos);
  run("unmakeself " + dir_ + "a.html > " + dir_ + "a.json");
  EXPECT_EQ(records(read(dir_ + "a.json"), "events"), want);
  run("spantojson < " + kData + "row_profile.json > " + dir_ + "b.json");
  EXPECT_EQ(records(read(dir_ + "b.json"), "events"), want);
}

TEST_F(Documents, HeaderKeysOfSpanJsonPassThroughAPage) {
  const std::string extra = "[[0.5,0.5,0,7,0,-4,3,2,0,\"look here\"]]", view = "[[\"fig29.15\",1,2,{\"a\":[3]}]]";
  write("in.json", "{\"title\":\"t\",\"tracebase\":\"2026-11-21_02:59:00\",\"flags\":160,\"mbit_sec\":100,\"thousandsX\":1024,\"shortUnitsX\":\"ms\","
                   "\"shortMulX\":0.5,\"axisLabelX\":\"Time (msec)\",\"axisLabelY\":\"Rows\",\"randomid\":77,\"version\":3,\n\"events\":[\n"
                   "[1.0,0.5,0,7,0,65543,0,0,0,\"app.7\"],\n[999.0,0,0,0,0,0,0,0,0,\"\"]\n],\n\"extra\":" + extra + ",\n\"savedview\":" + view + "}\n");
  ASSERT_EQ(run("makeself < " + dir_ + "in.json > " + dir_ + "a.html"), 0) << said_;
  const std::string page = read(dir_ + "a.html");
  for (const std::string& part : {std::string("\"flags\":160"), std::string("\"mbit_sec\":100,"), std::string("\"thousandsX\":1024"),
                                  std::string("\"shortUnitsX\":\"ms\""), std::string("\"shortMulX\":0.5"), "\"extra\":" + extra, "\"savedview\":" + view}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  run("unmakeself " + dir_ + "a.html > " + dir_ + "out.json");
  const std::string out = read(dir_ + "out.json");
  for (const char* part : {"\"flags\" : 160", "\"mbit_sec\" : 100", "\"thousandsX\" : 1024", "\"shortUnitsX\" : \"ms\"", "\"shortMulX\" : 0.5",
                           "\"axisLabelX\" : \"Time (msec)\"", "\"axisLabelY\" : \"Rows\"", "\"randomid\" : 77"}) {
    EXPECT_NE(out.find(part), std::string::npos) << part << "\n" << out;
  }
  EXPECT_EQ(member(out, "extra"), extra);
  EXPECT_EQ(member(out, "savedview"), view);
}

// ---- known everywhere -------------------------------------------------------------------------------------------

const char kTheirs[] = "<!DOCTYPE html>\n<html>\n<!-- selfcontained0 -->\n<script src=\"d3.v4.min.js\"></script>\n<script>\n<!-- selfcontained1 -->\n"
                       "show(myString);\n</script>\n</html>\n";

// A document as JSON, as a page of ours, and as a page of the reference's kind.
class Everywhere : public Documents {
 protected:
  std::vector<std::string> forms(const std::string& file) {
    write("theirs.html", kTheirs);
    write("d3.js", "");
    run("makeself --library " + dir_ + "d3.js " + dir_ + "theirs.html < " + kData + file + " > " + dir_ + "their_page.html");
    run("makeself < " + kData + file + " > " + dir_ + "our_page.html");
    return {kData + file, dir_ + "their_page.html", dir_ + "our_page.html"};
  }
};

TEST_F(Everywhere, ReportMakesAPageWithItsTitleAndAxes) {
  struct Want {
    const char *file, *list, *title, *axis;
  };
  for (const Want& w : {Want{"rpc_log.json", "events", "Three clients, two servers", "RPC Number"},
                        Want{"disk_read_times.json", "points", "Disk read, 4 KB blocks", "Offset (4 KB block)"},
                        Want{"tcp_offsets.json", "points", "Capture clock minus trace clock", "Offset"}}) {
    for (const std::string& form : forms(w.file)) {
      run("kutrace report " + form + " -o " + dir_ + "r.html");
      const std::string page = read(dir_ + "r.html");
      EXPECT_NE(page.find("\"title\":\"" + std::string(w.title) + "\""), std::string::npos) << form << said_;
      if (form.find("our_page") == std::string::npos) {
        EXPECT_NE(page.find("\"axisLabelY\":\"" + std::string(w.axis) + "\""), std::string::npos) << form;
      }
      run("unmakeself " + dir_ + "r.html > " + dir_ + "r.json");
      EXPECT_EQ(records(read(dir_ + "r.json"), w.list), records(read(kData + w.file), w.list)) << form;
      run("unmakeself " + form + " > " + dir_ + "u.json");
      if (form.ends_with(".html")) {
        EXPECT_EQ(records(read(dir_ + "u.json"), w.list), records(read(kData + w.file), w.list)) << form;
      }
    }
  }
}

TEST_F(Everywhere, CheckSaysWhatTheyAreAndWhatIsWrong) {
  for (const std::string& form : forms("disk_read_times.json")) {
    EXPECT_EQ(run("kutrace check " + form + " > " + dir_ + "c.txt"), 0) << said_;
    const std::string text = read(dir_ + "c.txt");
    EXPECT_NE(text.find("scatter plot \"Disk read, 4 KB blocks\": 2500 records\n"), std::string::npos) << text;
    EXPECT_NE(text.find("SOUND"), std::string::npos) << text;
    EXPECT_EQ(text.find("CPU "), std::string::npos) << text;
  }
  for (const std::string& form : forms("rpc_log.json")) {
    EXPECT_EQ(run("kutrace check --json " + form + " > " + dir_ + "c.json"), 1) << form << said_;
    const std::string text = read(dir_ + "c.json");
    EXPECT_NE(text.find("{\"kind\": \"RPC log\", \"title\": \"Three clients, two servers\", \"records\": 120}"), std::string::npos) << text;
    EXPECT_NE(text.find("\"id\": \"rpc_backwards\", \"severity\": \"damage\", \"count\": 4,"), std::string::npos) << text;
  }
}

TEST_F(Everywhere, AProgramThatWantsSpansSaysWhatItGot) {
  for (const std::string& form : {kData + "rpc_log.json", forms("rpc_log.json")[1]}) {
    EXPECT_EQ(run("spantojson " + form + " > /dev/null"), 2);
    EXPECT_TRUE(said("is an RPC log or a scatter plot and has no spans; give it to kutrace report")) << said_;
  }
}

TEST_F(Everywhere, DocumentsBesideATraceStayWhenAPageIsReportedAgain) {
  ASSERT_EQ(run("makeself --with " + kData + "disk_read_times.json < " + kData + "hello.reference.json.gz > " + dir_ + "a.html"), 0) << said_;
  ASSERT_EQ(run("kutrace report " + dir_ + "a.html -o " + dir_ + "b.html"), 0) << said_;
  EXPECT_EQ(run("unmakeself -d 1 " + dir_ + "b.html > " + dir_ + "d.json"), 0) << said_;
  EXPECT_EQ(records(read(dir_ + "d.json"), "points"), records(read(kData + "disk_read_times.json"), "points"));
  EXPECT_NE(read(dir_ + "b.html").find("\"name\":\"disk_read_times.json\""), std::string::npos);
}

// The reference's scripts work as they are, and its timeline's page opens in every program.
TEST_F(Everywhere, TheWholeChainByTheReferencesNames) {
  write("theirs.html", kTheirs);
  write("d3.v4.min.js", "");
  const std::string chain = "cd " + dir_ + " && PATH=" + kTools + ":$PATH " KUTRACE_TOOL_SCRIPTS "/reference_chain ";
  ASSERT_EQ(shell(chain + kData + "hello.trace.gz \"hello there\" theirs.html out 2>/dev/null"), 0);
  ASSERT_EQ(shell(kTools + "rawtoevent " + kData + "hello.trace.gz 2>/dev/null | " + kTools + "eventtospan \"hello there\" 2>/dev/null > " + dir_ + "direct.json"), 0);
  // A sort of text orders what begins and ends together by its letters.
  EXPECT_EQ(shell("cd " + dir_ + " && LC_ALL=C sort out.json > a && LC_ALL=C sort direct.json | cmp - a"), 0);
  EXPECT_EQ(run("kutrace check " + dir_ + "out.html > /dev/null"), 0) << said_;
  EXPECT_EQ(run("unmakeself " + dir_ + "out.html > " + dir_ + "back.json"), 0) << said_;
  EXPECT_EQ(read(dir_ + "back.json"), read(dir_ + "out.json"));
  EXPECT_EQ(run("kutrace report " + dir_ + "out.html -o " + dir_ + "ours.html"), 0) << said_;
  EXPECT_NE(read(dir_ + "ours.html").find("\"title\":\"hello there\""), std::string::npos);
  EXPECT_EQ(run("kutrace check " + dir_ + "out_prof.html > /dev/null"), 0) << said_;
  ASSERT_EQ(shell(chain + kData + "hello.trace.gz part theirs.html part 48.9 49.0 2>/dev/null"), 0);
  EXPECT_LT(read(dir_ + "part.json").size(), read(dir_ + "out.json").size());
}

TEST(SideDocumentKinds, AreToldByTheirFirstRecord) {
  EXPECT_EQ(detect_document("{\"points\" : [[1,2]]}"), DocumentKind::kPlot);
  EXPECT_EQ(detect_document("{\"events\" : [[1,2,3,4,\"a,b\",\"]\",7,8,9,10,\"\",\"\",\"\",14,\"\"]]}"), DocumentKind::kRpcLog);
  EXPECT_EQ(detect_document("{\"events\" : [[1,2,0,7,0,65543,0,0,0,\"a,,,,,,,,,\"]]}"), DocumentKind::kSpans);
  EXPECT_EQ(detect_document("{\"deltaT23\" : 0, \"events\" : []}"), DocumentKind::kRpcLog);
  EXPECT_EQ(detect_document("{\"title\" : \"points\", \"events\" : []}"), DocumentKind::kSpans);
  EXPECT_EQ(detect_document("{"), DocumentKind::kSpans);
  // A span record that lost its bracket does not count the fields of the next one.
  EXPECT_EQ(detect_document("{\"events\" : [[1,2,0,7,0,65543,0,0,0,\"a\",\n[1,2,0,7,0,65543,0,0,0,\"b\"]]}"), DocumentKind::kSpans);
  EXPECT_EQ(detect_document("{\"events\":[[\"\\"), DocumentKind::kSpans);
}

}  // namespace
}  // namespace kutrace::test
