import { expect, test } from "vitest";
import { visible, visiblePieces } from "./visible";

test.each([
  ["a\u202eb", "a\\u{202E}b"],
  ["zero\u200bwidth", "zero\\u{200B}width"],
  ["bell\u0007", "bell\\u{7}"],
  ["soft\u00adhyphen", "soft\\u{AD}hyphen"],
  ["tag\u{e0041}", "tag\\u{E0041}"],
  ["lone\ud800half", "lone\\u{D800}half"],
  ["byte order\ufeff", "byte order\\u{FEFF}"],
])("%j shows what hides in it", (text, shown) => expect(visible(text)).toBe(shown));

test.each(["plain", "שלום", "日本語", "naïve — “quotes”", "tab\tand\nnewline", "😀 emoji"])("%j stays as it is", (text) => expect(visible(text)).toBe(text));

test("what hides is marked, and nothing is lost", () => {
  expect(visiblePieces("a\u202eb")).toEqual([
    { text: "a", hidden: false },
    { text: "\\u{202E}", hidden: true },
    { text: "b", hidden: false },
  ]);
});
