import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { get, newKey, post } from "./client";
import type {
  Approval, ApprovalPage, ApprovalSummary, Ask, Catalog, Connection, CostLine, Decision, EventPage, Health, ModelCall, Preview, Profile, Rows, Run, RunEvent, RunPage,
  Session, Started,
} from "./types";

/** Live messages say what is new; this is for what they might not (a line that a proxy broke). */
const EVERY_MS = 60_000;
const EVENT_PAGES_MAX = 1_000;

export interface RunSearch {
  status?: string | undefined;
  connection?: string | undefined;
  workflow?: string | undefined;
  text?: string | undefined;
}

export const sessionQuery = queryOptions({ queryKey: ["session"], queryFn: ({ signal }) => get<Session>("/session", {}, signal), staleTime: 300_000 });

/** Where somebody was logged in: are they still? Who has yet to log in is not disturbed. */
export function lookAgainWhoItIs(queries: QueryClient): void {
  if (queries.getQueryData(sessionQuery.queryKey) !== undefined) void queries.invalidateQueries({ queryKey: sessionQuery.queryKey }, { cancelRefetch: false });
}

export const runsQuery = (search: RunSearch, before: string) =>
  queryOptions({
    queryKey: ["runs", search, before],
    queryFn: ({ signal }) => get<RunPage>("/runs", { ...search, before, limit: 100 }, signal),
    refetchInterval: EVERY_MS,
    placeholderData: (previous) => previous,
  });

export const runQuery = (id: string) =>
  queryOptions({ queryKey: ["run", id, "view"], queryFn: ({ signal }) => get<Run>(`/runs/${encodeURIComponent(id)}`, {}, signal), refetchInterval: EVERY_MS });

/** All events: what is there is kept, only newer ones are read. */
export const eventsQuery = (id: string, kept: () => RunEvent[] | undefined) =>
  queryOptions({
    queryKey: ["run", id, "events"],
    queryFn: async ({ signal }) => {
      const events = [...(kept() ?? [])];
      for (let pages = 0; pages < EVENT_PAGES_MAX; pages += 1) {
        const page = await get<EventPage>(`/runs/${encodeURIComponent(id)}/events`, { after: events.at(-1)?.seq ?? 0, limit: 1000 }, signal);
        events.push(...page.events);
        if (page.events.length < 1000) break;
      }
      return events;
    },
    refetchInterval: EVERY_MS,
  });

export const promptsQuery = (id: string) =>
  queryOptions({ queryKey: ["run", id, "prompts"], queryFn: ({ signal }) => get<{ calls: ModelCall[] }>(`/runs/${encodeURIComponent(id)}/prompts`, {}, signal) });

export const rowsQuery = (id: string) =>
  queryOptions({
    queryKey: ["rows", id],
    queryFn: ({ signal }) => get<Rows>(`/runs/${encodeURIComponent(id)}/rows`, { limit: 10_000 }, signal),
    staleTime: Infinity,
  });

export const openApprovalsQuery = (run?: string) =>
  queryOptions({
    queryKey: ["approvals", run ?? ""],
    queryFn: ({ signal }) => get<ApprovalPage>("/approvals", { run, limit: 200 }, signal),
    refetchInterval: EVERY_MS,
  });

export const approvalQuery = (id: string) =>
  queryOptions({ queryKey: ["approval", id], queryFn: ({ signal }) => get<Approval>(`/approvals/${encodeURIComponent(id)}`, {}, signal) });

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: ({ signal }) => get<{ connections: Connection[] }>("/connections", {}, signal),
  staleTime: 300_000,
});

export const catalogQuery = (connection: string) =>
  queryOptions({ queryKey: ["catalog", connection], queryFn: ({ signal }) => get<Catalog>("/catalog", { connection }, signal), staleTime: 60_000 });

export const costsQuery = (since: string, by: string) =>
  queryOptions({ queryKey: ["costs", since, by], queryFn: ({ signal }) => get<{ costs: CostLine[] }>("/costs", { since, by }, signal) });

export const healthQuery = queryOptions({ queryKey: ["health"], queryFn: ({ signal }) => get<Health>("/health", {}, signal), refetchInterval: 30_000 });

export const preview = (connection: string, schema: string, table: string) => post<Preview>("/preview", { connection, schema, table, limit: 50 });
export const profile = (connection: string, schema: string, table: string) => post<Profile>("/profile", { connection, schema, table });
export const decide = (id: string, decision: Decision) => post<ApprovalSummary>(`/approvals/${encodeURIComponent(id)}/decision`, decision, newKey());
export const choose = (id: string, number: number, subject_hash: string) =>
  post<ApprovalSummary>(`/approvals/${encodeURIComponent(id)}/choice`, { number, subject_hash }, newKey());
/** `key` stays the same while one question is asked, so that an answer that was lost starts nothing twice. */
export const ask = (question: Ask, key: string) => post<Started>("/ask", question, key);

/** Resume, cancel, fork: what they change is read anew. */
export function useRunDeed<Body, Answer>(id: string, deed: "resume" | "cancel" | "fork") {
  const queries = useQueryClient();
  // The same key until it is answered: a lost answer, asked for again, forks nothing twice.
  const key = useRef({ body: "", key: "" });
  const keyFor = (body: Body) => {
    const text = JSON.stringify(body);
    if (key.current.body !== text || key.current.key === "") key.current = { body: text, key: newKey() };
    return key.current.key;
  };
  return useMutation({
    mutationFn: (body: Body) => post<Answer>(`/runs/${encodeURIComponent(id)}/${deed}`, body, deed === "fork" ? keyFor(body) : undefined),
    onSuccess: () => { key.current.key = ""; },
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", id] }),
  });
}
