"""Questions with known answers: `sluice eval` asks them, compares the rows, and says what became of each."""

import csv
import io
import json
import signal

import jsonschema
import pytest
from project import ROOT, Project, check_trouble, until

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "schemas" / "eval.schema.json").read_text(encoding="utf-8")))
SET = """
on: shop
questions:
  - id: orders
    question: How many orders are there?
    gold: SELECT count(*) FROM orders
  - id: by-country
    question: How many customers are there in each country?
    gold: ["SELECT country, count(*) AS n FROM customers GROUP BY country"]
    columns: [n]
  - id: priciest
    question: What are the 3 most expensive products?
    gold: SELECT name, price FROM products ORDER BY price DESC LIMIT 3
    columns: [[name]]
  - id: hand
    question: How many categories are there?
    rows: [[5]]
  - id: otherwise
    question: How many products are there?
    gold: SELECT count(*) + 1 FROM products
  - id: moods
    question: Which customers are in a melancholic mood about their horoscope?
    unanswerable: true
"""


@pytest.fixture
def project(tmp_path, shop_duckdb, sluice):
    project = Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), policy=False)
    (tmp_path / "questions.yaml").write_text(SET, encoding="utf-8")
    return project


def evaluated(ran, code=0):
    """The report, which fits its schema."""
    assert ran.code == code, ran
    report = ran.json()
    errors = [f"{list(error.path)}: {error.message}" for error in SCHEMA.iter_errors(report)]
    assert errors == [], errors
    return report


def verdicts(report, arm=0):
    return {one["id"]: one["verdict"] for one in report["arms"][arm]["questions"]}


def test_each_question_is_a_run_of_its_own_and_gets_a_verdict(project):
    report = evaluated(project.run("eval", "questions.yaml", "--output", "json"))
    arm = report["arms"][0]
    assert verdicts(report) == {"orders": "right", "by-country": "right", "priciest": "right", "hand": "right", "otherwise": "wrong", "moods": "refused"}
    assert [one["id"] for one in arm["questions"]] == ["orders", "by-country", "priciest", "hand", "otherwise", "moods"]
    assert (arm["asked"], arm["answered"], arm["right"], arm["wrong"], arm["refused"]) == (6, 5, 5, 1, 1)
    assert arm["accuracy"] == round(5 / 6, 4) and arm["precision"] == 0.8 and arm["unanswerable"] == {"asked": 1, "refused": 1}
    assert sum(row["answered"] for row in arm["reliability"]) == 5
    assert arm["model"] == {"calls": 0, "from_cache": 0, "tokens_in": 0, "tokens_cached": 0, "tokens_out": 0, "usd": 0.0, "unpriced_calls": 0}
    for one in arm["questions"]:
        run = project.json("runs", "show", one["run_id"])
        assert run["question"] == one["question"] and run["sql"] == one["sql"]
        if one["verdict"] != "refused":
            assert run["status"] == "answered" and run["approval"]["decided_by"] == "policy: eval"
            assert any(event["type"] == "approval decided" for event in project.json("runs", "events", one["run_id"]))
    assert len(project.json("runs", "list")) == 6, "gold queries are no runs"


def test_nobody_has_to_decide_and_nothing_is_left_waiting(project):
    project.run("eval", "questions.yaml").ok()
    assert project.json("approvals", "list") == []


def test_gold_that_does_not_run_is_the_sets_fault(project):
    (project.folder / "q.yaml").write_text(
        "- {id: good, question: 'How many orders are there?', gold: [SELECT count(*) FROM ordres, SELECT count(*) FROM orders]}\n"
        "- {id: bad, question: 'How many orders are there?', gold: SELECT count(*) FROM ordres}\n"
        "- {id: writes, question: 'How many orders are there?', gold: DELETE FROM orders}\n"
        "- {id: set, question: 'How many customers are there in each country?', gold: 'SELECT country, count(*) AS n FROM customers GROUP BY 1', columns: [contry]}\n",
        encoding="utf-8")
    ran = project.run("eval", "q.yaml", "--output", "json")
    report = evaluated(ran, 1)
    assert verdicts(report) == {"good": "right"} and report["arms"][0]["asked"] == 1
    faults = {fault["id"]: fault for fault in report["set"]["faults"]}
    assert {name: (fault["line"], fault["asked"]) for name, fault in faults.items()} == {
        "good": (1, True), "bad": (2, False), "writes": (3, False), "set": (4, False)}
    assert all(fault["error"]["code"] == "E0853" for fault in faults.values())
    assert "orders" in faults["bad"]["error"]["message"] and 'did you mean "country"?' in faults["set"]["error"]["message"]
    assert "q.yaml line 2: " in ran.err and "E0853" in ran.err
    assert project.run("query", "SELECT count(*) FROM orders", "--output", "csv", "--approve", "ask", "--approval-timeout", "1s").code == 1


