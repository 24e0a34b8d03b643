"""`sluice serve`: the API on the real program, and what it refuses."""

import concurrent.futures
import ctypes
import gzip
import http.client
import json
import re
import resource
import signal
import socket
import time
from pathlib import Path

import jsonschema
import pytest
import shop as shop_data
import websocket
from project import Project, check_history, finish, until
from serving import Server, heard, live

SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
QUESTION = "how many orders are there per status?"


def expected():
    orders = shop_data.rows()["orders"][1]
    return [[status, sum(row[3] == status for row in orders)] for status in sorted(shop_data.STATUSES)]


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite):
    return Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))


@pytest.fixture
def server(shop):
    served = Server(shop)
    yield served
    served.stop()


def test_a_question_goes_from_the_api_through_an_approval_to_its_rows(server, shop):
    run_id = server.ask(QUESTION)
    approval = server.waits(run_id)
    card = server.get(f"/approvals/{approval['approval_id']}").ok()
    assert card["may_decide"] and card["card"]["checks"] and card["card"]["choices"] == []
    assert "".join(text for line in card["sql_lines"] for _, text in line).startswith("SELECT")
    assert server.decide(approval).ok()["status"] == "approved"
    run = server.ends(run_id)
    assert run["run"]["asked_by"] and run["row_count"] == len(expected())
    rows = server.get(f"/runs/{run_id}/rows").ok()
    assert sorted(rows["rows"]) == expected()
    csv = server.get(f"/runs/{run_id}/rows", format="csv")
    assert csv.headers["content-type"].startswith("text/csv") and len(csv.body.splitlines()) == len(expected()) + 1
    lines = server.get(f"/runs/{run_id}/rows", format="jsonl").body.splitlines()
    assert [len(json.loads(line)) for line in lines] == [2] * len(expected())
    parquet = server.get(f"/runs/{run_id}/rows", format="parquet").body
    assert parquet[:4] == parquet[-4:] == b"PAR1"
    check_history(shop, run_id)


def test_the_same_idempotency_key_starts_nothing_twice(server):
    key = {"Idempotency-Key": "7d9a"}
    first = server.post("/ask", {"question": QUESTION}, key).ok(202)
    assert not first["existed"]
    again = server.post("/ask", {"question": QUESTION}, key).ok(202)
    assert again == {"run_id": first["run_id"], "existed": True}
    server.post("/ask", {"question": "how many customers are there?"}, key).problem(409, "E0121")
    assert len(server.get("/runs").ok()["runs"]) == 1


def test_one_decision_from_many_channels_counts_once(server, shop):
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    message = shop.folder / "decision.json"
    message.write_text(json.dumps({"thread_id": run_id, "action": "reject", "feedback": None, "approval_id": approval["approval_id"]}), encoding="utf-8")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        by_api = [pool.submit(server.decide, approval, "approve" if n % 2 else "reject", reason=f"r{n}") for n in range(6)]
        by_terminal = pool.submit(shop.run, "approvals", "approve", approval["approval_id"])
        by_file = pool.submit(shop.run, "approvals", "send", str(message))
    wins = [each.result() for each in by_api if each.result().status == 200]
    terminal_wins = [each.result() for each in (by_terminal, by_file) if each.result().code == 0]
    assert len(wins) + len(terminal_wins) == 1, (wins, terminal_wins)
    for lost in (each.result() for each in by_api):
        if lost.status != 200:
            lost.problem(409, "E0107")
    until(lambda: server.run(run_id)["status"] != "waiting", "the run ends")
    kinds = [event["type"] for event in server.get(f"/runs/{run_id}/events").ok()["events"]]
    assert kinds.count("approval decided") == 1 and kinds[-1] == "finished"


def test_a_decision_that_comes_again_is_the_same_decision(server):
    approval = server.waits(server.ask_sql(SQL))
    assert server.decide(approval, reason="fine").ok() == server.decide(approval, reason="fine").ok()
    server.decide(approval, "reject").problem(409, "E0107")


