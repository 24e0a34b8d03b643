import { expect, test } from "vitest";
import type { RunEvent } from "../api/types";
import { edgesOf, stepsOf } from "./steps";

const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
let seq = 0;
const event = (ms: number, type: string, path: string, body: Record<string, unknown> = {}): RunEvent => ({ seq: ++seq, at: at(ms), type, path, try: 0, epoch: 1, in_hash: "", body });
const done = (from: number, to: number, path: string) => event(to, "step completed", path, { started_at: 1_700_000_000_000 + from, effect: "read", value: 1 });

test("steps have their time, and an approval waits until it is decided", () => {
  const events = [event(0, "run started", ""), done(5, 25, "read"), event(30, "approval requested", "ok", { approval_id: "a-1" })];
  expect(stepsOf(events).map((step) => [step.path, step.state, step.begun - 1_700_000_000_000, step.ended === null])).toEqual([
    ["read", "done", 5, false],
    ["ok", "waiting", 30, true],
  ]);
  const decided = stepsOf([...events, event(90, "approval decided", "ok", { status: "approved", decided_by: "ada" })]);
  expect(decided[1]).toMatchObject({ state: "decided", note: "approved by ada", approval: "a-1" });
});
test("a step that failed says why", () => {
  const [step] = stepsOf([event(0, "run started", ""), event(9, "step completed", "prove", { error: { code: "E0340", message: "no", hint: "" } })]);
  expect(step).toMatchObject({ state: "failed", error: { code: "E0340" } });
});
test("branches stand side by side", () => {
  const steps = stepsOf([event(0, "run started", ""), done(0, 10, "first"), done(10, 40, "left"), done(10, 30, "right"), done(41, 50, "last")]);
  const edges = edgesOf(steps);
  expect(edges).toContainEqual(["first", "left"]);
  expect(edges).toContainEqual(["first", "right"]);
  expect(edges.filter(([, to]) => to === "last").map(([from]) => from)).toEqual(["left", "right"]);
  expect(edges).not.toContainEqual(["left", "right"]);
});
