"""`kill -9` at every write, sync and rename of the real program: what was confirmed is there, and no approval is spent twice.

The normal run takes a sample of the many writes by a printed seed; SLUICE_KILLS=all takes every one."""

import json
import os
import random
import shutil

import pytest
import shop as shop_data
from project import Project, check_answer, check_history, killed_at, until

SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
CALLS_MAX = 400
WRITES_SAMPLED = 14
SEED = int(os.environ.get("SLUICE_SEED", random.SystemRandom().randrange(1 << 32)))
ALL = os.environ.get("SLUICE_KILLS") == "all"


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    if not shutil.which("strace"):
        from conftest import need

        need("strace is missing")
    print(f"SLUICE_SEED={SEED}")
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


def expected():
    orders = shop_data.rows()["orders"][1]
    return [[status, sum(row[3] == status for row in orders)] for status in sorted(shop_data.STATUSES)]


def check_after_kill(project, out, known):
    """Every run that is there ends with the right rows; nothing was confirmed about one that is not."""
    runs = [run["run_id"] for run in project.json("runs", "list") if run["run_id"] not in known]
    assert len(runs) <= 1
    if not runs:
        assert out == "", "something was confirmed about a run that the journal has not"
        return
    if out.endswith("]}\n"):
        assert check_answer(json.loads(out), "answered")["run_id"] == runs[0]
    assert project.resume(runs[0])["rows"] == expected()
    check_history(project, runs[0])
    known.add(runs[0])


def survive(project, call, numbers):
    known, deaths = set(), 0
    for number in numbers:
        died, out = killed_at(project, call, number, "query", SQL, "--approve", "policy", "--output", "json")
        deaths += died
        check_after_kill(project, out, known)
        if not died:
            break
    return deaths


@pytest.mark.parametrize("call", ["fdatasync", "fsync", "rename"])
def test_killed_at_every_sync(shop, call):
    assert survive(shop, call, range(1, CALLS_MAX)) >= 1


def test_killed_at_writes(shop):
    numbers = range(1, CALLS_MAX)
    if not ALL:
        numbers = sorted(random.Random(SEED).sample(range(1, 90), WRITES_SAMPLED))
    assert survive(shop, "pwrite64", numbers) >= 1


def test_killed_again_while_resuming(shop):
    rng, known = random.Random(SEED), set()
    for _ in range(4 if not ALL else 40):
        before = {run["run_id"] for run in shop.json("runs", "list")}
        killed_at(shop, "fdatasync", rng.randint(3, 9), "query", SQL, "--approve", "policy", "--output", "json")
        runs = [run["run_id"] for run in shop.json("runs", "list") if run["run_id"] not in before]
        for run_id in runs:
            for _ in range(3):
                killed_at(shop, rng.choice(["fdatasync", "pwrite64"]), rng.randint(1, 12), "runs", "resume", run_id, "--output", "json")
            assert shop.resume(run_id)["rows"] == expected()
            check_history(shop, run_id)
            known.add(run_id)
    assert known, "no run was ever there"


def test_a_decision_given_while_the_process_is_dead(shop):
    approval = shop.waiting(SQL)
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    assert shop.resume(approval["run_id"])["rows"] == expected()
    check_history(shop, approval["run_id"])


def test_killing_the_one_who_decides(shop):
    """A decision that was confirmed is honoured; one that was not is there as a whole or not at all."""
    seen = set()
    for call in ("fdatasync", "pwrite64"):
        for number in range(1, CALLS_MAX if ALL else 8):
            approval = shop.waiting(SQL)
            died, _ = killed_at(shop, call, number, "approvals", "approve", approval["approval_id"])
            status = next(each["status"] for each in shop.json("approvals", "list", "--all") if each["approval_id"] == approval["approval_id"])
            assert status == "approved" or (died and status == "open"), status
            seen.add((died, status))
            if status == "open":
                shop.run("approvals", "approve", approval["approval_id"]).ok()
            assert shop.resume(approval["run_id"])["rows"] == expected()
            check_history(shop, approval["run_id"])
            if not died:
                break
    assert (True, "open") in seen and (False, "approved") in seen, seen


def test_killing_the_one_who_waits_while_another_decides(shop):
    rng = random.Random(SEED)
    for _ in range(5 if not ALL else 50):
        child, approval = shop.ask_and_wait(SQL)
        decider = shop.start("approvals", "approve", approval["approval_id"])
        if rng.random() < 0.5:
            until(lambda: decider.poll() is not None, "the decision")
        child.kill()
        child.communicate(timeout=30)
        decider.communicate(timeout=30)
        assert decider.returncode == 0
        assert shop.resume(approval["run_id"])["rows"] == expected()
        check_history(shop, approval["run_id"])
