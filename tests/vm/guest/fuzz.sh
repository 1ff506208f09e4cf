# SPDX-License-Identifier: BSD-3-Clause
# Every door of the module, from eight threads, with numbers that are the same each time.
insmod /modules/kutrace_mod.ko tracemb=2
fuzz 1 2000
rmmod kutrace_mod && echo "ok it can be unloaded" || echo "FAILED it cannot be unloaded"
