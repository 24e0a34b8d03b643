"""The question sets: Spider's and Defog's, where they are on this machine, and sets of one's own."""

import csv
import json
import re
from dataclasses import dataclass, field

HELD_OUT = {"cre_Doc_Template_Mgt", "orchestra", "museum_visit", "car_dealership"}
DEFOG_FILES = {"basic": "instruct_basic_postgres.csv", "advanced": "instruct_advanced_postgres.csv", "generated": "questions_gen_postgres.csv"}
DEFOG_UNANSWERABLE = "idk.csv"
DEFINITION = re.compile(r"^\W*([A-Za-z][\w ]{0,40}?)\s*(?:\(([^()=]*)\))?\s*=\s*([A-Za-z(][\w ,/()+*-]+)$")
NOTATION = re.compile(r"\w\(|_")  # of SQL


@dataclass
class Question:
    """`gold` None: the data cannot answer it, a refusal is right."""

    id: str
    database: str
    text: str
    gold: str | None
    notation: bool = False  # Defog's: see gold.accepted
    feedback: list = field(default_factory=list)
    definitions: list = field(default_factory=list)  # {"term", "says"}: see definitions_in


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


def definitions_in(instructions):
    """What Defog's instructions define, "ASP (average selling price) = …": a house would have it in its glossary. How to write the query is given to nobody."""
    found = []
    for sentence in re.split(r"(?<=\w)\.\s+|\n", instructions or ""):
        match = DEFINITION.match(sentence.strip().rstrip("."))
        if match and not NOTATION.search(match[3]):
            term, longer, says = (text.strip() if text else "" for text in match.groups())
            found += [{"term": name, "says": says.split(", which")[0]} for name in (term, longer) if name]
    return found


def spider(folder):
    questions = [Question(f"spider-{row['id']}", row["db_id"], row["question"], row["gold_sql"]) for row in json_lines(folder / "questions.jsonl")]
    return [Database(name, set_of(name), asked, connection=str(folder / "sqlite" / f"{name}.sqlite")) for name, asked in grouped(questions).items()]


def csv_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def defog(folder):
    questions = [Question(f"defog-{kind}-{n}", row["db_name"], row["question"], row["query"], True, [], definitions_in(row.get("instructions")))
                 for kind, name in DEFOG_FILES.items() for n, row in enumerate(csv_rows(folder / name))]
    unanswerable = [Question(f"defog-idk-{n}", row["db_name"], row["question"], None) for n, row in enumerate(csv_rows(folder / DEFOG_UNANSWERABLE))]
    script = {name: (folder / name / f"{name}.sql").read_text(encoding="utf-8") for name in grouped(questions + unanswerable)}
    return ([Database(name, set_of(name), asked, sql=script[name]) for name, asked in grouped(questions).items()]
            + [Database(name, "unanswerable", asked, sql=script[name]) for name, asked in grouped(unanswerable).items()])


def own(path, connections):
    """JSON lines {"id", "db", "question", "gold_sql"}; gold_sql null: a refusal is right; "notation": true if it is in Defog's notation,
    "instructions": as Defog's."""
    questions = [Question(str(row["id"]), row["db"], row["question"], row["gold_sql"], row.get("notation", False), row.get("feedback", []),
                          definitions_in(row.get("instructions")))
                 for row in json_lines(path)]
    missing = sorted(set(grouped(questions)) - set(connections))
    if missing:
        raise SystemExit(f"{path} asks about {', '.join(missing)}: say where it is with --database NAME=URL_OR_FILE")
    return [Database(name, "own", asked, connection=connections[name]) for name, asked in grouped(questions).items()]
