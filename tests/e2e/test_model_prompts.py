"""`runs show --prompts`: every call of a run is shown, however the call or its step ended, and whatever became of the files beside the journal."""

import threading

import pytest
from model_project import BY_STATUS, QUESTION, ModelProject, model
from model_server import ModelServer, failing, sql
from project import WAIT_SECONDS_MAX, check_answer, finish, until

GOOD = sql(BY_STATUS)


@pytest.fixture
def server():
    with ModelServer([GOOD]) as server:
        yield server


@pytest.fixture
def make(sluice, tmp_path, shop_duckdb, server):
    """`make(candidates)`: a project that draws so many drafts at once."""
    made = []

    def project(candidates=1):
        made.append(ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), {"default": model(server)},
                                 f"{{candidates: {candidates}, fast_path: none}}"))
        return made[-1]

    yield project
    for each in made:
        each.check_secrets()


@pytest.fixture
def gate(server):
    """Every answer but the first waits until it is opened; it is by the test's end."""
    gate = threading.Event()
    lock, came = threading.Lock(), []

    def answer(request):
        with lock:
            came.append(request)
            first = len(came) == 1
        assert first or gate.wait(WAIT_SECONDS_MAX)
        return GOOD

    server.answers = answer
    yield gate
    gate.set()


def shown(project, run_id):
    """The calls of a run, and the same for people."""
    return project.prompts(run_id), project.run("runs", "show", run_id, "--prompts").ok().out


def artifact_file(project, run_id, step):
    """The file that holds the prompt which the step composed."""
    [event] = [event for event in project.json("runs", "events", run_id) if event["path"].endswith(step) and event["type"] == "step completed"]
    name = event["body"]["value"]["request"]
    [file] = project.folder.rglob(name)
    return file


def start_and_kill(project, server, count):
    child = project.start("ask", QUESTION, "--approve", "policy", "--output", "json")
    server.wait_for(count)
    child.kill()
    child.communicate(timeout=WAIT_SECONDS_MAX)
    [run] = project.json("runs", "list")
    return run["run_id"]


def test_calls_of_a_step_that_was_cancelled(make, server, gate):
    project = make(candidates=2)
    child = project.start("ask", QUESTION, "--approve", "policy", "--output", "json")
    server.wait_for(2)
    server.wait_for_answers(1)
    [run] = project.json("runs", "list")
    until(lambda: list((project.folder / ".sluice" / "replies").rglob("*.json")), "the reply that came is kept")
    project.run("runs", "cancel", run["run_id"]).ok()
    finish(child, "cancelled")
    calls, text = shown(project, run["run_id"])
    assert sorted(each["state"] for each in calls) == ["failed", "paid"]
    [paid], [failed] = ([each for each in calls if each["state"] == state] for state in ("paid", "failed"))
    assert BY_STATUS in paid["reply"] and paid["tokens_in"] == 100 and paid["usd"] > 0 and paid["error"] is None
    assert failed["reply"] is None and failed["error"]["code"] == "E1106" and "failed: E1106" in text
    assert all(QUESTION in each["request"]["messages"][0]["text"] for each in calls) and text.count("-- system") == 1


def test_a_call_whose_process_died(make, server):
    project, held = make(), threading.Event()
    server.answers = lambda request: held.wait(WAIT_SECONDS_MAX) and GOOD
    run_id = start_and_kill(project, server, 1)
    [call], text = shown(project, run_id)
    assert (call["state"], call["reply"], call["error"]) == ("in flight", None, None)
    assert QUESTION in call["request"]["messages"][0]["text"] and QUESTION in text and "in flight: how it ended is not recorded" in text
    # The call before the crash stays beside the one that brought the answer.
    held.set()
    project.resume(run_id)
    calls, _ = shown(project, run_id)
    assert [each["state"] for each in calls] == ["in flight", "paid"] and BY_STATUS in calls[1]["reply"]


def test_a_step_that_failed_before_it_asked(make, server):
    project, held = make(), threading.Event()
    server.answers = lambda request: held.wait(WAIT_SECONDS_MAX) and GOOD
    run_id = start_and_kill(project, server, 1)
    held.set()
    project.change("  default: {provider", "  other: {provider")
    assert project.run("runs", "resume", run_id, "--output", "json").code == 1
    calls, text = shown(project, run_id)
    assert [each["state"] for each in calls] == ["in flight", "failed"] and calls[1]["error"]["code"] == "E0750"
    assert "failed: E0750" in text and server.calls == 1


def test_a_prompt_that_is_gone_is_said(make, server):
    project = make()
    server.lay_out(sql("SELECT count(*) AS n FROM ordrs"), GOOD)
    run_id = check_answer(project.ask().ok().json(), "answered")["run_id"]
    artifact_file(project, run_id, "try[0]/compose").unlink()
    (first, second), text = shown(project, run_id)
    assert first["request"] is None and first["request_error"]["code"] == "E0122" and "ordrs" in first["reply"]
    assert second["request_error"] is None and len(second["request"]["messages"]) == 3
    assert "-- the prompt is not shown: E0122" in text and "-- system" in text and BY_STATUS in text


def test_how_each_call_ended(make, server):
    project = make()
    server.lay_out(failing(401, "bad key"))
    run_id = check_answer(project.ask().json())["run_id"]
    assert [each["state"] for each in project.prompts(run_id)] == ["failed"]
    server.lay_out(GOOD)
    states = [project.prompts(check_answer(project.ask().ok().json(), "answered")["run_id"])[0]["state"] for _ in range(2)]
    assert states == ["paid", "cached"]
    # A run that asked no model says so.
    run_id = project.answer("SELECT 1 AS one")["run_id"]
    assert project.prompts(run_id) == []
