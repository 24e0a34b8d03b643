"""`sluice worker`: questions wait in queues, workers take them, die, drain and go on, on the real program."""

import contextlib
import json
import os
import re
import signal
import subprocess
import time

import pytest
import shop as shop_data
from project import Project, check_answer, check_history, check_trouble, until
from test_interrupts import Held

SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
OTHER_SQL = "SELECT count(*) AS n FROM customers"
EXIT_SECONDS_MAX = 10
TAKEOVER_SECONDS_MAX = 15
LEASE_SECONDS_MAX = 60


def expected():
    orders = shop_data.rows()["orders"][1]
    return [[status, sum(row[3] == status for row in orders)] for status in sorted(shop_data.STATUSES)]


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


@contextlib.contextmanager
def held(postgres, folder):
    """The URL of a shop's database, and its table of orders, which can be held."""
    database = f"work_{os.path.basename(folder)}"[:60].lower().replace("-", "_")
    url = postgres.create_database(database, shop_data.sql())
    table = Held(postgres, database, "orders")
    yield url, table
    table.release()
    table.holding.close()
    table.watching.close()


@pytest.fixture
def held_shop(sluice, tmp_path, postgres):
    """A shop on PostgreSQL whose queries of orders hang while `held` holds the table."""
    with held(postgres, tmp_path) as (url, table):
        project = Project(sluice, tmp_path, ("shop", "--postgres", url))
        project.held = table
        yield project


@pytest.fixture
def workers():
    """Starts workers, and ends what is left of them."""
    started = []

    def start(project, *args):
        path = project.folder / f"worker{len(started)}.jsonl"
        with open(path, "w", encoding="utf-8") as out:
            process = project.start("worker", "--output", "jsonl", *args, stdout=out, stderr=subprocess.DEVNULL)
        process.news = lambda: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.wait()


def executing(project, worker):
    """A run whose approved query hangs in the worker's hands."""
    run_id = enqueue(project, SQL, approve="ask")
    wait_heard(worker, "waiting", run_id)
    project.held.hold()
    project.run("approvals", "approve", project.json("approvals", "list")[0]["approval_id"]).ok()
    until(project.held.waiting, "the approved query on the server")
    return run_id


def enqueue(shop, sql, *args, approve="policy"):
    return shop.json("query", sql, "--queue", "default", "--approve", approve, *args)["run_id"]


def heard(worker, what, run_id):
    return [news for news in worker.news() if news["event"] == what and news.get("run_id") == run_id]


def wait_heard(worker, what, run_id, seconds=30):
    return until(lambda: heard(worker, what, run_id), f"{what} {run_id}: {worker.news()}", seconds)[0]


def end(worker, number=signal.SIGTERM):
    worker.send_signal(number)
    return worker.wait(EXIT_SECONDS_MAX)


def status(shop, run_id):
    return next(run["status"] for run in shop.json("runs", "list") if run["run_id"] == run_id)


def test_a_question_waits_for_a_worker_and_a_parked_one_for_another_process(shop, workers):
    run_id = enqueue(shop, SQL, approve="ask")
    waiting = shop.json("runs", "list")[0]
    assert waiting["status"] == "waiting" and "sluice worker --queues default" in waiting["reason"]
    worker = workers(shop)
    wait_heard(worker, "waiting", run_id)
    approval = until(lambda: shop.json("approvals", "list"), "an approval")[0]
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    ended = wait_heard(worker, "ended", run_id)
    assert ended["status"] == "answered" and ended["seconds"] < 10
    assert end(worker) == 0
    answer = shop.json("runs", "show", run_id)
    check_answer(answer, "answered")
    assert answer["rows"] == expected()
    check_history(shop, run_id)


def test_until_idle_does_all_that_is_due_and_ends(shop, workers):
    runs = [enqueue(shop, SQL, "--priority", str(-n)) for n in range(6)]
    elsewhere = shop.json("query", SQL, "--queue", "elsewhere")["run_id"]
    worker = workers(shop, "--until-idle", "--concurrency", "1")
    assert worker.wait(60) == 0
    assert [news["run_id"] for news in worker.news() if news["event"] == "taken"] == runs[::-1], "by priority"
    for run_id in runs:
        assert shop.json("runs", "show", run_id)["rows"] == expected()
    assert status(shop, elsewhere) == "waiting"


