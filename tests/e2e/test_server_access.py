"""Who may do what over the API: tokens, roles, four eyes, sessions of browsers."""

import contextlib
import json
import re
import shutil
import sqlite3

import pytest
import websocket
from project import Project, until
from serving import Server, heard, live

SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
ACCESS = """
server:
  login: tokens
  access:
    - {who: "token:look", role: viewer, connections: [shop], workflows: [ask]}
    - {who: "token:ask", role: analyst, connections: [shop], workflows: [ask]}
    - {who: "token:yes", role: approver, connections: [shop], workflows: [ask]}
    - {who: "token:ops", role: operator, connections: [shop], workflows: [ask]}
    - {who: "token:away", role: operator, connections: [other], workflows: [ask]}
    - {who: "token:all", role: admin, connections: all, workflows: all}
"""
NAMES = ("look", "ask", "yes", "ops", "away", "all")


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    project.run("init", "other", "--sqlite", shop_sqlite).ok()
    config = project.folder / "sluice.yaml"
    text = config.read_text(encoding="utf-8").replace("approvals: {", "approvals: {four_eyes: true, ")
    config.write_text(text + ACCESS, encoding="utf-8")
    return project


@pytest.fixture
def tokens(shop):
    return {name: re.search(r"slu_[A-Za-z0-9_-]{43}", shop.run("tokens", "create", name, "--expires", "90d").ok().out)[0] for name in NAMES}


@pytest.fixture
def server(shop, tokens):
    served = Server(shop)
    yield served
    served.stop()


def by(token):
    return {"Authorization": f"Bearer {token}"}


def waits(server, token, run_id):
    def asked():
        return server.get("/approvals", by(token), run=run_id).ok()["approvals"]
    return until(asked, f"{run_id} asks")[0]


def refusals(shop):
    return [entry for entry in map(json.loads, shop.run("audit", "export").ok().out.splitlines()) if entry["kind"] == "refused"]


def test_nobody_gets_in_without_a_token_that_counts(server, shop, tokens):
    shop.run("tokens", "revoke", "ops").ok()
    forged = tokens["all"][:-1] + ("A" if tokens["all"][-1] != "A" else "B")
    jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGwifQ."
    for headers in ({}, by(""), by("slu_"), by(forged), by(tokens["ops"]), by(jwt), by("x" * 5_000), {"Authorization": f"Basic {tokens['all']}"},
                    {"Cookie": "sluice_session=" + "0" * 64}, {"Cookie": f"sluice_session={tokens['all']}"}):
        answer = server.get("/runs", headers)
        answer.problem(401, "E1303")
        assert answer.headers["www-authenticate"] == "Bearer"
        server.post("/ask", {"sql": SQL}, headers).problem(401, "E1303")
        assert server.get("/events", headers).status == 401
    assert server.request("GET", "/healthz").ok() and server.request("GET", "/readyz").ok()
    assert server.get("/runs", by(tokens["all"])).ok()["runs"] == []
    assert {"nothing was shown", "no such session"} <= {entry["body"]["why"] for entry in refusals(shop) if entry["body"]["who"] == ""}


def test_each_role_may_what_it_may_and_no_more(server, shop, tokens):
    for name in ("look", "yes"):
        server.get("/runs", by(tokens[name])).ok()
    server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["look"])).problem(403, "E1301")
    run_id = server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["ask"])).ok(202)["run_id"]
    approval = waits(server, tokens["look"], run_id)
    path, body = f"/approvals/{approval['approval_id']}/decision", {"action": "approve", "subject_hash": approval["subject_hash"]}
    for name in ("look", "ask"):
        server.post(path, body, by(tokens[name])).problem(403, "E1301")
        card = server.get(f"/approvals/{approval['approval_id']}", by(tokens[name])).ok()
        assert not card["may_decide"] and "approver" in card["why_not"]
        assert ("sample" in card["card"]) == (name == "ask"), "a sample is rows"
    for name in ("look", "ask", "yes"):
        server.post(f"/runs/{run_id}/cancel", {}, by(tokens[name])).problem(403, "E1301")
    assert server.post(path, body, by(tokens["yes"])).ok()["decided_by"] == "token:yes"
    until(lambda: server.get(f"/runs/{run_id}", by(tokens["look"])).ok()["status"] == "answered", "it is answered")
    for what in ("rows", "events", "prompts"):
        server.get(f"/runs/{run_id}/{what}", by(tokens["look"])).problem(403, "E1301")
        server.get(f"/runs/{run_id}/{what}", by(tokens["ask"])).ok()
    for what in ("preview", "profile"):
        server.post(f"/{what}", {"table": "orders", "connection": "shop"}, by(tokens["look"])).problem(403, "E1301")
        server.post(f"/{what}", {"table": "orders", "connection": "shop"}, by(tokens["ask"])).ok()
    noted = {(entry["body"]["who"], entry["body"]["deed"]) for entry in refusals(shop)}
    assert {("token:look", "ask"), ("token:look", "decide"), ("token:ask", "decide"), ("token:yes", "operate"), ("token:look", "see rows")} <= noted
    assert shop.run("audit", "verify").code == 0


