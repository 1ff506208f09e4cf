/* SPDX-License-Identifier: BSD-3-Clause */
.include "routine.inc"

routine lab_ticks
	isb
	mrs x0, cntvct_el0
	isb
	ret
done lab_ticks

/* A real jump: csel would predict nothing. */
routine sp_count
	mov x2, 0
	cbz x1, 3f
	add x1, x0, x1
1:	ldrb w3, [x0], 1
	cbz w3, 2f
	add x2, x2, 1
2:	cmp x0, x1
	b.ne 1b
3:	mov x0, x2
	ret
done sp_count

routine sp_load
	dsb ish
	isb
	mrs x1, cntvct_el0
	isb
	ldr x2, [x0]
	dsb ish
	isb
	mrs x0, cntvct_el0
	sub x0, x0, x1
	ret
done sp_load
