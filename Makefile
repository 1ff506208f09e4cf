# SPDX-License-Identifier: BSD-3-Clause
# The front door. Each target calls a script; no logic here.
.PHONY: all check demo test test-all asm bench bench-coro bench-kernel figures fuzz kernel lab pi4-image viewer clean

all:
	scripts/setup build
	scripts/build release tools

# Set up, build, boot a patched kernel, and make hello_world.html from a trace recorded there.
demo:
	scripts/demo

# What can be known in under a minute, without compiling.
check:
	scripts/check

# Set up and run every test.
test:
	scripts/test

# What takes hours: every series with Debian's own configurations, every guest test on every kernel.
test-all:
	scripts/test-all

# Speed: a table, and build/bench/*.json.
bench:
	scripts/bench

# What recording costs a coroutine.
bench-coro:
	scripts/build release coro_bench >/dev/null
	build/release/bench/coro_bench

# What tracing costs the kernel, in instructions: make bench-kernel ARCH=x86_64; ARCH=here: this one, in ns
bench-kernel:
	scripts/bench-kernel $(or $(ARCH),x86_64)

# Search for inputs that break a promise: make fuzz SECONDS=3600; `make test` replays what was found
fuzz:
	tests/fuzz/run.sh $(or $(SECONDS),600)

# A small Linux for the test guests: make kernel KERNEL=5.10 ARCH=x86_64 VARIANT=test; see vm/README.md.
kernel:
	scripts/setup vm
	vm/kernel

# A card for a Raspberry Pi 4, in build/pi4: docs/raspberry-pi.md.
pi4-image:
	scripts/setup vm
	pi4/image

# The routines of asm, assembled for both architectures.
asm:
	scripts/asm

# Known effects on this machine, each with a verdict.
lab:
	scripts/setup build
	scripts/build release kutrace
	build/release/postproc/kutrace lab all

# A page of figures from recorded traces, in build/figures: make figures RECORD=see-fault records one anew
figures:
	scripts/setup build
	scripts/figures $(if $(RECORD),record $(RECORD))

# Rebuild the viewer's page from its sources.
viewer:
	cd postproc/viewer && npm ci --no-audit --no-fund && npm run build

clean:
	rm -rf build
