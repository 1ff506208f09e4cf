# SPDX-License-Identifier: BSD-3-Clause
# Damaged and hostile input: mutated traces, named bad cases, fuzz targets.
add_library(kutrace_robust STATIC support/robust_run.cc support/made_page.cc support/mutate.cc)
target_include_directories(kutrace_robust PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(kutrace_robust PUBLIC kutrace_lib)

# With libFuzzer: real fuzz targets. Without: the corpus is replayed as a test.
foreach(target raw event_text span_json page side_document)
  add_executable(fuzz_${target} fuzz/fuzz_${target}.cc $<TARGET_OBJECTS:kutrace_template>)
  target_link_libraries(fuzz_${target} PRIVATE kutrace_robust)
  if(KUTRACE_FUZZ)
    target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${target} PRIVATE fuzz/replay_main.cc)
    add_test(NAME corpus_${target} COMMAND fuzz_${target} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${target})
  endif()
endforeach()

if(NOT KUTRACE_FUZZ)
  find_package(GTest REQUIRED)
  set(robust_definitions KUTRACE_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data"
    KUTRACE_TOOLS="$<TARGET_FILE_DIR:kutrace>")
  foreach(test robustness badinput)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${test}_test.cc)
      continue()
    endif()
    add_executable(${test}_test ${test}_test.cc $<TARGET_OBJECTS:kutrace_template>)
    target_link_libraries(${test}_test PRIVATE kutrace_robust GTest::gtest_main)
    target_compile_definitions(${test}_test PRIVATE ${robust_definitions})
    add_dependencies(${test}_test kutrace rawtoevent eventtospan spantojson makeself unmakeself spantotrim spantospan
      checktrace)
    add_test(NAME ${test} COMMAND ${test}_test)
  endforeach()
  if(TARGET badinput_test)
    target_sources(badinput_test PRIVATE badinput_tools_test.cc)
  endif()
endif()
