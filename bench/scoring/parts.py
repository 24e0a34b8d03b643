"""What a query is made of: its shape, and the first part in which an answer's query decided otherwise than the gold's.

A reading for people who mend the planner. Nothing here says whether an answer is right.
"""

from collections import Counter

from sqlglot import exp

from scoring.gold import parse

SHAPES = ("list", "filter", "distinct", "order", "top N", "count", "aggregate", "group", "group, order", "group, top N", "having", "window", "nested",
          "set operation")


def is_nested(tree):
    return any(select is not tree for select in tree.find_all(exp.Select))


def shape_of(sql, dialect):
    """The most demanding thing in the query, and whether it joins tables."""
    tree = parse(sql, dialect)
    if tree is None:
        return "other"
    join = " + join" if any(select.args.get("joins") for select in tree.find_all(exp.Select)) else ""
    return kind_of(tree) + join


def kind_of(tree):
    if isinstance(tree, exp.SetOperation):
        return "set operation"
    if is_nested(tree):
        return "nested"
    if tree.find(exp.Window):
        return "window"
    order = "top N" if tree.args.get("limit") else "order" if tree.args.get("order") else ""
    if tree.args.get("having"):
        return "having"
    if tree.args.get("group"):
        return "group" + (", " + order if order else "")
    aggregates = [item for item in tree.expressions if item.find(exp.AggFunc)]
    if aggregates:
        return "count" if len(tree.expressions) == 1 and isinstance(tree.expressions[0].unalias(), exp.Count) else "aggregate"
    if order:
        return order
    return "distinct" if tree.args.get("distinct") else "filter" if tree.args.get("where") else "list"


class Query:
    """One side of the comparison: every part as texts that do not depend on aliases, case or dialect."""

    def __init__(self, tree, columns):
        self.tree = tree
        self.owners = {}  # column → tables of the database that have it
        for table, column in columns:
            self.owners.setdefault(str(column).lower(), set()).add(str(table).lower())
        self.aliases = {table.alias_or_name.lower(): table.name.lower() for table in tree.find_all(exp.Table)}
        self.select = tree if isinstance(tree, exp.Select) else tree.find(exp.Select)
        named = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
        self.tables = {name for name in self.aliases.values() if name not in named}
        self.names = {item.alias.lower(): item.unalias() for item in self.select.expressions if item.alias}

    def text(self, node):
        def settle(part):
            if isinstance(part, exp.Paren):
                return part.this
            if not isinstance(part, exp.Column):
                return part
            name = part.name.lower()
            table = self.aliases.get(part.table.lower()) if part.table else None
            if table is None:
                owners = self.owners.get(name, set()) & self.tables
                table = owners.pop() if len(owners) == 1 else ""
            return exp.column(name, table=table or None)

        return node.copy().transform(settle).sql(dialect="", normalize_functions="lower")

    def resolved(self, node):
        """A part of GROUP BY or ORDER BY: a place or a new name stands for a selected column."""
        items = self.select.expressions
        if isinstance(node, exp.Literal) and not node.is_string and 0 < int(node.this) <= len(items):
            return items[int(node.this) - 1].unalias()
        if isinstance(node, exp.Column) and not node.table:
            return self.names.get(node.name.lower(), node)
        return node

    def conditions(self, part):
        """Of WHERE (with what ON adds to keys) or HAVING: a text each."""
        found = []
        node = self.tree.args.get(part) if isinstance(self.tree, exp.Select) else self.select.args.get(part)
        if node is not None:
            found += node.this.flatten() if isinstance(node.this, exp.And) else [node.this]
        if part == "where":
            for join in self.select.args.get("joins") or []:
                on = join.args.get("on")
                found += [one for one in (on.flatten() if isinstance(on, exp.And) else [on] if on is not None else []) if not joins_columns(one)]
        return Counter(self.text(one) for one in found if not joins_columns(one))

    def columns(self):
        return Counter(self.text(item.unalias()) for item in self.select.expressions)

    def groups(self):
        group = self.select.args.get("group")
        return Counter(self.text(self.resolved(one)) for one in (group.expressions if group else []))

    def order(self):
        order = self.tree.args.get("order")
        return [self.text(self.resolved(one.this)) + (" desc" if one.args.get("desc") else "") for one in (order.expressions if order else [])]

    def limit(self):
        limit = self.tree.args.get("limit")
        return self.text(limit.expression) if limit else ""


def joins_columns(node):
    return isinstance(node, exp.EQ) and isinstance(node.left, exp.Column) and isinstance(node.right, exp.Column)


def difference(what, gold, answer):
    missing, extra = Counter(gold) - Counter(answer), Counter(answer) - Counter(gold)
    if not missing and not extra:
        return None
    parts = [f"{word} {', '.join(sorted(texts))}" for word, texts in (("missing", missing), ("extra", extra)) if texts]
    return what, f"{what}: {'; '.join(parts)}"


def first_wrong(gold_sql, gold_dialect, answer_sql, answer_dialect, columns):
    """(kind, text) of the first decision in which the two queries differ."""
    trees = parse(gold_sql, gold_dialect), parse(answer_sql, answer_dialect)
    if None in trees:
        return "not compared", "one of the queries is not read by the benchmark's parser"
    gold, answer = (Query(tree, columns) for tree in trees)
    if isinstance(gold.tree, exp.SetOperation) != isinstance(answer.tree, exp.SetOperation):
        return "set operation", "set operation: " + ("missing" if isinstance(gold.tree, exp.SetOperation) else "extra")
    tables = difference("tables", gold.tables, answer.tables)
    if tables:
        return tables
    if is_nested(gold.tree) and not is_nested(answer.tree):
        return "nested query", "nested query: missing"
    for what, take in (("filter", lambda query: query.conditions("where")), ("columns", Query.columns), ("grouping", Query.groups),
                       ("having", lambda query: query.conditions("having"))):
        found = difference(what, take(gold), take(answer))
        if found:
            return found
    if gold.order() != answer.order() or gold.limit() != answer.limit():
        sides = [", ".join(query.order()) + (f" limit {query.limit()}" if query.limit() else "") or "none" for query in (gold, answer)]
        return "order or limit", f"order or limit: {sides[0]}, answered {sides[1]}"
    if bool(gold.select.args.get("distinct")) != bool(answer.select.args.get("distinct")):
        return "distinct", "distinct: " + ("missing" if gold.select.args.get("distinct") else "extra")
    return "rows differ", "rows differ, though the queries look alike"
