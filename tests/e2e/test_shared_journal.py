"""One journal in PostgreSQL for several machines: each has a folder of its own, and nothing else in common."""

import json
import os
import re
import subprocess
import time

import postgres as postgres_server
import pytest
from project import Project, check_history, check_trouble, until
from test_worker import SQL, TAKEOVER_SECONDS_MAX, end, enqueue, expected, held, wait_heard, workers  # noqa: F401 (a fixture)


@pytest.fixture(scope="module")
def journal_server(postgres):
    """A server for journals alone: it is stopped and started here."""
    with postgres_server.running() as server:
        yield server


@pytest.fixture
def journal(journal_server, tmp_path):
    """The name of an empty database, and the URL of a login that may create a schema in it and no more."""
    name = f"ops_{os.path.basename(tmp_path)}"[:60].lower().replace("-", "_")
    url = journal_server.create_database(name)
    with journal_server.connect() as connection:
        connection.execute(f'GRANT CREATE ON DATABASE "{name}" TO {postgres_server.READER}')
    return name, url


@pytest.fixture
def machines(sluice, tmp_path, postgres, journal):
    """Three of them, with the same configuration."""
    with held(postgres, tmp_path) as (url, table):
        there = []
        for name in ("a", "b", "c"):
            folder = tmp_path / name
            folder.mkdir()
            there.append(Project(sluice, folder, ("shop", "--postgres", url), env={"SLUICE_JOURNAL": journal[1]}))
            there[-1].held = table
        yield there


def approve_from(machine):
    machine.run("approvals", "approve", machine.json("approvals", "list")[0]["approval_id"]).ok()


def test_asked_on_one_approved_on_another_executed_on_a_third(machines, journal, journal_server, workers):  # noqa: F811
    asking, deciding, working = machines
    worker = workers(working)
    run_id = enqueue(asking, SQL, approve="ask")
    wait_heard(worker, "waiting", run_id)
    approve_from(deciding)
    wait_heard(worker, "ended", run_id)
    assert end(worker) == 0
    assert working.json("runs", "show", run_id)["rows"] == expected()
    for machine in machines:
        check_history(machine, run_id)
        assert machine.json("audit", "verify")["whole"]
    assert not (asking.folder / ".sluice" / "artifacts").exists(), "large values are in the database"
    with journal_server.connect(journal[0]) as connection:
        assert connection.execute("SELECT count(*) FROM sluice.wf_node").fetchone()[0] == 0, "who has ended leaves nothing behind"


def test_another_machine_goes_on_after_a_kill(machines, workers):  # noqa: F811
    asking, first_machine, second_machine = machines
    first = workers(first_machine)
    run_id = enqueue(asking, SQL, approve="ask")
    wait_heard(first, "waiting", run_id)
    asking.held.hold()
    approve_from(asking)
    until(asking.held.waiting, "the approved query on the server")
    second = workers(second_machine)
    time.sleep(0.5)
    killed = time.monotonic()
    first.kill()
    wait_heard(second, "taken", run_id, TAKEOVER_SECONDS_MAX)
    assert time.monotonic() - killed < TAKEOVER_SECONDS_MAX
    asking.held.release()
    wait_heard(second, "ended", run_id)
    assert second_machine.json("runs", "show", run_id)["rows"] == expected()
    check_history(asking, run_id)
    assert end(second) == 0


def test_a_server_that_crashes_and_comes_back_loses_nothing(machines, journal_server, workers):  # noqa: F811
    asking, deciding, working = machines
    worker = workers(working)
    run_id = enqueue(asking, SQL, approve="ask")
    wait_heard(worker, "waiting", run_id)
    journal_server.stop("immediate")
    deciding_late = deciding.start("approvals", "list", "--output", "json", stdout=subprocess.PIPE)
    assert "cannot be reached; trying for up to 30" in deciding_late.stderr.readline()
    assert deciding_late.poll() is None, "it waits for the server"
    journal_server.launch()
    out, err = deciding_late.communicate(timeout=60)
    assert len(json.loads(out)) == 1 and err.splitlines() == ["the journal's server is back"]
    approve_from(deciding)
    wait_heard(worker, "ended", run_id)
    assert end(worker) == 0
    check_history(asking, run_id)


def test_a_worker_with_nothing_in_hand_ends_at_once_while_the_server_is_away(machines, journal_server, workers):  # noqa: F811
    worker = workers(machines[0])
    until(lambda: any(each["event"] == "idle" for each in worker.news()), "it to have nothing to do")
    journal_server.stop("immediate")
    try:
        time.sleep(2)  # it notices, and begins to wait for the server
        assert end(worker) == 0, "it does not wait for the server first"
    finally:
        journal_server.launch()


def test_a_journal_that_cannot_be_reached_is_said_without_its_password(machines, journal, journal_server):
    name, url = journal
    password = journal_server.reader_password
    for wrong in (url.replace(password, "wr0ng-w0rd"), url.replace(f"/{name}", "/nothing_there"), f"mysql://me:{password}@nobody/nothing", url.replace(password, "x@wr0ng-w0rd/y")):
        ran = check_trouble(machines[0].run("runs", "list", env={"SLUICE_JOURNAL": wrong}), "E0211")
        assert password not in ran.err and "wr0ng-w0rd" not in ran.err
    hinted = machines[0].run("runs", "list", env={"SLUICE_JOURNAL": url.replace(f"/{name}", "/nothing_there")})
    assert "createdb nothing_there" in hinted.err
    untrusted = machines[0].run("runs", "list", env={"SLUICE_JOURNAL": re.sub("[?].*", "", url)})
    assert "the server's certificate" in check_trouble(untrusted, "E0211").err, "without sslrootcert nothing vouches for it"


def test_a_password_that_is_written_out_is_warned_of(machines, journal):
    """Of one in a variable nothing is said."""
    _, url = journal
    written_out = "its password is written out in sluice.yaml"
    ran = machines[0].run("doctor")
    assert ran.out.count("✗") == 0 and written_out not in ran.out, ran.out
    with open(machines[0].folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(f"journal: {json.dumps(url)}\n")
    ran = machines[0].run("doctor", env={"SLUICE_JOURNAL": ""})
    assert written_out in ran.out + ran.err, ran.out


def test_the_rights_that_are_left_after_the_first_use_are_enough(machines, journal, journal_server):
    name, _ = journal
    machines[0].json("runs", "list")
    with journal_server.connect() as connection:
        connection.execute(f'REVOKE CREATE ON DATABASE "{name}" FROM {postgres_server.READER}')
    run_id = enqueue(machines[1], SQL)
    machines[2].run("worker", "--until-idle").ok()
    assert machines[2].json("runs", "show", run_id)["rows"] == expected()
