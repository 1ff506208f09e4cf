// SPDX-License-Identifier: BSD-3-Clause
#include "query/engine.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>

#include "base/error.h"
#include "json/span_json_writer.h"
#include "query/duckdb_api.h"

namespace kutrace {
namespace {

#ifdef __aarch64__
constexpr char kPackage[] = "@duckdb/node-bindings-linux-arm64";
#else
constexpr char kPackage[] = "@duckdb/node-bindings-linux-x64";
#endif

[[noreturn]] void no_library(const std::string& cause) {
  throw Error("DuckDB's library", std::nullopt, cause,
              "SQL needs libduckdb 1.x: install it, or `npm pack " + std::string(kPackage) +
                  "`, unpack that and set KUTRACE_DUCKDB to its package/libduckdb.so. `kutrace query --table` and `--parquet`, and `kutrace stat`, work without it");
}

// The first paragraph of an error; what follows draws the query again.
std::string first_part(const char* text) {
  std::string message = text == nullptr ? "failed" : text;
  message = message.substr(0, message.find("\n\n"));
  for (char& c : message) {
    if (c == '\n') c = ' ';
  }
  return message;
}

}  // namespace

// The functions of duckdb_api.h, and what they opened.
struct Engine::Library {
#define KUTRACE_POINTER(result, name, parameters) result(*name) parameters = nullptr;
  KUTRACE_DUCKDB_FUNCTIONS(KUTRACE_POINTER)
#undef KUTRACE_POINTER
  void* handle = nullptr;
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;

  Library() {
    load();
#define KUTRACE_FIND(result, name, parameters)                                  \
  name = reinterpret_cast<result(*) parameters>(dlsym(handle, "duckdb_" #name)); \
  if (name == nullptr) no_library("has no function duckdb_" #name);
    KUTRACE_DUCKDB_FUNCTIONS(KUTRACE_FIND)
#undef KUTRACE_FIND
    if (const std::string version = library_version(); !version.starts_with("v1.")) no_library("is version " + version);
    open();
  }
  ~Library() {
    if (connection != nullptr) disconnect(&connection);
    if (database != nullptr) close(&database);
    // The library stays: its threads may still be on their way out.
  }

  void load() {
    const char* chosen = std::getenv("KUTRACE_DUCKDB");
    handle = dlopen(chosen != nullptr && *chosen != '\0' ? chosen : "libduckdb.so", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) no_library(std::string("cannot be loaded: ") + dlerror());
  }

  void open() {
    duckdb_config config = nullptr;
    if (create_config(&config) == DuckDBError) no_library("gives no configuration");
    // An in-memory database would spill into the folder where one happens to be.
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"temp_directory", ""}, {"autoinstall_known_extensions", "false"}, {"autoload_known_extensions", "false"}}) {
      if (set_config(config, name, value) == DuckDBError) no_library(std::string("does not know the setting ") + name);
    }
    char* error = nullptr;
    const duckdb_state opened = open_ext(nullptr, &database, config, &error);
    destroy_config(&config);
    if (opened == DuckDBError) {
      const std::string cause = first_part(error);
      if (error != nullptr) free(error);
      no_library("cannot open a database: " + cause);
    }
    if (connect(database, &connection) == DuckDBError) no_library("cannot connect to its database");
  }

  ResultCell cell(duckdb_vector vector, duckdb_logical_type type, idx_t row) const;
  std::string decimal(const void* data, duckdb_logical_type type, idx_t row) const;
};

// ---- rows in ------------------------------------------------------------------------------------------------

// Into tables of its own, by a connection of its own.
class Engine::Loader : public RowSink {
 public:
  Loader(Library& library, const std::set<Table>& used, std::string ending, bool with_source, const std::atomic<bool>& interrupted)
      : l_(library), ending_(std::move(ending)), with_source_(with_source), interrupted_(interrupted) {
    for (const Table table : used) used_[static_cast<size_t>(table)] = true;
    if (l_.connect(l_.database, &connection_) == DuckDBError) no_library("cannot connect to its database");
  }
  void begin(const StringPool& pool, const std::string& source) {
    pool_ = &pool;
    source_ = source;
  }
  ~Loader() override {
    forget();
    if (connection_ != nullptr) l_.disconnect(&connection_);
  }

