#!/usr/bin/env python3
"""House style as a test: reads the tree and prints what breaks it, as FILE:LINE: what (why). Exit 1 if anything does.

    tidy.py [ROOT]

tests/tidy/test_tidy.py shows every rule failing on a small bad tree.
"""

import os
import re
import sys
from pathlib import Path

from edges import ALLOWED, Finding, check_edges
from functions import functions, without_literals

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600
SKIPPED_FOLDERS = {".git", "build", ".sluice", "__pycache__", ".pytest_cache", "node_modules", ".deps"}
TEXT_ENDINGS = {".cc", ".h", ".py", ".md", ".cmake", ".txt", ".json", ".yaml", ".yml", ".sql", ".sh", ".in", ".toml", ".test", ".css", ".js", ".html", ""}
VAGUE_NAMES = {"util", "utils", "common", "helper", "helpers", "misc"}
# An adapter's private header may show its own library's C interface, as long as no other folder sees it; src/libpq is there to hand one on.
C_INTERFACES = re.compile(r"^(duckdb|libpq-fe|sqlite3|pg_query|curl/curl)\.h$")
# A connection over Asio is a template of its stream: its headers are for the few files that make one of each kind (docs/decisions/0013).
STREAM_TEMPLATES = re.compile(r"^boost/(asio|beast)/")
HEAVY_HEADERS = re.compile(
    r"nlohmann/|CLI/|spdlog/|fmt/|boost/|duckdb\.h|libpq-fe\.h|sqlite3\.h|pg_query|protobuf-c|yaml-cpp/|openssl/|valijson/|curl/")
# Workflow code runs again from the top and has to come to the same steps: nothing in it may look at the world by itself.
IMPURE_HEADERS = {"thread", "random", "fstream", "filesystem", "cstdlib", "mutex", "iostream", "atomic", "ctime", "future", "unistd.h", "stdlib.h", "time.h"}
IMPURE_CODE = [
    (re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)"), "catch (...)", "it would swallow the suspension of a run"),
    (re.compile(r"\bnoexcept\b"), "noexcept", "a suspension unwinds through workflow code"),
    (re.compile(r"::now\s*\("), "a clock", "time is a recorded input of a run"),
    (re.compile(r"\bgetenv\s*\("), "the environment", "configuration is a recorded input of a run"),
]
FORBIDDEN_TEXT = [
    (re.compile(r"\b(TODO|FIXME|XXX)\b"), "unfinished work is finished or written down as a known gap, not marked in the code"),
    (re.compile(r"(?<![\w.$}])/(work|root|home|Users)/[\w.]"), "a path of one machine means nothing on another"),
    (re.compile(r"https?://[^\s\"')]*registry|\bregistry\.npmjs|\bpypi\.org|pythonhosted|deb\.debian\.org|(?<![\w-])--?(extra-)?index-url"),
     "package clients use the machine's own configuration"),
]
SHARED_MENTION = "../sha" + "red"
MAY_LOOK_OUTSIDE = {Path("tests/e2e/conftest.py"), Path("bench/questions.py")}


