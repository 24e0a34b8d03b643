#!/usr/bin/env python3
"""What a durable step costs, and what the engine does with many runs, long runs and a large journal, beside its peers and beside the bare disk.

    bench/engine.py --program BUILD/bench/engine_bench --python VENV/bin/python [--only steps,…] [--quick] [--json FILE]     (./dev bench engine)

One run of this measures all on the same machine and disk: Sluice on SQLite and on a PostgreSQL 15 of its own (default durability), LangGraph's SQLite
saver in sync mode, DBOS on SQLite and on the same PostgreSQL, each with 1 and with 64 runs at once, and a bare append loop on both stores. They take
turns, and the best of the rounds counts for each, so that a busy moment hits all alike. What each of them syncs to the disk is in the docstrings of
engine_dbos.py and engine_langgraph.py.

Parts: steps (with bare and peers), parked, resume, growth, size. On PostgreSQL, 64 runs at once are two processes with 32 each.
How much of the processors others had during each measurement is measured too, and printed: a lone writer that has to wait for a processor after each
sync is ten times as slow as one that has not, so figures of a machine that is not quiet say little.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from engine_postgres import MissingServer, Server  # noqa: E402  (the folder has to be on the path first)
from engine_table import rows_of, show  # noqa: E402

PARTS = ("steps", "parked", "resume", "growth", "size")
SECONDS_MAX = 3600  # of one measurement
AT_ONCE = (1, 64)
WARM_UP = 64
PROCESSES = 2  # on PostgreSQL, with 64 runs at once
BUSY_SAMPLE_S = 0.25
FULL = {
    "rounds": 3,
    "runs": {("sluice", 1): 600, ("sluice", 64): 8000, ("bare", 1): 5000, ("bare", 64): 100_000,
             ("langgraph", 1): 200, ("langgraph", 64): 200, ("dbos", 1): 200, ("dbos", 64): 200},
    "parked": 100_000, "resume": 10_000, "sizes": "0,1000000,5000000,10000000", "growth": 6000, "size": 5000,
}
QUICK = {
    "rounds": 1,
    "runs": {("sluice", 1): 200, ("sluice", 64): 2000, ("bare", 1): 1000, ("bare", 64): 20_000,
             ("langgraph", 1): 40, ("langgraph", 64): 64, ("dbos", 1): 40, ("dbos", 64): 64},
    "parked": 2000, "resume": 1000, "sizes": "0,50000,100000", "growth": 1000, "size": 500,
}


class Others:
    """What share of the processors others have from now on: all that is in use but by this program, those that it has waited for, and its server."""

    def __init__(self, server):
        self.server = server
        self.all, self.used, self.ours = self.read()

    def read(self):
        with open("/proc/stat", encoding="ascii") as stat:
            ticks = [int(word) for word in stat.readline().split()[1:9]]
        seconds = [tick / os.sysconf("SC_CLK_TCK") for tick in ticks]
        idle = seconds[3] + seconds[4]  # idle, and waiting for a disk
        return sum(seconds), sum(seconds) - idle, sum(os.times()[:4]) + (self.server.cpu_seconds() if self.server else 0)

    def share(self):
        all_now, used_now, ours_now = self.read()
        used_by_others = used_now - self.used - (ours_now - self.ours)
        return min(1.0, max(0.0, used_by_others / max(0.01, all_now - self.all)))


class Measurements:
    """Runs one measurement at a time, each in a folder, and on PostgreSQL in a database, of its own."""

    def __init__(self, options, disk, server):
        self.options, self.disk, self.server = options, disk, server
        self.work = QUICK if options.quick else FULL
        self.busy = []
        self.databases = 0

    def wait_for_quiet(self):
        until = time.monotonic() + self.options.patience
        while time.monotonic() < until:
            others = Others(self.server)
            time.sleep(BUSY_SAMPLE_S)
            if others.share() <= self.options.quiet:
                return

    def with_others(self, others, figures):
        figures["busy_by_others"] = others.share()
        self.busy.append(figures["busy_by_others"])
        return figures

    def place(self, journal, folder):
        """The arguments that say where."""
        arguments = ["--folder", folder]
        if journal == "postgres":
            self.databases += 1
            arguments += ["--url", self.server.new_database(f"bench{self.databases}")]
        return arguments

    def native(self, mode, journal, place, **numbers):
        command = [self.options.program, mode, "--journal", journal, *place]
        for name, value in numbers.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        return command

    def one(self, command):
        self.wait_for_quiet()
        others = Others(self.server)
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command[:4])} … failed ({done.returncode}):\n{done.stderr[-2000:]}")
        return self.with_others(others, json.loads(done.stdout.strip().splitlines()[-1]))

    def together(self, command):
        """The command in several processes that begin at once; their figures as one."""
        self.wait_for_quiet()
        others = Others(self.server)
        with ExitStack() as stack:
            workers = []
            for _ in range(PROCESSES):
                worker = subprocess.Popen([*command, "--barrier", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                stack.callback(end, worker)
                workers.append(worker)
            for worker in workers:
                if worker.stdout.readline().strip() != "ready":
                    sys.exit(f"{' '.join(command[:4])} … failed before it began")
            for worker in workers:
                worker.stdin.write("\n")
                worker.stdin.flush()
            answers = [worker.communicate(timeout=SECONDS_MAX)[0] for worker in workers]
            if any(worker.returncode != 0 for worker in workers):
                sys.exit(f"{' '.join(command[:4])} … failed")
        figures = [json.loads(answer) for answer in answers]
        seconds = max(f["ended"] for f in figures) - min(f["begun"] for f in figures)
        steps = sum(f["steps"] for f in figures)
        worst = {name: max(f[name] for f in figures) for name in ("p50_ms", "p99_ms", "max_ms")}
        at_once = sum(f["concurrency"] for f in figures)
        together = {**worst, "concurrency": at_once, "processes": PROCESSES, "steps": steps, "steps_per_s": steps / seconds}
        return self.with_others(others, together)

    def steps_of(self, name, journal, at_once):
        runs = self.work["runs"][name, at_once]
        with tempfile.TemporaryDirectory(dir=self.disk) as folder:
            place = self.place(journal, folder)
            numbers = {"concurrency": at_once, "runs": runs, "warm_up": WARM_UP}
            if name == "sluice" and journal == "postgres" and at_once > 1:
                shared = {key: value // PROCESSES for key, value in numbers.items()}
                return self.together(self.native("steps", journal, place, **shared))
            if name in ("sluice", "bare"):
                return self.one(self.native("steps" if name == "sluice" else "bare", journal, place, **numbers))
            script = [self.options.python, str(HERE / f"engine_{name}.py"), *place]
            return self.one([*script, "--concurrency", str(at_once), "--runs", str(runs), "--warm-up", str(WARM_UP)])

    def steps(self):
        contenders = [("bare", "sqlite"), ("sluice", "sqlite")]
        if self.options.python:
            contenders += [("langgraph", "sqlite"), ("dbos", "sqlite")]
        if self.server:
            contenders += [("bare", "postgres"), ("sluice", "postgres")] + ([("dbos", "postgres")] if self.options.python else [])
        best = {}
        for _ in range(self.work["rounds"]):
            for at_once in AT_ONCE:
                for name, journal in contenders:
                    figures = self.steps_of(name, journal, at_once)
                    key = f"{name} {journal} {at_once}"
                    if key not in best or figures["steps_per_s"] > best[key]["steps_per_s"]:
                        best[key] = figures
                    say(f"  {key:24}{figures['steps_per_s']:>12,.0f} /s")
        return best

    def journals(self):
        return ["sqlite"] + (["postgres"] if self.server else [])

    def parked(self):
        found = {}
        for journal in self.journals():
            with tempfile.TemporaryDirectory(dir=self.disk) as folder:
                place = self.place(journal, folder)
                parking = self.one(self.native("park", journal, place, concurrency=AT_ONCE[-1], runs=self.work["parked"]))
                found[journal] = {"parking": parking, **self.one(self.native("parked", journal, place, runs=self.work["parked"]))}
        return found

    def each(self, mode, **numbers):
        found = {}
        for journal in self.journals():
            with tempfile.TemporaryDirectory(dir=self.disk) as folder:
                found[journal] = self.one(self.native(mode, journal, self.place(journal, folder), **numbers))
        return found

    def resume(self):
        return self.each("resume", steps=self.work["resume"], rounds=5)

    def growth(self):
        return self.each("growth", sizes=self.work["sizes"], runs=self.work["growth"], concurrency=AT_ONCE[-1], warm_up=WARM_UP * 10)

    def size(self):
        return self.each("size", runs=self.work["size"], concurrency=AT_ONCE[-1])


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()


def say(line):
    print(line, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the compiled engine_bench")
    parser.add_argument("--python", help="a Python with bench/requirements.txt; without it there are no peers")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="much less of everything: shows that it works; the aims are for the full work")
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--disk", default=os.getcwd(), help="a folder on the disk to measure (default: here)")
    parser.add_argument("--quiet", type=float, default=0.1, help="what share of the processors others may use (default: 0.1)")
    parser.add_argument("--patience", type=float, default=5, help="how many seconds to wait for that before each measurement (default: 5)")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    options.parts = [part for part in options.only.split(",") if part]
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"there is no part {unknown[0]}; there is: {', '.join(PARTS)}")
    return options


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that what was started is ended
    missing = []
    with ExitStack() as stack:
        disk = stack.enter_context(tempfile.TemporaryDirectory(prefix="engine-bench-", dir=options.disk))
        server = None
        try:
            server = stack.enter_context(Server(options.disk))
        except MissingServer as why:
            missing.append(f"PostgreSQL was not measured: {why}")
        if not options.python:
            missing.append("peers were not measured: no --python")
        measurements = Measurements(options, disk, server)
        parts = {}
        for part in options.parts:
            say(f"{part} …")
            parts[part] = getattr(measurements, part)()
        version = server.version() if server else None
    rows = rows_of(parts)
    busy = {"mean": statistics.mean(measurements.busy), "max": max(measurements.busy), "allowed": options.quiet}
    show(rows, parts, missing, busy, options.quick)
    if options.json:
        report = {
            "work": "runs of 5 steps, 400 bytes a step, synced to disk; on PostgreSQL 64 runs at once are two processes",
            "machine": {"processors": os.cpu_count(), "postgres": version, "busy_by_others": busy},
            "quick": options.quick, "rounds": measurements.work["rounds"], "missing": missing,
            "rows": [row.as_json() for row in rows], "figures": parts,
        }
        Path(options.json).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
