import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Cell, Column } from "../api/types";
import { numberOf, type Shape } from "./shape";

const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const long = new Intl.NumberFormat("en-US", { maximumFractionDigits: 4 });
const HEIGHT = 260;
/** Told apart by dash as well as by colour, so that they can be read in grey. */
const DASHES: number[][] = [[], [6, 3], [2, 3], [10, 3, 2, 3], [1, 2], [12, 4]];

const timeOf = (value: Cell | undefined): number | null => {
  if (typeof value !== "string") return null;
  const at = Date.parse(/^\d{4}-\d{2}$/.test(value) ? `${value}-01` : value.includes(":") ? `${value.replace(" ", "T")}${/[zZ]|[+-]\d\d(:?\d\d)?$/.test(value) ? "" : "Z"}` : value);
  return Number.isNaN(at) ? null : at / 1000;
};

/** The canvas takes its colours from the tokens: drawn anew when the theme changes. */
export default function Plot({ columns, rows, shape }: { columns: Column[]; rows: Cell[][]; shape: Extract<Shape, { kind: "line" | "scatter" }> }) {
  const box = useRef<HTMLDivElement>(null);
  const data = useMemo<uPlot.AlignedData>(() => {
    const ys = shape.kind === "line" ? shape.ys : [shape.y];
    const points = rows
      .map((row) => ({ at: shape.kind === "line" ? timeOf(row[shape.x]) : numberOf(row[shape.x]), values: ys.map((index) => numberOf(row[index])) }))
      .filter((point): point is { at: number; values: (number | null)[] } => point.at !== null)
      .sort((one, other) => one.at - other.at);
    return [points.map((point) => point.at), ...ys.map((_, index) => points.map((point) => point.values[index] ?? null))];
  }, [rows, shape]);
  useEffect(() => {
    const at = box.current;
    if (at === null) return;
    let plot: uPlot | null = null;
    const draw = () => {
      const style = getComputedStyle(document.documentElement);
      const color = (name: string) => style.getPropertyValue(name).trim();
      const colors = ["--accent", "--ok", "--warn", "--bad", "--text-dim", "--text"].map(color);
      const axis = { stroke: color("--text-dim"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line") }, font: "12px system-ui" };
      const ys = shape.kind === "line" ? shape.ys : [shape.y];
      plot?.destroy();
      plot = new uPlot(
        {
          width: Math.max(at.clientWidth, 200),
          height: HEIGHT,
          scales: { x: { time: shape.kind === "line" } },
          axes: [
            { ...axis, label: columns[shape.x]?.name ?? "", labelSize: 20 },
            { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => short.format(tick)), label: shape.kind === "scatter" ? (columns[shape.y]?.name ?? "") : undefined },
          ],
          series: [
            { label: columns[shape.x]?.name ?? "" },
            ...ys.map((index, n) => ({
              label: columns[index]?.name ?? "",
              stroke: colors[n] ?? color("--accent"),
              width: 2,
              dash: DASHES[n] ?? [],
              paths: shape.kind === "scatter" ? () => null : undefined,
              points: { show: shape.kind === "scatter" || data[0].length < 60, size: 6, fill: colors[n] ?? color("--accent") },
              value: (_: uPlot, value: number | null) => (value === null ? "" : long.format(value)),
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
  }, [columns, data, shape]);
  return <div ref={box} className="plot" role="img" aria-label={`chart of ${columns.map((column) => column.name).join(", ")}; the table has its numbers`} />;
}
