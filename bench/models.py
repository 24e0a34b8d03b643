#!/usr/bin/env python3
"""What asking a model costs beside the model: the client, the way with ledger and recordings, and finding the tables that a prompt shows.

    models.py --program BUILD/bench/models_bench [--python PYTHON] [--count N] [--disk FOLDER] [--no-retrieval] [--json FILE]     (./dev bench models)
    models.py --report FILE [FILE …] [--set QUESTIONS]      what reports of `sluice eval --save` say, by database and by the gold query's shape

A server on the loopback interface answers at once with one reply of 500 tokens; requests have 12,000 tokens. "Added" is what a client takes beyond the same
bytes over a raw connection that is kept. Beside it, if --python has them: OpenAI's client for Python and LiteLLM's. The figures of retrieval are those of
bench/retrieval.py. Times of one machine: compare with other runs on it only.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

COUNT, PEERS_COUNT, MANY, MANY_DELAY_MS = 200, 50, 200, 300
SECONDS_MAX = 600
SAMPLE_SECONDS = 0.005
PEERS = ("openai", "litellm")
AIMS = {"added p50": 2.0, "threads": 4, "retrieval": 20}
WHICH = {"whole": "not streamed", "streamed": "streamed"}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@contextmanager
def served(program, delay_ms):
    """The port of a server that ends when its standard input does: with this program, whatever becomes of it."""
    server = subprocess.Popen([program, "serve", str(delay_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait(timeout=SECONDS_MAX)


def ran(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def threads_of(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("Threads:")), 0)
    except OSError:
        return 0


def watched(command, text=""):
    """Like `ran`, and the most threads that it had while it ran."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen, over = [0], threading.Event()

    def watch():
        while not over.is_set():
            seen.append(threads_of(child.pid))
            time.sleep(SAMPLE_SECONDS)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        out, errors = child.communicate(text, timeout=SECONDS_MAX)
    finally:
        over.set()
        watcher.join()
        child.kill()  # does nothing to one that has ended
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {child.returncode}\n{errors[-2000:]}")
    return {**json.loads(out), "threads": max(seen)}


def peers_of(python):
    """Those that this Python has."""
    test = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    return [name for name in PEERS if python and subprocess.run([python, "-c", test, name], check=False).returncode == 0]


def peer(options, *arguments):
    return [options.python, str(HERE / "models_peers.py"), *map(str, arguments)]


# --- figures: (what, figure, unit, aim, how many times Sluice's) ----------------------------------------------------


def call_figures(options, body):
    with served(options.program, 0) as port:
        ours = ran([options.program, "calls", port, str(options.count)])
        others = {name: ran(peer(options, "calls", name, port, min(options.count, PEERS_COUNT)), input=body) for name in options.peers}
    for which, words in WHICH.items():
        floor = ours[which]["floor_ms"]
        added = [mine - raw for mine, raw in zip(ours[which]["ours_ms"], floor)]  # they took turns
        raw, mine = statistics.median(floor), statistics.median(added)
        yield f"call, {words}: raw connection, p50", raw, "ms", None, None
        yield f"call, {words}: Sluice adds, p50", mine, "ms", AIMS["added p50"], None
        yield f"call, {words}: Sluice adds, p95", percentile(added, 0.95), "ms", None, None
        for name, times in others.items():
            theirs = [took - raw for took in times[which]]
            yield f"call, {words}: {name} adds, p50", statistics.median(theirs), "ms", None, statistics.median(theirs) / mine
            yield f"call, {words}: {name} adds, p95", percentile(theirs, 0.95), "ms", None, percentile(theirs, 0.95) / percentile(added, 0.95)


def many_figures(options, body):
    with served(options.program, MANY_DELAY_MS) as port:
        ours = watched([options.program, "many", port, str(MANY)])
        others = {"openai": watched(peer(options, "many", "openai", port, MANY), body)} if "openai" in options.peers else {}
    for name, one in {"Sluice": ours, **others}.items():
        where = f"{MANY} calls at once, {MANY_DELAY_MS} ms each: {name}"
        mine = name == "Sluice"

        def ratio(key):
            return None if mine else one[key] / ours[key]  # noqa: B023: called in this round

        yield f"{where}, all", one["ms"], "ms", None, ratio("ms")
        yield f"{where}, threads at most", one["threads"], "", AIMS["threads"] if mine else None, ratio("threads")
        yield f"{where}, resident at most", one["peak_kb"] / 1000, "MB", None, ratio("peak_kb")


