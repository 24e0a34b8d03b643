"""What a server tells of its work: a log, metrics, and traces that a collector takes."""

import json

import pytest
from collector import value
from project import Project, until
from serving import Server

SQL = "SELECT count(*) AS n FROM orders"
CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite, collector):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(f'telemetry: {{log: work.log, traces: "{collector.url}", headers: {{x-team: "${{TEAM_SECRET}}"}}}}\n')
    project.env["TEAM_SECRET"] = "correct-horse"
    return project


def test_a_run_is_one_trace_below_whoever_asked(shop, collector):
    server = Server(shop)
    try:
        run_id = server.post("/ask", {"sql": SQL}, {"traceparent": CALLER}).ok(202)["run_id"]
        approval = until(lambda: server.get("/approvals", run=run_id).ok()["approvals"], "it asks")[0]
        server.post(f"/approvals/{approval['approval_id']}/decision", {"action": "approve", "subject_hash": approval["subject_hash"]}).ok()
        until(lambda: server.get(f"/runs/{run_id}").ok()["status"] == "answered", "it answers")
        metrics = server.request("GET", "/metrics")
    finally:
        server.stop()
    ours = [span for span in collector.spans() if span["traceId"] == CALLER[3:35]]
    by_id = {span["spanId"]: span for span in ours}
    run = next(span for span in ours if span["name"] == "run ask")
    asked = by_id[run["parentSpanId"]]
    assert (asked["name"], asked["parentSpanId"]) == ("POST /api/v1/ask", CALLER[36:52])
    steps = [span for span in ours if span["name"].startswith("step ")]
    assert {"step execute", "step prove"} <= {span["name"] for span in steps}
    assert {span["parentSpanId"] for span in steps} == {run["spanId"]}
    queries = [span for span in ours if span["name"] == "SELECT shop"]
    assert {by_id[span["parentSpanId"]]["name"] for span in queries} >= {"step execute"}
    assert value(queries[0], "db.system.name") == "duckdb"
    assert [span["name"] for span in ours if span["name"] == "approval"] == ["approval"]
    assert SQL not in json.dumps(collector.spans())
    assert {headers["x-team"] for _, headers, _ in collector.requests} == {"correct-horse"}

    lines = [json.loads(line) for line in (shop.folder / "work.log").read_text(encoding="utf-8").splitlines()]
    mine = [line for line in lines if line.get("run") == run_id]
    assert [line["event"] for line in mine if line["event"].startswith(("run", "approval"))] == [
        "run started", "approval requested", "run given away", "approval decided", "run ended"]
    assert {line["trace_id"] for line in mine} == {CALLER[3:35]}
    assert all(line["step"] for line in mine if line["event"] == "step completed")
    assert SQL not in (shop.folder / "work.log").read_text(encoding="utf-8")

    assert metrics.status == 200 and metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    told = metrics.body.decode()
    assert 'sluice_runs_ended_total{status="done",workflow="ask"} 1' in told
    assert 'sluice_approvals_decided_total{by="person",status="approved"} 1' in told
    assert "sluice_step_duration_seconds_bucket" in told and "process_resident_memory_bytes" in told


def test_a_command_goes_on_with_the_trace_that_it_was_started_in(shop, collector):
    shop.env["TRACEPARENT"] = CALLER
    shop.run("query", SQL, "--approve", "policy").ok()
    run = next(span for span in collector.spans() if span["name"] == "run ask")
    assert (run["traceId"], run["parentSpanId"]) == (CALLER[3:35], CALLER[36:52])


def test_nobody_to_tell_is_no_reason_to_stop(shop, collector):
    collector.stop()
    shop.run("query", SQL, "--approve", "policy").ok()
    lines = [json.loads(line) for line in (shop.folder / "work.log").read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines if line["event"] == "run ended"]


def test_a_log_that_cannot_be_written_is_said(shop):
    shop.env["SLUICE_LOG"] = str(shop.folder / "nowhere" / "x.log")
    refused = shop.run("query", SQL)
    assert refused.code != 0 and "E0816" in refused.err
