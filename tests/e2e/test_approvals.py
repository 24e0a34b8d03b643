"""A decision counts once, for one subject of one run."""

import datetime
import json
import os
import sqlite3
import threading
import time
from contextlib import closing

import pytest
import shop as shop_data
from project import Project, check_answer, check_trouble, finish, until

RACES = 30
COUNT = "SELECT count(*) AS n FROM orders"


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


def message(**members):
    return json.dumps({"feedback": None, **members})


def send(project, text):
    return project.run("approvals", "send", "-", input=text)


@pytest.mark.parametrize("by_file", [False, True])
def test_approve_by_message(shop, by_file):
    approval = shop.waiting(COUNT)
    text = message(thread_id=approval["run_id"], action="approve")
    if by_file:
        (shop.folder / "approval.json").write_text(text)
        shop.run("approvals", "send", "approval.json").ok()
    else:
        send(shop, text).ok()
    assert shop.resume(approval["run_id"])["rows"] == [[shop_data.ORDERS]]


def test_reject_by_message_keeps_the_reason(shop):
    approval = shop.waiting(COUNT)
    send(shop, message(thread_id=approval["run_id"], action="reject", feedback="too wide")).ok()
    answer = shop.resume(approval["run_id"], "rejected")
    assert answer["approval"]["reason"] == "too wide" and answer["rows"] == []


def test_edited_sql_needs_a_new_approval(shop):
    child, first = shop.ask_and_wait(COUNT)
    edited = "SELECT count(*) AS n FROM customers"
    shop.run("approvals", "refine", first["approval_id"], "--sql", edited).ok()
    second = until(lambda: [each for each in shop.json("approvals", "list") if each["approval_id"] != first["approval_id"]], "the second card")[0]
    assert second["run_id"] == first["run_id"] and second["subject_hash"] != first["subject_hash"]
    # The first yes does not reach over to the second subject.
    check_trouble(shop.run("approvals", "approve", first["approval_id"]), "E0107")
    assert child.poll() is None
    shop.run("approvals", "approve", second["approval_id"]).ok()
    answer = finish(child, "answered")
    assert answer["sql"] == edited and answer["rows"] == [[shop_data.CUSTOMERS]]


def test_a_second_decision_is_refused(shop):
    approval = shop.waiting(COUNT)
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    for args in (["approve"], ["reject", "--reason", "no"], ["refine", "--feedback", "only JFK"]):
        check_trouble(shop.run("approvals", args[0], approval["approval_id"], *args[1:]), "E0107")
    check_trouble(send(shop, message(thread_id=approval["run_id"], action="approve")), "E0106")
    shop.resume(approval["run_id"])
    # Nor may the spent one be decided again, or the ended run be run again.
    check_trouble(shop.run("approvals", "reject", approval["approval_id"]), "E0107")
    executed = [event for event in events(shop, approval["run_id"]) if event["path"].endswith("execute")]
    shop.resume(approval["run_id"])
    assert [event for event in events(shop, approval["run_id"]) if event["path"].endswith("execute")] == executed


def test_a_late_decision_is_refused(shop):
    child, approval = shop.ask_and_wait(COUNT, "--approval-timeout", "1s")
    finish(child, "timeout")
    check_trouble(shop.run("approvals", "approve", approval["approval_id"]), "E0108")


def test_a_late_decision_is_refused_while_nobody_watches(shop):
    approval = shop.waiting(COUNT, "--approval-timeout", "1s")
    until(lambda: shop.json("approvals", "list") == [], "the time being over")
    check_trouble(shop.run("approvals", "approve", approval["approval_id"]), "E0108")
    shop.resume(approval["run_id"], "timeout")


def test_who_comes_too_late_by_a_message_hears_who_decided(shop):
    approval = shop.waiting(COUNT)
    shop.run("approvals", "reject", approval["approval_id"], "--reason", "no").ok()
    for action, feedback in (("approve", None), ("reject", "no"), ("refine", "only JFK")):
        late = send(shop, message(thread_id=approval["run_id"], action=action, feedback=feedback, approval_id=approval["approval_id"],
                                  subject_hash=approval["subject_hash"]))
        check_trouble(late, "E0107")


