/* SPDX-License-Identifier: BSD-3-Clause */
.include "routine.inc"

routine ooo_chain
	mov eax, 1
	shr rdi, 2
	jz 2f
1:	imul rax, rax, 3
	imul rax, rax, 3
	imul rax, rax, 3
	imul rax, rax, 3
	dec rdi
	jnz 1b
2:	ret
done ooo_chain

routine ooo_four
	mov eax, 1
	mov ecx, 1
	mov edx, 1
	mov r8d, 1
	shr rdi, 2
	jz 2f
1:	imul rax, rax, 3
	imul rcx, rcx, 3
	imul rdx, rdx, 3
	imul r8, r8, 3
	dec rdi
	jnz 1b
2:	add rax, rcx
	add rdx, r8
	add rax, rdx
	ret
done ooo_four

routine ooo_whole
	mov rax, [rdi]
	test rsi, rsi
	jz 2f
1:	inc rax
	mov [rdi], rax
	mov rax, [rdi]
	dec rsi
	jnz 1b
2:	ret
done ooo_whole

routine ooo_halves
	mov rax, [rdi]
	test rsi, rsi
	jz 2f
1:	inc rax
	mov rcx, rax
	shr rcx, 32
	mov [rdi], eax
	mov [rdi + 4], ecx
	mov rax, [rdi]
	dec rsi
	jnz 1b
2:	ret
done ooo_halves