class Tree:
    """The files of a checkout, read once each."""

    def __init__(self, root):
        self.root = Path(root)
        self._text = {}
        self.files = sorted(self._walk())

    def _walk(self):
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if name not in SKIPPED_FOLDERS]
            for name in files:
                yield (Path(folder) / name).relative_to(self.root)

    def text(self, path):
        if path not in self._text:
            self._text[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._text[path]

    def lines(self, path):
        return self.text(path).split("\n")

    def sources(self, *tops):
        return [p for p in self.files if p.suffix in (".cc", ".h") and (not tops or p.parts[0] in tops)]

    def readable(self):
        return [p for p in self.files if p.suffix in TEXT_ENDINGS]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_sizes(tree):
    for path in tree.files:
        if path.suffix in (".cc", ".h", ".py", ".cmake") or path.name == "dev":
            count = tree.text(path).count("\n")
            if count > FILE_LINES_MAX:
                yield Finding(path, FILE_LINES_MAX + 1, f"{count} lines", f"a file has at most {FILE_LINES_MAX}: one concept each")
    for path in tree.sources():
        if path.name.endswith("_test.cc"):
            continue  # a table of cases is as long as there are cases
        for name, first, count in functions(tree.text(path)):
            if count > FUNCTION_LINES_MAX:
                yield Finding(path, first, f"{name} has {count} lines", f"a function fits a screen: at most {FUNCTION_LINES_MAX}")


def is_private(tree, header, seen=()):
    """Whether no file of another folder includes the header, directly or through one of its own folder."""
    include = f'#include "{"/".join(header.parts[1:])}"'
    users = [p for p in tree.sources("src") if p not in seen and include in tree.text(p)]
    return all(p.parent == header.parent and (p.suffix == ".cc" or is_private(tree, p, (*seen, header))) for p in users)


def check_headers(tree):
    for path in tree.sources():
        if path.suffix != ".h":
            continue
        lines = tree.lines(path)
        if "#pragma once" not in lines:
            yield Finding(path, 1, "no #pragma once", "a header may be included twice")
        for number, line in enumerate(lines, 1):
            match = re.match(r'\s*#\s*include\s+[<"]([^>"]+)', line)
            if match and HEAVY_HEADERS.search(match.group(1)) and not (
                (C_INTERFACES.match(match.group(1)) or STREAM_TEMPLATES.match(match.group(1)))
                and (path.parts[:2] == ("src", "libpq") or is_private(tree, path))
            ):
                yield Finding(path, number, f"includes {match.group(1)} in a header", "heavy third-party headers stay in .cc files: builds stay quick")


def check_purity(tree):
    for path in tree.sources("src"):
        if path.parts[1] not in ("flows", "agents") or path.name.endswith("_test.cc"):
            continue
        for number, line in enumerate(without_literals(tree.text(path)).split("\n"), 1):
            match = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if match and match.group(1) in IMPURE_HEADERS:
                yield Finding(path, number, f"includes <{match.group(1)}>", "workflow code is deterministic: the world reaches it through steps")
            for pattern, what, why in IMPURE_CODE:
                if pattern.search(line):
                    yield Finding(path, number, f"uses {what}", why)


def check_error_pages(tree):
    pages = {p.stem: p for p in tree.files if p.parent == Path("docs/errors") and re.fullmatch(r"E\d{4}", p.stem)}
    used = {}
    for path in tree.sources("src"):
        if path.name.endswith("_test.cc"):
            continue
        code = without_literals(tree.text(path), keep_strings=True)
        for match in re.finditer(r'"(E\d{4})"', code):
            used.setdefault(match.group(1), (path, line_of(code, match.start())))
    for code, (path, number) in sorted(used.items()):
        if code not in pages:
            yield Finding(path, number, f"error {code} has no page", f"docs/errors/{code}.md says what it means, why, and what to do")
    for code, path in sorted(pages.items()):
        if code not in used:
            yield Finding(path, 1, f"no code in src gives {code}", "a page without an error misleads")


def check_text(tree):
    for path in tree.readable():
        if path.parts[:2] == ("tests", "tidy"):
            continue  # The rules and their bad examples have to spell what they forbid.
        for number, line in enumerate(tree.lines(path), 1):
            for pattern, why in FORBIDDEN_TEXT:
                match = pattern.search(line)
                if match:
                    yield Finding(path, number, f'"{match.group(0)}"', why)
            if SHARED_MENTION in line and path not in MAY_LOOK_OUTSIDE:
                yield Finding(path, number, "names a folder outside the repository", "only tests/e2e/conftest.py and bench/questions.py may look for data there")


def check_pages(tree):
    """Pages that a formatter of code went over."""
    for path in tree.readable():
        if path.suffix != ".md":
            continue
        fenced = False
        for number, line in enumerate(tree.lines(path), 1):
            if line.startswith("```"):
                fenced = not fenced
                if " " in line:
                    yield Finding(path, number, "text behind ```", "it is lost to readers")
            elif not fenced and re.match(r"#+[^#\s]", line):
                yield Finding(path, number, f'"{line[:20]}"', "a heading has a blank behind its #")
            elif not fenced and re.match(r"\s*\|.*[^|]$", line):
                yield Finding(path, number, "a row of a table without an end", "a row is one line")


def check_tests(tree):
    """Tests that are switched off without a reason."""
    for path in tree.readable():
        if path.parts[:2] == ("tests", "tidy") or path.suffix not in (".cc", ".py"):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            if path.suffix == ".cc":
                off = re.search(r"\bDISABLED_\w", line) or re.search(r"GTEST_SKIP\(\)\s*;", line)
            else:
                off = re.search(r"mark\.(skip|xfail)\s*($|\(\s*\))|pytest\.skip\(\s*\)", line)
            if off:
                yield Finding(path, number, f"switched-off test: {off.group(0).strip()}", "a test runs, or says why it can't here")


def check_names(tree):
    seen = set()
    for path in tree.files:
        for depth, part in enumerate(path.parts[:-1], 1):
            folder = Path(*path.parts[:depth])
            if part in VAGUE_NAMES and folder not in seen:
                seen.add(folder)
                yield Finding(folder, 1, f'a folder named "{part}"', "a folder is named after what it holds")
    for path in tree.sources():
        for number, line in enumerate(without_literals(tree.text(path)).split("\n"), 1):
            if re.search(r"\busing\s+namespace\s+std\s*;", line):
                yield Finding(path, number, "using namespace std", "names say where they come from")


def check_map(tree):
    """Every folder of src is in ARCHITECTURE.md's map, and the map names no folder that isn't there."""
    page = Path("ARCHITECTURE.md")
    if page not in tree.files:
        return
    block = re.search(r"```\n?(src/.*?)```", tree.text(page), re.S)
    if not block:
        yield Finding(page, 1, "no map: a fenced block that begins with src/", "a newcomer finds the right file from it")
        return
    start = line_of(tree.text(page), block.start(1))
    entries = {}
    for number, line in enumerate(block.group(1).split("\n"), start):
        if re.match(r"^\S", line) and not line.startswith("src/"):
            break
        match = re.match(r"^  ((?:[a-z_]+/(?:[a-z_]+/)? ?)+)\s(.*)", line)
        for name in (match.group(1).split() if match else []):
            entries[name.strip("/")] = (number, match.group(2))
    tops = {entry.split("/")[0] for entry in entries}
    folders = {p.parts[1] for p in tree.files if p.parts[0] == "src" and len(p.parts) > 2}
    for folder in sorted(folders - tops):
        yield Finding(page, start, f"src/{folder} is not in the map", "the map is how a newcomer finds the right file")
    for entry, (number, text) in sorted(entries.items()):
        if not any(p.parts[: len(entry.split("/")) + 1] == ("src", *entry.split("/")) for p in tree.files):
            yield Finding(page, number, f"the map names src/{entry}, which isn't there", "folders come with their first content")
    connectors = {p.parts[2] for p in tree.files if p.parts[:2] == ("src", "connectors") and len(p.parts) > 3}
    number, text = entries.get("connectors", (start, ""))
    for name in sorted(connectors):
        if not re.search(rf"\b{name}\b", text):
            yield Finding(page, number, f"src/connectors/{name} is not in the map", "the map is how a newcomer finds the right file")


RULES = [check_edges, check_sizes, check_headers, check_purity, check_error_pages, check_text, check_pages, check_tests, check_names, check_map]


def findings(root):
    tree = Tree(root)
    return [finding for rule in RULES for finding in rule(tree)]


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = findings(root)
    for finding in found:
        print(f"{finding.path}:{finding.line}: {finding.what} ({finding.why})")
    print(f"tidy: {len(found)} findings" if found else f"tidy: clean, {len(RULES)} rules, {len(ALLOWED)} folders in the table")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
