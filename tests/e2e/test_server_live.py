"""Live events: what is told, to whom, and who is cut off."""

import http.client
import json
import socket
import time

import pytest
import websocket
from project import Project, until
from serving import Server, heard, live

SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite):
    return Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))


@pytest.fixture
def server(shop):
    served = Server(shop)
    yield served
    served.stop()


def limited(shop, limits):
    with open(shop.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(f"server: {{limits: {limits}}}\n")
    return Server(shop)


def test_events_are_told_and_gone_on_from(server):
    line = live(server)
    hello = heard(line, "hello")
    run_id = server.ask_sql(SQL)
    told = heard(line, "run")
    assert told["run"]["run_id"] == run_id
    approval = heard(line, "approval")
    assert approval["approval"]["run_id"] == run_id
    line.close()
    server.decide(server.waits(run_id)).ok()
    server.ends(run_id)
    again = live(server, f"?since={approval['seq']}")
    seen = [heard(again, "run")["run"]["status"]]
    while seen[-1] != "answered":
        seen.append(heard(again, "run")["run"]["status"])
    again.close()
    other = live(server, "?since=another-1")
    assert heard(other, "reset")["seq"].split("-")[0] == hello["seq"].split("-")[0]
    other.close()


def test_what_another_process_does_is_told(server, shop):
    line = live(server)
    heard(line, "hello")
    shop.query(SQL).ok()
    assert heard(line, "run")["run"]["text"] == SQL
    line.close()


def test_events_come_as_server_sent_events_too(server):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    connection.request("GET", "/api/v1/events?topics=approvals", headers={"Accept": "text/event-stream"})
    came = connection.getresponse()
    assert came.headers["content-type"] == "text/event-stream"
    assert json.loads(came.readline().removeprefix(b"data: "))["type"] == "hello"
    run_id = server.ask_sql(SQL)
    seq, message = None, {}
    while message.get("type") != "approval":
        read = came.readline().decode().strip()
        if read.startswith("id: "):
            seq = read.removeprefix("id: ")
        elif read.startswith("data: "):
            message = json.loads(read.removeprefix("data: "))
    assert message["approval"]["run_id"] == run_id and message["seq"] == seq
    connection.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_a_websocket_from_elsewhere_is_refused(server, origin):
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        live(server, origin=origin)
    assert refused.value.status_code == 403


def test_who_says_nonsense_on_a_websocket_is_cut_off(server):
    for said in ("nonsense", "[]", '{"viewing": 1}', '{"decide": "approve"}', "x" * 5_000):
        line = live(server)
        heard(line, "hello")
        line.send(said)
        with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
            while True:
                if line.recv() == "":
                    raise ConnectionError
        line.close()
    assert server.request("GET", "/healthz").ok()


def test_who_looks_at_an_approval_is_told(server):
    approval = server.waits(server.ask_sql(SQL))
    line = live(server)
    heard(line, "hello")
    line.send(json.dumps({"viewing": approval["approval_id"]}))
    viewers = heard(line, "viewers")
    assert viewers["approval_id"] == approval["approval_id"] and len(viewers["viewers"]) == 1
    line.close()


def test_who_looks_at_what_is_not_there_is_not_told(server):
    lines = [live(server), live(server)]
    for line in lines:
        heard(line, "hello")
        line.send(json.dumps({"viewing": "ap-nosuch"}))
    approval = server.waits(server.ask_sql(SQL))
    for line in lines:
        line.send(json.dumps({"viewing": approval["approval_id"]}))
        assert heard(line, "viewers")["approval_id"] == approval["approval_id"]
        line.close()


def test_looking_about_pushes_nothing_out_of_what_is_kept(shop):
    """Who looks at what changes more often than messages are kept (4,096)."""
    server = limited(shop, "{requests_per_second: 1000000, burst: 1000000}")
    try:
        first = live(server)
        seq = heard(first, "hello")["seq"]
        first.close()
        run_id = server.ask_sql(SQL)
        look = json.dumps({"viewing": server.waits(run_id)["approval_id"]})
        busy = live(server)
        for _ in range(2_500):
            busy.send(look)
            heard(busy, "viewers")
            busy.send('{"viewing": null}')
        busy.close()
        again = live(server, f"?since={seq}")
        heard(again, "hello")
        assert json.loads(again.recv())["run"]["run_id"] == run_id, "and no reset"
        again.close()
    finally:
        server.stop()


def test_a_reader_that_reads_too_slowly_is_cut_off_and_others_are_not(shop):
    server = limited(shop, "{requests_per_second: 1000000, burst: 1000000}")
    try:
        approval = server.waits(server.ask_sql(SQL))["approval_id"]
        at_it = json.dumps({"viewing": approval})
        slow = live(server, sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048),))
        slow.send(at_it)
        busy = live(server)
        for _ in range(20_000):
            busy.send(at_it)
            heard(busy, "viewers")
            busy.send('{"viewing": null}')
        busy.close()
        with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
            while slow.recv() != "":
                pass
            raise ConnectionError
        other = live(server)
        heard(other, "hello")
        other.close()
    finally:
        server.stop()


def test_who_says_too_much_is_cut_off(shop):
    server = limited(shop, "{requests_per_second: 5, burst: 20}")
    try:
        line = live(server)
        heard(line, "hello")
        with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
            for _ in range(200):
                line.send('{"viewing": null}')
            while line.recv() != "":
                pass
            raise ConnectionError
        time.sleep(1)
        assert server.request("GET", "/healthz").ok()
    finally:
        server.stop()


def test_a_head_of_events_is_a_head(server):
    said = server.raw(b"HEAD /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200") and said.endswith(b"\r\n\r\n") and b"text/event-stream" in said


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/runs/{}/rows?format=csv"])
def test_what_comes_in_parts_is_not_for_http_1_0(server, path):
    run_id = server.ask_sql(SQL)
    server.decide(server.waits(run_id)).ok()
    server.ends(run_id)
    said = server.raw(f"GET {path.format(run_id)} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.0 505") and b"E1227" in said and b"proxy_http_version" in said
    assert server.raw(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.0 200")


def test_one_address_does_not_take_all_connections(shop):
    server = limited(shop, "{connections: 40, connections_per_client: 10}")
    opened = []
    try:
        for _ in range(10):
            opened.append(socket.create_connection((server.host, server.port)))
        time.sleep(0.3)
        assert server.raw(b"").startswith(b"HTTP/1.1 503")
        for connection in opened:
            connection.close()
        until(lambda: server.request("GET", "/healthz").status == 200, "the places are free again")
    finally:
        server.stop()


def test_who_connects_and_says_nothing_is_soon_gone(server):
    begun = time.monotonic()
    assert server.raw(b"", seconds=30) == b"" and 5 < time.monotonic() - begun < 20