def test_a_decision_is_about_what_was_shown(server):
    approval = server.waits(server.ask_sql(SQL))
    server.decide({**approval, "subject_hash": "0" * 64}).problem(409, "E0110")
    server.post(f"/approvals/{approval['approval_id']}/decision", {"action": "approve"}).problem(400, "E1210")
    assert server.get(f"/approvals/{approval['approval_id']}").ok()["status"] == "open"


def test_a_refinement_brings_another_round_with_what_changed(server):
    run_id = server.ask(QUESTION)
    first = server.waits(run_id)
    server.decide(first, "refine", feedback="", edited=SQL).ok()
    second = until(lambda: (found := server.waits(run_id)) and found["approval_id"] != first["approval_id"] and found, "the next round")
    card = server.get(f"/approvals/{second['approval_id']}").ok()
    assert card["last_version"]["approval_id"] == first["approval_id"] and card["last_version"]["sql_lines"] != card["sql_lines"]
    server.decide(second).ok()
    server.ends(run_id)


def test_an_approval_by_the_api_releases_a_terminal(server, shop):
    child, approval = shop.ask_and_wait(SQL)
    server.decide(approval).ok()
    answer = finish(child, "answered")
    assert answer["rows"] == expected()


def test_lists_have_filters_and_pages(server):
    ids = [server.ask(f"how many customers are there? {n}") for n in range(3)]
    page = server.get("/runs", limit=2).ok()
    assert [run["run_id"] for run in page["runs"]] == ids[:0:-1] and page["next"] == ids[1]
    assert [run["run_id"] for run in server.get("/runs", limit=2, before=page["next"]).ok()["runs"]] == ids[:1]
    assert server.get("/runs", text="THERE? 1").ok()["runs"][0]["run_id"] == ids[1]
    assert server.get("/runs", connection="shop", status="answered").ok()["runs"] == []
    hint = server.get("/runs", stauts="answered").problem(400, "E1210")
    assert 'did you mean "status"' in hint["detail"]
    server.get("/runs", limit=0).problem(400, "E1210")
    server.get("/runs/r-nothing").problem(404, "E0102")
    server.get("/approvals/a-nothing").problem(404, "E0106")


def test_the_catalog_and_rows_pass_the_guard(server):
    catalog = server.get("/catalog").ok()
    assert {table["display"] for table in catalog["tables"]} >= {"orders", "customers"}
    assert all(table["comment"] == "" and "unique_keys" in table for table in catalog["tables"])
    rows = server.post("/preview", {"table": "orders", "limit": 3}).ok()
    orders = next(table for table in catalog["tables"] if table["display"] == "orders")
    assert len(rows["rows"]) == 3 and [column["name"] for column in rows["columns"]] == [column["name"] for column in orders["columns"]]
    missing = server.post("/preview", {"table": "ordrs"}).problem(404, "E1213")
    assert 'did you mean "orders"' in missing["detail"]
    server.post("/preview", {"table": "orders; DROP TABLE orders"}).problem(404, "E1213")
    answered = server.post("/query", {"sql": SQL}).ok()
    assert answered["status"] == "answered" and answered["rows"] == expected()
    waiting = server.post("/query", {"sql": SQL, "approve": "ask"}).ok()
    assert waiting["status"] == "waiting" and waiting["approval"]["status"] == "open"
    refused = server.post("/query", {"sql": "DELETE FROM orders"}).ok()
    assert refused["status"] == "failed" and any(check["outcome"] == "failed" for check in refused["proof"])
    server.post("/preview", {"table": "orders", "limit": 1_001}).problem(400, "E1210")


