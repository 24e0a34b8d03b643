"""Services that fail, and models that answer badly: what a person sees, how often was asked, and what ran."""

import itertools
import json
import socket
import time

import pytest
import shop as shop_data
from conftest import need
from model_project import BY_STATUS, KEY, ModelProject, model
from model_server import Answer, ModelServer, Said, draft, failing, sql
from project import check_answer

GOOD = sql(BY_STATUS)
TEXT = GOOD.text
ATTEMPTS = 4  # of one request, as docs/errors/E1001 has it
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def shared(sluice, tmp_path_factory, shop_duckdb):
    """One project and one server for all cases; each asks a question of its own, so that no reply is known before."""
    with ModelServer() as server:
        models = {"default": model(server), "hasty": model(server, timeout="1s"), "claude": model(server, "anthropic"),
                  "flash": model(server, "gemini")}
        project = ModelProject(sluice, tmp_path_factory.mktemp("faults"), ("shop", "--duckdb", shop_duckdb), models)
        yield project, server
        project.check_secrets()


def ask(shared, answers, *args):
    """(exit status, the answer, what models were asked) for a question that no planner places."""
    project, server = shared
    server.lay_out(*answers)
    ran = project.ask("--on", "shop", *args, question=f"Which horoscope fits the mood of order book {next(numbers)}?")
    answer = check_answer(ran.json())
    return ran, answer, project.prompts(answer["run_id"])


def check_answered(answer):
    """It is the good draft that ran, on data that nobody changed."""
    assert answer["status"] == "answered" and answer["sql"] == BY_STATUS, answer
    assert sum(n for _, n in answer["rows"]) == shop_data.ORDERS


TRIED_AGAIN = {
    "too many requests": ([failing(429, "slow down", headers={"Retry-After": "1"})], "HTTP 429): slow down"),
    "two faults of the server": ([failing(500)] * 2, "HTTP 500"),
    "overloaded": ([failing(529, "overloaded", type="overloaded_error")], "HTTP 529"),
    "an answer that breaks off": ([Said(TEXT, sent=200)], "broke off the answer"),
    "a stream without its end": ([Answer(body=b'data: {"choices":[{"index":0,"delta":{"content":"{"}}]}\n\n',
                                         headers={"Content-Type": "text/event-stream"})], "ended its reply before it was whole"),
    "garbled JSON": ([Answer(body=b"{]]", headers={"Content-Type": "application/json"})], "neither JSON nor a stream of events"),
    "an empty answer": ([Answer()], "an empty answer"),
    "an empty reply": ([Said("")], "an empty reply"),
}


CHARGED = {"an answer that breaks off", "a stream without its end", "garbled JSON", "an empty answer", "an empty reply"}


@pytest.mark.parametrize("case", TRIED_AGAIN)
def test_what_passes_is_tried_again(shared, case):
    bad, why = TRIED_AGAIN[case]
    _, answer, prompts = ask(shared, [*bad, GOOD])
    check_answered(answer)
    assert shared[1].calls == len(bad) + 1
    # An attempt that the service may charge for is a call of its own.
    [*failed, last] = prompts
    assert len(failed) == (len(bad) if case in CHARGED else 0) and all(each["state"] == "failed" for each in failed)
    assert len(last["notes"]) == len(bad)
    assert all("tried again after" in note and why in note for note in last["notes"]), last["notes"]
    # The same request each time, byte for byte.
    assert len({seen.raw for seen in shared[1].seen}) == 1


def test_waits_as_long_as_the_service_says(shared):
    began = time.monotonic()
    ask(shared, [failing(429, headers={"Retry-After": "2"}), GOOD])
    assert time.monotonic() - began >= 2


STANDS = {
    "a server that always fails": ([failing(500)], "E1001", ATTEMPTS, "HTTP 500", "first_of"),
    "a wrong key": ([failing(401, "bad key")], "E1004", 1, "does not let us in", "check api_key of models.default"),
    "not for this key": ([failing(403, "no")], "E1004", 1, "does not let us in", "check api_key of models.default"),
    "no money": ([failing(402, "pay first")], "E1009", 1, "no money or quota", "billing"),
    "a quota used up": ([failing(429, "You exceeded your current quota", code="insufficient_quota")], "E1009", 1, "no money or quota", "billing"),
    "no such model": ([failing(404, "no such model")], "E1005", 1, "is not there", "check model and base_url"),
    "an odd request": ([failing(400, "odd request")], "E1006", 1, "finds the request wrong", "sluice models test default"),
    "a prompt that was filtered": ([failing(400, "blocked", code="content_filter")], "E1007", 1, "declined to answer", "other words"),
    "a reply that was filtered": ([Said(TEXT, finish="refused")], "E1007", 1, "content filter", "other words"),
    "no room": ([failing(400, "This model's maximum context length is 10 tokens", code="context_length_exceeded")], "E1008", 1, "has no room",
                "larger window"),
    "a redirect": ([Answer(status=307, headers={"Location": "http://127.0.0.1:9/elsewhere"})], "E1006", 1, "redirect", "sluice models test default"),
}


