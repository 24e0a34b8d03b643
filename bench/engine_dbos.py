"""DBOS on the work of engine_bench.cc: workflows of 5 steps that return 400 bytes each, N at a time.

    engine_dbos.py --folder DIR [--url URL] [--concurrency N] [--runs N] [--warm-up N]     prints one line of JSON

Run by engine.py in a virtual environment with bench/requirements.txt; on SQLite, or with --url on PostgreSQL.

What reaches the disk, so that like is compared with like:

- SQLite: DBOS 3.4 sets neither journal_mode nor synchronous, so it has SQLite's defaults: a rollback journal with synchronous=FULL. Its file is
  put into WAL mode before it starts (--as-it-comes leaves that out): with synchronous=FULL that syncs once a commit and is what Sluice's journal and
  LangGraph's saver use, and DBOS is three to four times as fast with it. synchronous stays FULL; a connection of DBOS's own is asked for both, and
  the answer is reported.
- PostgreSQL: the server's defaults for both (fsync=on, synchronous_commit=on), asked for and reported as well. DBOS gets a connection for each
  workflow that runs at once, where its default is 20 at most.
- Both write a row of the workflow's status at its begin and end, and one for each step. DBOS has nothing that would gather several workflows' steps
  into a commit: each one is a commit of its own, as its users have it.
- A step's time is that from its start to the next one's, and for the first one from the workflow's start: as in engine_bench.cc.
"""

import argparse
import json
import os
import sqlite3
import threading
import time

import sqlalchemy
from dbos import DBOS

STEPS, BYTES = 5, 400
POOL_MIN = 20  # DBOS's default

starts = threading.local()


@DBOS.step()
def step(n):
    starts.times.append(time.perf_counter())
    return chr(ord("a") + n) * BYTES


@DBOS.workflow()
def five(run):
    for n in range(STEPS):
        step(n)
    return run


def run_all(count, concurrency):
    """Returns the times of begin and end, and each step's time in milliseconds."""
    lock, left, step_times, failures = threading.Lock(), [count], [], []

    def worker():
        mine = []
        try:
            while True:
                with lock:
                    if left[0] == 0:
                        break
                    left[0] -= 1
                begun = time.perf_counter()
                starts.times = [begun]
                five("run")
                if len(starts.times) != STEPS + 1:
                    raise RuntimeError(f"{len(starts.times) - 1} steps were seen instead of {STEPS}")
                mine.extend((b - a) * 1000 for a, b in zip(starts.times, starts.times[1:]))
        except Exception as error:
            failures.append(error)
        with lock:
            step_times.extend(mine)

    threads = [threading.Thread(target=worker) for _ in range(concurrency)]
    begun = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return begun, time.time(), step_times


def durability(engine, url):
    """What a connection of DBOS's own says about the disk."""
    names = ["SHOW fsync", "SHOW synchronous_commit"] if url else ["PRAGMA journal_mode", "PRAGMA synchronous"]
    with engine.connect() as connection:
        return {name.split()[1]: str(connection.execute(sqlalchemy.text(name)).scalar()) for name in names}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--url", help="of a PostgreSQL database that is DBOS's own")
    parser.add_argument("--as-it-comes", action="store_true", help="SQLite: leave the rollback journal")
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--warm-up", type=int, default=20)
    options = parser.parse_args()
    path = os.path.join(options.folder, "dbos.db")
    if not options.url and not options.as_it_comes:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    instance = DBOS(
        config={
            "name": "bench",
            "system_database_url": options.url or f"sqlite:///{path}",
            "sys_db_pool_size": max(POOL_MIN, options.concurrency),
            "console_log_level": "ERROR",
            "log_level": "ERROR",
        }
    )
    DBOS.launch()
    try:
        disk = durability(instance._sys_db.engine, options.url)
        run_all(options.warm_up, options.concurrency)
        begun, ended, times = run_all(options.runs, options.concurrency)
    finally:
        DBOS.destroy()
    times.sort()
    steps = options.runs * STEPS
    figures = {
        "concurrency": options.concurrency,
        "steps": steps,
        "steps_per_s": steps / (ended - begun),
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[int(len(times) * 0.99)],
        "max_ms": times[-1],
        "durability": disk,
    }
    if not options.url:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        figures["bytes_per_step"] = os.path.getsize(path) / ((options.runs + options.warm_up) * STEPS)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
