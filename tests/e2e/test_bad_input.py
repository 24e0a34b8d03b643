"""Trouble of every kind: one clear message with a code and a next step, the documented exit code, nothing lost."""

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
import shop as shop_data
from project import RAW, Project, check_answer, check_trouble

SEED = int(os.environ.get("SLUICE_SEED", random.SystemRandom().randrange(1 << 32)))
COUNT = "SELECT count(*) AS n FROM orders"
JOURNAL_LENGTHS = 12
PAGE = 4096  # SQLite's default page size
INTERRUPTS = 20


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    print(f"SLUICE_SEED={SEED}")
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


@pytest.fixture
def answered(shop):
    """A shop with one answered run."""
    shop.first = shop.answer(COUNT)["run_id"]
    return shop


def journal(project):
    return next(path for path in (project.folder / ".sluice").iterdir() if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3")


def check_kept(project):
    """The earlier answer is still there."""
    assert project.resume(project.first)["rows"] == [[shop_data.ORDERS]]


def failed(project, code):
    return check_trouble(project.query(COUNT), code)


def test_no_such_table_or_column(shop):
    ran = shop.query("SELECT * FROM ordrs")
    assert ran.code == 1 and 'did you mean "orders"' in ran.err and "next:" in ran.err and not RAW.search(ran.err)
    ran = shop.query("SELECT freigt FROM orders")
    assert ran.code == 1 and 'did you mean "freight"' in ran.err and not RAW.search(ran.err)
    ran = shop.run("catalog", "show", "ordrs")
    check_trouble(ran, "E0807")
    assert "orders" in ran.err


@pytest.mark.parametrize("sql", ["", "   ", "\n", ";", "-- nothing", "Wie viele?", "SELECT", "SELECT 1; SELECT 2", "\x01", "SELECT '", "x" * 100_000,
                                 "SELECT " + "(" * 20_000 + "1" + ")" * 20_000])
def test_text_that_is_no_query(shop, sql):
    ran = shop.query(sql)
    assert ran.code == 1 and "error E" in ran.err and "next:" in ran.err and not RAW.search(ran.err), ran.err[-2000:]
    assert len(ran.err) < 5_000


def test_a_question_that_is_empty_or_too_long(shop):
    check_trouble(shop.run("ask", ""), "E0811")
    check_trouble(shop.run("ask", " \t "), "E0811")
    check_trouble(shop.run("ask", "how many orders " * 6000), "E0811")


def test_the_server_is_not_there(sluice, tmp_path, postgres, shop_postgres):
    project = Project(sluice, tmp_path, ("shop", "--postgres", shop_postgres))
    password = project.env["SLUICE_SHOP_PASSWORD"]
    config = project.folder / "sluice.yaml"
    text = config.read_text()
    config.write_text(text.replace(f":{postgres.port}/", ":1/"))
    assert password not in failed(project, "E0442").err
    config.write_text(text.replace(f"@localhost:{postgres.port}/", f"@no-such-host.invalid:{postgres.port}/"))
    failed(project, "E0442")
    config.write_text(text)
    project.env["SLUICE_SHOP_PASSWORD"] = "wrong-secret"
    assert "wrong-secret" not in failed(project, "E0443").err
    config.write_text(text.replace("/generated_shop?", "/nosuch?"))
    project.env["SLUICE_SHOP_PASSWORD"] = password
    failed(project, "E0446")
    config.write_text(text.replace("@localhost:", "@127.0.0.1:"))
    failed(project, "E0445")
    config.write_text(text)
    del project.env["SLUICE_SHOP_PASSWORD"]
    failed(project, "E0711")


def test_a_locked_duckdb_file(sluice, tmp_path, libduckdb, make_duckdb):
    import duckdb_sql

    path = make_duckdb(tmp_path / "shop.duckdb", "CREATE TABLE orders AS SELECT 1 AS id")
    project = Project(sluice, tmp_path, ("shop", "--duckdb", "shop.duckdb"))
    with duckdb_sql.Database(libduckdb, path) as database:
        database.execute("INSERT INTO orders VALUES (2)")
        failed(project, "E0402")
    assert project.answer(COUNT)["rows"] == [[2]]


def test_a_locked_sqlite_file_is_named_while_it_is_waited_for(sluice, tmp_path, shop_sqlite):
    shop = Project(sluice, tmp_path, ("shop", "--sqlite", shutil.copy(shop_sqlite, tmp_path / "shop.sqlite")))
    writer = sqlite3.connect(tmp_path / "shop.sqlite")
    writer.execute("BEGIN EXCLUSIVE")
    ran = check_trouble(shop.query(COUNT), "E0402")
    writer.rollback()
    writer.close()
    assert re.search(r"reading the catalog \(attempt 2: the SQLite file .*is being written by another program\) …", ran.err), ran.err
    assert shop.answer(COUNT)["rows"] == [[shop_data.ORDERS]]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize("content", [b"", b"this is a text file\n" * 1000, b"SQLite format 3\0" + b"\xff" * 5000, bytes(range(256)) * 64])
def test_a_file_that_is_no_database(sluice, tmp_path, kind, content, shop_duckdb):
    (tmp_path / "shop.db").write_bytes(content)
    made = sluice.run(["init", "shop", f"--{kind}", "shop.db"], tmp_path)
    assert made.code in (0, 1) and not RAW.search(made.err), made.err
    if (tmp_path / "sluice.yaml").exists():
        ran = sluice.run(["query", COUNT], tmp_path)
        assert ran.code == 1 and "error E" in ran.err and "next:" in ran.err and not RAW.search(ran.err), ran.err
    assert (tmp_path / "shop.db").read_bytes() == content


@pytest.mark.parametrize("text, code", [
    ("connections: [", "E0701"), ("conections: {}\n", "E0702"), ("connections: {shop: {duckdb: x, pasword: y}}\n", None),
    ("limits: {rows_max: many}\n", None), ("approvals: {timeout: 30}\n", "E0705"), ("approvals: {auto: {reads: perhaps}}\n", None), ("a: 1\na: 2\n", None), ("\x00\x01", None),
    ("# " + "x" * 2_000_000, None), ("[" * 50_000, None), ("a: &a [*a, *a]\n", None),
])
def test_a_broken_configuration(answered, text, code):
    config = answered.folder / "sluice.yaml"
    good = config.read_text()
    config.write_text(text)
    for args in (["query", COUNT], ["runs", "list"]):
        ran = answered.run(*args)
        check_trouble(ran, code or "E07[0-9]{2}")
        assert len(ran.err) < 3000
    config.write_text(good)
    check_kept(answered)


def test_no_configuration(sluice, tmp_path):
    check_trouble(sluice.run(["query", COUNT], tmp_path), "E0700")


def test_a_journal_from_a_newer_version(answered):
    path = journal(answered)
    with sqlite3.connect(path) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version = {version + 1}")
    connection.close()
    for args in (["runs", "list"], ["query", COUNT, "--approve", "policy"]):
        check_trouble(answered.run(*args), "E0203")
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    check_kept(answered)


def clear(path):
    for suffix in ("-wal", "-shm", ""):
        Path(str(path) + suffix).unlink(missing_ok=True)


def restore(path, saved):
    clear(path)
    path.write_bytes(saved)


def saved_journal(project):
    """The journal's file with everything in it, none in the -wal file."""
    path = journal(project)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path, path.read_bytes()


def test_a_truncated_journal(answered):
    path, saved = saved_journal(answered)
    rng = random.Random(SEED)
    for length in [0, 1, 50, 99, 100, 4096, len(saved) - 1, *(rng.randrange(len(saved)) for _ in range(JOURNAL_LENGTHS))]:
        restore(path, saved[:length])
        check_trouble(answered.run("runs", "list"), "E0202")
        check_trouble(answered.query(COUNT), "E0202")
        assert path.read_bytes() == saved[:length], "a damaged journal was written to"
    restore(path, saved)
    check_kept(answered)


def test_a_corrupted_journal(answered):
    path, saved = saved_journal(answered)
    rng = random.Random(SEED)
    places = [(page, 16) for page in range(PAGE, len(saved), PAGE)]  # the head of every page but the first
    places += [(rng.randrange(len(saved) - 600), 600) for _ in range(JOURNAL_LENGTHS)]
    told = 0
    for at, length in places:
        broken = bytearray(saved)
        broken[at:at + length] = rng.randbytes(length)
        restore(path, bytes(broken))
        ran = answered.run("runs", "show", answered.first)
        # Bytes that no answer needs may go unnoticed; what is noticed is told.
        assert ran.code in (0, 1) and not RAW.search(ran.err), (at, ran.err)
        if ran.code == 1:
            check_trouble(ran, "E[0-9]{4}")
            told += 1
    assert told > 0
    restore(path, saved)
    check_kept(answered)


def test_a_journal_that_is_a_folder(answered):
    path, saved = saved_journal(answered)
    clear(path)
    path.mkdir()
    check_trouble(answered.run("runs", "list"), "E0[0-9]{3}")
    path.rmdir()
    restore(path, saved)
    check_kept(answered)


@pytest.mark.parametrize("call", ["pwrite64", "fsync"])
def test_a_full_disk(answered, call):
    if not shutil.which("strace"):
        from conftest import need

        need("strace is missing")
    seen = 0
    for number in (1, 2, 3, 5, 8, 13, 21, 34, 55):
        command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error=ENOSPC:when={number}+",
                   str(answered.sluice.path), "query", COUNT, "--approve", "policy"]
        done = subprocess.run(command, cwd=answered.folder, env=answered.sluice.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)
        assert done.returncode in (0, 1), (number, done.returncode, done.stderr[-1500:])
        if done.returncode == 1:
            seen += 1
            assert "error E" in done.stderr and "next:" in done.stderr and not RAW.search(done.stderr), (number, done.stderr)
    assert seen > 0
    check_kept(answered)
    assert answered.answer(COUNT)["rows"] == [[shop_data.ORDERS]]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system and become another user")
