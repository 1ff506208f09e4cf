/* SPDX-License-Identifier: BSD-3-Clause */
.include "routine.inc"

routine cl_bump
	ldr x2, [x0]
	cbz x1, 2f
1:	ldr x2, [x0]
	add x2, x2, 1
	str x2, [x0]
	subs x1, x1, 1
	b.ne 1b
2:	mov x0, x2
	ret
done cl_bump

routine cl_bump_atomic
	ldr x2, [x0]
	cbz x1, 2f
1:	ldaxr x2, [x0]
	add x2, x2, 1
	stlxr w3, x2, [x0]
	cbnz w3, 1b
	subs x1, x1, 1
	b.ne 1b
2:	mov x0, x2
	ret
done cl_bump_atomic

routine cl_chase
	cbz x1, 2f
1:	ldr x0, [x0]
	subs x1, x1, 1
	b.ne 1b
2:	ret
done cl_chase

/* Linux lets user code clean to memory; how long a line is, the processor says. */
routine cl_flush
	cbz x1, 2f
	add x1, x0, x1
	mrs x2, ctr_el0
	ubfx x2, x2, 16, 4
	mov x3, 4
	lsl x3, x3, x2
	sub x4, x3, 1
	bic x0, x0, x4
1:	dc civac, x0
	add x0, x0, x3
	cmp x0, x1
	b.lo 1b
	dsb ish
2:	ret
done cl_flush
