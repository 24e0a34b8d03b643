import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { eventsQuery, promptsQuery, runQuery, useRunDeed } from "../../api/queries";
import type { ModelCall, Run, RunEvent, Started } from "../../api/types";
import { count, counted, duration, money, percent, size } from "../../data/format";
import { stepsOf, type Step } from "../../data/steps";
import { Button, Copy, Empty, ErrorPanel, JsonView, Reading, Skeleton, Status, Text, Time } from "../../ui/base";
import { Checks } from "../../ui/Checks";
import { SqlView } from "../../sql/SqlView";
import { Result } from "../../results/Result";
import { Waterfall } from "./Waterfall";

const StepGraph = lazy(() => import("./StepGraph"));

function Deeds({ run }: { run: Run }) {
  const navigate = useNavigate();
  const resume = useRunDeed<Record<string, never>, Run>(run.run_id, "resume");
  const cancel = useRunDeed<{ reason: string }, Run>(run.run_id, "cancel");
  const fork = useRunDeed<{ from: string }, Started>(run.run_id, "fork");
  const ends = ["answered", "rejected", "timeout", "failed", "unanswerable", "cancelled"].includes(run.status);
  const error = resume.error ?? cancel.error ?? fork.error;
  return (
    <>
      <div className="row">
        {!ends && run.imported === null && <Button disabled={resume.isPending} onClick={() => resume.mutate({})}>{resume.isPending ? "Going on…" : "Resume"}</Button>}
        {!ends && run.imported === null && <Button tone="danger" disabled={cancel.isPending} onClick={() => cancel.mutate({ reason: "cancelled on the page" })}>Cancel</Button>}
        {run.sql !== null && (
          <Button disabled={fork.isPending} onClick={() => fork.mutate({ from: "propose" }, { onSuccess: (started) => void navigate({ to: "/runs/$id", params: { id: started.run_id } }) })}>
            Ask anew
          </Button>
        )}
        <Copy text={run.run_id} label="Copy id" />
        <Copy text={location.href} label="Copy link" />
      </div>
      {error !== null && <ErrorPanel error={error} run={run.run_id} />}
    </>
  );
}

function StepPanel({ step, run }: { step: Step; run: Run }) {
  const navigate = useNavigate();
  const fork = useRunDeed<{ from: string }, Started>(run.run_id, "fork");
  return (
    <section className="panel" aria-label={`step ${step.path}`}>
      <div className="row">
        <h2 className="grow"><Text>{step.path}</Text></h2>
        <Status of={step.state} />
      </div>
      <dl className="facts">
        <dt>Took</dt><dd>{step.ended === null ? "goes on" : duration(step.ended - step.begun)}</dd>
        {step.effect !== "" && <><dt>Effect</dt><dd>{step.effect}</dd></>}
        {step.attempts > 1 && <><dt>Attempts</dt><dd>{count(step.attempts)}</dd></>}
        {step.note !== "" && <><dt>Outcome</dt><dd><Text>{step.note}</Text></dd></>}
        {step.approval !== "" && <><dt>Approval</dt><dd><Link to="/approvals/$id" params={{ id: step.approval }}>{step.approval}</Link></dd></>}
        {step.artifact !== "" && <><dt>Kept as</dt><dd><code>{step.artifact.slice(0, 16)}…</code></dd></>}
      </dl>
      {step.error !== null && <p><Status of="failed" word="error" /> <a href={`/errors/${step.error.code}`}>{step.error.code}</a> <Text>{step.error.message}</Text>{step.error.hint !== "" && <span className="dim"> next: <Text>{step.error.hint}</Text></span>}</p>}
      {step.input !== undefined && <details><summary>Input</summary><JsonView value={step.input} /></details>}
      {step.output !== undefined && <details open><summary>Output</summary><JsonView value={step.output} /></details>}
      <details><summary>{counted(step.events.length, "event")}</summary><JsonView value={step.events} /></details>
      {step.ended !== null && (
        <p className="row">
          <Button small disabled={fork.isPending} onClick={() => fork.mutate({ from: step.path }, { onSuccess: (started) => void navigate({ to: "/runs/$id", params: { id: started.run_id } }) })}>Fork from here</Button>
          <span className="dim">a new run does this step and what follows anew</span>
        </p>
      )}
      {fork.error !== null && <ErrorPanel error={fork.error} run={run.run_id} />}
    </section>
  );
}

function Prompts({ id }: { id: string }) {
  const prompts = useQuery(promptsQuery(id));
  if (prompts.isPending) return <Skeleton lines={2} />;
  if (prompts.isError) return <ErrorPanel error={prompts.error} />;
  return (
    <ul className="stack">
      {prompts.data.calls.map((call: ModelCall, index) => (
        <li key={index}>
          <details>
            <summary>
              <Status of={call.state} /> <Text>{call.model}</Text> <span className="dim">{call.step} · {count(call.tokens_in)} tokens in, {count(call.tokens_out)} out · {duration(call.latency_ms)} · {call.usd === null ? "price not known" : money(call.usd)}</span>
            </summary>
            {call.error !== null && <p><Text>{`${call.error.code} ${call.error.message}`}</Text></p>}
            <JsonView value={call.request} />
            {call.reply !== null && <pre className="code" tabIndex={0}><Text>{call.reply}</Text></pre>}
          </details>
        </li>
      ))}
    </ul>
  );
}

