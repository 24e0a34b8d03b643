"""`./dev bench questions`: a wrong comparison is a wrong figure, and what is held out must not show."""

import csv
import datetime
import decimal
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

from scoring import gold, judge, sets  # noqa: E402
from scoring.compare import cell, same_answer, same_cell, same_rows  # noqa: E402
from scoring.parts import first_wrong, shape_of  # noqa: E402


@pytest.mark.parametrize("a, b, same", [
    (cell(1), cell(1.0), True),
    (cell(3.0000001), cell(3), True),
    (cell(3.001), cell(3), False),
    (cell(1_000_000_001), cell(1_000_000_002), False),  # whole numbers are counts and keys
    (cell(0.0), cell(1e-12), False),
    (cell(True), cell(1), True),
    (cell(False), cell(None), False),
    (cell("12"), cell(12), False),
    (cell("12", untyped=True), cell(12, untyped=True), True),
    (cell("12.50", kind="decimal"), cell(decimal.Decimal("12.5")), True),
    (cell("1e400", untyped=True), cell("1_0", untyped=True), False),
    (cell("nan", untyped=True), cell("nan", untyped=True), True),
    (cell("Ann"), cell("ann"), False),
    (cell("Ann "), cell("Ann"), False),
    (cell(""), cell(None), False),
    (cell("2024-01-31 00:00:00", kind="timestamp"), cell(datetime.date(2024, 1, 31)), True),
    (cell("2024-01-31 05:00:00", kind="timestamp"), cell(datetime.datetime(2024, 1, 31, 5)), True),
    (cell("2024-01-31 05:00:00", kind="timestamp"), cell(datetime.date(2024, 1, 31)), False),
    (cell("2024-01-31 07:00:00+02", kind="timestamptz"), cell(datetime.datetime(2024, 1, 31, 5, tzinfo=datetime.timezone.utc)), True),
    (cell("2024-01-31T00:00:00", untyped=True), cell("2024-01-31", untyped=True), True),
    (cell(b"\x00\x01"), cell("AAE="), True),
])
def test_cells(a, b, same):
    assert same_cell(a, b) == same == same_cell(b, a)


@pytest.mark.parametrize("left, right, same", [
    ([[1], [2]], [[2], [1]], True),
    ([[1], [1], [2]], [[1], [2], [2]], False),
    ([["a", 1], ["b", 2]], [["a", 2], ["b", 1]], False),
    ([[None]], [[0]], False),
    ([[None]], [[None]], True),
    ([[1.0, 2], [1.0000001, 1]], [[1.0, 1], [1.0000001, 2]], True),  # sorted by their inexact numbers they stand crosswise
    ([], [], True),
    ([], [[1]], False),
])
def test_rows(left, right, same):
    assert same_rows(left, right) == same == same_rows(right, left)


@pytest.mark.parametrize("name, gold_rows, answer, ties, same", [
    ("columns in another order", [["a", 1], ["b", 2]], [[1, "a"], [2, "b"]], None, True),
    ("values of a column in other rows", [["a", 1], ["b", 2]], [[2, "a"], [1, "b"]], None, False),
    ("equal columns", [[1, 1], [2, 2]], [[2, 2], [1, 1]], None, True),
    ("columns crossed in each row", [[1, 2], [3, 4]], [[2, 1], [4, 3]], None, True),
    ("columns crossed in one row", [[1, 2], [2, 5], [5, 1]], [[2, 1], [2, 5], [5, 1]], None, False),
    ("order kept", [[1], [2]], [[1], [2]], [1, 1], True),
    ("order not kept", [[1], [2]], [[2], [1]], [1, 1], False),
    ("ties in any order", [["a"], ["b"], ["c"]], [["b"], ["a"], ["c"]], [2, 1], True),
    ("a tie's row too late", [["a"], ["b"], ["c"]], [["a"], ["c"], ["b"]], [2, 1], False),
    ("order and columns in another order", [["a", 2], ["b", 1]], [[2, "a"], [1, "b"]], [1, 1], True),
    ("a row less", [[1], [1]], [[1]], None, False),
])
def test_answers(name, gold_rows, answer, ties, same):
    assert same_answer(gold_rows, answer, len(gold_rows[0]), ties) == same, name


