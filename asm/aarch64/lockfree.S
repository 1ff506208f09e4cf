/* SPDX-License-Identifier: BSD-3-Clause */
.include "routine.inc"

/* Between the two of a pair stands no load, store or call: it might never end. */
routine lf_add
1:	ldaxr x2, [x0]
	add x3, x2, x1
	stlxr w4, x3, [x0]
	cbnz w4, 1b
	mov x0, x2
	ret
done lf_add

/* A store that fails for no reason is tried again, and is not "it was not". */
routine lf_cas
1:	ldaxr x3, [x0]
	cmp x3, x1
	b.ne 2f
	stlxr w4, x2, [x0]
	cbnz w4, 1b
	mov x0, 1
	ret
2:	clrex
	mov x0, 0
	ret
done lf_cas

/* The node's link is written outside of the pair, so what it was read from is compared again inside. */
routine lf_push
1:	ldr x2, [x0]
	str x2, [x1]
2:	ldaxp x3, x4, [x0]
	cmp x3, x2
	b.ne 3f
	add x5, x4, 1
	stlxp w6, x1, x5, [x0]
	cbnz w6, 2b
	ret
3:	clrex
	b 1b
done lf_push

/* Tag first, then top: should the tag still be this one, the link belongs to this top. */
routine lf_pop
1:	ldr x3, [x0, 8]
	dmb ishld
	ldr x2, [x0]
	cbz x2, 4f
	dmb ishld
	ldr x4, [x2]
	add x5, x3, 1
2:	ldaxp x6, x7, [x0]
	cmp x6, x2
	ccmp x7, x3, 0, eq
	b.ne 3f
	stlxp w8, x4, x5, [x0]
	cbnz w8, 2b
	mov x0, x2
	ret
3:	clrex
	b 1b
4:	mov x0, 0
	ret
done lf_pop

/* A compare and exchange by hand: an exclusive pair that spanned the hook would notice what the hook did. */
routine lf_pop_untagged
	stp x29, x30, [sp, -48]!
	.cfi_def_cfa_offset 48
	.cfi_offset x29, -48
	.cfi_offset x30, -40
	stp x19, x20, [sp, 16]
	.cfi_offset x19, -32
	.cfi_offset x20, -24
	str x21, [sp, 32]
	.cfi_offset x21, -16
	mov x29, sp
	mov x19, x0
	ldr x20, [x19]
	cbz x20, 3f
	ldr x21, [x20]
	blr x1
1:	ldaxr x2, [x19]
	cmp x2, x20
	b.ne 2f
	stlxr w3, x21, [x19]
	cbnz w3, 1b
	b 3f
2:	clrex
	mov x20, 0
3:	mov x0, x20
	ldr x21, [sp, 32]
	ldp x19, x20, [sp, 16]
	ldp x29, x30, [sp], 48
	.cfi_def_cfa_offset 0
	ret
done lf_pop_untagged

/* The data are released by the index, and acquired by it. */
routine lf_put
	ldr x2, [x0]
	add x3, x0, 128
	ldar x4, [x3]
	sub x4, x2, x4
	cmp x4, 1024
	b.hs 1f
	and x4, x2, 1023
	add x5, x0, 256
	str x1, [x5, x4, lsl 3]
	add x2, x2, 1
	stlr x2, [x0]
	mov x0, 1
	ret
1:	mov x0, 0
	ret
done lf_put

routine lf_get
	add x3, x0, 128
	ldr x2, [x3]
	ldar x4, [x0]
	cmp x2, x4
	b.eq 1f
	and x4, x2, 1023
	add x5, x0, 256
	ldr x6, [x5, x4, lsl 3]
	str x6, [x1]
	add x2, x2, 1
	stlr x2, [x3]
	mov x0, 1
	ret
1:	mov x0, 0
	ret
done lf_get
