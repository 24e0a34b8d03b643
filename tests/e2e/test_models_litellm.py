"""A real proxy between: LiteLLM, whose models answer with replies laid out here, over the three protocols."""

import json
import re

import pytest
from model_project import BY_STATUS, QUESTION, ModelProject
from model_server import draft
from project import check_answer
from test_eval import SET, evaluated, verdicts

SQL = draft("sql", sql=BY_STATUS, explanation="Counts the orders of each status.", confidence=0.9)
COUNT = draft("sql", sql="SELECT count(*) AS n FROM orders", confidence=0.8)
WORD = '{"ok": true, "word": "sluice"}'
# What LiteLLM's models say. Its names for the providers decide which of its routes serves them.
REPLIES = {"sql": ("openai/gpt-4o", SQL), "sql-claude": ("anthropic/claude-sonnet-4-5", SQL), "sql-gemini": ("gemini/gemini-2.5-flash", SQL),
           "word": ("openai/gpt-4o", WORD), "word-claude": ("anthropic/claude-sonnet-4-5", WORD), "word-gemini": ("gemini/gemini-2.5-flash", WORD),
           "count": ("openai/gpt-4o", COUNT), "busy": ("openai/gpt-4o", "litellm.RateLimitError"),
           "broken": ("openai/gpt-4o", "litellm.InternalServerError"),
           "long": ("openai/gpt-4o", "litellm.ContextWindowExceededError")}
ATTEMPTS = 4


def entry(litellm, provider, name, **options):
    base = litellm.url + ("/v1" if provider == "openai" else "")
    # LiteLLM's streamGenerateContent passes its mock by and asks the real service: `stream: false` is the way to the mock.
    fields = {"provider": provider, "base_url": base, "model": name, "api_key": "${LITELLM_KEY}", "price": "{input: 2, output: 10}", "timeout": "30s",
              **({"stream": "false"} if provider == "gemini" else {}), **options}
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"


@pytest.fixture(scope="module")
def project(sluice, tmp_path_factory, shop_duckdb, litellm):
    models = {"default": entry(litellm, "openai", "sql"), "claude": entry(litellm, "anthropic", "sql-claude"),
              "flash": entry(litellm, "gemini", "sql-gemini"),
              "whole": entry(litellm, "openai", "sql", stream="false"), "plain": entry(litellm, "openai", "sql", structured="none"),
              "w-default": entry(litellm, "openai", "word"), "w-claude": entry(litellm, "anthropic", "word-claude"),
              "w-flash": entry(litellm, "gemini", "word-gemini"), "count": entry(litellm, "openai", "count"),
              **{name: entry(litellm, "openai", name) for name in ("busy", "broken", "long")}, "nosuch": entry(litellm, "openai", "no-such-model"),
              "chain": "{first_of: [busy, default]}"}
    project = ModelProject(sluice, tmp_path_factory.mktemp("litellm"), ("shop", "--duckdb", shop_duckdb), models)
    project.env["LITELLM_KEY"] = litellm.key
    yield project
    project.check_secrets([litellm.key, WRONG_KEY])


WRONG_KEY = "sk-made-up-wrong-key-9876543210fedcba"  # pragma: allowlist secret


@pytest.mark.parametrize("name, provider", [("default", "openai"), ("claude", "anthropic"), ("flash", "gemini"), ("whole", "openai"),
                                            ("plain", "openai")])
def test_a_question_is_answered_over_each_protocol(project, name, provider):
    answer = check_answer(project.ask("--model", name, question=f"{QUESTION} ({name})").ok().json(), "answered")
    assert answer["sql"] == BY_STATUS and len(answer["rows"]) == 4
    assert re.fullmatch(rf"{name} \({provider}/sql[a-z-]*\)", answer["answered_by"])
    [asked] = project.prompts(answer["run_id"])
    assert asked["tokens_in"] > 0 and asked["tokens_out"] > 0 and asked["usd"] > 0 and asked["notes"] == []
    assert json.loads(asked["reply"])["sql"] == BY_STATUS
    text = project.run("runs", "show", answer["run_id"], "--prompts").ok().out
    assert "-- system" in text and QUESTION in text and "table orders" in text and f"{name} ({provider}/" in text