@pytest.mark.parametrize("text, queries", [
    ("SELECT a FROM t;", ["SELECT a FROM t"]),
    ("SELECT a FROM t; SELECT b FROM t", ["SELECT a FROM t", "SELECT b FROM t"]),
    ("SELECT ';' FROM t", ["SELECT ';' FROM t"]),
    ("SELECT {a, b}, n FROM t", ["SELECT a, b, n FROM t", "SELECT a, n FROM t", "SELECT b, n FROM t"]),
    ("SELECT {a} FROM t GROUP BY {}, c", ["SELECT a FROM t GROUP BY a, c"]),
    ("SELECT {t.a AS x, b} FROM t GROUP BY {}", ["SELECT t.a AS x, b FROM t GROUP BY t.a, b", "SELECT t.a AS x FROM t GROUP BY t.a", "SELECT b FROM t GROUP BY b"]),
    ("SELECT {f(a, b), c} FROM t; SELECT 1", ["SELECT f(a, b), c FROM t", "SELECT f(a, b) FROM t", "SELECT c FROM t", "SELECT 1"]),
])
def test_accepted_queries(text, queries):
    assert gold.accepted(text) == queries


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (name TEXT, age INT)")
        made.executemany("INSERT INTO t VALUES (?, ?)", [("a", 1), ("b", 2), ("c", 2), ("d", 3)])
    engine = gold.Sqlite(path)
    yield engine
    engine.close()


@pytest.mark.parametrize("sql, ties", [
    ("SELECT name FROM t", None),
    ("SELECT name FROM t ORDER BY age", [1, 2, 1]),  # the key is not among the columns
    ("SELECT * FROM t ORDER BY age", [1, 2, 1]),
    ("SELECT name, age AS years FROM t ORDER BY years", [1, 2, 1]),
    ("SELECT name, age FROM t ORDER BY 2 DESC", [1, 2, 1]),
    ("SELECT name, age FROM t ORDER BY age, name", [1, 1, 1, 1]),
    ("SELECT age FROM t GROUP BY age ORDER BY count(*)", [2, 1]),
    ("SELECT DISTINCT age FROM t ORDER BY age", [1, 1, 1]),
    ("SELECT DISTINCT name FROM t ORDER BY age", [1, 1, 1, 1]),  # the key can't be had: the order is taken as it came
    ("SELECT age FROM t UNION ALL SELECT age FROM t ORDER BY age", [2, 4, 2]),
    ("SELECT name FROM t WHERE age IN (SELECT age FROM t ORDER BY age)", None),
])
def test_ties_of_the_gold(sqlite, sql, ties):
    assert gold.run_gold(sql, sqlite).ties == ties


@pytest.mark.parametrize("sql, rows, right, kind", [
    ("SELECT name FROM t ORDER BY age", [["a"], ["c"], ["b"], ["d"]], True, None),
    ("SELECT name FROM t ORDER BY age", [["d"], ["c"], ["b"], ["a"]], False, "order"),
    ("SELECT name FROM t ORDER BY age LIMIT 2", [["a"], ["c"]], False, "tie at the limit"),
    ("SELECT name FROM t ORDER BY age LIMIT 2", [["a"], ["d"]], False, None),
    ("SELECT name FROM t ORDER BY age LIMIT 1", [["b"]], False, None),
    ("SELECT DISTINCT age FROM t", [[1], [2], [2], [3]], False, "distinct"),
    ("SELECT name FROM t WHERE age > 2", [["d", 3]], False, "extra columns"),
    ("SELECT name FROM t WHERE age > 2", [["a", 1]], False, None),
])
def test_where_rows_miss(sqlite, sql, rows, right, kind):
    accepted = gold.golds_of(sql, sqlite, notation=False)
    assert judge.right_of(accepted, len(rows[0]), rows) == right
    if not right:
        assert (judge.near_miss(accepted, sqlite, len(rows[0]), rows) or (None,))[0] == kind


def test_any_accepted_query_will_do(sqlite):
    accepted = gold.golds_of("SELECT {name, age} FROM t WHERE age = 3; SELECT nothing FROM nowhere", sqlite, notation=True)
    assert [judge.right_of(accepted, len(row), [row]) for row in (["d", 3], [3, "d"], ["d"], [3], ["d", 3, 3], ["a"])] == [True] * 4 + [False] * 2
    with pytest.raises(gold.GoldError):
        gold.golds_of("SELECT nothing FROM nowhere", sqlite, notation=True)


