"""What does not answer holds up nobody but those who asked for it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest
from project import Project, until
from serving import Server
from test_shared_journal import journal, journal_server  # noqa: F401: fixtures

SOON_SECONDS = 2.0


@pytest.fixture
def hole():
    """An address that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(500)
        yield listening.getsockname()[1]


def with_connection(project, name, port):
    config = project.folder / "sluice.yaml"
    line = f'connections:\n  {name}: {{kind: postgres, url: "postgresql://a@127.0.0.1:{port}/b?sslmode=disable"}}\n'
    text = config.read_text(encoding="utf-8")
    assert "connections:\n" in text
    config.write_text(text.replace("connections:\n", line, 1), encoding="utf-8")


def in_background(server, paths, statuses):
    def ask(path):
        try:
            statuses.append(server.request("GET", path, timeout=100).status)
        except OSError:
            statuses.append(0)

    threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    return threads


def answered_soon(server, path, body=None):
    begun = time.monotonic()
    answer = server.request("GET" if body is None else "POST", path, body, headers=None if body is None else {"Content-Type": "application/json"})
    assert time.monotonic() - begun < SOON_SECONDS, path
    return answer


def test_a_database_that_never_answers_holds_up_nothing_else(sluice, tmp_path, shop_sqlite, hole):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    with_connection(project, "hole", hole)
    server = Server(project)
    try:
        approval = server.waits(server.ask_sql("SELECT 1 AS one", connection="shop"))
        statuses = []
        threads = in_background(server, ["/api/v1/catalog?connection=hole", "/api/v1/connections/hole"] * 16, statuses)
        # One person has a few such requests at once; all others are told so without waiting.
        until(lambda: statuses.count(503) >= 28, "the rest to be refused")
        for path in ("/healthz", "/readyz", "/", "/api/v1/runs"):
            assert answered_soon(server, path).status == 200
        begun = time.monotonic()
        server.decide(approval).ok()
        assert time.monotonic() - begun < SOON_SECONDS
        assert server.stop() == 0
        for thread in threads:
            thread.join()
        assert statuses.count(503) == 28, statuses
    finally:
        server.stop()


@pytest.mark.parametrize("more", [(), ("--no-worker",)])
def test_with_the_journal_away_it_says_so_and_can_be_ended(sluice, tmp_path, shop_sqlite, journal, journal_server, more):  # noqa: F811
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite), env={"SLUICE_JOURNAL": journal[1]})
    server = Server(project, *more)
    server.get("/runs").ok()
    journal_server.stop()
    try:
        threads = in_background(server, ["/api/v1/runs"] * 24, [])
        time.sleep(0.5)
        for _ in range(5):
            assert answered_soon(server, "/healthz").status == 200
        until(lambda: answered_soon(server, "/readyz").status == 503, "it is not ready")
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)
        assert time.monotonic() - begun < 15
        for thread in threads:
            thread.join()
    finally:
        server.stop()
        journal_server.launch()


def test_a_log_that_nobody_reads_stops_nothing(sluice, tmp_path, shop_sqlite):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write("\nserver:\n  limits: {requests_per_second: 1000000, burst: 1000000}\n")
    reading, writing = os.pipe()
    environment = sluice.environment({**project.env, "SLUICE_LOG": "stderr", "SLUICE_LOG_LEVEL": "debug"})
    process = subprocess.Popen([str(sluice.path), "serve", "--listen", "127.0.0.1:0", "--output", "jsonl"], cwd=project.folder, env=environment,
                               stdout=subprocess.PIPE, stderr=writing, text=True)
    os.close(writing)
    try:
        port = int(json.loads(process.stdout.readline())["url"].rsplit(":", 1)[1])

        def get():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/api/v1/runs")
            assert connection.getresponse().status == 200
            connection.close()

        for _ in range(1_000):
            get()
        heard = b""
        os.set_blocking(reading, False)
        while True:
            try:
                heard += os.read(reading, 65_536)
            except BlockingIOError:
                break
        assert len(heard) > 50_000, "the pipe was full"
        os.set_blocking(reading, True)
        with open(reading, encoding="utf-8", closefd=False) as log:
            get()
            dropped = next(line for line in log if "log lines dropped" in line)
        assert json.loads(dropped)["lines"] > 100
        for _ in range(1_000):
            get()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(reading)
