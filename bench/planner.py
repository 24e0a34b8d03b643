#!/usr/bin/env python3
"""How long the built-in planner takes for a question, without execution, and what its index takes: over 20 tables, and over 1,000 with two million values.

    planner.py --program BUILD/bench/planner_bench [--rounds N] [--json FILE]     (./dev bench planner)

Catalogs and questions are made up (planner_bench.cc). Times of one machine: compare with other runs on it only.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

ROUNDS = 15
AIMS = {20: (5, 20), 1000: (15, 40)}
INDEX_SECONDS, INDEX_MB = 20, 300


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def figures_of(ran):
    tables = ran["tables"]
    p50, p95 = AIMS[tables]
    # A question's time is the median of its rounds, so that what else the machine does counts less.
    times = [statistics.median(one["ms"]) for one in ran["questions"]]
    where = f"{tables:,} tables"
    yield f"question, {where}, p50", percentile(times, 0.5), "ms", p50
    yield f"question, {where}, p95", percentile(times, 0.95), "ms", p95
    yield f"question, {where}, longest", max(times), "ms", None
    yield f"index, {where}, {ran['columns']:,} columns, {ran['values']:,} values", ran["index"]["ms"] / 1000, "s", INDEX_SECONDS
    yield f"index, {where}, held", ran["index"]["bytes"] / 1e6, "MB", INDEX_MB
    yield f"index, {where}, after a change of one table", ran["update"]["ms"] / 1000, "s", None
    yield f"index, {where}, held more after that change", ran["update"]["bytes"] / 1e6, "MB", None
    yield f"answered of {len(ran['questions'])}, {where}", sum(one["answered"] for one in ran["questions"]), "", None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--python", help="not needed here")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    done = subprocess.run([args.program, str(args.rounds)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr or f"{args.program}: exit {done.returncode}")
    ran = [json.loads(line) for line in done.stdout.splitlines()]
    figures = [figure for one in ran for figure in figures_of(one)]
    print(f"{'what':<66}{'figure':>12}{'aim':>12}{'ratio':>8}")
    for what, figure, unit, aim in figures:
        print(f"{what:<66}{figure:>9.2f} {unit:<2}" + (f"{'< ' + str(aim) + ' ' + unit:>12}{figure / aim:>8.2f}" if aim else ""))
    if args.json:
        args.json.write_text(json.dumps({"figures": [{"what": w, "figure": f, "unit": u, "aim": a} for w, f, u, a in figures], "ran": ran}, indent=1) + "\n")


if __name__ == "__main__":
    main()
