# SPDX-License-Identifier: BSD-3-Clause
# The machine sleeps while it is traced, its processors switched off: what it does for a clock that rings is emulated for this state alone.
insmod /modules/kutrace_mod.ko tracemb=4
for time in 1 2; do
  clock_sleep mem 3 /out/$time.trace >/out/$time || echo "FAILED to trace while the machine sleeps, time $time"
done
rmmod kutrace_mod
