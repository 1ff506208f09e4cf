// SPDX-License-Identifier: BSD-3-Clause
// Our declarations of DuckDB's C interface beside its own header, where a package has that: compiled is passed. The names in the list of functions
// are then those of the real header.
#include <duckdb.h>
#include <stdint.h>

#include <cstddef>
#include <type_traits>

namespace ours {
#include "query/duckdb_api.h"
}

namespace {

// We take its enumerations of types and statements as numbers.
template <typename T>
using Plain = std::conditional_t<std::is_same_v<T, ::duckdb_type> || std::is_same_v<T, ::duckdb_statement_type>, int, T>;
template <typename F>
struct Signature;
template <typename R, typename... A>
struct Signature<R (*)(A...)> {
  using type = Plain<R> (*)(Plain<A>...);
};

#define KUTRACE_SAME(result, name, parameters) \
  static_assert(std::is_same_v<Signature<decltype(&::duckdb_##name)>::type, Signature<result(*) parameters>::type>, #name);
KUTRACE_DUCKDB_FUNCTIONS(KUTRACE_SAME)

static_assert(ours::DuckDBSuccess == static_cast<int>(::DuckDBSuccess) && ours::DuckDBError == static_cast<int>(::DuckDBError));
#define KUTRACE_SAME_TYPE(name) static_assert(ours::DUCKDB_TYPE_##name == static_cast<int>(::DUCKDB_TYPE_##name));
KUTRACE_SAME_TYPE(BOOLEAN)
KUTRACE_SAME_TYPE(TINYINT)
KUTRACE_SAME_TYPE(SMALLINT)
KUTRACE_SAME_TYPE(INTEGER)
KUTRACE_SAME_TYPE(BIGINT)
KUTRACE_SAME_TYPE(UTINYINT)
KUTRACE_SAME_TYPE(USMALLINT)
KUTRACE_SAME_TYPE(UINTEGER)
KUTRACE_SAME_TYPE(UBIGINT)
KUTRACE_SAME_TYPE(FLOAT)
KUTRACE_SAME_TYPE(DOUBLE)
KUTRACE_SAME_TYPE(HUGEINT)
KUTRACE_SAME_TYPE(VARCHAR)
KUTRACE_SAME_TYPE(DECIMAL)
KUTRACE_SAME_TYPE(LIST)
#define KUTRACE_SAME_STATEMENT(name) static_assert(ours::DUCKDB_STATEMENT_TYPE_##name == static_cast<int>(::DUCKDB_STATEMENT_TYPE_##name));
KUTRACE_SAME_STATEMENT(SELECT)
KUTRACE_SAME_STATEMENT(INSERT)
KUTRACE_SAME_STATEMENT(UPDATE)
KUTRACE_SAME_STATEMENT(EXPLAIN)
KUTRACE_SAME_STATEMENT(DELETE)
KUTRACE_SAME_STATEMENT(CREATE)
KUTRACE_SAME_STATEMENT(DROP)

static_assert(sizeof(ours::duckdb_result) == sizeof(::duckdb_result) && offsetof(ours::duckdb_result, internal_data) == offsetof(::duckdb_result, internal_data));
static_assert(sizeof(ours::duckdb_hugeint) == sizeof(::duckdb_hugeint) && offsetof(ours::duckdb_hugeint, upper) == offsetof(::duckdb_hugeint, upper));
static_assert(sizeof(ours::duckdb_list_entry) == sizeof(::duckdb_list_entry) && offsetof(ours::duckdb_list_entry, length) == offsetof(::duckdb_list_entry, length));
static_assert(sizeof(ours::duckdb_string_t) == sizeof(::duckdb_string_t) && offsetof(ours::duckdb_string_t, value.pointer.ptr) == offsetof(::duckdb_string_t, value.pointer.ptr));

}  // namespace

int main() {}
