# SPDX-License-Identifier: BSD-3-Clause
# Programs that cause known effects: one file with a link for each name.
set(KUTRACE_WORKLOADS barrier cpu_hog disk_reader file_hog hello_world herd inversion lockorder locks log_lines netflow page_hog pipes quanta queues sched_mix
  rpc_client rpc_server signals storms timers wakechain waste whet)
list(TRANSFORM KUTRACE_WORKLOADS REPLACE "(.+)" "${CMAKE_CURRENT_LIST_DIR}/\\1.cc" OUTPUT_VARIABLE workload_sources)
add_library(kutrace_workload OBJECT workloads/main.cc workloads/workload.cc ${workload_sources})
target_include_directories(kutrace_workload PUBLIC workloads)
target_link_libraries(kutrace_workload PUBLIC kutrace_static Threads::Threads)

# workload_program(TARGET FOLDER): the program, in FOLDER.
function(workload_program name folder)
  add_executable(${name} $<TARGET_OBJECTS:kutrace_workload>)
  target_link_libraries(${name} PRIVATE kutrace_static Threads::Threads)
  set_target_properties(${name} PROPERTIES OUTPUT_NAME workloads RUNTIME_OUTPUT_DIRECTORY ${folder})
  foreach(workload IN LISTS KUTRACE_WORKLOADS)
    add_custom_command(TARGET ${name} POST_BUILD COMMAND ${CMAKE_COMMAND} -E create_symlink workloads ${folder}/${workload} VERBATIM)
  endforeach()
endfunction()
workload_program(workloads ${CMAKE_CURRENT_BINARY_DIR}/workloads)
if(NOT KUTRACE_SANITIZE)
  workload_program(guest_workloads ${KUTRACE_GUEST_FOLDER}/workloads)
  set_target_properties(guest_workloads PROPERTIES EXCLUDE_FROM_ALL ON)
  target_link_options(guest_workloads PRIVATE -static -s)
endif()
