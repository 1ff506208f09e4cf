# SPDX-License-Identifier: BSD-3-Clause
# The wall clock is set while a trace runs: forward, back, to 1970, and from there to today.
insmod /modules/kutrace_mod.ko tracemb=4
for move in 5 -5 -1767225600 1767225600; do
  clock_set $move /out/$move.trace >/out/$move || echo "FAILED to trace while the clock moves by $move s"
done
rmmod kutrace_mod
insmod /modules/kutrace_mod.ko tracemb=1
clock_set 1000
