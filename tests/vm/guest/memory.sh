# SPDX-License-Identifier: BSD-3-Clause
# Samples of what CPUs use, while threads that tell the model how much they use move, fork, execute and end, CPUs come and go,
# and a CPU stands still for 37 ticks.
insmod /modules/kutrace_mod.ko tracemb=16
insmod /modules/stall.ko
for wrong in 49999 100000001; do
  kutrace_control go --tick $wrong 2>/tmp/message && echo "FAILED a tick each $wrong ns" || echo "ok no tick each $wrong ns: $(grep -o 'not in range.*' /tmp/message)"
done
last=$(($(nproc) - 1))
online=/sys/devices/system/cpu/cpu$last/online
all=faults,major-faults,pages,irq-time,softirq-time,steal-time,model-bytes

kutrace_control go --tick 1000000 --used $all
model 4 200 >/out/model
kutrace_control stop -o /out/memory.trace

kutrace_control go --tick 20000000
echo $last 20000000 37 >/dev/stall
kutrace_control stop -o /out/stall.trace

# Nothing is armed while nothing traces, and what comes and goes has its ticks.
kutrace_control go --tick 2000000 --staggered --used $all
if [ $last -gt 0 ]; then
  for round in 1 2 3; do
    echo 0 >$online
    echo 1 >$online
  done
  flood 2000 >/dev/null
fi
kutrace_control stop -o /out/unplugged.trace
grep -c kutrace /proc/timer_list | grep -qx 0 && echo "ok no timer is armed" || echo "FAILED a timer is armed"
rmmod kutrace_mod && echo "ok the module goes" || echo "FAILED the module stays"

# Another module's tick, and how long it may be.
insmod /modules/kutrace_mod.ko
insmod /modules/kutrace_tick_example.ko interval=49999 2>/dev/null && echo "FAILED another module's tick each 49999 ns" || echo "ok no tick each 49999 ns of another module"
insmod /modules/kutrace_tick_example.ko staggered=1 && flood 2000 >/dev/null
rmmod kutrace_mod 2>/dev/null && echo "FAILED the module goes while it is used" || echo "ok the module stays while it is used"
rmmod kutrace_tick_example
dmesg | grep -q 'CPU 0: [1-9][0-9]* ticks due' && echo "ok another module has ticks" || echo "FAILED another module has no ticks"
rmmod kutrace_mod && echo "ok and goes after it" || echo "FAILED it stays after it"
