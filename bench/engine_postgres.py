"""A PostgreSQL 15 for engine.py: a cluster of its own in a temporary folder, reached by a Unix socket only, durable as it comes."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

BIN = Path(os.environ.get("SLUICE_POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
START_SECONDS_MAX = 60
POLL_SECONDS = 0.1


class MissingServer(Exception):
    """There is no PostgreSQL here; the message says what is missing."""


def is_open_to_others(folder):
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def folder_on_the_disk_of(place):
    """Where another user may have a folder on that disk: there, or among the temporary files if they are on it."""
    for candidate in (Path(place).resolve(), Path(tempfile.gettempdir()).resolve()):
        if candidate.stat().st_dev == Path(place).stat().st_dev and (os.geteuid() != 0 or is_open_to_others(candidate)):
            return candidate
    raise MissingServer(f"its user can reach no folder on the disk of {place}; name another one with --disk")


def as_server_user(command):
    """PostgreSQL refuses to run as root. It gets a signal when this program is gone, whatever became of it."""
    user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=QUIT", *map(str, command)]


class Server:
    """Runs while the `with` lasts."""

    def __init__(self, disk):
        if not (BIN / "initdb").exists():
            raise MissingServer(f"there is no {BIN}/initdb")
        self.folder = Path(tempfile.mkdtemp(prefix="engine-pg-", dir=folder_on_the_disk_of(disk)))
        self.sockets = Path(tempfile.mkdtemp(prefix="engine-pg-"))  # a socket's path is short; nobody but the server's user (and root) gets in
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            for path in (self.folder, self.sockets):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        self.run("initdb", "-D", self.folder / "data", "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale")
        command = [BIN / "postgres", "-D", self.folder / "data", "-k", self.sockets, "-c", "listen_addresses="]
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            # Out of reach of Ctrl-C, which this program gets and then ends it.
            command = as_server_user(command)
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True)
        until = time.monotonic() + START_SECONDS_MAX
        while self.ask("postgres", "SELECT 1", check=False) != "1":
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(POLL_SECONDS)
        for name in ("fsync", "synchronous_commit", "full_page_writes"):  # the promise that is measured
            if (value := self.ask("postgres", f"SHOW {name}")) != "on":
                raise RuntimeError(f"PostgreSQL runs with {name}={value}")

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # its data is not needed any more
            try:
                self.process.wait(timeout=START_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def run(self, program, *more):
        command = as_server_user([BIN / program, *more])
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=START_SECONDS_MAX, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def ask(self, database, sql, check=True):
        command = [BIN / "psql", "-XAtq", "-h", self.sockets, "-U", "bench", "-d", database, "-c", sql]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=START_SECONDS_MAX, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{sql}: {done.stderr}")
        return done.stdout.strip()

    def cpu_seconds(self):
        """What the server has used so far: its processes that are there, and those that it has waited for."""
        ticks = 0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:  # it has ended since
                continue
            if self.process.pid in (int(entry.name), int(fields[1])):
                ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def version(self):
        return self.ask("postgres", "SHOW server_version")

    def new_database(self, name):
        """Makes it, and drops those before it: their pages would be written while another one is measured."""
        for old in self.ask("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'bench%'").splitlines():
            self.ask("postgres", f'DROP DATABASE "{old}" WITH (FORCE)')
        self.ask("postgres", f'CREATE DATABASE "{name}"')
        self.ask("postgres", "CHECKPOINT")
        return f"postgresql://bench@/{name}?host={self.sockets}"
