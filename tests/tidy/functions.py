"""Finds function bodies in C++ by matching braces: approximate, and good enough to count lines."""

import re

# Raw strings, strings, characters, comments: blanked, newlines kept, so that braces and keywords in them do not count.
LITERAL = re.compile(r'R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)
CONTAINER = re.compile(r"(^|[\s;>])(namespace|class|struct|union|enum|extern)\b[^()=]*$|^\s*extern\s*$")
MEMBER_INITIALISER = re.compile(r"\)[^;{}]*[^:]:[^:].*[\w>]$", re.S)


def without_literals(text, keep_strings=False):
    def blank(match):
        found = match.group(0)
        if keep_strings and not found.startswith("/"):
            return found
        return re.sub(r"[^\n]", " ", found)

    return LITERAL.sub(blank, text)


def _kind(header):
    stripped = re.sub(r"^\s*#[^\n]*$", "", header, flags=re.M)
    stripped = re.sub(r"\btemplate\s*<[^{}]*?>\s*(?=\w)", "", stripped)
    stripped = re.sub(r"\[\[.*?\]\]|alignas\([^)]*\)", "", stripped).strip()
    if CONTAINER.search(stripped):
        return "container"
    if re.search(r"=\s*$|=\s*[\w:<>]+\s*$", stripped) or "(" not in stripped:
        return "other"
    return "function"


def functions(text):
    """Yields (name, first line, number of lines) of each function with a body."""
    code = without_literals(text)
    stack, header_start, line = [], 0, 1
    header, header_line = "", 1
    for i, char in enumerate(code):
        if char == "\n":
            line += 1
        inside = any(kind != "container" for kind, _, _ in stack)
        if char == "{":
            header = code[header_start:i]
            if not inside and MEMBER_INITIALISER.search(header.rstrip(" ")) and not header.endswith(" "):
                stack.append(("initialiser", header, line))
                continue
            if not inside:
                lead = re.match(r"(\s*(#[^\n]*\n)?)*", header).group(0)
                header_line = line - header[len(lead) :].count("\n")
                stack.append((_kind(header), header, header_line))
                header_start = i + 1
            else:
                stack.append(("block", "", line))
        elif char == "}" and stack:
            kind, opened_by, first = stack.pop()
            if kind == "function":
                names = re.findall(r"([\w:~]+|operator\W+)\s*\(", opened_by)
                yield (names[0] if names else "?"), first, line - first + 1
            if kind not in ("block", "initialiser"):
                header_start = i + 1
        elif char == ";" and not inside:
            header_start = i + 1
