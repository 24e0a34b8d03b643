import type { Cell, Column } from "../api/types";
import { isNumber } from "./PlainTable";

export type Shape =
  | { kind: "number"; column: number; value: number }
  | { kind: "line"; x: number; ys: number[] }
  /** A line for each value of `by`. */
  | { kind: "lines"; x: number; y: number; by: number }
  | { kind: "bar"; x: number; y: number }
  | { kind: "scatter"; x: number; y: number }
  | { kind: "none" };

const TIMES = new Set(["date", "timestamp", "timestamptz"]);
const BARS_MAX = 60;
const SERIES_MAX = 6;
const POINTS_MIN = 2;

export const numberOf = (value: Cell | undefined): number | null => {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return null;
  const read = Number(value);
  return Number.isFinite(read) ? read : null;
};

const TIME_TEXT = /^\d{4}-\d{2}(-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([zZ]|[+-]\d\d(:?\d\d)?)?)?)?$/;
/** Seconds since 1970; a moment without a zone counts as UTC. */
export function timeOf(value: Cell | undefined): number | null {
  if (typeof value !== "string" || !TIME_TEXT.test(value)) return null;
  const zoned = /([zZ]|[+-]\d\d(:?\d\d)?)$/.test(value) ? value.replace(/([+-]\d\d)$/, "$1:00") : `${value}Z`;  // engines write "+00", and Date takes "+00:00"
  const at = Date.parse(value.includes(":") ? zoned.replace(" ", "T") : value.length === "2025-01".length ? `${value}-01` : value);
  return Number.isNaN(at) ? null : at / 1000;
}
const isTime = (column: Column, values: Cell[]): boolean =>
  (TIMES.has(column.type) || column.type === "text") && values.some((value) => value !== null) && values.every((value) => value === null || timeOf(value) !== null);

/** Numbers that name something measure nothing. */
const isId = (column: Column): boolean => /(^|[_ ])id$/i.test(column.name) || /[a-z]I[dD]$/.test(column.name);
const noneTwice = (keys: string[]): boolean => new Set(keys).size === keys.length;

/** What kind of picture the rows are: one number is a figure, time makes a line, categories bars, two numbers a cloud. No picture where one would lie. */
export function shapeOf(columns: Column[], rows: Cell[][]): Shape {
  const numbers = columns.flatMap((column, index) => (isNumber(column) && !isId(column) ? [index] : []));
  if (rows.length === 1 && columns.length === 1 && numbers.length === 1) {
    const value = numberOf(rows[0]?.[0]);
    return value === null ? { kind: "none" } : { kind: "number", column: 0, value };
  }
  if (rows.length < POINTS_MIN || numbers.length === 0) return { kind: "none" };
  const column = (index: number) => rows.map((row) => row[index] ?? null);
  const time = columns.findIndex((one, index) => isTime(one, column(index)));
  const others = numbers.filter((index) => index !== time);
  const category = columns.findIndex((one, index) => !isNumber(one) && index !== time);
  const named = (index: number) => column(index).map(String);
  if (time >= 0) {
    const [first] = others;
    if (first === undefined) return { kind: "none" };
    if (noneTwice(named(time))) return { kind: "line", x: time, ys: others.slice(0, SERIES_MAX) };
    const few = category >= 0 && new Set(named(category)).size <= SERIES_MAX;
    return few && noneTwice(rows.map((row) => JSON.stringify([row[time], row[category]]))) ? { kind: "lines", x: time, y: first, by: category } : { kind: "none" };
  }
  if (category >= 0) return numbers[0] !== undefined && rows.length <= BARS_MAX && noneTwice(named(category)) ? { kind: "bar", x: category, y: numbers[0] } : { kind: "none" };
  if (numbers[0] !== undefined && numbers[1] !== undefined) return { kind: "scatter", x: numbers[0], y: numbers[1] };
  return { kind: "none" };
}
