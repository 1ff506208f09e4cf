/* SPDX-License-Identifier: BSD-3-Clause */
/* The control system call of the reference, for programs that were written for it. Nothing else here uses it. */
#include <errno.h>

#include "kutrace.h"

/* Not syscall(2): that turns results of -4095..-1 into errno, and all ones is an answer here. */
uint64_t kutrace_control(uint64_t command, uint64_t argument)
{
#if defined(__x86_64__)
	uint64_t result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"((uint64_t)KUTRACE_CONTROL_SYSCALL), "D"(command), "S"(argument)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register uint64_t x0 __asm__("x0") = command;
	register uint64_t x1 __asm__("x1") = argument;
	register uint64_t x8 __asm__("x8") = KUTRACE_CONTROL_SYSCALL;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x8) : "memory");
	return x0;
#else
	(void)command;
	(void)argument;
	return (uint64_t)-(int64_t)ENOSYS;
#endif
}
