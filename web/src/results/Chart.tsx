import { lazy, Suspense } from "react";
import type { Cell, Column } from "../api/types";
import { number } from "../data/format";
import { Text } from "../ui/base";
import { numberOf, type Shape } from "./shape";

/** Lines and points are drawn by a library that bars and single numbers can do without. */
const Plot = lazy(() => import("./Plot"));

function Bars({ columns, rows, x, y }: { columns: Column[]; rows: Cell[][]; x: number; y: number }) {
  const values = rows.map((row) => numberOf(row[y]) ?? 0);
  const most = Math.max(...values, 0);
  const least = Math.min(...values, 0);
  const span = most - least || 1;
  return (
    <figure className="bars" aria-label={`${columns[y]?.name ?? ""} by ${columns[x]?.name ?? ""}`}>
      <figcaption className="dim"><Text>{`${columns[y]?.name ?? ""} by ${columns[x]?.name ?? ""}`}</Text></figcaption>
      {rows.map((row, index) => {
        const value = values[index] ?? 0;
        const begin = ((Math.min(value, 0) - least) / span) * 100;
        return (
          <div key={index} className="bars-row">
            <span className="bars-name"><Text>{row[x] === null ? "NULL" : String(row[x])}</Text></span>
            <span className="bar-track"><span className="bar" style={{ left: `${begin}%`, width: `${(Math.abs(value) / span) * 100}%` }} /></span>
            <span className="number">{number(value)}</span>
          </div>
        );
      })}
    </figure>
  );
}

export function Chart({ columns, rows, shape }: { columns: Column[]; rows: Cell[][]; shape: Shape }) {
  switch (shape.kind) {
    case "none": return null;
    case "number":
      return <p className="figure"><strong>{number(shape.value)}</strong> <span className="dim"><Text>{columns[shape.column]?.name ?? ""}</Text></span></p>;
    case "bar": return <Bars columns={columns} rows={rows} x={shape.x} y={shape.y} />;
    default: return <Suspense fallback={<div className="plot" />}><Plot columns={columns} rows={rows} shape={shape} /></Suspense>;
  }
}
