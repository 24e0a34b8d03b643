"""Each of PostgreSQL's layers below the parser, alone, against every statement that the guard refuses (tests/cases/guard/postgres).

Plain psycopg, no Sluice: a superuser in a READ ONLY session that commits; the reader's role in a read-write session that commits; a superuser in a
read-write session that is rolled back. What a layer alone does not hold is listed in docs/guard.md; the lists must be what is measured here.
"""

import re
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases" / "guard" / "postgres"
DATABASE, TEMPLATE = "shop", "guard_template"
STATEMENT_TIMEOUT_MS = 5000

# Rows, objects, sequences, roles, settings, slots, large objects: what must be the same before and after.
STATE = """
SELECT (SELECT json_agg(o ORDER BY id)::text FROM orders o), (SELECT json_agg(c ORDER BY id)::text FROM customers c),
  (SELECT last_value || ' ' || is_called FROM counter),
  (SELECT string_agg(relname || relkind::text || coalesce(relacl::text, ''), ',' ORDER BY oid) FROM pg_class WHERE oid >= 16384),
  (SELECT string_agg(oid || proname, ',' ORDER BY oid) FROM pg_proc WHERE oid >= 16384), (SELECT string_agg(rolname || coalesce(rolpassword, ''), ',' ORDER BY 1) FROM pg_authid),
  (SELECT string_agg(nspname, ',' ORDER BY 1) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'), (SELECT count(*) FROM pg_type WHERE oid >= 16384),
  (SELECT string_agg(attname, ',' ORDER BY attrelid, attnum) FROM pg_attribute WHERE attrelid >= 16384),
  (SELECT count(*) FROM pg_description WHERE objoid >= 16384), (SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_replication_slots),
  (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_default_acl), (SELECT count(*) FROM pg_cast WHERE oid >= 16384),
  (SELECT count(*) FROM pg_database), (SELECT count(*) FROM pg_db_role_setting), (SELECT count(*) FROM pg_prepared_xacts), (SELECT count(*) FROM pg_collation),
  (SELECT string_agg(name || setting, ',' ORDER BY name) FROM pg_file_settings), (SELECT string_agg(viewname || definition, ',') FROM pg_views WHERE schemaname = 'public')
"""


def refused_statements():
    for path in sorted(CASES.glob("*.sql")):
        for case in re.split(r"^-- name: ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            _, expected, sql = case.split("\n", 2)
            if expected.startswith("-- expect: refused"):
                yield sql.strip()


def documented(heading):
    text = (ROOT / "docs" / "guard.md").read_text(encoding="utf-8")
    section = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, flags=re.M | re.S)
    assert section, f"docs/guard.md has no heading {heading!r}"
    listed = re.search(r"^```\w*\n(.*?)^```", section.group(1), flags=re.M | re.S)
    return set(listed.group(1).splitlines()) if listed else set()


class Shop:
    """The corpus's database, made anew from a template after every statement that changed something."""

    def __init__(self, server, programs):
        self.server = server
        self.programs = programs
        with server.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        with server.connect(TEMPLATE) as connection:
            connection.execute((CASES / "setup.sql").read_text(encoding="utf-8"))
            connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO sluice_reader")
        self.restore()

    def restore(self):
        with self.server.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            for slot in connection.execute("SELECT slot_name FROM pg_replication_slots").fetchall():
                connection.execute("SELECT pg_drop_replication_slot(%s)", slot)
            for statement in ("ALTER SYSTEM RESET shared_preload_libraries", "DROP ROLE IF EXISTS intruder", f"ALTER ROLE postgres PASSWORD '{self.server.password}'"):
                connection.execute(statement)
            connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE}")
        for path in self.programs:
            path.unlink(missing_ok=True)
        self.before = self.state()

    def state(self):
        with self.server.connect(DATABASE) as connection:
            rows = connection.execute(STATE).fetchall()
        return rows, [path.exists() for path in self.programs]


def ran(url, setup, sql, end):
    """The statement by the simple protocol, which takes several at once, in a transaction that `end` ends."""
    connection = psycopg.connect(url, autocommit=True)
    try:
        connection.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
        connection.execute(setup)
        connection.execute(sql.encode())
    except psycopg.Error:
        pass
    try:
        connection.execute(end)
    except psycopg.Error:
        pass
    connection.close()


@pytest.fixture
def shop(postgres):
    made = Shop(postgres, [Path("/tmp/sluice-guard-orders.csv"), Path("/tmp/sluice-guard-program"), Path("/tmp/sluice-guard-lo")])
    yield made
    with postgres.connect() as connection:
        for database in (DATABASE, TEMPLATE):
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    for path in made.programs:
        path.unlink(missing_ok=True)


LAYERS = {
    "PostgreSQL, the read-only session alone": ("superuser", "BEGIN READ ONLY", "COMMIT"),
    "PostgreSQL, the role alone": ("reader", "BEGIN READ WRITE", "COMMIT"),
    "PostgreSQL, the rollback alone": ("superuser", "BEGIN READ WRITE", "ROLLBACK"),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_what_a_layer_alone_does_not_hold(shop, postgres, layer):
    who, begin, end = LAYERS[layer]
    url = postgres.url(DATABASE) if who == "superuser" else postgres.reader_url(DATABASE)
    through = set()
    statements = list(refused_statements())
    assert len(statements) >= 200
    for sql in statements:
        ran(url, begin, sql, end)
        if shop.state() != shop.before:
            through.add(sql.replace("\n", "\\n"))
            shop.restore()
    assert through == documented(layer)


def test_no_layer_at_all_lets_much_through(shop, postgres):
    """The measure itself: a superuser who commits changes things, or the lists above would mean nothing."""
    for sql in ("DELETE FROM orders", "SELECT nextval('counter')", "CREATE ROLE intruder", "SELECT added(1)"):
        ran(postgres.url(DATABASE), "BEGIN READ WRITE", sql, "COMMIT")
        assert shop.state() != shop.before, sql
        shop.restore()
