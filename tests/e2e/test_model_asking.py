"""Which model is asked, with which words: options, a project's own prompts, examples, and recordings that take a model's place."""

import base64
import json
import os
import shutil

import pytest
import shop as shop_data
from model_project import BY_STATUS, KEY, LITERAL_KEY, PROXY_PASSWORD, QUESTION, ModelProject, model
from model_server import ModelServer, Said, draft, failing, sql
from project import check_answer, check_trouble, until

GOOD = sql(BY_STATUS)
SENT = (KEY, LITERAL_KEY, base64.b64encode(f"reader:{PROXY_PASSWORD}".encode()).decode())  # as the service gets them


@pytest.fixture
def server():
    with ModelServer([GOOD]) as server:
        yield server


@pytest.fixture
def project(sluice, tmp_path, shop_duckdb, server):
    models = {"default": model(server), "other": model(server, model="made-up-2")}
    project = ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), models, "{model: default, candidates: 1}")
    yield project
    project.check_secrets()


def test_which_model_is_asked(project, server):
    # The built-in planner first: it knows this one.
    answer = check_answer(project.ask(question="How many orders are there?").ok().json(), "answered")
    assert answer["answered_by"] == "built-in" and server.calls == 0
    answer = check_answer(project.ask("--no-fast-path", question="How many orders are there?").ok().json(), "answered")
    assert answer["answered_by"] == "default (openai/made-up-1)" and server.calls == 1 and answer["sql"] == BY_STATUS
    answer = check_answer(project.ask("--model", "other", question="Which horoscope?").ok().json(), "answered")
    assert answer["answered_by"] == "other (openai/made-up-2)" and server.seen[1].body["model"] == "made-up-2"
    ran = project.ask("--no-model", question="Which horoscope?")
    assert ran.code == 1 and check_answer(ran.json())["status"] == "unanswerable" and server.calls == 2
    answer = check_answer(project.ask(question="Which mood?", env={"SLUICE_MODEL": "other"}).ok().json(), "answered")
    assert answer["answered_by"] == "other (openai/made-up-2)" and server.calls == 3


def test_models_that_there_are_not(project, server):
    ran = check_trouble(project.run("ask", QUESTION, "--model", "defualt", "--approve", "policy"), "E0750")
    assert 'did you mean "default"' in ran.err
    assert project.run("ask", QUESTION, "--model", "default", "--no-model").code == 2
    check_trouble(project.run("models", "test", "nosuch"), "E0750")
    assert server.calls == 0


def test_models_test(project, server):
    server.lay_out(Said('{"ok": true, "word": "sluice"}'))
    assert "default" in project.run("models", "test").ok().out and server.calls == 2
    server.lay_out(Said("No."))
    ran = project.run("models", "test", "default")
    assert ran.code == 1 and "is not what was asked for" in ran.out
    server.lay_out(failing(401, f"the key {KEY} is wrong"))
    ran = project.run("models", "test", "default")
    assert ran.code == 1 and "next: check api_key of models.default" in ran.out
    [line] = project.costs("workflow")
    assert (line["group"], line["calls"], line["failed"]) == ("models test", 4, 1), line


def test_a_prompt_of_the_project(project, server):
    folder = project.folder / "prompts"
    folder.mkdir()
    (folder / "ask.task.md").write_text("House rule: be brief.\n{{catalog}}\n{{question}}\n", encoding="utf-8")
    check_answer(project.ask("--no-fast-path").ok().json(), "answered")
    task = server.seen[0].body["messages"][1]["content"]
    assert task.startswith("House rule: be brief.") and QUESTION in task and "table orders" in task and "Dialect" not in task
    (folder / "ask.task.md").write_text("{{question}} {{catalgo}}\n", encoding="utf-8")
    ran = project.run("ask", QUESTION, "--no-fast-path", "--approve", "policy")
    assert ran.code == 1 and "error E1040" in ran.err and 'did you mean "catalog"' in ran.err and server.calls == 1, ran.err
    (folder / "ask.task.md").write_text("{{#question}} never closed\n", encoding="utf-8")
    ran = project.run("ask", QUESTION, "--no-fast-path", "--approve", "policy")
    assert ran.code == 1 and "error E1040" in ran.err and server.calls == 1, ran.err


def approved_by_a_person(project, question):
    """The approval of a run that a person said yes to."""
    child = project.start("ask", question, "--no-fast-path", "--output", "json")
    [approval] = until(lambda: project.json("approvals", "list"), "an approval that other processes see")
    project.run("approvals", "approve", approval["approval_id"]).ok()
    out, err = child.communicate(timeout=30)
    project.said.append((["ask"], out + err))
    check_answer(json.loads(out), "answered")
    return approval["approval_id"]


def test_what_a_person_approved_is_an_example_until_it_is_forgotten(project, server):
    assert project.json("examples", "list") == []
    approval = approved_by_a_person(project, QUESTION)
    [example] = project.json("examples", "list")
    assert (example["approval_id"], example["question"], example["sql"]) == (approval, QUESTION, BY_STATUS)
    check_answer(project.ask("--no-fast-path", question="How many orders are there of each status?").ok().json(), "answered")
    shown = server.seen[1].body["messages"][1]["content"]
    assert QUESTION in shown and BY_STATUS in shown and "Questions that people asked here before" in shown
    # What a policy let through is nobody's word.
    assert len(project.json("examples", "list")) == 1
    check_trouble(project.run("examples", "forget", "a-nosuch"), "E0106")
    project.run("examples", "forget", approval).ok()
    assert project.json("examples", "list") == []
    check_answer(project.ask("--no-fast-path", question="How many orders does each status have?").ok().json(), "answered")
    shown = server.seen[2].body["messages"][1]["content"]
    assert QUESTION not in shown and BY_STATUS not in shown


