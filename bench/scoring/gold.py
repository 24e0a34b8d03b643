"""Gold answers: the queries that a question accepts, run on the engine that they were written for."""

import json
import logging
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from itertools import combinations, product

import psycopg
import sqlglot
from psycopg.types.string import TextLoader
from sqlglot import exp

from scoring.compare import cell, same_answer, same_rows

SECONDS_MAX = 60
# A subset of columns a query: what exceeds this was not meant as one.
QUERIES_MAX = 256
SQLITE_MAGIC = b"SQLite format 3"
logging.getLogger("sqlglot").disabled = True  # its warnings quote the query, which may be held out
AS_TEXT = ("interval", "json", "jsonb", "time", "timetz", "uuid")  # what Sluice hands over as the engine's text, too


class GoldError(Exception):
    """A gold query that its engine does not run."""


@dataclass
class Gold:
    """What one accepted query gives. `ties`: see compare.same_answer."""

    sql: str
    width: int
    rows: list
    ties: list | None = None


# --- the engines ----------------------------------------------------------------------------------------------------


class Sqlite:
    dialect, untyped = "sqlite", True

    def __init__(self, path):
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.connection.text_factory = lambda text: text.decode("utf-8", "replace")

    def run(self, sql):
        try:
            cursor = self.connection.execute(sql)
            return len(cursor.description or ()), [[cell(value, True) for value in row] for row in cursor]
        except sqlite3.Error as error:
            raise GoldError(str(error)) from error

    def columns(self):
        return self.run("SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type IN ('table', 'view')")[1]

    def close(self):
        self.connection.close()


class Postgres:
    dialect, untyped = "postgres", False

    def __init__(self, url):
        self.connection = psycopg.connect(url, autocommit=True, options=f"-c statement_timeout={SECONDS_MAX}s -c default_transaction_read_only=on")
        for name in AS_TEXT:
            self.connection.adapters.register_loader(name, TextLoader)

    def run(self, sql):
        try:
            cursor = self.connection.execute(sql)
            return len(cursor.description or ()), [[cell(value) for value in row] for row in cursor]
        except psycopg.Error as error:
            raise GoldError(str(error)) from error

    def columns(self):
        return self.run("SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema <> 'information_schema'")[1]

    def close(self):
        self.connection.close()


