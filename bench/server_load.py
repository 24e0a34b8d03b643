"""A run's JSON at a fixed rate, beside a peer that makes the same document and beside a server of files with the same bytes."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

from server_parts import ANSWER_SECONDS_MAX, SECONDS_MAX, Figure, Processors, ask, cpu_seconds, fail, family, resident_mb, served, stop, until, wait_for_quiet

HERE = Path(__file__).resolve().parent
RATE, CONNECTIONS, RUNS = 1_000, 64, 20
AIM_P99_MS = 10
NGINX = """daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes auto; {user}
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type application/json; keepalive_requests 1000000; open_file_cache max=1000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=ANSWER_SECONDS_MAX) as answer:
        return answer.read()


@contextmanager
def running(command, port, path, **more):
    """A server that is up once it answers for this path."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **more)

    def answers():
        if process.poll() is not None:
            fail(f"{command[0]} ended by itself ({process.returncode})")
        try:
            return get(port, path)
        except (urllib.error.URLError, ConnectionError):
            return None
    try:
        until(answers, f"{command[0]} answers")
        yield process.pid
    finally:
        stop(process)


@contextmanager
def fastapi(options, folder, documents):
    port, lines = free_port(), folder / "lines.json"
    lines.write_text(json.dumps({run: json.loads(body)["sql_lines"] for run, body in documents.items()}), encoding="utf-8")
    env = {**os.environ, "SLUICE_PEER_JOURNAL": str(folder / ".sluice" / "journal.db"), "SLUICE_PEER_LINES": str(lines)}
    command = [options.peer, str(HERE / "server_peer.py"), str(port), str(os.cpu_count())]
    with running(command, port, f"/api/v1/runs/{next(iter(documents))}", env=env) as pid:
        for run, body in documents.items():
            if json.loads(get(port, f"/api/v1/runs/{run}")) != json.loads(body):
                fail(f"the peer's document of {run} is another one: the two cannot be compared")
        yield port, pid


@contextmanager
def nginx(options, folder, documents):
    port, place = free_port(), folder / "nginx"
    files = place / "files" / "api" / "v1" / "runs"
    files.mkdir(parents=True)
    for run, body in documents.items():
        (files / run).write_bytes(body)
    user = "user root;" if os.getuid() == 0 else ""
    (place / "nginx.conf").write_text(NGINX.format(folder=place, port=port, user=user), encoding="utf-8")
    command = [options.nginx, "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "nginx.log")]
    with running(command, port, f"/api/v1/runs/{next(iter(documents))}") as pid:
        yield port, pid


def loaded(options, name, port, pid, paths):
    """One round against one server."""
    others, used = wait_for_quiet(options), cpu_seconds(pid)
    processors, begun, mine = Processors(), time.monotonic(), sum(os.times()[:4])
    command = [options.program, "load", str(port), str(RATE), str(options.seconds), str(CONNECTIONS)]
    done = subprocess.run(command, input="\n".join(paths), capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    if done.returncode != 0:
        fail(f"the load on {name} failed: {done.stderr.strip()[-500:]}")
    took, server_s, mine_s = time.monotonic() - begun, cpu_seconds(pid) - used, sum(os.times()[:4]) - mine
    return {**json.loads(done.stdout), "server_cpu": server_s / took, "others": processors.share(server_s + mine_s), "others_before": others,
            "resident_mb": sum(resident_mb(one) for one in family(pid))}


def rounds_of(options, folder):
    """{server: [a round, …]}: they take turns, so that a busy moment hits all alike."""
    with ExitStack() as stack:
        server = stack.enter_context(served(options.sluice, folder))
        runs = [ask(server, sql=f"SELECT country, count(*) AS n, sum(amount) AS total FROM orders JOIN customers USING (customer_id) "
                                f"WHERE order_id > {n} GROUP BY country ORDER BY total DESC", approve="policy") for n in range(RUNS)]
        documents = {run: server.get(f"/api/v1/runs/{run}") for run in runs}
        servers = {"Sluice": (server.port, server.pid)}
        if options.peer:
            servers["FastAPI"] = stack.enter_context(fastapi(options, folder, documents))
        if options.nginx:
            servers["nginx"] = stack.enter_context(nginx(options, folder, documents))
        paths = [f"/api/v1/runs/{run}" for run in runs]
        measured = {name: [] for name in servers}
        for _ in range(options.rounds):
            for name, (port, pid) in servers.items():
                measured[name].append(loaded(options, name, port, pid, paths))
        return measured


def measure(options, folder):
    for name, there in (("FastAPI, as there is no --peer", options.peer), ("nginx, which is not here", options.nginx)):
        if not there:
            print(f"skipped: {name}")
    measured = rounds_of(options, folder)
    (folder / "load.json").write_text(json.dumps(measured), encoding="utf-8")
    ours = measured["Sluice"]
    for name, rounds in measured.items():
        mine = name == "Sluice"
        for share in ("p50", "p99", "p999"):
            figure = Figure(f"a run's JSON, {RATE:,}/s, open loop: {name}, {share}", [one["latency_ms"][share] for one in rounds], "ms",
                            AIM_P99_MS if mine and share == "p99" else None)
            figure.times = None if mine else figure.value / Figure("", [one["latency_ms"][share] for one in ours]).value
            yield figure
        yield Figure(f"  {name}: processors that it used", [one["server_cpu"] for one in rounds])
        yield Figure(f"  {name}: resident, all its processes", [one["resident_mb"] for one in rounds], "MB")
    everyone = [one for rounds in measured.values() for one in rounds]
    yield Figure("  the load's own lateness, p99", [one["generator_late_ms"]["p99"] for one in everyone], "ms")
    yield Figure("  the load: processors that it used", [one["generator_cpu"] for one in everyone])
    yield Figure("  processors that others used meanwhile", [100 * one["others"] for one in everyone], "%")
    yield Figure("  a document's size", [one["bytes"] for one in ours], "bytes")
