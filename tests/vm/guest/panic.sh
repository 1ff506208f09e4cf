# SPDX-License-Identifier: BSD-3-Clause
# The kernel panics while every CPU records into a ring, and must come to its end: the restart.
insmod /modules/kutrace_mod.ko tracemb=1
storm work 1000 &
kutrace_control go --wrap
until [ "$(sed -n 's/^blocks: .*, \([0-9]*\) overwritten/\1/p' /sys/kernel/debug/kutrace/status)" -gt 20 ]; do sleep 0.1; done
echo 1 >/proc/sys/kernel/sysrq
echo c >/proc/sysrq-trigger
