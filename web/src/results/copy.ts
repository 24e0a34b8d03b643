import type { Cell, Column } from "../api/types";

const textOf = (value: Cell): string => (value === null ? "" : String(value));
const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const tsvField = (text: string): string => text.replace(/[\t\r\n]+/g, " ");
const markdownField = (text: string): string => text.replaceAll("|", "\\|").replace(/[\r\n]+/g, " ");

/** RFC 4180, NULL empty. */
export const csv = (columns: Column[], rows: Cell[][]): string => [columns.map((c) => c.name), ...rows.map((row) => row.map(textOf))].map((line) => line.map(csvField).join(",")).join("\r\n");
export const tsv = (columns: Column[], rows: Cell[][]): string => [columns.map((c) => c.name), ...rows.map((row) => row.map(textOf))].map((line) => line.map(tsvField).join("\t")).join("\n");
export function markdown(columns: Column[], rows: Cell[][]): string {
  const line = (fields: string[]) => `| ${fields.map(markdownField).join(" | ")} |`;
  return [line(columns.map((c) => c.name)), line(columns.map(() => "---")), ...rows.map((row) => line(row.map((v) => (v === null ? "NULL" : String(v)))))].join("\n");
}
