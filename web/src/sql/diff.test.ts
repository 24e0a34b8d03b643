import { expect, test } from "vitest";
import type { SqlLines } from "../api/types";
import { diffOf } from "./diff";

const lines = (...texts: string[]): SqlLines => texts.map((text) => [["plain", text]]);
const marks = (before: SqlLines, after: SqlLines) => diffOf(before, after).map(({ mark, line }) => `${mark[0]} ${line.map(([, text]) => text).join("")}`);

test("lines that came and went are marked, the rest stays", () => {
  expect(marks(lines("SELECT a", "FROM t", "LIMIT 5"), lines("SELECT a", "FROM t", "WHERE b", "LIMIT 10"))).toEqual(["s SELECT a", "s FROM t", "r LIMIT 5", "a WHERE b", "a LIMIT 10"]);
  expect(marks(lines("a"), lines("a"))).toEqual(["s a"]);
  expect(marks([], lines("a"))).toEqual(["a a"]);
});
test("very long texts are all new", () => {
  const long = lines(...Array.from({ length: 2_001 }, (_, n) => String(n)));
  expect(diffOf(long, long).every(({ mark }) => mark === "added")).toBe(true);
});
