#!/usr/bin/env python3
"""What the server takes, how quickly it answers and tells, and how its pages do: all of the real `sluice serve`.

    bench/server.py --program BUILD/bench/server_bench [--python PYTHON] [--only start,…] [--rounds N] [--json FILE]     (./dev bench server)

Parts: start (how soon it is ready, 20 times; what it holds while idle), load (a run's JSON at 1,000 requests a second, beside FastAPI with the same
document and nginx with the same bytes), sockets (what 2,000 idle WebSockets take), events (from another process's commit to a WebSocket and to a page in
Chromium), pages (Lighthouse). All on this machine by loopback: the load shares the processors with what it measures, and its own lateness is printed.

The load is an open loop: a request is due at its time, whether or not those before it were answered, and its latency counts from then.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import server_live  # noqa: E402  (the folder has to be on the path first)
import server_load  # noqa: E402
import server_pages  # noqa: E402
from server_parts import HEAD, make_project, wait_for_quiet  # noqa: E402

PARTS = {"start": [server_live.starts], "load": [server_load.measure], "sockets": [server_live.idle_sockets],
         "events": [server_live.events_by_websocket, server_live.events_in_chromium], "pages": [server_pages.measure]}


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the compiled server_bench")
    parser.add_argument("--python", help="not used: every suite is given one")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=3, help="of the load and of Lighthouse; the median counts (default: 3)")
    parser.add_argument("--seconds", type=int, default=10, help="of the load, each round (default: 10)")
    parser.add_argument("--peer", default=os.environ.get("SLUICE_PEER"), help="a Python with FastAPI and uvicorn")
    parser.add_argument("--nginx", default=shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"), help="the program")
    parser.add_argument("--lighthouse", default=os.environ.get("SLUICE_LIGHTHOUSE"), help="its command's file")
    parser.add_argument("--node", default=os.environ.get("SLUICE_NODE", "node"), help="what runs it")
    parser.add_argument("--quiet", type=float, default=0.1, help="what share of the processors others may use (default: 0.1)")
    parser.add_argument("--patience", type=float, default=30, help="how many seconds to wait for that before each measurement (default: 30)")
    parser.add_argument("--disk", default=os.getcwd(), help="a folder on the disk that holds the journal (default: here)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    options.program = os.path.abspath(options.program)
    options.sluice = Path(options.program).parents[1] / "sluice"
    options.parts = [part for part in options.only.split(",") if part]
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"there is no part {unknown[0]}; there is: {', '.join(PARTS)}")
    return options


def main(arguments):
    options = options_of(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that what was started is ended
    figures = []
    print(HEAD)
    for part in options.parts:
        for measure in PARTS[part]:
            with tempfile.TemporaryDirectory(prefix="server-bench-", dir=options.disk) as place:
                folder = Path(place)
                make_project(options.sluice, folder)
                wait_for_quiet(options)
                for figure in measure(options, folder):
                    print(figure.line(), flush=True)
                    figures.append(figure)
    missed = [figure.what for figure in figures if not figure.met]
    print(f"{sum(figure.aim is not None for figure in figures) - len(missed)} aims met, {len(missed)} missed{': ' if missed else ''}{', '.join(missed)}")
    if options.json:
        report = {"machine": {"processors": os.cpu_count(), "load": os.getloadavg()}, "rounds": options.rounds, "figures": [each.as_json() for each in figures]}
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