def test_the_older_paths_answer(server):
    assert server.request("GET", "/health").ok()["status"] == "ok"
    assert server.request("POST", "/get/schemas", {}).ok()["schemas"][0]["tables"]
    assert len(server.request("POST", "/get/data", {"table": "orders", "limit": 2}).ok()["rows"]) == 2
    answered = server.request("POST", "/execute/query", {"sql": SQL}).ok()
    assert answered["rows"] == expected()
    log = server.request("GET", f"/get/logs/{answered['run_id']}").ok()
    assert log["lines"][0]["message"] == "run started" and log["lines"][-1]["message"] == "finished"
    server.request("POST", "/start", {"request": "load it"}).problem(501, "E1214")


def test_runs_are_cancelled_forked_and_resumed(server):
    run_id = server.ask_sql(SQL)
    server.waits(run_id)
    assert server.post(f"/runs/{run_id}/cancel", {"reason": "not needed"}).ok()["status"] in ("cancelled", "waiting")
    server.ends(run_id, "cancelled")
    assert server.post(f"/runs/{run_id}/resume").ok()["status"] == "cancelled", "there is nothing to go on with"
    done = server.post("/query", {"sql": SQL}).ok()["run_id"]
    fork = server.post(f"/runs/{done}/fork", {"from": "execute"}).ok(202)["run_id"]
    assert server.run(fork)["forked_from"] == done
    server.post(f"/runs/{done}/fork", {"from": "nothing like that"}).problem(404, "E0127")


def test_a_document_has_the_rows_that_fit_and_a_download_all(server):
    run_id = server.ask_sql(f"SELECT replace('{'x' * 1000}', 'x', '{'y' * 1000}') AS wide FROM orders LIMIT 12")
    server.decide(server.waits(run_id)).ok()
    server.ends(run_id)
    rows = server.get(f"/runs/{run_id}/rows").ok()
    assert rows["row_count"] == 12 and len(rows["rows"]) == 8, "8 MB hold eight of a million characters"
    assert len(server.get(f"/runs/{run_id}/rows", format="jsonl").body.splitlines()) == 12


def test_a_paused_run_is_gone_on_with_by_a_worker(sluice, tmp_path, shop_postgres):
    project = Project(sluice, tmp_path, ("shop", "--postgres", shop_postgres))
    approval = project.waiting("SELECT count(*) AS n FROM orders")
    config = project.folder / "sluice.yaml"
    works = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"localhost:\d+", "localhost:1", works), encoding="utf-8")
    project.run("approvals", "approve", approval["approval_id"]).ok()
    project.resume(approval["run_id"], "paused")
    config.write_text(works, encoding="utf-8")
    server = Server(project)
    try:
        began = len(server.get(f"/runs/{approval['run_id']}/events").ok()["events"])
        assert server.run(approval["run_id"])["status"] == "paused"
        server.post(f"/runs/{approval['run_id']}/resume").ok()
        assert server.ends(approval["run_id"])["row_count"] == 1
        assert len(server.get(f"/runs/{approval['run_id']}/events").ok()["events"]) > began
    finally:
        server.stop()
    assert check_history(project, approval["run_id"])


# --- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                                     {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://127.0.0.1:1"}], ids=str)
def test_no_page_from_elsewhere_decides(server, headers):
    approval = server.waits(server.ask_sql(SQL))
    server.decide(approval, headers=headers).problem(403, "E1219")
    server.post("/ask", {"question": QUESTION}, headers).problem(403, "E1219")
    assert server.get(f"/approvals/{approval['approval_id']}").ok()["status"] == "open"
    same = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
    assert server.decide(approval, headers=same).ok()["status"] == "approved"


def test_a_name_that_is_not_ours_is_refused(server):
    for path in ("/", "/api/v1/runs", "/healthz"):
        server.request("GET", path, headers={"Host": "evil.example"}).problem(421, "E1218")
    assert server.request("GET", "/healthz", headers={"Host": f"localhost:{server.port}"}).ok()


@pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""], ids=str)
def test_a_body_that_a_form_could_send_is_refused(server, type_):
    server.request("POST", "/api/v1/ask", json.dumps({"question": QUESTION}), {"Content-Type": type_}).problem(415, "E1211")
    assert server.get("/runs").ok()["runs"] == []


