"""Reports of `sluice eval --save`, summed by family, database and the shape of the gold query. Nothing here shows a question: sums only."""

import csv
import io
import json
import pathlib
import sys

import sqlglot
import yaml
from sqlglot import exp

from scoring.parts import is_nested
from scoring.report import grouped, percentile, share

# A set's golds are in its engines' dialects, which a set does not name: the first that reads the query.
DIALECTS = ("postgres", "sqlite", "duckdb")
SHAPES = ("plain", "join", "grouping", "order or limit", "nested", "set operation", "not known")
UNANSWERABLE = "unanswerable"


# --- the golds ------------------------------------------------------------------------------------------------------


def rows_of(path):
    """The questions of a set as `sluice eval` reads it: CSV, or YAML (which JSON is)."""
    text = path.read_text(encoding="utf-8")
    if path.suffix.lower() == ".csv":
        return list(csv.DictReader(io.StringIO(text)))
    document = yaml.safe_load(text)
    return document.get("questions", []) if isinstance(document, dict) else document


def first_gold(row):
    gold = row.get("gold") or ""
    if isinstance(gold, str) and gold.lstrip().startswith("["):  # a list in a CSV's cell
        try:
            gold = json.loads(gold)
        except json.JSONDecodeError:
            pass
    return (gold[0] if gold else "") if isinstance(gold, list) else gold


def golds_by_id(path):
    return {str(row.get("id") or f"q{n}"): first_gold(row) for n, row in enumerate(rows_of(path), 1)}


def parsed(sql):
    for dialect in DIALECTS:
        try:
            tree = sqlglot.parse_one(sql, read=dialect)
        except sqlglot.errors.SqlglotError:
            continue
        if isinstance(tree, exp.Query):
            return tree
    return None


def shapes_of(sql):
    """All that the query has; a query with two joins in a subquery counts as a join and as nested."""
    tree = parsed(sql) if sql else None
    if tree is None:
        return ["not known"]
    selects = list(tree.find_all(exp.Select))
    has = {"join": any(select.args.get("joins") for select in selects),
           "grouping": any(select.args.get("group") for select in selects),
           "order or limit": any(node.args.get("order") or node.args.get("limit") for node in (tree, *selects)),
           "nested": not isinstance(tree, exp.SetOperation) and is_nested(tree),
           "set operation": tree.find(exp.SetOperation) is not None}
    return [name for name, there in has.items() if there] or ["plain"]


# --- sums -----------------------------------------------------------------------------------------------------------


def family_of(one):
    """"spider" of "spider-286": ids name the family that a question is of; where they don't, its connection does."""
    family, dash, rest = one["id"].partition("-")
    return family if dash and rest and not family.isdigit() else one["on"]


def sums(questions):
    answered = [one for one in questions if one["verdict"] in ("right", "wrong")]
    rounds = [one["rounds"] for one in questions]
    return {"asked": len(questions), "answered": len(answered), "right": sum(one["right"] for one in questions),
            "right_answers": sum(one["right"] for one in answered), "refused": sum(one["verdict"] == "refused" for one in questions),
            "unproven": sum(one["verdict"] == "unproven" for one in questions), "failed": sum(one["verdict"] == "failed" for one in questions),
            "accuracy": share(sum(one["right"] for one in questions), len(questions)),
            "precision": share(sum(one["right"] for one in answered), len(answered)),
            "rounds_mean": share(sum(rounds), len(rounds)), "rounds_max": max(rounds, default=None),
            "tokens_in_p50": percentile([one["model"]["tokens_in"] for one in questions], 0.5),
            "tokens_in": sum(one["model"]["tokens_in"] for one in questions), "tokens_out": sum(one["model"]["tokens_out"] for one in questions),
            "calls": sum(one["model"]["calls"] for one in questions), "usd": round(sum(one["model"]["usd"] for one in questions), 4)}


