# SPDX-License-Identifier: BSD-3-Clause
# Known work, traced. Thread ids 70000 and 4464 are the same in their low 16 bits.
insmod /modules/kutrace_mod.ko
compat=
[ "$(uname -m)" != x86_64 ] || compat=--compat
echo 4194304 >/proc/sys/kernel/pid_max
kutrace_control run -o /out/truth.trace -- ground_truth $compat /out/truth
kutrace_control run -o /out/ids.trace -- sh -c 'at_pid 70000 ground_truth /out/70000; at_pid 4464 ground_truth /out/4464'
kutrace_control run --wrap -o /out/wrap.trace -- ground_truth $compat /out/wrap
# Where there are no counters that is said, and nothing is traced.
if kutrace_control run --ipc -o /out/ipc.trace -- ground_truth $compat /out/ipc 2>/tmp/message; then
  echo "ok instructions are counted"
else
  rm -f /out/ipc
  if grep -q 'cannot count instructions' /tmp/message; then echo "ok no counters, and it says so"; else echo "FAILED no word of counters: $(cat /tmp/message)"; fi
fi
old_client /out/old.trace && echo "ok an old client traces" || echo "FAILED an old client does not trace"
