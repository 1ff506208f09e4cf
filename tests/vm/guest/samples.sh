#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# In the guest: samples for long, and under unrest. Usage: samples.sh SECONDS LOADS PLUGS FORKS
seconds=$1 loads=$2 plugs=$3 forks=$4
module=/modules/kutrace_mod.ko
all=faults,major-faults,pages,irq-time,softirq-time,steal-time,model-bytes
tell() {
  if [ "$1" = 0 ]; then echo "ok $2"; else echo "FAILED $2 (status $1)"; fi
}

insmod $module tracemb=256
storm work "$seconds" & worker=$!
kutrace_control go --tick 1000000 --used $all
wait $worker
kutrace_control stop -o /out/long.trace
tell $? "$seconds s of samples under load"

# A thread each time; each of these threads forks once, and its child executes.
kutrace_control go --tick 1000000 --used $all
for part in 1 2 3 4; do model $((forks / 12 + 1)) 1 >/out/forks.$part & done
wait
kutrace_control stop -o /out/forks.trace
tell $? "$forks forks and execs, sampled"
cat /out/forks.[1-4] >/out/forks

kutrace_control go --tick 1000000 --used $all
status=0 i=0
while [ $i -lt "$plugs" ]; do
  cpu=/sys/devices/system/cpu/cpu$((i % ($(nproc) - 1) + 1))
  echo 0 >"$cpu/online" || status=1
  echo 1 >"$cpu/online" || status=2
  i=$((i + 1))
done
flood 2000 >/dev/null
kutrace_control stop -o /out/plugs.trace || status=3
tell $status "a CPU went and came $plugs times, sampled"
rmmod kutrace_mod

storm work 100000 & worker=$!
status=0 i=0
while [ $i -lt "$loads" ]; do
  insmod $module tracemb=2 || status=1
  kutrace_control go --tick 1000000 --used $all >/dev/null 2>&1 || status=2
  # Every other time it is unloaded while its ticks go on.
  [ $((i % 2)) = 0 ] && { echo stop >/sys/kernel/debug/kutrace/trigger || status=3; }
  rmmod kutrace_mod || status=4
  i=$((i + 1))
done
tell $status "loaded and unloaded $loads times under load, sampled"
kill $worker
wait $worker
grep -c kutrace /proc/timer_list | grep -qx 0
tell $? "no timer is armed"