def test_bodies_that_are_too_large_too_deep_or_no_json_are_refused(server):
    post = lambda body: server.request("POST", "/api/v1/ask", body, {"Content-Type": "application/json"})  # noqa: E731
    post("[" * 100_000).problem(400, "E1210")
    post('{"question": ' + "[" * 40 + "]" * 40 + "}").problem(400, "E1210")
    post("{").problem(400, "E1210")
    post("[]").problem(400, "E1210")
    post(b"\xff\xfe").problem(400, "E1210")
    post('{"question": "a", "question": "b"}').problem(400, "E1210")
    post('{"question": 1}').problem(400, "E1210")
    post(json.dumps({"question": "x" * 70_000})).problem(400, "E1210")
    assert server.request("POST", "/api/v1/ask", None, {"Content-Type": "application/json", "Content-Length": "100000000"}).problem(413, "E1221")
    assert server.get("/runs").ok()["runs"] == []
    assert server.request("GET", "/healthz", headers={"X-Large": "x" * 20_000}).problem(431, "E1223")


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 64,
                                  b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                  b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                                  b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                                  b"GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                                  b"GET /api/v1/runs/%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"], ids=str)
def test_what_is_no_request_ends_its_connection_alone(server, sent):
    came = server.raw(sent + b"\r\n" * 4)
    assert not came.startswith(b"HTTP/1.1 2") and not came.startswith(b"HTTP/1.1 5"), came[:200]
    assert server.request("GET", "/healthz").ok()


