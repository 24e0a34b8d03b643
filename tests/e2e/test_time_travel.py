"""Looking back at a run, comparing two, going on from the middle of one, and carrying one to another journal."""

import json

import jsonschema
import pexpect
import pytest
from model_project import BY_STATUS, ModelProject, model
from model_server import ModelServer, sql
from project import ROOT, Project, check_answer, check_trouble, until

SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
OTHER = "SELECT count(*) AS n FROM orders"


def schema(name):
    return jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")))


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


@pytest.fixture
def elsewhere(shop, sluice, tmp_path):
    """The same project with a journal of its own."""
    return Project(sluice, tmp_path, policy=False, env={"SLUICE_HOME": str(tmp_path / "elsewhere")})


def fork(project, *args):
    return project.json("runs", "fork", *args, "--no-wait")


def until_asked(project, run_id):
    return until(lambda: next((each for each in project.json("approvals", "list") if each["run_id"] == run_id), None), f"an approval for {run_id}")


def test_a_run_as_it_was(shop):
    run_id = shop.answer(SQL)["run_id"]
    then = check_answer(shop.json("runs", "show", run_id, "--at", "prove"), "waiting")
    assert then["sql"] == SQL and then["proof"] and then["approval"] is None and then["row_count"] is None
    assert then["moment"]["step"] == "round[0]/prove" and then["moment"]["event"] == "step completed" and then["moment"]["later"] > 2
    early = check_answer(shop.json("runs", "show", run_id, "--at", "read catalog"), "waiting")
    assert early["sql"] is None and early["proof"] == []
    asked = check_answer(shop.json("runs", "show", run_id, "--at", str(then["moment"]["seq"] + 1)), "waiting")
    assert asked["approval"]["status"] == "open" and asked["approval"]["decided_by"] is None
    decided = check_answer(shop.json("runs", "show", run_id, "--at", "run this query"), "waiting")
    assert decided["approval"]["status"] == "approved" and decided["moment"]["event"] == "approval decided"
    end = shop.json("runs", "events", run_id)[-1]["seq"]
    assert check_answer(shop.json("runs", "show", run_id, "--at", str(end)), "answered")["moment"]["later"] == 0
    shown = shop.run("runs", "show", run_id, "--at", "prove").ok().out
    assert " ".join(shown.split()).count(SQL) == 1 and "holds" in shown and "round[0]/prove" in shown
    check_trouble(shop.run("runs", "show", run_id, "--at", "prov"), "E0127")
    check_trouble(shop.run("runs", "show", run_id, "--at", "99"), "E0127")
    check_trouble(shop.run("runs", "show", run_id, "--at", "prove", "--prompts"), "E0800", 2)


def test_a_run_is_shown_whole_whatever_it_waits_for(shop):
    """Question, proposal, proof, decision and result on standard output, as far as they are known."""
    approval = shop.waiting(SQL)
    shown = " ".join(shop.run("runs", "show", approval["run_id"]).ok().out.split())
    assert SQL in shown and "holds" in shown and f"{approval['approval_id']}: waits for a decision" in shown and "queue default" in shown
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    shop.resume(approval["run_id"])
    ran = shop.run("runs", "show", approval["run_id"] + "…").ok()
    shown = " ".join(ran.out.split())
    assert "status answered" in shown and f"{approval['approval_id']}: approved by" in shown and "result " in shown and "status n" in shown, ran