function Facts({ run }: { run: Run }) {
  return (
    <section className="panel" aria-label="what it is about">
      <dl className="facts">
        <dt>Status</dt><dd><Status of={run.status} />{run.run.reason !== "" && run.status !== "answered" && <span className="dim"> <Text>{run.run.reason}</Text></span>}</dd>
        <dt>Connection</dt><dd><Text>{run.connection}</Text></dd>
        <dt>Asked</dt><dd><Time iso={run.run.created_at} /> by <Text>{run.run.asked_by}</Text></dd>
        {run.answered_by !== null && <><dt>Proposed by</dt><dd><Text>{run.answered_by}</Text>{run.confidence !== null && run.answered_by !== "person" && <span className="dim"> · {percent(run.confidence)} sure</span>}</dd></>}
        {run.approval !== null && <><dt>Approval</dt><dd><Status of={run.approval.status} /> {run.approval.decided_by !== null && <>by <Text>{run.approval.decided_by}</Text> </>}<Link to="/approvals/$id" params={{ id: run.approval.approval_id }}>{run.approval.status === "open" ? "decide" : "the card"}</Link></dd></>}
        {run.row_count !== null && <><dt>Result</dt><dd>{counted(run.row_count, "row")}{run.result_bytes !== null && `, ${size(run.result_bytes)}`}{run.elapsed_ms !== null && ` in ${duration(run.elapsed_ms)}`}</dd></>}
        {run.models.calls > 0 && <><dt>Models</dt><dd>{counted(run.models.calls, "call")}, {counted(run.models.tokens, "token")}, {run.models.unpriced_calls >= run.models.calls ? "price not known" : money(run.models.usd)}</dd></>}
        {run.forked_from !== null && <><dt>Fork of</dt><dd><Link to="/runs/$id" params={{ id: run.forked_from }}>{run.forked_from}</Link></dd></>}
      </dl>
      {run.error !== undefined && <p><Status of="failed" word="error" /> <a href={`/errors/${run.error.code}`}>{run.error.code}</a> <Text>{run.error.message}</Text>{run.error.hint !== "" && <span className="dim"> next: <Text>{run.error.hint}</Text></span>}</p>}
      <Deeds run={run} />
    </section>
  );
}

export function RunPage() {
  const { id } = useParams({ from: "/runs/$id" });
  const { step: selected } = useSearch({ from: "/runs/$id" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const run = useQuery(runQuery(id));
  const events = useQuery(eventsQuery(id, () => queries.getQueryData<RunEvent[]>(["run", id, "events"])));
  const steps = useMemo(() => stepsOf(events.data ?? []), [events.data]);
  // On a phone the waterfall says the same in less room, and the graph's library is more than all else on the page.
  const [graph, setGraph] = useState(() => !matchMedia("(max-width: 900px)").matches);
  const select = (path: string) => void navigate({ to: "/runs/$id", params: { id }, search: { step: path === selected ? undefined : path }, replace: true, resetScroll: false });
  const step = steps.find((known) => known.path === selected);
  if (run.isPending) return <Skeleton lines={10} label="loading the run" />;
  if (run.isError) return <ErrorPanel error={run.error} retry={() => void run.refetch()} run={id} />;
  const title = run.data.question === "" ? "SQL of one's own" : run.data.question;
  return (
    <>
      <div>
        <p className="dim"><Link to="/runs">Runs</Link> · <code>{id}</code></p>
        <h1><Text>{title}</Text></h1>
      </div>
      <Facts run={run.data} />
      <section className="panel" aria-label="steps">
        <div className="row">
          <h2 className="grow">Steps</h2>
          <Button small onClick={() => setGraph(!graph)} aria-pressed={graph}>{graph ? "Hide graph" : "Show graph"}</Button>
        </div>
        {events.isPending && <Skeleton lines={4} />}
        {events.isError && <ErrorPanel error={events.error} retry={() => void events.refetch()} run={id} />}
        {steps.length === 0 && events.isSuccess && <Empty title="Nothing is recorded yet">{run.data.run.reason}</Empty>}
        {steps.length > 0 && graph && <Suspense fallback={<div className="graph"><Skeleton lines={4} /></div>}><StepGraph steps={steps} selected={selected} select={select} /></Suspense>}
        <Waterfall steps={steps} selected={selected} select={select} />
      </section>
      {step !== undefined && <StepPanel key={step.path} step={step} run={run.data} />}
      {run.data.status === "answered" && <section className="panel" aria-label="result"><h2>Result</h2><Result run={id} count={run.data.row_count ?? 0} /></section>}
      {run.data.sql_lines !== null && (
        <div className="split">
          <section className="panel" aria-label="proposal"><h2>Proposal</h2><SqlView lines={run.data.sql_lines} /><Reading sentences={run.data.explanation} /></section>
          <section className="panel" aria-label="proof"><h2>Proof</h2><Checks checks={run.data.proof} /></section>
        </div>
      )}
      {run.data.models.calls > 0 && <section className="panel" aria-label="prompts"><h2>Prompts and replies</h2><Prompts id={id} /></section>}
    </>
  );
}
