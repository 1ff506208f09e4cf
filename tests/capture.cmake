# SPDX-License-Identifier: BSD-3-Clause
# libkutrace and kutrace_control, with a model of the module in place of the kernel; the programs on this machine's.
if(TARGET kutrace_capture)
  kutrace_test(capture_test capture_names_test.cc capture_session_test.cc capture_command_test.cc libkutrace_test.cc
    capture_device_test.cc manual_test.cc field_test.cc support/fake_module.cc support/child.cc)
  target_link_libraries(capture_test PRIVATE kutrace_capture kutrace_field_parts)
  target_compile_definitions(capture_test PRIVATE KUTRACE_CONTROL="$<TARGET_FILE:kutrace_control>" KUTRACE_FIELD="$<TARGET_FILE:kutrace-field>"
    KUTRACE_SOURCE="${PROJECT_SOURCE_DIR}" KUTRACE_GROUND_TRUTH="$<TARGET_FILE:ground_truth>" KUTRACE_HELLO="$<TARGET_FILE:hello_world_trace>")
  add_dependencies(capture_test kutrace kutrace_control kutrace-field ground_truth hello_world_trace)
  gtest_discover_tests(capture_test DISCOVERY_TIMEOUT 600)

  # The same as processes, for signals and users.
  add_executable(fake_control support/fake_control.cc support/fake_module.cc)
  target_link_libraries(fake_control PRIVATE test_support kutrace_capture)
  add_executable(teller support/teller.cc)
  add_executable(marker support/marker.cc)
  target_link_libraries(marker PRIVATE kutrace_static)
  kutrace_test(run_test capture_run_test.cc libkutrace_process_test.cc support/child.cc)
  target_compile_definitions(run_test PRIVATE KUTRACE_FAKE_CONTROL="$<TARGET_FILE:fake_control>" KUTRACE_TELLER="$<TARGET_FILE:teller>"
    KUTRACE_MARKER="$<TARGET_FILE:marker>")
  add_dependencies(run_test fake_control teller marker)
  gtest_discover_tests(run_test DISCOVERY_TIMEOUT 600)
endif()
# GCC 12 takes std::regex under a sanitizer for uninitialized (its bug 105562).
set_source_files_properties(manual_test.cc PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
if(TARGET kutrace_record)
  kutrace_test(record_test record_test.cc record_here_test.cc doctor_test.cc mapping_watch_test.cc)
  target_link_libraries(record_test PRIVATE kutrace_record)
  add_dependencies(record_test kutrace)
  # Alone: what others do at the same time would be recorded, too.
  gtest_discover_tests(record_test DISCOVERY_TIMEOUT 600 PROPERTIES RUN_SERIAL TRUE)
endif()