def test_a_foreign_decision_is_refused(shop):
    one, two = shop.waiting(COUNT), shop.waiting("SELECT count(*) AS n FROM customers")
    # Another run's approval, another subject's hash, a run and an approval that are not there.
    check_trouble(send(shop, message(thread_id=one["run_id"], action="approve", approval_id=two["approval_id"])), "E0503")
    check_trouble(send(shop, message(thread_id=one["run_id"], action="approve", subject_hash=two["subject_hash"])), "E0110")
    check_trouble(send(shop, message(thread_id="r-nosuch", action="approve")), "E0102")
    check_trouble(shop.run("approvals", "approve", "a-nosuch"), "E0106")
    assert {each["status"] for each in shop.json("approvals", "list", "--all")} == {"open"}


def test_a_run_id_does_not_reach_into_the_next_round(shop):
    """What was written about the first card must not decide about the second one, which nobody had seen."""
    child, first = shop.ask_and_wait(COUNT)
    run_id = first["run_id"]
    shop.run("approvals", "refine", first["approval_id"], "--sql", "SELECT count(*) AS n FROM customers").ok()
    second = until(lambda: [each for each in shop.json("approvals", "list") if each["approval_id"] != first["approval_id"]], "the second card")[0]
    check_trouble(send(shop, message(thread_id=run_id, action="approve")), "E0503")
    check_trouble(send(shop, message(thread_id=run_id, action="approve", approval_id=first["approval_id"])), "E0503")
    check_trouble(send(shop, message(thread_id=run_id, action="approve", subject_hash=first["subject_hash"])), "E0110")
    for verb in (["approve"], ["reject", "--reason", "no"], ["refine", "--feedback", "only JFK"]):
        check_trouble(shop.run("approvals", verb[0], run_id, *verb[1:]), "E0503")
    assert [each["approval_id"] for each in shop.json("approvals", "list")] == [second["approval_id"]]
    send(shop, message(thread_id=run_id, action="approve", subject_hash=second["subject_hash"])).ok()
    assert finish(child, "answered")["rows"] == [[shop_data.CUSTOMERS]]


def test_a_decision_about_a_cancelled_run_is_refused(shop):
    approval = shop.waiting(COUNT)
    shop.run("runs", "cancel", approval["run_id"]).ok()
    check_trouble(shop.run("approvals", "approve", approval["approval_id"]), "E0109")


def test_a_run_of_another_version_is_refused_with_a_next_step(shop):
    approval = shop.waiting(COUNT)
    run = approval["run_id"]
    with closing(sqlite3.connect(shop.folder / ".sluice" / "journal.db")) as journal, journal:
        assert journal.execute("UPDATE wf_run SET code_version = '1' WHERE run_id = ?", [run]).rowcount == 1
    refused = check_trouble(shop.run("runs", "resume", run), "E0103")  # before anybody is asked for a decision that leads nowhere here
    assert 'no version 1 of workflow "ask"' in refused.err and f"sluice runs cancel {run}" in refused.err
    # The release that started it may go on with it: a decision is kept for it, and nothing of the run changes.
    assert check_answer(shop.json("runs", "show", run), "waiting")["sql"] == COUNT
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    check_trouble(shop.run("runs", "resume", run), "E0103")
    assert not {"drift", "paused", "approval decided"} & {event["type"] for event in shop.json("runs", "events", run)}
    shop.run("runs", "cancel", run).ok()
    assert shop.json("runs", "show", run)["status"] == "cancelled"


