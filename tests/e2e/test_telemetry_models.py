"""What is told of calls to models and of their SQL: spans, lines of the log, metrics, and the trace that a model's provider hears of."""

import hashlib
import itertools
import json
import re
import signal
import subprocess
import time

import pytest
from collector import value
from model_project import BY_STATUS, QUESTION, ModelProject, model, spellings_of
from model_server import ModelServer, Said, failing, sql
from project import until
from serving import EXIT_SECONDS_MAX, Server

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE, SPAN = CALLER.split("-")[1:3]
AMAZON = f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={SPAN};Sampled=1"
TOKENS = (1234, 56)
USD = (1234 * 2 + 56 * 10) / 1e6  # at the price of model_project.model
DELAY = 0.6  # seconds that the model takes
# Unlike any provider's, so that nothing knows it by its look.
PLAIN_KEY = "made.up.without.a.shape.7731"  # pragma: allowlist secret
AGENT = "{candidates: 1, fast_path: none}"


def good(**options):
    return Said(sql(BY_STATUS).text, tokens=TOKENS, **options)


@pytest.fixture
def service():
    with ModelServer([good()]) as server:
        yield server


@pytest.fixture
def make(sluice, tmp_path, shop_duckdb):
    """`make(models, url)`: a project with a log of everything, and with traces where there is a collector; no word or file of it holds a key."""
    made = []

    def project(models, traces=None, init=("shop", "--duckdb", shop_duckdb), budgets=""):
        made.append(ModelProject(sluice, tmp_path, init, models, AGENT, budgets))
        made[-1].env["MODEL_KEY"] = PLAIN_KEY
        with open(made[-1].folder / "sluice.yaml", "a", encoding="utf-8") as config:
            config.write("telemetry: {log: work.log, level: debug" + (f', traces: "{traces}"' if traces else "") + "}\n")
        return made[-1]

    yield project
    for each in made:
        each.check_secrets((PLAIN_KEY,))


@pytest.fixture
def serve():
    """`serve(project)`: a server; what is left of it is ended."""
    started = []

    def start(project, *args):
        started.append(Server(project, *args))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def lines(project, event):
    every = [json.loads(line) for line in (project.folder / "work.log").read_text(encoding="utf-8").splitlines()]
    return [line for line in every if line["event"] == event]


def figures(server):
    """Every series of /metrics with its value."""
    answer = server.request("GET", "/metrics")
    assert answer.status == 200, answer.body
    return {series: float(number) for series, number in (line.rsplit(" ", 1) for line in answer.body.decode().splitlines() if not line.startswith("#"))}


def ended(server, run_id, status="answered"):
    """A run that nobody is asked about."""
    run = until(lambda: (now := server.run(run_id))["status"] not in ("waiting", "paused") and now, f"{run_id} ends", 60)
    assert status in (None, run["status"]), run
    return run


def ask(server, question=QUESTION, headers=None, status="answered", **more):
    run_id = server.ask(question, headers, approve="policy", **more)
    ended(server, run_id, status)
    return run_id


