"""From a statement to its rows on every kind of connection, in every format, on a terminal and off it."""

import csv
import datetime
import io
import json
import resource
import signal
import subprocess

import pexpect
import pytest
import shop as shop_data
from project import Project, check_answer, finish, until

BY_STATUS = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
KINDS = ("duckdb", "sqlite", "csv", "postgres")


@pytest.fixture(params=KINDS)
def any_shop(request, sluice, tmp_path):
    """The shop behind each kind of connection."""
    if request.param == "csv":
        init = ("--files", str(request.getfixturevalue("shop_csv") / "*.csv"))
    else:
        init = (f"--{request.param}", str(request.getfixturevalue(f"shop_{request.param}")))
    return Project(sluice, tmp_path, ("shop", *init))


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


def expected_by_status():
    orders = shop_data.rows()["orders"][1]
    return [[status, sum(row[3] == status for row in orders)] for status in sorted(shop_data.STATUSES)]


def test_from_connection_to_rows(any_shop):
    tables = any_shop.run("catalog", "show").ok().out
    assert all(name in tables for name in shop_data.rows())
    assert "customer_id" in any_shop.run("catalog", "show", "orders").ok().out
    assert "✓ reads-only" in any_shop.run("prove", BY_STATUS).ok().out
    expected = expected_by_status()

    answer = any_shop.answer(BY_STATUS)
    assert answer["rows"] == expected and answer["row_count"] == len(expected)
    assert [column["name"] for column in answer["columns"]] == ["status", "n"]
    assert answer["sql"] == BY_STATUS and answer["answered_by"] == "person"
    assert [table["table"].split(".")[-1] for table in answer["tables_used"]] == ["orders"]
    assert answer["approval"]["status"] == "approved" and answer["approval"]["decided_by"].startswith("policy")

    given = any_shop.query(BY_STATUS, "--output", "csv").ok()
    assert list(csv.reader(io.StringIO(given.out))) == [["status", "n"], *[[status, str(n)] for status, n in expected]]
    lines = any_shop.query(BY_STATUS, "--output", "jsonl").ok().out.splitlines()
    assert [json.loads(line) for line in lines] == [{"status": status, "n": n} for status, n in expected]
    table = any_shop.query(BY_STATUS).ok()
    assert [line.split() for line in table.out.splitlines()[2:]] == [[status, str(n)] for status, n in expected]
    # Data on standard output, words for people on standard error, and no colours where nobody looks.
    assert "approved by policy" in table.err and "approved by" not in table.out
    assert "\x1b" not in table.out + table.err


def test_values_are_what_was_stored(any_shop):
    answer = any_shop.answer("SELECT o.order_id, c.name, o.shipped_at, o.freight FROM orders o JOIN customers c ON c.customer_id = o.customer_id "
                             "WHERE o.order_id <= 40 ORDER BY o.order_id")
    tables = shop_data.rows()
    names = {row[0]: row[1] for row in tables["customers"][1]}
    got = [[order, name, str(shipped)[:10] if shipped else None, round(float(freight), 2)] for order, name, shipped, freight in answer["rows"]]
    assert got == [[row[0], names[row[1]], str(row[5])[:10] if row[5] else None, row[6]] for row in tables["orders"][1][:40]]
    assert any(row[2] is None for row in got) and any(row[2] for row in got)


def test_a_run_records_the_date_where_its_person_is(shop):
    # These two places never have the same date; both sides of a midnight in between are fine.
    dates = {}
    for zone, hours in (("Etc/GMT+12", -12), ("Etc/GMT-14", 14)):
        there = [date_at(hours)]
        answer = shop.run("query", BY_STATUS, "--approve", "policy", "--output", "json", env={"TZ": zone}).ok().json()
        there.append(date_at(hours))
        dates[zone] = shop.json("runs", "events", answer["run_id"])[0]["body"]["input"]["today"]
        assert dates[zone] in there
    assert len(set(dates.values())) == 2, dates


def date_at(hours):
    return str(datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=hours))).date())


def test_what_has_no_json_number_is_a_string(shop):
    sql = "SELECT 'nan'::DOUBLE AS a, 'infinity'::DOUBLE AS b, '-infinity'::DOUBLE AS c, NULL::DOUBLE AS d, 1.5::DOUBLE AS e"
    assert shop.answer(sql)["rows"] == [["NaN", "Infinity", "-Infinity", None, 1.5]]
    assert json.loads(shop.query(sql, "--output", "jsonl").ok().out) == {"a": "NaN", "b": "Infinity", "c": "-Infinity", "d": None, "e": 1.5}
    assert shop.query(sql, "--output", "csv").ok().out == "a,b,c,d,e\nnan,inf,-inf,,1.5\n"


