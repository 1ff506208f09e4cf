# SPDX-License-Identifier: BSD-3-Clause
# The last CPU leaves during a trace, and comes back; marks say when.
insmod /modules/kutrace_mod.ko
last=$(($(nproc) - 1))
online=/sys/devices/system/cpu/cpu$last/online
kutrace_control go
flood 2000 >/dev/null
echo 0 >$online
kutrace_control mark gone
flood 2000 >/dev/null
sleep 0.1
kutrace_control mark back
echo 1 >$online
flood 2000 >/dev/null
# Several times, and once while tracing starts and stops.
for round in 1 2 3; do
  echo 0 >$online
  echo 1 >$online
done
kutrace_control stop -o /out/hotplug.trace
echo 0 >$online
kutrace_control go
echo 1 >$online
flood 2000 >/dev/null
echo 0 >$online
kutrace_control stop -o /out/edges.trace
echo $last >/out/cpu
