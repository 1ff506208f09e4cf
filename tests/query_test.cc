// SPDX-License-Identifier: BSD-3-Clause
// kutrace query: tables as CSV and JSON, and what it says without its engine; with the engine (KUTRACE_TEST_DUCKDB, set where it was found)
// all named questions, all macros, agreement with stat to the ns, and that queries reach nothing outside.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "query/engine.h"
#include "support/chain_run.h"
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
