"""Looking at an installation, and setting one up: `doctor`, `connections`, `init`, and the README's first lines."""

import sqlite3

import psycopg
import pytest
from project import Project, check_trouble

COUNT = "SELECT count(*) AS n FROM orders"


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


def findings(project, *command):
    return {finding["what"]: finding for finding in project.run(*command, "--output", "json").json()}


def test_a_reader_gives_no_warning(sluice, tmp_path, shop_postgres):
    project = Project(sluice, tmp_path, ("shop", "--postgres", shop_postgres))
    found = findings(project, "doctor")
    assert all(finding["ok"] and finding["warnings"] == [] for finding in found.values()), found
    assert found["connection shop"]["detail"].startswith("PostgreSQL 15")


def test_a_login_that_may_write_is_named(sluice, tmp_path, postgres, shop_postgres):
    with psycopg.connect(postgres.url("shop"), autocommit=True) as admin:
        admin.execute("CREATE ROLE setup_writer LOGIN PASSWORD 'w'")
        admin.execute("GRANT SELECT, INSERT ON orders TO setup_writer")
    try:
        url = shop_postgres.replace(f"//sluice_reader:{postgres.reader_password}@", "//setup_writer:w@")
        project = Project(sluice, tmp_path, ("shop", "--postgres", url))
        for command, what in ((("doctor",), "connection shop"), (("connections", "test"), "shop")):
            ran = project.run(*command).ok()
            assert '! the login "setup_writer" may change the rows of 1 table: public.orders' in ran.out and "CREATE ROLE reader" in ran.out, ran.out
            assert len(findings(project, *command)[what]["warnings"]) == 1
    finally:
        with psycopg.connect(postgres.url("shop"), autocommit=True) as admin:
            admin.execute("DROP OWNED BY setup_writer")
            admin.execute("DROP ROLE setup_writer")


def test_a_superuser_is_named(sluice, tmp_path, postgres, shop_postgres):
    project = Project(sluice, tmp_path, ("shop", "--postgres", postgres.url("shop")))
    assert '! the login "postgres" is a superuser: no permission holds it back' in project.run("doctor").ok().out


def test_doctor_reads_the_whole_journal(shop):
    shop.answer(COUNT)
    assert "no damage" in findings(shop, "doctor")["journal"]["detail"]
    path = shop.folder / ".sluice" / "journal.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size, root = connection.execute("SELECT (SELECT page_size FROM pragma_page_size), rootpage FROM sqlite_master "
                                    "WHERE type = 'index' AND tbl_name = 'wf_approval' AND sql IS NULL LIMIT 1").fetchone()
    connection.close()
    # An index page without its entries: opening the file and listing its runs go well, and yet something is lost.
    damaged = bytearray(path.read_bytes())
    at = (root - 1) * size
    damaged[at + 3:at + 5] = b"\0\0"
    path.write_bytes(damaged)
    ran = shop.run("doctor")
    assert ran.code == 1 and "✗ journal:" in ran.out and "next: " in ran.out, ran.out
    assert findings(shop, "doctor")["journal"]["error"]["code"] == "E0202"
