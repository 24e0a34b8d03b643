import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import { viewApproval } from "../../api/live";
import { approvalQuery, choose, decide, sessionQuery } from "../../api/queries";
import type { Approval, ApprovalSummary, Decision } from "../../api/types";
import { count, counted, duration, percent, size } from "../../data/format";
import { SqlView } from "../../sql/SqlView";
import { Button, ErrorPanel, Key, Reading, Skeleton, Status, Text, Time, useNow } from "../../ui/base";
import { Checks } from "../../ui/Checks";
import { isForPage } from "../../ui/keys";
import { PlainTable } from "../../results/PlainTable";

/** A key that was meant for the card before must not decide this one. */
const SETTLE_MS = 400;

function Estimate({ approval }: { approval: Approval }) {
  const { estimate, ceiling } = approval.card;
  const limit = (value: number | null | undefined, text: (n: number) => string) => (value == null ? "" : ` of at most ${text(value)}`);
  return (
    <dl className="facts">
      <dt>Rows</dt><dd>{estimate.rows === null ? "not known" : `about ${count(estimate.rows)}`}{limit(ceiling?.rows, count)}</dd>
      <dt>Reads</dt><dd>{estimate.bytes === null ? "not known" : `about ${size(estimate.bytes)}`}{limit(ceiling?.bytes, size)}</dd>
    </dl>
  );
}

function TimeLeft({ approval }: { approval: ApprovalSummary }) {
  const now = useNow(1000);
  if (approval.due_at === null || approval.status !== "open") return null;
  const left = Date.parse(approval.due_at) - now;
  return <span className={left < 600_000 ? "tone-warn" : "dim"} title={approval.due_at}>{left > 0 ? `${duration(left)} left` : "the time is up"}</span>;
}

function Proposal({ approval }: { approval: Approval }) {
  const { card } = approval;
  const [difference, setDifference] = useState(true);
  return (
    <>
      {card.notice !== "" && <p className="notice"><Status of="warning" word="note" /> <Text>{card.notice}</Text></p>}
      <div className="split">
        <div className="stack">
          <section className="panel" aria-label="SQL">
            <div className="row">
              <h2 className="grow">SQL on <Text>{card.connection}</Text>, by <Text>{card.answered_by}</Text></h2>
              {approval.last_version !== null && <Button small aria-pressed={difference} onClick={() => setDifference(!difference)}>{difference ? "Show as it is" : "Show what changed"}</Button>}
            </div>
            {approval.last_version !== null && <p className="dim">after “<Text>{approval.last_version.feedback}</Text>” by <Text>{approval.last_version.decided_by}</Text></p>}
            <SqlView lines={approval.sql_lines} before={difference ? approval.last_version?.sql_lines : null} />
          </section>
          <section className="panel" aria-label="what it does">
            <h2>What it does</h2>
            <Reading sentences={card.reading} />
            {card.understood.length > 0 && <p className="dim">{card.understood.map((word, index) => <span key={index}>“<Text>{word.word}</Text>” = <Text>{word.meaning}</Text>{index < card.understood.length - 1 ? "; " : ""}</span>)}</p>}
            {card.model_says !== "" && <p className="model-says"><span className="dim">Model says (not checked):</span> <Text>{card.model_says}</Text></p>}
          </section>
          {card.sample !== undefined && card.sample.columns.length > 0 && (
            <section className="panel" aria-label="sample">
              <h2>{card.sample.whole_tables ? "First rows" : "A trial on samples of the large tables, not the answer"}</h2>
              <PlainTable columns={card.sample.columns.map((column) => ({ name: column.name, type: column.type.kind }))} rows={card.sample.rows} />
            </section>
          )}
        </div>
        <div className="stack">
          <section className="panel" aria-label="proof"><h2>Proof</h2><Checks checks={card.checks} /></section>
          <section className="panel" aria-label="reads">
            <h2>Reads</h2>
            <ul className="stack tight">{card.tables.map((table) => <li key={table.display}><strong><Text>{table.display}</Text></strong> <span className="dim"><Text>{table.columns.join(", ")}</Text></span></li>)}</ul>
            <Estimate approval={approval} />
            {card.confidence > 0 && card.answered_by !== "person" && <p className="dim">{percent(card.confidence)} sure that this is what was asked</p>}
            {card.made_from.map((line, index) => <p key={index} className="dim"><Text>{line}</Text></p>)}
          </section>
        </div>
      </div>
    </>
  );
}

