import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { newKey } from "../../api/client";
import { ask, connectionsQuery, eventsQuery, openApprovalsQuery, rowsQuery, runQuery } from "../../api/queries";
import type { Run, RunEvent } from "../../api/types";
import { duration } from "../../data/format";
import { stepsOf } from "../../data/steps";
import { Result } from "../../results/Result";
import { SqlView } from "../../sql/SqlView";
import { Button, Copy, ErrorPanel, Key, Skeleton, Status, Text, useNow } from "../../ui/base";
import { Checks } from "../../ui/Checks";
import { ApprovalCard } from "../approvals/ApprovalCard";

const THREAD_MAX = 20;

function Progress({ run }: { run: Run }) {
  const queries = useQueryClient();
  const now = useNow(500);
  const events = useQuery(eventsQuery(run.run_id, () => queries.getQueryData<RunEvent[]>(["run", run.run_id, "events"])));
  const steps = useMemo(() => stepsOf(events.data ?? []), [events.data]);
  return (
    <ol className="stack tight" aria-label="progress">
      {steps.map((step) => (
        <li key={step.path} className="row"><Status of={step.state} /> <Text>{step.path}</Text> <span className="dim">{step.ended === null ? "" : duration(step.ended - step.begun)}</span></li>
      ))}
      <li className="row dim" role="status"><Status of="running" /> {run.run.reason === "" ? "at work" : <Text>{run.run.reason}</Text>} · {duration(Math.max(0, now - Date.parse(run.run.created_at)))}</li>
    </ol>
  );
}

/** One question and what has become of it. */
function Turn({ id }: { id: string }) {
  const run = useQuery(runQuery(id));
  const open = useQuery(openApprovalsQuery());
  const [shown, setShown] = useState(false);
  if (run.isPending) return <Skeleton lines={4} label="loading" />;
  if (run.isError) return <ErrorPanel error={run.error} retry={() => void run.refetch()} run={id} />;
  const data = run.data;
  const approval = data.approval?.status === "open" ? data.approval.approval_id : null;
  const working = data.status === "waiting" && approval === null;
  return (
    <section className="panel turn" aria-label={data.question === "" ? "SQL of one's own" : data.question}>
      <div className="row">
        <h2 className="grow"><Text>{data.question === "" ? "SQL of one's own" : data.question}</Text></h2>
        <Status of={data.status} word={approval !== null ? "waits for a decision" : data.status} />
        <Link to="/runs/$id" params={{ id }}>the run</Link>
        <Copy text={`${location.origin}/ask/${id}`} label="Share" />
      </div>
      {working && <Progress run={data} />}
      {approval !== null && <ApprovalCard key={approval} id={approval} embedded next={() => undefined} show={() => void run.refetch()} waiting={open.data?.approvals ?? []} />}
      {data.status === "answered" && <Result run={id} count={data.row_count ?? 0} />}
      {data.error !== undefined && <p><Status of="failed" word="error" /> <a href={`/errors/${data.error.code}`}>{data.error.code}</a> <Text>{data.error.message}</Text>{data.error.hint !== "" && <span className="dim"> next: <Text>{data.error.hint}</Text></span>}</p>}
      {data.status === "rejected" && <p className="dim">rejected by <Text>{data.approval?.decided_by ?? ""}</Text> <Text>{data.approval?.reason ?? ""}</Text></p>}
      {!working && data.sql_lines !== null && approval === null && (
        <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
          <summary>SQL and proof</summary>
          {shown && <><SqlView lines={data.sql_lines} /><Checks checks={data.proof} /></>}
        </details>
      )}
    </section>
  );
}

/** Whether all of a thread that was there when the page was loaded has been read: until then, what stands below would jump. */
function useIsRead(thread: string[]): boolean {
  const [first] = useState(thread);
  const runs = useQueries({ queries: first.map((run) => runQuery(run)) });
  const answered = runs.flatMap((run) => (run.data?.status === "answered" ? [run.data.run_id] : []));
  const rows = useQueries({ queries: answered.map((run) => rowsQuery(run)) });
  const isRead = !runs.some((run) => run.isPending) && !rows.some((one) => one.isPending);
  const was = useRef(false);
  was.current ||= isRead;
  return was.current;
}

export function AskPage() {
  const { id } = useParams({ strict: false });
  const search: { thread?: string | undefined } = useSearch({ strict: false });
  const thread = id !== undefined ? [id] : (search.thread ?? "").split(",").filter((run) => run !== "").slice(-THREAD_MAX);
  const isRead = useIsRead(thread);
  const navigate = useNavigate();
  const connections = useQuery(connectionsQuery);
  const [words, setWords] = useState("");
  const [mode, setMode] = useState<"question" | "sql">("question");
  const [chosen, setChosen] = useState("");
  const known = connections.data?.connections ?? [];
  const connection = chosen !== "" ? chosen : (known.find((one) => one.is_default) ?? known[0])?.name;
  // The same key until it is answered: a lost answer, asked for again, starts nothing twice.
  const key = useRef(newKey());
  const asked = useMutation({
    mutationFn: () => ask({ [mode]: words, ...(connection === undefined ? {} : { connection }) }, key.current),
    onSuccess: (started) => {
      key.current = newKey();
      setWords("");
      void navigate({ to: "/ask", search: { thread: [...thread, started.run_id].slice(-THREAD_MAX).join(",") } });
    },
  });
  /** Another question, be it in one word, has a key of its own. */
  const renew = (change: () => void) => {
    key.current = newKey();
    change();
  };
  const send = () => {
    if (words.trim() !== "" && !asked.isPending) asked.mutate();
  };
  return (
    <>
      <h1>Ask</h1>
      {thread.map((run) => <Turn key={run} id={run} />)}
      {isRead && <form className="panel" onSubmit={(event) => { event.preventDefault(); send(); }}>
        <div className="row" role="group" aria-label="what to give">
          <Button small aria-pressed={mode === "question"} className={mode === "question" ? "chosen" : ""} onClick={() => renew(() => setMode("question"))}>Question</Button>
          <Button small aria-pressed={mode === "sql"} className={mode === "sql" ? "chosen" : ""} onClick={() => renew(() => setMode("sql"))}>SQL of one's own</Button>
          <span className="grow" />
          <label className="row dim">on
            <select className="field" aria-label="Connection" value={connection ?? ""} onChange={(event) => renew(() => setChosen(event.target.value))}>{known.map((one) => <option key={one.name}>{one.name}</option>)}</select>
          </label>
        </div>
        <textarea className={mode === "sql" ? "field mono" : "field"} rows={mode === "sql" ? 6 : 3} autoFocus={id === undefined} spellCheck={mode === "question"}
          aria-label={mode === "sql" ? "SQL" : "Question"} placeholder={mode === "sql" ? "SELECT …" : thread.length > 0 ? "Another question: each is understood by itself" : "How many orders are there per month?"} value={words}
          onChange={(event) => renew(() => setWords(event.target.value))} onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(); }} />
        <div className="row">
          <Button type="submit" tone="primary" disabled={words.trim() === "" || asked.isPending}>{asked.isPending ? "Asking…" : mode === "sql" ? "Prove and ask for approval" : "Ask"} <Key>Ctrl Enter</Key></Button>
          {thread.length > 0 && id === undefined && <Button onClick={() => void navigate({ to: "/ask" })}>Begin anew</Button>}
        </div>
        {asked.isError && <ErrorPanel error={asked.error} />}
      </form>}
    </>
  );
}
