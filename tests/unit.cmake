# SPDX-License-Identifier: BSD-3-Clause
# Unit, property and golden tests (GoogleTest).
find_package(GTest REQUIRED)
include(GoogleTest)

add_library(test_support STATIC support/encoder.cc support/chain_run.cc)
target_include_directories(test_support PUBLIC .)
target_link_libraries(test_support PUBLIC kutrace_lib GTest::gtest)
target_compile_definitions(test_support PUBLIC
  KUTRACE_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data"
  KUTRACE_TOOLS="$<TARGET_FILE_DIR:kutrace>"
  KUTRACE_SPANDIFF="$<TARGET_FILE:spandiff>")

function(kutrace_test name)
  add_executable(${name} ${ARGN} $<TARGET_OBJECTS:kutrace_template>)
  target_link_libraries(${name} PRIVATE test_support GTest::gtest_main)
endfunction()

target_sources(test_support PRIVATE support/simulator.cc support/simulator_life.cc support/simulator_truth.cc)
kutrace_test(property_test property_test.cc)
gtest_discover_tests(property_test DISCOVERY_TIMEOUT 600)
kutrace_test(vectors_test vectors_test.cc defects_raw_test.cc defects_span_test.cc defects_names_test.cc clock_test.cc
  switches_test.cc)
gtest_discover_tests(vectors_test DISCOVERY_TIMEOUT 600)
kutrace_test(tables_test tables_test.cc)
add_dependencies(tables_test kutrace)
gtest_discover_tests(tables_test DISCOVERY_TIMEOUT 600)
kutrace_test(stat_test stat_test.cc)
add_dependencies(stat_test kutrace rawtoevent spantojson)
gtest_discover_tests(stat_test DISCOVERY_TIMEOUT 600)
kutrace_test(query_test query_test.cc)
add_dependencies(query_test kutrace)
# DuckDB of this machine, or what `npm ci` in tests/engine fetched (scripts/test does so).
find_library(DUCKDB_LIBRARY duckdb PATHS ${CMAKE_CURRENT_SOURCE_DIR}/engine/node_modules/@duckdb/node-bindings-linux-x64
  ${CMAKE_CURRENT_SOURCE_DIR}/engine/node_modules/@duckdb/node-bindings-linux-arm64)
# Not under a sanitizer: the library takes 70 MB of code that is not instrumented.
if(DUCKDB_LIBRARY AND NOT KUTRACE_SANITIZE)
  target_compile_definitions(query_test PRIVATE KUTRACE_TEST_DUCKDB)
  set(duckdb_environment ENVIRONMENT KUTRACE_DUCKDB=${DUCKDB_LIBRARY})
endif()
gtest_discover_tests(query_test DISCOVERY_TIMEOUT 600 PROPERTIES ${duckdb_environment})
kutrace_test(golden_test golden_test.cc)
add_dependencies(golden_test spandiff kutrace rawtoevent eventtospan spantojson unmakeself)
kutrace_test(facts_test facts_test.cc)
target_link_libraries(facts_test PRIVATE kutrace_static)
gtest_discover_tests(facts_test DISCOVERY_TIMEOUT 600)
kutrace_test(json_test span_json_vectors_test.cc)
gtest_discover_tests(json_test DISCOVERY_TIMEOUT 600)
kutrace_test(tools_test defects_tools_test.cc documents_tools_test.cc view_tools_test.cc)
target_compile_definitions(tools_test PRIVATE KUTRACE_REFERENCE_CHAIN="${CMAKE_CURRENT_SOURCE_DIR}/tools/reference_chain")
add_dependencies(tools_test tools)
gtest_discover_tests(tools_test DISCOVERY_TIMEOUT 600)
gtest_discover_tests(golden_test DISCOVERY_TIMEOUT 600)
kutrace_test(output_test output_file_test.cc support/child.cc)
add_dependencies(output_test tools)
gtest_discover_tests(output_test DISCOVERY_TIMEOUT 600)
kutrace_test(core_test core_test.cc base91_test.cc)
target_include_directories(core_test PRIVATE ${PROJECT_SOURCE_DIR}/loadable-module)
target_compile_definitions(core_test PRIVATE KUTRACE_TEMPLATE="${PROJECT_SOURCE_DIR}/postproc/viewer/dist/template.html")
gtest_discover_tests(core_test DISCOVERY_TIMEOUT 600)
if(KUTRACE_HARDEN)
  add_test(NAME Programs.AreHardened COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/hardening $<TARGET_FILE:kutrace> $<TARGET_FILE:rawtoevent>
    $<TARGET_FILE:eventtospan> $<TARGET_FILE:spantojson> $<TARGET_FILE:makeself> $<TARGET_FILE:unmakeself> $<TARGET_FILE:kutrace_control>)
endif()
add_test(NAME Scripts.KeepTheirRules COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/scripts_rules)
add_test(NAME Patches.CarryTheFormatAsItIs COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/patch_abi)
add_test(NAME Docs.ReferencesLeadSomewhere COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/doc_references)
add_test(NAME Docs.CommandsWork COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/doc_commands $<TARGET_FILE_DIR:kutrace>)