@pytest.mark.parametrize("case", STANDS)
def test_what_stays_is_said(shared, case):
    answers, code, calls, words, hint = STANDS[case]
    ran, answer, prompts = ask(shared, answers)
    assert ran.code == 1 and answer["status"] == "unanswerable" and answer["rows"] == []
    assert shared[1].calls == calls
    assert [each["error"]["code"] for each in prompts] == [code]
    error = answer["error"]
    assert words in error["message"] and 'model "default" (openai, made-up-1' in error["message"] and hint in error["hint"], error
    assert f"next: {error['hint']}" in ran.err and KEY not in ran.err


def test_a_redirect_is_not_followed(shared):
    with ModelServer([GOOD]) as elsewhere:
        _, answer, _ = ask(shared, [Answer(status=307, headers={"Location": f"{elsewhere.url}/v1/chat/completions"})])
        assert answer["status"] == "unanswerable" and (shared[1].calls, elsewhere.calls) == (1, 0)


def test_a_reply_that_takes_too_long(shared):
    ran, answer, prompts = ask(shared, [Said(TEXT, delay=3)], "--model", "hasty")
    assert ran.code == 1 and [each["error"]["code"] for each in prompts] == ["E1002"] * ATTEMPTS, "each may be charged for"
    assert "took too long" in answer["error"]["message"] and shared[1].calls == ATTEMPTS
    # The key as sluice.yaml knows it.
    assert "raise timeout of models.hasty" in answer["error"]["hint"]


def fields(**changed):
    return json.dumps({**json.loads(TEXT), **changed})


TOLD = {
    "two objects": (Said(f"{TEXT}\nor else\n{TEXT}"), "holds 2 JSON objects"),
    "no object": (Said("I would count the orders."), "holds no JSON object"),
    "cut at the limit": (Said(TEXT[:60], finish="length"), "cut off at the token limit"),
    "a number for the query": (Said(fields(sql=7)), "expected a string, found 7"),
    "a list for the words": (Said(fields(explanation=["a"])), 'in "explanation"'),
    "a kind that there is not": (Said(fields(kind="drop")), 'in "kind"'),
    "no kind": (Said(json.dumps({"sql": BY_STATUS})), '"kind" is missing'),
    "no query": (Said(json.dumps({"kind": "sql"})), '"sql" is missing or empty'),
    "one choice": (Said(draft("question", asks="Which?", choices=[{"label": "a", "feedback": "b"}])), "1 choices"),
    "a table that there is not": (sql("SELECT count(*) AS n FROM ordrs"), 'did you mean "orders"'),
    "a column that there is not": (sql("SELECT statu FROM orders"), 'did you mean "status"'),
    "no SQL": (sql("SELEC status FROM orders"), "parses"),
    "two statements": (sql(f"{BY_STATUS}; {BY_STATUS}"), "one-statement"),
    "a table removed": (sql("DROP TABLE orders"), "DROP removes objects"),
    "rows removed": (sql("DELETE FROM orders"), "DELETE removes rows"),
    "rows removed behind a read": (sql(f"{BY_STATUS}; DELETE FROM orders"), "one-statement"),
    "a file read": (sql("SELECT * FROM read_csv('/etc/passwd')"), "read_csv"),
}


@pytest.mark.parametrize("case", TOLD)
def test_a_bad_draft_is_told_why_and_the_next_one_runs(shared, case):
    bad, why = TOLD[case]
    _, answer, prompts = ask(shared, [bad, GOOD])
    check_answered(answer)
    first, second = shared[1].seen
    told = second.body["messages"][-1]["content"]
    assert why in told, told
    # It sees its own draft again, and the question.
    assert [each["role"] for each in second.body["messages"]] == ["system", "user", "assistant", "user"]
    assert second.body["messages"][:2] == first.body["messages"][:2]
    assert len(prompts) == 2 and answer["answered_by"] == "default (openai/made-up-1)"


MENDED = {
    "prose around the object": f"Surely {{so}}!\n{TEXT}\nHope {{it}} helps.",
    "a code fence": f"```json\n{TEXT}\n```",
    "thoughts before it": f"<think>one {{ or two?</think>\n{TEXT}",
    "only the fields that it needs": json.dumps({"kind": "sql", "sql": BY_STATUS}),
    "a semicolon at the end": fields(sql=f"{BY_STATUS};"),
    "a fence around the query": fields(sql=f"```sql\n{BY_STATUS}\n```"),
}


@pytest.mark.parametrize("case", MENDED)
def test_what_is_safe_to_mend_costs_no_second_call(shared, case):
    _, answer, _ = ask(shared, [Said(MENDED[case])])
    check_answered(answer)
    assert shared[1].calls == 1


@pytest.mark.parametrize("statement", ["DROP TABLE orders", "DELETE FROM orders"])
def test_a_write_never_runs_however_often_it_is_drafted(shared, statement):
    project, server = shared
    ran, answer, _ = ask(shared, [sql(statement)])
    assert ran.code == 1 and answer["status"] == "failed" and answer["error"]["code"] == "E0340"
    assert answer["approval"] is None and server.calls == 3  # agents.ask.rounds
    assert project.answer("SELECT count(*) AS n FROM orders")["rows"] == [[shop_data.ORDERS]]