def test_a_report_is_kept_and_compared_with(project):
    project.run("eval", "questions.yaml", "--save", "former.json").ok()
    kept = json.loads((project.folder / "former.json").read_text(encoding="utf-8"))
    SCHEMA.validate(kept)
    same = evaluated(project.run("eval", "questions.yaml", "--against", "former.json", "--output", "json"))
    assert same["against"]["regression"] is False and same["against"]["arms"][0]["compared"] == 6

    for one in kept["arms"][0]["questions"]:
        one["right"] = True
    (project.folder / "better.json").write_text(json.dumps(kept), encoding="utf-8")
    worse = evaluated(project.run("eval", "questions.yaml", "--against", "better.json", "--output", "json"), 1)
    assert worse["against"]["regression"] is True and worse["against"]["arms"][0]["regressions"] == ["otherwise"]
    assert worse["against"]["arms"][0]["accuracy_delta"] == round(round(5 / 6, 4) - 1, 4)
    table = project.run("eval", "questions.yaml", "--against", "better.json")
    assert table.code == 1 and "right before and not now: otherwise" in table.out, table
    changed = SET.replace("count(*) + 1", "count(*)")
    (project.folder / "questions.yaml").write_text(changed, encoding="utf-8")
    otherwise = evaluated(project.run("eval", "questions.yaml", "--against", "better.json", "--output", "json"))
    assert otherwise["against"]["arms"][0]["changed"] == ["otherwise"]


