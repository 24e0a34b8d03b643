"""Records the golden histories of a release: `python3 tests/histories/record.py build/release/sluice tests/histories/0.1.0`.

Each is a run that the program really made, as `sluice runs export` writes it. README.md says when to record, and when not to.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import shop  # noqa: E402

RECORDED_ON = "2026-11-22"  # the day of tests/e2e/recordings, whose replies the model gives
PLACE = pathlib.Path("/tmp/sluice-histories")  # histories name their databases' paths: the same on every machine
BROKER = ROOT / "bench" / "sets" / "operations" / "stock_broker.sql"
REPLIES = ROOT / "tests" / "e2e" / "recordings" / "replies"
MODEL_QUESTION = "How many tickers have no recorded IPO date?"
SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
SLOW_SQL = "SELECT count(*) AS n FROM " + ", ".join(f"orders AS o{n}" for n in range(12))  # hours: until its program is ended
WAIT_SECONDS_MAX = 30
CONFIG = """connections:
  shop: {kind: sqlite, path: shop.sqlite}
  stock_broker: {kind: sqlite, path: stock_broker.sqlite}
models:
  default: {provider: openai, base_url: "http://127.0.0.1:8120/v1", model: reader}
agents:
  ask: {model: default, fast_path: none, candidates: 1}
approvals: {auto: {reads: true, max_bytes: 1GB}}
"""


class Recorder:
    def __init__(self, program, folder):
        self.program, self.folder = str(pathlib.Path(program).resolve()), folder
        self.env = {**{key: value for key, value in os.environ.items() if not key.startswith("SLUICE_")}, "SLUICE_TODAY": RECORDED_ON,
                    "SLUICE_MODEL_REPLAY": str(REPLIES)}
        shop.write_sqlite(folder / "shop.sqlite")
        connection = sqlite3.connect(folder / "stock_broker.sqlite")
        connection.executescript(BROKER.read_text(encoding="utf-8"))
        connection.close()
        (folder / "sluice.yaml").write_text(CONFIG, encoding="utf-8")

    def run(self, *args, may_fail=False):
        done = subprocess.run([self.program, *args, "--output", "json"], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, encoding="utf-8", timeout=120, check=False)
        assert may_fail or done.returncode == 0, (args, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def newest(self):
        return self.run("runs", "list", "--limit", "1")[0]["run_id"]

    def parked(self, *args):
        """A run that waits for a person, after the process that began it is gone."""
        before = {each["approval_id"] for each in self.run("approvals", "list")}
        child = subprocess.Popen([self.program, *args], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        end = time.monotonic() + WAIT_SECONDS_MAX
        new = []
        while not new:
            assert time.monotonic() < end, ("no approval", args)
            time.sleep(0.1)
            new = [each for each in self.run("approvals", "list") if each["approval_id"] not in before]
        child.send_signal(signal.SIGKILL)
        child.wait()
        return new[0]["run_id"], new[0]["approval_id"]

    def approved_and_ended_at(self, sql, last, hold=None):
        """A run that is approved and goes on, and whose process is killed as soon as the newest event is of that type."""
        run, yes = self.parked("query", sql, "--on", "shop")
        self.run("approvals", "approve", yes)
        held = sqlite3.connect(self.folder / "shop.sqlite", isolation_level=None) if hold else None
        if held:
            held.execute(hold)
        child = subprocess.Popen([self.program, "runs", "resume", run], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + WAIT_SECONDS_MAX
        try:
            while self.run("runs", "events", run)[-1]["type"] != last:
                assert time.monotonic() < end and child.poll() is None, (last, child.poll())
                time.sleep(0.05)
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
            if held:
                held.close()
        return run

    def resume_until_it_asks_again(self, run):
        again, _ = self.parked("runs", "resume", run)
        assert again == run


def record(made):
    """Name → id of a run."""
    runs = {}
    runs["parked"], _ = made.parked("query", SQL, "--on", "shop")
    runs["approved_not_executed"], yes = made.parked("query", SQL, "--on", "shop")
    made.run("approvals", "approve", yes, "--reason", "looks right")
    runs["rejected"], no = made.parked("query", SQL, "--on", "shop")
    made.run("approvals", "reject", no, "--reason", "not now")
    made.run("runs", "resume", runs["rejected"], may_fail=True)
    runs["executed"], yes = made.parked("query", SQL, "--on", "shop")
    made.run("approvals", "approve", yes)
    made.run("runs", "resume", runs["executed"])
    made.run("query", SQL, "--on", "shop", "--approve", "policy")
    runs["approved_by_policy"] = made.newest()
    made.run("query", "SELECT nothing FROM nowhere", "--on", "shop", "--approve", "policy", may_fail=True)
    runs["failed"] = made.newest()
    runs["planner_refined"], more = made.parked("ask", "How many orders are there per status?", "--on", "shop", "--no-model")
    made.run("approvals", "refine", more, "--sql", "SELECT count(*) AS n FROM orders")
    made.resume_until_it_asks_again(runs["planner_refined"])
    made.run("ask", "How many orders are there per status?", "--on", "shop", "--no-model", "--approve", "policy")
    runs["planner"] = made.newest()
    made.run("ask", MODEL_QUESTION, "--on", "stock_broker", "--approve", "policy")
    runs["model"] = made.newest()
    runs["cancelled"], _ = made.parked("query", SQL, "--on", "shop")
    made.run("runs", "cancel", runs["cancelled"], "--reason", "changed my mind", may_fail=True)
    runs["killed_in_execute"] = made.approved_and_ended_at(SLOW_SQL, "step started")
    runs["failed_attempt"] = made.approved_and_ended_at(SQL, "step attempt failed", hold="BEGIN EXCLUSIVE")
    return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path, help="of the release; must not be there yet, unless --only is given")
    parser.add_argument("--only", action="append", default=[], help="keeps this history alone, for a release that has the others; may be repeated")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=bool(options.only))
    PLACE.mkdir()
    try:
        made = Recorder(options.program, PLACE)
        for name, run in record(made).items():
            if options.only and name not in options.only:
                continue
            made.run("runs", "export", run, str((options.folder / f"{name}.jsonl").resolve()))
            print(f"{name}: {run}")
    finally:
        shutil.rmtree(PLACE)


if __name__ == "__main__":
    main()
