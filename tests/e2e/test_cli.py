"""The command line: what it says to wrong usage, its formats, its lists, its words to who waits."""

import csv
import io
import json
import re
import signal
import sqlite3
import subprocess
from pathlib import Path

import pexpect
import pytest
from project import Project, check_trouble, finish, until

COUNT = "SELECT count(*) AS n FROM orders"
PRODUCT = "SELECT count(*) AS n FROM orders a, products b"  # a warning: every order with every product
PARSER = re.compile(r"required|expected|subcommand|The following|TEXT|Option Group|excludes|not in \{")  # words of the parsing library


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


WRONG = [
    (["aks", "how many"], 'has no command "aks"; did you mean "ask"?', "`sluice --help`"),
    (["ask", "how many", "--outptu", "json"], 'no option "--outptu"; did you mean "--output"?', "`sluice ask --help`"),
    (["ask", "--nosuch=5", "how many"], 'no option "--nosuch"', "`sluice ask --help`"),
    (["ask"], "`sluice ask` needs QUESTION: the question", "`sluice ask --help`"),
    (["ask", "how", "many", "orders"], 'no place for "many"', "quotes"),
    (["ask", "how many", "--on"], "--on needs a value: the connection", "`sluice ask --help`"),
    (["ask", "how many", "--on", "a", "--on", "b"], "--on is there 2 times", "once"),
    (["ask", "how many", "--output", "jsn"], '--output cannot be "jsn"; did you mean "json"?', "table, json, csv, jsonl"),
    (["ask", "how many", "--output="], "--output", "next"),
    (["ask", "how many", "--approve", "polcy"], '--approve cannot be "polcy"; did you mean "policy"?', "ask, policy"),
    (["--output", "json", "runs", "list"], '"--output" stands before its command', "sluice runs list … --output"),
    (["runs"], "`sluice runs` needs a command: list, show, events, resume, cancel, signal, diff, fork, export, import", "`sluice runs --help`"),
    (["runs", "lst"], 'has no command "lst"; did you mean "list"?', "`sluice runs --help`"),
    (["runs", "show"], "`sluice runs show` needs ID", "`sluice runs show --help`"),
    (["runs", "list", "--limit", "0"], '--limit cannot be "0"', "1 to 1000"),
    (["runs", "list", "--limit", "many"], '--limit cannot be "many"', "1 to 1000"),
    (["runs", "list", "--status", "anwsered"], '--status cannot be "anwsered"; did you mean "answered"?', "unanswerable, waiting"),
    (["approvals", "list", "--all=perhaps"], "--all takes no value", "next"),
    (["approvals", "refine", "a-1", "--feedback", "x", "--sql", "SELECT 1"], "--feedback and --sql are both there", "or give your own SQL"),
    (["init", "other"], "was not told where the data is", "--duckdb"),
    (["init", "other", "--duckdb", "a", "--sqlite", "b"], "was told several places", "one of"),
    (["completion", "fish"], 'SHELL cannot be "fish"', "bash, zsh"),
    (["-x"], 'no option "-x"', "`sluice --help`"),
]


@pytest.mark.parametrize("args, message, hint", WRONG, ids=[" ".join(each[0]) for each in WRONG])
def test_wrong_usage(sluice, tmp_path, args, message, hint):
    ran = check_trouble(sluice.run(args, tmp_path), "E0800", 2)
    assert message in ran.err and hint in ran.err and ran.out == "" and not PARSER.search(ran.err), ran.err


def test_wrong_durations_are_wrong_usage(shop):
    for text in ("5x", "", "-1s", "0s", "5", "99999999999d"):
        ran = shop.run("query", COUNT, f"--approval-timeout={text}" if text else "--approval-timeout= ")
        check_trouble(ran, "E0801", 2)


def test_help_and_version_are_fine(sluice, tmp_path):
    for args in (["--help"], ["ask", "--help"], ["init", "--help"], ["runs", "list", "--help"], ["--version"]):
        assert sluice.run(args, tmp_path).ok().out


