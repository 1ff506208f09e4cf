# SPDX-License-Identifier: BSD-3-Clause
# The field recorder: it starts, a program stalls and says so, it saves and records on; it is killed, and what it left is saved.
insmod /modules/kutrace_mod.ko tracemb=8
mkdir -p /run /var/lib
cat >/etc/kutrace-field.conf <<'END'
folder = /out/field
files = 3
after = 200 ms
END
tell() {
  if [ "$1" = 0 ]; then echo "ok $2"; else echo "FAILED $2 (status $1)"; fi
}
# says TEXT: waits until the recorder's journal has it. What is saved is said when it records on.
says() { until grep -qs -e "$1" /out/journal; do usleep 10000; done; }

echo 'files = none' >/tmp/wrong.conf
kutrace-field --config /tmp/wrong.conf status 2>/tmp/message
[ $? = 2 ] && grep -q 'wrong.conf:1: `none`' /tmp/message
tell $? "a wrong value is told with its line"
kutrace-field trigger 2>/dev/null
[ $? = 2 ]
tell $? "a trigger without a recorder is told"

kutrace-field run 2>/out/journal & recorder=$!
says recording
stutter 40
tell $? "a program can ask"
says 'saved field_000001'
ls /out/field/field_000001_*_stall.trace >/dev/null
tell $? "the file is named for what it asked"
cp /out/field/field_000001_*_stall.trace /out/stall.trace
kutrace_control test | grep -q 'tracing: on'
tell $? "and it records on"
kutrace-field trigger --wait again | grep -q 'field_000002_.*_again.trace'
tell $? "it can be waited for"
kill -PWR $recorder
says 'saved field_000003.*power'
echo stop >/sys/kernel/debug/kutrace/trigger
says 'saved field_000004.*stopped-by-somebody'
says 'took away field_000001'
kutrace-field status | grep -q '^state: recording'
tell $? "its state can be asked for"

kill -9 $recorder
wait $recorder
mv /out/journal /out/journal.1
kutrace-field run 2>/out/journal & recorder=$!
says 'the last run did not end by itself'
says 'saved field_000005.*left-by-an-earlier-run'
says 'recording; '
kill $recorder
wait $recorder
tell $? "it ends when it is asked to"
[ "$(kutrace-field list | wc -l)" = 3 ]
tell $? "as many traces as it may keep"
kutrace-field status | grep -q '^state: ended'
tell $? "and says that it has ended"
rmmod kutrace_mod
tell $? "the module goes"
