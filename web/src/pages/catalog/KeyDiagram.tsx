import { useNavigate, useRouter } from "@tanstack/react-router";
import type { CatalogTable } from "../../api/types";
import { visible } from "../../data/visible";

const WIDTH = 200;
const HEIGHT = 52;
const GAP_X = 150;
const GAP_Y = 16;
const LETTERS = 26;

const idOf = (name: { schema: string; name: string }) => `${name.schema}.${name.name}`;
const short = (text: string, letters: number) => {
  const shown = visible(text);
  return shown.length > letters ? `${shown.slice(0, letters - 1)}…` : shown;
};

interface Box {
  id: string;
  name: string;
  x: number;
  y: number;
}

/** A table with what refers to it on the left and what it refers to on the right. */
export default function KeyDiagram({ table, tables, connection }: { table: CatalogTable; tables: CatalogTable[]; connection: string }) {
  const navigate = useNavigate();
  const router = useRouter();
  const me = idOf(table.name);
  const inward = tables.flatMap((other) => other.foreign_keys.filter((key) => idOf(key.target) === me && idOf(other.name) !== me).map((key) => ({ id: idOf(other.name), name: other.display, key })));
  const outward = table.foreign_keys.map((key) => ({ id: idOf(key.target), name: tables.find((other) => idOf(other.name) === idOf(key.target))?.display ?? key.target.name, key }));
  const rows = Math.max(inward.length, outward.length, 1);
  const height = rows * (HEIGHT + GAP_Y);
  const place = (list: { id: string; name: string }[], x: number): Box[] => list.map((one, index) => ({ ...one, x, y: index * (HEIGHT + GAP_Y) + (height - list.length * (HEIGHT + GAP_Y)) / 2 }));
  const middleX = inward.length > 0 ? WIDTH + GAP_X : 0;
  const middle: Box = { id: me, name: table.display, x: middleX, y: (height - HEIGHT - GAP_Y) / 2 };
  const left = place(inward, 0);
  const right = place(outward, middleX + WIDTH + GAP_X);
  const width = middleX + WIDTH + (outward.length > 0 ? GAP_X + WIDTH : 0);
  const line = (from: Box, to: Box, label: string, inferred: boolean, key: string) => {
    const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
    return (
      <g key={key} className="key-line">
        <path d={`M${x1} ${y1}C${x1 + GAP_X / 2} ${y1} ${x2 - GAP_X / 2} ${y2} ${x2} ${y2}`} strokeDasharray={inferred ? "5 4" : undefined} />
        <text x={(x1 + x2) / 2} y={(y1 + y2) / 2 - 5} textAnchor="middle">{short(label, 22)}</text>
      </g>
    );
  };
  return (
    <div className="graph-plain" tabIndex={0} role="region" aria-label="keys as a diagram">
      <svg width={width + 4} height={height + 4} viewBox={`-2 -2 ${width + 4} ${height + 4}`} className="keys" role="group" aria-label={`${table.display}: referred to by ${inward.map((one) => one.name).join(", ") || "nothing"}; refers to ${outward.map((one) => one.name).join(", ") || "nothing"}`}>
        {inward.map((one, index) => left[index] !== undefined && line(left[index], middle, one.key.columns.join(", "), one.key.origin === "inferred", `in${index}`))}
        {outward.map((one, index) => right[index] !== undefined && line(middle, right[index], one.key.columns.join(", "), one.key.origin === "inferred", `out${index}`))}
        {[...left, middle, ...right].map((box, index) => {
          const drawn = (
            <>
              <rect x={box.x} y={box.y} width={WIDTH} height={HEIGHT} rx={6} />
              <text x={box.x + 12} y={box.y + HEIGHT / 2 + 5}>{short(box.name, LETTERS)}</text>
              <title>{visible(box.name)}</title>
            </>
          );
          if (box.id === me) return <g key={index} className="key-box me">{drawn}</g>;
          const to = { to: "/catalog", search: { connection, table: box.id, text: undefined } } as const;
          return (
            <a key={index} className="key-box" aria-label={visible(box.name)} href={router.buildLocation(to).href} onClick={(event) => { event.preventDefault(); void navigate(to); }}>{drawn}</a>
          );
        })}
      </svg>
      {[...inward, ...outward].some((one) => one.key.origin === "inferred") && <p className="dim">dashed: concluded from names and values; nothing declares it</p>}
    </div>
  );
}
