# SPDX-License-Identifier: BSD-3-Clause
# suspend.sh STATE [PARAMETER]...: the machine sleeps while it is traced, twice, or is paused; with parameters of the module.
state=$1
shift
for time in 1 2; do
  insmod /modules/kutrace_mod.ko tracemb=4 "$@"
  clock_sleep "$state" 4 /out/$time.trace >/out/$time || echo "FAILED to trace during $state, time $time"
  rmmod kutrace_mod
done
