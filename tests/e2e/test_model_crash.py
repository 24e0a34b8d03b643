"""`kill -9` while a model is asked, and around the moments in which its reply is kept, paid and recorded: no reply that came in is paid for twice.

The delays and calls at which it dies are few in the normal run; SLUICE_KILLS=all takes more of them."""

import json
import os
import shutil
import threading
import time

import pytest
import shop as shop_data
from conftest import need
from model_project import BY_STATUS, ModelProject, model
from model_server import TOKENS_IN, ModelServer, sql
from project import WAIT_SECONDS_MAX, check_history, finish, killed_at

ALL = os.environ.get("SLUICE_KILLS") == "all"
SYNCS_MAX = 100
DELAYS_MS = range(0, 120, 4) if ALL else range(0, 48, 4)
PRICE_IN, PRICE_OUT = 2, 10  # dollars for a million tokens, as model_project has them


def two_rounds(request):
    """A draft that has to be mended, then a good one: two calls in each run."""
    return sql(BY_STATUS if len(request.body["messages"]) > 2 else "SELECT count(*) AS n FROM ordrs")


@pytest.fixture
def server():
    with ModelServer(two_rounds) as server:
        yield server


@pytest.fixture
def project(sluice, tmp_path, shop_duckdb, server):
    project = ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), {"default": model(server)})
    yield project
    project.check_secrets()


def words(number):
    return ["ask", f"Which horoscope fits the mood of order book {number}?", "--approve", "policy", "--output", "json"]


def kept(project):
    """Replies that are on disk, as (file, round)."""
    files = [path for path in (project.folder / ".sluice" / "replies").rglob("*.json") if len(path.stem) == 64]
    return {(path.name, 1 if len(json.loads(path.read_text())["request"]["messages"]) > 2 else 0) for path in files}


def runs(project):
    return {run["run_id"] for run in project.json("runs", "list", "--limit", "200")}


class Ledger:
    """What one test's kills did to the calls."""

    def __init__(self, project, server):
        self.project, self.server, self.kills, self.lost, self.runs = project, server, 0, 0, 0

    def survive(self, known_runs, known_replies, calls_before):
        """After a kill: the run, if there is one, ends right, and asks for what was lost alone."""
        self.kills += 1
        new = runs(self.project) - known_runs
        assert len(new) <= 1
        if not new:
            assert self.server.calls == calls_before
            return
        # On its way from its run to all runs a reply is there twice.
        known = {round for _, round in kept(self.project) - known_replies}
        lost = self.server.calls - calls_before - len(known)
        assert lost in (0, 1), "more than one call was in flight"
        self.check_end(new.pop(), calls_before, lost)

    def check_end(self, run_id, calls_before, lost):
        answer = self.project.resume(run_id)
        assert answer["sql"] == BY_STATUS and sum(row[1] for row in answer["rows"]) == shop_data.ORDERS
        assert self.server.calls - calls_before == 2 + lost, "a reply that was kept was asked for again"
        mine = self.server.seen[calls_before:]
        assert len({seen.raw for seen in mine}) == 2
        check_history(self.project, run_id)
        self.lost += lost
        self.runs += 1

    def check_sums(self):
        """Settled calls are what the service counted; those whose end nobody saw stand there with the most that they could cost."""
        [line] = self.project.costs()
        paid = line["calls"] - line["in_flight"]
        assert line["failed"] == 0 and line["tokens_in"] == paid * TOKENS_IN
        assert line["in_flight"] <= self.kills and paid <= self.server.calls <= line["calls"]
        tokens = self.server.tokens()
        assert line["usd"] >= (tokens[0] * PRICE_IN + tokens[1] * PRICE_OUT) / 1e6
        assert len(kept(self.project)) == 2 * self.runs == self.server.calls - self.lost
        assert max(self.server.whole_answers().values()) <= 2