@pytest.mark.parametrize("database, sql", [
    ("northwind", "SELECT c.country, count(*) AS n FROM customers c JOIN orders o ON o.customer_id = c.customer_id GROUP BY c.country ORDER BY n DESC, 1"),
    ("chinook", "SELECT count(*) AS n FROM track"),
])
def test_sample_databases(request, sluice, tmp_path, postgres, database, sql):
    url = request.getfixturevalue(database)
    project = Project(sluice, tmp_path, (database, "--postgres", url))
    with postgres.connect(database) as connection:
        expected = [list(row) for row in connection.execute(sql).fetchall()]
    assert project.answer(sql)["rows"] == expected and expected


def test_a_write_is_refused_everywhere(any_shop):
    ran = any_shop.query("DELETE FROM orders", "--output", "json")
    assert ran.code == 1
    answer = check_answer(ran.json(), "failed")
    assert any(check["outcome"] == "failed" for check in answer["proof"]) and answer["rows"] == [] and answer["approval"] is None
    assert any_shop.answer("SELECT count(*) AS n FROM orders")["rows"] == [[shop_data.ORDERS]]
    proof = any_shop.run("prove", "DELETE FROM orders")
    assert proof.code == 1 and "✗" in proof.out + proof.err


def test_a_password_does_not_reach_the_configuration_or_the_journal(sluice, tmp_path, postgres, shop_postgres):
    project = Project(sluice, tmp_path, ("shop", "--postgres", shop_postgres))
    project.answer(BY_STATUS)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and postgres.reader_password.encode() in path.read_bytes()] == []


