# SPDX-License-Identifier: BSD-3-Clause
# A flight recorder that comes round several times while the last CPU has next to nothing to do.
insmod /modules/kutrace_mod.ko tracemb=2
cpus=$(nproc)
kutrace_control go --wrap
sleep 0.2
taskset $(printf %x $(((1 << (cpus - 1)) - 1))) flood $((600000 / (cpus - 1))) >/out/flood
kutrace_control stop -o /out/wrap.trace 2>/out/stop
[ $? = 0 ] && echo "ok stop has the status of a complete trace" || echo "FAILED stop has another status"
grep -q 'the buffer came round; kept of the end:' /out/stop && echo "ok stop says that the buffer came round" || echo "FAILED stop does not say that the buffer came round"
