import { useEffect, useState, type ButtonHTMLAttributes, type ReactNode } from "react";
import { ApiError, Unreachable } from "../api/client";
import { exact, relative } from "../data/format";
import { visiblePieces } from "../data/visible";

/** Text that comes from data: what hides is shown, and it reorders nothing around it. */
export function Text({ children, className }: { children: string; className?: string }) {
  return (
    <bdi className={className}>
      {visiblePieces(children).map((piece, index) =>
        piece.hidden ? (
          <mark key={index} className="hidden-char" title="a character that is not shown otherwise">
            {piece.text}
          </mark>
        ) : (
          piece.text
        ),
      )}
    </bdi>
  );
}

const TICK_MS = 15_000;
/** The time, now and then: so that "3 min ago" does not stay. */
export function useNow(every = TICK_MS): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

export function Time({ iso }: { iso: string }) {
  const now = useNow();
  return (
    <time dateTime={iso} title={exact(iso)} className="time">
      {relative(Date.parse(iso), now)}
    </time>
  );
}

type Tone = "ok" | "warn" | "bad" | "info" | "dim";
const PATHS = {
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  clock: "M8 4.5V8l2.5 1.8M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  question: "M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 12h.01",
  warning: "M8 2.2L14.6 13.5H1.4zM8 6.5v3M8 11.6h.01",
  back: "M6.5 4L2.8 7.7l3.7 3.7M3 7.7h6.2a4 4 0 0 1 4 4",
  dash: "M4 8h8",
  run: "M5 3.2l8 4.8-8 4.8z",
  list: "M3 4h10M3 8h10M3 12h10",
  inbox: "M2.5 9.5l2-6h7l2 6v3.5h-11zM2.5 9.5H6l1 1.8h2l1-1.8h3.5",
  chat: "M2.5 3.5h11v7h-6l-3 2.6v-2.6h-2z",
  table: "M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.2 3v10",
  coin: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM9.9 6c-.3-.7-1-1.1-1.9-1.1-1.1 0-1.9.5-1.9 1.5 0 2.1 3.9 1 3.9 3.1 0 1-.9 1.6-2 1.6-1 0-1.8-.5-2-1.3M8 3.8v1M8 11.1v1",
  pulse: "M1.5 8.5h3l1.8-4.5 3 8 1.8-3.5h3.4",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  moon: "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6L14 14",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" className="icon">
      <path d={PATHS[name]} />
    </svg>
  );
}

const STATES: Record<string, [Tone, IconName]> = {
  answered: ["ok", "check"], done: ["ok", "check"], approved: ["ok", "check"], passed: ["ok", "check"], decided: ["ok", "check"], ok: ["ok", "check"], paid: ["ok", "check"],
  waiting: ["info", "clock"], open: ["info", "clock"], running: ["info", "run"], ready: ["info", "clock"], "in flight": ["info", "run"],
  paused: ["warn", "pause"], unknown: ["warn", "question"], warning: ["warn", "warning"], refined: ["warn", "back"], timeout: ["warn", "clock"], expired: ["warn", "clock"],
  unanswerable: ["warn", "question"], degraded: ["warn", "warning"],
  failed: ["bad", "cross"], rejected: ["bad", "cross"],
  cancelled: ["dim", "dash"], void: ["dim", "dash"], skipped: ["dim", "dash"], cached: ["dim", "check"],
};

/** A state is never a colour alone: icon, word and colour. */
export function Status({ of, word }: { of: string; word?: string }) {
  const [tone, icon] = STATES[of] ?? ["dim", "dash"];
  return (
    <span className={`status tone-${tone}`}>
      <Icon name={icon} />
      {word ?? of}
    </span>
  );
}

export function Button({ tone, small, ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { tone?: "primary" | "danger" | "plain"; small?: boolean }) {
  return <button type="button" {...rest} className={`button ${tone ?? "plain"} ${small === true ? "small" : ""} ${rest.className ?? ""}`} />;
}

export const Key = ({ children }: { children: string }) => <kbd className="key">{children}</kbd>;

/** Lines in the shape of what will stand there. */
export function Skeleton({ lines = 3, label = "loading" }: { lines?: number; label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** What went wrong, where, and what to do next. */
export function ErrorPanel({ error, retry, run }: { error: unknown; retry?: () => void; run?: string }) {
  const problem = error instanceof ApiError ? error.problem : null;
  const message = problem?.detail ?? (error instanceof Error ? error.message : "something went wrong");
  const hint = problem?.hint ?? (error instanceof Unreachable ? "see whether `sluice serve` still runs; this page goes on by itself once it answers" : "");
  return (
    <div className="panel error-panel" role="alert">
      <p>
        <Status of="failed" word="error" /> {problem !== null && problem.code !== "" && <a href={problem.type}>{problem.code}</a>} <Text>{message}</Text>
      </p>
      {hint !== "" && (
        <p className="dim">
          next: <Text>{hint}</Text>
        </p>
      )}
      <p className="row">
        {retry !== undefined && <Button onClick={retry}>Try again</Button>}
        {run !== undefined && <Copy text={run} label="Copy the run's id" />}
        {problem?.request_id !== undefined && <code className="dim">{problem.request_id}</code>}
      </p>
    </div>
  );
}

/** Browsers keep their clipboard from pages that come without TLS from another machine; those have the older way. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState("");
  return (
    <Button
      small
      onClick={() => {
        void copied(text).then((done) => {
          setDone(done ? "Copied" : "Not copied");
          setTimeout(() => setDone(""), 1500);
        });
      }}
    >
      {done === "" ? label : done}
    </Button>
  );
}

/** What a query does, in words. A long one scrolls in its place, as its SQL does. */
export function Reading({ sentences }: { sentences: string[] }) {
  return <div className="reading" tabIndex={0} role="region" aria-label="in words">{sentences.map((sentence, index) => <p key={index}><Text>{sentence}</Text></p>)}</div>;
}

/** JSON as people read it: folded where it is long. */
export function JsonView({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? "nothing";
  const [whole, setWhole] = useState(text.length < 4000);
  return (
    <div>
      <pre className="code" tabIndex={0}>
        <Text>{whole ? text : `${text.slice(0, 4000)}…`}</Text>
      </pre>
      {!whole && (
        <Button small onClick={() => setWhole(true)}>
          Show all {Math.round(text.length / 1000)} kB
        </Button>
      )}
    </div>
  );
}