@pytest.mark.parametrize("text", [
    "", "null", "[]", "{", "{}", '"approve"', '{"thread_id": "ID"}', '{"action": "approve"}', '{"thread_id": "ID", "action": "yes"}',
    '{"thread_id": "ID", "action": "APPROVE"}', '{"thread_id": "ID", "action": ["approve"]}', '{"thread_id": 7, "action": "approve"}',
    '{"thread_id": "ID", "action": "approve", "action": "reject"}', '{"thread_id": "ID", "action": "approve", "feedbak": "x"}',
    '{"thread_id": "ID", "action": "refine", "feedback": null}', '{"thread_id": "ID", "action": "refine", "feedback": "  "}',
    '{"thread_id": "ID", "action": "approve", "feedback": 7}', '{"thread_id": "ID", "action": "approve"} {}', '{"thread_id": "ID", "action": "approve",}',
    "[" * 100_000, '{"thread_id": "ID", "action": "approve", "feedback": "' + "x" * 900_000 + '"}', "\x00\x01", "\ufeff{}",
])
def test_a_malformed_decision_is_refused(shop, text):
    waiting = shop.waiting(COUNT)
    ran = send(shop, text.replace("ID", waiting["run_id"]))
    check_trouble(ran, "E0501")
    assert len(ran.err) < 1500
    assert shop.json("approvals", "list")[0]["status"] == "open"


def test_a_decision_file_that_is_no_file(shop):
    check_trouble(shop.run("approvals", "send", "nosuch.json"), "E0805")
    check_trouble(shop.run("approvals", "send", "."), "E0805")
    (shop.folder / "large.json").write_text("x" * 2_000_000)
    check_trouble(shop.run("approvals", "send", "large.json"), "E0805")
    check_trouble(send(shop, "x" * 2_000_000), "E0805")
    check_trouble(shop.run("approvals", "send", "/dev/zero"), "E0805")
    with open("/dev/zero", "rb") as zeros:
        child = shop.start("approvals", "send", "-", stdin=zeros)
        assert "E0805" in child.communicate(timeout=10)[1] and child.returncode == 1


@pytest.mark.parametrize("source", ["-", "pipe"])
def test_a_decision_that_never_comes_can_be_interrupted(shop, source):
    os.mkfifo(shop.folder / "pipe")
    reading, writing = os.pipe()
    try:
        child = shop.start("approvals", "send", source, stdin=reading)
        time.sleep(0.5)
        child.terminate()
        assert "was interrupted" in child.communicate(timeout=10)[1] and child.returncode == 1
    finally:
        os.close(reading)
        os.close(writing)


def test_two_deciders_at_once_have_one_winner(shop):
    approval = shop.waiting(COUNT)
    children = [shop.start("approvals", verb, approval["approval_id"]) for verb in ("approve", "reject") * 3]
    codes = {}
    for number, child in enumerate(children):
        child.communicate(timeout=30)
        codes[number] = child.returncode
    assert sorted(codes.values()) == [0, 1, 1, 1, 1, 1]
    winner = next(number for number, code in codes.items() if code == 0)
    shop.resume(approval["run_id"], "answered" if winner % 2 == 0 else "rejected")


def test_an_approval_racing_its_expiry_has_one_outcome(shop):
    outcomes = []
    for turn in range(RACES):
        child, approval = shop.ask_and_wait(COUNT, "--approval-timeout", "1s")
        decided = []
        # From well before the deadline to after it, so that both outcomes and the edge between them are met.
        delay = max(0.0, seconds_until(approval["due_at"]) - 0.25 + turn * 0.4 / RACES)
        timer = threading.Timer(delay, lambda: decided.append(shop.run("approvals", "approve", approval["approval_id"])))
        timer.start()
        out, err = child.communicate(timeout=30)
        timer.join()
        answer, decision = check_answer(json.loads(out)), decided[0]
        if answer["status"] == "answered":
            assert decision.code == 0 and answer["rows"] == [[shop_data.ORDERS]], decision
        else:
            assert answer["status"] == "timeout" and decision.code == 1 and "E0108" in decision.err, (answer, decision)
        status = next(each["status"] for each in shop.json("approvals", "list", "--all") if each["approval_id"] == approval["approval_id"])
        assert status == ("approved" if answer["status"] == "answered" else "expired")
        outcomes.append(answer["status"])
    assert {"answered", "timeout"} == set(outcomes), outcomes


def events(project, run_id):
    return project.json("runs", "events", run_id)


def seconds_until(text):
    due = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (due - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
