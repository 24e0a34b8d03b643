"""Random typed specs give the same rows on DuckDB and on PostgreSQL: what the two renderers promise."""

import csv
import io
import json
import os
import random
import subprocess

import pytest
from conftest import BUILD, ROOT, need
from duckdb_sql import Database
from project import Project

SEEDS = ("20130131", "7", "424242")
ROWS = 300
TABLES = """
CREATE TABLE t (id integer, g {text}, "Odd name" integer, x integer, y double precision, d date, ts timestamp, n decimal(10, 2), b boolean);
CREATE TABLE "Line Items" (id integer, t_id integer, label {text}, "order" integer);
"""


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def rows():
    """The same rows for both engines: NULLs, zeros, quotes, wildcards, backslashes, equal values."""
    dice = random.Random(1)
    maybe = lambda value: None if dice.random() < 0.15 else value  # noqa: E731
    texts = ["a", "A", "it's", "50%", "back\\slash", "A_b", "", "b", "B\\\\"]
    t, items = [], []
    for i in range(ROWS):
        day = f"2013-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        t.append((i, maybe(dice.choice(texts)), maybe(dice.randint(-3, 9)), maybe(dice.randint(0, 4)), maybe(dice.randint(-40, 40) / 4), maybe(day),
                  maybe(f"{day} {dice.randint(0, 23):02}:30:00"), maybe(dice.randint(-500, 500) / 4), maybe(dice.random() < 0.5)))
        if i % 3 == 0:
            items.append((i, dice.randint(0, ROWS + 20), maybe(dice.choice(texts)), maybe(dice.randint(0, 5))))
    return t, items


def setup_sql(text):
    t, items = rows()
    statements = [TABLES.format(text=text)]
    for table, some in (("t", t), ('"Line Items"', items)):
        statements.append(f"INSERT INTO {table} VALUES " + ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in some) + ";")
    return "\n".join(statements)


@pytest.fixture(scope="module")
def plan_test():
    found = sorted(path for path in BUILD.glob("**/plan_test") if path.is_file())
    if not found:
        need(f"plan_test is not built in {BUILD}")
    return found[0]


def normal(value):
    """A value whatever the engine's way of writing it: numbers by their value."""
    if value in ("true", "t"):
        return True
    if value in ("false", "f"):
        return False
    try:
        return round(float(value), 6) + 0.0
    except (TypeError, ValueError):
        return value


def table(lines):
    return [tuple(None if cell == "<null>" else normal(cell) for cell in row) for row in csv.reader(lines)]


def agree(ours, theirs, ordered):
    def close(a, b):
        if isinstance(a, float) and isinstance(b, float):
            return abs(a - b) <= 1e-6 * max(1.0, abs(a), abs(b))
        return a == b

    if len(ours) != len(theirs):
        return False
    if not ordered:
        # Numbers last, and as precise as they are compared: rows that differ only in small numbers come in one order too.
        number = lambda value: isinstance(value, float)  # noqa: E731
        key = lambda row: ([(number(v), "" if number(v) else str(v)) for v in row], [v if number(v) else 0.0 for v in row])  # noqa: E731
        ours, theirs = sorted(ours, key=key), sorted(theirs, key=key)
    return all(len(a) == len(b) and all(close(x, y) for x, y in zip(a, b)) for a, b in zip(ours, theirs))


def copy_out(connection, sql):
    out = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT WITH (FORMAT csv, NULL '<null>')") as copy:
        for chunk in copy:
            out.write(chunk)
    return table(io.StringIO(out.getvalue().decode(), newline=""))


@pytest.mark.parametrize("seed", SEEDS)
def test_random_specs_mean_the_same_on_both_engines(seed, plan_test, libduckdb, postgres, tmp_path):
    specs = tmp_path / "specs.jsonl"
    subprocess.run([plan_test, "--gtest_filter=RandomSpecs.*"], cwd=ROOT, check=True, capture_output=True,
                   env={**os.environ, "SLUICE_SEED": seed, "SLUICE_RANDOM_SPECS": str(specs)})
    # Text is compared byte by byte, as DuckDB does: collations are the database's own affair.
    postgres.create_database(f"plan_{seed}", setup_sql('text COLLATE "C"'))
    different, ran, with_rows = [], 0, 0
    with Database(libduckdb, tmp_path / "plan.duckdb") as duckdb, postgres.connect(f"plan_{seed}") as connection:
        connection.autocommit = True
        duckdb.execute(setup_sql("varchar"))
        # As the connector does: DuckDB 1.5.5 lets a join filter the rows below a LIMIT (duckdb/duckdb#22924).
        duckdb.execute("SET disabled_optimizers = 'join_filter_pushdown'")
        for line in specs.read_text(encoding="utf-8").splitlines():
            spec = json.loads(line)
            out = tmp_path / "rows.csv"
            failed = {}
            try:
                duckdb.execute(f"COPY ({spec['duckdb']}) TO '{out}' (FORMAT csv, HEADER false, NULLSTR '<null>')")
            except RuntimeError as error:
                failed["duckdb"] = str(error)
            try:
                theirs = copy_out(connection, spec["postgres"])
            except Exception as error:  # noqa: BLE001: any refusal of the server counts
                failed["postgres"] = str(error)
            ran += 1
            if failed:
                different.append((failed, spec["duckdb"], spec["postgres"]))
                continue
            with out.open(newline="", encoding="utf-8") as lines:
                ours = table(lines)
            with_rows += bool(ours)
            if not agree(ours, theirs, spec["ordered"]):
                different.append((spec["duckdb"], spec["postgres"], ours[:5], theirs[:5]))
    assert ran == 400 and with_rows > 200, (ran, with_rows)
    assert not different, f"seed {seed}: {len(different)} of {ran} differ, such as\n" + "\n".join(str(part) for part in different[0])


# The tables of src/plan/catalog_for_test.h, which the golden cases read.
GOLDEN_TABLES = """
CREATE SCHEMA archive;
CREATE TABLE archive.old_orders (id integer);
CREATE TABLE customers (id integer, name text, city text);
CREATE TABLE employees (id integer, name text, boss_id integer);
CREATE TABLE orders (id integer, customer_id integer, total decimal(12, 2), weight double precision, status text, placed date, shipped timestamp,
  paid boolean, extra json);
CREATE TABLE suppliers ("City" text, "select" integer);
"""


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_what_a_golden_case_renders_to_is_proven(dialect, sluice, tmp_path, make_duckdb, request):
    if dialect == "duckdb":
        source = make_duckdb(tmp_path / "golden.duckdb", GOLDEN_TABLES)
    else:
        source = request.getfixturevalue("postgres").create_database("golden", GOLDEN_TABLES)
    project = Project(sluice, tmp_path, ("golden", f"--{dialect}", source))
    refused = {}
    files = sorted((ROOT / "tests" / "cases" / "plan").glob(f"*.{dialect}.sql"))
    for path in files:
        proof = project.run("prove", path.read_text(encoding="utf-8"), "--output", "json")
        failed = [check for check in proof.json()["proof"] if check["outcome"] == "failed"]
        if proof.code != 0 or failed:
            refused[path.name] = failed
    assert len(files) >= 10 and not refused, refused
