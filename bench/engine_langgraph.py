"""LangGraph's SQLite saver on the work of journal.cc: graphs of 5 nodes with 400 bytes each, durability="sync", N at a time.

Run by journal.py in a virtual environment with bench/requirements.txt; prints one line of JSON.
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
                "seconds": round(seconds, 4),
                "steps_per_s": round(steps / seconds, 1),
                "bytes_per_step": round(stored),
                "p50_ms": round(times[len(times) // 2], 3),
                "p99_ms": round(times[int(len(times) * 0.99)], 3),
            }
        )
    )


if __name__ == "__main__":
    main()