  void row(Table table, std::span<const int64_t> cells) override {
    const auto number = static_cast<size_t>(table);
    if (!used_[number]) return;
    Open& to = of_table_[number] != nullptr ? *of_table_[number] : open(table);
    size_t column = 0;
    if (with_source_) l_.vector_assign_string_element_len(to.vectors[column++], to.rows, source_.data(), source_.size());
    for (const int64_t cell : cells) {
      if (cell == kNull) {
        to.validity[column][to.rows / 64] &= ~(uint64_t{1} << (to.rows % 64));
      } else if (to.text[column]) {
        const std::string_view text = (*pool_)[static_cast<NameId>(cell)];
        l_.vector_assign_string_element_len(to.vectors[column], to.rows, text.data(), text.size());
      } else {
        static_cast<int64_t*>(to.data[column])[to.rows] = cell;
      }
      ++column;
    }
    if (++to.rows == capacity_) write(to);
  }

  void finish() {
    for (auto& [table, open] : open_) {
      if (open.rows > 0) write(open);
      if (l_.appender_close(open.appender) == DuckDBError) fail(open);
    }
    forget();
  }

 private:
  struct Open {
    duckdb_appender appender = nullptr;
    duckdb_data_chunk chunk = nullptr;
    std::vector<duckdb_vector> vectors;
    std::vector<void*> data;
    std::vector<uint64_t*> validity;
    std::vector<bool> text;
    idx_t rows = 0;
  };

  void forget() {
    for (auto& [table, open] : open_) {
      l_.destroy_data_chunk(&open.chunk);
      l_.appender_destroy(&open.appender);
    }
    open_.clear();
    of_table_.fill(nullptr);
  }

  [[noreturn]] void fail(Open& open) {
    throw Error("the tables", std::nullopt, "cannot be filled: " + first_part(l_.appender_error(open.appender)), "free memory, or query a part of the trace");
  }

  Open& open(Table table) {
    const TableInfo& info = table_info(table);
    Open& to = open_[table];
    of_table_[static_cast<size_t>(table)] = &to;
    if (l_.appender_create(connection_, nullptr, (std::string(info.name) + ending_).c_str(), &to.appender) == DuckDBError) fail(to);
    if (with_source_) to.text.push_back(true);
    for (const ColumnInfo& column : info.columns) to.text.push_back(column.type == CellType::Text);
    std::vector<duckdb_logical_type> types;
    for (const bool text : to.text) types.push_back(l_.create_logical_type(text ? DUCKDB_TYPE_VARCHAR : DUCKDB_TYPE_BIGINT));
    to.chunk = l_.create_data_chunk(types.data(), types.size());
    for (duckdb_logical_type& type : types) l_.destroy_logical_type(&type);
    begin(to);
    return to;
  }

  void begin(Open& to) {
    to.vectors.clear();
    to.data.clear();
    to.validity.clear();
    for (idx_t c = 0; c < to.text.size(); ++c) {
      duckdb_vector vector = l_.data_chunk_get_vector(to.chunk, c);
      l_.vector_ensure_validity_writable(vector);
      to.vectors.push_back(vector);
      to.data.push_back(l_.vector_get_data(vector));
      to.validity.push_back(l_.vector_get_validity(vector));
    }
    to.rows = 0;
  }

  void write(Open& to) {
    if (interrupted_) throw Error("the query", std::nullopt, "was interrupted", "nothing was written");
    l_.data_chunk_set_size(to.chunk, to.rows);
    if (l_.append_data_chunk(to.appender, to.chunk) == DuckDBError) fail(to);
    l_.data_chunk_reset(to.chunk);
    begin(to);
  }

