#!/usr/bin/env python3
"""How long a question takes: to proven SQL in a running process over 1,000 tables, and as a whole cold command on an embedded DuckDB.

    ask.py --program BUILD/bench/ask_bench [--json FILE]     (./dev bench ask)

The program `sluice` and its lib/ lie two folders above ask_bench. Times of one machine: compare with other runs on it only.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "deps"))
import duckdb_sql  # noqa: E402

TABLES, COLUMNS, ROWS = 1000, 20, 50
ROUNDS, COLD_RUNS = 30, 15
QUESTION = "Which carriers had the highest average arrival delay?"
THINGS = ["orders", "invoices", "payments", "shipments", "returns", "tickets", "visits", "contracts", "budgets", "claims"]
PLACES = ["north", "south", "east", "west", "central", "coastal", "inland", "urban", "rural", "metro"]


def table_name(n):
    return f"{PLACES[n // 10 % 10]}_{THINGS[n % 10]}" + (f"_{n // 100}" if n >= 100 else "")


def thousand_tables(library, path):
    with duckdb_sql.Database(library, path) as database:
        for n in range(TABLES):
            extra = ", ".join(f"range % {k + 2} AS measure_{n}_{k}" for k in range(COLUMNS - 5))
            database.execute(
                f"CREATE TABLE {table_name(n)} AS SELECT range AS id, 'item ' || (range % 10) AS label_{n}, range * 1.5 AS amount, "
                f"DATE '2024-01-01' + (range % 300)::INTEGER AS placed_on, CASE range % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'closed' ELSE 'late' END AS state, {extra} FROM range({ROWS})")


def questions():
    for n in (3, 17, 42, 58, 71, 86, 94):
        words = table_name(n).replace("_", " ")
        yield f"How many {words} are there?"
        yield f"What is the average amount of {words} per state?"
        yield f"Which {words} have an amount above 30?"


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def timed(command, folder, runs, before=lambda: None):
    times = []
    for _ in range(runs):
        before()
        start = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        times.append((time.perf_counter() - start) * 1000)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}")
    return times


def main():
    if sys.argv[1:2] == ["--make"]:
        return thousand_tables(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--python", help="not needed here")
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    build = args.program.resolve().parents[1]
    sluice, library = build / "sluice", build / "lib" / "libduckdb.so"
    os.environ["SLUICE_LIB_DIR"] = str(build / "lib")
    flights = subprocess.run([sys.executable, ROOT / "deps/fetch.py", "flights", os.environ.get("SLUICE_CACHE", pathlib.Path.home() / ".cache/sluice")],
                             capture_output=True, text=True, check=True).stdout.strip()
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        big = folder / "big"
        big.mkdir()
        # In processes of their own: a child's peak memory counts what its parent held when it was forked.
        subprocess.run([sys.executable, __file__, "--make", library, big / "big.duckdb"], check=True)
        subprocess.run([sluice, "init", "big", "--duckdb", "big.duckdb"], cwd=big, check=True, capture_output=True)
        (big / ".sluice").mkdir(exist_ok=True)
        (folder / "questions.txt").write_text("\n".join(questions()))
        done = subprocess.run([args.program, big, folder / "questions.txt", str(ROUNDS)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        ran = json.loads(done.stdout)
        figures += [("question to proven SQL, 1,000 tables, p50", percentile(ran["ms"], 0.5), "ms", 15),
                    ("question to proven SQL, 1,000 tables, p95", percentile(ran["ms"], 0.95), "ms", 40)]

        small = folder / "small"
        small.mkdir()
        subprocess.run([sys.executable, ROOT / "deps/duckdb_sql.py", "--flights", flights, library, small / "flights.duckdb"], check=True)
        subprocess.run([sluice, "init", "flights", "--duckdb", "flights.duckdb"], cwd=small, check=True, capture_output=True)
        with open(small / "sluice.yaml", "a") as config:
            config.write("approvals:\n  auto:\n    reads: true\n")
        ask = [sluice, "ask", QUESTION, "--approve", "policy", "--output", "json"]

        def forget():
            subprocess.run(["rm", "-rf", small / ".sluice"], check=True)

        figures += [("cold command, the first on this database, median", statistics.median(timed(ask, small, COLD_RUNS, forget)), "ms", 200),
                    ("cold command, database known from before, median", statistics.median(timed(ask, small, COLD_RUNS)), "ms", 200),
                    ("sluice --version, median", statistics.median(timed([sluice, "--version"], small, COLD_RUNS)), "ms", 10),
                    ("resident at most, cold command, median", statistics.median(peak_mb(ask, small) for _ in range(COLD_RUNS)), "MB", 80),
                    ("resident at most, running process with 1,000 tables", ran["peak_kb"] / 1000, "MB", None)]
    print(f"{'what':<58}{'figure':>12}{'aim':>12}{'ratio':>8}")
    for what, figure, unit, aim in figures:
        print(f"{what:<58}{figure:>9.1f} {unit:<2}" + (f"{'< ' + str(aim) + ' ' + unit:>12}{figure / aim:>8.2f}" if aim else ""))
    if args.json:
        args.json.write_text(json.dumps([{"what": w, "figure": f, "unit": u, "aim": a} for w, f, u, a in figures], indent=1) + "\n")


def peak_mb(command, folder):
    """Peak resident memory of one run, from the operating system's own account of it."""
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return usage.ru_maxrss / 1000


if __name__ == "__main__":
    main()
