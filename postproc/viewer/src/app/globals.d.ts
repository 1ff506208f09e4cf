// SPDX-License-Identifier: BSD-3-Clause
// What the build puts in.
declare var KUTRACE_WORKER: string | undefined;
declare var KUTRACE_VERSION: string | undefined;
