# SPDX-License-Identifier: BSD-3-Clause
# Calls, traps, packets of every kind, each a known number of times; every packet is recorded.
insmod /modules/kutrace_mod.ko pktmask=0xffffffffffffffff
# Once before, so that what is first done then is not traced.
kinds /out/expected
kutrace_control go
kinds /out/expected
kutrace_control stop -o /out/kinds.trace
