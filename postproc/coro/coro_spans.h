// SPDX-License-Identifier: BSD-3-Clause
// A recording of coroutines as a timeline, on the time of its threads alone: a row of a CPU is a thread that ran coroutines, a row of a thread is
// a coroutine. Whether the thread itself was running is not known here.
#pragma once

#include "base/string_pool.h"
#include "coro/coro_file.h"
#include "span/span.h"

namespace kutrace {

// Gives the records to `sink`, in no order, and the header.
SpanHeader coro_spans(const CoroFile& file, StringPool& pool, SpanSink& sink);

}  // namespace kutrace
