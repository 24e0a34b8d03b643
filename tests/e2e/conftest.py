"""Fixtures that start the real parts and drive the real program. A missing part is an error in CI, a named skip elsewhere."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pexpect
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "deps"), str(Path(__file__).resolve().parent)]

import collector as trace_collector  # noqa: E402
import duckdb_sql  # noqa: E402
import litellm_proxy  # noqa: E402
import postgres as postgres_server  # noqa: E402
import samples  # noqa: E402
import shop as shop_data  # noqa: E402

COMMAND_SECONDS_MAX = 60
BUILD = Path(os.environ.get("SLUICE_BUILD", ROOT / "build" / "release"))
# What a developer's own shell may carry into the program, and a test must not depend on.
CLEARED = ("SLUICE_HOME", "SLUICE_CONFIG", "NO_COLOR", "CI", "EDITOR", "VISUAL", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE",
           "PGSERVICE", "PGPASSFILE", "SLUICE_LOG", "SLUICE_LOG_LEVEL", "TRACEPARENT", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def need(reason):
    """A part is missing: that fails the test in CI and skips it elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing in CI: {reason}", pytrace=False)
    pytest.skip(reason)


@dataclass
class Ran:
    """What one run of the program gave."""

    code: int
    out: str
    err: str
    args: list

    def json(self):
        return json.loads(self.out)

    def ok(self):
        assert self.code == 0, f"sluice {' '.join(self.args)}: exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"
        return self


