/* SPDX-License-Identifier: BSD-3-Clause */
.include "routine.inc"

routine ooo_chain
	mov x1, 1
	mov x5, 3
	lsr x0, x0, 2
	cbz x0, 2f
1:	mul x1, x1, x5
	mul x1, x1, x5
	mul x1, x1, x5
	mul x1, x1, x5
	subs x0, x0, 1
	b.ne 1b
2:	mov x0, x1
	ret
done ooo_chain

routine ooo_four
	mov x1, 1
	mov x2, 1
	mov x3, 1
	mov x4, 1
	mov x5, 3
	lsr x0, x0, 2
	cbz x0, 2f
1:	mul x1, x1, x5
	mul x2, x2, x5
	mul x3, x3, x5
	mul x4, x4, x5
	subs x0, x0, 1
	b.ne 1b
2:	add x1, x1, x2
	add x3, x3, x4
	add x0, x1, x3
	ret
done ooo_four

routine ooo_whole
	ldr x2, [x0]
	cbz x1, 2f
1:	add x2, x2, 1
	str x2, [x0]
	ldr x2, [x0]
	subs x1, x1, 1
	b.ne 1b
2:	mov x0, x2
	ret
done ooo_whole

routine ooo_halves
	ldr x2, [x0]
	cbz x1, 2f
1:	add x2, x2, 1
	lsr x3, x2, 32
	str w2, [x0]
	str w3, [x0, 4]
	ldr x2, [x0]
	subs x1, x1, 1
	b.ne 1b
2:	mov x0, x2
	ret
done ooo_halves
