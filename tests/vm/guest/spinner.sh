# SPDX-License-Identifier: BSD-3-Clause
# The last CPU belongs to a real-time thread that never leaves it, and that nothing throttles. The module is loaded, traces, stops and
# goes meanwhile: whatever waited for that CPU to run something else would wait for ever, and the guest with it.
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
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
# A grace period that is not asked for with emphasis takes 10 s here, and one that is under way has to end before it.
took=$(($(seconds) - began))
[ $took -lt 20 ] && echo "ok two stops do not wait for a CPU" || echo "FAILED two stops took $took s"
# The kernel waits for grace periods of its own when any module goes.
echo 1 >/sys/kernel/rcu_expedited
kutrace_control go && rmmod kutrace_mod || echo "FAILED to unload beside a spinner"
kill $spinner && [ "$said" = spinning ] && echo "ok tracing, stopping and unloading wait for no CPU" || echo "FAILED the spinner has ended"
