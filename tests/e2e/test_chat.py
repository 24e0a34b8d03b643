"""Approvals in chat: `sluice serve` and a Slack-like service on this machine."""

import json
import os
import re
import sqlite3
import threading
import time

import pytest
from chat_project import ANN, BOB, EVE, SQL, ChatServer, chat_project, edit, google, refusals, serve, shop, slack  # noqa: F401: fixtures are used by their names
from conftest import BUILD, Sluice, need
from project import Project, check_history, check_trouble, until
from serving import Server
from slack_server import CHANNEL, OTHER, TEAM, TOKEN


def chat_health(server):
    return next(one for one in server.get("/health").ok()["parts"] if one["kind"] == "chat")


def test_a_request_appears_and_a_button_releases_the_run(shop, slack, serve):
    server = serve()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    card = slack.asked(approval)
    assert card.channel == CHANNEL
    assert "Run on shop" in card.text and "orders: " in card.text and "row" in card.text and "check" in card.text and "Until 20" in card.text
    assert "&lt;&gt; 'x &amp; y'" in card.text, "escaped, once"
    assert set(card.buttons()) == {"sluice_approve", "sluice_refine", "sluice_reject", "sluice_open"}
    assert card.buttons()["sluice_open"]["url"] == f"https://sluice.example.org/approvals/{approval['approval_id']}"
    begun = time.monotonic()
    answer = slack.press(server, card, "approve")
    assert answer.status == 200 and answer.body == b"" and time.monotonic() - begun < 3
    server.ends(run_id)
    slack.updated(card)
    assert set(card.buttons()) == {"sluice_open"}
    assert re.search(rf"approved by slack:{TEAM}/{ANN} at 20\d\d-\d\d-\d\d \d\d:\d\d UTC, in Slack", card.text), card.text
    assert len(slack.messages) == 1 and slack.ephemeral == []
    assert check_history(shop, run_id)


def test_no_rows_of_data_go_into_a_channel_unless_somebody_wants_that(shop, slack, serve):
    server = serve()
    card = slack.asked(server.waits(server.ask_sql("SELECT status FROM orders WHERE status = 'shipped'")))
    assert "First rows" not in card.text
    server.stop()
    edit(shop, "events: [approvals]", "events: [approvals]\n  sample_rows: 2")
    server = serve()
    card = slack.asked(server.waits(server.ask_sql("SELECT order_id FROM orders ORDER BY order_id")))
    assert "First rows" in card.text
    sample = card.text.split("First rows")[1].split("```")[1]
    assert len(sample.strip().splitlines()) == 3, "a line of names and two rows"


def test_words_in_a_form_start_the_next_round(shop, slack, serve):
    server = serve()
    run_id = server.ask("how many orders are there per status?")
    first = slack.asked(server.waits(run_id))
    assert slack.press(server, first, "refine").status == 200
    opened = until(lambda: slack.views and slack.views[0], "a form is opened")
    assert opened["trigger_id"] == f"trigger-{ANN}"
    empty = slack.submit(server, opened["view"], "  ")
    assert empty.json["response_action"] == "errors"
    assert slack.submit(server, opened["view"], "only the shipped ones").status == 200
    slack.updated(first)
    assert f"sent back by slack:{TEAM}/{ANN}" in first.text and "only the shipped ones" in first.text
    until(lambda: len(slack.messages) == 2, "the next round is asked about")
    second = slack.messages[1]
    assert second.key != first.key and "sluice_approve" in second.buttons()
    # The button of the first round decides nothing any more.
    assert slack.press(server, first, "approve", user=BOB, button=first.sent["blocks"][-1]["elements"][0]).status == 200
    assert "already sent back" in slack.told(BOB)[0]
    assert server.run(run_id)["status"] == "waiting"
    slack.press(server, second, "approve")
    server.ends(run_id)


def test_an_old_card_decides_nothing_else(shop, slack, serve):
    """A button counts for the approval and the subject that it was made for."""
    server = serve()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    card = slack.asked(approval)
    button = dict(card.buttons()["sluice_approve"])
    button["value"] = json.dumps({**json.loads(button["value"]), "h": "0" * 64})
    assert slack.press(server, card, "approve", button=button).status == 200
    assert "E0" in slack.told(ANN)[0]
    assert server.run(run_id)["status"] == "waiting"


