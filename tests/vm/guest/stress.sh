#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# In the guest: the module under unrest. Says `ok NAME` or `FAILED NAME`. Usage: stress.sh LOADS CYCLES SECONDS
loads=${1:-200} cycles=${2:-1000} seconds=${3:-60}
module=/modules/kutrace_mod.ko
tell() {
  if [ "$1" = 0 ]; then echo "ok $2"; else echo "FAILED $2 (status $1)"; fi
}
hotplug() {
  while [ -e /tmp/plugging ]; do
    for cpu in /sys/devices/system/cpu/cpu[1-9]*; do
      echo 0 >"$cpu/online" 2>/dev/null
      sleep 0.3
      echo 1 >"$cpu/online" 2>/dev/null
    done
    sleep 0.2
  done
}

storm work $((seconds * 10)) & worker=$!
status=0 i=0
while [ $i -lt "$loads" ]; do
  insmod $module tracemb=2 || status=1
  kutrace_control go >/dev/null 2>&1 || status=2
  # Every other time it is unloaded while it traces.
  [ $((i % 2)) = 0 ] && { echo stop >/sys/kernel/debug/kutrace/trigger || status=3; }
  rmmod kutrace_mod || status=4
  i=$((i + 1))
done
tell $status "loaded and unloaded $loads times under load"

insmod $module tracemb=4
storm cycle "$cycles"
tell $? "go and stop $cycles times under load"

: >/tmp/plugging
hotplug & plugger=$!
kutrace_control go --wrap >/dev/null 2>&1
sleep "$seconds"
rm /tmp/plugging
wait $plugger
kutrace_control stop -o /out/stress.trace >/dev/null 2>&1
tell $? "a ring for $seconds s with CPUs coming and going"

fuzz 2 $((seconds * 300))
tell $? "eight threads fuzzing"
kill $worker 2>/dev/null
wait $worker 2>/dev/null
rmmod kutrace_mod
tell $? "unloaded at the end"
