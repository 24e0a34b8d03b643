import type { RunEvent } from "../api/types";

export type StepState = "done" | "failed" | "running" | "waiting" | "decided";

/** A step of a run, put together from its events. Times are milliseconds since 1970. */
export interface Step {
  path: string;
  kind: "step" | "approval" | "timer" | "child" | "signal";
  state: StepState;
  begun: number;
  ended: number | null;
  attempts: number;
  effect: string;
  input: unknown;
  output: unknown;
  error: { code: string; message: string; hint: string } | null;
  artifact: string;
  approval: string;
  note: string;
  events: RunEvent[];
}

const at = (event: RunEvent): number => Date.parse(event.at);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const errorOf = (value: unknown): Step["error"] => {
  if (typeof value !== "object" || value === null) return null;
  const error = value as Record<string, unknown>;
  return { code: text(error["code"]), message: text(error["message"]), hint: text(error["hint"]) };
};

/** Steps in the order in which they began. What a run is doing now, and has not recorded yet, no event says. */
export function stepsOf(events: RunEvent[]): Step[] {
  const steps = new Map<string, Step>();
  let last = events[0] === undefined ? 0 : at(events[0]);
  const step = (event: RunEvent, kind: Step["kind"]): Step => {
    const known = steps.get(event.path);
    if (known !== undefined) {
      known.events.push(event);
      return known;
    }
    const made: Step = {
      path: event.path, kind, state: "running", begun: last, ended: null, attempts: 1, effect: "", input: undefined, output: undefined, error: null, artifact: "", approval: "",
      note: "", events: [event],
    };
    steps.set(event.path, made);
    return made;
  };
  for (const event of events) {
    const { body } = event;
    switch (event.type) {
      case "step started": {
        const of = step(event, "step");
        of.begun = at(event);
        of.effect = text(body["effect"]);
        of.input = body["input"];
        of.approval = text(body["approval_id"]);
        break;
      }
      case "step attempt failed": {
        const of = step(event, "step");
        of.attempts = Math.max(of.attempts, Number(body["attempt"] ?? 1));
        of.error = errorOf(body["error"]);
        break;
      }
      case "step completed": {
        const of = step(event, "step");
        of.effect = text(body["effect"]) || of.effect;
        of.input = body["input"] ?? of.input;
        of.output = body["value"];
        of.artifact = text(body["artifact"]);
        of.error = errorOf(body["error"]);
        of.attempts = Math.max(1, Number(body["attempts"] ?? of.attempts));
        const begun = Number(body["started_at"] ?? 0);
        if (begun > 0) of.begun = begun;
        of.ended = at(event);
        of.state = of.error === null ? "done" : "failed";
        break;
      }
      case "approval requested": {
        const of = step(event, "approval");
        of.begun = at(event);
        of.approval = text(body["approval_id"]);
        of.state = "waiting";
        break;
      }
      case "approval decided": {
        const of = step(event, "approval");
        of.ended = at(event);
        of.state = "decided";
        const by = text(body["decided_by"]);
        of.note = text(body["status"]) + (by === "" ? "" : ` by ${by}`);
        of.output = body;
        break;
      }
      case "timer set": {
        const of = step(event, "timer");
        of.begun = at(event);
        of.state = "waiting";
        break;
      }
      case "signal received": {
        const of = step(event, "signal");
        of.ended = at(event);
        of.state = "done";
        break;
      }
      case "child started": {
        const of = step(event, "child");
        of.begun = at(event);
        of.note = text(body["child_id"]);
        break;
      }
      case "child ended": {
        const of = step(event, "child");
        of.ended = at(event);
        of.error = errorOf(body["error"]);
        of.output = body["output"];
        of.state = of.error === null ? "done" : "failed";
        break;
      }
      default:
        break;
    }
    last = at(event);
  }
  return [...steps.values()].sort((one, other) => one.begun - other.begun);
}

/** Which step follows which: each follows those that had ended when it began, but for those that another one of them follows already. Branches stand
 * side by side that way, and join where something waited for all of them. */
export function edgesOf(steps: Step[]): [string, string][] {
  return steps.flatMap((step, index) => {
    const before = steps.slice(0, index).filter((other) => other.ended !== null && other.ended <= step.begun);
    const last = before.filter((other) => !before.some((next) => next !== other && next.begun >= (other.ended ?? 0)));
    return last.map((other): [string, string] => [other.path, step.path]);
  });
}
