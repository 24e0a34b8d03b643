#!/usr/bin/env python3
"""Runs clang-tidy over the program's files, and again only over those whose content, or that of a header they include, has changed.

    clang_tidy.py --clang-tidy PROGRAM --build FOLDER [--jobs N] [FILE…]

FOLDER holds compile_commands.json; clean files are remembered in FOLDER/clang-tidy by the hash of all that was read. A finding
is printed, never remembered. Exit 1 if there is one.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
FILE_SECONDS_MAX = 600


def closure(path, seen):
    """The file and every header of this tree that it includes, directly or not."""
    if path in seen or not path.is_file():
        return
    seen.add(path)
    for name in INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace")):
        closure(ROOT / "src" / name, seen)


def key(path, basis):
    seen = set()
    closure(path, seen)
    digest = hashlib.sha256(basis)
    for part in sorted(seen):
        digest.update(str(part.relative_to(ROOT)).encode() + b"\0" + part.read_bytes())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clang-tidy", required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    database = options.build / "compile_commands.json"
    if not database.is_file():
        sys.exit(f"clang_tidy.py: {database} is missing; run ./dev build first")
    commands = {Path(entry["file"]): entry["command"] for entry in json.loads(database.read_text())}
    version = subprocess.run([options.clang_tidy, "--version"], capture_output=True, check=True).stdout
    config = (ROOT / ".clang-tidy").read_bytes()
    remembered = options.build / "clang-tidy"
    remembered.mkdir(exist_ok=True)

    def check(path):
        mark = remembered / key(path, version + config + commands[path].encode())
        if mark.exists():
            return None
        try:
            done = subprocess.run([options.clang_tidy, "--quiet", "-p", str(options.build), str(path)], capture_output=True, text=True,
                                  timeout=FILE_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return f"{path}: clang-tidy took longer than {FILE_SECONDS_MAX} s"
        if done.returncode == 0:
            mark.touch()
            return None
        # Without diagnostics clang-tidy itself failed: what it said is on standard error.
        return done.stdout.strip() or done.stderr.strip()

    chosen = {path.resolve() for path in options.files} or set(commands)
    files = sorted(path for path in commands if path in chosen and ROOT / "src" in path.parents)
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for report in pool.map(check, files):
            if report:
                failed += 1
                print(report, flush=True)
    print(f"clang-tidy: {len(files)} files, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
