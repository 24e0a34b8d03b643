import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { costsQuery } from "../../api/queries";
import type { Cell, Column, CostLine } from "../../api/types";
import { count, counted, duration, money } from "../../data/format";
import { Chart } from "../../results/Chart";
import { Empty, ErrorPanel, Skeleton, Text } from "../../ui/base";

const SPANS: [string, string][] = [["1d", "a day"], ["7d", "a week"], ["30d", "30 days"], ["1y", "a year"]];
const COLUMNS: Column[] = [{ name: "day", type: "date" }, { name: "US dollars", type: "floating" }];

function Lines({ title, lines }: { title: string; lines: CostLine[] }) {
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <div className="list-scroll" tabIndex={0} role="region" aria-label={title}>
        <table className="list">
          <thead><tr><th scope="col">{title.replace("By ", "")}</th>{["Calls", "From the cache", "Failed", "Tokens in", "Tokens out", "Time", "Cost"].map((name) => <th key={name} scope="col" className="number">{name}</th>)}</tr></thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.group}>
                <td><Text>{line.group}</Text></td>
                <td className="number">{count(line.calls)}</td>
                <td className="number">{count(line.cached)}</td>
                <td className="number">{count(line.failed)}</td>
                <td className="number">{count(line.tokens_in)}</td>
                <td className="number">{count(line.tokens_out)}</td>
                <td className="number">{duration(line.latency_ms)}</td>
                <td className="number">{line.unpriced_calls >= line.calls && line.calls > 0 ? "not known" : money(line.usd)}{line.unpriced_calls > 0 && line.unpriced_calls < line.calls && <span className="dim"> and {counted(line.unpriced_calls, "call")} of unknown price</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function CostsPage() {
  const { since = "30d" } = useSearch({ from: "/costs" });
  const navigate = useNavigate();
  const days = useQuery(costsQuery(since, "day"));
  const models = useQuery(costsQuery(since, "model"));
  const workflows = useQuery(costsQuery(since, "workflow"));
  const total = (models.data?.costs ?? []).reduce((sum, line) => sum + line.usd, 0);
  const calls = (models.data?.costs ?? []).reduce((sum, line) => sum + line.calls, 0);
  const unpriced = (models.data?.costs ?? []).reduce((sum, line) => sum + line.unpriced_calls, 0);
  const rows: Cell[][] = (days.data?.costs ?? []).map((line) => [line.group, line.usd]);
  return (
    <>
      <div className="row">
        <h1 className="grow">Costs</h1>
        <select className="field" aria-label="How far back" value={since} onChange={(event) => void navigate({ to: "/costs", search: { since: event.target.value }, replace: true })}>
          {SPANS.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
        </select>
      </div>
      {[days, models, workflows].map((query, index) => query.isError && <ErrorPanel key={index} error={query.error} retry={() => void query.refetch()} />)}
      {models.isPending && <Skeleton lines={6} label="loading costs" />}
      {models.isSuccess && calls === 0 && <Empty title="No model was called in this time"><p>What the built-in planner answers costs nothing.</p></Empty>}
      {calls > 0 && (
        <>
          <section className="panel" aria-label="by day">
            <p className="figure"><strong>{unpriced >= calls ? "not known" : money(total)}</strong> <span className="dim">for {counted(calls, "call")}{unpriced > 0 && unpriced < calls && `, and ${counted(unpriced, "call")} of unknown price among them`}</span></p>
            {rows.length > 1 && <Chart columns={COLUMNS} rows={rows} shape={{ kind: "line", x: 0, ys: [1] }} />}
          </section>
          <Lines title="By model" lines={models.data?.costs ?? []} />
          <Lines title="By workflow" lines={workflows.data?.costs ?? []} />
          <Lines title="By day" lines={days.data?.costs ?? []} />
        </>
      )}
    </>
  );
}