def test_two_runs_side_by_side(shop):
    one, same, other = (shop.answer(sql)["run_id"] for sql in (SQL, SQL, OTHER))
    ran = shop.run("runs", "diff", one, same, "--output", "json")
    assert ran.code == 0 and json.loads(ran.out)["differences"] == [], ran
    ran = shop.run("runs", "diff", one, other, "--output", "json")
    diff = json.loads(ran.out)
    schema("run-diff").validate(diff)
    assert ran.code == 1 and not diff["same"] and diff["steps_same"] >= 1
    found = {(each["step"], each["differs"]) for each in diff["differences"]}
    assert {("input of the run", "input"), ("round[0]/propose", "input"), ("round[0]/propose", "result"), ("round[0]/execute", "input")} <= found, found
    proposed = next(each for each in diff["differences"] if (each["step"], each["differs"]) == ("round[0]/propose", "result"))
    assert SQL in proposed["detail"] and OTHER in proposed["detail"] and "at /sql" in proposed["detail"]
    assert "round[0]/propose" in shop.run("runs", "diff", one, other).out
    rejected = shop.waiting(SQL)["run_id"]
    shop.run("approvals", "reject", rejected, "--reason", "no").ok()
    shop.run("runs", "resume", rejected)
    diff = json.loads(shop.run("runs", "diff", one, rejected, "--output", "json").out)
    assert diff["second"]["status"] == "rejected" and ("round[0]/execute", "only in the first") in {(each["step"], each["differs"]) for each in diff["differences"]}
    assert shop.run("runs", "diff", one, "r-nosuch").code == 2


def test_a_fork_asks_for_its_own_approval(shop):
    approval = shop.waiting(SQL)
    run_id = approval["run_id"]
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    answer = shop.resume(run_id)
    made = fork(shop, run_id, "--from", "execute")
    assert made["forked_from"] == run_id and made["moved"] and made["kept_events"] < 5, made
    child = shop.start("runs", "resume", made["run_id"], "--output", "json")
    asked = until_asked(shop, made["run_id"])
    assert asked["approval_id"] != approval["approval_id"]
    shop.run("approvals", "approve", asked["approval_id"]).ok()
    out, err = child.communicate(timeout=30)
    forked = check_answer(json.loads(out), "answered")
    assert forked["rows"] == answer["rows"] and forked["forked_from"] == run_id, err
    # What came before the cut was not done again.
    first, second = (shop.json("runs", "events", each) for each in (run_id, made["run_id"]))
    assert [event["at"] for event in second[: made["kept_events"]]] == [event["at"] for event in first[: made["kept_events"]]]
    assert f"a fork of run {run_id}" in shop.run("runs", "show", made["run_id"]).ok().err


def test_a_fork_goes_on_like_a_question(shop):
    """With a policy that decided, it decides for the fork as well."""
    run_id = shop.answer(SQL)["run_id"]
    ran = shop.run("runs", "fork", run_id, "--from", "prove", "--output", "json").ok()
    forked = check_answer(ran.json(), "answered")
    assert forked["run_id"] != run_id and forked["forked_from"] == run_id and "approved" == forked["approval"]["status"]
    assert shop.run("runs", "diff", run_id, forked["run_id"]).code == 0


def test_what_is_set_is_proven(shop, tmp_path):
    run_id = shop.answer(SQL)["run_id"]
    forked = check_answer(shop.run("runs", "fork", run_id, "--set", f"propose={OTHER}", "--output", "json").ok().json(), "answered")
    assert forked["sql"] == OTHER and len(forked["rows"]) == 1 and forked["answered_by"] == "person"
    assert "set by" in forked["made_from"][0] and run_id in forked["made_from"][0]
    note = next(event["body"]["note"] for event in shop.json("runs", "events", forked["run_id"]) if event["path"] == "round[0]/propose")
    assert note.startswith("set by ") and run_id in note
    (tmp_path / "mine.json").write_text(json.dumps({"sql": OTHER, "answered_by": "built-in", "confidence": 0.5}), encoding="utf-8")
    again = check_answer(shop.run("runs", "fork", run_id, "--set", "propose=@mine.json", "--output", "json").ok().json(), "answered")
    assert again["answered_by"] == "person" and again["confidence"] == 1
    # A proposal that writes gets no further than any other.
    refused = shop.run("runs", "fork", run_id, "--set", "propose=DELETE FROM orders", "--output", "json")
    assert refused.code == 1 and check_answer(refused.json(), "failed")["approval"] is None


def test_what_nobody_could_answer_can_be_set(shop):
    asked = shop.run("ask", "Which horoscope?", "--approve", "policy", "--output", "json")
    run_id = check_answer(asked.json(), "unanswerable")["run_id"]
    forked = check_answer(shop.run("runs", "fork", run_id, "--set", f"propose={OTHER}", "--output", "json").ok().json(), "answered")
    assert forked["question"] == "Which horoscope?" and forked["sql"] == OTHER