def test_a_decision_elsewhere_updates_the_card(shop, slack, serve):
    server = serve()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    card = slack.asked(approval)
    shop.run("approvals", "reject", approval["approval_id"], "--reason", "too <much>").ok()
    slack.updated(card)
    assert set(card.buttons()) == {"sluice_open"} and "refused by" in card.text and "too &lt;much&gt;" in card.text


def test_what_expires_loses_its_buttons(shop, slack, serve):
    edit(shop, "approvals: {", "approvals: {timeout: 2s, ")
    server = serve()
    run_id = server.ask_sql(SQL)
    card = slack.asked(server.get("/approvals", run=run_id, all="true").ok()["approvals"][0] if server.waits(run_id) else None)
    slack.updated(card)
    assert set(card.buttons()) == {"sluice_open"} and "expired" in card.text


@pytest.mark.parametrize(("forged", "code"), [
    ({"secret": "f" * 32}, "E1401"),
    ({"seconds": -301}, "E1402"),
    ({"seconds": 400}, "E1402"),
    ({"change": "&x=1"}, "E1401"),
    ({"headers": {"X-Slack-Signature": "v0="}}, "E1401"),
    ({"headers": {"X-Slack-Signature": ""}}, "E1401"),
    ({"headers": {"X-Slack-Request-Timestamp": "now"}}, "E1401"),
], ids=["another secret", "too old", "of the future", "changed", "no digest", "unsigned", "no time"])
def test_what_slack_did_not_sign_just_now_is_refused(shop, slack, serve, forged, code):
    server = serve()
    run_id = server.ask_sql(SQL)
    card = slack.asked(server.waits(run_id))
    if "seconds" in forged:
        forged = {"at": time.time() + forged["seconds"]}
    slack.press(server, card, "approve", **forged).problem(403, code)
    assert server.run(run_id)["status"] == "waiting" and card.updates == []
    refused = refusals(shop)
    assert refused and refused[-1]["deed"] == "decide in chat" and refused[-1]["who"] == ""