def test_where_the_planner_knows_the_answer_a_model_that_is_down_is_not_needed(shared):
    project, server = shared
    server.lay_out(failing(401, "bad key"))
    answer = check_answer(project.ask("--on", "shop", question="How many orders are there?").ok().json(), "answered")
    assert answer["answered_by"] == "built-in" and answer["rows"] == [[shop_data.ORDERS]] and server.calls == 1
    assert [each["error"]["code"] for each in project.prompts(answer["run_id"])] == ["E1004"]


def test_a_question_back_and_no_answer(shared):
    choices = [{"label": "paid ones", "feedback": "only paid"}, {"label": "all", "feedback": "all of them"}]
    ran, answer, _ = ask(shared, [Said(draft("question", asks="Which orders?", choices=choices))])
    seen = [{"label": each["label"], "feedback": f"Which orders? {each['label']}"} for each in choices]  # what a person saw, not the model's own words
    assert ran.code == 1 and answer["error"]["code"] == "E0504" and answer["choices"] == seen and answer["asks"] == "Which orders?"
    ran, answer, _ = ask(shared, [Said(draft("cannot", explanation="There are no horoscopes."))])
    assert ran.code == 1 and answer["error"]["code"] == "E0506" and "model says: There are no horoscopes." in answer["error"]["message"]
    assert shared[1].calls == 1


@pytest.mark.parametrize("name, provider, path", [("claude", "anthropic", "/v1/messages"),
                                                  ("flash", "gemini", "/v1beta/models/made-up-1:streamGenerateContent")])
def test_the_other_protocols(shared, name, provider, path):
    ran, answer, prompts = ask(shared, [failing(503), sql("SELECT count(*) AS n FROM ordrs"), GOOD], "--model", name)
    check_answered(answer)
    assert answer["answered_by"] == f"{name} ({provider}/made-up-1)" and shared[1].calls == 3
    assert {seen.path.split("?")[0] for seen in shared[1].seen} == {path}
    assert [(each["tokens_in"], each["tokens_out"]) for each in prompts] == [(100, 20)] * 2
    _, answer, prompts = ask(shared, [Said(TEXT, finish="refused")], "--model", name)
    assert [each["error"]["code"] for each in prompts] == ["E1007"] and shared[1].calls == 1


def check_chain(project, first, second, error, code, calls):
    """A chain that moved on says from what, and who answered."""
    first.lay_out(error)
    second.lay_out(GOOD)
    answer = check_answer(project.ask("--model", "chain", question=f"Which mood has order book {next(numbers)}?").json())
    *_, asked = project.prompts(answer["run_id"])
    assert (first.calls, second.calls) == calls
    if calls[1]:
        check_answered(answer)
        assert answer["answered_by"] == "second (openai/made-up-1)" and asked["model"] == "second"
        assert 'went on to "second" after: model "first"' in asked["notes"][-1]
    else:
        assert asked["error"]["code"] == code and answer["rows"] == []
    return answer, asked


def test_a_chain_moves_on_and_says_so(sluice, tmp_path, shop_duckdb):
    with ModelServer() as first, ModelServer() as second:
        models = {"first": model(first), "second": model(second), "chain": "{first_of: [first, second]}"}
        project = ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), models, "{model: chain, candidates: 1, fast_path: none}")
        check_chain(project, first, second, failing(503), "E1001", (ATTEMPTS, 1))
        # A second model would only hide a wrong key.
        check_chain(project, first, second, failing(401), "E1004", (1, 0))
        first.stop()
        second.lay_out(failing(529))
        answer = project.ask(question="Which mood has the last order book?").json()
        assert all(part in answer["error"]["message"] for part in ('no model of "chain" answered', "can't be reached", "HTTP 529")), answer["error"]
        project.check_secrets()


def private_name():
    """A name of this machine, which leads to an address that is not a public one, and that address."""
    for name in (socket.gethostname(), "localhost.localdomain", "ip6-localhost"):
        try:
            address = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
        except OSError:
            continue
        if address.startswith(("127.", "10.", "192.168.", "172.")) and name != "localhost":
            return name, address
    return need("no name of this machine but localhost leads to a private address")


def test_a_name_that_leads_to_a_private_address(sluice, tmp_path, shop_duckdb):
    name, address = private_name()
    with ModelServer([GOOD], host=address) as server:
        url = f"http://{name}:{server.port}/v1"
        models = {"default": model(server, base_url=url), "allowed": model(server, base_url=url, allow_private="true")}
        project = ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), models)
        answer = project.ask(question="Which mood has the order book?").json()
        [asked] = project.prompts(answer["run_id"])
        assert server.calls == 0 and asked["error"]["code"] == "E1003" and "allow_private" in asked["error"]["hint"], asked["error"]
        check_answered(project.ask("--model", "allowed", question="Which mood has the order book?").ok().json())
        assert server.calls == 1
        project.check_secrets()