def test_a_fork_in_a_terminal(shop, pty):
    approval = shop.waiting(SQL)
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    run_id = shop.resume(approval["run_id"])["run_id"]
    terminal = pty(["runs", "fork", run_id, "--from", "execute"], shop.folder, env={"NO_COLOR": "1"}, timeout=20)
    terminal.expect_exact("it begins earlier")
    terminal.expect_exact("leave it waiting")
    terminal.sendline("a")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0 and "approved by" in terminal.before, terminal.before


def test_a_models_reply_can_be_set_and_no_secret_is_exported(sluice, tmp_path, shop_duckdb):
    with ModelServer([sql(BY_STATUS)]) as server:
        project = ModelProject(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), {"default": model(server)})
        run_id = check_answer(project.ask().ok().json(), "answered")["run_id"]
        assert server.calls == 1
        reply = json.dumps({"calls": [{"reply": {"text": sql(OTHER).text}}]})
        forked = check_answer(project.run("runs", "fork", run_id, "--set", f"call model={reply}", "--output", "json").ok().json(), "answered")
        assert forked["sql"] == OTHER and "person (set in a fork)" in forked["answered_by"] and forked["models"]["usd"] == 0
        assert any("set by" in each for each in forked["made_from"]) and server.calls == 1
        # The reply that a person set is nobody else's.
        assert check_answer(project.ask().ok().json(), "answered")["sql"] == BY_STATUS
        before = server.calls
        anew = check_answer(project.run("runs", "fork", run_id, "--from", "call model", "--output", "json").ok().json(), "answered")
        assert anew["sql"] == BY_STATUS and server.calls <= before + 1
        project.run("runs", "export", run_id, "run.jsonl").ok()
        env = {"SLUICE_HOME": str(tmp_path / "elsewhere")}
        project.run("runs", "import", "run.jsonl", env=env).ok()
        shown = project.run("runs", "show", run_id, "--prompts", "--output", "json", env=env).ok().json()
        assert len(shown) == 1 and BY_STATUS in json.dumps(shown)
        project.check_secrets()


def test_what_cannot_be_forked(shop):
    run_id = shop.answer(SQL)["run_id"]
    before = len(shop.json("runs", "list"))
    check_trouble(shop.run("runs", "fork", run_id, "--from", "prvoe"), "E0127")
    for step in ("prove", "execute", "run this query"):
        check_trouble(shop.run("runs", "fork", run_id, "--set", f"{step}={{}}"), "E0133")
    check_trouble(shop.run("runs", "fork", run_id, "--set", "propose="), "E0133")
    check_trouble(shop.run("runs", "fork", run_id, "--set", 'propose={"sql": 7}'), "E0133")
    check_trouble(shop.run("runs", "fork", run_id, "--from", "prove", "--set", "propose=SELECT 1"), "E0133")
    check_trouble(shop.run("runs", "fork", run_id, "--set", "propose=@nosuch"), "E0805")
    check_trouble(shop.run("runs", "fork", run_id, "--set", "propose"), "E0800", 2)
    check_trouble(shop.run("runs", "fork", run_id), "E0800", 2)
    check_trouble(shop.run("runs", "fork", "r-nosuch", "--from", "prove"), "E0102")
    assert len(shop.json("runs", "list")) == before