def test_help_and_version_that_cannot_be_printed(sluice, tmp_path):
    for option in ("--help", "--version"):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([sluice.path, option], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 1 and "error E0802" in done.stderr, done


def test_a_folder_that_is_gone_is_told(sluice, tmp_path):
    line = f"mkdir gone && cd gone && rmdir ../gone && '{sluice.path}' runs list"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=sluice.environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "error E0700 the current folder is not there any more" in done.stderr, done


def test_an_ending_is_told_once(shop):
    run_id = shop.waiting(COUNT)["run_id"]
    shop.run("runs", "cancel", run_id, "--reason", "for lunch").ok()
    failed = shop.query("SELECT * FROM ordrs", "--output", "json").json()["run_id"]
    for run, words, ending in ((run_id, "for lunch", "cancelled · "), (failed, 'table "ordrs" is not', "failed · ")):
        err = shop.run("runs", "show", run).ok().err
        assert len(re.findall(f"(error .*|^(?:cancelled|failed).*){words}", err, re.M)) == 1 and f"{ending}{run}" in err, err


def test_what_does_not_parse_is_nothing_to_be_sure_of(shop):
    assert shop.query("SELEC count", "--output", "json").json()["confidence"] is None
    assert shop.query("SELECT nosuch FROM orders", "--output", "json").json()["confidence"] == 1


def test_what_people_copy_is_whole_in_a_narrow_terminal(shop, pty):
    approval = shop.waiting("SELECT status, count(*) AS number_of_orders_with_this_status FROM orders GROUP BY status ORDER BY status")
    run_id = approval["run_id"]
    for command, whole in ((["approvals", "list"], approval["approval_id"]), (["runs", "list"], run_id), (["runs", "preflight"], run_id),
                           (["runs", "events", run_id], "round[0]/run this query")):
        terminal = pty(command, shop.folder, env={"NO_COLOR": "1"}, dimensions=(50, 80))
        terminal.expect(pexpect.EOF)
        table = [line for line in terminal.before.split("\r\n") if whole in line]
        assert table and len(table[0]) <= 80, terminal.before


def test_an_unknown_command_says_so_in_json_too(shop):
    ran = shop.run("runs", "shwo", "x", "-o", "json")
    assert ran.code == 2 and json.loads(ran.out)["error"]["code"] == "E0800"


def test_a_table_that_is_cut_says_how_to_see_it_whole(shop, pty):
    for columns, cut in ((80, True), (250, False)):
        terminal = pty(["query", "SELECT o.*, c.* FROM orders o JOIN customers c USING (customer_id) WHERE order_id = 1", "--approve", "policy"],
                       shop.folder, env={"NO_COLOR": "1"}, dimensions=(50, columns))
        terminal.expect(pexpect.EOF)
        hint = re.search("cut to the width of this terminal; the whole of it: (sluice runs show .* --output csv)", terminal.before)
        assert (hint is not None) == cut, terminal.before


def test_errors_are_json_where_json_is_wanted(sluice, shop):
    for args in (["runs", "show", "r-nosuch"], ["query", COUNT, "--on", "shpo"], ["runs", "lst"], ["query", COUNT, "--nosuch"]):
        code = 1 if args[0] != "runs" or args[1] == "show" else 2
        code = 2 if "--nosuch" in args else code
        if args != ["runs", "lst"]:
            assert json.loads(shop.run(*args, "--output", "json").out)["error"]["code"].startswith("E0")
            ran = shop.run(*args, "--output", "jsonl")
            assert ran.code == code and len(ran.out.splitlines()) == 1 and json.loads(ran.out)["error"]["hint"], ran
        plain = shop.run(*args, "--output", "csv")
        assert plain.code == code and plain.out == "" and "error E0" in plain.err, plain
    failed = shop.query("SELECT * FROM ordrs", "--output", "jsonl")
    line = json.loads(failed.out)
    assert failed.code == 1 and line["status"] == "failed" and line["error"]["code"] and line["run_id"], failed
    failed = shop.query("SELECT * FROM ordrs", "--output", "csv")
    assert failed.code == 1 and failed.out == "" and "error E0" in failed.err


@pytest.mark.parametrize("command, member", [
    (["runs", "list"], "run_id"), (["approvals", "list", "--all"], "approval_id"), (["connections", "list"], "connection"),
    (["connections", "test"], "what"), (["doctor"], "what"), (["catalog", "show"], "table"), (["catalog", "show", "orders"], "column"),
    (["prove", COUNT], "check"),
])
def test_lists_in_every_format(shop, command, member):
    shop.answer(COUNT)
    shop.answer(COUNT)
    lines = [json.loads(line) for line in shop.run(*command, "--output", "jsonl").ok().out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(shop.run(*command, "--output", "csv").ok().out)))
    assert len(lines) == len(rows) and lines
    assert [str(line[member]) for line in lines] == [row[member] for row in rows]
    assert set(lines[0]) == set(rows[0])
    document = shop.run(*command, "--output", "json").ok().json()
    if isinstance(document, list):
        assert [each[member] for each in document] == [line[member] for line in lines]
    table = shop.run(*command).ok().out
    assert str(lines[0][member]) in table and "{" not in table


