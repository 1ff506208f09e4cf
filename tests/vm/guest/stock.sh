# SPDX-License-Identifier: BSD-3-Clause
# Known work, recorded by eBPF on a kernel that knows nothing of us.
compat=
[ "$(uname -m)" != x86_64 ] || compat=--compat
kutrace_record /out/truth.trace ground_truth $compat /out/truth || echo "FAILED to record: status $?"
# Nothing is left behind.
[ -z "$(cat /proc/[0-9]*/fdinfo/* 2>/dev/null | grep prog_id)" ] && echo "ok no program is left" || echo "FAILED a program is left"