def test_to_another_journal_and_back(shop, elsewhere, tmp_path):
    answer = shop.answer(SQL)
    run_id = answer["run_id"]
    wrote = shop.json("runs", "export", run_id, "run.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in lines:
        schema("run-export").validate(line)
    assert wrote["hash"] == lines[-1]["hash"] and wrote["artifacts"] >= 1
    assert (tmp_path / "run.jsonl").stat().st_mode & 0o077 == 0
    check_trouble(shop.run("runs", "export", run_id, "run.jsonl"), "E0802")
    check_trouble(shop.run("runs", "import", "run.jsonl"), "E0128")

    took = elsewhere.json("runs", "import", "run.jsonl")
    assert took["hash"] == wrote["hash"] and took["run_id"] == run_id
    copy = check_answer(elsewhere.json("runs", "show", run_id), "answered")
    assert copy["imported"] and copy["rows"] == [] and copy["row_count"] == answer["row_count"] and copy["sql"] == SQL
    shown = elsewhere.run("runs", "show", run_id).ok()
    assert "are not here" in shown.err and "a copy from another journal" in shown.err
    assert elsewhere.json("runs", "show", run_id, "--at", "prove")["sql"] == SQL

    elsewhere.run("runs", "export", run_id, "again.jsonl").ok()
    again = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in lines + again:
        line.pop("hash")
        line["data"].pop("imported", None)
        line["data"].pop("policy", None)
    assert again == lines

    forked = check_answer(elsewhere.run("runs", "fork", run_id, "--from", "prove", "--output", "json").ok().json(), "answered")
    assert forked["rows"] == answer["rows"]
    assert elsewhere.run("runs", "diff", run_id, forked["run_id"]).code == 0


def test_a_copy_is_not_executed(shop, elsewhere):
    approval = shop.waiting(SQL)
    shop.run("runs", "export", approval["run_id"], "run.jsonl").ok()
    elsewhere.run("runs", "import", "run.jsonl").ok()
    assert elsewhere.json("approvals", "list") == []
    check_trouble(elsewhere.run("approvals", "approve", approval["approval_id"]), "E0109")
    check_trouble(elsewhere.run("runs", "resume", approval["run_id"]), "E0129")
    # The original is not touched.
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    shop.resume(approval["run_id"])


def test_a_damaged_file_is_refused(shop, elsewhere, tmp_path):
    run_id = shop.answer(SQL)["run_id"]
    shop.run("runs", "export", run_id, "run.jsonl").ok()
    whole = (tmp_path / "run.jsonl").read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole.replace(b"orders", b"ordres", 1), whole + b"{}\n", b"", b"\x00" * 1000):
        (tmp_path / "damaged.jsonl").write_bytes(damaged)
        check_trouble(elsewhere.run("runs", "import", "damaged.jsonl"), "E0134")
    assert elsewhere.json("runs", "list") == []
    check_trouble(elsewhere.run("runs", "import", "nosuch.jsonl"), "E0805")
    check_trouble(elsewhere.run("runs", "import", "."), "E0805")


def test_runs_are_found(shop):
    first, second = shop.answer(SQL)["run_id"], shop.answer(OTHER)["run_id"]
    shop.query("SELECT * FROM nosuch")

    def found(*args):
        return [run["run_id"] for run in shop.json("runs", "list", *args)]

    assert found("--status", "answered") == [second, first]
    assert found("--text", "GROUP BY") == [first] and found("--text", "group by STATUS") == [first] and found("--text", "nowhere") == []
    assert len(found("--status", "failed")) == 1 and len(found("--workflow", "ask")) == 3 and found("--workflow", "etl") == []
    assert len(found("--connection", "shop")) == 3 and found("--connection", "other") == [] and len(found("--queue", "default")) == 3
    assert len(found("--since", "1h")) == 3 and found("--until", "1h") == [] and found("--until", "2013-01-31") == []
    assert len(found("--since", "2013-01-31T08:30:00Z")) == 3 and found("--since", "2199-01-01") == []
    assert found("--status", "answered", "--before", second) == [first] and found("--before", first) == []
    ran = shop.run("runs", "list", "--limit", "1")
    assert "the same with --before" in ran.ok().err and first not in ran.out
    page = shop.run("runs", "list", "--status", "answered", "--limit", "1", "--output", "json").ok()
    assert f"--before {second}" in page.err and [run["run_id"] for run in page.json()] == [second]
    check_trouble(shop.run("runs", "list", "--since", "yesterday"), "E0801", 2)
    check_trouble(shop.run("runs", "list", "--since", "2013-02-30"), "E0801", 2)
    check_trouble(shop.run("runs", "list", "--before", "r-nosuch"), "E0102")