def reliability(questions):
    """Answers by their confidence, in tenths; the last bin holds 1 too."""
    rows = []
    for tenth in range(10):
        inside = [one for one in questions if one["verdict"] in ("right", "wrong") and one["confidence"] is not None
                  and min(int(one["confidence"] * 10), 9) == tenth]
        if inside:
            rows.append({"from": tenth / 10, "to": (tenth + 1) / 10, "answered": len(inside), "right": sum(one["right"] for one in inside),
                         "share_right": share(sum(one["right"] for one in inside), len(inside)),
                         "mean_confidence": share(sum(one["confidence"] for one in inside), len(inside))})
    return rows


def calibration_error(rows):
    """The mean distance between confidence and share of right answers, each bin by its answers."""
    answered = sum(row["answered"] for row in rows)
    return share(sum(row["answered"] * abs(row["share_right"] - row["mean_confidence"]) for row in rows), answered)


def arm_of(questions, golds):
    by_shape = {}
    for one in questions:
        for shape in [UNANSWERABLE] if one["unanswerable"] else shapes_of(golds.get((one["set"], one["id"]))):
            by_shape.setdefault(shape, []).append(one)
    rows = reliability(questions)
    return {"all": sums(questions), "families": {name: sums(found) for name, found in sorted(grouped(questions, family_of).items())},
            "databases": {name: sums(found) for name, found in sorted(grouped(questions, lambda one: f"{family_of(one)}/{one['on']}").items())},
            "shapes": {name: sums(by_shape[name]) for name in (*SHAPES, UNANSWERABLE) if name in by_shape}, "reliability": rows,
            "calibration_error": calibration_error(rows)}


def golds_of(report, path, given):
    """The golds of the report's set; none where the set is not there any more."""
    found = given or pathlib.Path(report["set"]["path"])
    if not found.is_file():
        found = path.parent / found
    if not found.is_file():
        print(f"{path}: its set {report['set']['path']} is not here: no shapes (--set names it)", file=sys.stderr)
        return {}
    return golds_by_id(found)


def summed(paths, given=None):
    """Reports of several parts of a set add up, arm by arm. A question that two of them ask counts twice."""
    asked, golds = {}, {}
    for path in paths:
        report = json.loads(path.read_text(encoding="utf-8"))
        for name, gold in golds_of(report, path, given).items():
            golds[str(path), name] = gold
        for arm in report["arms"]:
            asked.setdefault(arm["name"], []).extend({**one, "set": str(path)} for one in arm["questions"])
    return {"reports": [str(path) for path in paths], "arms": {name: arm_of(questions, golds) for name, questions in asked.items()}}


# --- printing -------------------------------------------------------------------------------------------------------


def percent(value):
    return "–" if value is None else f"{100 * value:.1f} %"


def print_rows(title, groups):
    print(f"\n{title:<38}{'asked':>7}{'right':>7}{'answered':>10}{'refused':>9}{'unproven':>10}{'failed':>8}{'accuracy':>10}{'precision':>11}"
          f"{'rounds':>8}{'tokens in':>12}{'out':>9}")
    for name, one in groups.items():
        print(f"{name:<38}{one['asked']:>7}{one['right']:>7}{one['answered']:>10}{one['refused']:>9}{one['unproven']:>10}{one['failed']:>8}"
              f"{percent(one['accuracy']):>10}{percent(one['precision']):>11}{one['rounds_mean']:>8.2f}{one['tokens_in']:>12,}{one['tokens_out']:>9,}")


def print_summed(out):
    for name, arm in out["arms"].items():
        print(f"\n== {name}")
        print_rows("", {"all": arm["all"]})
        print_rows("family", arm["families"])
        print_rows("database", arm["databases"])
        print_rows("gold query has", arm["shapes"])
        if arm["reliability"]:
            print(f"\n{'confidence':<14}{'answered':>10}{'right':>8}{'share right':>13}{'mean confidence':>17}")
            for row in arm["reliability"]:
                print(f"{row['from']:.1f} – {row['to']:.1f}{'':<5}{row['answered']:>10}{row['right']:>8}{percent(row['share_right']):>13}"
                      f"{percent(row['mean_confidence']):>17}")
            print(f"mean distance between the two: {percent(arm['calibration_error'])}")