@pytest.mark.parametrize("body", ["{", "null", '{"output": 7}', '{"output": {"status": "answerd"}}', '{"output": {"status": 7}}'])
def test_a_run_that_cannot_be_read_is_told_beside_the_others(shop, body):
    damaged, sound = (shop.answer(COUNT)["run_id"] for _ in range(2))
    journal = sqlite3.connect(shop.folder / ".sluice" / "journal.db")
    with journal:
        last = "(SELECT max(seq) FROM wf_event WHERE run_id = :run)"
        changed = journal.execute(f"UPDATE wf_event SET body = :body WHERE run_id = :run AND seq = {last}", {"body": body, "run": damaged})
        assert changed.rowcount == 1
    journal.close()
    for form in ("table", "json", "csv", "jsonl"):
        ran = check_trouble(shop.run("runs", "list", "--output", form), "E0202")
        assert sound in ran.out and damaged not in ran.out and damaged in ran.err, ran
    check_trouble(shop.run("runs", "list", "--status", "failed"), "E0202")
    check_trouble(shop.run("runs", "show", damaged), "E0202")


def test_an_empty_list_has_its_header(shop):
    assert shop.run("runs", "list", "--output", "csv").ok().out.startswith("run_id,workflow,status,")
    assert shop.run("runs", "list", "--output", "jsonl").ok().out == ""
    assert shop.json("runs", "list") == []
    assert "no runs" in shop.run("runs", "list").ok().err


def test_lists_speak_of_runs_as_answers_do(shop):
    expected = {shop.answer(COUNT)["run_id"]: "answered", shop.query("SELECT * FROM ordrs", "--output", "json").json()["run_id"]: "failed"}
    rejected = shop.waiting(COUNT)
    shop.run("approvals", "reject", rejected["approval_id"]).ok()
    shop.resume(rejected["run_id"], "rejected")
    cancelled = shop.waiting(COUNT)
    assert "cancelled" in shop.run("runs", "cancel", cancelled["run_id"]).ok().err
    expected |= {rejected["run_id"]: "rejected", cancelled["run_id"]: "cancelled", shop.waiting(COUNT)["run_id"]: "waiting"}
    unanswerable = shop.run("ask", "how many unicorns were sold", "--output", "json").json()
    expected[unanswerable["run_id"]] = "unanswerable"
    assert {run["run_id"]: run["status"] for run in shop.json("runs", "list")} == expected
    for run_id, status in expected.items():
        assert [run["run_id"] for run in shop.json("runs", "list", "--status", status)] == [run_id]
    assert len(shop.json("runs", "list", "--limit", "2")) == 2


