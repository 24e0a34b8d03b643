"""A question with several meanings: what is asked back, and the answers to it. The planner is the tests' own (asking_planner.cc)."""

import pexpect
import pytest
import shop as shop_data
from conftest import BUILD, Sluice, need
from project import Project, check_answer, check_trouble, until

QUESTION = "sales in 1997?"
ASKS = '"sales": what was charged for freight, or the number of orders?'
PROMPT = "leave it waiting, then Enter"


@pytest.fixture
def shop(tmp_path, shop_duckdb):
    path = BUILD / "sluice_asking"
    if not path.exists():
        need(f"{path} is not built; run ./dev build")
    return Project(Sluice(path), tmp_path, ("shop", "--duckdb", shop_duckdb))


@pytest.fixture
def terminal(shop):
    children = []

    def spawn(*args):
        children.append(shop.sluice.pty(args or ["ask", QUESTION], shop.folder, env={"NO_COLOR": "1"}, timeout=20))
        return children[-1]

    yield spawn
    for child in children:
        child.close(force=True)


def end_of(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.before, child.exitstatus


def left_waiting(shop, terminal):
    """The open approval of a run that asked back and was left."""
    child = terminal()
    child.expect_exact(PROMPT)
    child.sendline("q")
    text, code = end_of(child)
    approval = shop.json("approvals", "list")[0]
    assert code == 1 and f"sluice approvals choose {approval['approval_id']} NUMBER" in text, text
    return approval


def test_off_a_terminal_it_is_unanswerable_and_says_what_to_choose_from(shop):
    ran = shop.run("ask", QUESTION, "--output", "json")
    answer = check_answer(ran.json(), "unanswerable")
    assert ran.code == 1 and answer["asks"] == ASKS and answer["sql"] is None and answer["approval"] is None
    assert [choice["feedback"] for choice in answer["choices"]] == ["sum of freight", "number of orders"]
    for text in (ran, check_trouble(shop.run("ask", QUESTION), "E0504")):
        assert ASKS in text.err and '"what was charged for freight"; "the number of orders"' in text.err
    line = shop.run("ask", QUESTION, "--output", "jsonl").json()
    assert line["asks"] == ASKS and len(line["choices"]) == 2
    assert shop.json("approvals", "list") == []


def test_on_a_terminal_a_number_answers(shop, terminal):
    child = terminal()
    child.expect_exact(ASKS)
    child.expect_exact("1  what was charged for freight")
    child.expect_exact("2  the number of orders")
    child.expect_exact(PROMPT)
    for line in ("0", "3", "12", "a", "approve", "1 2", "the second", ""):
        child.sendline(line)
        child.expect_exact("That answers nothing.")
    child.sendline(" 2 ")
    child.expect_exact("count(*)")
    child.expect_exact(PROMPT)
    child.sendline("a")
    text, code = end_of(child)
    assert code == 0 and str(shop_data.ORDERS) in text, text
    asked, ran = reversed(shop.json("approvals", "list", "--all"))
    assert (asked["status"], asked["act"]) == ("refined", f"Answer: {ASKS}") and ran["status"] == "approved"
    assert shop.json("approvals", "show", asked["approval_id"])["feedback"] == "number of orders"
    done = shop.json("runs", "show", asked["run_id"])
    assert done["status"] == "answered" and done["asks"] is None and done["choices"] == []


def test_what_is_typed_ahead_answers_nothing(shop, terminal):
    child = terminal()
    child.delaybeforesend = None
    child.send("1\n" * 3)
    child.expect_exact(PROMPT)
    child.sendline("q")
    end_of(child)
    assert [each["status"] for each in shop.json("approvals", "list", "--all")] == ["open"]


def test_an_answer_in_own_words_that_is_not_understood_is_asked_for_again(terminal):
    child = terminal()
    child.expect_exact(PROMPT)
    child.sendline("f")
    child.expect_exact("what should be different, then Enter:")
    child.sendline("colours")
    child.expect_exact('back to the former question: "colours" is not known')
    child.expect_exact(PROMPT)
    child.sendline("1")
    child.expect_exact("sum(freight)")
    child.expect_exact(PROMPT)
    child.sendline("r")
    child.expect_exact("why (empty for no reason)")
    child.sendline("")
    assert end_of(child)[1] == 1


def test_a_choice_from_elsewhere_goes_on_by_itself(shop, terminal):
    child = terminal()
    child.expect_exact(PROMPT)
    shop.run("approvals", "choose", shop.json("approvals", "list")[0]["approval_id"], "2").ok()
    child.expect_exact("refined by")
    child.expect_exact("count(*)")
    child.expect_exact(PROMPT)
    child.sendline("a")
    assert end_of(child)[1] == 0


@pytest.mark.parametrize("answer", [("choose", "ID", "2"), ("refine", "ID", "number of orders"), ("refine", "ID", "--feedback", "number of orders"),
                                    ("refine", "ID", "--sql", "SELECT count(*) AS n FROM orders")], ids=lambda args: " ".join(args))
def test_what_waits_is_answered_after_its_terminal_is_gone(shop, terminal, answer):
    approval = left_waiting(shop, terminal)
    assert approval["act"] == f"Answer: {ASKS}" and approval["question"] == QUESTION
    assert ASKS in shop.run("approvals", "list").ok().out
    shown = shop.run("approvals", "show", approval["run_id"]).ok().out
    assert ASKS in shown and "2  the number of orders" in shown
    waiting = check_answer(shop.json("runs", "show", approval["run_id"]), "waiting")
    assert waiting["asks"] == ASKS and len(waiting["choices"]) == 2
    shop.run("approvals", *[approval["approval_id"] if arg == "ID" else arg for arg in answer]).ok()
    child = shop.start("runs", "resume", approval["run_id"], "--output", "json")
    proposed = until(lambda: shop.json("approvals", "list"), "the proposal")[0]
    assert proposed["act"].startswith("Run on shop") and proposed["run_id"] == approval["run_id"]
    shop.run("approvals", "approve", proposed["approval_id"]).ok()
    out, _ = child.communicate(timeout=30)
    assert child.returncode == 0 and f'"rows":[[{shop_data.ORDERS}]]' in out


def test_what_waits_says_off_a_terminal_how_it_is_answered(shop, terminal):
    approval = left_waiting(shop, terminal)
    child = shop.start("runs", "resume", approval["run_id"])
    said = ""
    while "sluice runs resume" not in said:
        said += child.stderr.readline()
    assert f"sluice approvals choose {approval['approval_id']} NUMBER, 1 to 2" in said and "approvals approve" not in said
    shop.run("approvals", "reject", approval["approval_id"], "--reason", "never mind").ok()
    child.communicate(timeout=30)
    assert child.returncode == 1 and shop.json("runs", "show", approval["run_id"])["status"] == "rejected"


def test_what_is_no_answer_is_refused(shop, terminal):
    approval = left_waiting(shop, terminal)["approval_id"]
    for args in (("approve", approval), ("choose", approval, "3")):
        ran = check_trouble(shop.run("approvals", *args), "E0505")
        assert f"sluice approvals choose {approval} 1" in ran.err
    for number in ("0", "-1", "two", "", "99999999999"):
        check_trouble(shop.run("approvals", "choose", approval, f" {number}"), "E0800", 2)
    message = f'{{"thread_id": "{shop.json("approvals", "list")[0]["run_id"]}", "action": "approve", "feedback": null}}'
    check_trouble(shop.run("approvals", "send", "-", input=message), "E0505")
    assert shop.json("approvals", "list")[0]["status"] == "open"
    shop.run("approvals", "choose", approval, "1").ok()
    check_trouble(shop.run("approvals", "choose", approval, "1"), "E0107")
    check_trouble(shop.run("approvals", "approve", approval), "E0107")
    other = shop.waiting("SELECT 1 AS one")
    check_trouble(shop.run("approvals", "choose", other["approval_id"], "1"), "E0505")
