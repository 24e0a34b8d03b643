#!/usr/bin/env python3
"""What the server takes, and how quickly it answers and tells.

    bench/server.py --program BUILD/sluice --python VENV/bin/python [--peer PYTHON] [--seconds N] [--json FILE]     (./dev bench server)

Parts: how soon it is ready and how much memory it holds then; a run's JSON at 1,000 requests a second (open loop: a request is due when its time has
come, whether or not the one before was answered, and its latency counts from then), beside FastAPI on uvicorn (server_peer.py) at the same rate;
the memory of 2,000 idle WebSockets; how long after its commit another process's event reaches a WebSocket. All on this machine, by loopback, with
the load in a process of its own that shares the same processors.
"""

import argparse
import asyncio
import base64
import calendar
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

AIMS = {"ready_ms": 300, "idle_mb": 60, "run_json_p99_ms": 10, "websockets_mb": 200, "event_p95_ms": 100}
RATE = 1_000
CONNECTIONS = 64
WEBSOCKETS = 2_000
EVENTS = 60
SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
LIMITS = "server: {limits: {connections: 10000, requests_per_second: 1000000, burst: 1000000}}\napprovals: {auto: {reads: true}}\n"


def memory_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1000


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def project(program, folder):
    with sqlite3.connect(folder / "shop.sqlite") as shop:
        shop.execute("CREATE TABLE orders (order_id INTEGER PRIMARY KEY, status TEXT, amount REAL)")
        shop.executemany("INSERT INTO orders VALUES (?, ?, ?)", [(n, ("open", "shipped", "returned")[n % 3], n * 1.5) for n in range(3_000)])
    subprocess.run([program, "init", "shop", "--sqlite", folder / "shop.sqlite"], cwd=folder, check=True, capture_output=True)
    with open(folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(LIMITS)


def started(program, folder):
    """The server, its port, and how long it took until it answered."""
    begun = time.monotonic()
    process = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--output", "jsonl"], cwd=folder, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    port = int(json.loads(process.stdout.readline())["url"].rsplit(":", 1)[1])
    urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10).read()
    return process, port, (time.monotonic() - begun) * 1000


async def exchange(reader, writer, request):
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


async def load(port, path, seconds):
    """Latencies in milliseconds, from when each request was due."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    free = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    latencies, statuses = [], set()

    async def one(due):
        connection = await free.get()
        statuses.add(await exchange(*connection, request))
        latencies.append((time.perf_counter() - due) * 1000)
        free.put_nowait(connection)

    begun, tasks = time.perf_counter(), []
    for n in range(RATE * seconds):
        due = begun + n / RATE
        while (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait if wait > 0.002 else 0)
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    assert statuses == {200}, statuses
    return latencies[len(latencies) // 10:]  # without the first tenth: it warms up


async def websocket(port, query=""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write((f"GET /api/v1/events{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head, head
    return reader, writer


async def frame(reader):
    first, length = await reader.readexactly(2)
    length &= 0x7F
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2), "big")
    elif length == 127:
        length = int.from_bytes(await reader.readexactly(8), "big")
    body = await reader.readexactly(length)
    return json.loads(body) if first & 0x0F == 1 else None


async def idle_websockets(port, pid):
    """More memory than before, with that many open."""
    before = memory_mb(pid)
    opened = [await websocket(port) for _ in range(WEBSOCKETS)]
    await asyncio.sleep(1)
    held = memory_mb(pid)
    for _, writer in opened:
        writer.close()
    return held, held - before


async def event_latencies(program, folder, port):
    """From when a run's last change was written, as the journal says, until its message was here. The change is made by another process."""
    reader, _ = await websocket(port)
    latencies = []

    async def listen():
        while True:
            message = await frame(reader)
            if message and message["type"] == "run":
                written = time.strptime(message["run"]["updated_at"][:19], "%Y-%m-%dT%H:%M:%S")
                at = (calendar.timegm(written) + int(message["run"]["updated_at"][20:23]) / 1000)
                latencies.append((time.time() - at) * 1000)

    listening = asyncio.create_task(listen())
    for n in range(EVENTS):
        asked = await asyncio.create_subprocess_exec(str(program), "ask", f"how many orders are there? {n}", "--queue", "nobody", cwd=folder,
                                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await asked.wait()
    await asyncio.sleep(1)
    listening.cancel()
    return latencies


def measure(options, folder):
    program = Path(options.program).resolve()
    project(program, folder)
    begins = []
    for _ in range(5):
        process, _, ready = started(program, folder)
        begins.append(ready)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    process, port, ready = started(program, folder)
    peer = None
    try:
        figures = {"ready_ms": statistics.median([*begins, ready]), "idle_mb": memory_mb(process.pid)}
        asked = subprocess.run([program, "query", SQL, "--approve", "policy", "--output", "json"], cwd=folder, check=True, capture_output=True)
        run = json.loads(asked.stdout)["run_id"]
        latencies = asyncio.run(load(port, f"/api/v1/runs/{run}", options.seconds))
        figures |= {"run_json_p50_ms": percentile(latencies, 0.5), "run_json_p99_ms": percentile(latencies, 0.99)}
        if options.peer:
            peer = subprocess.Popen([options.peer, Path(__file__).parent / "server_peer.py", folder / ".sluice" / "journal.db", str(port + 1)])
            time.sleep(4)
            theirs = asyncio.run(load(port + 1, f"/api/v1/runs/{run}", options.seconds))
            figures |= {"peer_p50_ms": percentile(theirs, 0.5), "peer_p99_ms": percentile(theirs, 0.99), "peer_mb": memory_mb(peer.pid)}
        figures["websockets_mb"], figures["websockets_more_mb"] = asyncio.run(idle_websockets(port, process.pid))
        told = asyncio.run(event_latencies(program, folder, port))
        figures |= {"event_p50_ms": percentile(told, 0.5), "event_p95_ms": percentile(told, 0.95), "events": len(told)}
        return figures
    finally:
        for each in (process, peer):
            if each:
                each.send_signal(signal.SIGTERM)
                each.wait(30)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--python")
    parser.add_argument("--peer", default=os.environ.get("SLUICE_PEER", ""))
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options, Path(folder))
    for name, value in figures.items():
        aim = AIMS.get(name)
        print(f"{name:20} {value:10.1f}" + (f"   aim < {aim}: {'met' if value < aim else 'MISSED'}" if aim else ""))
    if "peer_p99_ms" in figures:
        print(f"a run's JSON beside FastAPI, p50 and p99: {figures['peer_p50_ms'] / figures['run_json_p50_ms']:.1f} and "
              f"{figures['peer_p99_ms'] / figures['run_json_p99_ms']:.1f} times as quick")
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
