"""Writes the pages into a source file: every file below DIST compressed, with its type and a hash for ETag, and the page of each error's code.

    python3 embed.py DIST ERRORS OUT.cc     (a DIST that is not there gives a program without pages)
"""

import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}

HEAD = """// Made by web/embed.py.
#include <array>
#include <algorithm>

#include "server/pages.h"

"""
TAIL = """
namespace sluice {
namespace {

struct Part {
  const char *path, *type, *etag;
  const unsigned char *begin, *end;
};
%s
}  // namespace

const Asset* find_asset(std::string_view path) {
  static const auto assets = [] {
    std::array<Asset, %d> made{};
    for (std::size_t i = 0; i < made.size(); ++i) {
      const Part& part = kParts[i];
      made[i] = {part.path, part.type, part.etag, {reinterpret_cast<const char*>(part.begin), static_cast<std::size_t>(part.end - part.begin)}};
    }
    return made;
  }();
  const auto found = std::find_if(assets.begin(), assets.end(), [&](const Asset& asset) { return asset.path == path; });
  return found == assets.end() ? nullptr : &*found;
}

bool has_pages() { return find_asset("/index.html") != nullptr; }

}  // namespace sluice
"""


def main(dist, errors, out):
    found = sorted(p for p in dist.rglob("*") if p.is_file() and p.suffix in TYPES) if dist.is_dir() else []
    files = [(p, f"/{p.relative_to(dist).as_posix()}", TYPES[p.suffix]) for p in found]
    # As text: a browser shows it, and a terminal too.
    files += [(p, f"/errors/{p.stem}", TYPES[".txt"]) for p in sorted(errors.glob("E*.md"))]
    folder = out.parent / "embedded"
    folder.mkdir(parents=True, exist_ok=True)
    blobs, rows = [], []
    for n, (path, address, kind) in enumerate(files):
        data = path.read_bytes()
        blob = folder / f"{n}.gz"
        blob.write_bytes(gzip.compress(data, 9, mtime=0))
        name = f"sluice_asset_{n}"
        blobs.append(
            f'asm(".section .rodata\\n{name}_begin: .incbin \\"{blob}\\"\\n{name}_end:\\n.previous\\n");\n'
            f"extern const unsigned char {name}_begin[] asm(\"{name}_begin\"), {name}_end[] asm(\"{name}_end\");\n"
        )
        etag = hashlib.sha256(data).hexdigest()[:16]
        rows.append(f'    {{"{address}", "{kind}", "\\"{etag}\\"", {name}_begin, {name}_end}},\n')
    table = f"constexpr std::array<Part, {len(rows)}> kParts{{{{\n{''.join(rows)}}}}};" if rows else "constexpr std::array<Part, 0> kParts{};"
    table = table.replace("constexpr", "const")
    text = HEAD + "".join(blobs) + TAIL % (table, len(rows))
    if not out.exists() or out.read_text() != text:
        out.write_text(text)
    else:
        out.touch()


if __name__ == "__main__":
    main(*(pathlib.Path(each).resolve() for each in sys.argv[1:4]))
