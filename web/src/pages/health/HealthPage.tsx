import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { healthQuery } from "../../api/queries";
import { count, counted, duration } from "../../data/format";
import { Button, ErrorPanel, Skeleton, Status, Text, Time } from "../../ui/base";

export function HealthPage() {
  const health = useQuery(healthQuery);
  if (health.isPending) return <><h1>Health</h1><Skeleton lines={8} label="looking at every part" /></>;
  if (health.isError) return <><h1>Health</h1><ErrorPanel error={health.error} retry={() => void health.refetch()} /></>;
  const { data } = health;
  return (
    <>
      <div className="row">
        <h1 className="grow">Health</h1>
        <Status of={data.status} word={data.status === "ok" ? "all well" : "something needs attention"} />
        <Button small disabled={health.isFetching} onClick={() => void health.refetch()}>{health.isFetching ? "Looking…" : "Look again"}</Button>
      </div>
      <section className="panel" aria-label="parts">
        <ul className="checks">
          {data.parts.map((part) => (
            <li key={part.kind + part.name}>
              <Status of={part.status} />
              <span><strong>{part.kind === part.name ? "" : `${part.kind} `}<Text>{part.name}</Text></strong> <span className="dim"><Text>{part.detail}</Text></span>{part.hint !== "" && <span> next: <Text>{part.hint}</Text></span>}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="panel" aria-label="work">
        <h2>Work</h2>
        {data.queues.length === 0 ? <p className="dim">No run is at work or waits.</p> : (
          <div className="list-scroll" tabIndex={0} role="region" aria-label="queues">
            <table className="list">
              <thead><tr><th scope="col">Queue</th><th scope="col" className="number">Ready</th><th scope="col" className="number">Running</th><th scope="col" className="number">Waiting</th></tr></thead>
              <tbody>{data.queues.map((queue) => <tr key={queue.queue}><td><Text>{queue.queue}</Text></td><td className="number">{count(queue.ready)}</td><td className="number">{count(queue.running)}</td><td className="number">{count(queue.waiting)}</td></tr>)}</tbody>
            </table>
          </div>
        )}
        <p>{data.approvals.open === 0 ? <span className="dim">No approval waits.</span> : <><Link to="/approvals">{counted(data.approvals.open, "approval")}</Link> {data.approvals.open === 1 ? "waits" : "wait"}{data.approvals.oldest_at !== null && <>, the oldest asked <Time iso={data.approvals.oldest_at} /></>}</>}</p>
      </section>
      <p className="dim">Sluice {data.version}, up for {duration(data.uptime_s * 1000)}</p>
    </>
  );
}
