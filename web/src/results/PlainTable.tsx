import type { Cell, Column } from "../api/types";
import { Text } from "../ui/base";

const NUMBERS = new Set(["integer", "floating", "decimal"]);
export const isNumber = (column: Column): boolean => NUMBERS.has(column.type);

export function CellText({ value }: { value: Cell }) {
  if (value === null) return <span className="null">NULL</span>;
  return <Text>{typeof value === "string" ? value : String(value)}</Text>;
}

/** A few rows as they are: samples and previews. */
export function PlainTable({ columns, rows }: { columns: Column[]; rows: Cell[][] }) {
  return (
    <div className="list-scroll" tabIndex={0} role="region" aria-label="rows">
      <table className="list">
        <thead>
          <tr>{columns.map((column, index) => <th key={index} className={isNumber(column) ? "number" : undefined} scope="col"><Text>{column.name}</Text></th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>{row.map((value, n) => <td key={n} className={columns[n] !== undefined && isNumber(columns[n]) ? "number cell" : "cell"}><CellText value={value} /></td>)}</tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="dim">no rows</p>}
    </div>
  );
}