def test_a_person_who_refines_is_heard_by_the_model(project, server):
    server.lay_out(GOOD, sql("SELECT status, count(*) AS n FROM orders WHERE status <> 'open' GROUP BY status ORDER BY status"))
    child = project.start("ask", QUESTION, "--no-fast-path", "--output", "json")
    [first] = until(lambda: project.json("approvals", "list"), "an approval")
    project.run("approvals", "refine", first["approval_id"], "--feedback", "without the open ones").ok()
    [second] = until(lambda: [each for each in project.json("approvals", "list") if each["approval_id"] != first["approval_id"]], "the next approval")
    told = server.seen[1].body["messages"][1]["content"]
    assert "without the open ones" in told and BY_STATUS in told
    project.run("approvals", "approve", second["approval_id"]).ok()
    answer = check_answer(json.loads(child.communicate(timeout=30)[0]), "answered")
    assert [row[0] for row in answer["rows"]] == sorted(set(shop_data.STATUSES) - {"open"})


def test_the_same_question_again_is_paid_once(project, server):
    first, again = (check_answer(project.ask("--no-fast-path").ok().json(), "answered") for _ in range(2))
    assert server.calls == 1 and first["rows"] == again["rows"]
    [asked] = project.prompts(again["run_id"])
    assert asked["cache_hit"] and asked["usd"] == 0
    text = project.run("runs", "show", again["run_id"], "--prompts").ok().out
    assert "cache hit" in text and QUESTION in text and "-- system" in text and "-- reply" in text


def test_recordings_take_the_models_place(project, server):
    recordings = project.folder / "recordings"
    server.lay_out(sql("SELECT count(*) AS n FROM ordrs"), GOOD)
    live = check_answer(project.ask("--no-fast-path", env={"SLUICE_MODEL_RECORD": str(recordings)}).ok().json(), "answered")
    assert server.calls == 2 and len(list(recordings.rglob("*.json"))) == 2
    server.stop()
    shutil.rmtree(project.folder / ".sluice")  # another machine: all it has are the recordings
    replay = {"SLUICE_MODEL_REPLAY": str(recordings), "MODEL_KEY": ""}
    replayed = check_answer(project.ask("--no-fast-path", env=replay).ok().json(), "answered")
    assert (replayed["rows"], replayed["answered_by"]) == (live["rows"], live["answered_by"])
    ran = project.run("ask", QUESTION.replace("each", "every"), "--no-fast-path", "--approve", "policy", env=replay)
    assert ran.code == 1 and "error E1032" in ran.err, ran.err
    assert f"-user| {QUESTION}" in ran.err and f"+user| {QUESTION.replace('each', 'every')}" in ran.err, ran.err


def test_secrets_stay_out_of_everything(sluice, tmp_path, shop_duckdb, server):
    """Keys by reference and written out, a proxy's password, and a service that sends them all back."""
    as_proxy = f'"http://reader:{PROXY_PASSWORD}@127.0.0.1:{server.port}"'
    by_variable = f'"http://reader:${{PROXY_PASSWORD}}@127.0.0.1:{server.port}"'
    models = {"default": model(server), "literal": model(server, api_key=LITERAL_KEY), "flash": model(server, "gemini", api_key=LITERAL_KEY),
              "claude": model(server, "anthropic"), "behind": model(server, base_url="http://192.0.2.7/v1", proxy=as_proxy),
              "behind-too": model(server, base_url="http://192.0.2.7/v1", proxy=by_variable),
              "chain": "{first_of: [behind, literal, flash], on: [rejected, refused, unauthorized, overloaded]}"}
    project = ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), models)
    project.env["PROXY_PASSWORD"] = PROXY_PASSWORD
    project.env["SLUICE_MODEL_RECORD"] = str(tmp_path / "recordings")

    def echo(request):
        told = json.dumps(request.headers)
        return failing(400, f"what I got: {told}, and I keep {request.headers.get('authorization', '')[:-3]}***", headers={"X-Echo": told})

    def says(request):
        return Said(draft("sql", sql=BY_STATUS, explanation=f"as told: {json.dumps(request.headers)}"))

    sent = set()
    for number, name in enumerate(models):
        server.lay_out()
        server.answers = echo
        ran = project.ask("--model", name, question=f"Which horoscope {number}?")
        assert ran.code == 1 and server.calls >= 1, ran
        sent |= {spelling for seen in server.seen for value in seen.headers.values() for spelling in SENT if spelling in value}
        server.answers = says
        check_answer(project.ask("--model", name, question=f"Which mood {number}?").ok().json(), "answered")
        project.run("models", "test", name)
    assert sent == set(SENT), "a secret that is never sent can't come back"
    for args in (["models", "list"], ["doctor"], ["runs", "list"], ["costs", "--by", "model"], ["connections", "list"]):
        project.run(*args)
        project.run(*args, "--output", "json")
    for run in project.json("runs", "list", "--limit", "100"):
        for args in (["show"], ["events"], ["show", "--prompts"]):
            project.run("runs", args[0], run["run_id"], *args[1:], "--output", "json")
    # It would be seen: the watch itself finds what is there.
    (tmp_path / ".sluice" / "leak").write_text(KEY, encoding="utf-8")
    with pytest.raises(AssertionError):
        project.check_secrets()
    os.remove(tmp_path / ".sluice" / "leak")
    project.check_secrets()
    assert list((tmp_path / "recordings").rglob("*.json"))
