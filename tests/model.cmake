# SPDX-License-Identifier: BSD-3-Clause
# The buffer of kutrace_mod in user space: its shipped C files, on a machine of ours that can interrupt them anywhere.
set(model_headers ${CMAKE_CURRENT_BINARY_DIR}/model_headers)
# The kernel's headers that it includes; what they have is in tests/model/kernel.h.
foreach(header asm/irq_regs.h asm/msr.h asm/sysreg.h asm/tsc.h asm/unaligned.h linux/atomic.h linux/bits.h linux/cpumask.h linux/file.h linux/fs.h
    linux/hardirq.h linux/irqflags.h linux/kernel.h linux/ktime.h linux/kutrace.h linux/lockdep.h linux/math64.h linux/mm.h linux/mutex.h
    linux/percpu.h linux/perf_event.h linux/preempt.h linux/ptrace.h linux/rcupdate.h linux/sched.h linux/sched/isolation.h
    linux/sched/signal.h linux/sched/task.h linux/slab.h linux/smp.h linux/spinlock.h linux/string.h linux/tick.h linux/timekeeping.h
    linux/timer.h linux/types.h linux/unaligned.h linux/version.h linux/vmalloc.h)
  file(CONFIGURE OUTPUT ${model_headers}/${header} CONTENT "")
endforeach()

# The module, with the compiler's marks before its accesses to memory. The explorer answers these; there is no other sanitizer
# in what it runs, whose stacks it abandons.
set(model_flags -fno-sanitize=all)
add_library(model_module OBJECT EXCLUDE_FROM_ALL model/module.c)
target_include_directories(model_module PRIVATE . ${PROJECT_SOURCE_DIR}/include ${model_headers} ${PROJECT_SOURCE_DIR}/loadable-module)
target_compile_options(model_module PRIVATE ${model_flags} -fsanitize=thread -std=gnu11 -O1 -fno-common
  -include ${CMAKE_CURRENT_SOURCE_DIR}/model/kernel.h -Wno-unused-parameter -Wno-unused-function -Wno-conversion)
set_source_files_properties(model/module.c PROPERTIES OBJECT_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/model/kernel.h)
# All of its variables in one section, which can be saved and restored.
set(marked ${CMAKE_CURRENT_BINARY_DIR}/model_module_marked.o)
add_custom_command(OUTPUT ${marked} DEPENDS model_module $<TARGET_OBJECTS:model_module> VERBATIM
  COMMAND ${CMAKE_OBJCOPY} --set-section-flags .bss=alloc,load,contents,data --rename-section .bss=model_variables
    --rename-section .data=model_variables $<TARGET_OBJECTS:model_module> ${marked})
set_source_files_properties(${marked} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)

foreach(test slow_path_test interleavings_test)
  add_executable(${test} ${test}.cc model/machine.cc model/explorer.cc model/reading.cc ${marked})
  target_include_directories(${test} PRIVATE . ${PROJECT_SOURCE_DIR}/include)
  target_compile_options(${test} PRIVATE ${model_flags})
  target_link_libraries(${test} PRIVATE GTest::gtest_main)
  gtest_discover_tests(${test} DISCOVERY_TIMEOUT 600)
endforeach()
