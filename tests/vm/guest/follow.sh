# SPDX-License-Identifier: BSD-3-Clause
# A trace that is read while it is recorded: three times what the buffer holds.
insmod /modules/kutrace_mod.ko tracemb=1
follow /out/follow.trace 48
