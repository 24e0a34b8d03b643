import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Cell, Column } from "../api/types";
import { number } from "../data/format";
import { numberOf, timeOf, type Shape } from "./shape";

const shorts = [1, 2, 3, 4].map((digits) => new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: digits }));
const HEIGHT = 260;
/** Told apart by dash as well as by colour, so that they can be read in grey. */
const DASHES: number[][] = [[], [6, 3], [2, 3], [10, 3, 2, 3], [1, 2], [12, 4]];

/** As short as they can be without two being the same. */
function toldApart(ticks: number[]): string[] {
  const texts = shorts.map((short) => ticks.map((tick) => short.format(tick)));
  return texts.find((told) => new Set(told).size === told.length) ?? ticks.map((tick) => number(tick));
}

type Drawn = Extract<Shape, { kind: "line" | "lines" | "scatter" }>;
type Series = { name: string; value: (row: Cell[]) => number | null };

function seriesOf(columns: Column[], rows: Cell[][], shape: Drawn): Series[] {
  if (shape.kind !== "lines") return (shape.kind === "line" ? shape.ys : [shape.y]).map((index) => ({ name: columns[index]?.name ?? "", value: (row) => numberOf(row[index]) }));
  return [...new Set(rows.map((row) => row[shape.by] ?? null))].map((one) => ({ name: one === null ? "NULL" : String(one), value: (row) => ((row[shape.by] ?? null) === one ? numberOf(row[shape.y]) : null) }));
}

/** The points of all series over one axis. Rows at the same moment are one point of it: of several series. */
function dataOf(rows: Cell[][], shape: Drawn, series: Series[]): uPlot.AlignedData {
  const points: { at: number; values: (number | null)[] }[] = [];
  const known = new Map<number, (number | null)[]>();
  for (const row of rows) {
    const at = shape.kind === "scatter" ? numberOf(row[shape.x]) : timeOf(row[shape.x]);
    if (at === null) continue;
    const values = series.map((one) => one.value(row));
    const there = shape.kind === "lines" ? known.get(at) : undefined;
    if (there !== undefined) {
      values.forEach((value, index) => { there[index] ??= value; });
      continue;
    }
    known.set(at, values);
    points.push({ at, values });
  }
  points.sort((one, other) => one.at - other.at);
  return [points.map((point) => point.at), ...series.map((_, index) => points.map((point) => point.values[index] ?? null))];
}

/** The canvas takes its colours from the tokens: drawn anew when the theme changes. */
export default function Plot({ columns, rows, shape }: { columns: Column[]; rows: Cell[][]; shape: Drawn }) {
  const box = useRef<HTMLDivElement>(null);
  const series = useMemo(() => seriesOf(columns, rows, shape), [columns, rows, shape]);
  const data = useMemo(() => dataOf(rows, shape, series), [rows, shape, series]);
  useEffect(() => {
    const at = box.current;
    if (at === null) return;
    let plot: uPlot | null = null;
    const draw = () => {
      const style = getComputedStyle(document.documentElement);
      const color = (name: string) => style.getPropertyValue(name).trim();
      const colors = ["--accent", "--ok", "--warn", "--bad", "--text-dim", "--text"].map(color);
      const axis = { stroke: color("--text-dim"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line") }, font: "12px system-ui" };
      plot?.destroy();
      plot = new uPlot(
        {
          width: Math.max(at.clientWidth, 200),
          height: HEIGHT,
          scales: { x: { time: shape.kind !== "scatter" } },
          axes: [
            { ...axis, label: columns[shape.x]?.name ?? "", labelSize: 20 },
            { ...axis, size: 64, values: (_, ticks) => toldApart(ticks), label: shape.kind === "line" ? undefined : (columns[shape.y]?.name ?? "") },
          ],
          series: [
            { label: columns[shape.x]?.name ?? "" },
            ...series.map((one, n) => ({
              label: one.name,
              spanGaps: shape.kind === "lines",
              stroke: colors[n] ?? color("--accent"),
              width: 2,
              dash: DASHES[n] ?? [],
              paths: shape.kind === "scatter" ? () => null : undefined,
              points: { show: shape.kind === "scatter" || data[0].length < 60, size: 6, fill: colors[n] ?? color("--accent") },
              value: (_: uPlot, value: number | null) => (value === null ? "" : number(value)),
            })),
          ],
        } as uPlot.Options,
        data,
        at,
      );
    };
    draw();
    const size = new ResizeObserver(() => plot?.setSize({ width: Math.max(at.clientWidth, 200), height: HEIGHT }));
    size.observe(at);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      size.disconnect();
      theme.disconnect();
      plot?.destroy();
    };
  }, [columns, data, series, shape]);
  return <div ref={box} className="plot" role="img" aria-label={`chart of ${columns.map((column) => column.name).join(", ")}; the table has its numbers`} />;
}
