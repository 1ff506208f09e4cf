# SPDX-License-Identifier: BSD-3-Clause
# What the scripts of this folder share: messages, the cache folder, hashes, one build at a time. Sourced, never run.

vm_dir=$(cd "$(dirname "$0")" && pwd)
top_dir=$(dirname "$vm_dir")
# Never under /tmp, where others could put something else in its place.
cache=${KUTRACE_CACHE:-${HOME:-$top_dir/build}/.cache/kutrace}
# Options of tar: what an archive says of owners and modes is not for this machine, not even for root.
as_ours="--no-same-owner --no-same-permissions"
program=vm/$(basename "$0")

say() { echo "$program: $*" >&2; }

# fail MESSAGE: the end, with the status for "could not be done".
fail() {
  say "$*"
  exit 2
}

# need COMMAND PACKAGE: the command exists, or a message says what to install.
need() {
  command -v "$1" >/dev/null 2>&1 || fail "no $1 here; run \`scripts/setup vm\`, or install the package $2"
}

hash_text() { sha256sum | cut -c 1-12; }

# hash_folder DIR: every file's name and content, whatever the order on disk.
hash_folder() {
  (cd "$1" && find . -name .git -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum) | hash_text
}

# The prefix of the compiler for an architecture: empty when this machine is one.
cross_prefix() {
  case $1/$(uname -m) in
    x86_64/x86_64 | arm64/aarch64) ;;
    x86_64/*) echo x86_64-linux-gnu- ;;
    arm64/*) echo aarch64-linux-gnu- ;;
    *) fail "unknown architecture $1: x86_64 or arm64" ;;
  esac
}

# one_at_a_time NAME [FILE]: waits for other holders of the lock; held until this script ends. Fails when FILE has appeared
# meanwhile: another made what was to be made. Builds for the cache share one lock, each source tree under work has its
# own, so that a small change need not wait for a whole kernel.
one_at_a_time() {
  mkdir -p "$cache"
  exec 9>"$cache/$1.lock"
  flock -n 9 && return
  say "waiting for another $1 job"
  until flock -w 1 9; do
    [ ! -f "${2:-}" ] || return 1
  done
}

# suites_of VERSION: the suites of Debian that have its source.
suites_of() {
  case $1 in
    5.10) echo bullseye-security ;;
    6.1) echo bookworm bookworm-security ;;
    6.12) echo bookworm-security bookworm-backports ;;
    7.2) echo forky sid ;; # until Debian moves on
    *) fail "Debian has no source package of Linux $1 that this script knows: give SOURCE=a tarball or a folder" ;;
  esac
}

# unpack_source DEB VERSION DIR: the source in a package of Debian.
unpack_source() {
  dpkg-deb --fsys-tarfile "$1" | tar -x -O -f - "./usr/src/linux-source-$2.tar.xz" | xz -dc -T0 | tar -x $as_ours -C "$3" --strip-components=1
}