def path_figures(options):
    with served(options.program, 0) as port, tempfile.TemporaryDirectory(dir=options.disk, prefix="models-bench-") as folder:
        ours = ran([options.program, "path", port, folder, str(options.count)])
        floor = statistics.median(ran([options.program, "calls", port, str(options.count)])["streamed"]["floor_ms"])
    called = [took - floor for took in ours["call_ms"]]
    yield "call with ledger and recording: adds, p50", statistics.median(called), "ms", None, None
    yield "call with ledger and recording: adds, p95", percentile(called, 0.95), "ms", None, None
    yield "a reply that is there already, p50", statistics.median(ours["hit_ms"]), "ms", None, None
    yield "a reply that is there already, p95", percentile(ours["hit_ms"], 0.95), "ms", None, None
    yield "calls a second with ledger and recording, 1 at once", ours["per_s_1"], "/s", None, None
    yield "calls a second with ledger and recording, 64 at once", ours["per_s_64"], "/s", None, None


def retrieval_figures(options):
    if importlib.util.find_spec("sqlglot") is None:
        print("skipped: retrieval, as there is no sqlglot here (bench/requirements.txt)")
        return
    import retrieval

    program = pathlib.Path(options.program).with_name("retrieval_bench")
    databases = [one for one in retrieval.public_sets() if one.set != "unanswerable"]
    reason = retrieval.postgres_server.missing() if databases else None
    if not databases or reason or not program.exists():
        print(f"skipped: retrieval{': ' + reason if reason else ''}")
        return
    index, results = retrieval.run(databases, retrieval.options_of(["--program", str(program)]))
    for what, figure, unit, aim in retrieval.figures_of(index, results):
        if what.startswith(("index", "find", "catalog: encoded", "catalog: tables")) or what.endswith(("questions", "needed are kept")):
            yield f"retrieval: {what}", figure, unit, aim, None


def shown(figure, unit):
    return f"{figure:,.3g} {unit}" if abs(figure) < 1000 else f"{figure:,.0f} {unit}"


def print_figures(figures):
    print(f"{'what':<66}{'figure':>12}{'aim':>12}{'× Sluice':>10}")
    for what, figure, unit, aim, ratio in figures:
        # Shares are to be reached, all else is to be undercut.
        aimed = "" if aim is None else f"{'≥' if aim < 1 else '<'} {aim} {unit}".rstrip()
        print(f"{what:<66}{shown(figure, unit).rstrip():>12}{aimed:>12}{f'{ratio:.1f}' if ratio else '':>10}", flush=True)


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the compiled models_bench")
    parser.add_argument("--python", help="a Python with bench/requirements.txt; without it Sluice is measured alone")
    parser.add_argument("--count", type=int, default=COUNT, help="calls of each kind")
    parser.add_argument("--disk", default=os.getcwd(), help="a folder on the disk to measure (default: here)")
    parser.add_argument("--no-retrieval", action="store_true", help="leave out what bench/retrieval.py measures")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--report", type=pathlib.Path, nargs="+", help="measure nothing; show these reports of `sluice eval --save`")
    parser.add_argument("--set", type=pathlib.Path, help="the questions that the reports are about, for the golds' shapes (default: as the report says)")
    options = parser.parse_args(arguments)
    if not options.report and not options.program:
        parser.error("--program or --report is needed")
    return options


def measured(options):
    options.peers = peers_of(options.python)
    for name in PEERS:
        if name not in options.peers:
            print(f"skipped: {name}, which {options.python or 'no --python'} has not")
    body = json.dumps(ran([options.program, "request"]))
    yield from call_figures(options, body)
    yield from many_figures(options, body)
    yield from path_figures(options)
    if not options.no_retrieval:
        yield from retrieval_figures(options)


def main(arguments):
    options = options_of(arguments)
    if options.report:
        from scoring import eval_report

        out = eval_report.summed(options.report, options.set)
        eval_report.print_summed(out)
    else:
        figures = list(measured(options))
        print_figures(figures)
        out = {"figures": [{"what": w, "figure": f, "unit": u, "aim": a, "times_sluice": r} for w, f, u, a, r in figures]}
    if options.json:
        options.json.write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
