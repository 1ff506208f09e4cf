// SPDX-License-Identifier: BSD-3-Clause
// kutrace query: tables as CSV and JSON, and what it says without its engine; with the engine (KUTRACE_TEST_DUCKDB, set where it was found)
// all named questions, all macros, agreement with stat to the ns, and that queries reach nothing outside.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "query/engine.h"
#include "query/parquet_folder.h"
#include "support/chain_run.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace kutrace::test {
namespace {

const std::string kQuery = std::string(KUTRACE_TOOLS "/kutrace query ");
const std::string kData = KUTRACE_TEST_DATA "/";

class Query : public TempDir {
 protected:
  std::string read(const std::string& name) {
    std::ifstream in(dir_ + name);
    EXPECT_TRUE(in) << name;
    return {std::istreambuf_iterator<char>(in), {}};
  }
  int query(const std::string& arguments, const std::string& library = "") {
    return shell("cd " + dir_ + "; " + (library.empty() ? "" : "KUTRACE_DUCKDB=" + library + " ") + kQuery + arguments + " > out 2> err");
  }
  size_t lines(const std::string& text) { return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')); }
};

TEST_F(Query, PrintsATableAsCsvAndJson) {
  ASSERT_EQ(query("--table rpcs " + kData + "rpc.trace.gz"), 0) << read("err");
  const std::string csv = read("out");
  EXPECT_EQ(csv.substr(0, csv.find('\n')), "id,method,tid,t0,t1,dur,bytes");
  EXPECT_EQ(lines(csv), 81u);  // 40 RPCs, two sides each
  EXPECT_NE(csv.find("\n58512,ping,61,"), std::string::npos);
  ASSERT_EQ(query("--table rpcs --format json " + kData + "rpc.trace.gz"), 0);
  EXPECT_EQ(lines(read("out")), 82u);
  EXPECT_NE(read("out").find("{\"id\": 58512, \"method\": \"ping\", \"tid\": 61, \"t0\": "), std::string::npos);
  // Of several files, which.
  ASSERT_EQ(query("--table threads " + kData + "rpc.trace.gz " + kData + "hello.trace.gz"), 0);
  EXPECT_EQ(read("out").substr(0, 11), "source,tid,");
  EXPECT_NE(read("out").find("\n" + kData + "hello.trace.gz,1,init.1,init,"), std::string::npos) << read("out");
}

TEST_F(Query, SaysWhatIsWrong) {
  EXPECT_EQ(query("--table nothing " + kData + "hello.trace.gz"), 2);
  EXPECT_EQ(read("err"), "kutrace: --table: there is no table nothing; `kutrace query --tables` lists them\n");
  EXPECT_EQ(query("--table spans"), 2);
  EXPECT_EQ(query(kData + "hello.trace.gz"), 2);
  EXPECT_EQ(query("--ask nobody " + kData + "hello.trace.gz"), 2);
  EXPECT_NE(read("err").find("there is no question nobody"), std::string::npos);
  EXPECT_EQ(query("--sql 'SELECT 1' " + kData + "hello.trace.gz", "/nowhere/libduckdb.so"), 2);
  EXPECT_NE(read("err").find("cannot be loaded: /nowhere/libduckdb.so"), std::string::npos) << read("err");
  EXPECT_NE(read("err").find("npm pack @duckdb/node-bindings-linux-"), std::string::npos) << read("err");
}

// What begins like a page or like event text need not be one.
TEST_F(Query, TellsTextOfOtherKinds) {
  for (const std::string& text : {std::string("<!-- a comment -->\n# Markdown\n"), std::string("# Title\n\nText.\n"), std::string("- a list\n- of two\n"), std::string("---\nkey: 1\n"), std::string("#!/bin/sh\necho\n"),
                                  std::string("<?xml version=\"1.0\"?><svg/>"), std::string("1,2,3\n"), std::string("<!-- never ended")}) {
    std::ofstream(dir_ + "text") << text;
    EXPECT_EQ(query("--table spans text"), 2) << text;
    EXPECT_NE(read("err").find("is text of no known kind"), std::string::npos) << text << read("err");
  }
  for (const std::string& text : {std::string("<!-- mine -->\n<!DOCTYPE html><p>"), std::string("\n<HTML>\n")}) {
    std::ofstream(dir_ + "text") << text;
    EXPECT_EQ(query("--table spans text"), 2) << text;
    EXPECT_NE(read("err").find("HTML page that holds no kutrace"), std::string::npos) << text << read("err");
  }
}

TEST_F(Query, DoctorSaysHowToGetTheEngine) {
  const int status = shell("cd " + dir_ + "; KUTRACE_DUCKDB=/nowhere/libduckdb.so " KUTRACE_TOOLS "/kutrace doctor > out 2> err");
  if (status == 2) GTEST_SKIP() << "built without eBPF";
  EXPECT_NE(read("out").find("note  SQL"), std::string::npos) << read("out");
  EXPECT_NE(read("out").find("npm pack @duckdb/node-bindings-linux-"), std::string::npos) << read("out");
}

TEST_F(Query, ListsItsQuestionsAndTables) {
  ASSERT_EQ(query("--list"), 0);
  EXPECT_EQ(lines(read("out")), questions().size());
  EXPECT_EQ(questions().size(), 20u);
  ASSERT_EQ(query("--tables"), 0);
  EXPECT_NE(read("out").find("\nwaits: "), std::string::npos);
  EXPECT_NE(read("out").find("\n  doing       VARCHAR         system call or trap"), std::string::npos);
}

// ---- Parquet: written without an engine, read by one ---------------------------------------------------------------------

class QueryParquet : public Query {
 protected:
  // Whatever is done here needs no library.
  int write(const std::string& arguments) { return query("--parquet " + arguments, "/nowhere/libduckdb.so"); }
};

TEST_F(QueryParquet, IsWrittenForEachTableWithoutAnEngine) {
  ASSERT_EQ(write("made " + kData + "rpc.trace.gz " + kData + "hello.trace.gz"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && find made -type f | wc -l > count && find made -name '.*' | wc -l >> count"), 0);
  EXPECT_EQ(read("count"), std::to_string(2 * kutrace::tables().size()) + "\n0\n");  // every table of two traces
  EXPECT_EQ(shell("cd " + dir_ + " && for f in $(find made -type f); do [ $(head -c 4 $f)$(tail -c 4 $f) = PAR1PAR1 ] || exit 1; done"), 0);
  EXPECT_EQ(shell("cd " + dir_ + " && [ -s made/spans/day=2026-11-21/machine=goldvm/rpc.parquet ]"), 0);
  // What cannot be written leaves nothing half written.
  EXPECT_EQ(shell("cd " + dir_ + " && mkdir blocked && touch blocked/waits"), 0);
  EXPECT_EQ(write("blocked " + kData + "rpc.trace.gz"), 2);
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(find blocked -type f | wc -l) = 1 ]"), 0);
}

TEST_F(QueryParquet, IsNoMoreThanItMayBeAndNothingOverAnother) {
  EXPECT_EQ(write("small --max-output 20k " + kData + "rpc.trace.gz"), 2);
  EXPECT_NE(read("err").find("raise --max-output"), std::string::npos) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(find small -type f | wc -l) = 0 ]"), 0);
  // Two traces of one name, of one machine and day.
  EXPECT_EQ(shell("cd " + dir_ + " && mkdir a b && cp " + kData + "rpc.trace.gz a && cp " + kData + "rpc.trace.gz b"), 0);
  ASSERT_EQ(write("both a/rpc.trace.gz b/rpc.trace.gz"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && cmp both/spans/day=*/machine=*/rpc.parquet both/spans/day=*/machine=*/rpc-2.parquet"), 0);
  // A folder that is a link of somebody else's is not gone through.
  if (geteuid() == 0) {
    EXPECT_EQ(shell("cd " + dir_ + " && mkdir -m 777 shared elsewhere && ln -s ../elsewhere shared/spans && chown -h 65534 shared/spans"), 0);
    EXPECT_EQ(write("shared a/rpc.trace.gz"), 2);
    EXPECT_NE(read("err").find("another user made"), std::string::npos) << read("err");
    EXPECT_EQ(shell("cd " + dir_ + " && [ $(find elsewhere -type f | wc -l) = 0 ]"), 0);
  }
}

// What a document says of itself leads nowhere else.
TEST_F(QueryParquet, StaysInItsFolder) {
  std::ofstream(dir_ + "a*[b]{c}.json") << "{\n\"title\" : \"../../out\",\n\"tracebase\" : \"/../../../x\",\n\"hostName\" : \"../../../etc\",\n\"events\" : [\n[  1.0, 0.5, 0, 7, 0, 65543, 0, 0, 0, \"x.7\"],\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n]}\n";
  ASSERT_EQ(write("made 'a*[b]{c}.json'"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(find . -name '*.parquet' | wc -l) = $(find made/*/day=*/machine=* -name 'a__b__c_.parquet' | wc -l) ]"), 0);
}

#ifdef KUTRACE_TEST_DUCKDB
const std::string kTables = std::to_string(kutrace::tables().size());

class QuerySql : public Query {
 protected:
  void expect(const std::string& trace, const std::string& sql, const std::string& value) {
    EXPECT_EQ(query("--sql \"" + sql + "\" --expect '" + value + "' " + kData + trace), 0) << sql << "\n" << read("err");
  }
};

class QueryGolden : public QuerySql, public testing::WithParamInterface<const char*> {};

// Of the documents of the reference. To renew: for each question of --list, "== NAME" and its answer, in tests/data/query/TRACE.txt
TEST_P(QueryGolden, QuestionsHaveTheAnswersOfTheFile) {
  std::string all;
  for (const Question& q : questions()) {
    ASSERT_EQ(query(std::string("--ask ") + q.name + " " + kData + GetParam() + ".reference.json.gz"), 0) << q.name << read("err");
    all += std::string("== ") + q.name + ": " + q.words + "\n" + read("out") + "\n";
  }
  std::ifstream in(kData + "query/" + GetParam() + ".txt");
  EXPECT_EQ(all, std::string(std::istreambuf_iterator<char>(in), {}));
}

INSTANTIATE_TEST_SUITE_P(All, QueryGolden, testing::Values("hello", "rpc", "locks"));

TEST_F(QuerySql, AgreesWithItselfAndTheStandingClaims) {
  for (const char* trace : {"hello.trace.gz", "rpc.trace.gz", "locks.trace.gz"}) {
    expect(trace, "SELECT gaps()", "0");
    // Waits and spans tile each thread's life.
    expect(trace, "SELECT count(*) FROM (SELECT tid, sum(dur) s FROM thread_rows GROUP BY tid) JOIN threads USING (tid) WHERE s<>t1-t0", "0");
    expect(trace, "SELECT count(*) FROM (SELECT cpu, sum(dur) s FROM spans GROUP BY cpu) JOIN cpus USING (cpu) WHERE s<>t1-t0", "0");
    // A sum of converted lengths differs from the converted sum by less than a ns a span.
    expect(trace, "SELECT count(*) FROM (SELECT tid, sum(dur) s, count(*) n FROM spans WHERE tid>0 GROUP BY tid) JOIN threads USING (tid) WHERE abs(s-running)>n OR n<>spans", "0");
  }
  expect("hello.trace.gz", "SELECT cnt('hello')", "1");
  expect("hello.trace.gz", "SELECT run('hello')+wait('hello','%')=total('hello')", "true");
  expect("hello.trace.gz", "SELECT cnt('nothing'), run('nothing')", "0");
  expect("hello.trace.gz", "SELECT run('nothing')", "NULL");
}

// Every macro binds, on a trace that has nothing it asks for.
TEST_F(QuerySql, MacrosBind) {
  for (const char* call :
       {"us(1)", "ms(1)", "cnt('x')", "total('x')", "q('x',0.5)", "run('x')", "usr('x')", "kern('x','%')", "ncall('x','%')", "wait('x','%')", "nwait('x','%')",
        "ready('x')", "blocked('x','%')", "peak('x','%')", "irqs('x','%')", "irqt('x','%')", "moves('x')", "share('x','%')", "during('x','%','%')", "arcs('x','y')",
        "woke('a','b')", "pts('x','l')", "tries('x')", "holderw('x','%')", "tryrun('x')", "passed('x')", "qw('%')", "beat('x','y',2)", "gaps()",
        "(SELECT count(*) FROM rpc2)", "(SELECT count(*) FROM calls)"}) {
    EXPECT_EQ(query(std::string("--sql \"SELECT ") + call + "\" " + kData + "hello.trace.gz"), 0) << call << " " << read("err");
  }
}

TEST_F(QuerySql, ExpectsOneValue) {
  EXPECT_EQ(query("--sql 'SELECT 41+1' --expect 42 " + kData + "hello.trace.gz"), 0);
  EXPECT_EQ(read("out"), "");
  EXPECT_EQ(query("--sql 'SELECT 41' --expect 42 " + kData + "hello.trace.gz"), 1);
  EXPECT_EQ(read("err"), "kutrace query: expected 42, is 41\n");
  EXPECT_EQ(query("--sql 'SELECT * FROM range(3)' --expect 0 " + kData + "hello.trace.gz"), 1);
  EXPECT_EQ(query("--sql 'SELECT 1 WHERE false' --expect 1 " + kData + "hello.trace.gz"), 1);
}

TEST_F(QuerySql, SaysWhatTheLastStatementSays) {
  expect("hello.trace.gz", "SELECT 1; SELECT ';' || 2; -- that was all;", ";2");
  expect("hello.trace.gz", "CREATE TABLE x AS SELECT 5 v; SELECT v+1 FROM x", "6");
  EXPECT_EQ(shell("cd " + dir_ + " && echo 'SELECT 1 AS one; SELECT 2 AS two;' | " + kQuery + "--format csv " + kData + "hello.trace.gz > out"), 0);
  EXPECT_EQ(read("out"), "one\n1\ntwo\n2\n");
  EXPECT_NE(query("--ask busy --sql 'SELECT 1' " + kData + "hello.trace.gz"), 0);
  EXPECT_NE(read("err").find("excludes"), std::string::npos) << read("err");
}

TEST_F(QuerySql, WritesEachTypeAndFormat) {
  const std::string sql = "\"SELECT 1::TINYINT a, -5::HUGEINT b, 1.50::DECIMAL(9,2) c, -0.05::DECIMAL(18,3) d, 0.5::DOUBLE e, true f, NULL g, 'x,y' h, [1,NULL] i, 'lang genug fuer zwei' j\" ";
  ASSERT_EQ(query("--format csv --sql " + sql + kData + "hello.trace.gz"), 0) << read("err");
  EXPECT_EQ(read("out"), "a,b,c,d,e,f,g,h,i,j\n1,-5,1.50,-0.050,0.5,true,,\"x,y\",\"[1, null]\",lang genug fuer zwei\n");
  ASSERT_EQ(query("--format json --sql " + sql + kData + "hello.trace.gz"), 0);
  EXPECT_EQ(read("out"), "[\n{\"a\": 1, \"b\": -5, \"c\": 1.50, \"d\": -0.050, \"e\": 0.5, \"f\": true, \"g\": null, \"h\": \"x,y\", \"i\": [1, null], \"j\": \"lang genug fuer zwei\"}\n]\n");
}

TEST_F(QuerySql, AnswersStatementsFromAPipe) {
  EXPECT_EQ(shell("cd " + dir_ + " && printf 'SELECT count(*) AS n\\n  FROM rpcs; -- how many\\n.tables\\nSELECT 7 AS last' | " + kQuery + "--format csv " + kData + "rpc.trace.gz > out 2> err"), 0)
      << read("err");
  EXPECT_EQ(read("out").substr(0, 5), "n\n80\n");
  EXPECT_TRUE(read("out").ends_with("last\n7\n"));
  EXPECT_NE(read("out").find("rpcs: "), std::string::npos);
  EXPECT_EQ(shell("cd " + dir_ + " && printf 'SELECT nothing;\\nSELECT 1;' | " + kQuery + kData + "rpc.trace.gz > out 2> err"), 2);
  EXPECT_EQ(read("out"), "");
}

// What never ends, of a trace that comes through a pipe: when all of it is taken, the query is under way.
class QueryInterrupted : public QuerySql {
 protected:
  int interrupted(const std::vector<std::string>& arguments) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    Child child([&] {
      usual_actions();
      std::vector<std::string> words = {"kutrace", "query", "-"};
      words.insert(words.end(), arguments.begin(), arguments.end());
      std::vector<char*> pointers;
      for (std::string& word : words) pointers.push_back(word.data());
      pointers.push_back(nullptr);
      const int err = open((dir_ + "err").c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
      if (chdir(dir_.c_str()) != 0 || dup2(ends[0], 0) < 0 || dup2(err, 2) < 0) return 126;
      close(ends[0]);
      close(ends[1]);
      execv(KUTRACE_TOOLS "/kutrace", pointers.data());
      return 127;
    });
    close(ends[0]);
    const std::vector<uint8_t> trace = data_bytes("rpc.trace.gz");  // more than a pipe holds
    EXPECT_EQ(write(ends[1], trace.data(), trace.size()), static_cast<ssize_t>(trace.size()));
    kill(child.pid(), SIGINT);
    close(ends[1]);
    return child.status();
  }
};

TEST_F(QueryInterrupted, LeavesNothingHalfWritten) {
  EXPECT_EQ(shell("cd " + dir_ + " && echo before > kept"), 0);
  EXPECT_EQ(interrupted({"-o", "kept", "--sql", "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE hash(a.range, b.range) = 7"}), 2);
  EXPECT_NE(read("err").find("was interrupted"), std::string::npos) << read("err");
  EXPECT_EQ(read("kept"), "before\n");
  EXPECT_EQ(interrupted({"--parquet", "made"}), 2);
  EXPECT_NE(read("err").find("was interrupted"), std::string::npos) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(find . -type f | wc -l) = 2 ]"), 0);  // kept and err
}

TEST_F(QuerySql, WritesTenMillionRowsOrNone) {
  ASSERT_EQ(query("-o many --format csv --sql 'SELECT range AS n FROM range(10000000)' " + kData + "hello.trace.gz"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(wc -l < many) = 10000001 ] && [ $(tail -n 1 many) = 9999999 ]"), 0);
  EXPECT_EQ(query("-o few --max-output 1M --format csv --sql 'SELECT range AS n FROM range(10000000)' " + kData + "hello.trace.gz"), 2);
  EXPECT_NE(read("err").find("raise --max-output"), std::string::npos) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && [ ! -e few ]"), 0);
}

// A disk of a megabyte of the test's own.
TEST_F(QuerySql, LeavesNothingOnAFullDisk) {
  EXPECT_EQ(query("-o /dev/full --table spans " + kData + "rpc.trace.gz"), 2);
  EXPECT_NE(read("err").find("No space left"), std::string::npos) << read("err");
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(shell("mkdir " + dir_ + "disk"), 0);
  const int status = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0 || mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("", (dir_ + "disk").c_str(), "tmpfs", 0, "size=1m") != 0) {
      return 77;
    }
    const std::string full = "head -c 900k /dev/zero > disk/other; ";
    if (shell("cd " + dir_ + "; " + full + kQuery + "--parquet disk/made " + kData + "rpc.trace.gz 2> err") != 2) return 1;
    if (shell("cd " + dir_ + "; " + kQuery + "-o disk/spans.csv --table spans " + kData + "rpc.trace.gz 2>> err") != 2) return 2;
    return shell("cd " + dir_ + " && [ $(find disk -type f | wc -l) = 1 ]") == 0 ? 0 : 3;
  });
  if (status == 77) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(status, 0) << read("err");
}

TEST_F(QuerySql, TwoProcessesMayHaveOneOutput) {
  const std::string one = kQuery + "--parquet made " + kData + "rpc.trace.gz";
  ASSERT_EQ(shell("cd " + dir_ + " && { " + one + " & first=$!; " + one + "; second=$?; wait $first && [ $second = 0 ]; } 2> err"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(find made -type f | wc -l) = " + kTables + " ] && for f in $(find made -type f); do [ $(head -c 4 $f)$(tail -c 4 $f) = PAR1PAR1 ]; done"), 0);
  const std::string table = kQuery + "--table spans -o spans.csv " + kData + "rpc.trace.gz";
  ASSERT_EQ(shell("cd " + dir_ + " && { " + table + " & first=$!; " + table + "; second=$?; wait $first && [ $second = 0 ]; } 2> err"), 0) << read("err");
  EXPECT_EQ(query("--table spans " + kData + "rpc.trace.gz"), 0);
  EXPECT_EQ(read("out"), read("spans.csv"));
}

// A trace in which next to nothing happened: its tables are there, and empty.
TEST_F(QuerySql, AsksTablesThatAreEmpty) {
  std::ofstream(dir_ + "idle.json") << "{\n\"title\" : \"t\",\n\"events\" : [\n[  1.0, 0.5, 0, 0, 0, 65536, 0, 0, 0, \"-idle-\"],\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n]}\n";
  for (const Question& q : questions()) EXPECT_EQ(query(std::string("--ask ") + q.name + " idle.json"), 0) << q.name << read("err");
  EXPECT_EQ(query("--sql 'SELECT count(*) FROM locks' --expect 0 idle.json"), 0) << read("err");
  EXPECT_EQ(query("--sql 'SELECT * FROM nowhere' idle.json"), 2);
  EXPECT_NE(read("err").find("nowhere does not exist"), std::string::npos) << read("err");
  EXPECT_EQ(query("--parquet made idle.json"), 0) << read("err");
}

// Names that mean something to SQL, to a terminal, to a file system.
TEST_F(QuerySql, TakesHostileNames) {
  const std::string name = "x'); DROP TABLE spans; --";
  std::ofstream(dir_ + "it's; a \"trace\".json") << "{\n\"title\" : \"../../out'; --\",\n\"hostName\" : \"../../../etc\",\n\"events\" : [\n[  1.0, 0.5, 0, 7, 0, 65543, 0, 0, 0, \"" + name +
      "\\u001b[2J.7\"],\n[999.0, 0.0, 0, 0, 0, 0, 0, 0, 0, \"\"]\n]}\n";
  const std::string file = "\"it's; a \\\"trace\\\".json\"";
  EXPECT_EQ(query("--sql 'SELECT count(*) FROM spans' --expect 1 " + file), 0) << read("err");
  EXPECT_EQ(query("--sql 'SELECT name FROM threads' " + file), 0) << read("err");
  EXPECT_NE(read("out").find(name), std::string::npos) << read("out");
  EXPECT_EQ(read("out").find('\x1b'), std::string::npos);
  EXPECT_EQ(query("--sql 'SELECT count(DISTINCT source) FROM spans' --expect 2 " + file + " " + kData + "hello.trace.gz"), 0) << read("err");
  EXPECT_EQ(query("--parquet made " + file), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(find made -name '*.parquet' | wc -l) = " + kTables + " ] && [ $(find . -name '*.parquet' | wc -l) = " + kTables + " ]"), 0);
}

TEST_F(QuerySql, ReachesNothingOutside) {
  for (const char* sql : {"COPY (SELECT 1) TO 'made.csv'", "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "ATTACH 'made.db'", "INSTALL httpfs",
                          "LOAD httpfs", "SET enable_external_access=true", "EXPORT DATABASE 'made'"}) {
    EXPECT_EQ(query(std::string("--sql \"") + sql + "\" " + kData + "hello.trace.gz"), 2) << sql << " " << read("out");
  }
  EXPECT_EQ(shell("cd " + dir_ + " && [ \"$(ls)\" = 'err\nout' ]"), 0);
  // A query that fails leaves an output file as it was.
  EXPECT_EQ(shell("cd " + dir_ + " && echo before > kept"), 0);
  EXPECT_EQ(query("-o kept --sql 'SELECT nothing' " + kData + "hello.trace.gz"), 2);
  EXPECT_EQ(read("kept"), "before\n");
  EXPECT_NE(read("err").find("lists tables and columns"), std::string::npos);
}
// ---- a Parquet folder as an input ---------------------------------------------------------------------------------------

std::string condition_same() {
  std::string sql;
  for (const TableInfo& table : kutrace::tables()) {
    const std::string name(table.name), columns = "SELECT * EXCLUDE (source, day, machine) FROM " + name + " WHERE source ";
    for (const auto& [a, b] : {std::pair{"", "NOT "}, {"NOT ", ""}}) {
      sql += (sql.empty() ? "SELECT sum(n) FROM (SELECT count(*) n FROM (" : " UNION ALL SELECT count(*) FROM (") + columns + a + "LIKE 'made/%' EXCEPT ALL " + columns + b + "LIKE 'made/%')";
    }
  }
  return sql + ")";
}

TEST_F(QuerySql, ReadsBackFromParquetWhatTheTablesHave) {
  for (const char* trace : {"rpc", "locks", "hello"}) {
    const std::string file = kData + trace + ".trace.gz";
    ASSERT_EQ(shell("rm -rf " + dir_ + "made"), 0);
    ASSERT_EQ(query("--parquet made " + file, "/nowhere/libduckdb.so"), 0) << read("err");
    EXPECT_EQ(query("--sql \"" + condition_same() + "\" --expect 0 made " + file), 0) << trace << read("err");
    EXPECT_EQ(query("--sql \"SELECT count(*) FROM spans WHERE source='made/day='||day||'/machine='||machine||'/" + std::string(trace) + "' AND day='2026-11-21'\" --expect $(" + kQuery + "--table spans " + file + " | tail -n +2 | wc -l) made"), 0) << read("err");
    // What the trace answers, its folder answers, too.
    for (const Question& q : questions()) {
      if (trace != std::string("rpc")) break;
      ASSERT_EQ(query(std::string("--ask ") + q.name + " " + file), 0) << q.name << read("err");
      const std::string want = read("out");
      ASSERT_EQ(query(std::string("--ask ") + q.name + " made"), 0) << q.name << read("err");
      EXPECT_EQ(read("out"), want) << q.name;
    }
  }
}

TEST_F(QuerySql, ReadsOfAFolderItsFilesAndWritesNone) {
  ASSERT_EQ(query("--parquet made " + kData + "hello.trace.gz"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && echo secret > made/other.csv && cp made/spans/day=*/machine=*/hello.parquet other.parquet && find made -type f -exec md5sum {} + | sort > before"), 0);
  const std::string mine = dir_ + "made/spans/day=2026-11-21/machine=_none_/hello.parquet";
  for (const std::string& sql :
       {"SELECT * FROM read_csv('" + dir_ + "made/other.csv')", "SELECT * FROM read_parquet('" + dir_ + "other.parquet')", std::string("SELECT * FROM read_csv('/etc/passwd')"),
        "SELECT * FROM read_csv('" + dir_ + "made/spans/../other.csv')", "COPY (SELECT 1) TO '" + mine + "'", "COPY (SELECT 1) TO '" + dir_ + "made/new.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '" + mine + "'", "PREPARE x AS COPY (SELECT 1) TO '" + mine + "'", "ATTACH '" + mine + "' AS x", "EXPORT DATABASE '" + dir_ + "made'",
        std::string("SET enable_external_access=true"), "SELECT $$'$$; COPY (SELECT 1) TO '" + mine + "' -- '", std::string("SET allowed_paths=[]"), std::string("CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')"),
        "SELECT 1; COPY (SELECT 1) TO '" + mine + "'", "SELECT ';'; COPY (SELECT 1) TO '" + mine + "'; SELECT 1"}) {
    EXPECT_EQ(query("--sql \"" + sql + "\" made"), 2) << sql << " " << read("out");
    EXPECT_TRUE(read("err").starts_with("kutrace: the query: ")) << sql << read("err");
  }
  EXPECT_EQ(shell("cd " + dir_ + " && find made -type f -exec md5sum {} + | sort | cmp - before"), 0);
  EXPECT_EQ(query("--sql 'EXPLAIN SELECT * FROM spans' made"), 0) << read("err");
  // A link in it is not followed; what has none is told.
  EXPECT_EQ(shell("cd " + dir_ + " && mkdir -p linked/spans/day=x/machine=y nothing && ln -s " + mine + " linked/spans/day=x/machine=y/a.parquet"), 0);
  for (const char* folder : {"linked", "nothing"}) {
    EXPECT_EQ(query(std::string("--sql 'SELECT 1' ") + folder), 2);
    EXPECT_NE(read("err").find("is a folder without Parquet files"), std::string::npos) << read("err");
  }
  // Damaged files are an error, not a crash.
  EXPECT_EQ(shell("cd " + dir_ + " && head -c 3000 " + mine + " > cut && cp cut " + mine), 0);
  EXPECT_EQ(query("--sql 'SELECT sum(dur) FROM spans' made"), 2);
}

// Several machines and days, beside a trace, and files of several threads.
TEST_F(QuerySql, JoinsFoldersAndTraces) {
  ASSERT_EQ(query("--parquet made " + kData + "hello.trace.gz " + kData + "rpc.trace.gz"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && for t in made/*; do mv $t/day=*/machine=*/rpc.parquet $t; mkdir -p $t/day=unknown/machine=b; mv $t/rpc.parquet $t/day=unknown/machine=b; done"), 0);
  EXPECT_EQ(query("--format csv --sql 'SELECT source, day, machine, count(*) > 100 AS n FROM spans GROUP BY ALL ORDER BY source' made " + kData + "locks.trace.gz"), 0) << read("err");
  EXPECT_EQ(read("out"), "source,day,machine,n\n" + kData + "locks.trace.gz,,,true\nmade/day=2026-11-21/machine=_none_/hello,2026-11-21,_none_,true\nmade/day=unknown/machine=b/rpc,unknown,b,true\n");
  // Rows of traces that are read at once are in the order of the inputs that each thread reads, every time.
  const std::string many = kData + "hello.trace.gz " + kData + "rpc.trace.gz " + kData + "getpid.trace.gz";
  ASSERT_EQ(query("--format csv --sql 'SELECT source, ts FROM spans' " + many), 0) << read("err");
  const std::string first = read("out");
  ASSERT_EQ(query("--format csv --sql 'SELECT source, ts FROM spans' " + many), 0);
  EXPECT_EQ(read("out"), first);
  // The error is that of the first file that has one.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(query("--sql 'SELECT 1' " + kData + "hello.trace.gz /nowhere/a " + kData + "rpc.trace.gz /nowhere/b"), 2);
    EXPECT_NE(read("err").find("/nowhere/a"), std::string::npos) << read("err");
  }
}

// Rows that are made: several groups, and all that a cell can be.
class Rows {
 public:
  explicit Rows(StringPool& pool) {
    for (const std::string& text : {std::string("x'); DROP TABLE spans; --"), std::string("\x1b[2J"), std::string("caf\xc3\xa9"), std::string(1, '\0') + "a", std::string(2000, 'z'),
                                    std::string("\xef\xbf\xbd"), std::string("\"quoted\""), std::string("a,b\r\nc"), std::string("-idle-")}) {
      names_.push_back(pool.intern(text));
    }
    for (int i = 0; i < 5000; ++i) many_.push_back(pool.intern("name " + std::to_string(i)));
  }
  void give(RowSink& to, size_t count) {
    uint64_t random = 1;
    auto next = [&] { return random = random * 6364136223846793005u + 1442695040888963407u; };
    for (size_t i = 0; i < count; ++i) {
      SpanRow row;
      row.ts = static_cast<int64_t>(i * 100 + (next() >> 60));
      row.dur = static_cast<int64_t>(next() >> (20 + next() % 40));
      row.cpu = static_cast<int64_t>(i % 3);
      row.tid = i % 1000 == 0 ? INT64_MAX : i % 1001 == 0 ? INT64_MIN + 1 : static_cast<int64_t>(i / 200000);
      if (i % 7 < 3) row.rpc = static_cast<int64_t>(next() >> 63);
      row.kind = i < 200'000 ? names_[0] : names_[i % names_.size()];
      row.event = static_cast<int64_t>(next());
      if (row.event == kNull) row.event = 0;
      row.name = many_[next() % many_.size()];
      if (i == 131'071 || i == 131'072) row.arg = 5;
      if (i >= 300'000) row.ret = -1;
      row.call_id = 7;
      to.put(row);
    }
  }

 private:
  std::vector<NameId> names_, many_;
};

TEST_F(QuerySql, ReadsBackManyGroupsOfRows) {
  constexpr size_t kRows = 3 * ParquetWriter::kGroupRows + 17;
  StringPool pool;
  Diagnostics diagnostics;
  const std::atomic<bool> never = false;
  Rows rows(pool);
  SpanHeader header;
  header.title = "t";
  ParquetFolder folder(dir_ + "made", nullptr);
  ParquetFolder::Trace trace(folder, pool, diagnostics, never);
  rows.give(trace, kRows);
  trace.finish(header);
  Engine engine;
  engine.make_tables(true, 1, {find_parquet(dir_ + "made")});
  rows.give(engine.rows(pool, "direct"), kRows);
  engine.loaded();
  auto ask = [&](const std::string& sql) {
    std::string text;
    Output out(&text);
    engine.run(sql, *make_writer(ResultFormat::kCsv, out));
    out.flush();
    return text.substr(text.find('\n') + 1);
  };
  const std::string file = "'" + dir_ + "made/spans/day=unknown/machine=unknown/t.parquet'";
  EXPECT_EQ(ask("SELECT source='direct', count(*) FROM spans GROUP BY ALL ORDER BY ALL"), "false," + std::to_string(kRows) + "\ntrue," + std::to_string(kRows) + "\n");
  const std::string columns = "SELECT * EXCLUDE (source, day, machine) FROM spans WHERE source ";
  EXPECT_EQ(ask("SELECT count(*) FROM (" + columns + "= 'direct' EXCEPT ALL " + columns + "<> 'direct')"), "0\n");
  EXPECT_EQ(ask("SELECT count(*) FROM points"), "0\n");
  // Each group's bounds are those of its rows, and all are there but those of texts that are too long.
  for (const std::string column : {"ts", "dur", "tid", "event", "rpc", "arg", "ret"}) {
    EXPECT_EQ(ask("SELECT count(*) FROM (SELECT file_row_number//131072 g, min(" + column + ") a, max(" + column + ") b, count(*)-count(" + column + ") n FROM read_parquet(" + file +
                  ", file_row_number=true) GROUP BY g) JOIN parquet_metadata(" + file + ") m ON m.row_group_id=g AND path_in_schema='" + column +
                  "' WHERE stats_min_value::BIGINT IS NOT DISTINCT FROM a AND stats_max_value::BIGINT IS NOT DISTINCT FROM b AND stats_null_count=n"),
              "4\n") << column;
  }
  EXPECT_EQ(ask("SELECT count(*) FROM (SELECT file_row_number//131072 g, min(name) a, max(name) b FROM read_parquet(" + file + ", file_row_number=true) GROUP BY g) JOIN parquet_metadata(" + file +
                ") m ON m.row_group_id=g AND path_in_schema='name' WHERE stats_min_value=a AND stats_max_value=b"), "4\n");
  EXPECT_EQ(ask("SELECT DISTINCT compression FROM parquet_metadata(" + file + ")"), "ZSTD\n");
  EXPECT_EQ(ask("SELECT decode(value) FROM parquet_kv_metadata(" + file + ") WHERE decode(key)='ts'"), "ns: start of the execution span\n");
  EXPECT_EQ(ask("SELECT count(*) FROM spans WHERE source<>'direct' AND ts BETWEEN 20000000 AND 20000500"), ask("SELECT count(*) FROM spans WHERE source='direct' AND ts BETWEEN 20000000 AND 20000500"));
}

#endif

}  // namespace
}  // namespace kutrace::test
