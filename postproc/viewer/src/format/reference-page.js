// SPDX-License-Identifier: BSD-3-Clause
// The JSON in a page of KUtrace's own viewers: one line of JavaScript behind a marker, `var myString = '...';`. It is read as text;
// nothing of the page runs. The C++ side reads it by the same rule (postproc/html/html_packer.cc).

// Without its beginning, which would end the script element that this stands in.
const MARK = ' selfcontained1 -->';

/** What stands for itself in a JavaScript string, and what a backslash makes of it. @param {string} text */
const plainText = (text) =>
  text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gi, (_, x, u, c) => (c === undefined ? String.fromCharCode(parseInt(x ?? u, 16)) : c));

/** @param {string} text */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} html @returns {string|null} null: not such a page, or one without data */
export function referenceJson(html) {
  const mark = html.indexOf(MARK);
  const open = mark < 0 ? -1 : html.indexOf("'", mark);
  if (open < 0) return null;
  const line = html.indexOf('\n', open);
  // Those pages escape nothing: an apostrophe in a name does not end the string, the last on the line does.
  const close = html.lastIndexOf("';", line < 0 ? html.length : line);
  if (close <= open) return null;
  const raw = html.slice(open + 1, close);
  if (!raw.includes('\\')) return raw;
  const plain = plainText(raw);
  return isJson(plain) ? plain : raw;
}

/** True of the beginning of a page of ours. @param {string} head */
export const isOwnPage = (head) => head.includes('id="kutrace-');
