// SPDX-License-Identifier: BSD-3-Clause
// The writing side's header, for programs that are collectors: they share its layout and its accesses, and attach to nothing.
#pragma once

#define KUTRACE_RING_NO_START
#include "kutrace_ring.h"
