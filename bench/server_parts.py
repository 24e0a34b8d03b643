"""What the parts of bench/server.py share: a project with a server over it, what a process holds, and how quiet the machine is."""

import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

SECONDS_MAX = 300  # of one measurement
STOP_SECONDS_MAX = 30
ANSWER_SECONDS_MAX = 30
QUIET_SAMPLE_S = 0.5
MB = 1_000_000
CONFIG = """approvals: {auto: {reads: true, max_bytes: 1GB}}
server: {limits: {connections: 10000, connections_per_client: 10000, requests_per_second: 1000000, burst: 1000000}}
"""


def fail(what):
    sys.exit(f"bench server: {what}")


def until(true, what, seconds=ANSWER_SECONDS_MAX):
    end = time.monotonic() + seconds
    while not (value := true()):
        if time.monotonic() > end:
            fail(f"after {seconds} s still not: {what}")
        time.sleep(0.02)
    return value


class Server:
    """`sluice serve` over a project's folder, and how long it took until it said that it is ready."""

    def __init__(self, program, folder):
        begun = time.monotonic()
        self.process = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--output", "jsonl"], cwd=folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=open(folder / "serve.log", "ab"), text=True)  # noqa: SIM115: the child's
        line = self.process.stdout.readline()
        if not line:
            fail(f"the server did not start: {(folder / 'serve.log').read_text(encoding='utf-8')[-1000:]}")
        self.url = json.loads(line)["url"]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.get("/readyz")
        self.ready_ms = (time.monotonic() - begun) * 1000

    @property
    def pid(self):
        return self.process.pid

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=ANSWER_SECONDS_MAX) as answer:
            return answer.read()

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as answer:
            return json.load(answer)


def stop(process):
    """Ends it in order, or at once where it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS_MAX)


@contextmanager
def served(program, folder):
    server = Server(program, folder)
    try:
        yield server
        if server.process.poll() is not None:
            fail(f"the server ended by itself ({server.process.returncode})")
    finally:
        stop(server.process)
        server.process.stdout.close()


def make_project(program, folder):
    with sqlite3.connect(folder / "shop.sqlite") as shop:
        shop.execute("CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT)")
        shop.execute("CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, status TEXT, amount REAL)")
        shop.executemany("INSERT INTO customers VALUES (?, ?, ?)", [(n, f"customer {n}", ("DE", "FR", "NL")[n % 3]) for n in range(300)])
        shop.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", [(n, n % 300, ("open", "shipped", "returned")[n % 3], n * 1.5) for n in range(3_000)])
    shop.close()
    subprocess.run([program, "init", "shop", "--sqlite", folder / "shop.sqlite"], cwd=folder, check=True, capture_output=True)
    with open(folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(CONFIG)


def ask(server, **question):
    """The id of a run once it is answered, or, where nobody may decide but a person, once it waits for one."""
    run = server.post("/api/v1/ask", question)["run_id"]

    def settled():
        document = json.loads(server.get(f"/api/v1/runs/{run}"))
        waits = document["approval"] and document["approval"]["status"] == "open"
        if document["status"] not in ("waiting", "answered"):
            fail(f"the run {run} is {document['status']}: {document.get('error')}")
        return document["status"] == "answered" or waits
    until(settled, f"the run {run} is settled")
    return run


def family(pid):
    """The process and those that it started, as far down as there are any."""
    pids = [pid]
    for one in pids:
        for task in Path(f"/proc/{one}/task").iterdir():
            pids += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    return pids


def resident_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 / MB for line in status.splitlines() if line.startswith("VmRSS:"))


def cpu_seconds(pid):
    def of(one):
        fields = Path(f"/proc/{one}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return sum(of(one) for one in family(pid))


class Processors:
    """What share of the machine's processors is used from now on, by all that runs."""

    def __init__(self):
        self.all, self.used = self.read()

    @staticmethod
    def read():
        with open("/proc/stat", encoding="ascii") as stat:
            ticks = [int(word) / os.sysconf("SC_CLK_TCK") for word in stat.readline().split()[1:9]]
        return sum(ticks), sum(ticks) - ticks[3] - ticks[4]  # but idle, and waiting for a disk

    def share(self, but_seconds=0.0):
        everything, used = self.read()
        return max(0.0, used - self.used - but_seconds) / max(0.01, everything - self.all)


def wait_for_quiet(options):
    """Until hardly anybody else uses the processors, or patience ends; what share was in use then."""
    end = time.monotonic() + options.patience
    while True:
        processors = Processors()
        time.sleep(QUIET_SAMPLE_S)
        share = processors.share()
        if share <= options.quiet or time.monotonic() > end:
            return share


class Figure:
    """One thing that was measured some times: the median counts, and how far the others are is shown beside it."""

    def __init__(self, what, values, unit="", aim=None, at_least=False, times=None):
        self.what, self.values, self.unit, self.aim, self.at_least, self.times = what, list(values), unit, aim, at_least, times

    @property
    def value(self):
        return statistics.median(self.values)

    @property
    def met(self):
        return self.aim is None or (self.value >= self.aim if self.at_least else self.value < self.aim)

    def as_json(self):
        return {"what": self.what, "figure": self.value, "of": self.values, "unit": self.unit, "aim": self.aim, "met": self.met, "times_sluice": self.times}

    def line(self):
        least, most = min(self.values), max(self.values)
        spread = f"{least:,.3g} – {most:,.3g}" if len(self.values) > 1 else ""
        aim = "" if self.aim is None else f"{'≥' if self.at_least else '<'} {self.aim:g}"
        verdict = "" if self.aim is None else "met" if self.met else "MISSED"
        times = f"{self.times:,.3g}" if self.times else ""
        return f"{self.what:<66}{self.value:>10,.3g} {self.unit:<6}{spread:>18}{aim:>8} {verdict:<7}{times:>8}".rstrip()


HEAD = f"{'what':<66}{'figure':>10} {'':<6}{'least – most':>18}{'aim':>8} {'':<7}{'× Sluice':>8}"


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
