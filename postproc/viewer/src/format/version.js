// SPDX-License-Identifier: BSD-3-Clause
// Which viewer this is. build.mjs puts in the version of package.json.

import { VERSION } from './payload.js';

export const VIEWER_VERSION = String(globalThis.KUTRACE_VERSION ?? 'not built');

export const versionWords = () => `kutrace viewer ${VIEWER_VERSION}, reads payload version ${VERSION}`;