def test_a_request_that_comes_again_counts_once(shop, slack, serve):
    server = serve()
    card = slack.asked(server.waits(server.ask_sql(SQL)))
    at = time.time()
    assert slack.press(server, card, "refine", at=at).status == 200
    until(lambda: slack.views, "a form is opened")
    slack.press(server, card, "refine", at=at).problem(403, "E1403")
    again = slack.press(server, card, "refine", at=at, headers={"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    assert again.status == 200, "Slack itself asks again where the answer was lost"
    time.sleep(0.5)
    assert len(slack.views) == 1


def test_who_has_no_role_decides_nothing(shop, slack, serve):
    server = serve()
    run_id = server.ask_sql(SQL)
    card = slack.asked(server.waits(run_id))
    for number, (user, team) in enumerate(((EVE, TEAM), ("U0LOOK", TEAM), (ANN, "T0ELSEWHERE")), 1):
        for act in ("approve", "refine", "reject"):
            assert slack.press(server, card, act, user=user, team=team).status == 200
        until(lambda: len([one for one in slack.ephemeral]) == 3 * number, f"{user} of {team} is told")  # noqa: B023
        assert all("may not decide" in one["text"] and "E1301" in one["text"] for one in slack.ephemeral[-3:])
        assert all(one["response_type"] == "ephemeral" and one["replace_original"] is False for one in slack.ephemeral[-3:])
    assert slack.views == [] and card.updates == []
    assert server.run(run_id)["status"] == "waiting"
    assert {entry["who"] for entry in refusals(shop)} == {f"slack:{TEAM}/{EVE}", f"slack:{TEAM}/U0LOOK", f"slack:T0ELSEWHERE/{ANN}"}


def test_people_by_their_address(shop, slack, serve):
    edit(shop, f"channel: {CHANNEL}", f"channel: {CHANNEL}, people: email")
    edit(shop, "approvals: {", "approvals: {four_eyes: true, ")
    person = {"team_id": TEAM, "profile": {"email": "Ann@Example.org"}, "is_email_confirmed": True}
    slack.people = {ANN: person, BOB: {**person, "is_restricted": True}, EVE: {**person, "is_email_confirmed": False}}
    server = serve()
    run_id = server.ask_sql(SQL)
    card = slack.asked(server.waits(run_id))
    for user in (BOB, EVE):
        slack.press(server, card, "approve", user=user)
        assert "E1407" in slack.told(user)[0]
    assert server.run(run_id)["status"] == "waiting"
    slack.press(server, card, "approve")
    server.ends(run_id)
    assert "approved by ann@example.org" in slack.updated(card).text


def test_nobody_approves_their_own_proposal_in_chat(shop, slack, serve):
    edit(shop, "approvals: {", "approvals: {four_eyes: true, ")
    server = serve()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    database = sqlite3.connect(shop.folder / ".sluice" / "journal.db")
    with database:  # as if ann had asked: nobody can ask from Slack yet
        labels = json.loads(database.execute("SELECT labels FROM wf_run WHERE run_id = ?", (run_id,)).fetchone()[0])
        database.execute("UPDATE wf_run SET labels = ? WHERE run_id = ?", (json.dumps({**labels, "by": f"slack:{TEAM}/{ANN}"}), run_id))
    database.close()
    card = slack.asked(approval)
    slack.press(server, card, "approve")
    assert "E1302" in slack.told(ANN)[0]
    assert server.run(run_id)["status"] == "waiting"
    slack.press(server, card, "approve", user=BOB)
    server.ends(run_id)


def test_slack_is_away_and_comes_back(shop, slack, serve):
    slack.stop()
    server = serve()
    begun = time.monotonic()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    assert time.monotonic() - begun < 20
    part = until(lambda: (part := chat_health(server))["status"] != "ok" and part, "health says so")
    assert "1 message" in part["detail"]
    assert "slack" in shop.run("doctor").out
    slack.start()
    card = slack.asked(approval)
    assert len(slack.messages) == 1
    slack.press(server, card, "approve")
    server.ends(run_id)


def test_slack_hangs_and_nobody_waits_for_it(shop, slack, serve):
    server = serve()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    card = slack.asked(approval)
    released = threading.Event()
    slack.trouble = lambda _: released.wait(60) and None
    try:
        for _ in range(3):
            begun = time.monotonic()
            assert slack.press(server, card, "refine").status == 200
            assert time.monotonic() - begun < 3
            time.sleep(1)  # another second, another signature
        server.decide(approval).ok()
        server.ends(run_id)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 12
    finally:
        released.set()


def test_a_click_that_found_no_room_counts_when_it_comes_again(shop, slack, serve):
    server = serve()
    run_id = server.ask_sql(SQL)
    card = slack.asked(server.waits(run_id))
    released = threading.Event()
    slack.trouble = lambda _: released.wait(60) and None
    try:
        now = time.time()
        filled = [slack.press(server, card, "refine", at=now - 280 + number).status for number in range(265)]
        assert filled.count(200) > 256 and filled[-1] == 503
        slack.press(server, card, "approve", at=now).problem(503, "E1409")
    finally:
        released.set()
    slack.trouble = None
    again = until(lambda: (answer := slack.press(server, card, "approve", at=now, headers={"X-Slack-Retry-Num": "1"})).status == 200 and answer,
                  "room for the click")
    assert again.body == b""
    server.ends(run_id)


def test_a_run_that_nobody_is_told_of_goes_on(shop, slack, serve):
    slack.stop()
    server = serve()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    until(lambda: "1 message to be sent" in chat_health(server)["detail"], "it waits to be sent")
    server.decide(approval).ok()
    server.ends(run_id)
    slack.start()
    until(lambda: chat_health(server)["status"] == "ok" and "conversations.history" in slack.calls, "the outbox is empty")
    assert slack.messages == [], "what is decided is not asked any more"


def test_slack_asks_for_patience(shop, slack, serve):
    calls = []

    def limited(method):
        calls.append((time.monotonic(), method))
        return (429, {"Retry-After": "2"}, b"") if len(calls) == 1 else None

    slack.trouble = limited
    server = serve()
    slack.asked(server.waits(server.ask_sql(SQL)))
    assert calls[1][0] - calls[0][0] >= 1.9


def test_an_answer_that_was_lost_is_looked_for_and_not_sent_again(shop, slack, serve):
    lost = iter([True])
    slack.lost = lambda method: method == "chat.postMessage" and next(lost, False)
    server = serve()
    approval = server.waits(server.ask_sql(SQL))
    card = slack.asked(approval)
    slack.updated(card)  # it was found: what is there is brought up to date
    assert "conversations.history" in slack.calls and len(slack.messages) == 1
    assert "sluice_approve" in card.buttons()
    slack.press(server, card, "approve")
    until(lambda: "approved by" in card.text, "the card says so")
    assert len(slack.messages) == 1


def test_a_server_that_was_killed_before_it_told_anybody(shop, slack, serve):
    slack.trouble = lambda _: (503, {}, b"")
    server = serve()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    until(lambda: slack.calls, "it is tried")
    server.kill()
    slack.trouble = None
    other = serve()
    card = slack.asked(approval)
    slack.press(other, card, "approve")
    other.ends(run_id)
    until(lambda: "approved by" in card.text, "the card says so")
    assert len(slack.messages) == 1


def test_what_happened_while_no_server_was_there(shop, slack, serve):
    server = serve()
    approval = server.waits(server.ask_sql(SQL))
    card = slack.asked(approval)
    server.stop()
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    shop.waiting(SQL + " LIMIT 1")
    assert len(slack.messages) == 1 and card.updates == []
    serve()
    slack.updated(card)
    assert "approved by" in card.text
    until(lambda: len(slack.messages) == 2, "the new one is asked about")


def test_two_servers_tell_it_once(shop, slack, serve):
    one, two = serve(), serve()
    runs = [server.ask_sql(f"{SQL} LIMIT {n + 1}") for n, server in enumerate((one, two) * 3)]
    cards = [slack.asked(one.waits(run_id)) for run_id in runs]
    time.sleep(2)
    assert len(slack.messages) == len(runs)
    for n, card in enumerate(cards):
        slack.press((two, one)[n % 2], card, "approve")
    for run_id in runs:
        one.ends(run_id)
    until(lambda: all("approved by" in card.text for card in cards), "all cards say so")
    assert len(slack.messages) == len(runs)


def test_sql_that_does_not_fit_is_not_decided_in_chat(shop, slack, serve):
    server = serve()
    long = "SELECT status FROM orders WHERE " + " OR ".join(f"status = 'number {n} of many'" for n in range(150))
    card = slack.asked(server.waits(server.ask_sql(long)))
    assert set(card.buttons()) == {"sluice_open"}
    assert "This is cut: a decision needs all of it" in card.text
    fenced = slack.asked(server.waits(server.ask_sql("SELECT status FROM orders WHERE status = '```*approved*'")))
    assert set(fenced.buttons()) == {"sluice_open"} 
    marked = [block["text"]["text"] for block in fenced.now["blocks"] if block.get("text", {}).get("type") == "mrkdwn"]
    assert marked and all("*approved*" not in text and text.count("```") == 2 for text in marked), "nothing gets out of its block"


def test_hidden_characters_are_shown(shop, slack, serve):
    server = serve()
    card = slack.asked(server.waits(server.ask_sql("SELECT status FROM orders WHERE status = 'a\u202eb'")))
    assert "\u202e" not in card.text and "\\u{202E}" in card.text


def test_results_and_failures_in_the_channel_of_their_connection(shop, slack, serve):
    edit(shop, "events: [approvals]", "events: [results, failures]")
    edit(shop, f"channel: {CHANNEL}", f"channel: {CHANNEL}, channels: {{shop: {OTHER}}}")
    server = serve()
    run_id = server.ask_sql(SQL)
    server.decide(server.waits(run_id)).ok()
    run = server.ends(run_id)
    message = slack.about(f"result:{run_id}")[0]
    assert message.channel == OTHER and f"{run['row_count']} rows" in message.text and list(message.buttons()) == ["sluice_open"]
    failed = server.ask_sql("SELECT nothing FROM nowhere")
    server.ends(failed, "failed")
    message = slack.about(f"failure:{failed}")[0]
    assert "nowhere" in message.text
    quoting = server.ask_sql("SELECT CAST(email AS INTEGER) AS n FROM customers")
    said = server.ends(quoting, "failed")["error"]["message"]
    quoted = re.search(r"\S+@\S+\.[a-z]+", said)[0]
    message = slack.about(f"failure:{quoting}")[0]
    assert quoted not in message.text and "E0" in message.text, "an engine's words quote rows, and sample_rows is 0"
    time.sleep(1)
    assert len(slack.messages) == 3


def test_a_question_back_is_answered_by_a_button(sluice, tmp_path, shop_duckdb, slack):
    """The planner that asks back is the tests' own (asking_planner.cc)."""
    path = BUILD / "sluice_asking"
    if not path.exists():
        need(f"{path} is not built; run ./dev build")
    project = chat_project(Sluice(path), tmp_path, ("shop", "--duckdb", shop_duckdb), slack)
    server = ChatServer(project)
    try:
        run_id = server.ask("sales in 1997?")
        asked = slack.asked(server.waits(run_id))
        assert "Asked back" in asked.text and "freight" in asked.text
        assert list(asked.buttons()) == ["sluice_choose_1", "sluice_choose_2", "sluice_refine", "sluice_reject", "sluice_open"]
        slack.press(server, asked, "choose_2")
        until(lambda: len(slack.messages) == 2, "the next round is asked about")
        slack.updated(asked)
        slack.press(server, slack.messages[1], "approve")
        server.ends(run_id)
    finally:
        server.stop()


def test_a_message_that_somebody_deleted_is_left_alone(shop, slack, serve):
    server = serve()
    approval = server.waits(server.ask_sql(SQL))
    slack.asked(approval)
    slack.messages.clear()
    server.decide(approval, "reject").ok()
    until(lambda: "chat.update" in slack.calls, "it is tried")
    time.sleep(1)
    part = chat_health(server)
    assert part["status"] == "ok" and slack.messages == []


def test_a_few_words_to_see_that_it_works(shop, slack, google, serve):
    assert json.loads(shop.run("chat", "test", "hello <all>", "--output", "json").ok().out) == {"channels": ["slack", "google_chat"]}
    serve()
    message = until(lambda: slack.messages and slack.messages[0], "Slack is told")
    assert message.sent["blocks"][0]["text"]["text"] == "hello &lt;all&gt;"
    assert until(lambda: google.messages, "Google Chat is told")[0]["cardsV2"][0]["card"]["header"]["title"] == "hello <all>"


def test_what_no_chat_is_told(sluice, tmp_path, shop_sqlite):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    check_trouble(project.run("chat", "test"), "E1408")
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write("\nchat: {slack: {bot_token: '${NO_TOKEN}', signing_secret: '${NO_SECRET}', channel: C01}}\n")
    check_trouble(project.run("chat", "test"), "E0711")
    doctor = project.run("doctor")
    assert doctor.code == 1 and "NO_TOKEN" in doctor.out


def test_nothing_secret_is_kept_or_said(shop, slack, google, serve):
    slack.trouble = lambda _: (500, {}, json.dumps({"error": f"no {TOKEN}"}).encode())
    google.trouble = True
    server = serve()
    run_id = server.ask_sql(SQL)

    def failing():
        parts = [one for one in server.get("/health").ok()["parts"] if one["kind"] == "chat"]
        return all("answered 500" in one["detail"] for one in parts) and len(parts) == 2

    until(failing, "health says what fails")
    server.waits(run_id)
    health, doctor = server.get("/health").body, shop.run("doctor").out.encode()
    server.stop()
    assert not any(secret.encode() in said for said in (health, doctor) for secret in (*slack.env().values(), "key-of-the-tests", "token-of-the-tests"))
    secrets = [value.encode() for value in (*slack.env().values(), "key-of-the-tests", "token-of-the-tests")]
    for folder, _, files in os.walk(shop.folder):
        for file in files:
            with open(os.path.join(folder, file), "rb") as kept:
                data = kept.read()
            assert not any(secret in data for secret in secrets), file


def test_a_place_that_is_not_set_up(sluice, tmp_path, shop_sqlite):
    server = Server(Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite)))
    try:
        server.request("POST", "/chat/slack", b"payload=%7B%7D").problem(404, "E1216")
        assert server.request("GET", "/chat/slack").status == 405
    finally:
        server.stop()


def test_garbage_that_is_signed(shop, slack, serve):
    server = serve()
    for payload in ({}, [], {"type": "block_actions"}, {"type": "block_actions", "actions": []}, {"type": "view_submission", "view": {}},
                    {"type": "block_actions", "actions": [{"action_id": "sluice_list", "value": "{}"}]},
                    {"type": "block_actions", "actions": [{"action_id": "sluice_approve", "value": "["}], "user": {"id": "U1"}}, {"type": "shortcut"}):
        answer = slack.interact(server, payload)
        answer.problem(400, "E1406")
