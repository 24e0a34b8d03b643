/** Characters that hide, reorder or erase text: controls, blanks, zero-width, bidirectional marks, tags, invisible fillers: those of src/base/text.cc. */
const RANGES: [first: number, last: number][] = [
  [0x00, 0x1f], [0x7f, 0x9f], [0xa0, 0xa0], [0xad, 0xad], [0x034f, 0x034f],
  [0x061c, 0x061c], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f], [0x2000, 0x200f],
  [0x2028, 0x202f], [0x205f, 0x206f], [0x2800, 0x2800], [0x3000, 0x3000], [0x3164, 0x3164],
  [0xfe00, 0xfe0f], [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xfffb], [0x13430, 0x1343f],
  [0x16fe4, 0x16fe4], [0x1bca0, 0x1bca3], [0x1d173, 0x1d17a], [0xe0000, 0xe0fff],
];
const code = (point: number): string => `\\u{${point.toString(16)}}`;
/** Newline and tab stay. A half of a pair is no character. */
const HIDDEN = new RegExp(`(?![\\t\\n])[${RANGES.map(([first, last]) => `${code(first)}-${code(last)}`).join("")}\\ud800-\\udfff]`, "gu");

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
