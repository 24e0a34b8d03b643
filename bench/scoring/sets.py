"""The question sets: Spider's and Defog's, where they are on this machine, and sets of one's own."""

import csv
import json
from dataclasses import dataclass, field

HELD_OUT = {"cre_Doc_Template_Mgt", "orchestra", "museum_visit", "car_dealership"}
DEFOG_FILES = {"basic": "instruct_basic_postgres.csv", "advanced": "instruct_advanced_postgres.csv", "generated": "questions_gen_postgres.csv"}
DEFOG_UNANSWERABLE = "idk.csv"


@dataclass
class Question:
    """`gold` None: the data cannot answer it, a refusal is right."""

    id: str
    database: str
    text: str
    gold: str | None
    notation: bool = False  # Defog's: see gold.accepted
    feedback: list = field(default_factory=list)


@dataclass
class Database:
    """One row of the report. `connection` is a file or a URL; `sql` a script that makes the database on a PostgreSQL of the benchmark's own."""

    name: str
    set: str  # tuning, held out, unanswerable, own
    questions: list
    connection: str | None = None
    sql: str | None = None

    @property
    def held_out(self):
        return self.set == "held out"


def set_of(name):
    return "held out" if name in HELD_OUT else "tuning"


def grouped(questions):
    groups = {}
    for question in questions:
        groups.setdefault(question.database, []).append(question)
    return groups


def json_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def spider(folder):
    questions = [Question(f"spider-{row['id']}", row["db_id"], row["question"], row["gold_sql"]) for row in json_lines(folder / "questions.jsonl")]
    return [Database(name, set_of(name), asked, connection=str(folder / "sqlite" / f"{name}.sqlite")) for name, asked in grouped(questions).items()]


def csv_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def defog(folder):
    """The question alone is asked: Defog's instructions, which tell how to write the query, are given to nobody."""
    questions = [Question(f"defog-{kind}-{n}", row["db_name"], row["question"], row["query"], notation=True)
                 for kind, name in DEFOG_FILES.items() for n, row in enumerate(csv_rows(folder / name))]
    unanswerable = [Question(f"defog-idk-{n}", row["db_name"], row["question"], None) for n, row in enumerate(csv_rows(folder / DEFOG_UNANSWERABLE))]
    script = {name: (folder / name / f"{name}.sql").read_text(encoding="utf-8") for name in grouped(questions + unanswerable)}
    return ([Database(name, set_of(name), asked, sql=script[name]) for name, asked in grouped(questions).items()]
            + [Database(name, "unanswerable", asked, sql=script[name]) for name, asked in grouped(unanswerable).items()])


def own(path, connections):
    """JSON lines {"id", "db", "question", "gold_sql"}; gold_sql null: a refusal is right."""
    questions = [Question(str(row["id"]), row["db"], row["question"], row["gold_sql"], feedback=row.get("feedback", [])) for row in json_lines(path)]
    missing = sorted(set(grouped(questions)) - set(connections))
    if missing:
        raise SystemExit(f"{path} asks about {', '.join(missing)}: say where it is with --database NAME=URL_OR_FILE")
    return [Database(name, "own", asked, connection=connections[name]) for name, asked in grouped(questions).items()]
