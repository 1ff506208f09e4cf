/* SPDX-License-Identifier: BSD-3-Clause */
.include "routine.inc"

routine lf_add
	mov rax, rsi
	lock xadd [rdi], rax
	ret
done lf_add

routine lf_cas
	mov rax, rsi
	lock cmpxchg [rdi], rdx
	/* The flag is the result; rax is what was there. */
	sete al
	movzx eax, al
	ret
done lf_cas

/* rbx is the caller's, and half of what cmpxchg16b stores. */
routine lf_push
	mov r9, rbx
	mov r8, rdi
	mov rax, [r8]
	mov rdx, [r8 + 8]
1:	mov [rsi], rax
	mov rbx, rsi
	lea rcx, [rdx + 1]
	lock cmpxchg16b [r8]
	jnz 1b
	mov rbx, r9
	ret
done lf_push

routine lf_pop
	mov r9, rbx
	mov r8, rdi
	mov rax, [r8]
	mov rdx, [r8 + 8]
1:	test rax, rax
	jz 2f
	mov rbx, [rax]
	lea rcx, [rdx + 1]
	lock cmpxchg16b [r8]
	jnz 1b
2:	mov rbx, r9
	ret
done lf_pop

routine lf_pop_untagged
	push rbx
	.cfi_def_cfa_offset 16
	.cfi_offset rbx, -16
	push r12
	.cfi_def_cfa_offset 24
	.cfi_offset r12, -24
	push r13
	.cfi_def_cfa_offset 32
	.cfi_offset r13, -32
	mov rbx, rdi
	mov r12, [rbx]
	test r12, r12
	jz 2f
	mov r13, [r12]
	call rsi
	mov rax, r12
	lock cmpxchg [rbx], r13
	je 2f
	xor r12d, r12d
2:	mov rax, r12
	pop r13
	.cfi_def_cfa_offset 24
	pop r12
	.cfi_def_cfa_offset 16
	pop rbx
	.cfi_def_cfa_offset 8
	ret
done lf_pop_untagged

/* Stores become visible in the order in which they are made, loads are made in order: plain moves will do. */
routine lf_put
	mov rax, [rdi]
	mov rcx, rax
	sub rcx, [rdi + 128]
	cmp rcx, 1024
	jae 1f
	mov ecx, eax
	and ecx, 1023
	mov [rdi + 256 + rcx * 8], rsi
	inc rax
	mov [rdi], rax
	mov eax, 1
	ret
1:	xor eax, eax
	ret
done lf_put

routine lf_get
	mov rax, [rdi + 128]
	cmp rax, [rdi]
	je 1f
	mov ecx, eax
	and ecx, 1023
	mov rcx, [rdi + 256 + rcx * 8]
	mov [rsi], rcx
	inc rax
	mov [rdi + 128], rax
	mov eax, 1
	ret
1:	xor eax, eax
	ret
done lf_get
