/* SPDX-License-Identifier: BSD-3-Clause */
/* The compiled eBPF programs, part of the program that loads them. */
	.section .rodata
	.balign 16
	.globl kutrace_bpf_object
	.globl kutrace_bpf_object_end
kutrace_bpf_object:
	.incbin BPF_OBJECT
kutrace_bpf_object_end:
	.section .note.GNU-stack, "", %progbits
