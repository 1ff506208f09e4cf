# SPDX-License-Identifier: BSD-3-Clause
# Rings, their collector, the SDKs and kutrace coro.
# The examples: programs with a scheduler of their own.
add_executable(fibers ${PROJECT_SOURCE_DIR}/user-code/examples/fibers.c)
target_link_libraries(fibers PRIVATE kutrace_coro_static Threads::Threads)
set(examples fibers)
foreach(example epoll_loop stealing_pool timer_wheel)
  add_executable(${example} ${PROJECT_SOURCE_DIR}/user-code/examples/${example}.cc)
  target_include_directories(${example} PRIVATE ${PROJECT_SOURCE_DIR}/user-code/lib ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${example} PRIVATE Threads::Threads)
  list(APPEND examples ${example})
endforeach()

add_executable(coro_program coro/coro_program.cc)
target_include_directories(coro_program PRIVATE ${PROJECT_SOURCE_DIR}/user-code/lib ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(coro_program PRIVATE Threads::Threads)
kutrace_test(coro_test coro/coro_check_test.cc coro/coro_import_test.cc coro/coro_record_test.cc coro/seeded.cc)
target_link_libraries(coro_test PRIVATE kutrace_rings)
target_compile_definitions(coro_test PRIVATE KUTRACE_CORO_PROGRAM="$<TARGET_FILE:coro_program>"
  KUTRACE_EXAMPLES="$<TARGET_FILE_DIR:fibers>" KUTRACE_CORO_READER="${CMAKE_CURRENT_SOURCE_DIR}/coro/reader.mjs")
add_dependencies(coro_test kutrace coro_program ${examples})
gtest_discover_tests(coro_test DISCOVERY_TIMEOUT 600)

# The writer and the collector on a machine of ours; no sanitizer in what it runs, whose stacks it abandons.
if(NOT KUTRACE_SANITIZE)
  add_executable(ring_model_test coro/ring_model_test.cc)
  target_link_libraries(ring_model_test PRIVATE kutrace_rings kutrace_lib GTest::gtest_main)
  target_include_directories(ring_model_test PRIVATE .)
  gtest_discover_tests(ring_model_test DISCOVERY_TIMEOUT 600)

  # The same sources under ThreadSanitizer, which the other sanitizers do not go with.
  add_executable(ring_threads coro/ring_threads.cc ${PROJECT_SOURCE_DIR}/user-code/rings/area.cc ${PROJECT_SOURCE_DIR}/user-code/rings/collector.cc)
  target_include_directories(ring_threads PRIVATE ${PROJECT_SOURCE_DIR}/user-code ${PROJECT_SOURCE_DIR}/user-code/lib ${PROJECT_SOURCE_DIR}/postproc ${PROJECT_SOURCE_DIR}/include)
  target_compile_options(ring_threads PRIVATE -fsanitize=thread)
  target_link_options(ring_threads PRIVATE -fsanitize=thread)
  target_link_libraries(ring_threads PRIVATE Threads::Threads)
  add_test(NAME Rings.HaveNoRaces COMMAND ring_threads)
endif()