def test_another_connection_is_another_world(server, tokens):
    run_id = server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["ask"])).ok(202)["run_id"]
    approval = waits(server, tokens["ask"], run_id)
    away = by(tokens["away"])
    assert server.get("/runs", away).ok()["runs"] == [] and server.get("/approvals", away).ok()["approvals"] == []
    server.get(f"/runs/{run_id}", away).problem(404, "E0102")
    server.get(f"/approvals/{approval['approval_id']}", away).problem(404, "E0106")
    server.post(f"/approvals/{approval['approval_id']}/decision", {"action": "approve", "subject_hash": approval["subject_hash"]}, away).problem(404, "E0106")
    server.post("/ask", {"sql": SQL, "connection": "shop"}, away).problem(404, "E0810")
    server.get("/catalog", away, connection="shop").problem(404, "E0810")
    assert [each["name"] for each in server.get("/connections", away).ok()["connections"]] == ["other"]


def test_nobody_approves_what_they_proposed(server, tokens):
    run_id = server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["all"])).ok(202)["run_id"]
    approval = waits(server, tokens["all"], run_id)
    path, body = f"/approvals/{approval['approval_id']}/decision", {"action": "approve", "subject_hash": approval["subject_hash"]}
    card = server.get(f"/approvals/{approval['approval_id']}", by(tokens["all"])).ok()
    assert not card["may_decide"] and card["why_not"]
    server.post(path, body, by(tokens["all"])).problem(403, "E1302")
    assert server.post(path, body, by(tokens["yes"])).ok()["status"] == "approved"


def test_a_fork_makes_nobody_else_of_who_proposed(server, tokens):
    run_id = server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["all"])).ok(202)["run_id"]
    waits(server, tokens["all"], run_id)
    fork = server.post(f"/runs/{run_id}/fork", {"from": "round[0]/prove"}, by(tokens["ops"])).ok(202)["run_id"]
    approval = waits(server, tokens["all"], fork)
    path, body = f"/approvals/{approval['approval_id']}/decision", {"action": "approve", "subject_hash": approval["subject_hash"]}
    for name in ("all", "ops"):
        server.post(path, body, by(tokens[name])).problem(403, "E1302")
    assert server.post(path, body, by(tokens["yes"])).ok()["status"] == "approved"


def test_a_browser_has_a_session_that_no_script_reads_and_no_foreign_page_uses(server, shop, tokens):
    server.post("/login", {"token": "slu_" + "x" * 43}).problem(401, "E1303")
    entered = server.post("/login", {"token": tokens["ask"]})
    assert entered.ok()["person"] == "token:ask"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and tokens["ask"] not in cookie
    has = {"Cookie": cookie.split(";")[0]}
    session = server.get("/session", has).ok()
    assert session["person"] == "token:ask" and session["login"] == "token" and len(session["csrf_token"]) == 64
    question = {"sql": SQL, "connection": "shop"}
    server.post("/ask", question, has).problem(403, "E1225")
    server.post("/ask", question, {**has, "X-CSRF-Token": "0" * 64}).problem(403, "E1225")
    server.post("/ask", question, {**has, "X-CSRF-Token": session["csrf_token"], "Origin": "https://evil.example"}).problem(403, "E1219")
    page = {**has, "X-CSRF-Token": session["csrf_token"]}
    assert server.post("/ask", question, page).ok(202)["run_id"]
    shop.run("tokens", "revoke", "ask").ok()
    server.get("/runs", has).problem(401, "E1303")
    again = server.post("/login", {"token": tokens["look"]})
    has = {"Cookie": again.headers["set-cookie"].split(";")[0]}
    csrf = server.get("/session", has).ok()["csrf_token"]
    server.post("/logout", {}, {**has, "X-CSRF-Token": csrf}).ok()
    server.get("/runs", has).problem(401, "E1303")
    noted = [entry["body"] for entry in map(json.loads, shop.run("audit", "export").ok().out.splitlines()) if entry["kind"] == "login"]
    assert noted == [{"who": "token:ask"}, {"who": "token:look"}]