def test_killed_at_every_sync(project, server):
    if not shutil.which("strace"):
        need("strace is missing")
    ledger = Ledger(project, server)
    for number in range(1, SYNCS_MAX):
        before = runs(project), kept(project), server.calls
        died, _ = killed_at(project, "fdatasync", number, *words(number))
        if not died:
            assert server.calls == before[2] + 2
            ledger.runs += 1
            break
        ledger.survive(*before)
    assert not died and ledger.kills >= 10, ledger.kills
    ledger.check_sums()


@pytest.mark.parametrize("call", ["rename", "fsync"])
def test_killed_as_the_reply_is_kept(project, server, call):
    if not shutil.which("strace"):
        need("strace is missing")
    ledger = Ledger(project, server)
    for number in range(1, SYNCS_MAX):
        before = runs(project), kept(project), server.calls
        died, _ = killed_at(project, call, number, *words(number))
        if not died:
            ledger.runs += 1
            break
        ledger.survive(*before)
    assert not died and ledger.lost >= 1, ledger.lost
    ledger.check_sums()


def test_killed_after_each_delay_behind_a_reply(project, server):
    ledger = Ledger(project, server)
    for reply in (1, 2):
        for delay_ms in DELAYS_MS:
            before = runs(project), kept(project), server.calls
            whole = sum(server.whole_answers().values())
            child = project.start(*words(f"{reply}-{delay_ms}"))
            server.wait_for_answers(whole + reply)
            time.sleep(delay_ms / 1000)
            child.kill()
            child.communicate(timeout=WAIT_SECONDS_MAX)
            ledger.survive(*before)
    assert ledger.kills == ledger.runs == 2 * len(DELAYS_MS)
    ledger.check_sums()


def held_until(gate):
    def answer(request):
        assert gate.wait(WAIT_SECONDS_MAX)
        return two_rounds(request)

    return answer


def test_killed_in_flight_again_and_again(project, server):
    """One call a kill, and one that gets through."""
    gate = threading.Event()
    server.answers = held_until(gate)
    child = project.start(*words(1))
    server.wait_for(1)
    [run_id] = runs(project)
    for killed in (2, 3):
        child.kill()
        child.communicate(timeout=WAIT_SECONDS_MAX)
        child = project.start("runs", "resume", run_id, "--output", "json")
        server.wait_for(killed)
    gate.set()
    assert finish(child, "answered")["sql"] == BY_STATUS
    assert server.calls == 4 and len({seen.raw for seen in server.seen[:3]}) == 1
    [line] = project.costs()
    assert (line["calls"], line["in_flight"], line["tokens_in"]) == (4, 2, 2 * TOKENS_IN)
    check_history(project, run_id)


def test_two_who_resume_ask_once(project, server):
    gate = threading.Event()
    server.answers = held_until(gate)
    child = project.start(*words(1))
    server.wait_for(1)
    [run_id] = runs(project)
    child.kill()
    child.communicate(timeout=WAIT_SECONDS_MAX)
    children = [project.start("runs", "resume", run_id, "--output", "json") for _ in range(2)]
    server.wait_for(2)
    gate.set()
    ends = [json.loads(child.communicate(timeout=WAIT_SECONDS_MAX)[0]) for child in children]
    # Whoever came second hears that another is at work, or sees how it ended.
    assert "answered" in [end.get("status") for end in ends]
    assert all(end["status"] == "answered" if "status" in end else end["error"]["code"] == "E0104" for end in ends), ends
    # The one that was lost, its repetition, and the second round.
    assert server.calls == 3
    check_history(project, run_id)


def test_calls_of_processes_that_died_count_against_the_day(sluice, tmp_path, shop_duckdb):
    """Nobody knows what the service charged for them: the most that it can be."""
    gate = threading.Event()
    with ModelServer(held_until(gate)) as server:
        project = ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), {"default": model(server)}, budgets="{day: {usd: 0.12}}")
        for number in (1, 2):
            child = project.start(*words(number))
            server.wait_for(number)
            child.kill()
            child.communicate(timeout=WAIT_SECONDS_MAX)
        gate.set()
        answer = project.run(*words(3)).json()
        assert answer["status"] == "unanswerable" and "calls in flight may take" in answer["error"]["message"] and server.calls == 2
        project.check_secrets()