def test_two_hundred_thousand_rows_in_bounded_memory(shop):
    (shop.folder / "sluice.yaml").write_text((shop.folder / "sluice.yaml").read_text() + "limits: {rows_max: 300000}\n")
    sql = ("SELECT row_number() OVER (ORDER BY a.order_id, b.product_id, c.category_id) AS n, a.status, b.name FROM orders a, products b, categories c "
           "WHERE a.order_id + b.product_id + c.category_id >= 0 "  # every combination, but tied: a bare product would be asked about
           "ORDER BY n LIMIT 200000")
    out = shop.folder / "out.csv"
    with open(out, "w", encoding="utf-8") as file:
        done = subprocess.run(["/usr/bin/env", "sh", "-c", 'ulimit -v 2500000; exec "$0" "$@"', str(shop.sluice.path), "query", sql, "--approve", "policy",
                               "--output", "csv"], cwd=shop.folder, env=shop.sluice.environment(), stdin=subprocess.DEVNULL, stdout=file,
                              stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    with open(out, encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 200_001 and rows[1][0] == "1" and rows[-1][0] == "200000"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 400 * 1024


def test_statuses_and_their_exit_codes(shop):
    answered = shop.query(BY_STATUS, "--output", "json")
    assert answered.code == 0 and check_answer(answered.json(), "answered")
    failed = shop.query("SELECT * FROM ordrs", "--output", "json")
    assert failed.code == 1 and check_answer(failed.json(), "failed")["error"]["code"]
    late = shop.run("query", BY_STATUS, "--approval-timeout", "200ms", "--output", "json")
    assert late.code == 1 and check_answer(late.json(), "timeout")["approval"]["status"] == "expired"

    child, approval = shop.ask_and_wait(BY_STATUS)
    shop.run("approvals", "reject", approval["approval_id"], "--reason", "not today").ok()
    assert finish(child, "rejected")["approval"]["reason"] == "not today"

    child, approval = shop.ask_and_wait(BY_STATUS)
    shop.run("runs", "cancel", approval["run_id"]).ok()
    finish(child, "cancelled")

    child, approval = shop.ask_and_wait(BY_STATUS)
    child.send_signal(signal.SIGINT)
    assert finish(child, "waiting")["approval"]["status"] == "open"
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    assert shop.resume(approval["run_id"])["rows"] == expected_by_status()


def on_terminal(shop, pty, sql=BY_STATUS, **env):
    terminal = pty(["query", sql, "--on", "shop"], shop.folder, env=env, timeout=20)
    terminal.expect_exact("leave it waiting")
    return terminal, terminal.before


def end_of(terminal):
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.before, terminal.exitstatus


def test_the_card_and_approve(shop, pty):
    terminal, card = on_terminal(shop, pty, NO_COLOR="1")
    for part in ("GROUP BY status", "What it does", "Groups by status.", "Reads", "orders: status", "Proof", "✓ reads-only", "Estimate", "First rows"):
        assert part in card
    assert "\x1b[3" not in card and "\x1b[1m" not in card
    terminal.sendline("a")
    text, code = end_of(terminal)
    assert code == 0 and "returned" in text and "4 rows" in text


def test_colours_on_a_terminal(shop, pty):
    terminal, card = on_terminal(shop, pty)
    assert "\x1b[" in card
    terminal.sendline("r")
    terminal.expect_exact("why (empty for no reason), then Enter: ")
    terminal.sendline("")
    text, code = end_of(terminal)
    assert code == 1 and "rejected by" in text


def test_edit_makes_a_new_proof_and_a_new_approval(shop, pty):
    editor = shop.folder / "editor.sh"
    editor.write_text("#!/bin/sh\nprintf \"SELECT count(*) AS seven_customers FROM customers WHERE customer_id <= 7\" > \"$1\"\n")
    editor.chmod(0o755)
    terminal, _ = on_terminal(shop, pty, EDITOR=str(editor), NO_COLOR="1")
    first = shop.json("approvals", "list")[0]
    terminal.sendline("e")
    terminal.expect_exact("leave it waiting")
    assert "seven_customers" in terminal.before and "customers: customer_id" in terminal.before
    second = until(lambda: [each for each in shop.json("approvals", "list") if each["approval_id"] != first["approval_id"]], "the second approval")[0]
    assert second["run_id"] == first["run_id"] and second["subject_hash"] != first["subject_hash"]
    terminal.sendline("a")
    text, code = end_of(terminal)
    assert code == 0 and "7" in text
    everything = {each["approval_id"]: each["status"] for each in shop.json("approvals", "list", "--all")}
    assert everything == {first["approval_id"]: "refined", second["approval_id"]: "approved"}


def test_an_editor_that_fails_changes_nothing(shop, pty):
    terminal, _ = on_terminal(shop, pty, EDITOR="false", NO_COLOR="1")
    terminal.sendline("e")
    terminal.expect_exact("E0804")
    terminal.expect_exact("leave it waiting")
    terminal.sendline("a")
    assert end_of(terminal)[1] == 0


def test_refining_ones_own_sql_in_words_falls_back_with_a_notice(shop, pty):
    terminal, _ = on_terminal(shop, pty, NO_COLOR="1")
    terminal.sendline("f")
    terminal.expect_exact("what should be different")
    terminal.send("only paid ones\r")
    terminal.expect_exact("leave it waiting")
    assert "back to the former proposal" in terminal.before
    terminal.sendline("a")
    assert end_of(terminal)[1] == 0


@pytest.mark.parametrize("key", ["q\n", "Quit\n", "\x04", "\x03"])
def test_leaving_it_waiting(shop, pty, key):
    terminal, _ = on_terminal(shop, pty, NO_COLOR="1")
    terminal.send(key)
    text, code = end_of(terminal)
    assert code == 1 and "runs resume" in text
    approval = shop.json("approvals", "list")[0]
    assert approval["status"] == "open"
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    assert shop.resume(approval["run_id"])["rows"] == expected_by_status()


def test_approved_elsewhere_while_the_terminal_waits(shop, pty):
    terminal, _ = on_terminal(shop, pty, NO_COLOR="1")
    shop.run("approvals", "approve", shop.json("approvals", "list")[0]["approval_id"]).ok()
    text, code = end_of(terminal)
    assert code == 0 and "approved by" in text and "returned" in text


def test_interrupting_a_long_query_cancels_it_on_the_server(sluice, tmp_path, postgres, pty):
    # The sample of the proof ends early on its own limit; the whole statement would take minutes.
    url = postgres.create_database("long", "CREATE TABLE big AS SELECT g AS n FROM generate_series(1, 30000) g")
    project = Project(sluice, tmp_path, ("long", "--postgres", url))
    config = project.folder / "sluice.yaml"
    config.write_text(config.read_text() + "limits: {seconds: 300, scan_rows_max: 100000000000, scan_bytes_max: 100TB}\n")
    sql = "SELECT sum(a.n * b.n % 7) AS s FROM big a JOIN big b ON a.n <> b.n"
    terminal = pty(["query", sql], project.folder, env={**project.env, "NO_COLOR": "1"}, timeout=60)
    with postgres.connect() as connection:

        def running():
            return connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = 'long' AND state = 'active'").fetchone()[0]

        # After the yes it is the effect that runs, and no longer the proof's trial run.
        terminal.expect_exact("leave it waiting")
        until(lambda: not running(), "the trial run stopped")
        terminal.sendline("a")
        until(lambda: running() or not terminal.isalive(), "the approved query on the server")
        assert terminal.isalive(), terminal.read()
        terminal.sendintr()
        text, code = end_of(terminal)
        assert code == 1 and "cancelled" in text, text
        until(lambda: not running(), "the query gone from the server", 5)
    assert project.json("runs", "list")[0]["status"] == "cancelled"


def test_usage_errors_exit_2(sluice, tmp_path):
    for args in (["nosuch"], ["query"], ["query", "SELECT 1", "--nosuch"], ["query", "SELECT 1", "--output", "xml"], []):
        assert sluice.run(args, tmp_path).code == 2, args
    assert sluice.run(["--version"], tmp_path).ok().out.startswith("sluice ")
    assert "ask" in sluice.run(["--help"], tmp_path).ok().out


def test_completion_names_every_command(sluice, tmp_path):
    script = sluice.run(["completion", "bash"], tmp_path).ok().out
    words = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(sluice runs re); COMP_CWORD=2; _sluice; echo \"${COMPREPLY[@]}\""],
                           capture_output=True, text=True).stdout.split()
    assert words == ["resume"]