  Library& l_;
  const StringPool* pool_ = nullptr;
  std::string source_, ending_;
  bool with_source_;
  const std::atomic<bool>& interrupted_;
  const idx_t capacity_ = l_.vector_size();
  duckdb_connection connection_ = nullptr;
  std::map<Table, Open> open_;
  std::array<Open*, kTables> of_table_{};
  std::array<bool, kTables> used_{};
};

// The library's threads get no signals: those are the program's.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

Engine::Engine() {
  const WithoutSignals none;
  library_ = std::make_unique<Library>();
}
Engine::~Engine() = default;

std::string Engine::version() {
  const WithoutSignals none;
  const Library library;
  return library.library_version();
}

namespace {

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? "," : "") + quoted(name);
  return out + "]";
}

std::string columns_of(const TableInfo& table, bool types) {
  std::string out;
  for (const ColumnInfo& column : table.columns) {
    out += (out.empty() ? "\"" : ", \"") + std::string(column.name) + "\"";
    if (types) out += column.type == CellType::Text ? " VARCHAR" : " BIGINT";
  }
  return out;
}

// Of several threads, each fills tables of its own.
std::string ending_of(size_t loader) { return "_of_" + std::to_string(loader); }

}  // namespace

void Engine::make_tables(bool with_source, size_t loaders, const std::vector<ParquetFiles>& folders) {
  with_source_ = with_source;
  split_ = loaders > 1 || !folders.empty();
  if (used_.empty()) {
    for (const TableInfo& table : tables()) used_.insert(table.table);
  }
  for (size_t loader = 0; loader < loaders; ++loader) {
    const std::string ending = split_ ? ending_of(loader) : "";
    for (const TableInfo& table : tables()) {
      run("CREATE TABLE " + std::string(table.name) + ending + "(" + (with_source ? "source VARCHAR, " : "") + columns_of(table, true) + ")");
    }
    loaders_.push_back(std::make_unique<Loader>(*library_, used_, ending, with_source, interrupted_));
  }
  if (!split_) return;
  std::vector<std::string> readable;
  for (const TableInfo& table : tables()) {
    for (const ParquetFiles& folder : folders) {
      const auto& files = folder.of(table.table);
      if (used_.contains(table.table)) readable.insert(readable.end(), files.begin(), files.end());
    }
    make_view(table, loaders, folders);
  }
  reads_files_ = !readable.empty();
  if (reads_files_) run("SET allowed_paths = " + list_of(readable));
}

// The parts of a table one behind the other, in the order in which the inputs were read by each thread, then in that of the files.
void Engine::make_view(const TableInfo& table, size_t loaders, const std::vector<ParquetFiles>& folders) {
  const std::string name(table.name);
  const bool hive = !folders.empty();
  std::string parts;
  for (size_t loader = 0; loader < loaders; ++loader) {
    parts += (parts.empty() ? "" : " UNION ALL ") + ("SELECT source, " + columns_of(table, false)) + (hive ? ", NULL::VARCHAR AS day, NULL::VARCHAR AS machine" : "") + " FROM " + name + ending_of(loader);
  }
  for (const ParquetFiles& folder : folders) {
    const auto& files = folder.of(table.table);
    if (files.empty() || !used_.contains(table.table)) continue;
    // DIR/TABLE/day=.../machine=.../TRACE.parquet is of the trace DIR/day=.../machine=.../TRACE.
    const std::string before = folder.path + "/" + name, ending = ".parquet";
    parts += (parts.empty() ? "" : " UNION ALL ") + ("SELECT " + quoted(folder.name) + " || substr(filename, " + std::to_string(before.size() + 1) + ", length(filename) - ") +
             std::to_string(before.size() + ending.size()) + ") AS source, " + columns_of(table, false) + ", day, machine FROM read_parquet(" + list_of(files) +
             ", hive_partitioning = true, hive_types = {'day': VARCHAR, 'machine': VARCHAR}, filename = true)";
  }
  rows_from_ += "CREATE VIEW " + name + " AS " + parts + ";";
}

RowSink& Engine::rows(const StringPool& pool, const std::string& source, size_t loader) {
  loaders_[loader]->begin(pool, source);
  return *loaders_[loader];
}

void Engine::finish(size_t loader) { loaders_[loader]->finish(); }

