/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * asm_kept(routine, arguments[3]): calls the routine with every register that is its caller's filled with a pattern of its own; how many of
 * them it changed.
 */
.section .note.GNU-stack, "", %progbits
.text
.globl asm_kept
.type asm_kept, %function
asm_kept:
#if defined(__x86_64__)
.intel_syntax noprefix
	endbr64
	push rbx
	push rbp
	push r12
	push r13
	push r14
	push r15
	sub rsp, 24
	mov r10, rdi
	mov rdi, [rsi]
	mov rdx, [rsi + 16]
	mov rsi, [rsi + 8]
	mov rbx, 0x1111111122222221
	mov rbp, 0x1111111122222222
	mov r12, 0x1111111122222223
	mov r13, 0x1111111122222224
	mov r14, 0x1111111122222225
	mov r15, 0x1111111122222226
	mov [rsp + 8], rsp
	call r10
	xor eax, eax
	xor ecx, ecx
	mov rdx, 0x1111111122222221
	cmp rbx, rdx
	setne al
	inc rdx
	cmp rbp, rdx
	setne cl
	add eax, ecx
	inc rdx
	cmp r12, rdx
	setne cl
	add eax, ecx
	inc rdx
	cmp r13, rdx
	setne cl
	add eax, ecx
	inc rdx
	cmp r14, rdx
	setne cl
	add eax, ecx
	inc rdx
	cmp r15, rdx
	setne cl
	add eax, ecx
	cmp [rsp + 8], rsp
	setne cl
	add eax, ecx
	add rsp, 24
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbp
	pop rbx
	ret
#elif defined(__aarch64__)
	hint 34
	stp x29, x30, [sp, -176]!
	stp x19, x20, [sp, 16]
	stp x21, x22, [sp, 32]
	stp x23, x24, [sp, 48]
	stp x25, x26, [sp, 64]
	stp x27, x28, [sp, 80]
	stp d8, d9, [sp, 96]
	stp d10, d11, [sp, 112]
	stp d12, d13, [sp, 128]
	stp d14, d15, [sp, 144]
	str x18, [sp, 160]
	mov x9, x0
	ldp x0, x10, [x1]
	ldr x2, [x1, 16]
	mov x1, x10
	.irp n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28
	mov x\n, 0x5500 + \n
	.endr
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	mov x10, 0x6600 + \n
	fmov d\n, x10
	.endr
	mov x29, sp
	blr x9
	mov x0, 0
	.irp n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28
	mov x1, 0x5500 + \n
	cmp x\n, x1
	cinc x0, x0, ne
	.endr
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	mov x1, 0x6600 + \n
	fmov x2, d\n
	cmp x2, x1
	cinc x0, x0, ne
	.endr
	mov x1, sp
	cmp x29, x1
	cinc x0, x0, ne
	ldr x1, [sp, 160]
	cmp x18, x1
	cinc x0, x0, ne
	ldp x19, x20, [sp, 16]
	ldp x21, x22, [sp, 32]
	ldp x23, x24, [sp, 48]
	ldp x25, x26, [sp, 64]
	ldp x27, x28, [sp, 80]
	ldp d8, d9, [sp, 96]
	ldp d10, d11, [sp, 112]
	ldp d12, d13, [sp, 128]
	ldp d14, d15, [sp, 144]
	ldp x29, x30, [sp], 176
	ret
#endif
.size asm_kept, .-asm_kept
