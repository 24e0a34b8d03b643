import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { catalogQuery, connectionsQuery, preview, profile } from "../../api/queries";
import type { CatalogTable, Profile } from "../../api/types";
import { count, counted, size } from "../../data/format";
import { PlainTable } from "../../results/PlainTable";
import { Button, Empty, ErrorPanel, Skeleton, Status, Text } from "../../ui/base";

const KeyDiagram = lazy(() => import("./KeyDiagram"));
const COLUMNS_SHOWN = 4;

const rowsOf = (table: CatalogTable): string => (table.row_count === null ? "" : `${table.row_count_exact ? "" : "about "}${counted(table.row_count, "row")}`);
const fits = (table: CatalogTable, words: string[]): boolean => {
  const text = `${table.display} ${table.comment} ${table.columns.map((column) => `${column.name} ${column.comment}`).join(" ")}`.toLowerCase();
  return words.every((word) => text.includes(word));
};

function Sample({ connection, table }: { connection: string; table: CatalogTable }) {
  const rows = useMutation({ mutationFn: () => preview(connection, table.name.schema, table.name.name) });
  return (
    <section className="panel" aria-label="first rows">
      <div className="row"><h2 className="grow">First rows</h2><Button small disabled={rows.isPending} onClick={() => rows.mutate()}>{rows.isPending ? "Reading…" : rows.isSuccess ? "Read again" : "Read 50 rows"}</Button></div>
      {rows.isError && <ErrorPanel error={rows.error} retry={() => rows.mutate()} />}
      {rows.isPending && <Skeleton lines={5} />}
      {rows.isSuccess && <PlainTable columns={rows.data.columns} rows={rows.data.rows} />}
    </section>
  );
}

function ProfileOf({ connection, table }: { connection: string; table: CatalogTable }) {
  const found = useMutation({ mutationFn: () => profile(connection, table.name.schema, table.name.name) });
  return (
    <section className="panel" aria-label="profile">
      <div className="row"><h2 className="grow">Profile</h2><Button small disabled={found.isPending} onClick={() => found.mutate()}>{found.isPending ? "Reading…" : found.isSuccess ? "Read again" : "What the columns hold"}</Button></div>
      {found.isError && <ErrorPanel error={found.error} retry={() => found.mutate()} />}
      {found.isPending && <Skeleton lines={5} />}
      {found.isSuccess && <ProfileTable profile={found.data} />}
    </section>
  );
}