@pytest.mark.parametrize("sql, shape", [
    ("SELECT a FROM t", "list"),
    ("SELECT count(*) FROM t JOIN u ON t.a = u.a", "count + join"),
    ("SELECT avg(a), min(a) FROM t WHERE b = 1", "aggregate"),
    ("SELECT a FROM t ORDER BY b DESC LIMIT 1", "top N"),
    ("SELECT a, count(*) FROM t GROUP BY a ORDER BY count(*) DESC LIMIT 1", "group, top N"),
    ("SELECT a FROM t GROUP BY a HAVING count(*) > 1", "having"),
    ("SELECT a FROM t WHERE a NOT IN (SELECT a FROM u)", "nested"),
    ("SELECT a FROM t EXCEPT SELECT a FROM u", "set operation"),
])
def test_shapes(sql, shape):
    assert shape_of(sql, "sqlite") == shape


@pytest.mark.parametrize("gold_sql, answer, kind", [
    ("SELECT x.A FROM t AS x", "SELECT t.a AS other FROM main.t ORDER BY a", "order or limit"),
    ("SELECT a FROM t JOIN u ON t.k = u.k", "SELECT a FROM t", "tables"),
    ("SELECT a FROM t WHERE b > 20 AND c = 'x'", "SELECT a FROM t WHERE c = 'x' AND b > 21", "filter"),
    ("SELECT a FROM t WHERE b > 20 AND c = 'x'", "SELECT c FROM t WHERE c = 'x' AND b > 20", "columns"),
    ("SELECT count(*) FROM t GROUP BY a", "SELECT count(*) FROM t", "grouping"),
    ("SELECT a FROM t GROUP BY a HAVING count(*) > 1", "SELECT a FROM t GROUP BY 1", "having"),
    ("SELECT a FROM t", "SELECT DISTINCT a FROM t", "distinct"),
    ("SELECT a FROM t EXCEPT SELECT a FROM u", "SELECT a FROM t", "set operation"),
    ("SELECT a FROM t WHERE b = (SELECT max(b) FROM t)", "SELECT a FROM t", "nested query"),
    ("SELECT t.a FROM t JOIN u ON t.k = u.k", "SELECT u.a FROM u JOIN t ON u.k = t.k", "columns"),
    ("SELECT a FROM t", "SELECT a FROM t", "rows differ"),
])
def test_first_wrong_decision(gold_sql, answer, kind):
    columns = [("t", "a"), ("t", "b"), ("t", "c"), ("t", "k"), ("u", "a"), ("u", "k")]
    assert first_wrong(gold_sql, "sqlite", answer, "duckdb", columns)[0] == kind


PLANNER = """#!{python}
import json, sys
print(json.dumps({{"index_micros": 1, "index_bytes": 1}}))
for line in sys.stdin:
    question = json.loads(line)
    answer = {{"id": question["id"], "micros": 5}}
    if "refuse" in question["question"]:
        answer["error"] = {{"code": "E0602", "message": question["question"], "hint": ""}}
    else:
        answer.update(sql="SELECT secret_answer FROM t", confidence=0.97, truncated=False, columns=[{{"name": "n", "type": "integer"}}], rows=[[4]])
    print(json.dumps(answer))
"""