def test_a_run_whose_result_is_lost_shows_as_an_error(shop):
    run_id = shop.answer(COUNT)["run_id"]
    assert shop.run("runs", "show", run_id).ok().out
    failed = shop.query("SELECT * FROM ordrs", "--output", "json").json()["run_id"]
    assert shop.run("runs", "show", failed).code == 0, "looking at a failed run is no failure"
    for path in (shop.folder / ".sluice" / "results").iterdir():
        path.unlink()
    for form in ("table", "csv", "json", "jsonl"):
        assert shop.run("runs", "show", run_id, "--output", form).code == 1, form


def test_the_beginning_of_an_id_is_enough(shop):
    approval = shop.waiting(COUNT)
    shop.waiting(COUNT)
    other = shop.json("approvals", "list")[0]
    run_id, approval_id = approval["run_id"], approval["approval_id"]
    shared = 0
    while run_id[:shared + 1] == other["run_id"][:shared + 1]:
        shared += 1
    assert shared >= 6, "ids begin with the time"
    for command in (["runs", "show"], ["runs", "events"], ["runs", "resume"], ["runs", "cancel"], ["approvals", "show"], ["approvals", "approve"]):
        ran = check_trouble(shop.run(*command, run_id[:shared]), "E0809")
        assert run_id in ran.err and other["run_id"] in ran.err, ran.err
    for command, some in (("show", "r"), ("cancel", "r-"), ("show", run_id[:5])):
        check_trouble(shop.run("runs", command, some), "E0809")
    for some in ("a", approval_id[:2], "r-"):
        check_trouble(shop.run("approvals", "approve", some), "E0809")
    check_trouble(shop.run("runs", "show", ""), "E0102")
    check_trouble(shop.run("approvals", "approve", ""), "E0106")
    short = run_id[:shared + 1]
    assert shop.json("runs", "show", short)["run_id"] == run_id
    assert shop.json("approvals", "show", approval_id[:10])["approval_id"] == approval_id
    assert shop.json("approvals", "show", short)["approval_id"] == approval_id
    shop.run("approvals", "approve", approval_id[:10]).ok()
    assert shop.run("runs", "resume", short, "--output", "json").ok().json()["run_id"] == run_id
    assert shop.run("runs", "cancel", other["run_id"][:shared + 1], "--output", "json").ok().json()["status"] == "cancelled"
    assert {run["status"] for run in shop.json("runs", "list")} == {"answered", "cancelled"}


def test_one_letter_of_an_id_is_enough_where_there_is_one(shop):
    run_id = shop.answer(COUNT)["run_id"]
    assert shop.json("runs", "show", "r")["run_id"] == run_id
    assert shop.json("approvals", "show", "a")["run_id"] == run_id


def test_off_a_terminal_it_says_what_it_waits_for(shop):
    child, approval = shop.ask_and_wait(COUNT, "--approval-timeout", "30m")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert "waits for a decision from another terminal, up to 30 min 00 s," in err, err
    for verb in ("approve", "refine", "reject"):
        assert f"sluice approvals {verb} {approval['approval_id']}" in err
    assert f"sluice runs resume {approval['run_id']}" in err


def test_policy_where_there_is_none(sluice, tmp_path, shop_duckdb):
    project = Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), policy=False)
    ran = check_trouble(project.query(COUNT), "E0808", 2)
    assert "approvals:\n  auto: {reads: true, max_bytes: 50MB}" in ran.err and str(tmp_path / "sluice.yaml") in ran.err
    # What it says to write helps.
    (tmp_path / "sluice.yaml").write_text((tmp_path / "sluice.yaml").read_text() + "\n".join(ran.err.split("write there:\n")[1].splitlines()[:2]) + "\n")
    assert project.answer(COUNT)["status"] == "answered"