def test_models_test_reaches_them(project):
    for name in ("w-default", "w-claude", "w-flash"):
        assert name in project.run("models", "test", name).ok().out
    # Reached, but what it says is not what it was asked for.
    ran = project.run("models", "test", "default")
    assert ran.code == 1 and "is not what was asked for" in ran.out


@pytest.mark.parametrize("name", ["default", "claude", "flash"])
def test_a_wrong_key(project, name):
    ran = project.ask("--model", name, question=f"Which horoscope has {name}?", env={"LITELLM_KEY": WRONG_KEY})
    answer = check_answer(ran.json())
    assert ran.code == 1 and [each["error"]["code"] for each in project.prompts(answer["run_id"])] == ["E1004"]
    assert f"check api_key of models.{name}" in answer["error"]["hint"] and "next: " in ran.err
    tested = project.run("models", "test", name, env={"LITELLM_KEY": WRONG_KEY})
    assert tested.code == 1 and f"check api_key of models.{name}" in tested.out
    for ran_ in (ran, tested):
        assert WRONG_KEY not in ran_.out + ran_.err and WRONG_KEY[-4:] not in ran_.out + ran_.err


def test_no_key_at_all(project):
    ran = project.ask(question="Which horoscope has no key?", env={"LITELLM_KEY": ""})
    answer = check_answer(ran.json())
    assert ran.code == 1 and "has no key" in answer["error"]["message"] and "check api_key of models.default" in answer["error"]["hint"]


@pytest.mark.parametrize("name, code", [("nosuch", "E1005"), ("busy", "E1001"), ("broken", "E1001"), ("long", "E1008")])
def test_failures_in_the_proxys_own_words(project, name, code):
    ran = project.ask("--model", name, question=f"Which horoscope has {name}?")
    answer = check_answer(ran.json())
    [asked] = project.prompts(answer["run_id"])
    assert ran.code == 1 and asked["error"]["code"] == code, asked["error"]
    assert len(asked["notes"]) == (ATTEMPTS - 1 if code == "E1001" else 0)


def test_a_chain_goes_on_behind_the_proxy(project):
    answer = check_answer(project.ask("--model", "chain", question="Which mood has the chain?").ok().json(), "answered")
    *_, asked = project.prompts(answer["run_id"])
    assert asked["model"] == "default" and 'went on to "default"' in asked["notes"][-1]


def test_costs(project):
    by_model = {line["group"]: line for line in project.costs("model")}
    for group in ("openai/sql", "anthropic/sql-claude", "gemini/sql-gemini"):
        assert by_model[group]["usd"] > 0 and by_model[group]["tokens_in"] > 0, by_model
    # What another of its chain answered is not its cost.
    assert by_model["openai/busy"]["failed"] == by_model["openai/busy"]["calls"] >= 1 and by_model["openai/busy"]["usd"] == 0
    by_workflow = {line["group"]: line["usd"] for line in project.costs("workflow")}
    assert set(by_workflow) <= {"ask", "models test"} and by_workflow["ask"] > 0
    assert sum(by_workflow.values()) == pytest.approx(sum(line["usd"] for line in by_model.values()))
    assert "openai/sql" in project.run("costs", "--by", "model").ok().out


def test_eval_beside_the_planner_and_without_tools(project):
    (project.folder / "questions.yaml").write_text(SET, encoding="utf-8")
    ran = project.run("eval", "questions.yaml", "--arms", "built-in,count,count+no-tools", "--output", "json")
    report = evaluated(ran)
    assert [arm["name"] for arm in report["arms"]] == ["built-in", "count", "count+no-tools"]
    assert verdicts(report, 0)["orders"] == "right"
    # Whatever it is asked, this model counts the orders.
    for arm in (1, 2):
        assert verdicts(report, arm)["orders"] == "right"
        assert all(verdict == "wrong" for question, verdict in verdicts(report, arm).items() if question != "orders")
    runs = [run for run in project.json("runs", "list", "--limit", "100") if run["text"] == "How many categories are there?"]
    shown = [each["request"]["messages"][0]["text"] for run in runs for each in project.prompts(run["run_id"])]
    # The control sees no catalog.
    assert sorted("table orders" in text for text in shown) == [False, True]
