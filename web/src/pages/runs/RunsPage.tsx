import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { connectionsQuery, runsQuery } from "../../api/queries";
import type { RunSummary } from "../../api/types";
import { Button, Empty, ErrorPanel, Skeleton, Status, Text, Time } from "../../ui/base";

const STATUSES = ["waiting", "answered", "rejected", "timeout", "failed", "unanswerable", "paused", "unknown", "cancelled"];
const TYPING_MS = 250;

function Row({ run }: { run: RunSummary }) {
  return (
    <>
      <Status of={run.status} />
      <span>
        {run.forked_from !== null && <span className="dim">fork · </span>}
        {run.imported !== null && <span className="dim">copy · </span>}
        <Text>{run.text === "" ? run.run_id : run.text}</Text>
      </span>
      <Text>{run.connection}</Text>
      <Text className="dim">{run.asked_by}</Text>
      <Time iso={run.created_at} />
    </>
  );
}

export function RunsPage() {
  const search = useSearch({ from: "/runs" });
  const navigate = useNavigate();
  const { before, ...wanted } = search;
  const runs = useQuery(runsQuery(wanted, before ?? ""));
  const connections = useQuery(connectionsQuery);
  const [typed, setTyped] = useState(search.text ?? "");
  const scroll = useRef<HTMLDivElement>(null);
  const narrow = (change: Partial<typeof search>) => void navigate({ to: "/runs", search: { ...search, before: undefined, ...change }, replace: true });
  useEffect(() => setTyped(search.text ?? ""), [search.text]);
  useEffect(() => {
    if (typed === (search.text ?? "")) return;
    const timer = setTimeout(() => narrow({ text: typed === "" ? undefined : typed }), TYPING_MS);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [typed]);
  const found = runs.data?.runs ?? [];
  const phone = matchMedia("(max-width: 900px)").matches;
  const rows = useVirtualizer({ count: found.length, getScrollElement: () => scroll.current, estimateSize: () => (phone ? 64 : 44), overscan: 12 });
  const older = runs.data?.next ?? undefined;
  const narrowed = Object.values(search).some((value) => value !== undefined);
  return (
    <>
      <div className="row">
        <h1 className="grow">Runs</h1>
        <input className="field" type="search" placeholder="Part of what was asked" aria-label="Search" value={typed} onChange={(event) => setTyped(event.target.value)} />
        <select className="field" aria-label="Status" value={search.status ?? ""} onChange={(event) => narrow({ status: event.target.value || undefined })}>
          <option value="">every status</option>
          {STATUSES.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
        <select className="field" aria-label="Connection" value={search.connection ?? ""} onChange={(event) => narrow({ connection: event.target.value || undefined })}>
          <option value="">every connection</option>
          {(connections.data?.connections ?? []).map((connection) => (
            <option key={connection.name}>{connection.name}</option>
          ))}
        </select>
      </div>
      {runs.isError && <ErrorPanel error={runs.error} retry={() => void runs.refetch()} />}
      {runs.data?.damaged.map((error, index) => (
        <p key={index} className="panel">
          <Status of="warning" word="a run that cannot be read" /> <Text>{`${error.code} ${error.message}`}</Text>
        </p>
      ))}
      {runs.isPending && <Skeleton lines={10} label="loading runs" />}
      {runs.data !== undefined && found.length === 0 && (
        <Empty title={narrowed ? "No run is like that" : "No runs yet"}>
          {narrowed ? <Button onClick={() => void navigate({ to: "/runs" })}>Show all runs</Button> : <Link to="/ask">Ask something about the data</Link>}
        </Empty>
      )}
      {found.length > 0 && (
        <div className="panel" style={{ padding: 0 }}>
          <div ref={scroll} style={{ overflow: "auto", maxHeight: "calc(100vh - 200px)" }} role="region" aria-label="Runs, newest first" tabIndex={0}>
            <div className="virtual-row head" aria-hidden="true">
              <span>Status</span>
              <span>Asked</span>
              <span>Connection</span>
              <span>By</span>
              <span>When</span>
            </div>
            <div style={{ height: rows.getTotalSize(), position: "relative" }}>
              {rows.getVirtualItems().map((item) => {
                const run = found[item.index];
                if (run === undefined) return null;
                return (
                  <Link
                    key={run.run_id}
                    to="/runs/$id"
                    params={{ id: run.run_id }}
                    className="virtual-row"
                    style={{ position: "absolute", left: 0, right: 0, top: 0, transform: `translateY(${item.start}px)` }}
                  >
                    <Row run={run} />
                  </Link>
                );
              })}
            </div>
          </div>
        </div>
      )}
      <div className="row">
        {before !== undefined && <Button onClick={() => narrow({ before: undefined })}>Newest</Button>}
        {older !== undefined && <Button onClick={() => void navigate({ to: "/runs", search: { ...search, before: older } })}>Older</Button>}
      </div>
    </>
  );
}
