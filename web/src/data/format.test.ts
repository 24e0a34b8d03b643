import { expect, test } from "vitest";
import { count, counted, duration, exact, money, number, relative, size } from "./format";

test("numbers have separators and units", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect(count(999)).toBe("999");
  expect(count(-1000)).toBe("-1,000");
  expect(counted(1, "row")).toBe("1 row");
  expect(counted(0, "row")).toBe("0 rows");
  expect(size(135_200)).toBe("135 kB");
  expect(size(12_345_678)).toBe("12.3 MB");
  expect(size(0)).toBe("0 B");
  expect(number(1234.56789)).toBe("1,234.5679");
  expect(number(0.1 + 0.2)).toBe("0.3");
  expect(number(-0.00001)).toBe("0");
  expect(number(1e15)).toBe("1,000,000,000,000,000");
});
test("small amounts of money keep their digits", () => {
  expect(money(0)).toBe("$0.00");
  expect(money(1234)).toBe("$1,234.00");
  expect(money(1234.5)).toBe("$1,234.50");
  expect(money(0.0625)).toBe("$0.0625");
  expect(money(0.0000012)).toBe("$0.0000012");
});
test("times are short and say their direction", () => {
  expect(duration(12)).toBe("12 ms");
  expect(duration(90_000)).toBe("1 min 30 s");
  for (const [ms, text] of [[999.6, "1.0 s"], [9_970, "10 s"], [59_700, "1 min 0 s"], [3_599_800, "1 h 0 min"], [86_399_000, "1 d 0 h"], [86_340_000, "23 h 59 min"]] as const)
    expect(duration(ms)).toBe(text);
  expect(relative(0, 180_000)).toBe("3 min ago");
  expect(relative(7_200_000, 0)).toBe("in 2 h");
  const at = new Date(2026, 8, 4, 5, 6, 7);
  expect(exact(at.toISOString())).toBe(`4 Sep 2026, 05:06:07 · ${at.toISOString()}`);
});