def test_csv_set_chosen_questions_and_outputs(project):
    (project.folder / "q.csv").write_text(
        "id,question,gold,columns,unanswerable\r\n"
        "a,How many orders are there?,SELECT count(*) FROM orders,,\r\n"
        'b,How many customers are there in each country?,"SELECT country, count(*) AS n FROM customers GROUP BY country",n,false\r\n'
        "c,How many employees are there?,SELECT count(*) FROM employees,,\r\n", encoding="utf-8")
    assert verdicts(evaluated(project.run("eval", "q.csv", "--output", "json"))) == {"a": "right", "b": "right", "c": "right"}
    assert list(verdicts(evaluated(project.run("eval", "q.csv", "--only", "c,a", "--jobs", "1", "--output", "json")))) == ["a", "c"]
    assert list(verdicts(evaluated(project.run("eval", "q.csv", "--limit", "1", "--output", "json")))) == ["a"]
    rows = list(csv.DictReader(io.StringIO(project.run("eval", "q.csv", "--output", "csv").ok().out)))
    assert [(row["arm"], row["id"], row["verdict"]) for row in rows] == [("built-in", name, "right") for name in "abc"]
    lines = [json.loads(line) for line in project.run("eval", "q.csv", "--output", "jsonl").ok().out.splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c"]
    table = project.run("eval", "q.csv").ok().out
    assert "right of all" in table and "100.0 %" in table


def test_order_counts_where_it_was_asked_for(project):
    gold = "SELECT name, price FROM products ORDER BY price DESC LIMIT 5"
    (project.folder / "q.yaml").write_text(
        f"- {{id: sorted, question: 'What are the 5 cheapest products?', gold: '{gold.replace('DESC', 'ASC')}', columns: [name]}}\n"
        "- {id: names, question: List the names of the categories, gold: SELECT name FROM categories ORDER BY name DESC, ordered: false}\n"
        "- {id: strict, question: List the names of the categories, gold: SELECT name FROM categories ORDER BY name DESC}\n", encoding="utf-8")
    report = evaluated(project.run("eval", "q.yaml", "--output", "json"))
    assert verdicts(report) == {"sorted": "right", "names": "right", "strict": "wrong"}
    assert report["arms"][0]["questions"][2]["why"] == "order"


def test_refinements_and_definitions_go_with_the_question(project):
    (project.folder / "q.yaml").write_text(
        "- id: refined\n  question: How many customers are there?\n  feedback: only those in Japan\n"
        "  gold: SELECT count(*) FROM customers WHERE country = 'Japan'\n"
        "- id: defined\n  question: What is the TF?\n  definitions: TF = total freight of the orders\n  gold: SELECT sum(freight) FROM orders\n",
        encoding="utf-8")
    assert verdicts(evaluated(project.run("eval", "q.yaml", "--output", "json"))) == {"refined": "right", "defined": "right"}


@pytest.mark.parametrize("text, code, says", [
    ("- {question: a, gold: SELECT 1, colums: [a]}", "E0850", 'line 1: there is no key of a question "colums"; did you mean "columns"?'),
    ("questions:\n  - {question: a}", "E0850", 'line 2: question "q1" does not say what is right'),
    ("a: [", "E0701", "line"),
    ("- {question: a, gold: SELECT 1, on: shpo}", "E0850", 'did you mean "shop"?'),
    ("- {question: a, gold: SELECT 1}\n- {question: a, gold: SELECT 1, id: q1}", "E0850", "that of line 1 already"),
])
def test_what_is_wrong_in_a_set_is_said_with_its_line(project, text, code, says):
    (project.folder / "q.yaml").write_text(text + "\n", encoding="utf-8")
    assert says in check_trouble(project.run("eval", "q.yaml"), code).err


def test_what_is_wrong_with_the_command(project):
    check_trouble(project.run("eval", "nowhere.yaml"), "E0709")
    check_trouble(project.run("eval", "nowhere.csv"), "E0709")
    check_trouble(project.run("eval", "questions.yaml", "--arms", "built-in,"), "E0852")
    check_trouble(project.run("eval", "questions.yaml", "--only", "oders"), "E0851")
    check_trouble(project.run("eval", "questions.yaml", "--on", "x", "--only", "orders", "--arms", "nosuch"), "E0750")
    check_trouble(project.run("eval", "questions.yaml", "--jobs", "0"), "E0800", 2)
    check_trouble(project.run("eval", "questions.yaml", "--limit", "x"), "E0800", 2)
    check_trouble(project.run("eval", "questions.yaml", "--against", "nowhere.json"), "E0855")
    check_trouble(project.run("eval", "questions.yaml", "--against", "questions.yaml"), "E0854")
    check_trouble(project.run("eval", "questions.yaml", "--save", "no/such/folder.json"), "E0855")


def test_sqlite_reads_texts_loosely(tmp_path, shop_sqlite, sluice):
    project = Project(sluice, tmp_path, ("lite", "--sqlite", shop_sqlite), policy=False)
    (tmp_path / "q.yaml").write_text(
        "- {question: 'What is the average freight?', gold: SELECT avg(freight) FROM orders}\n", encoding="utf-8")
    report = evaluated(project.run("eval", "q.yaml", "--output", "json"))
    assert set(verdicts(report).values()) == {"right"}, report


def test_an_interrupt_prints_what_is_there(project):
    many = "".join(f"- {{question: 'How many orders are there with an id above {n}?', gold: SELECT count(*) FROM orders WHERE order_id > {n}}}\n"
                   for n in range(400))
    (project.folder / "many.yaml").write_text(many, encoding="utf-8")
    child = project.start("eval", "many.yaml", "--jobs", "1", "--output", "json", "--save", "kept.json")
    until(lambda: len(project.json("runs", "list")) > 5 or child.poll() is not None, "some questions were asked")
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    report = json.loads(out)
    SCHEMA.validate(report)
    assert child.returncode == 1 and report["interrupted"] is True and 0 < report["arms"][0]["asked"] < 400, err
    assert "Stopped before the end" in err and not (project.folder / "kept.json").exists()
    assert {run["status"] for run in project.json("runs", "list")} <= {"answered", "cancelled", "unanswerable"}


def test_the_schema_of_a_set_takes_what_is_taken():
    """JSON is YAML too: what is read here is read by Sluice as it is."""
    schema = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "schemas" / "questions.schema.json").read_text(encoding="utf-8")))
    for good in ([{"question": "a", "gold": "SELECT 1"}], {"on": "shop", "questions": [{"question": "a", "rows": [[1, None, "x"]], "header": ["a", "b", "c"]}]},
                 [{"question": "a", "unanswerable": True}], [{"id": "x", "question": "a", "gold": ["SELECT 1"], "columns": [["a"], ["b"]], "ordered": False}]):
        assert schema.is_valid(good), good
    for bad in ([], [{"question": "a"}], [{"gold": "SELECT 1"}], [{"question": "a", "gold": "SELECT 1", "unanswerable": True}],
                [{"question": "a", "gold": "SELECT 1", "rows": [[1]]}], [{"question": "a", "gold": "SELECT 1", "colums": ["a"]}], {"on": "shop"}):
        assert not schema.is_valid(bad), bad


def test_on_postgres_several_at_once(tmp_path, shop_postgres, sluice):
    project = Project(sluice, tmp_path, ("shop", "--postgres", shop_postgres), policy=False)
    (tmp_path / "questions.yaml").write_text(SET, encoding="utf-8")
    report = evaluated(project.run("eval", "questions.yaml", "--jobs", "8", "--output", "json"))
    assert verdicts(report) == {"orders": "right", "by-country": "right", "priciest": "right", "hand": "right", "otherwise": "wrong", "moods": "refused"}
