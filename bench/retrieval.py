#!/usr/bin/env python3
"""Whether the tables that a question needs are among those that a prompt of bounded size shows, out of two thousand others.

    retrieval.py --program BUILD/bench/retrieval_bench [--tokens N] [--rounds N] [--misses] [--show ID] [--json FILE]     (./dev bench retrieval)

One catalog holds the databases of Spider's and Defog's question sets (looked for as bench/questions.py does, with the same databases held out) and made-up
tables (distractors.py); each database is a schema. A question does not say which database it is about. What Defog's instructions define is given as a glossary.
The tables that a question needs are those of its gold query, or of any one where several are right.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests" / "e2e")]

import postgres as postgres_server  # noqa: E402
from distractors import distractors  # noqa: E402
from questions import load, public_sets, server  # noqa: E402
from scoring import gold as golds  # noqa: E402
from sqlglot import exp  # noqa: E402

DISTRACTORS = 2000
TOKENS, ROUNDS = 12_000, 5
SECONDS_MAX = 900
AIMS = {"kept": 0.98, "find p95": 2, "index and one retrieval": 20}


def tables_of(sql, dialect):
    """The tables that a query reads, in lower case; None where the parser does not read it."""
    tree = golds.parse(sql, dialect)
    if tree is None:
        return None
    named = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    return {table.name.lower() for table in tree.find_all(exp.Table)} - named


def needed(question, dialect):
    """Sets of tables, each of which would do."""
    texts = golds.accepted(question.gold) if question.notation else [question.gold.strip().rstrip(";")]
    return [tables for tables in (tables_of(text, dialect) for text in texts) if tables]


def ask(options, connections, questions):
    tables, values = distractors(DISTRACTORS)
    lines = [{"database": name, "connection": connection} for name, connection in connections.items()]
    lines += [{"table": one} for one in tables] + [{"values": one} for one in values]
    lines += [{"id": one.id, "question": one.text, "definitions": one.definitions, "show": one.id == options.show} for one in questions]
    done = subprocess.run([options.program, str(options.tokens), str(options.rounds)], input="".join(json.dumps(one) + "\n" for one in lines),
                          capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    out = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(out) != len(questions) + 1:
        sys.exit(done.stderr.strip() or "it ended early")
    return out[0], out[1:]


def judged(question, dialect, line):
    """Which of the needed tables are missing (of the set that lacks the fewest) and where the ranking has them."""
    choices = [[f"{question.database}.{name}".lower() for name in sorted(tables)] for tables in needed(question, dialect)]
    kept, named = ({name.lower() for name in line[which]} for which in ("kept", "named"))
    place = {name.lower(): at for at, name in enumerate(line["ranked"])}
    missing = min(([name for name in names if name not in kept] for names in choices), key=len)
    worst = min(max(place.get(name, len(place)) for name in names) for names in choices)
    return {"missing": missing, "worst": worst, "named": all(name in named for name in missing), "places": [place.get(name) for name in missing]}


def percentile(figures, share):
    return sorted(figures)[min(len(figures) - 1, int(share * len(figures)))]


def figures_of(index, results):
    # The fastest of some rounds, so that what else the machine does counts less.
    index_ms = min(index["index_ms"])
    find, text = ([min(line[which]) for _, line, _ in results] for which in ("find_ms", "text_ms"))
    yield "catalog: tables", index["tables"], "", None
    yield "catalog: columns", index["columns"], "", None
    yield "catalog: encoded", index["catalog_bytes"] / 1e6, "MB", None
    yield "catalog: sampled values, encoded", index["values_bytes"] / 1e6, "MB", None
    yield "index", index_ms, "ms", None
    yield "find, p50", statistics.median(find), "ms", None
    yield "find, p95", percentile(find, 0.95), "ms", AIMS["find p95"]
    yield "index and one find, p95", index_ms + percentile(find, 0.95), "ms", AIMS["index and one retrieval"]
    yield "find and write the text, p50", statistics.median(text), "ms", None
    yield "find and write the text, p95", percentile(text, 0.95), "ms", None
    yield "tables kept, median", statistics.median(len(line["kept"]) for _, line, _ in results), "", None
    yield "tokens, estimated, most", max(line["tokens"] for _, line, _ in results), "", None
    for which in ("tuning", "held out"):
        chosen = [verdict for database, _, verdict in results if database.set == which]
        if chosen:
            yield f"{which}: questions", len(chosen), "", None
            yield f"{which}: all tables needed are kept", sum(not one["missing"] for one in chosen) / len(chosen), "", AIMS["kept"]
            yield f"{which}: kept or named", sum(not one["missing"] or one["named"] for one in chosen) / len(chosen), "", None
            for first in (5, 10, 20, 50):
                yield f"{which}: among the first {first}", sum(one["worst"] < first for one in chosen) / len(chosen), "", None


def print_misses(results):
    for database, line, verdict in results:
        if not database.held_out and verdict["missing"]:
            question = next(one for one in database.questions if one.id == line["id"])
            print(f"{question.id}  {database.name}: {question.text}\n    missing {', '.join(verdict['missing'])}, ranked {verdict['places']}; first: "
                  f"{', '.join(line['ranked'][:8])}")


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--python", help="not needed here")
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--misses", action="store_true", help="print each question whose tables are not all kept, except of held-out databases")
    parser.add_argument("--show", help="print the text for the question with this id, except of held-out databases")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args(arguments)
    os.environ.setdefault("SLUICE_LIB_DIR", str(pathlib.Path(options.program).resolve().parents[1] / "lib"))
    return options


def run(databases, options):
    with server() as running:
        connections = {one.name: one.connection or load(running, one) for one in databases}
        index, lines = ask(options, connections, [question for one in databases for question in one.questions])
    questions = [(one, question) for one in databases for question in one.questions]
    return index, [(one, line, judged(question, "postgres" if one.sql else "sqlite", line)) for (one, question), line in zip(questions, lines)]


def main(arguments):
    options = options_of(arguments)
    databases = [one for one in public_sets() if one.set != "unanswerable"]
    if not databases:
        return 0
    reason = postgres_server.missing()
    if reason:
        print(f"skipped: {reason}")
        return 0
    index, results = run(databases, options)
    if options.misses:
        print_misses(results)
    for database, line, _ in results:
        if "text" in line and not database.held_out:
            print(line["text"])
    figures = list(figures_of(index, results))
    print(f"{'what':<48}{'figure':>12}{'aim':>10}")
    for what, figure, unit, aim in figures:
        print(f"{what:<48}{figure:>9,.3g} {unit:<2}{aim if aim else '':>10}" if figure < 1000 else f"{what:<48}{figure:>9,.0f} {unit:<2}")
    if options.json:
        options.json.write_text(json.dumps({"figures": [{"what": w, "figure": f, "unit": u, "aim": a} for w, f, u, a in figures]}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
