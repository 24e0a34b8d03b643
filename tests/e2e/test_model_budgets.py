"""What may be spent: a call that would go over it is not made, whoever asks, and the ledger says what the service counted."""

import threading

import pytest
from model_project import BY_STATUS, ModelProject, model
from model_server import ModelServer, Said, failing, sql
from project import WAIT_SECONDS_MAX, check_answer

GOOD = sql(BY_STATUS)
PRICES = (2, 10)  # dollars for a million tokens in and out, as model_project has them


@pytest.fixture
def server():
    with ModelServer([GOOD]) as server:
        yield server


@pytest.fixture
def make(sluice, tmp_path, shop_duckdb, server):
    """`make(budgets)`: a project with these budgets; no word or file of it holds a secret."""
    made = []

    def project(budgets, entry=None, agent="{candidates: 1, fast_path: none}"):
        made.append(ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), {"default": entry or model(server)}, agent, budgets))
        return made[-1]

    yield project
    for each in made:
        each.check_secrets()


def asked(project, number=1, *args):
    return check_answer(project.ask(*args, question=f"Which horoscope fits the mood of order book {number}?").json())


def dollars(tokens):
    return sum(count * price for count, price in zip(tokens, PRICES)) / 1e6


def spent(project):
    """What the ledger says of everything, and that it says the same by model, workflow and day."""
    lines = [project.costs(by) for by in ("model", "workflow", "day")]
    sums = [{key: sum(line[key] for line in each) for key in ("calls", "cached", "failed", "in_flight", "tokens_in", "tokens_out")} for each in lines]
    assert sums[0] == sums[1] == sums[2], sums
    usd = [sum(line["usd"] for line in each) for each in lines]
    assert usd[0] == pytest.approx(usd[1]) == pytest.approx(usd[2])
    return {**sums[0], "usd": usd[0]}


def at_once(project, count, on_answer=lambda count: None):
    """The answers to so many questions, each asked by a process of its own."""
    answers, lock = [], threading.Lock()

    def ask(number):
        answer = asked(project, number)
        with lock:
            answers.append(answer)
            on_answer(len(answers))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def check_ledger(project, server):
    """The ledger's sums are what the service counted."""
    sums, tokens = spent(project), server.tokens()
    assert (sums["tokens_in"], sums["tokens_out"], sums["in_flight"]) == (*tokens, 0), (sums, tokens)
    assert sums["usd"] == pytest.approx(dollars(tokens), abs=1e-9)
    return sums


# A prompt has some 2,500 tokens; with `max_tokens` 4096 at $2 and $10 for a million a call may cost about 5 cents.
@pytest.mark.parametrize("budget, key", [("{run: {usd: 0.01}}", "run.usd"), ("{run: {tokens: 3000}}", "run.tokens"),
                                         ("{day: {usd: 0.01}}", "day.usd"), ("{day: {tokens: 3000}}", "day.tokens")])
def test_what_could_exceed_it_is_not_sent(make, server, budget, key):
    project = make(budget)
    answer = asked(project)
    assert server.calls == 0 and answer["status"] == "unanswerable"
    assert "does not allow this call" in answer["error"]["message"] and f"`budgets.{key}`" in answer["error"]["hint"]
    assert [each["error"]["code"] for each in project.prompts(answer["run_id"])] == ["E1020"]
    assert project.costs() == []


def test_a_second_round_that_no_budget_allows(make, server):
    server.lay_out(sql("SELECT count(*) AS n FROM ordrs"), GOOD)
    project = make("{run: {calls: 1}}")
    answer = asked(project)
    assert server.calls == 1 and answer["status"] == "unanswerable" and "the run's budget of 1 call" in answer["error"]["message"]
    assert [each["error"] and each["error"]["code"] for each in project.prompts(answer["run_id"])] == [None, "E1020"]
    # Another run has a budget of its own.
    server.lay_out(GOOD)
    assert asked(project, 2)["status"] == "answered" and server.calls == 1
    assert spent(project)["calls"] == 2


