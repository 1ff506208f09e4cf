/* SPDX-License-Identifier: BSD-3-Clause */
.include "routine.inc"

routine cl_bump
	mov rax, [rdi]
	test rsi, rsi
	jz 2f
1:	mov rax, [rdi]
	inc rax
	mov [rdi], rax
	dec rsi
	jnz 1b
2:	ret
done cl_bump

routine cl_bump_atomic
	mov rax, [rdi]
	test rsi, rsi
	jz 2f
1:	mov eax, 1
	lock xadd [rdi], rax
	dec rsi
	jnz 1b
	inc rax
2:	ret
done cl_bump_atomic

routine cl_chase
	mov rax, rdi
	test rsi, rsi
	jz 2f
1:	mov rax, [rax]
	dec rsi
	jnz 1b
2:	ret
done cl_chase

/* Lines are 64 bytes on every processor that runs this. clflush is ordered by mfence alone. */
routine cl_flush
	test rsi, rsi
	jz 2f
	add rsi, rdi
	and rdi, -64
1:	clflush [rdi]
	add rdi, 64
	cmp rdi, rsi
	jb 1b
	mfence
2:	ret
done cl_flush