void Engine::loaded() {
  for (const auto& loader : loaders_) loader->finish();
  loaders_.clear();
  run("SET enable_external_access = false");
  if (!rows_from_.empty()) run(rows_from_);
  run(kViews);
  run("SET lock_configuration = true");
  locked_ = true;
}

void Engine::stop_if_interrupted() const {
  if (interrupted_) throw Error("the query", std::nullopt, "was interrupted", "nothing was written");
}

void Engine::fail(const std::string& cause) const {
  stop_if_interrupted();
  throw Error("the query", std::nullopt, cause, "`kutrace query --tables` lists tables and columns");
}

// What files it may read it could write, too.
void Engine::require_harmless(const std::string& sql) {
  if (!locked_ || !reads_files_) return;
  Library& l = *library_;
  duckdb_prepared_statement statement = nullptr;
  const bool good = l.prepare(l.connection, sql.c_str(), &statement) != DuckDBError;
  const int type = good ? l.prepared_statement_type(statement) : 0;
  const std::string error = good ? "" : first_part(l.prepare_error(statement));
  l.destroy_prepare(&statement);
  // What is not one statement for the engine could be two, whatever it looks like to us.
  if (!good) fail(error);
  std::string small = sql;
  std::transform(small.begin(), small.end(), small.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  switch (type) {
    case DUCKDB_STATEMENT_TYPE_EXPLAIN:
      if (small.find("analy") == std::string::npos) return;
      break;
    case DUCKDB_STATEMENT_TYPE_SELECT:
    case DUCKDB_STATEMENT_TYPE_INSERT:
    case DUCKDB_STATEMENT_TYPE_UPDATE:
    case DUCKDB_STATEMENT_TYPE_DELETE:
    case DUCKDB_STATEMENT_TYPE_CREATE:
    case DUCKDB_STATEMENT_TYPE_DROP:
      return;
    default: break;
  }
  throw Error("the query", std::nullopt, "is a statement that could write into the Parquet folder", "ask with SELECT; kutrace query -o FILE writes the answer");
}

// ---- results out --------------------------------------------------------------------------------------------

namespace {

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.15g", value);
  return text;
}

std::string number(__int128 value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  for (; rest != 0; rest /= 10) digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  return negative ? "-" + digits : digits;
}

__int128 wide(const duckdb_hugeint& h) {
  return static_cast<__int128>(static_cast<unsigned __int128>(static_cast<uint64_t>(h.upper)) << 64 | h.lower);
}

template <typename T>
T at(const void* data, idx_t row) {
  return static_cast<const T*>(data)[row];
}

}  // namespace

std::string Engine::Library::decimal(const void* data, duckdb_logical_type type, idx_t row) const {
  __int128 value = 0;
  switch (decimal_internal_type(type)) {
    case DUCKDB_TYPE_SMALLINT:
      value = at<int16_t>(data, row);
      break;
    case DUCKDB_TYPE_INTEGER:
      value = at<int32_t>(data, row);
      break;
    case DUCKDB_TYPE_BIGINT:
      value = at<int64_t>(data, row);
      break;
    default:
      value = wide(at<duckdb_hugeint>(data, row));
  }
  std::string digits = number(value < 0 ? -value : value);
  const size_t scale = decimal_scale(type);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return value < 0 ? "-" + digits : digits;
}