function Question({ approval, pick, busy }: { approval: Approval; pick: (number: number) => void; busy: boolean }) {
  return (
    <section className="panel" aria-label="a question back">
      <h2><Text>{approval.card.asks}</Text></h2>
      {approval.card.choices.map((choice, index) => (
        <Button key={index} disabled={busy || !approval.may_decide} onClick={() => pick(index + 1)}><Key>{String(index + 1)}</Key> <Text>{choice.label}</Text></Button>
      ))}
    </section>
  );
}

/** Where there are several cards (a thread of questions), a key is for one: that with the focus, else the newest, and only while it can be seen. */
function hasKeys(card: HTMLElement | null, target: EventTarget | null): boolean {
  if (card === null) return false;
  const focused = target instanceof Element ? target.closest("article.card") : null;
  const { top, bottom } = card.getBoundingClientRect();
  return (focused ?? [...document.querySelectorAll("article.card")].at(-1)) === card && top < innerHeight && bottom > 0;
}

export function ApprovalCard({ id, next, show, waiting, embedded = false }: { id: string; next: () => void; show: (approval: string) => void; waiting: ApprovalSummary[]; embedded?: boolean }) {
  const queries = useQueryClient();
  const approval = useQuery(approvalQuery(id));
  const session = useQuery(sessionQuery);
  const viewers = useQuery<string[]>({ queryKey: ["viewers", id], queryFn: () => approval.data?.viewers ?? [], enabled: false });
  const [writing, setWriting] = useState<"" | "refine" | "reject">("");
  const [words, setWords] = useState("");
  const [edited, setEdited] = useState("");
  const [settled, setSettled] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const card = useRef<HTMLElement>(null);
  const data = approval.data;
  const made = useMutation({
    mutationFn: (act: { decision: Decision } | { number: number; subject: string }) => ("decision" in act ? decide(id, act.decision) : choose(id, act.number, act.subject)),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["approval", id] });
      void queries.invalidateQueries({ queryKey: ["approvals"] });
    },
    onSuccess: () => setWriting(""),
  });
  useEffect(() => {
    viewApproval(id);
    return () => viewApproval(null);
  }, [id]);
  useEffect(() => {
    if (data === undefined) return;
    const timer = setTimeout(() => setSettled(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [data === undefined]);
  useEffect(() => {
    if (writing !== "") box.current?.focus();
  }, [writing]);
  // The next round of the same run comes by itself.
  const run = data?.run_id;
  const decidedHere = made.isSuccess;
  const round = waiting.find((other) => other.run_id === run && other.approval_id !== id);
  useEffect(() => {
    if (decidedHere && round !== undefined) show(round.approval_id);
  }, [decidedHere, round, show]);

  const ready = settled && data !== undefined && data.status === "open" && data.may_decide && !made.isPending && !made.isSuccess;
  const asks = (data?.card.choices.length ?? 0) > 0;
  const say = (decision: Omit<Decision, "subject_hash">) => {
    if (ready && data !== undefined) made.mutate({ decision: { ...decision, subject_hash: data.subject_hash } });
  };
  const pick = (number: number) => {
    if (ready && data !== undefined && number <= data.card.choices.length) made.mutate({ number, subject: data.subject_hash });
  };
  const send = () => {
    if (writing === "reject") say({ action: "reject", reason: words });
    else if (words.trim() !== "" || edited.trim() !== "") say({ action: "refine", feedback: words, ...(edited.trim() === "" ? {} : { edited }) });
  };
  const act = useRef<(key: string) => boolean>(() => false);
  act.current = (key) => {
    if (key === "Enter" && (data?.status !== "open" || made.isSuccess)) next();
    else if (!ready) return false;
    else if (key === "a" && !asks) say({ action: "approve" });
    else if (key === "f") setWriting("refine");
    else if (key === "r") setWriting("reject");
    else if (asks && /^[1-9]$/.test(key)) pick(Number(key));
    else return false;
    return true;
  };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      // A key that is held down is one decision, not many.
      if (event.repeat || !isForPage(event) || !hasKeys(card.current, event.target)) return;
      if (event.target instanceof HTMLElement && event.key === "Enter" && event.target.closest("a, button") !== null) return;
      if (act.current(event.key)) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);

  if (approval.isPending) return <Skeleton lines={12} label="loading the card" />;
  if (approval.isError) return <ErrorPanel error={approval.error} retry={() => void approval.refetch()} />;
  const others = (viewers.data ?? approval.data.viewers).filter((person) => person !== session.data?.person);
  const current = approval.data;
  const late = made.error instanceof ApiError && ["E0107", "E0108", "E0109", "E0110"].includes(made.error.problem.code);
  return (
    <article ref={card} className="card" aria-label="approval">
      {!embedded && (
        <header>
          <p className="dim"><Link to="/approvals">Approvals</Link> · <Link to="/runs/$id" params={{ id: current.run_id }}>{current.run_id}</Link></p>
          <h1><Text>{current.question === "" ? "SQL of one's own" : current.question}</Text></h1>
        </header>
      )}
      {asks ? <Question approval={current} pick={pick} busy={!ready} /> : <Proposal approval={current} />}
      <footer className="decide" aria-live="polite">
        {current.status !== "open" ? (
          <div className="row">
            <Status of={current.status} /> {current.decided_by !== "" && <span>by <Text>{current.decided_by}</Text></span>} {current.decided_at !== null && <Time iso={current.decided_at} />}
            {current.reason !== "" && <span className="dim"><Text>{current.reason}</Text></span>}
            <span className="grow" />
            <Link to="/runs/$id" params={{ id: current.run_id }}>See the run</Link>
            {!embedded && <Button onClick={next}>Next <Key>Enter</Key></Button>}
          </div>
        ) : writing !== "" ? (
          <form className="stack tight" onSubmit={(event) => { event.preventDefault(); send(); }}>
            <label className="label">
              {writing === "refine" ? "What should be different" : "Why not"}
              <textarea ref={box} className="field" rows={3} value={words} onChange={(event) => setWords(event.target.value)} onKeyDown={(event) => {
                if (event.key === "Escape") setWriting("");
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
              }} />
            </label>
            {writing === "refine" && !asks && (
              <details onToggle={(event) => event.currentTarget.open && edited === "" && setEdited(current.card.unproven_edit || current.card.sql)}>
                <summary>Or give SQL of your own: it is proven first</summary>
                <textarea className="field mono" rows={8} spellCheck={false} aria-label="SQL of your own" value={edited} onChange={(event) => setEdited(event.target.value)} />
              </details>
            )}
            <div className="row">
              <Button type="submit" tone="primary" disabled={!ready || (writing === "refine" && words.trim() === "" && edited.trim() === "")}>{writing === "refine" ? "Send back" : "Reject"} <Key>Ctrl Enter</Key></Button>
              <Button onClick={() => setWriting("")}>Back <Key>Esc</Key></Button>
            </div>
          </form>
        ) : (
          <div className="row">
            {!asks && <Button tone="primary" disabled={!ready} onClick={() => say({ action: "approve" })}><Text>{current.act}</Text> <Key>a</Key></Button>}
            <Button disabled={!ready} onClick={() => setWriting("refine")}>Refine <Key>f</Key></Button>
            <Button tone="danger" disabled={!ready} onClick={() => setWriting("reject")}>Reject <Key>r</Key></Button>
            <TimeLeft approval={current} />
            {others.length > 0 && <span className="dim">also looking: <Text>{others.join(", ")}</Text></span>}
            {!current.may_decide && <span className="tone-warn"><Text>{current.why_not}</Text></span>}
            {made.isPending && <span className="dim">deciding…</span>}
          </div>
        )}
        {current.status !== "open" && !decidedHere && words !== "" && <p className="dim">What you were writing: <Text>{words}</Text></p>}
        {made.isError && <ErrorPanel error={made.error} />}
        {late && !embedded && <Button onClick={next}>Next <Key>Enter</Key></Button>}
        {decidedHere && current.status === "refined" && <p className="dim">The next round comes here by itself. <span className="sr">{counted(waiting.length, "approval")} waiting</span></p>}
      </footer>
    </article>
  );
}
