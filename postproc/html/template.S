/* SPDX-License-Identifier: BSD-3-Clause */
/* The viewer's page, as bytes. */
	.section .rodata
	.global kutrace_template_begin
	.global kutrace_template_end
kutrace_template_begin:
	.incbin TEMPLATE_PATH
kutrace_template_end:
	.byte 0
	.section .note.GNU-stack,"",@progbits
