"""LangGraph's SQLite saver on the work of engine_bench.cc: graphs of 5 nodes with 400 bytes each, N at a time.

    engine_langgraph.py --folder DIR [--concurrency N] [--runs N] [--warm-up N]     prints one line of JSON

Run by engine.py in a virtual environment with bench/requirements.txt.

What reaches the disk, so that like is compared with like: durability="sync" writes a step's checkpoint before the next step begins. The saver puts
its file into WAL mode; synchronous is set to FULL, SQLite's default, so that each commit is synced, once, as in Sluice's journal. (The connection
is asked for both, and they are reported.) The saver has one connection under a lock, so what runs at once takes turns: that is how its users have
it. A step's time is that from its start to the next one's, and for the first one from the run's start: as in engine_bench.cc.
"""

import argparse
import json
import os
import sqlite3
import threading
import time
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

STEPS, BYTES = 5, 400


class State(TypedDict):
    value: str


def build(times):
    graph = StateGraph(State)

    def node(n):
        def body(state):
            times.append(time.perf_counter())
            return {"value": chr(ord("a") + n) * BYTES}

        return body

    for n in range(STEPS):
        graph.add_node(f"n{n}", node(n))
        graph.add_edge(START if n == 0 else f"n{n - 1}", f"n{n}")
    graph.add_edge(f"n{STEPS - 1}", END)
    return graph


def run_all(saver, count, concurrency, label):
    """Returns the seconds that it took, and each step's time in milliseconds."""
    lock, left, step_times = threading.Lock(), [count], []

    def worker(number):
        times = []
        app = build(times).compile(checkpointer=saver)
        while True:
            with lock:
                if left[0] == 0:
                    return
                left[0] -= 1
                run = f"{label}-{left[0]}"
            del times[:]
            begun = time.perf_counter()
            app.invoke({"value": ""}, {"configurable": {"thread_id": run}}, durability="sync")
            starts = [begun, *times]
            with lock:
                step_times.extend((b - a) * 1000 for a, b in zip(starts, starts[1:]))

    threads = [threading.Thread(target=worker, args=(n,)) for n in range(concurrency)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun, step_times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--warm-up", type=int, default=20)
    options = parser.parse_args()
    path = os.path.join(options.folder, "langgraph.db")
    connection = sqlite3.connect(path, check_same_thread=False)
    saver = SqliteSaver(connection)
    saver.setup()
    connection.execute("PRAGMA synchronous=FULL")  # what the journal beside it promises
    run_all(saver, options.warm_up, options.concurrency, "warm")
    seconds, times = run_all(saver, options.runs, options.concurrency, "run")
    disk = {name: str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("journal_mode", "synchronous")}
    times.sort()
    steps = options.runs * STEPS
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    stored = os.path.getsize(path) / ((options.runs + options.warm_up) * STEPS)
    print(
        json.dumps(
            {
                "concurrency": options.concurrency,
                "steps": steps,
                "steps_per_s": steps / seconds,
                "p50_ms": times[len(times) // 2],
                "p99_ms": times[int(len(times) * 0.99)],
                "max_ms": times[-1],
                "bytes_per_step": stored,
                "durability": disk,
            }
        )
    )


if __name__ == "__main__":
    main()
