import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { applyTo, LiveLine, type LivePorts, type Socket } from "./live";
import type { Live, RunSummary } from "./types";

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: string[] = [];
  isOpen = false;
  open() {
    this.isOpen = true;
    this.onopen?.();
  }
  close() {
    this.isOpen = false;
    this.onclose?.();
  }
  send(text: string) {
    if (!this.isOpen) throw new Error("Failed to execute 'send' on 'WebSocket': Still in CONNECTING state.");
    this.sent.push(text);
  }
  say(message: Partial<Live> & { type: string; seq: string }) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

function setUp() {
  const opened: { path: string; socket: FakeSocket }[] = [];
  let timers: { ms: number; act: () => void }[] = [];
  const ports: LivePorts = {
    open: (path) => {
      const socket = new FakeSocket();
      opened.push({ path, socket });
      return socket;
    },
    after: (ms, act) => {
      const timer = { ms, act };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    random: () => 1,
  };
  const heard: Live[] = [];
  const line = new LiveLine(ports, (message) => heard.push(message));
  const pass = () => {
    const due = timers;
    timers = [];
    for (const timer of due) timer.act();
  };
  return { line, opened, heard, pass, waits: () => timers.map((timer) => timer.ms) };
}

test("it goes on from the last message it had", () => {
  const { line, opened, pass } = setUp();
  line.start();
  opened[0]?.socket.open();
  opened[0]?.socket.say({ type: "hello", seq: "b-7" });
  expect(line.state()).toBe("live");
  opened[0]?.socket.say({ type: "ping", seq: "b-9" });
  opened[0]?.socket.close();
  expect(line.state()).toBe("lost");
  pass();
  expect(opened[1]?.path).toBe("/api/v1/events?since=b-9");
  // Where the server is now is not where this line was: what it missed comes next.
  opened[1]?.socket.say({ type: "hello", seq: "b-12" });
  opened[1]?.socket.close();
  pass();
  expect(opened[2]?.path).toBe("/api/v1/events?since=b-9");
});
test("another server's reset is taken over", () => {
  const { line, opened, pass, heard } = setUp();
  line.start();
  opened[0]?.socket.say({ type: "hello", seq: "b-7" });
  opened[0]?.socket.close();
  pass();
  opened[1]?.socket.say({ type: "hello", seq: "c-0" });
  opened[1]?.socket.say({ type: "reset", seq: "c-0" });
  expect(heard.map((message) => message.type)).toEqual(["hello", "hello", "reset"]);
  opened[1]?.socket.close();
  pass();
  expect(opened[2]?.path).toBe("/api/v1/events?since=c-0");
});
test("it waits longer each time, and begins anew once it was open", () => {
  const { line, opened, pass, waits } = setUp();
  line.start();
  const seen: number[] = [];
  for (let n = 0; n < 8; n++) {
    opened.at(-1)?.socket.close();
    seen.push(...waits());
    pass();
  }
  expect(seen).toEqual([300, 600, 1200, 2400, 4800, 9600, 10_000, 10_000]);
  opened.at(-1)?.socket.open();
  opened.at(-1)?.socket.close();
  expect(waits()).toEqual([300]);
});
test("a line that says nothing is dead", () => {
  const { line, opened, pass } = setUp();
  line.start();
  opened[0]?.socket.open();
  opened[0]?.socket.say({ type: "hello", seq: "b-1" });
  pass();
  expect(line.state()).toBe("lost");
});
test("what a person looks at is said again after a gap", () => {
  const { line, opened, pass } = setUp();
  line.start();
  opened[0]?.socket.open();
  opened[0]?.socket.say({ type: "hello", seq: "b-1" });
  line.view("a-1");
  opened[0]?.socket.close();
  pass();
  opened[1]?.socket.open();
  expect(opened[1]?.socket.sent).toEqual([JSON.stringify({ viewing: "a-1" })]);
});
test("what somebody looks at is told as soon as there is a line, and again on the next one", () => {
  const { line, opened, pass } = setUp();
  line.start();
  line.view("a-1");
  expect(opened[0]?.socket.sent).toEqual([]);
  opened[0]?.socket.open();
  expect(opened[0]?.socket.sent).toEqual(['{"viewing":"a-1"}']);
  opened[0]?.socket.close();
  line.view("a-2");
  pass();
  opened[1]?.socket.open();
  line.view(null);
  expect(opened[1]?.socket.sent).toEqual(['{"viewing":"a-2"}', '{"viewing":null}']);
});

test("a list with a filter is read anew where a run comes into it or leaves it, and no other is", () => {
  const queries = new QueryClient();
  const run = { run_id: "r-1", status: "running" } as unknown as RunSummary;
  const keys = [{}, { status: "waiting" }, { status: "answered" }].map((search) => ["runs", search, ""]);
  const [all, waiting, answered] = keys as [unknown[], unknown[], unknown[]];
  const begin = () => {
    queries.setQueryData(all, { runs: [run], damaged: [], next: null });
    queries.setQueryData(waiting, { runs: [run], damaged: [], next: null });
    queries.setQueryData(answered, { runs: [], damaged: [], next: null });
  };
  const anew = () => keys.map((key) => queries.getQueryState(key)?.isInvalidated);
  begin();
  applyTo(queries)({ seq: "1", type: "run", run: { ...run, status: "waiting" } });
  expect(anew()).toEqual([false, false, false]);
  begin();
  applyTo(queries)({ seq: "2", type: "run", run: { ...run, status: "answered" } });
  expect(anew()).toEqual([false, true, true]);
  expect(queries.getQueryData<{ runs: RunSummary[] }>(all)?.runs[0]?.status).toBe("answered");
  begin();
  applyTo(queries)({ seq: "3", type: "run", run: { ...run, run_id: "r-2" } });
  expect(anew()).toEqual([true, false, false]);
});
