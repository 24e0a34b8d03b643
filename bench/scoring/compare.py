"""Whether two results are the same answer: rows as a multiset, in order where order was asked for, columns in any order, names not at all."""

import base64
import datetime
import decimal
import math
import re
from collections import defaultdict
from itertools import islice

RELATIVE_TOLERANCE = 1e-6
# A question's columns are few; what exceeds this has so many equal columns that any order of them will do.
PERMUTATIONS_MAX = 5000
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)")


def number(text):
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def moment(text):
    """A date, or a timestamp that is no midnight, as ISO text; what has a time zone in UTC."""
    try:
        value = datetime.datetime.fromisoformat(text)
    except ValueError:
        return text
    if value.tzinfo:
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")


def loose(text):
    """SQLite's columns have no fixed type: a text that is a number or a moment counts as one, on both sides."""
    if NUMBER.fullmatch(text):
        return number(text)
    return moment(text) if MOMENT.match(text) else text


def cell(value, untyped=False, kind=""):
    """A value as it is compared: None, a number, or text. `kind` is the answer's type, by which its texts are read."""
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, decimal.Decimal):
        return number(f"{value:f}") if value.is_finite() else str(value)
    if isinstance(value, datetime.datetime):
        return moment(value.isoformat())
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    text = str(value)
    if kind in ("integer", "decimal", "floating") and NUMBER.fullmatch(text):
        return number(text)
    if kind in ("date", "timestamp", "timestamptz"):
        return moment(text)
    return loose(text) if untyped else text


def is_number(value):
    return isinstance(value, (int, float))


def same_cell(a, b):
    if is_number(a) and is_number(b):
        return a == b or not (isinstance(a, int) and isinstance(b, int)) and math.isclose(a, b, rel_tol=RELATIVE_TOLERANCE)
    return type(a) is type(b) and a == b


def same_row(a, b):
    return len(a) == len(b) and all(map(same_cell, a, b))


def by_texts(rows):
    """Rows by all that must be exactly equal: numbers, which need not, are left out."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(0 if is_number(value) else (value,) for value in row)].append(row)
    return groups


def numbers(row):
    return [value for value in row if is_number(value)]


def same_rows(gold, answer):
    """Equal as multisets."""
    if len(gold) != len(answer):
        return False
    groups = by_texts(answer)
    for key, wanted in by_texts(gold).items():
        given = sorted(groups.get(key, []), key=numbers)
        if len(given) != len(wanted) or not matched(sorted(wanted, key=numbers), given):
            return False
    return True


def matched(wanted, given):
    """Each wanted row has one of its own among the given; sorted alike, so that mostly it is the next."""
    for row in wanted:
        place = next((i for i, other in enumerate(given) if same_row(row, other)), None)
        if place is None:
            return False
        del given[place]
    return True


def column(rows, i):
    return [(row[i],) for row in rows]


def permutations(gold, answer, width):
    """Choices of the answer's columns, in an order in which each holds the values of the gold's column."""
    wide = len(answer[0]) if answer else width
    fits = [[j for j in range(wide) if same_rows(column(gold, i), column(answer, j))] for i in range(width)]

    def extend(taken):
        if len(taken) == width:
            yield taken
            return
        for j in fits[len(taken)]:
            if j not in taken:
                yield from extend([*taken, j])

    return islice(extend([]), PERMUTATIONS_MAX)


def same_answer(gold, answer, width, ties=None):
    """`gold` and `answer` are rows of cells; `width` is the gold's, and a wider answer is compared without the columns that it has beyond. `ties`:
    where the order counts, how many rows each run of the gold's rows has that may stand in any order, as they have equal order keys; None where
    the order does not count."""
    if len(gold) != len(answer):
        return False
    for order in permutations(gold, answer, width):
        if same_order(gold, [[row[j] for j in order] for row in answer], [len(gold)] if ties is None else ties):
            return True
    return False


def same_order(gold, answer, ties):
    begin = 0
    for size in ties:
        if not same_rows(gold[begin:begin + size], answer[begin:begin + size]):
            return False
        begin += size
    return True
