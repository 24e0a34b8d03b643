/** Characters that hide, reorder or erase text: controls, zero-width, bidirectional marks, tags, invisible fillers. */
const HIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/gu;

/** Nothing of it hides, as in nearly all texts: told quickly. */
const PLAIN = /^[\t\n\x20-\x7E]*$/;

export interface Piece {
  text: string;
  hidden: boolean;
}

/** The text in pieces: what can be read as it is, and what hides, written as \u{202E}. Newline and tab stay. */
export function visiblePieces(text: string): Piece[] {
  if (PLAIN.test(text)) return text === "" ? [] : [{ text, hidden: false }];
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), hidden: false });
    const code = match[0].codePointAt(0) ?? 0;
    pieces.push({ text: `\\u{${code.toString(16).toUpperCase()}}`, hidden: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hidden: false });
  return pieces;
}

/** The same as one text. */
export const visible = (text: string): string => visiblePieces(text).map((piece) => piece.text).join("");