def seconds(span):
    return (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e9


def spans_of(collector, name, trace=TRACE):
    return [span for span in collector.spans() if span["name"] == name and span["traceId"] == trace]


def sent_below(seen):
    """The trace and the span that a request to a model says it belongs to; both headers say the same."""
    _, trace, span, flags = re.fullmatch(r"(00)-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})", seen.headers["traceparent"]).groups()
    assert seen.headers["X-Amzn-Trace-Id"] == f"Root=1-{trace[:8]}-{trace[8:]};Parent={span};Sampled={int(flags)}"
    return trace, span, flags


PROVIDERS = {"openai": ("openai", "Authorization", "Bearer "), "anthropic": ("anthropic", "x-api-key", ""), "gemini": ("gcp.gemini", "x-goog-api-key", "")}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_call_of_a_model_is_a_span_of_the_runs_trace(make, serve, service, collector, provider):
    service.lay_out(good(delay=DELAY))
    server = serve(make({"default": model(service, provider)}, collector.url))
    run_id = ask(server, headers={"traceparent": CALLER})
    server.stop()
    [call] = spans_of(collector, "chat made-up-1")
    name, key_header, scheme = PROVIDERS[provider]
    told = {each["key"]: value(call, each["key"]) for each in call["attributes"]}
    assert told.pop("sluice.cost_usd") == pytest.approx(USD)
    assert told.pop("sluice.step").endswith("/call model")
    assert told == {"gen_ai.operation.name": "chat", "gen_ai.provider.name": name, "gen_ai.request.model": "made-up-1",
                    "gen_ai.usage.input_tokens": str(TOKENS[0]), "gen_ai.usage.output_tokens": str(TOKENS[1]), "sluice.model": "default",
                    "sluice.run.id": run_id}
    assert call["kind"] == 3 and "status" not in call  # a client's, without an error
    assert DELAY <= seconds(call) < DELAY + 10
    [step] = spans_of(collector, "step call model")
    [run] = spans_of(collector, "run ask")
    assert (call["parentSpanId"], step["parentSpanId"]) == (step["spanId"], run["spanId"])

    # The provider hears of the same trace, and of the step that its call is below.
    [seen] = service.seen
    assert sent_below(seen) == (TRACE, step["spanId"], "01")
    assert {header.lower(): said for header, said in seen.headers.items()}[key_header.lower()] == scheme + PLAIN_KEY

    # How it went to the collector, and what did not go there.
    assert {path for path, _, _ in collector.requests} == {"/v1/traces"}
    assert {said for _, headers, _ in collector.requests for header, said in headers.items() if header.lower() == "content-type"} == {"application/json"}
    everything = json.dumps(collector.requests)
    assert [word for word in (QUESTION, BY_STATUS, *(each.decode() for each in spellings_of(PLAIN_KEY))) if word in everything] == []


@pytest.mark.parametrize("engine, system", [("duckdb", "duckdb"), ("postgres", "postgresql")])
def test_the_sql_that_a_model_wrote_is_spans_of_the_same_trace(request, make, serve, service, collector, engine, system):
    server = serve(make({"default": model(service)}, collector.url, ("shop", f"--{engine}", request.getfixturevalue(f"shop_{engine}"))))
    run_id = ask(server, headers={"traceparent": CALLER})
    # The engine refuses what is found out only while it runs.
    broken = "SELECT CAST(status AS INTEGER) AS n FROM orders"
    server.ask_sql(broken, approve="policy")
    failed = until(lambda: [line for line in lines(server.project, "run ended") if line["run"] != run_id], "the other run ends")[0]
    server.stop()
    [query] = [span for span in spans_of(collector, "SELECT shop") if value(span, "sluice.step").endswith("/execute")]
    [step] = spans_of(collector, "step execute")
    assert query["parentSpanId"] == step["spanId"] and query["kind"] == 3 and "status" not in query
    told = {each["key"]: value(query, each["key"]) for each in query["attributes"]}
    rows = len(server.project.answer(BY_STATUS)["rows"])
    assert told == {"db.system.name": system, "db.operation.name": "SELECT", "db.response.returned_rows": str(rows), "sluice.connection": "shop",
                    "sluice.sql.sha256": hashlib.sha256(BY_STATUS.encode()).hexdigest(), "sluice.run.id": run_id, "sluice.step": value(step, "sluice.step")}
    assert BY_STATUS not in json.dumps(collector.requests)

    errors = [span for span in spans_of(collector, "SELECT shop", failed["trace_id"]) if "status" in span]
    assert errors and all(span["status"]["code"] == 2 and re.fullmatch(r"E\d{4}", value(span, "error.type")) for span in errors)
    assert failed["trace_id"] != TRACE and broken not in json.dumps(collector.requests)


def test_the_callers_amazon_trace_is_the_runs(make, serve, service, collector):
    server = serve(make({"default": model(service)}, collector.url))
    ask(server, headers={"X-Amzn-Trace-Id": AMAZON})
    server.stop()
    [step] = spans_of(collector, "step call model")
    assert sent_below(service.seen[0]) == (TRACE, step["spanId"], "01")


def test_a_trace_that_is_not_sampled_is_passed_on_and_told_to_nobody(make, serve, service, collector):
    server = serve(make({"default": model(service)}, collector.url))
    ask(server, headers={"traceparent": CALLER.replace("-01", "-00")})
    ask(server, "Which horoscope?", headers={"traceparent": CALLER.replace(TRACE, TRACE[::-1])})
    server.stop()
    assert [sent_below(seen)[::2] for seen in service.seen] == [(TRACE, "00"), (TRACE[::-1], "01")]
    assert [span["name"] for span in collector.spans() if span["traceId"] == TRACE] == []
    assert len(spans_of(collector, "chat made-up-1", TRACE[::-1])) == 1


def test_a_command_passes_on_the_trace_that_it_was_started_in(make, service):
    project = make({"default": model(service)})
    project.ask().ok()
    project.ask(question="Which horoscope?", env={"TRACEPARENT": CALLER}).ok()
    alone, below = service.seen
    # Where nobody looks at the trace, the provider hears of none.
    assert {"traceparent", "x-amzn-trace-id"} & {header.lower() for header in alone.headers} == set()
    assert sent_below(below)[::2] == (TRACE, "01")


def test_a_worker_goes_on_with_the_trace_of_who_asked_the_server(make, serve, service, collector):
    project = make({"default": model(service)}, collector.url)
    server = serve(project, "--no-worker")
    run_id = server.ask(QUESTION, {"traceparent": CALLER}, approve="policy")
    worker = project.sluice.start(["worker", "--output", "jsonl"], project.folder, project.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ended(server, run_id)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(EXIT_SECONDS_MAX) == 0
    finally:
        worker.kill()
        worker.wait()
    server.stop()
    [asked] = spans_of(collector, "POST /api/v1/ask")
    [run] = spans_of(collector, "run ask")
    [step] = spans_of(collector, "step call model")
    [call] = spans_of(collector, "chat made-up-1")
    assert [span["parentSpanId"] for span in (asked, run, step, call)] == [SPAN, asked["spanId"], run["spanId"], step["spanId"]]
    assert sent_below(service.seen[0]) == (TRACE, step["spanId"], "01")


def test_each_call_of_a_model_is_a_line_of_the_log(make, serve, service):
    project = make({"default": model(service)}, budgets="{day: {usd: 0.15}}")
    server = serve(project)
    service.lay_out(failing(503), good(delay=DELAY))
    paid = ask(server, headers={"traceparent": CALLER})
    assert service.calls == 2  # what costs nothing and is tried again is the same call
    [line] = lines(project, "model call")
    [step] = [each for each in lines(project, "step completed") if each["step"] == line["step"]]
    assert line.pop("ms") >= DELAY * 1000 and line.pop("usd") == pytest.approx(USD)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line.pop("step").endswith("/call model")
    assert line == {"level": "info", "event": "model call", "run": paid, "trace_id": TRACE, "span_id": step["span_id"], "workflow": "ask",
                    "model": "default", "provider": "openai", "provider_model": "made-up-1", "outcome": "ok", "input_tokens": TOKENS[0],
                    "cached_tokens": 0, "output_tokens": TOKENS[1]}
    assert {each["trace_id"] for each in lines(project, "step completed")} == {TRACE}

    # A provider that says back what it was sent.
    service.lay_out(failing(401, f"no such key: {PLAIN_KEY} (Authorization: Bearer {PLAIN_KEY})"))
    failed = ask(server, "Which horoscope?", status="unanswerable")
    assert f"Bearer {PLAIN_KEY}" == service.seen[0].headers["authorization"]
    [_, line] = lines(project, "model call")
    assert (line["run"], line["level"], line["outcome"], line["input_tokens"], line["usd"]) == (failed, "warning", "E1004", 0, 0)

    # One that the budget does not let begin.
    service.lay_out(Said(good().text, tokens=(90_000, 100)))
    ask(server, "Which other horoscope?")
    refused = ask(server, "Which third horoscope?", status="unanswerable")
    assert len(lines(project, "model call")) == 3
    [line] = lines(project, "model call refused")
    assert (line["run"], line["level"], line["model"]) == (refused, "warning", "default") and re.fullmatch(r"E\d{4}", line["code"])
    server.stop()

    text = (project.folder / "work.log").read_text(encoding="utf-8")
    assert [word for word in (QUESTION, BY_STATUS, *(each.decode() for each in spellings_of(PLAIN_KEY))) if word in text] == []


CALLS, LATENCY = "sluice_model_calls_total", "sluice_model_call_duration_seconds"


def calls(outcome):
    return f'{CALLS}{{model="default",outcome="{outcome}",workflow="ask"}}'


def test_metrics_of_calls_to_models(make, serve, service):
    project = make({"default": model(service)})
    server = serve(project)
    before = figures(server)
    assert not any(series.startswith("sluice_model") for series in before)
    service.lay_out(good(delay=DELAY))
    first = server.ask(QUESTION)
    server.waits(first)
    # The same once more, before anybody decided: its reply is known.
    server.waits(server.ask(QUESTION))
    assert service.calls == 1
    service.lay_out(failing(401, f"no such key: {PLAIN_KEY}"))
    ask(server, "Which horoscope?", status="unanswerable")
    told = figures(server)
    assert {series: number for series, number in told.items() if series.startswith(CALLS)} == {calls("ok"): 1, calls("cached"): 1, calls("E1004"): 1}
    ok = f'{LATENCY}_%s{{model="default",outcome="ok"}}'
    assert told[ok % "count"] == 1 and DELAY <= told[ok % "sum"] < DELAY + 10
    assert told[f'{LATENCY}_bucket{{model="default",outcome="ok",le="0.5"}}'] == 0
    assert told[f'{LATENCY}_bucket{{model="default",outcome="ok",le="+Inf"}}'] == 1
    assert told[f'{LATENCY}_count{{model="default",outcome="E1004"}}'] == 1
    assert {series: number for series, number in told.items() if series.startswith("sluice_model_tokens_total")} == {
        'sluice_model_tokens_total{model="default",type="input"}': TOKENS[0], 'sluice_model_tokens_total{model="default",type="output"}': TOKENS[1]}
    assert told['sluice_model_cost_usd_total{model="default",workflow="ask"}'] == pytest.approx(USD)
    # Read off what all processes share, every few seconds.
    spent = 'sluice_spent_today_usd{model="openai/made-up-1"}'
    assert until(lambda: figures(server).get(spent), "the money is told") == pytest.approx(USD)
    assert PLAIN_KEY not in server.request("GET", "/metrics").body.decode()


def test_metrics_say_whom_calls_are_kept_from_until_it_is_well_again(make, serve, service):
    server = serve(make({"default": model(service)}))
    kept = f'sluice_breaker_open{{origin="{service.url}"}}'
    service.lay_out(failing(500))
    ask(server, "Which horoscope?", status="unanswerable")
    assert service.calls == 4 and kept not in figures(server)  # four in a row are not enough
    ask(server, "Which other horoscope?", status="unanswerable")
    assert service.calls == 5
    until(lambda: figures(server).get(kept) == 1, "it is told that the breaker is open")
    ask(server, "Which third horoscope?", status="unanswerable")
    assert service.calls == 5
    told = figures(server)
    assert (told[calls("E1001")], told[calls("E1003")]) == (1, 2)
    service.lay_out(good())
    numbers = itertools.count()
    until(lambda: ended(server, server.ask(f"Which mood has order book {next(numbers)}?", approve="policy"), None)["status"] == "answered",
          "a probe goes through")
    until(lambda: kept not in figures(server), "it is told that the breaker is closed")


def test_metrics_of_approvals_that_wait(make, serve, service):
    server = serve(make({"default": model(service)}))
    begun = time.monotonic()
    first = server.ask(QUESTION)
    approvals = [server.waits(first)]
    waited_since = time.monotonic()
    time.sleep(1.5)
    approvals.append(server.waits(server.ask("Which horoscope?")))
    least = time.monotonic() - waited_since
    told = figures(server)
    assert told["sluice_approvals_open"] == 2
    assert least <= told["sluice_approval_oldest_age_seconds"] <= time.monotonic() - begun
    assert told['sluice_runs{queue="default",status="parked"}'] == 2
    server.decide(approvals[0]).ok()
    server.ends(first)
    decided_by = time.monotonic() - begun
    left = until(lambda: (now := figures(server))["sluice_approvals_open"] == 1 and now, "one is left")
    assert left["sluice_approval_oldest_age_seconds"] <= time.monotonic() - waited_since - 1.5
    assert left['sluice_approvals_decided_total{by="person",status="approved"}'] == 1
    assert least <= left['sluice_approval_wait_seconds_sum{status="approved"}'] <= decided_by
    server.decide(approvals[1], "reject", reason="nobody needs it").ok()
    none = until(lambda: (now := figures(server))["sluice_approvals_open"] == 0 and now, "none is left")
    assert none["sluice_approval_oldest_age_seconds"] == 0
    assert none['sluice_approvals_decided_total{by="person",status="rejected"}'] == 1
