import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { address } from "../api/client";
import { rowsQuery } from "../api/queries";
import type { Cell, Rows } from "../api/types";
import { count, counted } from "../data/format";
import { Button, Copy, Empty, ErrorPanel, Skeleton, Text } from "../ui/base";
import { Chart } from "./Chart";
import { csv, markdown, tsv } from "./copy";
import { CellText, isNumber } from "./PlainTable";
import { numberOf, shapeOf } from "./shape";

const ROW_PX = 30;
const SHOWN_MAX = 14;
const LETTER_PX = 8;
const COLUMN_MIN_PX = 80;
const COLUMN_MAX_PX = 360;
const MEASURED_ROWS = 200;

/** NULL counts as the greatest, numbers count as numbers, everything else as text. */
function compare(one: Cell, other: Cell): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1;
  const a = numberOf(one);
  const b = numberOf(other);
  return a !== null && b !== null ? a - b : String(one).localeCompare(String(other));
}

function widthsOf({ columns, rows }: Rows): number[] {
  return columns.map((column, index) => {
    const longest = rows.slice(0, MEASURED_ROWS).reduce((most, row) => Math.max(most, row[index] == null ? 4 : String(row[index]).length), column.name.length + 2);
    return Math.min(COLUMN_MAX_PX, Math.max(COLUMN_MIN_PX, longest * LETTER_PX + 24));
  });
}

/** Any number of rows: only those that are looked at are drawn. */
export function ResultTable({ data }: { data: Rows }) {
  const [sorted, setSorted] = useState<{ column: number; down: boolean } | null>(null);
  const [widths, setWidths] = useState(() => widthsOf(data));
  const rows = useMemo(() => {
    if (sorted === null) return data.rows;
    const ordered = [...data.rows].sort((one, other) => compare(one[sorted.column] ?? null, other[sorted.column] ?? null));
    return sorted.down ? ordered.reverse() : ordered;
  }, [data.rows, sorted]);
  const scroll = useRef<HTMLDivElement>(null);
  const view = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 12 });
  const columns = widths.map((width) => `${width}px`).join(" ");
  const sort = (column: number) => setSorted(sorted?.column !== column ? { column, down: false } : sorted.down ? null : { column, down: true });
  const drag = (column: number, begun: React.PointerEvent) => {
    begun.preventDefault();
    const from = begun.clientX - (widths[column] ?? 0);
    const move = (event: PointerEvent) => setWidths((before) => before.map((width, index) => (index === column ? Math.max(40, event.clientX - from) : width)));
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
  };
  return (
    <div ref={scroll} className="grid" style={{ maxHeight: (Math.min(rows.length, SHOWN_MAX) + 2) * ROW_PX }} tabIndex={0} role="table" aria-rowcount={rows.length + 1} aria-label="result">
      <div role="rowgroup" className="grid-head">
        <div role="row" className="grid-row" style={{ gridTemplateColumns: columns }}>
          {data.columns.map((column, index) => (
            <div key={index} role="columnheader" className={isNumber(column) ? "grid-cell number" : "grid-cell"} aria-sort={sorted?.column !== index ? "none" : sorted.down ? "descending" : "ascending"}>
              <button type="button" className="grid-sort" onClick={() => sort(index)} title={`${column.name}, ${column.type}`}>
                <Text>{column.name}</Text>{sorted?.column === index && (sorted.down ? " ↓" : " ↑")}
              </button>
              <span className="grid-grip" onPointerDown={(event) => drag(index, event)} />
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: view.getTotalSize(), position: "relative", minWidth: "max-content" }}>
        {view.getVirtualItems().map((item) => (
          <div key={item.index} role="row" aria-rowindex={item.index + 2} className="grid-row grid-body" style={{ gridTemplateColumns: columns, transform: `translateY(${item.start}px)` }}>
            {(rows[item.index] ?? []).map((value, index) => (
              <div key={index} role="cell" className={data.columns[index] !== undefined && isNumber(data.columns[index]) ? "grid-cell number" : "grid-cell"} title={typeof value === "string" && value.length > 40 ? value : undefined}>
                <CellText value={value} />
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Downloads({ run, data }: { run: string; data: Rows }) {
  return (
    <div className="row">
      {["csv", "parquet", "jsonl"].map((format) => (
        <a key={format} className="button small" href={address(`/runs/${run}/rows`, { format })} download>{format === "jsonl" ? "JSON lines" : format === "csv" ? "CSV" : "Parquet"}</a>
      ))}
      <Copy text={csv(data.columns, data.rows)} label="Copy CSV" />
      <Copy text={tsv(data.columns, data.rows)} label="Copy for a sheet" />
      <Copy text={markdown(data.columns, data.rows)} label="Copy Markdown" />
    </div>
  );
}

/** The rows of an answered run: a picture where they make one, the table, and ways to take them along. */
export function Result({ run, count: total }: { run: string; count: number }) {
  const rows = useQuery(rowsQuery(run));
  const shape = useMemo(() => (rows.data === undefined ? null : shapeOf(rows.data.columns, rows.data.rows)), [rows.data]);
  const [chart, setChart] = useState(true);
  if (rows.isPending) return <Skeleton lines={Math.min(total + 1, 8)} label="loading rows" />;
  if (rows.isError) return <ErrorPanel error={rows.error} retry={() => void rows.refetch()} run={run} />;
  const data = rows.data;
  if (data.rows.length === 0) return <Empty title="The answer has no rows"><p>The query ran; nothing fits it.</p></Empty>;
  return (
    <div className="stack">
      {shape !== null && shape.kind !== "none" && (
        <>
          {chart && <Chart columns={data.columns} rows={data.rows} shape={shape} />}
          {shape.kind !== "number" && <p><Button small aria-pressed={chart} onClick={() => setChart(!chart)}>{chart ? "Hide chart" : "Show chart"}</Button>{data.rows.length < data.row_count && <span className="dim"> of the first {counted(data.rows.length, "row")} alone</span>}</p>}
        </>
      )}
      <ResultTable data={data} />
      <p className="dim">
        {data.rows.length < data.row_count ? `the first ${count(data.rows.length)} of ${counted(data.row_count, "row")}; downloads have all` : counted(data.row_count, "row")}
      </p>
      <Downloads run={run} data={data} />
    </div>
  );
}
