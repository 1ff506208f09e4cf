# SPDX-License-Identifier: BSD-3-Clause
# Requests that are slow for a known reason, a trace for each reason. Arguments: seeds.
insmod /modules/kutrace_mod.ko
for seed; do
  for cause in none lock convoy peer lost preempt inversion faults; do
    kutrace_control run -o /out/$cause-$seed.trace -- sh -c "slow_causes $cause $seed >/out/$cause-$seed.txt"
  done
done