def test_drafts_beyond_the_budget_are_not_drawn(make, server):
    project = make("{run: {calls: 2}}", agent="{candidates: 5, fast_path: none}")
    assert asked(project)["status"] == "answered"
    assert server.calls == 2 and check_ledger(project, server)["calls"] == 2


def test_the_time_of_a_run(make, server):
    server.lay_out(Said(GOOD.text, delay=4), GOOD)
    project = make("{run: {seconds: 1}}")
    answer = asked(project)
    assert answer["status"] == "unanswerable" and server.calls == 1
    [error] = [each["error"] for each in project.prompts(answer["run_id"])]
    assert error["code"] in ("E1002", "E1020"), error
    # A slow draft that has to be mended: there is no time left for another.
    server.lay_out(Said(sql("SELECT count(*) AS n FROM ordrs").text, delay=0.7), Said(GOOD.text, delay=2), GOOD)
    assert asked(project, 2)["status"] == "unanswerable" and server.calls == 2


def test_money_without_a_price(make, server):
    # A server at an address of this machine costs nothing; one of another name has to say.
    project = make("{run: {usd: 1}}", model(server, base_url="http://models.example.invalid/v1", price=None))
    answer = asked(project)
    [error] = [each["error"] for each in project.prompts(answer["run_id"])]
    assert error["code"] == "E1021" and "models.default.price" in error["hint"] and server.calls == 0


def test_a_days_budget_across_runs(make, server):
    project = make("{day: {calls: 3}}")
    answers = [asked(project, number) for number in range(5)]
    assert [answer["status"] for answer in answers] == ["answered"] * 3 + ["unanswerable"] * 2
    assert "the day's budget of 3 calls" in answers[3]["error"]["message"] and server.calls == 3
    # What is known already costs nothing, and is still given.
    again = asked(project, 0)
    assert again["status"] == "answered" and server.calls == 3 and project.prompts(again["run_id"])[0]["cache_hit"]
    sums = check_ledger(project, server)
    assert (sums["calls"], sums["cached"]) == (3, 1)


def test_a_days_budget_across_processes_at_once(make, server):
    """Two of four calls fit: never three at once, however the processes come together."""
    project = make("{day: {calls: 2}}")
    server.lay_out(Said(GOOD.text, delay=0.5))
    answers = at_once(project, 4)
    assert sorted(answer["status"] for answer in answers) == ["answered"] * 2 + ["unanswerable"] * 2
    assert server.calls == 2 and check_ledger(project, server)["calls"] == 2


def test_money_of_a_day_across_processes_at_once(make, server):
    """What is in flight counts with the most that it can cost: of calls that may take 5 cents each, 12 cents allow two."""
    project = make("{day: {usd: 0.12}}")
    two_refused = threading.Event()

    def held(_):
        assert two_refused.wait(WAIT_SECONDS_MAX)
        return GOOD

    server.answers = held
    answers = at_once(project, 4, lambda count: two_refused.set() if count == 2 else None)
    assert server.calls == 2 and sorted(answer["status"] for answer in answers) == ["answered"] * 2 + ["unanswerable"] * 2
    assert any("calls in flight may take" in answer["error"]["message"] for answer in answers if "error" in answer), answers
    # Settled at what they really cost, they leave room.
    server.lay_out(GOOD)
    assert asked(project, 9)["status"] == "answered"


def test_failures_cost_nothing_and_are_counted(make, server):
    server.lay_out(failing(500), failing(500), GOOD, failing(401))
    project = make("")
    assert asked(project, 1)["status"] == "answered" and asked(project, 2)["status"] == "unanswerable"
    assert server.calls == 4
    sums = check_ledger(project, server)
    assert (sums["calls"], sums["failed"]) == (2, 1)


def test_a_service_that_counts_absurdly_spoils_no_sum(make, server):
    server.lay_out(Said(GOOD.text, tokens=(-5, 10**30)), GOOD)
    project = make("{day: {usd: 1000000}}")
    assert asked(project, 1)["status"] == "answered"
    [line] = project.costs()
    assert line["calls"] == 1 and 0 <= line["tokens_in"] and 0 <= line["tokens_out"] and 0 <= line["usd"], line
    assert asked(project, 2)["status"] == "answered" and server.calls == 2