def test_who_listens_elsewhere_without_logins_is_warned(sluice, tmp_path, shop_sqlite):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write("server: {login: off}\n")
    server = Server(project, listen="0.0.0.0:0")
    try:
        assert re.search(r"^! .*log in", server.said(), re.M), server.said()
    finally:
        server.stop()


def test_nobody_is_seen_looking_at_what_they_may_not_see(server, tokens):
    run_id = server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["ask"])).ok(202)["run_id"]
    look = json.dumps({"viewing": waits(server, tokens["yes"], run_id)["approval_id"]})
    away, yes = (live(server, header=by(tokens[name])) for name in ("away", "yes"))
    away.send(look)
    yes.send(look)
    assert heard(yes, "viewers")["viewers"] == ["token:yes"]
    away.settimeout(1)
    with pytest.raises(websocket.WebSocketTimeoutException):
        heard(away, "viewers")
    yes.close()
    away.close()


def test_figures_of_everybodys_runs_are_for_those_who_may_see_them(server, tokens):
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        live(server, "?topics=metrics", header=by(tokens["yes"]))
    assert refused.value.status_code == 403
    line = live(server, "?topics=metrics", header=by(tokens["all"]))
    assert heard(line, "metrics")["runs"] == {}
    line.close()


def same_but_for(name, other, *answers):
    """Two answers that nobody can tell apart, but for what was asked for and the number of the request."""
    def plain(answer):
        said = {key: value for key, value in answer.json.items() if key != "request_id"}
        return answer.status, json.dumps(said).replace(name, "THAT").replace(other, "THAT"), answer.headers["content-type"]
    assert len({plain(answer) for answer in answers}) == 1, [plain(answer) for answer in answers]
    return answers[0]


def test_lists_do_not_tell_of_what_is_hidden(server, tokens):
    """A page of one's own runs is full, and its end is the end, however many runs of others lie between."""
    mine, away = by(tokens["ask"]), by(tokens["away"])
    both = by(tokens["all"])
    own = server.post("/ask", {"sql": "SELECT 1 AS mine_alone", "connection": "shop"}, mine).ok(202)["run_id"]
    for n in range(3):
        server.post("/ask", {"sql": f"SELECT {n} AS secret_word", "connection": "other"}, both).ok(202)
    page = server.get("/runs", mine, limit=1).ok()
    assert [run["run_id"] for run in page["runs"]] == [own] and page["next"] is None
    for word in ("secret_word", "no such word"):
        assert server.get("/runs", mine, text=word, limit=1).ok() == {"runs": [], "damaged": [], "next": None}, word
        assert server.get("/runs", mine, connection="other", text=word, limit=1).ok()["next"] is None
    assert len(server.get("/runs", away, text="secret_word").ok()["runs"]) == 3
    asked = until(lambda: (all_ := server.get("/approvals", both).ok()) and all_["open"] == 4 and all_["approvals"], "all four ask")
    seen = server.get("/approvals", mine, limit=1).ok()
    assert [each["run_id"] for each in seen["approvals"]] == [own] and seen["next"] is None and seen["open"] == 1
    assert server.get("/approvals", away, limit=2).ok()["open"] == 3
    hidden = next(each for each in asked if each["run_id"] != own)
    assert server.get("/approvals", mine, run=hidden["run_id"]).ok()["approvals"] == []
    same_but_for(hidden["run_id"], "r-nothing", server.get("/runs", mine, before=hidden["run_id"]), server.get("/runs", mine, before="r-nothing")).problem(404, "E0102")
    same_but_for(hidden["approval_id"], "a-nothing", server.get("/approvals", mine, before=hidden["approval_id"]),
                 server.get("/approvals", mine, before="a-nothing")).problem(404, "E0106")
    health = {name: server.get("/health", headers).ok() for name, headers in (("mine", mine), ("away", away), ("both", both))}
    assert {name: each["approvals"]["open"] for name, each in health.items()} == {"mine": 1, "away": 3, "both": 4}
    counts = {name: sum(queue["ready"] + queue["running"] + queue["waiting"] for queue in each["queues"]) for name, each in health.items()}
    assert counts == {"mine": 1, "away": 3, "both": 4}


