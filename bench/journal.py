"""Steps a second of Sluice's journal beside LangGraph's SQLite saver: same work, same machine, same invocation.

    bench/journal.py --program build/…/journal_bench --python VENV/bin/python [--json FILE]

Runs of 5 steps, 400 bytes a step, 1 and 64 at a time, after a warm-up; both sync every step to disk. The two take turns and the
best of the rounds counts for each, so that a busy machine hits both alike.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
AIMS = {1: 4.0, 64: 20.0}
RUNS = {("sluice", 1): 200, ("sluice", 64): 6400, ("langgraph", 1): 200, ("langgraph", 64): 200}
WARM_UP = 64
ROUNDS = 3


def measure(command, concurrency, runs, disk):
    with tempfile.TemporaryDirectory(dir=disk) as folder:
        arguments = ["--folder", folder, "--concurrency", str(concurrency), "--runs", str(runs), "--warm-up", str(WARM_UP)]
        done = subprocess.run(command + arguments, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed ({done.returncode}):\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the compiled journal_bench")
    parser.add_argument("--python", help="a Python with bench/requirements.txt; without it Sluice is measured alone")
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--disk", default=os.getcwd(), help="a folder on the disk to measure (default: here)")
    options = parser.parse_args()
    commands = {"sluice": [options.program]}
    if options.python:
        commands["langgraph"] = [options.python, os.path.join(HERE, "journal_langgraph.py")]
    best = {}
    for concurrency in AIMS:
        for _ in range(ROUNDS):
            for name, command in commands.items():
                figures = measure(command, concurrency, RUNS[name, concurrency], options.disk)
                known = best.get((name, concurrency))
                if known is None or figures["steps_per_s"] > known["steps_per_s"]:
                    best[name, concurrency] = figures
    print(f"{'':12}{'runs at once':>14}{'steps/s':>12}{'bytes/step':>12}{'p50 ms':>10}{'p99 ms':>10}{'ratio':>9}{'aim':>7}")
    report = {"work": "runs of 5 steps, 400 bytes a step, synced to disk", "rounds": ROUNDS, "results": []}
    for (name, concurrency), figures in best.items():
        peer = best.get(("langgraph", concurrency))
        ratio = figures["steps_per_s"] / peer["steps_per_s"] if peer and name == "sluice" else None
        shown = f"{ratio:>8.1f}×{AIMS[concurrency]:>6.0f}×" if ratio else ""
        print(
            f"{name:12}{concurrency:>14}{figures['steps_per_s']:>12,.0f}{figures['bytes_per_step']:>12,}"
            f"{figures['p50_ms']:>10.3f}{figures['p99_ms']:>10.3f}{shown}"
        )
        report["results"].append({"name": name, **figures, "ratio": ratio, "aim": AIMS[concurrency] if ratio else None})
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")


if __name__ == "__main__":
    main()
