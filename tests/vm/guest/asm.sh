# SPDX-License-Identifier: BSD-3-Clause
# Known answers of the routines of asm/.
asm_check