class DuckDb:
    """DuckDB has no client in Python's or Debian's own packages: Sluice's engine runs the query as it is, in a process of its own."""

    dialect, untyped = "duckdb", False

    def __init__(self, program, path):
        self.child = subprocess.Popen([program, "--connection", path, "--sql"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        self.child.stdin.write(json.dumps({"id": 0, "sql": sql}) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            raise GoldError("the engine ended")
        return answered(json.loads(line))

    def columns(self):
        return self.run("SELECT table_name, column_name FROM information_schema.columns")[1]

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def answered(line, untyped=False):
    """Width and rows of a line of the native half."""
    if "rows" not in line:
        raise GoldError(line.get("error", {}).get("message", "no rows"))
    if line["truncated"]:
        raise GoldError("too many rows to compare")
    kinds = [one["type"] for one in line["columns"]]
    return len(kinds), [[cell(value, untyped, kind) for value, kind in zip(row, kinds)] for row in line["rows"]]


def connect(connection, program):
    if re.match(r"postgres(ql)?://", connection):
        return Postgres(connection)
    with open(connection, "rb") as file:
        is_sqlite = file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    return Sqlite(connection) if is_sqlite else DuckDb(program, connection)


# --- what a gold text accepts ---------------------------------------------------------------------------------------


def split(text, separator):
    """Parts between separators that stand outside of quotes and brackets."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        if letter == separator and not quote and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def subsets(items):
    return [chosen for size in range(len(items), 0, -1) for chosen in combinations(items, size)]


def without_alias(item):
    return re.sub(r"\s+AS\s+\w+\s*$", "", item, flags=re.IGNORECASE)


def accepted(text):
    """The queries that a text in Defog's notation accepts: `;` parts them, {a, b} is any non-empty choice of these columns, and an empty {} repeats
    what was chosen last, without its new names."""
    queries = []
    for query in split(text, ";"):
        parts = re.split(r"\{([^{}]*)\}", query)  # text, list, text, list, …, text
        lists = [split(part, ",") for part in parts[1::2]]
        for chosen in product(*(subsets(items) if items else [None] for items in lists)):
            out, last = parts[0], ()
            for choice, rest in zip(chosen, parts[2::2]):
                out += ", ".join(choice if choice else map(without_alias, last)) + rest
                last = choice or last
            queries.append(out)
            if len(queries) > QUERIES_MAX:
                raise GoldError(f"more than {QUERIES_MAX} queries in one gold text")
    return queries


# --- order ----------------------------------------------------------------------------------------------------------


def parse(sql, dialect):
    """The tree, or None where the parser of the benchmark does not read it."""
    try:
        tree = sqlglot.parse_one(sql, read=dialect)
    except sqlglot.errors.SqlglotError:
        return None
    return tree if isinstance(tree, exp.Query) else None


def with_order_keys(tree):
    """The query with each key of its ORDER BY among its columns, and their places; None where that can't be written."""
    tree = tree.copy()
    first = tree if isinstance(tree, exp.Select) else tree.find(exp.Select)
    shown = list(first.expressions)
    places, added = [], 0
    for ordered in tree.args["order"].expressions:
        key = ordered.this
        by_place = isinstance(key, exp.Literal) and not key.is_string
        place = int(key.this) - 1 if by_place else next((i for i, item in enumerate(shown) if item.unalias() == key or is_name_of(key, item)), None)
        if place is None or any(item.is_star for item in shown):
            if by_place or first is not tree or first.args.get("distinct"):
                return None
            first.append("expressions", exp.alias_(key.copy(), f"order_key_{added}"))
            added += 1
            place = -added
        places.append(place)
    return tree, [place if place >= 0 else -1 - added - place for place in places], added


def is_name_of(key, item):
    return isinstance(key, exp.Column) and not key.table and key.name.lower() == item.alias_or_name.lower()


def runs(keys):
    """How many rows in succession have the same keys."""
    sizes = []
    for i, key in enumerate(keys):
        if i > 0 and key == keys[i - 1]:
            sizes[-1] += 1
        else:
            sizes.append(1)
    return sizes


def ordered_rows(tree, engine):
    """Rows and the sizes of their runs with equal order keys; None where the keys can't be had."""
    keyed = with_order_keys(tree)
    if keyed is None:
        return None
    query, places, added = keyed
    try:
        rows = engine.run(query.sql(dialect=engine.dialect))[1]
    except GoldError:
        return None
    sizes = runs([[row[place] for place in places] for row in rows])
    return [row[:len(row) - added] for row in rows], sizes


def run_gold(sql, engine):
    width, rows = engine.run(sql)
    gold = Gold(sql, width, rows)
    tree = parse(sql, engine.dialect)
    if tree is not None and tree.args.get("order"):
        gold.ties = [1] * len(rows)
        keyed = ordered_rows(tree, engine)
        if keyed and len(keyed[0]) == len(rows):
            ties, begin = keyed[1], 0
            for size in ties:
                if not same_rows(rows[begin:begin + size], keyed[0][begin:begin + size]):
                    return gold  # its own order is not settled by its keys: take it as it came
                begin += size
            gold.ties = ties
    return gold


def golds_of(text, engine, notation):
    """Every accepted query that runs; GoldError where none does."""
    golds, failure = [], None
    for sql in accepted(text) if notation else [text.strip().rstrip(";")]:
        try:
            golds.append(run_gold(sql, engine))
        except GoldError as error:
            failure = error
    if not golds:
        raise failure or GoldError("there is no query")
    return golds


def is_tie(gold, engine, width, rows):
    """Whether the answer differs from the gold only in which rows it kept of those that tie at the gold's LIMIT."""
    tree = parse(gold.sql, engine.dialect)
    if tree is None or not tree.args.get("order") or not tree.args.get("limit") or tree.args.get("offset"):
        return False
    if width != gold.width or len(rows) != len(gold.rows):
        return False
    whole = tree.copy()
    whole.set("limit", None)
    keyed = ordered_rows(whole, engine)
    if keyed is None:
        return False
    begin, last = 0, None
    for size in keyed[1]:
        if begin + size > len(rows):
            last = keyed[0][begin:begin + size]
            break
        begin += size
    if last is None:
        return False
    kept = [row for row in rows[begin:] if any(same_rows([row], [other]) for other in last)]
    same_head = same_answer(gold.rows[:begin], rows[:begin], width, clipped(keyed[1], begin))
    return same_head and len(kept) == len(rows) - begin


def clipped(sizes, count):
    out = []
    for size in sizes:
        if sum(out) + size > count:
            break
        out.append(size)
    return out
