"""Start, memory, idle WebSockets, and how soon after its commit an event is there: by WebSocket, and in a page of a real Chromium."""

import json
import resource
import shutil
import subprocess
import threading
import time

from server_parts import SECONDS_MAX, Figure, Server, ask, fail, percentile, resident_mb, served, stop, until, wait_for_quiet

STARTS = 20
WEBSOCKETS = 2_000
HOLD_SECONDS = 36  # two of the server's heartbeats, which are 15 s apart, and some more
EVENTS = 120
EVENT_EVERY_MS = 60
IDLE_SECONDS = 3
AIMS = {"ready": 300, "idle": 60, "sockets": 200, "event": 100}
SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
# When the page's own line hears of a run, and when the run's row stands in the page. Not a script of the page's, which its policy forbids, but from outside.
NOTE_ARRIVALS = """
  window.heard = {}; window.shown = {};
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => {
        const at = Date.now(), message = JSON.parse(event.data);
        if (message.type === "run") window.heard[message.run.run_id] ??= at;
      });
    }
  };
  new MutationObserver(() => {
    const at = Date.now();
    for (const row of document.querySelectorAll("a.virtual-row")) window.shown[row.getAttribute("href").split("/").pop()] ??= at;
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["href"] });
"""


def starts(options, folder):
    ready = []
    for _ in range(STARTS):
        server = Server(options.sluice, folder)
        ready.append(server.ready_ms)
        stop(server.process)
        server.process.stdout.close()
    yield Figure(f"ready after start, p50 of {STARTS}", [percentile(ready, 0.5)], "ms", AIMS["ready"])
    yield Figure(f"ready after start, slowest of {STARTS}", [max(ready)], "ms", AIMS["ready"])
    with served(options.sluice, folder) as server:
        time.sleep(IDLE_SECONDS)
        yield Figure("idle server, resident", [resident_mb(server.pid)], "MB", AIMS["idle"])


def allow_files(number):
    """For this process and those that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number:
        fail(f"{WEBSOCKETS:,} WebSockets need {number:,} open files, and {hard:,} are allowed (ulimit -Hn)")
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))


def idle_sockets(options, folder):
    allow_files(2 * WEBSOCKETS)
    with served(options.sluice, folder) as server:
        before = resident_mb(server.pid)
        clients = subprocess.Popen([options.program, "sockets", str(server.port), str(WEBSOCKETS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if clients.stdout.readline().strip() != "open":
                fail(f"{WEBSOCKETS:,} WebSockets could not be opened")
            held = [resident_mb(server.pid)]
            for _ in range(HOLD_SECONDS):
                time.sleep(1)
                held.append(resident_mb(server.pid))
            out = clients.communicate(timeout=SECONDS_MAX)[0]
        finally:
            clients.kill()  # does nothing to one that has ended
            clients.wait()
    heard = json.loads(out)
    if heard["open_at_the_end"] != WEBSOCKETS or heard["heartbeats_answered"] < WEBSOCKETS:
        fail(f"of {WEBSOCKETS:,} WebSockets not all were kept: {heard}")
    yield Figure(f"{WEBSOCKETS:,} idle WebSockets for {HOLD_SECONDS} s: resident at most", [max(held)], "MB", AIMS["sockets"])
    yield Figure("  that is for each", [(max(held) - before) * 1000 / WEBSOCKETS], "kB")
    yield Figure("  heartbeats answered", [heard["heartbeats_answered"]])


def committed(options, folder, every_ms=EVENT_EVERY_MS):
    """Another process writes to the server's journal: {run: (when it began to, when the commit had returned)}, in milliseconds."""
    command = [options.program, "write", str(folder / ".sluice"), str(EVENTS), str(every_ms)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    if done.returncode != 0:
        fail(f"writing events failed: {done.stderr.strip()[-500:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["run_id"]: (line["begun"], line["committed"]) for line in lines}


def event_figures(where, written, arrived, aim):
    """Each event has to have come."""
    if missing := [run for run in written if run not in arrived]:
        fail(f"{len(missing)} of {len(written)} events never came: {where}")
    took = [arrived[run] - commit for run, (_, commit) in written.items()]
    yield Figure(f"commit → {where}, p50 of {len(took)}", [percentile(took, 0.5)], "ms")
    yield Figure(f"commit → {where}, p95 of {len(took)}", [percentile(took, 0.95)], "ms", aim)
    yield Figure(f"commit → {where}, slowest", [max(took)], "ms")
    begun = [arrived[run] - begin for run, (begin, _) in written.items()]
    yield Figure("  the same with the writing itself, p95", [percentile(begun, 0.95)], "ms")


def events_by_websocket(options, folder):
    import websocket

    with served(options.sluice, folder) as server:
        ask(server, sql=SQL, approve="policy")
        line = websocket.create_connection(server.url.replace("http", "ws") + "/api/v1/events", timeout=1, enable_multithread=True)
        arrived, over = {}, threading.Event()

        def listen():
            while not over.is_set():
                try:
                    message = json.loads(line.recv())
                except websocket.WebSocketTimeoutException:
                    continue
                at = time.time() * 1000
                if message["type"] == "run":
                    arrived.setdefault(message["run"]["run_id"], at)

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            wait_for_quiet(options)
            written = committed(options, folder)
            time.sleep(1)
        finally:
            over.set()
            listener.join()
            line.close()
    yield from event_figures("WebSocket", written, arrived, AIMS["event"])


def events_in_chromium(options, folder):
    path = shutil.which("chromium")
    if path is None:
        print("skipped: events in a page, as there is no chromium")
        return
    from playwright.sync_api import sync_playwright

    with served(options.sluice, folder) as server, sync_playwright() as playwright:
        ask(server, sql=SQL, approve="policy")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        try:
            page = browser.new_page()
            page.add_init_script(NOTE_ARRIVALS)
            page.goto(server.url + "/runs")
            page.wait_for_selector("a.virtual-row")
            page.wait_for_timeout(2_000)
            wait_for_quiet(options)
            written = committed(options, folder, 4 * EVENT_EVERY_MS)
            until(lambda: written.keys() <= page.evaluate("shown").keys() or page.wait_for_timeout(100), "all runs are shown", 10)
            heard, shown = page.evaluate("heard"), page.evaluate("shown")
        finally:
            browser.close()
    yield from event_figures("a page of Chromium hears", written, heard, AIMS["event"])
    yield from event_figures("its row stands in the page", written, shown, AIMS["event"])
