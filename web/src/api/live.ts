import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { lookAgainWhoItIs, type RunSearch } from "./queries";
import type { ApprovalPage, ApprovalSummary, Live, RunPage, RunSummary } from "./types";

/** Whether what is shown is as new as it can be. */
export type Link = "connecting" | "live" | "lost";

const RETRY_FIRST_MS = 300;
const RETRY_MAX_MS = 10_000;
/** The server says something every 15 seconds: silence for twice as long is a dead line that nobody told us of. */
const SILENCE_MAX_MS = 35_000;

export interface Socket {
  close(): void;
  send(text: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: (() => void) | null;
}
export interface LivePorts {
  open(path: string): Socket;
  after(ms: number, act: () => void): () => void;
  random(): number;
}

/** One line to the server for the whole page. It comes back by itself, from the message that it had last; what it cannot go on from, it hears as
 * `reset`. */
export class LiveLine {
  private seq = "";
  private tries = 0;
  private link: Link = "connecting";
  private socket: Socket | null = null;
  private isOpen = false; // a browser's WebSocket throws where it is sent something before that
  private stopSilence: () => void = () => undefined;
  private stopRetry: () => void = () => undefined;
  private ended = false;
  private viewing: string | null = null;
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly ports: LivePorts,
    private readonly hear: (message: Live) => void,
    /** At each try that failed: a browser does not say why, and it may be that nobody is logged in any more. */
    private readonly failed: () => void = () => undefined,
  ) {}

  start(): void {
    const query = this.seq === "" ? "" : `?since=${encodeURIComponent(this.seq)}`;
    const socket = this.ports.open(`/api/v1/events${query}`);
    this.socket = socket;
    socket.onopen = () => {
      this.isOpen = true;
      this.tries = 0;
      this.listen();
      if (this.viewing !== null) this.view(this.viewing);
    };
    socket.onmessage = (event) => {
      this.listen();
      const message = JSON.parse(event.data) as Live;
      const first = message.type === "hello";
      if (first) this.set("live");
      // `hello` stands where the server is now, not where this line was: what was missed comes after it.
      if (!first || this.seq === "") this.seq = message.seq;
      this.hear(message);
    };
    socket.onclose = () => this.retry(socket);
  }

  end(): void {
    this.ended = true;
    this.stopRetry();
    this.stopSilence();
    this.socket?.close();
  }

  /** Which approval a person has before them, for others to see. */
  view(approval: string | null): void {
    this.viewing = approval;
    if (this.isOpen) this.socket?.send(JSON.stringify({ viewing: approval }));
  }

  subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  state = (): Link => this.link;

  private set(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    for (const watcher of this.watchers) watcher();
  }

  private listen(): void {
    this.stopSilence();
    const socket = this.socket;
    this.stopSilence = this.ports.after(SILENCE_MAX_MS, () => {
      socket?.close();
      if (socket !== null) this.retry(socket);
    });
  }

  private retry(socket: Socket): void {
    if (this.ended || this.socket !== socket) return;
    this.socket = null;
    this.isOpen = false;
    this.stopSilence();
    this.set("lost");
    this.failed();
    const wait = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.tries) * (0.5 + this.ports.random() / 2);
    this.tries += 1;
    this.stopRetry = this.ports.after(wait, () => this.start());
  }
}

/** Puts a run that changed where lists have it already; where it is new, the list's next reading will show it. Nothing is sorted anew under a reader. */
function placeRun(page: RunPage | undefined, run: RunSummary): RunPage | undefined {
  if (page === undefined || !page.runs.some((known) => known.run_id === run.run_id)) return page;
  return { ...page, runs: page.runs.map((known) => (known.run_id === run.run_id ? run : known)) };
}

function placeApproval(page: ApprovalPage | undefined, approval: ApprovalSummary): ApprovalPage | undefined {
  if (page === undefined) return page;
  return { ...page, approvals: page.approvals.map((known) => (known.approval_id === approval.approval_id ? approval : known)) };
}

/** What a message means for what was read before. */
export function applyTo(queries: QueryClient): (message: Live) => void {
  return (message) => {
    switch (message.type) {
      case "reset":
        void queries.invalidateQueries();
        return;
      case "run": {
        const { run } = message;
        for (const [key, page] of queries.getQueriesData<RunPage>({ queryKey: ["runs"] })) {
          const placed = placeRun(page, run);
          const wanted = (key[1] as RunSearch | undefined)?.status;
          const fits = wanted === undefined || wanted === run.status;
          const isThere = placed !== page;
          queries.setQueryData(key, placed);
          if (isThere !== fits) void queries.invalidateQueries({ queryKey: key, exact: true });
        }
        void queries.invalidateQueries({ queryKey: ["run", run.run_id] });
        return;
      }
      case "approval": {
        const { approval } = message;
        queries.setQueriesData<ApprovalPage>({ queryKey: ["approvals"] }, (page) => placeApproval(page, approval));
        void queries.invalidateQueries({ queryKey: ["approvals"] });
        void queries.invalidateQueries({ queryKey: ["approval", approval.approval_id] });
        void queries.invalidateQueries({ queryKey: ["run", approval.run_id] });
        return;
      }
      case "viewers":
        queries.setQueryData(["viewers", message.approval_id], message.viewers);
        return;
      case "hello":
      case "ping":
      case "metrics":
        return;
    }
  };
}

export const browserPorts: LivePorts = {
  open: (path) => new WebSocket(location.origin.replace(/^http/, "ws") + path) as Socket,
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

let line: LiveLine | null = null;
export function startLive(queries: QueryClient): LiveLine {
  line ??= new LiveLine(browserPorts, applyTo(queries), () => lookAgainWhoItIs(queries));
  line.start();
  return line;
}
export const useLink = (): Link => useSyncExternalStore(line?.subscribe ?? (() => () => undefined), () => line?.state() ?? "connecting");
export const viewApproval = (approval: string | null): void => line?.view(approval);