def test_a_slow_sender_is_cut_off(server):
    begun = time.monotonic()
    with socket.create_connection((server.host, server.port), timeout=40) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        closed = False
        while not closed and time.monotonic() - begun < 30:
            try:
                connection.sendall(b"X-a: b\r\n")
                connection.settimeout(1)
                closed = connection.recv(100) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
        assert closed, "a header that takes its time is not waited for"
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("flood", [b"4;" + b"a" * 65_536, b"0\r\nX-A: " + b"a" * 65_536], ids=["extension", "trailer"])
def test_what_stands_beside_a_body_is_bounded_too(server, flood):
    with socket.create_connection((server.host, server.port), timeout=20) as connection:
        connection.sendall(b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        with pytest.raises(OSError):
            connection.sendall(flood)
            while sent < 200_000_000:
                sent += connection.send(b"a" * 65_536)
        assert sent < 20_000_000, "somebody without a token fills the memory"


@pytest.mark.parametrize("head", ["Transfer-Encoding: identity", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, identity",
                                  "Transfer-Encoding: chunked\r\nContent-Length: 5", "Host: elsewhere"])
def test_a_request_that_can_be_read_in_two_ways_is_refused(server, head):
    with socket.create_connection((server.host, server.port), timeout=20) as connection:
        connection.sendall(f"POST /healthz HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert len(re.findall(rb"HTTP/1.1 \d\d\d", answer)) == 1, "what stands in a body is no request"


def test_a_client_that_asks_too_often_is_told_to_wait(server):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    statuses = []
    for _ in range(600):
        connection.request("GET", "/healthz")
        came = connection.getresponse()
        statuses.append(came.status)
        body = came.read()
        if came.status == 429:
            assert int(came.headers["Retry-After"]) >= 1 and json.loads(body)["code"] == "E1222"
            break
    connection.close()
    assert statuses[-1] == 429 and set(statuses[:-1]) == {200}
    time.sleep(1.2)
    assert server.request("GET", "/healthz").ok()


def test_methods_and_paths_that_are_not_there(server):
    wrong = server.request("DELETE", "/api/v1/runs")
    wrong.problem(405, "E1217")
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS"
    assert server.request("OPTIONS", "/api/v1/ask").status == 204
    server.request("GET", "/api/v1/nothing").problem(404, "E1216")
    server.request("GET", "/../../etc/passwd").problem(404, "E1216")
    server.request("GET", "/assets/../../sluice.yaml").problem(404, "E1216")
    head = server.request("HEAD", "/api/v1/runs")
    assert head.status == 200 and head.body == b"" and int(head.headers["content-length"]) > 0


def test_answers_are_compressed_and_closed_to_others(server):
    plain = server.request("GET", "/openapi.json")
    packed = server.request("GET", "/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
    for name, value in {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer"}.items():
        assert plain.headers[name] == value
    assert "default-src 'none'" in plain.headers["content-security-policy"] and "unsafe" not in plain.headers["content-security-policy"]
    assert "access-control-allow-origin" not in plain.headers
    page = server.request("GET", "/", headers={"Accept": "text/html"})
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    assert server.request("GET", "/", headers={"If-None-Match": page.headers["etag"]}).status == 304
    asset = page.body.decode().split('src="/assets/')[1].split('"')[0]
    kept = server.request("GET", f"/assets/{asset}", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in kept.headers["cache-control"] and kept.headers["content-encoding"] == "gzip"


# --- beginning and ending ----------------------------------------------------------------------------------------------


def test_a_signal_ends_it_whichever_thread_it_meets(shop):
    """The system gives a process's signal to any thread: even to the one that waits for signals, whose waiting it interrupts."""
    server = Server(shop)
    threads = {thread.name: (thread / "comm").read_text().strip() for thread in Path(f"/proc/{server.process.pid}/task").iterdir()}
    waiting = next(int(thread) for thread, name in threads.items() if name == "signals")
    assert ctypes.CDLL(None).tgkill(server.process.pid, waiting, signal.SIGTERM) == 0
    assert server.process.wait(20) == 0
    server.stop()


def test_a_killed_server_loses_nothing(shop):
    first = Server(shop)
    run_id = first.ask_sql(SQL)
    approval = first.waits(run_id)
    first.decide(approval).ok()
    first.kill()
    first.stop()
    second = Server(shop)
    try:
        second.ends(run_id)
        assert second.get(f"/runs/{run_id}/rows").ok()["rows"] == expected()
        check_history(shop, run_id)
    finally:
        second.stop()


@pytest.mark.parametrize("signal_no", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order(shop, signal_no):
    server = Server(shop)
    line = live(server)
    heard(line, "hello")
    assert server.stop(signal_no) == 0
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        while True:
            if line.recv() == "":
                raise ConnectionError
    assert "Sluice is at http://127.0.0.1:" in server.said() and server.said().rstrip().endswith("ended")


@pytest.mark.parametrize("allowed, said", [(1_600, False), (1_000, True)])
def test_it_may_open_as_many_files_as_connections_need(shop, allowed, said):
    """1,000 connections by default, and some files beside them; shells often begin with less than they allow."""
    wrapped = shop.folder / "limited"
    wrapped.write_text(f'#!/bin/sh\nulimit -Sn 256 && ulimit -Hn {allowed} || exit 1\nexec "{shop.sluice.path}" "$@"\n', encoding="utf-8")
    wrapped.chmod(0o700)
    limited = Project(type(shop.sluice)(wrapped), shop.folder, policy=False)
    server = Server(limited)
    try:
        soft, _ = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        assert soft >= 1_256 if not said else soft == allowed
        assert ("too few for 1000 connections" in server.said()) == said
    finally:
        server.stop()


def test_a_taken_port_is_said(server, shop):
    ran = shop.run("serve", "--listen", f"127.0.0.1:{server.port}")
    assert ran.code == 1 and "error E1201" in ran.err and "--listen" in ran.err


def test_the_description_is_openapi(server):
    described = server.request("GET", "/openapi.json").ok()
    assert described["openapi"] == "3.1.0"
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["operationId"] and operation["summary"], (method, path)
    for name, schema in described["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert name
