// SPDX-License-Identifier: BSD-3-Clause
// What stands before the viewer's script when it is unpacked: it takes its element out of the page, which is then as it came.
// The build needs it too: the page's policy allows the script by the hash of all of it.

export const LEAVE = 'document.currentScript.remove();';