def test_what_is_hidden_is_not_there(server, tokens):
    run_id = server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["ask"])).ok(202)["run_id"]
    approval_id = waits(server, tokens["ask"], run_id)["approval_id"]
    away = by(tokens["away"])
    for path in ("", "/events", "/rows", "/prompts"):
        same_but_for(run_id, "r-nothing", *(server.get(f"/runs/{each}{path}", away) for each in (run_id, "r-nothing"))).problem(404, "E0102")
    same_but_for(run_id, "r-nothing", *(server.get(f"/logs/{each}", away) for each in (run_id, "r-nothing"))).problem(404, "E0102")
    for deed, body in (("resume", {}), ("cancel", {}), ("fork", {"from": "execute"})):
        same_but_for(run_id, "r-nothing", *(server.post(f"/runs/{each}/{deed}", body, away) for each in (run_id, "r-nothing"))).problem(404, "E0102")
    same_but_for(approval_id, "a-nothing", *(server.get(f"/approvals/{each}", away) for each in (approval_id, "a-nothing"))).problem(404, "E0106")
    for deed, body in (("decision", {"action": "approve", "subject_hash": "x"}), ("choice", {"number": 1, "subject_hash": "x"})):
        same_but_for(approval_id, "a-nothing", *(server.post(f"/approvals/{each}/{deed}", body, away) for each in (approval_id, "a-nothing"))).problem(404, "E0106")
    for look in (lambda name: server.get(f"/connections/{name}", away), lambda name: server.get("/catalog", away, connection=name),
                 lambda name: server.get("/schemas", away, connection=name), lambda name: server.post("/preview", {"table": "orders", "connection": name}, away),
                 lambda name: server.post("/profile", {"table": "orders", "connection": name}, away),
                 lambda name: server.post("/ask", {"sql": SQL, "connection": name}, away), lambda name: server.post("/query", {"sql": SQL, "connection": name}, away)):
        same_but_for("shop", "shup", look("shop"), look("shup")).problem(404, "E0810")
    assert server.get("/session", away).ok()["default_connection"] == "", "its name would tell that it is there"
    assert 'did you mean "other"' in server.get("/connections/othr", away).problem(404, "E0810")["detail"]


def test_only_whole_ids_count_over_the_network(server, shop, tokens):
    run_id = server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["ask"])).ok(202)["run_id"]
    approval_id = waits(server, tokens["ask"], run_id)["approval_id"]
    for headers in (by(tokens["ask"]), by(tokens["all"])):
        for cut in (run_id[:-1], run_id[:3], run_id[:-2] + "%E2%80%A6"):  # as a list shows it that has no room
            server.get(f"/runs/{cut}", headers).problem(404, "E0102")
        server.get("/runs", headers, before=run_id[:-1]).problem(404, "E0102")
        server.get(f"/approvals/{approval_id[:-1]}", headers).problem(404, "E0106")
        server.get("/approvals", headers, before=approval_id[:-1]).problem(404, "E0106")
    assert json.loads(shop.run("runs", "show", run_id[:-1], "--output", "json").out)["run_id"] == run_id, "a terminal takes the beginning"


def test_words_of_an_engine_are_for_those_who_may_see_rows(server, shop, tokens):
    """A cast that fails names the value of the cell."""
    look = by(tokens["look"])
    lines = [live(server, header=look), live(server, header=by(tokens["ask"]))]
    run_id = server.post("/ask", {"sql": "SELECT CAST(email AS INTEGER) AS n FROM customers", "connection": "shop"}, by(tokens["ask"])).ok(202)["run_id"]
    over = until(lambda: (run := server.get(f"/runs/{run_id}", by(tokens["ask"])).ok()) and run["status"] not in ("waiting", "paused") and run, "it is over")
    assert "@example.com" in json.dumps(over), "who may see rows reads it all"
    assert over["error"]["code"] in server.get(f"/runs/{run_id}", look).ok()["error"]["message"]
    for path in (f"/runs/{run_id}", f"/logs/{run_id}", "/runs", "/approvals?all=true", f"/approvals?all=true&run={run_id}", "/health", "/connections/shop"):
        said = server.request("GET", f"/api/v1{path}", headers=look)
        assert said.status == 200 and b"@example.com" not in said.body, said.body
    for line in lines:
        heard_of = []
        while not heard_of or heard_of[-1]["run"]["status"] in ("waiting", "paused"):
            heard_of.append(heard(line, "run"))
        assert "@example.com" not in json.dumps(heard_of), "one message is for all"
        line.close()
    shown = json.loads(shop.run("runs", "show", run_id, "--output", "json").out)
    assert "@example.com" in json.dumps(shown["error"]), "who has the journal reads it all"


