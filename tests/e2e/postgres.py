"""A real PostgreSQL 15 for tests: a cluster of its own in a temporary folder, with passwords and TLS, on a free loopback port."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

BIN = Path(os.environ.get("SLUICE_POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
START_SECONDS_MAX = 60
READER = "sluice_reader"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def as_server_user(command):
    """PostgreSQL refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *map(str, command)] if os.geteuid() == 0 else list(map(str, command))


def make_certificates(folder):
    """A certificate authority and a certificate for "localhost": what sslmode=verify-full compares."""

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Sluice test authority",
            "-keyout", folder / "ca.key", "-out", folder / "ca.crt")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", folder / "server.key", "-out", folder / "server.csr")
    (folder / "names.cnf").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.crt", "-CAkey", folder / "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", folder / "names.cnf", "-out", folder / "server.crt")


class Postgres:
    """A running server. `url()` is the superuser's; `reader_url()` that of a role which may log in and read, and nothing else."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.data, self.run = self.folder / "data", self.folder / "run"
        self.port = free_port()
        self.password, self.reader_password = secrets.token_hex(12), secrets.token_hex(12)
        self.ca = self.folder / "ca.crt"

    def start(self):
        self.run.mkdir()
        make_certificates(self.folder)
        (self.folder / "password").write_text(self.password)
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, entry.pw_uid, entry.pw_gid)
            self.ca.chmod(0o644)
            self.folder.chmod(0o711)
        (self.folder / "server.key").chmod(0o600)
        self._control("initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={self.folder / 'password'}",
                      "-E", "UTF8", "--no-locale", "--no-sync")
        with open(self.data / "postgresql.auto.conf", "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = '{self.run}'\n"
                       f"ssl = on\nssl_cert_file = '{self.folder / 'server.crt'}'\nssl_key_file = '{self.folder / 'server.key'}'\n"
                       "fsync = off\nmax_connections = 50\nshared_buffers = '64MB'\n")
        self.launch()
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{self.reader_password}' NOSUPERUSER NOCREATEDB NOCREATEROLE")
            connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")

    def launch(self):
        self._control("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", START_SECONDS_MAX, "start")

    def stop(self, mode="immediate"):
        self._control("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def _control(self, program, *arguments):
        done = subprocess.run(as_server_user([BIN / program, *arguments]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, cwd="/", timeout=2 * START_SECONDS_MAX)
        if done.returncode != 0:
            log = self.folder / "log"
            raise RuntimeError(f"{program} failed:\n{done.stdout}\n{log.read_text()[-2000:] if log.exists() else ''}")

    def url(self, database="postgres", sslmode="verify-full", host="localhost"):
        return self._url("postgres", self.password, database, sslmode, host)

    def reader_url(self, database, sslmode="verify-full", host="localhost"):
        return self._url(READER, self.reader_password, database, sslmode, host)

    def _url(self, user, password, database, sslmode, host):
        root = f"&sslrootcert={self.ca}" if sslmode.startswith("verify") else ""
        return f"postgresql://{user}:{password}@{host}:{self.port}/{database}?sslmode={sslmode}{root}"

    def create_database(self, name, sql="", read_by_reader=True):
        """Makes the database anew, runs the SQL in it, lets the reader read what is there. Returns the reader's URL."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            if sql:
                connection.execute(sql)
            connection.execute("RESET search_path")
            if read_by_reader:
                connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}")
            connection.execute("ANALYZE")
        return self.reader_url(name)

    def connect(self, database="postgres"):
        return psycopg.connect(self.url(database), autocommit=True)


@contextlib.contextmanager
def running():
    """A server that ends with the block."""
    # Below the system's own temporary folder, not pytest's, which other users may not enter: the server runs as `postgres`.
    folder = Path(tempfile.mkdtemp(prefix="sluice-postgres-"))
    server = Postgres(folder)
    try:
        server.start()
        yield server
    finally:
        try:
            server.stop()
        except RuntimeError as error:
            print(error)
        shutil.rmtree(folder, ignore_errors=True)


def missing():
    """Why PostgreSQL cannot be started here, or nothing."""
    if not (BIN / "initdb").exists():
        return f"no PostgreSQL in {BIN}"
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return "setpriv is missing"
    if not shutil.which("openssl"):
        return "openssl is missing"
    return None
