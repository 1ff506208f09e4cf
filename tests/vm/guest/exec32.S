/* SPDX-License-Identifier: BSD-3-Clause */
/* A 32-bit program without a library: executes its arguments; without any, ends. */
	.section .note.GNU-stack, "", @progbits
	.text
	.globl _start
_start:
	cmpl	$1, (%esp)
	jle	1f
	leal	8(%esp), %ecx	/* argv + 1 */
	movl	(%ecx), %ebx
	xorl	%edx, %edx
	movl	$11, %eax	/* execve */
	int	$0x80
1:	xorl	%ebx, %ebx
	movl	$1, %eax	/* exit */
	int	$0x80
