# SPDX-License-Identifier: BSD-3-Clause
# A hog that takes memory in bursts beside work that waits for it; and one that sleeps.
insmod /modules/kutrace_mod.ko tracemb=16
for burst in 20 0; do
  kutrace_control go --tick 1000000 --used pages
  neighbour 4 $burst
  kutrace_control stop -o /out/burst$burst.trace
done
