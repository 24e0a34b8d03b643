"""The tree is clean, and every rule fails on a small bad tree: a check that cannot fail is worth nothing."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from functions import functions  # noqa: E402
from tidy import FILE_LINES_MAX, FUNCTION_LINES_MAX, findings  # noqa: E402

HEADER = "#pragma once\n"
MAP = "```\nsrc/\n  main.cc   wires\n  {entries}\n```\n"


def test_the_tree_is_clean():
    assert [f"{f.path}:{f.line}: {f.what} ({f.why})" for f in findings(HERE.parents[1])] == []


def tree(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return findings(tmp_path)


def body(lines):
    return "int f() {\n" + "  g();\n" * (lines - 2) + "}\n"


BAD = {
    "edge": ({"src/sql/a.cc": '#include "proof/b.h"\n'}, "src/sql/a.cc", 1, "does not allow sql to include proof"),
    "unknown folder": ({"src/cache/a.cc": ""}, "src/cache/a.cc", 1, "not in the table"),
    "include without a folder": ({"src/sql/a.cc": '\n#include "b.h"\n'}, "src/sql/a.cc", 2, "names no folder"),
    "port with more than data": ({"src/proof/ports/p.h": HEADER + '#include "sql/a.h"\n'}, "src/proof/ports/p.h", 2, "a port includes only"),
    "only the proposer's port knows plan": ({"src/proof/ports/p.h": HEADER + '#include "plan/a.h"\n'}, "src/proof/ports/p.h", 2, "a port includes only"),
    "connector to connector": ({"src/connectors/a/a.cc": '#include "connectors/b/b.h"\n'}, "src/connectors/a/a.cc", 1, "never includes another"),
    "model connector to another": ({"src/connectors/openai/a.cc": '#include "connectors/gemini/b.h"\n'}, "src/connectors/openai/a.cc", 1, "never includes another"),
    "other connector to what models share": ({"src/connectors/a/a.cc": '#include "connectors/model_http/b.h"\n'}, "src/connectors/a/a.cc", 1,
                                             "never includes another"),
    "what models share to one of them": ({"src/connectors/model_http/a.cc": '#include "connectors/openai/b.h"\n'}, "src/connectors/model_http/a.cc", 1,
                                         "never includes another"),
    "connector to product code": ({"src/connectors/a/a.cc": '#include "flows/ask/x.h"\n'}, "src/connectors/a/a.cc", 1, "does not allow"),
    "concrete adapter in app": ({"src/app/a.cc": '#include "connectors/a/a.h"\n'}, "src/app/a.cc", 1, "does not allow"),
    "main.cc is included": ({"src/app/a.cc": '#include "main.cc"\n'}, "src/app/a.cc", 1, "names no folder"),
    "cycle": ({"src/plan/a.h": HEADER + '#include "sql/b.h"\n', "src/sql/b.h": HEADER + '#include "plan/a.h"\n'}, "src/sql/b.h", 2, "cycle"),
    "long file": ({"src/sql/a.cc": "\n" * (FILE_LINES_MAX + 1)}, "src/sql/a.cc", FILE_LINES_MAX + 1, "lines"),
    "long function": ({"src/sql/a.cc": "\n" + body(FUNCTION_LINES_MAX + 1)}, "src/sql/a.cc", 2, "fits a screen"),
    "long method": ({"src/sql/a.cc": "namespace a {\nclass B {\n" + body(FUNCTION_LINES_MAX + 1) + "};\n}\n"}, "src/sql/a.cc", 3, "fits a screen"),
    "no pragma": ({"src/sql/a.h": "int f();\n"}, "src/sql/a.h", 1, "#pragma once"),
    "heavy header": ({"src/sql/a.h": HEADER + "#include <nlohmann/json.hpp>\n"}, "src/sql/a.h", 2, "heavy third-party"),
    "heavy library header": ({"src/sql/a.h": HEADER + "#include <openssl/evp.h>\n"}, "src/sql/a.h", 2, "heavy third-party"),
    "a C interface that others see": ({"src/sql/a.h": HEADER + "#include <pg_query.h>\n", "src/plan/b.cc": '#include "sql/a.h"\n'}, "src/sql/a.h", 2, "heavy"),
    "a C interface that a header hands on": ({"src/sql/a.h": HEADER + "#include <pg_query.h>\n", "src/sql/b.h": HEADER + '#include "sql/a.h"\n',
                                              "src/plan/c.cc": '#include "sql/b.h"\n'}, "src/sql/a.h", 2, "heavy"),
    "thread in a flow": ({"src/flows/ask/a.cc": "#include <thread>\n"}, "src/flows/ask/a.cc", 1, "deterministic"),
    "clock in a flow": ({"src/flows/ask/a.cc": "auto t = std::chrono::steady_clock::now();\n"}, "src/flows/ask/a.cc", 1, "recorded input"),
    "catch all in an agent": ({"src/agents/a.cc": "void f() {\n  try { g(); } catch (...) {}\n}\n"}, "src/agents/a.cc", 2, "swallow"),
    "noexcept in a flow": ({"src/flows/ask/a.cc": "void f() noexcept;\n"}, "src/flows/ask/a.cc", 1, "unwinds"),
    "environment in a flow": ({"src/flows/ask/a.cc": 'auto x = getenv("X");\n'}, "src/flows/ask/a.cc", 1, "environment"),
    "error without a page": ({"src/sql/a.cc": 'auto e = "E1234";\n'}, "src/sql/a.cc", 1, "has no page"),
    "page without an error": ({"docs/errors/E1234.md": "x\n"}, "docs/errors/E1234.md", 1, "no code in src"),
    "a comment is no use of an error": ({"docs/errors/E1234.md": "x\n", "src/sql/a.cc": '// "E1234"\n'}, "docs/errors/E1234.md", 1, "no code in src"),
    "a page that a code formatter broke": ({"docs/a.md": "#How\n"}, "docs/a.md", 1, "a blank behind its #"),
    "a fence that a code formatter broke": ({"docs/a.md": "``` sluice runs\n```\n"}, "docs/a.md", 1, "lost to readers"),
    "a row that a code formatter broke": ({"docs/a.md": "| a |\n| --- |\n| b c;\nd |\n"}, "docs/a.md", 3, "a row is one line"),
    "a mark of unfinished work": ({"src/sql/a.cc": "// TODO: later\n"}, "src/sql/a.cc", 1, "unfinished"),
    "machine path": ({"docs/a.md": "see /home/ada/x\n"}, "docs/a.md", 1, "one machine"),
    "package index": ({"deps/a.txt": "--index-url https://x\n"}, "deps/a.txt", 1, "own configuration"),
    "registry": ({"deps/a.json": '"https://npm-registry.example/x"\n'}, "deps/a.json", 1, "own configuration"),
    "outside folder": ({"docs/a.md": "../shared/x\n"}, "docs/a.md", 1, "outside the repository"),
    "disabled test": ({"src/sql/a_test.cc": "TEST(A, DISABLED_b) {}\n"}, "src/sql/a_test.cc", 1, "switched-off"),
    "skip without a reason": ({"src/sql/a_test.cc": "GTEST_SKIP();\n"}, "src/sql/a_test.cc", 1, "switched-off"),
    "pytest skip without a reason": ({"tests/e2e/test_a.py": "@pytest.mark.skip\n"}, "tests/e2e/test_a.py", 1, "switched-off"),
    "vague folder": ({"src/sql/util/a.cc": ""}, "src/sql/util", 1, "what it holds"),
    "using namespace": ({"src/sql/a.cc": "using namespace std;\n"}, "src/sql/a.cc", 1, "come from"),
    "folder not on the map": ({"ARCHITECTURE.md": MAP.format(entries="sql/  parsing"), "src/sql/a.cc": "", "src/plan/a.cc": ""}, "ARCHITECTURE.md", 2, "src/plan"),
    "map names a ghost": ({"ARCHITECTURE.md": MAP.format(entries="sql/  parsing"), "src/a.cc": ""}, "ARCHITECTURE.md", 4, "isn't there"),
    "connector not on the map": ({"ARCHITECTURE.md": MAP.format(entries="connectors/  duckdb"), "src/connectors/duckdb/a.cc": "",
                                  "src/connectors/s3/a.cc": ""}, "ARCHITECTURE.md", 4, "connectors/s3"),
    "no map": ({"ARCHITECTURE.md": "words\n"}, "ARCHITECTURE.md", 1, "no map"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_tree_is_caught(tmp_path, name):
    files, path, line, words = BAD[name]
    found = tree(tmp_path, files)
    assert any((str(f.path), f.line) == (path, line) and words in f"{f.what} ({f.why})" for f in found), found


GOOD = {
    "allowed edges": {"src/proof/a.cc": '#include "proof/ports/engine.h"\n#include "base/result.h"\n#include "sql/a.h"\n',
                      "src/connectors/x/a.cc": '#include "proof/ports/engine.h"\n', "src/main.cc": '#include "connectors/x/a.h"\n',
                      "src/agents/ports/p.h": HEADER + '#include "plan/a.h"\n'},
    "models' connectors share one": {f"src/connectors/{name}/a.cc": '#include "connectors/model_http/b.h"\n' for name in ("openai", "anthropic", "gemini")},
    "just short enough": {"src/sql/a.cc": body(FUNCTION_LINES_MAX)},
    "words in strings and comments": {"src/flows/ask/a.cc": '// catch (...) and noexcept\nauto x = "noexcept";\n'},
    "a page and its error": {"docs/errors/E1234.md": "x\n", "src/sql/a.cc": 'auto e = "E1234";\n'},
    "a skip with a reason": {"src/sql/a_test.cc": 'GTEST_SKIP() << "no server";\n'},
    "a heavy header in a .cc": {"src/sql/a.cc": "#include <nlohmann/json.hpp>\n"},
    "a private C interface": {"src/sql/a.h": HEADER + "#include <pg_query.h>\n", "src/sql/b.cc": '#include "sql/a.h"\n'},
    "a literal suffix": {"src/sql/a.cc": "using namespace std::chrono_literals;\n"},
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_tree_passes(tmp_path, name):
    assert tree(tmp_path, GOOD[name]) == []


def test_functions_are_found_with_their_length():
    text = """
namespace a {
struct S {
  S(int x, int y) : x_{x}, y_{y} {
    go();
  }
  int x_ = 0;
  std::vector<int> many_ = {1, 2};
};
auto lambda = [](int x) {
  return x;
};
template <typename T>
Result<T>
spread(T x,
       int y) {
  if (x) { y(); }
  auto s = R"({ ( })";  // {
}
}
"""
    assert [(first, count) for _, first, count in functions(text)] == [(4, 3), (10, 3), (13, 7)]
