import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { openApprovalsQuery } from "../../api/queries";
import { count } from "../../data/format";
import { Empty, ErrorPanel, Key, Skeleton, Status, Text, Time } from "../../ui/base";
import { isForPage } from "../../ui/keys";
import { ApprovalCard } from "./ApprovalCard";

/** What waits for a decision, to be worked through by the keyboard: the list, and beside it the card of the one that is open. */
export function ApprovalsPage() {
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const open = useQuery(openApprovalsQuery());
  const found = (open.data?.approvals ?? []).filter((approval) => approval.status === "open");
  const list = useRef<HTMLUListElement>(null);
  const at = found.findIndex((approval) => approval.approval_id === id);
  // Where the one that is open goes away (decided, expired), the next one is the one that stands in its place.
  const place = useRef(0);
  if (at >= 0) place.current = at;
  const go = (index: number) => {
    const next = found[Math.max(0, Math.min(index, found.length - 1))];
    if (next !== undefined) void navigate({ to: "/approvals/$id", params: { id: next.approval_id }, replace: id !== undefined });
  };
  const step = useRef(go);
  step.current = go;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!isForPage(event)) return;
      // Arrows scroll what has the focus, such as a long query; in the list they are as good as letters.
      const inList = event.target instanceof Node && list.current?.contains(event.target) === true;
      if (event.key === "j" || (inList && event.key === "ArrowDown")) step.current(at < 0 ? place.current : at + 1);
      else if (event.key === "k" || (inList && event.key === "ArrowUp")) step.current(at < 0 ? place.current : at - 1);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [at]);
  useEffect(() => {
    list.current?.querySelector(".current")?.scrollIntoView({ block: "nearest" });
  }, [id]);
  return (
    <div className={`inbox ${id === undefined ? "" : "inbox-open"}`}>
      <div className="inbox-list">
        <div className="row">
          <h1 className="grow">Approvals</h1>
          <span className="dim wide-only"><Key>j</Key> <Key>k</Key> move</span>
        </div>
        {open.isPending && <Skeleton lines={6} label="loading approvals" />}
        {open.isError && <ErrorPanel error={open.error} retry={() => void open.refetch()} />}
        {open.isSuccess && found.length === 0 && <Empty title="Nothing waits for a decision"><Link to="/runs">See what has run</Link></Empty>}
        <ul ref={list} className="inbox-items">
          {found.map((approval) => (
            <li key={approval.approval_id}>
              <Link to="/approvals/$id" params={{ id: approval.approval_id }} className={approval.approval_id === id ? "inbox-item current" : "inbox-item"}>
                <span className="inbox-what"><Text>{approval.text}</Text></span>
                <span className="dim"><Text>{approval.act}</Text></span>
                <span className="dim row"><Status of={approval.status} /> asked <Time iso={approval.created_at} /></span>
              </Link>
            </li>
          ))}
        </ul>
        {open.isSuccess && open.data.next !== null && <p className="dim">The newest {count(found.length)} of {count(open.data.open)}; the others come as these are decided.</p>}
      </div>
      <div className="inbox-card">
        {id === undefined ? (
          found.length > 0 && <Empty title="Choose one, or press j" />
        ) : (
          <ApprovalCard key={id} id={id} next={() => go(at < 0 ? place.current : at + 1)} show={(approval) => void navigate({ to: "/approvals/$id", params: { id: approval }, replace: true })} waiting={found} />
        )}
      </div>
    </div>
  );
}