@pytest.fixture
def public(tmp_path):
    """Question sets as they lie beside a checkout, with one database that is held out; a planner that answers 4 to everything."""
    folder, held_out = tmp_path / "questions", sorted(sets.HELD_OUT)[0]
    (folder / "spider" / "sqlite").mkdir(parents=True)
    (folder / "defog").mkdir()
    rows = []
    for name in ("open_db", held_out):
        with sqlite3.connect(folder / "spider" / "sqlite" / f"{name}.sqlite") as made:
            made.execute("CREATE TABLE t (n INT)")
            made.executemany("INSERT INTO t VALUES (?)", [(1,), (2,), (3,), (4,)])
        for text, sql in (("count", "SELECT count(*) FROM t"), ("wrong", "SELECT 5 FROM t"), ("refuse", "SELECT n FROM t"), ("broken", "SELECT no")):
            rows.append({"id": len(rows), "db_id": name, "question": f"{name}_question {text}", "gold_sql": f"{sql} -- {name}_gold"})
    (folder / "spider" / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in (*sets.DEFOG_FILES.values(), sets.DEFOG_UNANSWERABLE):
        with open(folder / "defog" / name, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(["question", "query", "db_name"])
    program = tmp_path / "build" / "bench" / "planner"
    program.parent.mkdir(parents=True)
    program.write_text(PLANNER.format(python=sys.executable))
    program.chmod(0o755)
    return folder, program, held_out


def bench(folder, program, *arguments):
    return subprocess.run([sys.executable, ROOT / "bench" / "questions.py", "--program", program, *arguments], env={"SLUICE_QUESTIONS": str(folder)},
                          capture_output=True, text=True, timeout=60)


def test_figures_and_what_is_held_out(public, tmp_path):
    folder, program, held_out = public
    done = bench(folder, program, "--failures", "--json", tmp_path / "figures.json")
    assert done.returncode == 0, done.stderr
    kept = (tmp_path / "figures.json").read_text()
    figures = json.loads(kept)
    wanted = {"asked": 3, "answered": 2, "right": 1, "precision": 0.5, "accuracy": 0.3333, "no_gold": 1}
    for name in ("tuning", "held out"):
        assert {key: figures["sets"][name][key] for key in wanted} == wanted
    said = done.stdout + done.stderr + kept
    assert "open_db_question wrong" in said and "open_db_gold" in said and "secret_answer" in said
    assert f"{held_out}_question" not in said and f"{held_out}_gold" not in said
    assert [one["database"] for one in figures["failures"]] == ["open_db"] * 3


def test_one_question_of_a_held_out_database_cannot_be_singled_out(public):
    folder, program, held_out = public
    done = bench(folder, program, "--ids", "spider-0,spider-4,spider-5")
    assert "open_db" in done.stdout and held_out not in done.stdout


def test_a_held_out_planner_that_dies_says_nothing(public):
    folder, program, held_out = public
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.exit(sys.stdin.read())\n")
    done = bench(folder, program)
    assert done.returncode == 1 and "open_db_question" in done.stderr and f"{held_out}: not measured: RuntimeError\n" in done.stderr
    assert f"{held_out}_question" not in done.stdout + done.stderr


def test_without_the_sets_it_says_so(tmp_path):
    done = bench(tmp_path / "nowhere", "unused")
    assert (done.returncode, done.stdout) == (0, "skipped: no ../sha" + "red/data\n")


def test_a_set_of_ones_own(public, tmp_path):
    folder, program, _ = public
    lines = [{"id": "a", "db": "mine", "question": "count", "gold_sql": "SELECT count(*) FROM t"},
             {"id": "b", "db": "mine", "question": "refuse", "gold_sql": None}, {"id": "c", "db": "mine", "question": "weather", "gold_sql": None}]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    database = f"mine={folder / 'spider' / 'sqlite' / 'open_db.sqlite'}"
    done = bench(folder, program, "--set", tmp_path / "own.jsonl", "--database", database, "--json", tmp_path / "figures.json")
    assert done.returncode == 0, done.stderr
    own = json.loads((tmp_path / "figures.json").read_text())["sets"]["own"]
    assert (own["asked"], own["answered"], own["right"], own["precision"], own["accuracy"]) == (3, 2, 2, 0.5, 0.6667)
    missing = bench(folder, program, "--set", tmp_path / "own.jsonl")
    assert missing.returncode == 1 and "--database" in missing.stderr


def test_the_rule_is_that_of_sluice_eval():
    """src/eval/match_test.cc reads the same cases."""
    lines = (ROOT / "tests" / "cases" / "match" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    for one in map(json.loads, lines):
        untyped = one.get("untyped", False)
        sides = [[[cell(value, untyped, kind) for value, kind in zip(row, one[side]["kinds"])] for row in one[side]["rows"]] for side in ("gold", "answer")]
        accepted = gold.Gold("", len(one["gold"]["kinds"]), sides[0], one.get("ties"))
        assert judge.right_of([accepted], len(one["answer"]["kinds"]), sides[1]) == one["same"], one["what"]
    assert len(lines) > 30
