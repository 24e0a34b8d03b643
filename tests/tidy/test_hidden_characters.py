"""The pages and the program take the same characters for hidden."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAIR = r"[\[{]\s*(0x[0-9A-Fa-f]+),\s*(0x[0-9A-Fa-f]+)\s*[\]}]"


def ranges(file, begin, end):
    text = (ROOT / file).read_text(encoding="utf-8")
    text = text[text.index(begin):]
    return [(int(first, 16), int(last, 16)) for first, last in re.findall(PAIR, text[:text.index(end)])]


def test_both_know_the_same_hidden_characters():
    program = ranges("src/base/text.cc", "kHidden{{{", ";")
    assert len(program) == 24 and ranges("web/src/data/visible.ts", "const RANGES", ";\n") == program