def test_the_same_key_is_the_same_run(shop):
    first = enqueue(shop, SQL, "--dedup-key", "ticket-7")
    again = shop.json("query", SQL, "--queue", "default", "--approve", "policy", "--dedup-key", "ticket-7")
    assert again == {"run_id": first, "queue": "default", "status": "waiting", "existed": True}
    with open(shop.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write("limits: {rows_max: 77}\n")
    assert enqueue(shop, SQL, "--dedup-key", "ticket-7") == first, "another day or another configuration makes no other question"
    check_trouble(shop.run("query", "SELECT 1 AS one", "--queue", "default", "--dedup-key", "ticket-7"), "E0121")
    assert len(shop.json("runs", "list")) == 1


def test_another_worker_goes_on_after_a_kill_in_a_step(held_shop, workers):
    first = workers(held_shop)
    run_id = executing(held_shop, first)
    second = workers(held_shop)
    time.sleep(0.5)
    assert not heard(second, "taken", run_id), "its owner lives"
    killed = time.monotonic()
    first.kill()
    wait_heard(second, "taken", run_id, TAKEOVER_SECONDS_MAX)
    assert time.monotonic() - killed < TAKEOVER_SECONDS_MAX
    held_shop.held.release()
    wait_heard(second, "ended", run_id)
    assert end(second) == 0
    assert held_shop.json("runs", "show", run_id)["rows"] == expected()
    check_history(held_shop, run_id)


def test_sigterm_hands_back_what_does_not_end_in_time(held_shop, workers):
    worker = workers(held_shop, "--drain", "1s")
    run_id = executing(held_shop, worker)
    next_id = enqueue(held_shop, OTHER_SQL)
    wait_heard(worker, "ended", next_id)
    worker.send_signal(signal.SIGTERM)
    late = enqueue(held_shop, OTHER_SQL)
    assert worker.wait(EXIT_SECONDS_MAX) == 0
    assert wait_heard(worker, "handed_back", run_id)["status"] == "paused"
    assert not heard(worker, "taken", late)
    held_shop.held.release()
    assert workers(held_shop, "--until-idle").wait(60) == 0
    assert held_shop.json("runs", "show", run_id)["rows"] == expected()
    check_history(held_shop, run_id)


def test_sigterm_lets_runs_end(held_shop, workers):
    worker = workers(held_shop)
    run_id = executing(held_shop, worker)
    worker.send_signal(signal.SIGTERM)
    until(lambda: [news for news in worker.news() if news["event"] == "draining" and news["runs"] == 1], "that it drains")
    assert worker.poll() is None, "it drains"
    held_shop.held.release()
    assert worker.wait(EXIT_SECONDS_MAX) == 0
    assert heard(worker, "ended", run_id)[0]["status"] == "answered"


def test_a_second_signal_hands_back_at_once(held_shop, workers):
    worker = workers(held_shop, "--drain", "5m")
    run_id = executing(held_shop, worker)
    worker.send_signal(signal.SIGTERM)
    until(lambda: [news for news in worker.news() if news["event"] == "draining"], "that it drains")
    assert worker.poll() is None, "it drains"
    assert end(worker) == 0
    assert [news["event"] for news in worker.news()].count("stopping") == 1
    assert wait_heard(worker, "handed_back", run_id)["status"] == "paused"


def test_a_stopped_worker_that_wakes_after_its_lease_writes_nothing_more(held_shop, workers):
    """Another process takes the run over only once the lease is over; the first one then finds itself out of it."""
    first = workers(held_shop)
    run_id = executing(held_shop, first)
    first.send_signal(signal.SIGSTOP)
    second = workers(held_shop)
    wait_heard(second, "taken", run_id, LEASE_SECONDS_MAX)
    first.send_signal(signal.SIGCONT)
    assert wait_heard(first, "handed_back", run_id)["error"]["code"] == "E0136", "it is no failure: the run goes on elsewhere"
    held_shop.held.release()
    wait_heard(second, "ended", run_id)
    check_history(held_shop, run_id)
    epochs = [event["epoch"] for event in held_shop.json("runs", "events", run_id)]
    assert epochs == sorted(epochs), "nothing of the first one after the second began"
    assert end(first) == end(second) == 0


def test_what_became_of_runs_is_said_in_one_vocabulary(shop, workers):
    """A worker says of a run what `runs list` says of it."""
    rejected, late = enqueue(shop, SQL, approve="ask"), enqueue(shop, OTHER_SQL, "--approval-timeout", "1s", approve="ask")
    worker = workers(shop)
    wait_heard(worker, "waiting", rejected)
    shop.run("approvals", "reject", rejected).ok()
    for run_id, outcome in ((rejected, "rejected"), (late, "timeout")):
        assert wait_heard(worker, "ended", run_id)["status"] == outcome == status(shop, run_id)
    assert end(worker) == 0


def test_what_nobody_decided_in_time_is_expired_and_asked_anew(shop, workers):
    run_id = enqueue(shop, SQL, "--approval-timeout", "1s", approve="ask")
    assert workers(shop, "--until-idle").wait(60) == 0
    approval = until(lambda: next((each for each in shop.json("approvals", "list", "--all") if each["status"] == "expired"), None), "its expiry")
    assert approval["run_id"] == run_id and shop.json("approvals", "list") == [], "nothing that is over waits for a decision"
    refused = check_trouble(shop.run("approvals", "approve", run_id), "E0108")
    step = re.search(f"sluice runs fork {run_id} --from \"(.*?)\"", refused.err).group(1)
    fork = shop.json("runs", "fork", run_id, "--from", step, "--no-wait")["run_id"]
    shop.run("runs", "resume", fork, "--output", "json", timeout=30)
    assert [each["status"] for each in shop.json("approvals", "list", "--all") if each["run_id"] == fork] == ["expired"], "it was asked for once more"


def test_approvals_are_listed_by_pages_and_what_expired_hides_none_that_wait(shop, workers):
    waiting = [enqueue(shop, f"SELECT count(*) + {n} FROM orders", approve="ask") for n in range(3)]
    assert workers(shop, "--until-idle").wait(60) == 0
    late = [enqueue(shop, f"SELECT count(*) - {n} FROM orders", "--approval-timeout", "1s", approve="ask") for n in range(3)]
    assert workers(shop, "--until-idle").wait(60) == 0
    until(lambda: len([each for each in shop.json("approvals", "list", "--all") if each["status"] == "expired"]) == len(late), "their expiry")
    seen, before = [], []
    for _ in waiting:
        ran = shop.run("approvals", "list", "--limit", "1", *before, "--output", "json").ok()
        seen += [each["run_id"] for each in json.loads(ran.out)]
        before = re.findall("(--before) ([^ \\n]+)", ran.err)
        before = list(before[0]) if before else []
    assert sorted(seen) == sorted(waiting) and before == [], "each once, and nothing after the last"
    assert len(shop.json("approvals", "list", "--all")) == len(waiting) + len(late)
    check_trouble(shop.run("approvals", "list", "--limit", "0"), "E0800", 2)
    check_trouble(shop.run("approvals", "list", "--before", "a-nosuch"), "E0106")


def test_a_worker_says_what_waits_elsewhere(shop):
    enqueue(shop, SQL)
    ran = shop.run("worker", "--until-idle", "--queue", "nosuch").ok()
    assert "1 run waits in queues that this worker does not serve: default (1)" in ran.err


def test_what_is_being_executed_can_be_watched(held_shop, workers):
    worker = workers(held_shop)
    run_id = executing(held_shop, worker)
    assert "is being executed by" in held_shop.run("runs", "show", run_id).ok().out
    watching = held_shop.start("runs", "resume", run_id, "--output", "json")
    assert "watches it" in watching.stderr.readline()
    held_shop.held.release()
    out, _ = watching.communicate(timeout=60)
    assert check_answer(json.loads(out), "answered")["rows"] == expected()
    assert end(worker) == 0
    check_history(held_shop, run_id)


def test_wrong_ways_to_say_it(shop):
    check_trouble(shop.run("worker", "--queues", "a|b"), "E0814", 2)
    check_trouble(shop.run("worker", "--queues", ""), "E0800", 2)
    check_trouble(shop.run("query", SQL, "--queue", "-x y"), "E0814", 2)
    check_trouble(shop.run("query", SQL, "--queue", ""), "E0814", 2)
    check_trouble(shop.run("query", SQL, "--queue", "default", "--dedup-key", ""), "E0800", 2)
    check_trouble(shop.run("worker", "--concurrency", "65"), "E0800", 2)
    check_trouble(shop.run("worker", "--drain", "soon"), "E0801", 2)
    check_trouble(shop.run("worker", "--output", "json"), "E0800", 2)
    check_trouble(shop.run("query", SQL, "--priority", "1"), "E0800", 2)
    check_trouble(shop.run("runs", "signal", "r-none", "topic", "--data", "{"), "E0800", 2)
    run_id = enqueue(shop, SQL)
    check_trouble(shop.run("runs", "signal", run_id, "cancel"), "E0815")
    shop.run("runs", "signal", run_id, "anything", "--data", '{"a": 1}', "--id", "one").ok()