function ProfileTable({ profile: { rows, whole, columns, columns_left_out } }: { profile: Profile }) {
  return (
    <>
      <p className="dim">{whole ? `Of all ${counted(rows, "row")}` : `Of the first ${counted(rows, "row")}; there are more`}{columns_left_out > 0 && `; ${counted(columns_left_out, "column")} left out`}</p>
      <div className="list-scroll" tabIndex={0} role="region" aria-label="what the columns hold">
        <table className="list">
          <thead><tr><th scope="col">Column</th><th scope="col" className="number">NULL</th><th scope="col" className="number">Different</th><th scope="col">Least</th><th scope="col">Greatest</th></tr></thead>
          <tbody>
            {columns.map((column) => (
              <tr key={column.name}>
                <td><Text className="mono">{column.name}</Text></td>
                <td className="number">{count(rows - column.filled)}</td>
                <td className="number">{column.distinct === null ? "–" : count(column.distinct)}</td>
                <td className="cell">{column.least === null ? "–" : <Text>{column.least}</Text>}</td>
                <td className="cell">{column.greatest === null ? "–" : <Text>{column.greatest}</Text>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function TableView({ connection, table, tables }: { connection: string; table: CatalogTable; tables: CatalogTable[] }) {
  const keyed = new Set(table.primary_key?.columns ?? []);
  const related = table.foreign_keys.length > 0 || tables.some((other) => other.foreign_keys.some((key) => key.target.name === table.name.name && key.target.schema === table.name.schema));
  return (
    <div className="stack">
      <section className="panel" aria-label={`table ${table.display}`}>
        <div className="row"><h1 className="grow"><Text>{table.display}</Text></h1><span className="dim">{[table.kind, rowsOf(table), table.bytes === null ? "" : size(table.bytes)].filter(Boolean).join(" · ")}</span></div>
        {table.comment !== "" && <p><Text>{table.comment}</Text></p>}
        {table.user_code !== "" && <p><Status of="warning" word="not readable" /> reading it runs functions that somebody added to this database (<Text>{table.user_code}</Text>)</p>}
        <div className="list-scroll" tabIndex={0} role="region" aria-label="columns">
          <table className="list">
            <thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">Null</th><th scope="col">Key</th><th scope="col">Comment</th></tr></thead>
            <tbody>
              {table.columns.map((column) => {
                const refers = table.foreign_keys.filter((key) => key.columns.includes(column.name));
                return (
                  <tr key={column.name}>
                    <td><Text className="mono">{column.name}</Text></td>
                    <td className="dim"><Text>{column.type.native}</Text></td>
                    <td className="dim">{column.nullable ? "yes" : "no"}</td>
                    <td>{keyed.has(column.name) && "primary "}{refers.map((key, index) => <span key={index}>→ <Link to="/catalog" search={{ connection, table: key.target.schema === "" ? key.target.name : `${key.target.schema}.${key.target.name}`, text: undefined }}><Text>{key.target.name}</Text></Link>{key.origin === "inferred" && <span className="dim"> inferred</span>} </span>)}</td>
                    <td className="what"><Text>{column.comment}</Text></td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
        {table.definition !== "" && <details><summary>Defined as</summary><pre className="code" tabIndex={0}><Text>{table.definition}</Text></pre></details>}
      </section>
      {related && <section className="panel" aria-label="keys"><h2>What it is tied to</h2><Suspense fallback={<Skeleton lines={6} />}><KeyDiagram table={table} tables={tables} connection={connection} /></Suspense></section>}
      <ProfileOf key={`profile of ${table.display}`} connection={connection} table={table} />
      <Sample key={`rows of ${table.display}`} connection={connection} table={table} />
    </div>
  );
}

export function CatalogPage() {
  const search = useSearch({ from: "/catalog" });
  const navigate = useNavigate();
  const connections = useQuery(connectionsQuery);
  const known = connections.data?.connections ?? [];
  const connection = search.connection ?? (known.find((one) => one.is_default) ?? known[0])?.name ?? "";
  const catalog = useQuery({ ...catalogQuery(connection), enabled: connection !== "" });
  const [typed, setTyped] = useState(search.text ?? "");
  useEffect(() => setTyped(search.text ?? ""), [search.text]);
  const words = useMemo(() => typed.toLowerCase().split(/\s+/).filter(Boolean), [typed]);
  const tables = catalog.data?.tables ?? [];
  const found = tables.filter((table) => fits(table, words));
  const table = tables.find((one) => search.table !== undefined && (`${one.name.schema}.${one.name.name}` === search.table || one.display === search.table));
  return (
    <div className={`inbox ${table === undefined ? "" : "inbox-open"}`}>
      <div className="inbox-list">
        <div className="row"><h1 className="grow">Catalog</h1>
          <select className="field" aria-label="Connection" value={connection} onChange={(event) => void navigate({ to: "/catalog", search: { connection: event.target.value, table: undefined, text: search.text } })}>{known.map((one) => <option key={one.name}>{one.name}</option>)}</select>
        </div>
        <input className="field" type="search" placeholder="Tables, columns, comments" aria-label="Search" value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={() => void navigate({ to: "/catalog", search: { ...search, text: typed === "" ? undefined : typed }, replace: true })} />
        {catalog.isError && <ErrorPanel error={catalog.error} retry={() => void catalog.refetch()} />}
        {(connections.isPending || (catalog.isPending && connection !== "")) && <Skeleton lines={8} label="loading tables" />}
        {connections.isSuccess && known.length === 0 && <Empty title="There is no connection yet"><p>Add one: <code>sluice init NAME --duckdb FILE</code></p></Empty>}
        {catalog.isSuccess && <p className="dim">{found.length === tables.length ? counted(tables.length, "table") : `${count(found.length)} of ${counted(tables.length, "table")}`}</p>}
        <ul className="inbox-items">
          {found.map((one) => (
            <li key={`${one.name.schema}.${one.name.name}`}>
              <Link to="/catalog" search={{ connection, table: `${one.name.schema}.${one.name.name}`, text: search.text }} className={one === table ? "inbox-item current" : "inbox-item"}>
                <span className="inbox-what"><Text>{one.display}</Text></span>
                <span className="dim">{[one.kind === "table" ? "" : one.kind, rowsOf(one), counted(one.columns.length, "column")].filter(Boolean).join(" · ")}</span>
                <span className="dim"><Text>{one.columns.slice(0, COLUMNS_SHOWN).map((column) => column.name).join(", ") + (one.columns.length > COLUMNS_SHOWN ? ", …" : "")}</Text></span>
              </Link>
            </li>
          ))}
        </ul>
        {catalog.isSuccess && found.length === 0 && tables.length > 0 && <Empty title="Nothing is called so" />}
      </div>
      <div className="inbox-card">
        {table !== undefined ? <><p className="phone-only"><Link to="/catalog" search={{ connection, table: undefined, text: search.text }}>All tables</Link></p><TableView connection={connection} table={table} tables={tables} /></> : tables.length > 0 && <Empty title="Choose a table" />}
      </div>
    </div>
  );
}