def test_a_small_disk(answered):
    small = answered.folder / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)], capture_output=True).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        last = None
        for _ in range(30):
            last = answered.run("query", COUNT, "--approve", "policy", env={"SLUICE_HOME": str(small)})
            if last.code:
                break
        check_trouble(last, "E0[0-9]{3}")
        assert "full" in last.err
    finally:
        subprocess.run(["umount", str(small)], check=True)
    check_kept(answered)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root and setpriv to become another user")
def test_a_read_only_folder(sluice, shop_csv, tmp_path_factory):
    import tempfile

    with tempfile.TemporaryDirectory(prefix="sluice-e2e-") as name:
        os.chmod(name, 0o755)
        shutil.copy(shop_csv / "orders.csv", name)
        os.chmod(f"{name}/orders.csv", 0o644)
        sluice.run(["init", "shop", "--files", "orders.csv"], name).ok()
        shutil.rmtree(f"{name}/.sluice", ignore_errors=True)
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(sluice.path), "query", COUNT], cwd=name,
                              env=sluice.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if done.returncode in (126, 127):
            pytest.skip("the program lies where another user may not enter")
        assert done.returncode == 1 and "error E" in done.stderr and "next:" in done.stderr and not RAW.search(done.stderr), done.stderr


def test_a_closed_output(shop):
    sql = "SELECT a.order_id AS n FROM orders a, products b WHERE a.order_id + b.product_id >= 0 ORDER BY 1"
    line = f"'{shop.sluice.path}' query '{sql}' --approve policy --output csv | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=shop.folder, env=shop.sluice.environment(), capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[0] == "n" and done.stdout.splitlines()[1] in ("0", "1") and not RAW.search(done.stderr), done