def test_what_fails_on_the_data_after_its_approval_is_told_in_our_words(sluice, tmp_path, shop_sqlite):
    """Proven on good data, carried out on bad: the error is a step's, and the run's."""
    source = tmp_path / "own.sqlite"
    shutil.copy(shop_sqlite, source)
    (tmp_path / "project").mkdir()
    project = Project(sluice, tmp_path / "project", ("shop", "--sqlite", source))
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(ACCESS.replace("[other]", "[shop]"))
    tokens = {name: re.search(r"slu_[A-Za-z0-9_-]{43}", project.run("tokens", "create", name, "--expires", "1d").ok().out)[0] for name in ("look", "ask", "yes")}
    server = Server(project)
    try:
        sql = "SELECT sum(CAST(replace(replace(replace(email, 'customer', ''), '@example.com', ''), '.', '') AS INTEGER)) AS n FROM customers"
        run_id = server.post("/ask", {"sql": sql}, by(tokens["ask"])).ok(202)["run_id"]
        approval = waits(server, tokens["ask"], run_id)
        with contextlib.closing(sqlite3.connect(source)) as shop:
            shop.execute("UPDATE customers SET email = 'cell-of-miles' WHERE customer_id = 7")
            shop.commit()
        server.decide(approval, headers=by(tokens["yes"])).ok()
        over = until(lambda: (run := server.get(f"/runs/{run_id}", by(tokens["ask"])).ok()) and run["status"] != "waiting" and run, "it is over")
        assert "cell-of-miles" in json.dumps(over) and over["status"] in ("failed", "unanswerable"), over
        assert b"cell-of-miles" in server.get(f"/logs/{run_id}", by(tokens["ask"])).body
        for path in (f"/runs/{run_id}", f"/logs/{run_id}", "/runs", "/approvals?all=true", f"/approvals/{approval['approval_id']}"):
            said = server.request("GET", f"/api/v1{path}", headers=by(tokens["look"]))
            assert said.status == 200 and b"cell-of-miles" not in said.body, said.body
        assert over["error"]["code"].encode() in server.get(f"/logs/{run_id}", by(tokens["look"])).body
    finally:
        server.stop()


def test_the_same_fork_is_begun_once(server, tokens):
    ops, everything = by(tokens["ops"]), by(tokens["all"])
    run_id = server.post("/ask", {"sql": SQL, "connection": "shop"}, by(tokens["ask"])).ok(202)["run_id"]
    waits(server, tokens["ask"], run_id)
    keyed = {**ops, "Idempotency-Key": "one"}
    first = server.post(f"/runs/{run_id}/fork", {"from": "round[0]/prove"}, keyed).ok(202)
    again = server.post(f"/runs/{run_id}/fork", {"from": "round[0]/prove"}, keyed).ok(202)
    assert first["existed"] is False and again == {"run_id": first["run_id"], "existed": True}
    server.post(f"/runs/{run_id}/fork", {"set_step": "round[0]/propose", "set_value": "SELECT 2 AS n"}, keyed).problem(409, "E0121")
    waits(server, tokens["ask"], first["run_id"])
    server.post(f"/runs/{first['run_id']}/fork", {"from": "round[0]/prove"}, keyed).problem(409, "E0121")
    server.post("/ask", {"sql": SQL, "connection": "shop"}, keyed).problem(409, "E0121")
    own = server.post(f"/runs/{run_id}/fork", {"from": "round[0]/prove"}, {**everything, "Idempotency-Key": "one"}).ok(202)
    assert own["existed"] is False and own["run_id"] != first["run_id"], "a key is a client's own"
    assert len(server.get("/runs", everything).ok()["runs"]) == 3
