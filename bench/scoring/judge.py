"""Whether an answer is right, and where it went wrong first."""

from scoring import gold as golds
from scoring.compare import same_answer
from scoring.parts import first_wrong, shape_of


def right_of(accepted, width, rows):
    """Whether the rows are what one of the accepted queries gives."""
    return any(width == one.width and same_answer(one.rows, rows, width, one.ties) for one in accepted)


def near_miss(accepted, engine, width, rows):
    """(kind, text) where the rows show how the answer misses a gold by little; else None."""
    for one in accepted:
        if width == one.width and one.ties is not None and same_answer(one.rows, rows, width):
            return "order", "order: the right rows, in another one"
        if golds.is_tie(one, engine, width, rows):
            return "tie at the limit", "tie at the limit: other rows of those with the same order key"
        if width == one.width and same_answer(distinct(one.rows), distinct(rows), width):
            return "distinct", "distinct: " + ("rows are missing that say the same" if len(rows) < len(one.rows) else "rows are repeated")
        if width > one.width and rows and same_answer(one.rows, rows, one.width, one.ties):
            return "extra columns", f"extra columns: {width - one.width} more than asked for, else right"
    return None


def distinct(rows):
    return [list(row) for row in dict.fromkeys(map(tuple, rows))]


def nearest(accepted, width, rows):
    """The gold beside which a wrong answer tells most: as many rows, then as many columns."""
    return max(accepted, key=lambda one: (len(one.rows) == len(rows), one.width == width))


def judge(question, answer, engine, columns):
    """(outcome, right, shape, (kind, text) of what went wrong); see report.Verdict."""
    answered = "rows" in answer
    outcome = "answered" if answered else "unproven" if "proof_error" in answer else "refused"
    refusal = answer.get("error") or answer.get("proof_error") or {}
    why = (f"{outcome} {refusal.get('code', '')}", f"{outcome} {refusal.get('code', '')}: {refusal.get('message', '')}")
    if question.gold is None:
        return ("wrong", False, "", ("answered", "answered what the data cannot answer")) if answered else (outcome, True, "", why)
    try:
        accepted = golds.golds_of(question.gold, engine, question.notation)
    except golds.GoldError as error:
        return "no gold", False, "", ("no gold", f"no gold: {error}")
    shape = shape_of(accepted[0].sql, engine.dialect)
    if not answered:
        return outcome, False, shape, why
    if answer["truncated"]:
        return "wrong", False, shape, ("too many rows", "too many rows to compare")
    width, rows = golds.answered(answer, engine.untyped)
    if right_of(accepted, width, rows):
        return "right", True, shape, None
    dialect = "postgres" if engine.dialect == "postgres" else "duckdb"
    return "wrong", False, shape, near_miss(accepted, engine, width, rows) or first_wrong(
        nearest(accepted, width, rows).sql, engine.dialect, answer["sql"], dialect, columns)
