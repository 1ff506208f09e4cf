# SPDX-License-Identifier: BSD-3-Clause
# More events than the buffer holds.
insmod /modules/kutrace_mod.ko tracemb=1
kutrace_control go
# All CPUs together: twice as many as fit.
flood $((250000 / $(nproc))) >/out/flood
kutrace_control stop -o /out/lost.trace 2>/out/stop
[ $? = 1 ] && echo "ok stop has the status of a trace with losses" || echo "FAILED stop has another status"
