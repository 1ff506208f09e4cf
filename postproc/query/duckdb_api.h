/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of DuckDB's C interface (1.x) that is used, declared here because no package that most machines have brings its header. The
 * library is loaded at run time (engine.cc); names, types and numbers are those of its documentation.
 */
#pragma once

#include <stdint.h>

typedef uint64_t idx_t;
typedef enum { DuckDBSuccess = 0, DuckDBError = 1 } duckdb_state;
typedef struct _duckdb_database { void* internal_ptr; } *duckdb_database;
typedef struct _duckdb_connection { void* internal_ptr; } *duckdb_connection;
typedef struct _duckdb_config { void* internal_ptr; } *duckdb_config;
typedef struct _duckdb_logical_type { void* internal_ptr; } *duckdb_logical_type;
typedef struct _duckdb_data_chunk { void* internal_ptr; } *duckdb_data_chunk;
typedef struct _duckdb_vector { void* internal_ptr; } *duckdb_vector;
typedef struct _duckdb_appender { void* internal_ptr; } *duckdb_appender;
typedef struct _duckdb_prepared_statement { void* internal_ptr; } *duckdb_prepared_statement;

typedef struct {
  idx_t deprecated_column_count, deprecated_row_count, deprecated_rows_changed;
  void* deprecated_columns;
  char* deprecated_error_message;
  void* internal_data;
} duckdb_result;

typedef struct { uint64_t lower; int64_t upper; } duckdb_hugeint;
typedef struct { uint64_t offset, length; } duckdb_list_entry;
/* Texts of up to 12 bytes stand in the value. */
typedef struct {
  union {
    struct { uint32_t length; char prefix[4]; char* ptr; } pointer;
    struct { uint32_t length; char inlined[12]; } inlined;
  } value;
} duckdb_string_t;

/* What the library of every 64-bit machine has: it tells no one its layout at run time. */
static_assert(sizeof(duckdb_result) == 48 && sizeof(duckdb_hugeint) == 16 && sizeof(duckdb_list_entry) == 16 && sizeof(duckdb_string_t) == 16, "DuckDB's layout");

enum {
  DUCKDB_STATEMENT_TYPE_SELECT = 1,
  DUCKDB_STATEMENT_TYPE_INSERT = 2,
  DUCKDB_STATEMENT_TYPE_UPDATE = 3,
  DUCKDB_STATEMENT_TYPE_EXPLAIN = 4,
  DUCKDB_STATEMENT_TYPE_DELETE = 5,
  DUCKDB_STATEMENT_TYPE_CREATE = 7,
  DUCKDB_STATEMENT_TYPE_DROP = 15,
};

enum {
  DUCKDB_TYPE_BOOLEAN = 1,
  DUCKDB_TYPE_TINYINT = 2,
  DUCKDB_TYPE_SMALLINT = 3,
  DUCKDB_TYPE_INTEGER = 4,
  DUCKDB_TYPE_BIGINT = 5,
  DUCKDB_TYPE_UTINYINT = 6,
  DUCKDB_TYPE_USMALLINT = 7,
  DUCKDB_TYPE_UINTEGER = 8,
  DUCKDB_TYPE_UBIGINT = 9,
  DUCKDB_TYPE_FLOAT = 10,
  DUCKDB_TYPE_DOUBLE = 11,
  DUCKDB_TYPE_HUGEINT = 16,
  DUCKDB_TYPE_VARCHAR = 17,
  DUCKDB_TYPE_DECIMAL = 19,
  DUCKDB_TYPE_LIST = 24,
};

/* result, name, parameters */
#define KUTRACE_DUCKDB_FUNCTIONS(F)                                                                  \
  F(const char*, library_version, (void))                                                            \
  F(duckdb_state, create_config, (duckdb_config*))                                                   \
  F(duckdb_state, set_config, (duckdb_config, const char*, const char*))                             \
  F(void, destroy_config, (duckdb_config*))                                                          \
  F(duckdb_state, open_ext, (const char*, duckdb_database*, duckdb_config, char**))                  \
  F(void, close, (duckdb_database*))                                                                 \
  F(duckdb_state, connect, (duckdb_database, duckdb_connection*))                                    \
  F(void, disconnect, (duckdb_connection*))                                                          \
  F(void, interrupt, (duckdb_connection))                                                            \
  F(void, free, (void*))                                                                             \
  F(duckdb_state, prepare, (duckdb_connection, const char*, duckdb_prepared_statement*))              \
  F(const char*, prepare_error, (duckdb_prepared_statement))                                         \
  F(int, prepared_statement_type, (duckdb_prepared_statement))                                       \
  F(void, destroy_prepare, (duckdb_prepared_statement*))                                             \
  F(duckdb_state, query, (duckdb_connection, const char*, duckdb_result*))                           \
  F(void, destroy_result, (duckdb_result*))                                                          \
  F(const char*, result_error, (duckdb_result*))                                                     \
  F(idx_t, column_count, (duckdb_result*))                                                           \
  F(const char*, column_name, (duckdb_result*, idx_t))                                               \
  F(duckdb_data_chunk, fetch_chunk, (duckdb_result))                                                 \
  F(duckdb_logical_type, create_logical_type, (int))                                                 \
  F(void, destroy_logical_type, (duckdb_logical_type*))                                              \
  F(int, get_type_id, (duckdb_logical_type))                                                         \
  F(uint8_t, decimal_scale, (duckdb_logical_type))                                                   \
  F(int, decimal_internal_type, (duckdb_logical_type))                                               \
  F(duckdb_data_chunk, create_data_chunk, (duckdb_logical_type*, idx_t))                             \
  F(void, destroy_data_chunk, (duckdb_data_chunk*))                                                  \
  F(void, data_chunk_reset, (duckdb_data_chunk))                                                     \
  F(idx_t, data_chunk_get_size, (duckdb_data_chunk))                                                 \
  F(void, data_chunk_set_size, (duckdb_data_chunk, idx_t))                                           \
  F(duckdb_vector, data_chunk_get_vector, (duckdb_data_chunk, idx_t))                                \
  F(duckdb_logical_type, vector_get_column_type, (duckdb_vector))                                    \
  F(void*, vector_get_data, (duckdb_vector))                                                         \
  F(uint64_t*, vector_get_validity, (duckdb_vector))                                                 \
  F(void, vector_ensure_validity_writable, (duckdb_vector))                                          \
  F(void, vector_assign_string_element_len, (duckdb_vector, idx_t, const char*, idx_t))              \
  F(duckdb_vector, list_vector_get_child, (duckdb_vector))                                           \
  F(idx_t, vector_size, (void))                                                                      \
  F(duckdb_state, appender_create, (duckdb_connection, const char*, const char*, duckdb_appender*))  \
  F(duckdb_state, append_data_chunk, (duckdb_appender, duckdb_data_chunk))                           \
  F(duckdb_state, appender_close, (duckdb_appender))                                                 \
  F(const char*, appender_error, (duckdb_appender))                                                  \
  F(duckdb_state, appender_destroy, (duckdb_appender*))
