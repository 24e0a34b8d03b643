"""The table of engine.py: each figure beside its aim and beside the peers'.

A ratio to the bare loop above 1 is no success but a sign that the two were not measured under the same conditions: the engine does all that the loop does,
and more. It counts neither as met nor as missed.
"""

from dataclasses import dataclass

PEERS = ("bare", "langgraph", "dbos")


@dataclass
class Row:
    what: str
    value: float
    unit: str
    aim: float | None = None  # None: for information
    at_least: bool = True  # whether more is better
    possible_max: float | None = None  # above it the measurement itself is wrong

    def is_possible(self):
        return self.possible_max is None or self.value <= self.possible_max

    def met(self):
        if self.aim is None or not self.is_possible():
            return None
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    def as_json(self):
        return {"what": self.what, "value": self.value, "unit": self.unit, "aim": self.aim, "at_least": self.at_least, "met": self.met(),
                "possible": self.is_possible()}


def throughput_rows(best, journal, at_once, aim, ratios):
    """The figure, and its ratios to what there is of others."""
    ours = best.get(f"sluice {journal} {at_once}")
    if ours is None:
        return []
    name = f"{journal}, {at_once} run{'s' if at_once > 1 else ''} at once"
    rows = [Row(f"durable steps, {name}", ours["steps_per_s"], "/s", aim)]
    for peer in PEERS:
        if theirs := best.get(f"{peer} {journal} {at_once}"):
            floor = 1 if peer == "bare" else None
            rows.append(Row(f"    beside {peer}", ours["steps_per_s"] / theirs["steps_per_s"], "×", ratios.get(peer), possible_max=floor))
    return rows


def latency_rows(best, journal, at_once, p50, p99):
    ours = best.get(f"sluice {journal} {at_once}")
    if ours is None:
        return []
    name = f"one step, {journal}, {at_once} at once"
    return [Row(f"{name}, p50", ours["p50_ms"], "ms", p50, False), Row(f"{name}, p99", ours["p99_ms"], "ms", p99, False)]


def steps_rows(best):
    return [
        *throughput_rows(best, "sqlite", 64, 20_000, {"bare": 1 / 3, "langgraph": 20}),
        *throughput_rows(best, "sqlite", 1, 3500, {"bare": 0.75, "langgraph": 4}),
        *throughput_rows(best, "postgres", 64, 8000, {"dbos": 10}),
        *throughput_rows(best, "postgres", 1, None, {}),
        *latency_rows(best, "sqlite", 1, 0.3, 1),
        *latency_rows(best, "sqlite", 64, 4, 15),
        *latency_rows(best, "postgres", 1, None, None),
        *latency_rows(best, "postgres", 64, None, None),
    ]


def parked_rows(found):
    rows = []
    for journal, figures in found.items():
        name = f"{figures['runs']:,} parked, {journal}"
        rows += [
            Row(f"{name}: threads", figures["threads"], "", 16, False),
            Row(f"{name}: memory, working", figures["rss_mb"], "MB", 150, False),
            Row(f"{name}: memory, having parked them", figures["parking"]["rss_mb"], "MB", 150, False),
            Row(f"{name}: first page", figures["first_page_ms"], "ms", 50, False),
            Row(f"{name}: claim, p99", figures["claim"]["p99_ms"], "ms"),
            Row(f"{name}: decision to resumption, p99", figures["resumption"]["p99_ms"], "ms", 50, False),
            Row(f"{name}: the same, decided elsewhere, p99", figures["resumption_other_process"]["p99_ms"], "ms", 50, False),
        ]
    return rows


def resume_rows(found):
    return [Row(f"a run of {figures['steps']:,} steps resumes, {journal}", figures["p50_ms"], "ms", 200, False) for journal, figures in found.items()]


def growth_rows(found):
    rows = []
    for journal, figures in found.items():
        first = figures["points"][0]["steps_per_s"]
        for point in figures["points"]:
            cost = first / point["steps_per_s"]
            rows.append(Row(f"cost of a step at {point['events']:,} events, {journal}", cost, "×", None if point is figures["points"][0] else 1.2, False))
    return rows


def size_rows(found):
    rows = []
    for journal, figures in found.items():
        rows += [Row(f"a step, {journal}", figures["bytes_per_step"], "bytes"), Row(f"a run of 5 steps, {journal}", figures["bytes_per_run"], "bytes")]
    return rows


def rows_of(parts):
    makers = {"steps": steps_rows, "parked": parked_rows, "resume": resume_rows, "growth": growth_rows, "size": size_rows}
    return [row for part, found in parts.items() for row in makers[part](found)]


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def show(rows, parts, missing, busy, quick):
    if best := parts.get("steps"):
        print(f"{'':12}{'store':10}{'at once':>8}{'steps/s':>11}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}")
        for key, figures in sorted(best.items(), key=lambda item: (item[0].split()[1] != "sqlite", int(item[0].split()[2]), item[0])):
            name, journal, at_once = key.split()
            times = "".join(f"{figures[part]:>10.3f}" for part in ("p50_ms", "p99_ms", "max_ms"))
            print(f"{name:12}{journal:10}{at_once:>8}{figures['steps_per_s']:>11,.0f}{times}")
        print()
    print(f"{'':56}{'figure':>12}{'aim':>14}")
    for row in rows:
        aim = "" if row.aim is None else f"{'≥' if row.at_least else '≤'} {number(row.aim)} {row.unit}"
        verdict = {None: "", True: "met", False: "MISSED"}[row.met()] if row.is_possible() else "NOT USABLE: nothing beats its own floor; measure again"
        print(f"{row.what:56}{number(row.value) + ' ' + row.unit:>12}{aim:>14}  {verdict}".rstrip())
    missed, aimed = sum(row.met() is False for row in rows), sum(row.met() is not None for row in rows)
    print(f"\n{aimed - missed} of {aimed} aims met" + "".join(f"; not usable: {row.what.strip()}" for row in rows if not row.is_possible()))
    for line in missing:
        print(line)
    if quick:
        print("quick: much less work than the aims are for")
    if busy["max"] > busy["allowed"]:
        print(f"the machine was not quiet: others had {busy['mean']:.0%} of the processors on average during a measurement, {busy['max']:.0%} at most;"
              " the figures are rough, in either direction")
