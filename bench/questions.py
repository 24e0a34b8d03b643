#!/usr/bin/env python3
"""How many questions of sets with known answers the built-in planner answers, and how many of the answers are right.

    questions.py --program BUILD/bench/questions_bench [--failures] [--only DB,DB] [--ids ID,ID] [--repeat N] [--json FILE]
                 [--set FILE.jsonl --database NAME=URL_OR_FILE …]                             (./dev bench questions …)

Spider's and Defog's questions are looked for in $SLUICE_QUESTIONS, else beside the checkout. Databases are held out by name: their questions are asked
like all others, and nothing but sums of them is ever shown or kept, so that the figures for them tell how the planner does on what nobody saw.

What Defog's instructions define ("ASP (average selling price) = …") is asked with the question, as definitions of a glossary would be; what they say of how
to write the query is given to nobody.

Precision is the share of right answers among answers, accuracy that among all questions. Rows are compared, not texts (scoring/compare.py).
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager

ROOT = pathlib.Path(__file__).resolve().parents[1]
BESIDE = "../shared/data"
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests" / "e2e")]

import postgres as postgres_server  # noqa: E402
from scoring import gold as golds  # noqa: E402
from scoring import report, sets  # noqa: E402
from scoring.judge import judge  # noqa: E402

DATABASE_SECONDS_MAX = 900
REPEAT = 9


def answers(program, connection, questions, repeat):
    """The index's figures and an answer for each question, from one process."""
    lines = "".join(json.dumps({"id": one.id, "question": one.text, "feedback": one.feedback, "definitions": one.definitions}) + "\n" for one in questions)
    # Its words may quote a question: they are shown by whoever may show this database.
    done = subprocess.run([program, "--connection", connection, "--repeat", str(repeat)], input=lines, capture_output=True, text=True,
                          timeout=DATABASE_SECONDS_MAX, check=False)
    out = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(out) != len(questions) + 1:
        raise RuntimeError(done.stderr.strip() or "it ended early")
    return out[0], out[1:]


def verdicts_of(database, connection, options):
    """One database: asks, runs the gold, compares."""
    index, lines = answers(options.program, connection, database.questions, options.repeat)
    engine = golds.connect(connection, options.program)
    out = []
    try:
        columns = engine.columns()
        for question, answer in zip(database.questions, lines):
            outcome, right, shape, why = judge(question, answer, engine, columns)
            verdict = report.Verdict(database.set, database.name, outcome, right, answer["micros"], confidence=answer.get("confidence"),
                                     refusal=answer.get("error", {}).get("code", ""))
            if not database.held_out:
                verdict.shape = shape
                verdict.detail = {"id": question.id, "database": database.name, "question": question.text, "gold": question.gold,
                                  "sql": answer.get("sql"), "linked": answer.get("linked"), "kind": (why or ("", ""))[0],
                                  "first_wrong": (why or ("", ""))[1]}
            out.append(verdict)
    finally:
        engine.close()
    return index, out


@contextmanager
def server():
    """A PostgreSQL of the benchmark's own."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-questions-"))
    running = postgres_server.Postgres(folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def load(running, database):
    """The reader's URL of the database, made from its script; it may read every schema of the script."""
    url = running.create_database(database.name.lower(), database.sql)
    with running.connect(database.name.lower()) as connection:
        schemas = connection.execute("SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'").fetchall()
        for (schema,) in schemas:
            connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {postgres_server.READER}")
            connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {postgres_server.READER}")
    return url


def chosen(databases, options):
    """What --only and --ids leave. Ids leave out what is held out: a sum over one question would tell its answer."""
    only, ids = (set(filter(None, text.split(","))) for text in (options.only, options.ids))
    for database in databases:
        if ids:
            database.questions = [one for one in database.questions if one.id in ids and not database.held_out]
    return [one for one in databases if one.questions and (not only or one.name in only)]


def public_sets():
    folder = pathlib.Path(os.environ.get("SLUICE_QUESTIONS") or ROOT / BESIDE / "questions")
    if not folder.is_dir():
        print(f"skipped: no {BESIDE}")
        return []
    return sets.spider(folder / "spider") + sets.defog(folder / "defog")


def run(databases, options):
    verdicts, indexes, failed = [], {}, []

    def take(database, connect):
        try:
            indexes[database.name], found = verdicts_of(database, connect(), options)
            verdicts.extend(found)
        except Exception as error:  # whatever it is, its words may quote what is held out
            failed.append(database.name)
            print(f"{database.name}: not measured: {type(error).__name__}" + ("" if database.held_out else f": {error}"), file=sys.stderr)

    for database in databases:
        if database.connection:
            take(database, lambda: database.connection)
    scripted = [one for one in databases if one.sql]
    reason = postgres_server.missing() if scripted else None
    if reason:
        print(f"skipped: {', '.join(one.name for one in scripted)}: {reason}")
    elif scripted:
        with server() as running:
            for database in scripted:
                take(database, lambda: load(running, database))
    return report.figures(verdicts, indexes), failed


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--python", help="not needed here")
    parser.add_argument("--only", default="", help="databases, with commas between them")
    parser.add_argument("--ids", default="", help="questions, with commas between them; nothing that is held out")
    parser.add_argument("--set", type=pathlib.Path, help="JSON lines of one's own, instead of the public sets: id, db, question, gold_sql")
    parser.add_argument("--database", action="append", default=[], metavar="NAME=URL_OR_FILE", help="where a database of --set is")
    parser.add_argument("--repeat", type=int, default=REPEAT, help="how often each question is timed")
    parser.add_argument("--failures", action="store_true", help="print each question that was not answered right, except of held-out databases")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args(arguments)
    os.environ.setdefault("SLUICE_LIB_DIR", str(pathlib.Path(options.program).resolve().parents[1] / "lib"))
    return options


def main(arguments):
    options = options_of(arguments)
    own = dict(one.split("=", 1) for one in options.database)
    databases = chosen(sets.own(options.set, own) if options.set else public_sets(), options)
    if not databases:
        return 0
    figures, failed = run(databases, options)
    if options.failures:
        report.print_failures(figures["failures"])
    report.print_figures(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
