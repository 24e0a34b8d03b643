"""Figures from verdicts. Of held-out databases only sums are kept: nothing here can show one of their questions."""

from collections import Counter
from dataclasses import dataclass

from scoring.parts import SHAPES

BUCKETS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
SETS = ("tuning", "held out", "unanswerable", "own")


@dataclass
class Verdict:
    """What became of one question. `outcome`: right, wrong, refused, unproven (proposed, but the proof or the engine said no), no gold."""

    set: str
    database: str
    outcome: str
    right: bool
    micros: int
    shape: str = ""
    confidence: float | None = None
    detail: dict | None = None  # tuning and own sets only
    refusal: str = ""  # the error's code

    @property
    def answered(self):
        return self.outcome in ("right", "wrong")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else None


def share(part, whole):
    return round(part / whole, 4) if whole else None


def sums(verdicts):
    """What is asked leaves out the questions whose gold does not run. Of what can't be answered a refusal is right and every answer wrong."""
    judged = [one for one in verdicts if one.outcome != "no gold"]
    answered, right = sum(one.answered for one in judged), sum(one.right for one in judged)
    right_answers = sum(one.right and one.answered for one in judged)
    return {"asked": len(judged), "answered": answered, "right": right, "precision": share(right_answers, answered), "accuracy": share(right, len(judged)),
            "coverage": share(answered, len(judged)), "unproven": sum(one.outcome == "unproven" for one in judged),
            "no_gold": len(verdicts) - len(judged), "p50_us": percentile([one.micros for one in verdicts], 0.5),
            "p95_us": percentile([one.micros for one in verdicts], 0.95)}


def grouped(verdicts, key):
    groups = {}
    for one in verdicts:
        groups.setdefault(key(one), []).append(one)
    return groups


def shape_order(name):
    kind = name.removesuffix(" + join")
    return (SHAPES.index(kind) if kind in SHAPES else len(SHAPES), name)


def reliability(verdicts):
    rows = []
    for low, high in zip(BUCKETS, (*BUCKETS[1:], 1.01)):
        inside = [one for one in verdicts if one.answered and low <= one.confidence < high]
        if inside:
            rows.append({"from": low, "to": min(high, 1.0), "answered": len(inside), "right": sum(one.right for one in inside),
                         "share_right": share(sum(one.right for one in inside), len(inside)),
                         "mean_confidence": share(sum(one.confidence for one in inside), len(inside))})
    return rows


def figures(verdicts, indexes):
    by_set = grouped(verdicts, lambda one: one.set)
    shown = [one for one in verdicts if one.detail is not None]
    return {
        "sets": {name: sums(by_set[name]) for name in SETS if name in by_set},
        "databases": [{"database": database, "set": name, **sums(found)} for (name, database), found in
                      grouped(verdicts, lambda one: (one.set, one.database)).items()],
        "shapes": {name: {shape: sums(found) for shape, found in sorted(grouped([one for one in by_set[name] if one.shape], lambda one: one.shape).items(),
                                                                        key=lambda item: shape_order(item[0]))}
                   for name in ("tuning", "own") if name in by_set},
        "reliability": {name: reliability(by_set[name]) for name in SETS if name in by_set},
        "first_wrong": dict(Counter(one.detail["kind"] for one in shown if not one.right).most_common()),
        "refusals": {name: dict(Counter(one.refusal for one in by_set[name] if one.refusal).most_common()) for name in SETS if name in by_set},
        "index": indexes,
        "failures": [one.detail for one in shown if not one.right],
    }


# --- printing -------------------------------------------------------------------------------------------------------


def shown(value):
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def table(title, rows, columns):
    print(f"\n{title:<34}" + "".join(f"{name:>12}" for name in columns))
    for name, row in rows:
        print(f"{name:<34}" + "".join(f"{shown(row[key]):>12}" for key in columns))


SUMS = ("asked", "answered", "right", "precision", "accuracy", "coverage", "unproven", "p50_us", "p95_us")


def print_figures(report):
    table("database", [(f"{row['database']} ({row['set']})", row) for row in report["databases"]], SUMS)
    table("set", report["sets"].items(), SUMS)
    for name, shapes in report["shapes"].items():
        table(f"shape ({name})", shapes.items(), ("asked", "answered", "right", "precision", "accuracy"))
    for name, rows in report["reliability"].items():
        if rows:
            table(f"confidence ({name})", [(f"{row['from']:.2f} to {row['to']:.2f}", row) for row in rows],
                  ("answered", "right", "share_right"))
    codes = sorted({code for found in report["refusals"].values() for code in found})
    if codes:
        table("refused, by error", [(name, {code: found.get(code, 0) for code in codes}) for name, found in report["refusals"].items()], codes)
    if report["first_wrong"]:
        table("first wrong decision", [(kind, {"questions": count}) for kind, count in report["first_wrong"].items()], ("questions",))
    no_gold = sum(row["no_gold"] for row in report["sets"].values())
    if no_gold:
        print(f"\nnot judged, as no gold query runs: {no_gold}")


def print_failures(failures):
    for one in failures:
        print(f"\n{one['id']} {one['database']}: {one['question']}")
        print(f"  gold    {one['gold'] or 'the data cannot answer it'}")
        print(f"  answer  {' '.join(one['sql'].split()) if one['sql'] else 'refused'}")
        print(f"  first   {one['first_wrong']}")