@pytest.mark.parametrize("policy, sql, why", [
    ("reads: true, max_bytes: 1", "SELECT * FROM orders", "the policy ends at 1 B"), ("reads: true", PRODUCT, "the proof has a warning (joins)"),
])
def test_policy_that_does_not_cover_the_query(sluice, tmp_path, shop_duckdb, policy, sql, why):
    project = Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), policy=False)
    with open(tmp_path / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(f"approvals: {{auto: {{{policy}}}}}\n")
    child, approval = project.ask_and_wait(sql, "--approve", "policy")
    project.run("approvals", "reject", approval["approval_id"]).ok()
    _, err = child.communicate(timeout=30)
    assert "does not cover this: " in err and why in err and "A person has to decide." in err, err


def test_a_yes_covers_no_more_rows_than_a_result_may_have(shop):
    with (shop.folder / "sluice.yaml").open("a", encoding="utf-8") as config:
        config.write("limits: {rows_max: 500}\n")
    run_id = shop.waiting("SELECT order_id FROM orders")["run_id"]
    assert "a yes covers up to 500 rows (limits.rows_max: a result of more fails)" in shop.run("approvals", "show", run_id).ok().out


def test_words_that_fit_what_was_asked(sluice, tmp_path):
    project = Project(sluice, tmp_path, policy=False)
    (tmp_path / "one.csv").write_text("a,b\n1,2\n")
    reached = project.run("init", "one", "--files", "one.csv").ok().err
    assert "1 file through" in reached and "1 table" in reached
    assert "one · file · 1 row · " in project.run("catalog", "show", "one").ok().out
    for sql in ("", " \t\n "):
        assert "the SQL is empty" in check_trouble(project.run("query", sql), "E0811").err
    assert f"is a folder, and --files takes files\n  next: say which of its files: --files '{tmp_path}/*.csv'" in check_trouble(
        project.run("init", "other", "--files", tmp_path), "E0812").err
    for option in ("--duckdb", "--sqlite"):
        assert f'"{tmp_path}" is a folder' in check_trouble(project.run("init", "other", option, tmp_path), "E0812").err


def test_a_closed_pipe_gives_no_hint(shop):
    sql = "SELECT o.*, c.name, c.email FROM orders o JOIN customers c ON c.customer_id = o.customer_id"
    whole = shop.query(sql).ok()
    assert "… and 500 more rows: --output csv" in whole.err
    line = f"'{shop.sluice.path}' query '{sql}' --approve policy | head -1"
    done = subprocess.run(["bash", "-c", line], cwd=shop.folder, env=shop.sluice.environment(), capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("order_id") and "more rows" not in done.stderr and "error" not in done.stderr, done.stderr


def test_editing_keeps_to_itself(shop, pty, tmp_path_factory):
    folder = tmp_path_factory.mktemp("edits")
    editor = folder / "editor"
    editor.write_text(f'#!/bin/sh\nstat -c "%a %n" "$1" >{folder}/seen\necho "SELECT count(*) AS m FROM products" >"$1"\n')
    editor.chmod(0o755)
    terminal = pty(["query", COUNT], shop.folder, env={"TMPDIR": str(folder), "EDITOR": str(editor)}, timeout=20)
    terminal.expect_exact("leave it waiting")
    terminal.sendline("e")
    terminal.expect_exact("leave it waiting")
    terminal.sendline("a")
    terminal.expect(pexpect.EOF)
    mode, path = (folder / "seen").read_text().split()
    assert mode == "600" and path.startswith(f"{folder}/sluice-edit-") and not Path(path).exists()
    assert shop.json("runs", "list")[0]["status"] == "answered"


def test_a_failed_proof_is_short(shop):
    err = shop.query("DELETE FROM orders").err
    assert len([line for line in err.splitlines() if line.startswith("  – ")]) == 1 and "not tried" in err, err