ResultCell Engine::Library::cell(duckdb_vector vector, duckdb_logical_type type, idx_t row) const {
  using Kind = ResultCell::Kind;
  const uint64_t* validity = vector_get_validity(vector);
  if (validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0) return {};
  const void* data = vector_get_data(vector);
  switch (get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
      return {Kind::Bool, at<bool>(data, row) ? "true" : "false"};
    case DUCKDB_TYPE_TINYINT:
      return {Kind::Number, std::to_string(at<int8_t>(data, row))};
    case DUCKDB_TYPE_SMALLINT:
      return {Kind::Number, std::to_string(at<int16_t>(data, row))};
    case DUCKDB_TYPE_INTEGER:
      return {Kind::Number, std::to_string(at<int32_t>(data, row))};
    case DUCKDB_TYPE_BIGINT:
      return {Kind::Number, std::to_string(at<int64_t>(data, row))};
    case DUCKDB_TYPE_UTINYINT:
      return {Kind::Number, std::to_string(at<uint8_t>(data, row))};
    case DUCKDB_TYPE_USMALLINT:
      return {Kind::Number, std::to_string(at<uint16_t>(data, row))};
    case DUCKDB_TYPE_UINTEGER:
      return {Kind::Number, std::to_string(at<uint32_t>(data, row))};
    case DUCKDB_TYPE_UBIGINT:
      return {Kind::Number, std::to_string(at<uint64_t>(data, row))};
    case DUCKDB_TYPE_HUGEINT:
      return {Kind::Number, number(wide(at<duckdb_hugeint>(data, row)))};
    case DUCKDB_TYPE_FLOAT:
      return {Kind::Number, number(static_cast<double>(at<float>(data, row)))};
    case DUCKDB_TYPE_DOUBLE:
      return {Kind::Number, number(at<double>(data, row))};
    case DUCKDB_TYPE_DECIMAL:
      return {Kind::Number, decimal(data, type, row)};
    case DUCKDB_TYPE_VARCHAR: {
      const auto& text = static_cast<const duckdb_string_t*>(data)[row];
      const uint32_t length = text.value.inlined.length;
      return {Kind::Text, {length <= sizeof(text.value.inlined.inlined) ? text.value.inlined.inlined : text.value.pointer.ptr, length}};
    }
    case DUCKDB_TYPE_LIST: {
      const auto entry = at<duckdb_list_entry>(data, row);
      duckdb_vector child = list_vector_get_child(vector);
      duckdb_logical_type of = vector_get_column_type(child);
      std::string text = "[";
      for (idx_t i = 0; i < entry.length; ++i) {
        const ResultCell item = cell(child, of, entry.offset + i);
        text += (i > 0 ? ", " : "") + (item.kind == Kind::Null ? "null" : item.kind == Kind::Text ? json_string(item.text) : item.text);
      }
      destroy_logical_type(&of);
      return {Kind::Json, text + "]"};
    }
    default:
      throw Error("the result", std::nullopt, "has a column of a type that is not shown", "cast it: CAST(... AS VARCHAR)");
  }
}

namespace {

class Nothing : public ResultWriter {
 public:
  void columns(const std::vector<std::string>&) override {}
  void row(const std::vector<ResultCell>&) override {}
  void end() override {}
};

}  // namespace

void Engine::run(const std::string& sql) {
  Nothing nothing;
  run(sql, nothing);
}

void Engine::run(const std::string& sql, ResultWriter& to) {
  stop_if_interrupted();
  require_harmless(sql);
  Library& l = *library_;
  struct Result {
    Library& l;
    duckdb_result r{};
    ~Result() { l.destroy_result(&r); }
  } result{l};
  if (l.query(l.connection, sql.c_str(), &result.r) == DuckDBError) {
    fail(first_part(l.result_error(&result.r)));
  }
  std::vector<std::string> names;
  for (idx_t c = 0; c < l.column_count(&result.r); ++c) names.emplace_back(l.column_name(&result.r, c));
  to.columns(names);
  std::vector<ResultCell> cells(names.size());
  while (duckdb_data_chunk chunk = l.fetch_chunk(result.r)) {
    struct Chunk {
      Library& l;
      duckdb_data_chunk c;
      ~Chunk() { l.destroy_data_chunk(&c); }
    } held{l, chunk};
    const idx_t rows = l.data_chunk_get_size(chunk);
    for (idx_t row = 0; row < rows; ++row) {
      for (idx_t c = 0; c < cells.size(); ++c) {
        duckdb_vector vector = l.data_chunk_get_vector(chunk, c);
        duckdb_logical_type type = l.vector_get_column_type(vector);
        cells[c] = l.cell(vector, type, row);
        l.destroy_logical_type(&type);
      }
      to.row(cells);
    }
  }
  to.end();
}

void Engine::interrupt() {
  interrupted_ = true;
  library_->interrupt(library_->connection);
}

}  // namespace kutrace
