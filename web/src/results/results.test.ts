import { expect, test } from "vitest";
import type { Cell, Column } from "../api/types";
import { csv, markdown, tsv } from "./copy";
import { shapeOf } from "./shape";

const columns = (...kinds: [string, string][]): Column[] => kinds.map(([name, type]) => ({ name, type }));

test("the picture fits the data", () => {
  expect(shapeOf(columns(["n", "integer"]), [[42]])).toEqual({ kind: "number", column: 0, value: 42 });
  expect(shapeOf(columns(["month", "date"], ["n", "integer"]), [["2025-01-01", 1], ["2025-02-01", 2]])).toEqual({ kind: "line", x: 0, ys: [1] });
  expect(shapeOf(columns(["month", "text"], ["n", "integer"]), [["2025-01", 1], ["2025-02", 2]])).toEqual({ kind: "line", x: 0, ys: [1] });
  expect(shapeOf(columns(["status", "text"], ["n", "integer"]), [["open", 1], ["closed", 2]])).toEqual({ kind: "bar", x: 0, y: 1 });
  expect(shapeOf(columns(["a", "floating"], ["b", "integer"]), [[1, 2], [2, 3]])).toEqual({ kind: "scatter", x: 0, y: 1 });
  const [month, status, n] = [["month", "date"], ["status", "text"], ["n", "integer"]] as [string, string][];
  expect(shapeOf(columns(month!, status!, n!), [["2025-01-01", "open", 1], ["2025-01-01", "paid", 2], ["2025-02-01", "open", 3]]), "a line a status").toEqual({ kind: "lines", x: 0, y: 2, by: 1 });
  expect(shapeOf(columns(month!, n!), [["2025-01-01", 1], ["2025-01-01", 2]]), "no line jumps at one moment").toEqual({ kind: "none" });
  expect(shapeOf(columns(["code", "text"], n!), [["2025-01-AX", 1], ["2025-01-BX", 2]]), "codes are no times").toEqual({ kind: "bar", x: 0, y: 1 });
  expect(shapeOf(columns(["at", "time"], n!), [["10:00:00", 1], ["11:00:00", 2]]), "a time of day has no date").toEqual({ kind: "bar", x: 0, y: 1 });
  expect(shapeOf(columns(["at", "timestamptz"], n!), [["2025-01-01 10:00:00+00", 1], ["2025-01-01 11:00:00+00", 2]])).toEqual({ kind: "line", x: 0, ys: [1] });
  expect(shapeOf(columns(["customer_id", "integer"], status!, n!), [[1, "open", 5], [2, "paid", 6]]), "an id is no measure").toEqual({ kind: "bar", x: 1, y: 2 });
  expect(shapeOf(columns(["name", "text"]), [["a"], ["b"]])).toEqual({ kind: "none" });
  expect(shapeOf(columns(["name", "text"], ["n", "integer"]), [["a", 1], ["a", 2]]), "the same category twice is no bar chart").toEqual({ kind: "none" });
});

const rows: Cell[][] = [['say "hi", you', null], ["a\tb\nc", 2]];
const two = columns(["x", "text"], ["y", "integer"]);
test("copies say the same in each format", () => {
  expect(csv(two, rows)).toBe('x,y\r\n"say ""hi"", you",\r\n"a\tb\nc",2');
  expect(tsv(two, rows)).toBe('x\ty\nsay "hi", you\t\na b c\t2');
  expect(markdown(two, [["a|b", null]])).toBe("| x | y |\n| --- | --- |\n| a\\|b | NULL |");
});
