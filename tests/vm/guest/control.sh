# SPDX-License-Identifier: BSD-3-Clause
# Who may do what when, and what is said to those who may not.

# expect NAME STATUS TEXT COMMAND...: the command ends so and its messages have the text.
expect() {
  name=$1 status=$2 text=$3
  shift 3
  "$@" >/tmp/said 2>&1
  got=$?
  if [ $got = "$status" ] && grep -q -e "$text" /tmp/said; then
    echo "ok $name"
  else
    echo "FAILED $name: status $got, $(cat /tmp/said)"
  fi
}
# refused NAME TEXT PARAMETER...: the module does not load and the kernel's log says why.
refused() {
  name=$1 text=$2
  shift 2
  dmesg -c >/dev/null
  if ! insmod /modules/kutrace_mod.ko "$@" 2>/dev/null && dmesg | grep -q "kutrace_mod: .*$text"; then
    echo "ok $name"
  else
    echo "FAILED $name: $(dmesg)"
    rmmod kutrace_mod 2>/dev/null
  fi
}
debug=/sys/kernel/debug/kutrace

expect "without the module it says so" 2 'the module is not loaded' kutrace_control go
refused "a buffer of nothing is refused" 'give a size from 1 on' tracemb=0
refused "a buffer larger than memory is refused" 'not enough memory' tracemb=100000
refused "a buffer larger than any memory is refused" 'tracemb=4294967295' tracemb=4294967295
refused "an unknown parameter is told" "unknown parameter 'check' ignored" check=0 tracemb=0
insmod /modules/slow.ko
insmod /modules/kutrace_mod.ko tracemb=4 markgid=4242
refusals
device
owners
expect "stop without a trace says so" 2 'nothing was traced' kutrace_control stop -o /tmp/none
kutrace_control go
expect "test says on" 0 'tracing: on' kutrace_control test
expect "a second go is told" 2 'something traces already' kutrace_control go
expect "status says on" 0 'state: on' cat $debug/status
expect "status says who started it" 0 'started by process: [0-9]' cat $debug/status
# A CPU has blocks from its first event on.
expect "status has every CPU" 0 "cpu $(($(nproc) - 1)): blocks [1-9]" taskset $((1 << ($(nproc) - 1))) cat $debug/status
expect "version names module and kernel" 0 "kutrace_mod .*$(uname -r)" cat $debug/version
# Stopped by a thread on the last CPU, continued by the same on the first: it must not seem to be on both.
taskset -p $((1 << ($(nproc) - 1))) $$ >/dev/null
echo stop >$debug/trigger
expect "the trigger stops" 0 'tracing: off' kutrace_control test
taskset -p 1 $$ >/dev/null
echo go >$debug/trigger
taskset -p $(((1 << $(nproc)) - 1)) $$ >/dev/null
expect "the trigger continues" 0 'tracing: on' kutrace_control test
expect "the trigger takes no other word" 1 'nvalid' sh -c "echo nonsense >$debug/trigger"
expect "a trace that was stopped and continued is saved" 0 'wrote' kutrace_control stop -o /out/trigger.trace
expect "an unsaved trace is not thrown away" 2 'not saved' sh -c 'kutrace_control go; echo stop >/sys/kernel/debug/kutrace/trigger; kutrace_control go'
kutrace_control go --force && echo "ok but it is with --force" || echo "FAILED but it is with --force"
kutrace_control stop -o /out/forced.trace

# Nobody's mapping of the page holds the module, nor does a program that looks at it.
device unload
insmod /modules/kutrace_mod.ko tracemb=4 syscall=0
device closed
rmmod kutrace_mod

# The module goes away while every CPU traces as fast as it can, and comes back.
flood 1000000000 >/dev/null &
load=$!
until [ "$(ls /proc/$load/task | wc -l)" -gt "$(nproc)" ]; do sleep 0.1; done
round=0
while [ $round -lt 10 ]; do
  insmod /modules/kutrace_mod.ko tracemb=4
  kutrace_control go 2>/tmp/said || { echo "FAILED round $round of unloading: $(cat /tmp/said)"; break; }
  rmmod kutrace_mod || { echo "FAILED round $round of unloading"; break; }
  round=$((round + 1))
done
[ $round = 10 ] && echo "ok the module is unloaded under load, ten times"
insmod /modules/kutrace_mod.ko tracemb=4
kutrace_control go
kutrace_control stop -o /out/after.trace
kill $load
grep -q "$(uname -r)" /out/after.trace && echo "ok the kernel's release is in the trace" || echo "FAILED the kernel's release is not in the trace"
