# SPDX-License-Identifier: BSD-3-Clause
# The kernel's own counts beside a trace; first those of /proc alone, then tracefs at the same time.
insmod /modules/kutrace_mod.ko
mkdir /out/proc /out/ftrace
sampler /out/proc
kutrace_control stop -o /out/proc/trace
cd /sys/kernel/tracing
echo 8192 >buffer_size_kb
for event in sched/sched_switch sched/sched_waking sched/sched_wakeup_new irq/softirq_entry irq/irq_handler_entry \
  raw_syscalls/sys_enter raw_syscalls/sys_exit exceptions; do
  [ ! -d events/$event ] || echo 1 >events/$event/enable
done
sampler /out/ftrace /sys/kernel/tracing
echo 0 >tracing_on
kutrace_control stop -o /out/ftrace/trace
cat trace >/out/ftrace/ftrace
