"""Looking at an installation, and setting one up: `doctor`, `connections`, `init`, and the README's first lines."""

import re
import sqlite3

import pexpect
import psycopg
import pytest
from project import ROOT, Project, check_trouble

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
    with psycopg.connect(postgres.url("generated_shop"), autocommit=True) as admin:
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
        with psycopg.connect(postgres.url("generated_shop"), autocommit=True) as admin:
            admin.execute("DROP OWNED BY setup_writer")
            admin.execute("DROP ROLE setup_writer")


def test_a_superuser_is_named(sluice, tmp_path, postgres, shop_postgres):
    project = Project(sluice, tmp_path, ("shop", "--postgres", postgres.url("generated_shop")))
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


def unreachable(postgres, shop_postgres):
    port = f":{postgres.port}/"
    return {"E0442": ["--postgres", shop_postgres.replace(port, ":1/")],
            "E0443": ["--postgres", shop_postgres.replace(postgres.reader_password, "wrong-secret")],
            "E0446": ["--postgres", shop_postgres.replace("/generated_shop?", "/nosuch?")],
            "E0711": ["--postgres", shop_postgres.replace(postgres.reader_password, "${NOT_SET_ANYWHERE}")]}


@pytest.mark.parametrize("code", ["E0442", "E0443", "E0446", "E0711"])
def test_init_writes_nothing_that_does_not_work(sluice, tmp_path, postgres, shop_postgres, code):
    args = ["init", "shop", *unreachable(postgres, shop_postgres)[code]]
    ran = check_trouble(sluice.run(args, tmp_path), code)
    assert "nothing was written" in ran.err and "--force" in ran.err and "wrong-secret" not in ran.err
    assert "sluice.yaml" not in ran.err, "there is none"
    assert list(tmp_path.iterdir()) == []
    forced = sluice.run([*args, "--force"], tmp_path).ok()
    assert "does not work yet" in forced.err and "shop:" in (tmp_path / "sluice.yaml").read_text()
    assert "wrong-secret" not in (tmp_path / "sluice.yaml").read_text() + forced.err


@pytest.mark.parametrize("args", [["--files", "nosuch/*.csv"], ["--files", "empty.parquet"], ["--duckdb", "text.txt"], ["--sqlite", "text.txt"]])
def test_init_of_a_wrong_file(sluice, tmp_path, shop_duckdb, args):
    project = Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))
    before = (tmp_path / "sluice.yaml").read_bytes()
    (tmp_path / "empty.parquet").write_bytes(b"")
    (tmp_path / "text.txt").write_text("no database\n" * 100)
    ran = check_trouble(project.run("init", "other", *args), "E04[0-9]{2}")
    assert ("--force" in ran.err) == ("nosuch" in args[1]), "only what may come to be is worth writing down"
    assert (tmp_path / "sluice.yaml").read_bytes() == before


def test_init_says_what_it_reached(sluice, tmp_path, shop_postgres, make_duckdb):
    ran = sluice.run(["init", "shop", "--postgres", shop_postgres, "--output", "json"], tmp_path).ok()
    assert re.search(r"PostgreSQL 15.*: 7 tables$", ran.json()["reached"]) and ran.json()["variables"] == ["SLUICE_SHOP_PASSWORD"]
    make_duckdb(tmp_path / "empty.duckdb", "SELECT 1")
    assert "no table that may be read" in sluice.run(["init", "empty", "--duckdb", "empty.duckdb"], tmp_path).ok().err


def test_the_readmes_configuration(sluice, tmp_path):
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert blocks
    for block in blocks:
        (tmp_path / "sluice.yaml").write_text(block)
        assert sluice.run(["connections", "list"], tmp_path).ok().out


def test_the_readme_line_by_line(sluice, tmp_path, duckdb_flights):
    """Who types the README's first lines after `./dev demo` gets what they promise."""
    block = (ROOT / "README.md").read_text(encoding="utf-8").split("## Use")[1].split("```")[1].strip()
    assert block.count("\n") >= 6
    (tmp_path / "build" / "demo").mkdir(parents=True)
    (tmp_path / "build" / "demo" / "flights.duckdb").symlink_to(duckdb_flights)
    (tmp_path / "build" / "release").symlink_to(sluice.path.parent)
    shell = pexpect.spawn("bash", ["--norc"], cwd=str(tmp_path), env=sluice.environment({"PS1": "", "NO_COLOR": "1"}), encoding="utf-8", timeout=60, echo=False,
                          dimensions=(60, 200))
    shown = ""
    for line in block.splitlines():
        shell.sendline(f"{line}; echo ended=$?")
        if line.split()[:2] in (["sluice", "ask"], ["sluice", "query"]):
            shell.expect_exact("then Enter")
            shell.sendline("a")
        shell.expect(r"ended=(\d+)")
        assert shell.match[1] == ("1" if "DELETE" in line else "0"), (line, shell.before)
        shown += shell.before
    shell.close(force=True)
    assert "336,776" in shown and "reads-only" in shown and shown.count("answered") == 2
