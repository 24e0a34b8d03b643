"""Signals and closed input: only a person's Ctrl-C on what this process runs ends a run, and nothing that is cut off decides anything."""

import os
import signal
import time

import pexpect
import pytest
import shop as shop_data
from project import Project, check_answer, check_history, finish, until

COUNT = "SELECT count(*) AS n FROM orders"
# A process looks for what others do several times a second.
NOTICED_SECONDS = 1.0


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


class Held:
    """A table that everybody's queries wait for, until `release`."""

    def __init__(self, postgres, database, table):
        self.watching = postgres.connect(database)
        self.watching.autocommit = True
        self.holding = postgres.connect(database)
        self.holding.autocommit = False
        self.table = table

    def hold(self):
        self.holding.execute(f"LOCK TABLE {self.table} IN ACCESS EXCLUSIVE MODE")

    def waiting(self):
        return self.watching.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()").fetchone()[0]

    def release(self):
        self.holding.rollback()


@pytest.fixture
def slow_shop(sluice, tmp_path, postgres):
    """A shop on PostgreSQL whose approved queries hang while `held` holds the table."""
    database = f"held_{os.path.basename(tmp_path)}"[:60].lower().replace("-", "_")
    url = postgres.create_database(database, shop_data.sql())
    project = Project(sluice, tmp_path, ("shop", "--postgres", url))
    project.held = Held(postgres, database, "orders")
    yield project
    project.held.release()
    project.held.holding.close()
    project.held.watching.close()


