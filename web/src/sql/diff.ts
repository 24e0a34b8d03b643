import type { SqlLines } from "../api/types";

export type Line = SqlLines[number];
export interface DiffLine {
  mark: "same" | "added" | "removed";
  line: Line;
}

const LINES_MAX = 2_000;
const textOf = (line: Line): string => line.map(([, text]) => text).join("");

/** Lines that came and went, by the longest common subsequence. Of very long texts all is shown as new. */
export function diffOf(before: SqlLines, after: SqlLines): DiffLine[] {
  if (before.length > LINES_MAX || after.length > LINES_MAX) return after.map((line) => ({ mark: "added", line }));
  const one = before.map(textOf);
  const other = after.map(textOf);
  const width = other.length + 1;
  const common = new Uint16Array((one.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = one.length - 1; i >= 0; i--)
    for (let j = other.length - 1; j >= 0; j--) common[i * width + j] = one[i] === other[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      out.push({ mark: "same", line: after[j] ?? [] });
      i += 1;
      j += 1;
    } else if (j >= other.length || (i < one.length && at(i + 1, j) >= at(i, j + 1))) {
      out.push({ mark: "removed", line: before[i] ?? [] });
      i += 1;
    } else {
      out.push({ mark: "added", line: after[j] ?? [] });
      j += 1;
    }
  }
  return out;
}
