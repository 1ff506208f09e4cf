/* SPDX-License-Identifier: BSD-3-Clause */
.include "routine.inc"

routine lab_ticks
	lfence
	rdtsc
	lfence
	shl rdx, 32
	or rax, rdx
	ret
done lab_ticks

/* A real jump: setcc or cmov would predict nothing. */
routine sp_count
	xor eax, eax
	test rsi, rsi
	jz 3f
	add rsi, rdi
1:	cmp byte ptr [rdi], 0
	je 2f
	inc rax
2:	inc rdi
	cmp rdi, rsi
	jne 1b
3:	ret
done sp_count

routine sp_load
	mfence
	lfence
	rdtsc
	lfence
	mov r8d, eax
	mov r9d, edx
	mov r10, [rdi]
	rdtscp
	lfence
	shl rdx, 32
	or rax, rdx
	shl r9, 32
	or r9, r8
	sub rax, r9
	ret
done sp_load
