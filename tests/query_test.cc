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

TEST_F(Query, ListsItsQuestionsAndTables) {
  ASSERT_EQ(query("--list"), 0);
  EXPECT_EQ(lines(read("out")), questions().size());
  EXPECT_EQ(questions().size(), 20u);
  ASSERT_EQ(query("--tables"), 0);
  EXPECT_NE(read("out").find("\nwaits: "), std::string::npos);
  EXPECT_NE(read("out").find("\n  doing       VARCHAR         system call or trap"), std::string::npos);
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

TEST_F(QuerySql, WritesParquetThatAnyEngineReads) {
  ASSERT_EQ(query("--parquet made " + kData + "rpc.trace.gz " + kData + "hello.trace.gz"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && find made -type f | wc -l > count && find made -name '*.new' | wc -l >> count"), 0);
  EXPECT_EQ(read("count"), std::to_string(2 * kutrace::tables().size()) + "\n0\n");  // every table of two traces
  EXPECT_EQ(shell("cd " + dir_ + " && head -c 4 made/spans/day=2026-11-21/machine=goldvm/rpc.parquet > magic"), 0);
  EXPECT_EQ(read("magic"), "PAR1");
  // What cannot be written leaves nothing half written.
  EXPECT_EQ(shell("cd " + dir_ + " && mkdir blocked && touch blocked/waits"), 0);
  EXPECT_EQ(query("--parquet blocked " + kData + "rpc.trace.gz"), 2);
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(find blocked -type f | wc -l) = 1 ]"), 0);
}

TEST_F(QuerySql, WritesNoMoreParquetThanItMayAndNothingOverAnother) {
  EXPECT_EQ(query("--max-output 20k --parquet small " + kData + "rpc.trace.gz"), 2);
  EXPECT_NE(read("err").find("raise --max-output"), std::string::npos) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && [ $(find small -type f | wc -l) = 0 ]"), 0);
  // Two traces of one name, of one machine and day.
  EXPECT_EQ(shell("cd " + dir_ + " && mkdir a b && cp " + kData + "rpc.trace.gz a && cp " + kData + "rpc.trace.gz b"), 0);
  ASSERT_EQ(query("--parquet both a/rpc.trace.gz b/rpc.trace.gz"), 0) << read("err");
  EXPECT_EQ(shell("cd " + dir_ + " && cmp both/spans/day=*/machine=*/rpc.parquet both/spans/day=*/machine=*/rpc-2.parquet"), 0);
  // A folder that is a link of somebody else's is not gone through.
  if (geteuid() == 0) {
    EXPECT_EQ(shell("cd " + dir_ + " && mkdir -m 777 shared elsewhere && ln -s ../elsewhere shared/spans && chown -h 65534 shared/spans"), 0);
    EXPECT_EQ(query("--parquet shared a/rpc.trace.gz"), 2);
    EXPECT_NE(read("err").find("another user made"), std::string::npos) << read("err");
    EXPECT_EQ(shell("cd " + dir_ + " && [ $(find elsewhere -type f | wc -l) = 0 ]"), 0);
  }
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
#endif

}  // namespace
}  // namespace kutrace::test
