# SPDX-License-Identifier: BSD-3-Clause
# Idle CPUs that poll (the command line says so).
insmod /modules/kutrace_mod.ko
kutrace_control run -o /out/poll.trace -- sleep 1