def executing(project):
    """A process whose approved query hangs on the server, and its run."""
    child, approval = project.ask_and_wait(COUNT)
    project.held.hold()
    project.run("approvals", "approve", approval["approval_id"]).ok()
    until(lambda: project.held.waiting() or child.poll() is not None, "the approved query on the server")
    assert child.poll() is None, child.communicate()
    return child, approval["run_id"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_shutdown_hands_the_run_back(slow_shop, number):
    child, run_id = executing(slow_shop)
    child.send_signal(number)
    finish(child, "paused")
    until(lambda: not slow_shop.held.waiting(), "the query gone from the server")
    slow_shop.held.release()
    assert slow_shop.resume(run_id)["rows"] == [[shop_data.ORDERS]]
    check_history(slow_shop, run_id)


def test_a_query_does_not_outlive_its_killed_process(slow_shop):
    # Hours of work: only the server itself can end it.
    sql = "SELECT count(*) AS n FROM orders a, orders b, orders c, orders d, orders e, orders f WHERE a.order_id + b.order_id + c.order_id + d.order_id + e.order_id + f.order_id < 0"
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()"
    child, approval = slow_shop.ask_and_wait(sql)
    slow_shop.run("approvals", "approve", approval["approval_id"]).ok()
    active = lambda: slow_shop.held.watching.execute(running).fetchone()[0]
    until(lambda: active() or child.poll() is not None, "the approved query on the server")
    assert child.poll() is None, child.communicate()
    child.kill()
    child.communicate()
    until(lambda: not active(), "the query gone from the server")
    slow_shop.run("runs", "cancel", approval["run_id"]).ok()


def test_a_persons_interrupt_ends_what_runs(slow_shop):
    child, run_id = executing(slow_shop)
    child.send_signal(signal.SIGINT)
    finish(child, "cancelled")
    until(lambda: not slow_shop.held.waiting(), "the query gone from the server")
    slow_shop.held.release()
    slow_shop.resume(run_id, "cancelled")


def test_a_second_interrupt_ends_at_once_and_says_how_to_go_on(slow_shop):
    child, run_id = executing(slow_shop)
    child.send_signal(signal.SIGINT)
    time.sleep(0.002)  # two pending signals would be one; the query takes longer to be cancelled
    child.send_signal(signal.SIGINT)
    err = child.communicate(timeout=10)[1]
    assert child.returncode == 130 and f"sluice runs resume {run_id}" in err, (child.returncode, err)
    slow_shop.held.release()
    assert slow_shop.resume(run_id)["rows"] == [[shop_data.ORDERS]]


def test_a_run_whose_process_was_killed_asks_to_be_resumed(slow_shop):
    child, run_id = executing(slow_shop)
    assert slow_shop.json("runs", "list")[0]["status"] == "waiting", "its process is at work"
    child.kill()
    child.communicate(timeout=30)
    listed, = slow_shop.json("runs", "list", "--status", "paused")
    assert listed["run_id"] == run_id and f"sluice runs resume {run_id}" in listed["reason"], listed
    for command in (["list"], ["show", run_id]):
        ran = slow_shop.run("runs", *command).ok()
        assert "paused" in ran.out + ran.err and f"no process works on it any more; go on with it: sluice worker --queues default, or: sluice runs resume {run_id}" in ran.out + ran.err, ran
    check_answer(slow_shop.json("runs", "show", run_id), "paused")
    slow_shop.held.release()
    assert slow_shop.resume(run_id)["rows"] == [[shop_data.ORDERS]]
    check_history(slow_shop, run_id)


def test_a_decision_that_nobody_took_up_yet_is_told(shop):
    approval = shop.waiting(COUNT)
    assert f"waits for approval {approval['approval_id']}" in shop.run("runs", "list").ok().err
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    assert "waiting" in shop.run("runs", "list").ok().out
    assert f"there is news for it: where no process takes it up, sluice worker --queues default, or: sluice runs resume {approval['run_id']}" in shop.run("runs", "list").ok().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_waits_for_a_decision_goes_on_waiting(shop, number):
    child, approval = shop.ask_and_wait(COUNT)
    child.send_signal(number)
    assert finish(child, "waiting")["approval"]["status"] == "open"
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    assert shop.resume(approval["run_id"])["rows"] == [[shop_data.ORDERS]]
    check_history(shop, approval["run_id"])


def test_who_only_watches_a_run_does_not_cancel_it(slow_shop):
    watcher, approval = slow_shop.ask_and_wait(COUNT)
    watcher.send_signal(signal.SIGSTOP)  # so that the other process is the one that takes the run up
    slow_shop.held.hold()
    slow_shop.run("approvals", "approve", approval["approval_id"]).ok()
    owner = slow_shop.start("runs", "resume", approval["run_id"], "--output", "json")
    until(lambda: slow_shop.held.waiting() or owner.poll() is not None, "the other process at work")
    assert owner.poll() is None, owner.communicate()
    watcher.send_signal(signal.SIGCONT)
    time.sleep(NOTICED_SECONDS)
    watcher.send_signal(signal.SIGINT)
    finish(watcher, "waiting")
    time.sleep(NOTICED_SECONDS)
    assert owner.poll() is None and slow_shop.held.waiting() == 1, "the watcher's end stopped the owner"
    slow_shop.held.release()
    assert finish(owner, "answered")["rows"] == [[shop_data.ORDERS]]
    check_history(slow_shop, approval["run_id"])


@pytest.mark.parametrize("key, prompt", [("r", "why (empty for no reason)"), ("f", "what should be different")])
def test_a_prompt_that_is_cut_off_decides_nothing(shop, pty, key, prompt):
    terminal = pty(["query", COUNT], shop.folder, env={"NO_COLOR": "1"}, timeout=20)
    terminal.expect_exact("leave it waiting")
    terminal.sendline(key)
    terminal.expect_exact(prompt)
    terminal.sendeof()  # Ctrl-D: back to the choices
    terminal.expect_exact("leave it waiting")
    assert [each["status"] for each in shop.json("approvals", "list", "--all")] == ["open"]
    terminal.sendline(key)
    terminal.expect_exact(prompt)
    terminal.sendintr()  # Ctrl-C: left
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 1 and "runs resume" in terminal.before, terminal.before
    approval, = shop.json("approvals", "list", "--all")
    assert approval["status"] == "open"
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    assert shop.resume(approval["run_id"])["rows"] == [[shop_data.ORDERS]]
