# SPDX-License-Identifier: BSD-3-Clause
# Tables of names made from the macros that the target system's headers define: nothing is typed in by hand.

# Writes one source file: a function that gives (value, name) for each macro of `header` that matches `pattern`, whose
# first group is the name. A header that the target does not have gives an empty table.
function(macro_table function header pattern value_prefix output)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_C_FLAGS}")
  set(probe ${CMAKE_CURRENT_BINARY_DIR}/tables/probe.c)
  file(WRITE ${probe} "#include <${header}>\n")
  execute_process(COMMAND ${CMAKE_C_COMPILER} ${flags} -dM -E ${probe} OUTPUT_VARIABLE macros RESULT_VARIABLE status
    ERROR_QUIET)
  set(KUTRACE_TABLE_ROWS "")
  if(status EQUAL 0)
    string(REPLACE "\n" ";" lines "${macros}")
    list(SORT lines)
    foreach(line IN LISTS lines)
      # The first two are counts, not calls.
      if(line MATCHES "__NR_(syscalls|arch_specific_syscall) ")
        continue()
      endif()
      if(line MATCHES "${pattern}")
        string(APPEND KUTRACE_TABLE_ROWS "      {${value_prefix}${CMAKE_MATCH_1}, \"${CMAKE_MATCH_1}\"},\n")
      endif()
    endforeach()
    set(KUTRACE_TABLE_HEADER ${header})
  else()
    set(KUTRACE_TABLE_HEADER errno.h)
  endif()
  set(KUTRACE_TABLE_FUNCTION ${function})
  set(file ${CMAKE_CURRENT_BINARY_DIR}/tables/${function}.cc)
  configure_file(control/system_tables.cc.in ${file} @ONLY)
  set(${output} ${file} PARENT_SCOPE)
endfunction()

function(system_tables output)
  macro_table(system_call_names asm/unistd.h "^#define __NR_([a-z0-9_]+) [^ ]" __NR_ a)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    macro_table(system_call_names_32 asm/unistd_32.h "^#define __NR_([a-z0-9_]+) [^ ]" __NR_ b)
  else()
    macro_table(system_call_names_32 kutrace/no-such-header.h "^$" "" b)
  endif()
  # Numbers only: EWOULDBLOCK and the like are second names.
  macro_table(errno_names errno.h "^#define (E[A-Z0-9]+) [0-9]+$" "" c)
  set(${output} ${a} ${b} ${c} PARENT_SCOPE)
endfunction()
