"""The table of engine.py: each figure beside its aim and beside the peers'.

A ratio to the bare loop above 1 is no success but a sign that the two were not measured under the same conditions: the engine does all that the
loop does, and more. It counts neither as met nor as missed. A verdict that was reached while others had the processors says so: a program with many
threads gets a larger share of a busy machine than one with one, so that ratios too come out wrong there, and mostly in our favour.
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
    busy: float = 0.0  # what share of the processors others had meanwhile

    def is_possible(self):
        return self.possible_max is None or self.value <= self.possible_max

    def met(self):
        if self.aim is None or not self.is_possible():
            return None
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    def as_json(self):
        return {"what": self.what, "value": self.value, "unit": self.unit, "aim": self.aim, "at_least": self.at_least, "met": self.met(),
                "possible": self.is_possible(), "busy_by_others": self.busy}


def throughput_rows(best, journal, at_once, aim, ratios):
    """The figure, and its ratios to what there is of others."""
    ours = best.get(f"sluice {journal} {at_once}")
    if ours is None:
        return []
    name = f"{journal}, {at_once} run{'s' if at_once > 1 else ''} at once"
    rows = [Row(f"durable steps, {name}", ours["steps_per_s"], "/s", aim, busy=ours["busy_by_others"])]
    for peer in PEERS:
        if theirs := best.get(f"{peer} {journal} {at_once}"):
            floor = 1 if peer == "bare" else None
            ratio, busy = ours["steps_per_s"] / theirs["steps_per_s"], max(ours["busy_by_others"], theirs["busy_by_others"])
            rows.append(Row(f"    beside {peer}", ratio, "×", ratios.get(peer), possible_max=floor, busy=busy))
    return rows


def latency_rows(best, journal, at_once, p50, p99):
    ours = best.get(f"sluice {journal} {at_once}")
    if ours is None:
        return []
    name = f"one step, {journal}, {at_once} at once"
    busy = ours["busy_by_others"]
    return [Row(f"{name}, p50", ours["p50_ms"], "ms", p50, False, busy=busy), Row(f"{name}, p99", ours["p99_ms"], "ms", p99, False, busy=busy)]


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
    name = "a run of {:,} steps resumes, {}"
    return [Row(name.format(figures["steps"], journal), figures["p50_ms"], "ms", 200, False) for journal, figures in found.items()]


def growth_rows(found):
    rows = []
    for journal, figures in found.items():
        first = figures["points"][0]["steps_per_s"]
        for point in figures["points"]:
            cost = first / point["steps_per_s"]
            aim = None if point is figures["points"][0] else 1.2
            rows.append(Row(f"cost of a step at {point['events']:,} events, {journal}", cost, "×", aim, False))
    return rows


def size_rows(found):
    rows = []
    for journal, figures in found.items():
        rows += [
            Row(f"a step, {journal}", figures["bytes_per_step"], "bytes"),
            Row(f"a run of 5 steps, {journal}", figures["bytes_per_run"], "bytes"),
        ]
    return rows


def rows_of(parts):
    rows = steps_rows(parts["steps"]) if "steps" in parts else []
    makers = {"parked": parked_rows, "resume": resume_rows, "growth": growth_rows, "size": size_rows}
    for part, maker in makers.items():
        for journal, figures in parts.get(part, {}).items():
            made = maker({journal: figures})
            for row in made:
                row.busy = figures["busy_by_others"]
            rows += made
    return rows


def verdict_on(row, busy_allowed):
    if not row.is_possible():
        return "NOT USABLE: nothing beats its own floor; measure again"
    if row.met() is None:
        return ""
    return ("met" if row.met() else "MISSED") + (" (busy machine)" if row.busy > busy_allowed else "")


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
        print(f"{row.what:56}{number(row.value) + ' ' + row.unit:>12}{aim:>14}  {verdict_on(row, busy['allowed'])}".rstrip())
    missed, aimed = sum(row.met() is False for row in rows), sum(row.met() is not None for row in rows)
    unsure = sum(row.met() is not None and row.busy > busy["allowed"] for row in rows)
    impossible = sum(not row.is_possible() for row in rows)
    print(f"\n{aimed - missed} of {aimed} aims met; {unsure} of these verdicts were reached on a busy machine; {impossible} not usable")
    for line in missing:
        print(line)
    if quick:
        print("quick: much less work than the aims are for")
    if busy["max"] > busy["allowed"]:
        print(f"the machine was not quiet: others had {busy['mean']:.0%} of the processors on average during a measurement,"
              f" {busy['max']:.0%} at most; the figures are rough, in either direction")
