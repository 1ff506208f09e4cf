# SPDX-License-Identifier: BSD-3-Clause
# Instructions are counted. For `vm/run --icount`, where an instruction takes one cycle: so the ratio of every
# interval is 1, 8 in the table of docs/trace-format.md, whatever it did.
insmod /modules/kutrace_mod.ko tracemb=8
if kutrace_control run --ipc -o /out/ipc.trace -- ground_truth /out/ipc; then
  echo "ok instructions are counted"
else
  echo "FAILED no instructions are counted"
fi