@pytest.mark.parametrize("form", ["table", "csv", "jsonl", "json"])
def test_an_output_that_is_full(answered, form):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([answered.sluice.path, "query", COUNT, "--approve", "policy", "--output", form], cwd=answered.folder,
                              env=answered.sluice.environment(), stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and "error E0802" in done.stderr and "next:" in done.stderr, done.stderr
    check_kept(answered)


def test_interrupted_at_any_moment(answered):
    rng, statuses = random.Random(SEED), set()
    for _ in range(INTERRUPTS):
        before = {run["run_id"] for run in answered.json("runs", "list")}
        child = answered.start("query", COUNT, "--approve", "policy")
        time.sleep(rng.uniform(0, 0.35))  # The moment is the input here.
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
        # 130 or the signal itself: interrupted before there was anything to tell about.
        assert child.returncode in (0, 1, 130, -signal.SIGINT), (child.returncode, err)
        assert not RAW.search(err), err
        for run in answered.json("runs", "list"):
            if run["run_id"] in before:
                continue
            ran = answered.run("runs", "resume", run["run_id"], "--output", "json")
            answer = check_answer(ran.json())
            statuses.add(answer["status"])
            assert answer["status"] in ("answered", "cancelled"), answer
    assert statuses, "no run was ever there"
    check_kept(answered)


def test_ids_that_are_not_there(answered):
    for args in (["runs", "show", "r-nosuch"], ["runs", "events", "r-nosuch"], ["runs", "resume", "r-nosuch"], ["runs", "cancel", "r-nosuch"]):
        check_trouble(answered.run(*args), "E0102")
    check_trouble(answered.run("approvals", "show", "a-nosuch"), "E0106")
    check_trouble(answered.run("runs", "list", "--status", "nosuch"), "E0800", 2)
    check_trouble(answered.run("query", COUNT, "--on", "shpo"), "E0810")
    check_trouble(answered.run("query", COUNT, "--approval-timeout", "soon"), "E0801", 2)
    check_trouble(answered.run("init", "other", "--duckdb", "nosuch.duckdb"), "E0812")
