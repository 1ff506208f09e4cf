# SPDX-License-Identifier: BSD-3-Clause
# The last CPU belongs to a real-time thread that never leaves it, and that nothing throttles. The module is loaded, traces, stops and
# goes meanwhile: whatever waited for that CPU to run something else would wait for ever, and the guest with it.
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
# RCU complains of such a CPU when it has waited for 21 s, as a slow host may make it; that is none of ours.
echo 1 >/sys/module/rcupdate/parameters/rcu_cpu_stall_suppress
last=$(($(nproc) - 1))
mkfifo /tmp/says
spinner $last >/tmp/says & spinner=$!
read -r said </tmp/says
# Nothing else of ours is on its way there.
taskset -p $(((1 << last) - 1)) $$ >/dev/null
insmod /modules/kutrace_mod.ko tracemb=4
seconds() { cut -d . -f 1 /proc/uptime; }
began=$(seconds)
for how in '' --wrap; do
  kutrace_control go $how && kutrace_control mark spin && kutrace_control stop -o "/out/spinner$how.trace" || echo "FAILED to trace beside a spinner"
done
# An ordinary grace period takes 10 s here. How long this takes is a figure, no condition: it depends on the host.
echo "two stops beside a spinner took $(($(seconds) - began)) s; waiting for the CPU, they would not have ended"
# The kernel waits for grace periods of its own when any module goes.
echo 1 >/sys/kernel/rcu_expedited
kutrace_control go && rmmod kutrace_mod || echo "FAILED to unload beside a spinner"
kill $spinner && [ "$said" = spinning ] && echo "ok tracing, stopping and unloading wait for no CPU" || echo "FAILED the spinner has ended"
