# SPDX-License-Identifier: BSD-3-Clause
# steady.sh N: so many recordings of one program, which differ by what chance does to it and by nothing else; and some with 130, 150 and 200 % of the
# computing. The first run of all, which reads the program in, is none of them. Used by hand: tests/data/steady/README.md.
insmod /modules/kutrace_mod.ko tracemb=4
record() { # NAME SEED PERCENT
  kutrace_control run --overwrite -o "/out/$1.trace" -- steady "$2" "$3" 2>/tmp/message || { cat /tmp/message; echo "FAILED to record $1"; }
}
for i in $(seq 0 "$1"); do record "$i" "$i" 100; done
for percent in 130 150 200; do record "more-$percent" "$percent" "$percent"; done
rm /out/0.trace
