"""Which folder of src may include which: the table, and the rules that read the includes against it.

Every folder may include itself and `base`; a folder's ports are a folder of their own ("proof/ports").
"""

import re
from collections import namedtuple

Finding = namedtuple("Finding", "path line what why")

WORKING = {"proof", "plan", "sql", "data", "workflow", "telemetry"}
ALLOWED = {
    "base": set(),
    "telemetry": set(),
    "data": set(),
    "config": {"telemetry"},
    "workflow": {"workflow/ports", "telemetry"},
    "sql": {"sql/ports", "data"},
    "plan": {"sql", "data"},
    "proof": {"proof/ports", "data/ports", "plan", "sql", "data", "telemetry"},
    "approvals": {"approvals/ports"} | WORKING,
    "planner": {"agents/ports", "plan", "sql", "data"},
    "agents": {"agents/ports"} | WORKING,
    "flows": {"agents", "approvals", "*/ports"} | WORKING,
    "eval": {"flows", "agents", "sql", "data"},
    "app": {"app/ports", "flows", "agents", "data", "eval", "approvals", "workflow", "config", "telemetry"},
    "cli": {"app", "approvals", "data", "telemetry"},
    "server": {"app", "approvals", "data", "telemetry"},
    "net": {"telemetry"},
    "libpq": set(),  # PostgreSQL's client library is loaded in one place for the journal and the connector.
    # What a call costs is confirmed where the run's steps are; so is whose token it was that decided.
    "journal": {"workflow/ports", "agents/ports", "app/ports", "libpq", "telemetry"},
    "connectors": {"net", "data", "telemetry", "*/ports"},
    "main.cc": {"*"},
}
# Connectors that share a connector's code, and why.
CONNECTORS_ALSO = {
    # Three providers' models are asked over HTTP in one way: what sends, streams, retries and cleans is there once; only the words differ.
    f"connectors/{provider}": {"connectors/model_http"}
    for provider in ("openai", "anthropic", "gemini")
}
CONNECTORS_ALSO["connectors/postgres"] = {"libpq"}
# What a ports folder may include besides base and data, and why.
PORTS_ALSO = {
    "agents/ports": {"plan"},  # The proposer's port hands over a spec, which models' agents and the planner build.
}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def folder_of(parts):
    """The node of the table that a path below src belongs to: ("proof", "ports", "engine.h") is "proof/ports"."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) > 2 and parts[1] == "ports":
        return f"{parts[0]}/ports"
    if parts[0] == "connectors" and len(parts) > 2:
        return f"connectors/{parts[1]}"
    return parts[0]


def allowed(source, target):
    if target in (source, "base") or (source == "main.cc" and target != "main.cc"):
        return True
    if target in CONNECTORS_ALSO.get(source, set()):
        return True
    if source.endswith("/ports"):
        return target in {"data"} | PORTS_ALSO.get(source, set())
    row = ALLOWED.get(source.split("/")[0], set())
    if target.endswith("/ports"):
        # A consumer's headers are written in the words of its ports: who may include `workflow` may name `workflow/ports`.
        return target in row or "*/ports" in row or target.removesuffix("/ports") in row
    return target in row


def why_not(source, target):
    if source.endswith("/ports"):
        return "a port includes only base and data, so that an adapter needs nothing else of its consumer"
    if source.startswith("connectors/") and target.startswith("connectors/"):
        return "a connector never includes another connector"
    return f"the table in tests/tidy/edges.py does not allow {source} to include {target}"


def check_edges(tree):
    """Includes that the table does not allow, folders that it does not know, and cycles."""
    graph = {}
    for path in tree.sources("src"):
        source = folder_of(path.parts[1:])
        if not source.endswith("/ports") and source.split("/")[0] not in ALLOWED:
            yield Finding(path, 1, f"src/{source} is not in the table of folders", "add it to tests/tidy/edges.py and to the map in ARCHITECTURE.md")
            continue
        for number, line in enumerate(tree.lines(path), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            parts = match.group(1).split("/")
            if len(parts) == 1:
                yield Finding(path, number, f'include "{parts[0]}" names no folder', "includes are written from src, so that the edge can be read")
                continue
            target = folder_of(parts)
            if not allowed(source, target):
                yield Finding(path, number, f"src/{source} includes {match.group(1)}", why_not(source, target))
            if source != target and source != "main.cc":
                graph.setdefault(source, {}).setdefault(target, (path, number))
    yield from check_cycles(graph)


def check_cycles(graph):
    done, trail = set(), []

    def visit(node):
        if node in trail:
            cycle = trail[trail.index(node) :] + [node]
            path, number = graph[trail[-1]][node]
            return Finding(path, number, "cycle of includes: " + " -> ".join(cycle), "folders are layers; move what both need below both")
        if node in done:
            return None
        trail.append(node)
        found = next((f for f in map(visit, sorted(graph.get(node, {}))) if f), None)
        trail.pop()
        done.add(node)
        return found

    for node in sorted(graph):
        found = visit(node)
        if found:
            yield found
            return