class Sluice:
    """The built program. `run` waits for it, `start` leaves it running, `pty` talks to it on a terminal."""

    def __init__(self, path):
        self.path = path

    def environment(self, env=None):
        base = {key: value for key, value in os.environ.items() if key not in CLEARED and not key.startswith("SLUICE_")}
        return {**base, "TERM": "xterm", **(env or {})}

    def run(self, args, cwd, input=None, env=None, timeout=COMMAND_SECONDS_MAX):
        args = [str(arg) for arg in args]
        # Without input there is none: a program that waits for a terminal must notice.
        given = {"input": input} if input is not None else {"stdin": subprocess.DEVNULL}
        done = subprocess.run([self.path, *args], cwd=cwd, env=self.environment(env), capture_output=True, text=True, encoding="utf-8",
                              errors="replace", timeout=timeout, **given)
        return Ran(done.returncode, done.stdout, done.stderr, args)

    def start(self, args, cwd, env=None, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        return subprocess.Popen([self.path, *map(str, args)], cwd=cwd, env=self.environment(env), **options)

    def pty(self, args, cwd, env=None, timeout=COMMAND_SECONDS_MAX, dimensions=(50, 160)):
        return pexpect.spawn(str(self.path), [str(arg) for arg in args], cwd=str(cwd), env=self.environment(env), timeout=timeout, encoding="utf-8",
                             dimensions=dimensions)


@pytest.fixture(scope="session")
def sluice():
    path = BUILD / "sluice"
    if not path.exists():
        need(f"{path} is not built; run ./dev build")
    return Sluice(path)


@pytest.fixture
def pty(sluice):
    """`pty(args, cwd)`: the program on a terminal; whatever still runs at the end is ended."""
    children = []

    def spawn(args, cwd, **options):
        children.append(sluice.pty(args, cwd, **options))
        return children[-1]

    yield spawn
    for child in children:
        child.close(force=True)


@pytest.fixture(scope="session")
def libduckdb():
    path = Path(os.environ.get("SLUICE_LIBDUCKDB", BUILD / "lib" / "libduckdb.so"))
    if not path.exists():
        need(f"{path} is missing; run ./dev setup")
    return path


@pytest.fixture(scope="session")
def flights_dir():
    """The nycflights13 tables as CSV files."""
    path = os.environ.get("SLUICE_FLIGHTS")
    if path is None:
        cache = os.environ.get("SLUICE_CACHE", str(Path.home() / ".cache" / "sluice"))
        fetched = subprocess.run([sys.executable, ROOT / "deps" / "fetch.py", "flights", cache], capture_output=True, text=True)
        if fetched.returncode != 0:
            need(f"nycflights13 could not be fetched: {fetched.stderr.strip()[-300:]}")
        path = fetched.stdout.strip()
    return Path(path)


@pytest.fixture(scope="session")
def duckdb_flights(tmp_path_factory, flights_dir, libduckdb):
    """A DuckDB file with the five tables, made once. Tests read it; one that changes it makes a copy."""
    path = tmp_path_factory.mktemp("flights") / "flights.duckdb"
    with duckdb_sql.Database(libduckdb, path) as database:
        database.execute(duckdb_sql.flights_sql(flights_dir))
    return path


@pytest.fixture(scope="session")
def make_duckdb(libduckdb):
    """`make_duckdb(path, sql)`: a DuckDB file from statements."""

    def make(path, sql):
        with duckdb_sql.Database(libduckdb, path) as database:
            database.execute(sql)
        return path

    return make


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A real PostgreSQL 15; see postgres.py for what it offers."""
    reason = postgres_server.missing()
    if reason:
        need(reason)
    with postgres_server.running() as server:
        yield server


@pytest.fixture(scope="session")
def northwind(postgres):
    """The reader's URL of Northwind's tables; see samples.py."""
    return postgres.create_database("northwind", samples.sql("northwind"))


@pytest.fixture(scope="session")
def chinook(postgres):
    """The reader's URL of Chinook's tables."""
    return postgres.create_database("chinook", samples.sql("chinook"))


@pytest.fixture(scope="session", params=["postgres", "duckdb", "sqlite"])
def samples_on(request, tmp_path_factory):
    """`samples_on(name)`: the option of `sluice init` for a sample database on each engine in turn, and the password that it needs."""
    folder = tmp_path_factory.mktemp(f"samples-{request.param}")

    def on(name):
        path = folder / f"{name}.{request.param}"
        if request.param == "postgres":
            url = request.getfixturevalue(name)
            return ("--postgres", url), urlsplit(url).password
        if request.param == "sqlite" and not path.exists():
            samples.write_sqlite(name, path)
        if request.param == "duckdb" and not path.exists():
            with duckdb_sql.Database(request.getfixturevalue("libduckdb"), path) as database:
                database.execute(samples.sql(name))
        return (f"--{request.param}", path), ""

    return on


@pytest.fixture(scope="session")
def shop_postgres(postgres):
    """The reader's URL of the generated shop."""
    return postgres.create_database("generated_shop", shop_data.sql())  # "shop" is the guard corpus's


@pytest.fixture(scope="session")
def shop_sqlite(tmp_path_factory):
    path = tmp_path_factory.mktemp("shop") / "shop.sqlite"
    shop_data.write_sqlite(path)
    return path


@pytest.fixture(scope="session")
def shop_csv(tmp_path_factory):
    """A folder with the shop's tables as CSV files."""
    folder = tmp_path_factory.mktemp("shop-csv")
    shop_data.write_csv(folder)
    return folder


@pytest.fixture(scope="session")
def shop_duckdb(tmp_path_factory, libduckdb):
    path = tmp_path_factory.mktemp("shop-duckdb") / "shop.duckdb"
    with duckdb_sql.Database(libduckdb, path) as database:
        database.execute(shop_data.sql())
    return path


@pytest.fixture
def collector():
    """What takes traces, as OTLP; see collector.py."""
    taking = trace_collector.Collector()
    yield taking
    taking.stop()


@pytest.fixture(scope="module")
def litellm(request, tmp_path_factory):
    """A real LiteLLM proxy, with the models in REPLIES of the test's file; see litellm_proxy.py."""
    reason = litellm_proxy.missing()
    if reason:
        need(reason)
    proxy = litellm_proxy.LiteLlm(tmp_path_factory.mktemp("litellm-proxy"), request.module.REPLIES)
    try:
        proxy.start()
        yield proxy
    finally:
        proxy.stop()
