"""Google Chat beside Slack, and one approval decided through every door at once."""

import concurrent.futures
import json
import threading
import time

import google_chat_server
from chat_project import ANN, BOB, SQL, google, refusals, serve, shop, slack, token  # noqa: F401: fixtures are used by their names
from project import check_history, until
from slack_server import TEAM


def test_google_chat_is_told_by_a_webhook(shop, slack, google, serve):
    server = serve()
    run_id = server.ask_sql(SQL)
    approval = server.waits(run_id)
    message = until(lambda: google.messages and google.messages[0], "a message")
    card = message["cardsV2"][0]
    assert "&lt;&gt; 'x &amp; y'" in google_chat_server.text(card)
    assert list(google_chat_server.buttons(card)) == ["Open the page"], "what a webhook sends has no buttons that reach anybody"
    server.decide(approval).ok()
    after = until(lambda: len(google.messages) == 2 and google.messages[1], "the thread is told")
    assert after["thread"] == message["thread"] == {"threadKey": f"approval:{approval['approval_id']}"}
    assert "This was approved by" in google_chat_server.text(after["cardsV2"][0])


def test_google_chat_decides_by_the_apps_buttons(shop, slack, google, serve):
    server = serve()
    assert "Nothing waits" in google.asks(server).json["text"]
    run_id = server.ask("how many orders are there per status?")
    first = server.waits(run_id)
    assert "Nothing waits" in google.asks(server, user="333").json["text"], "of that person"
    shown = google.asks(server).json
    assert shown["privateMessageViewer"] == {"name": "users/111"}
    buttons = google_chat_server.buttons(shown["cardsV2"][0])
    assert list(buttons) == ["Approve", "Refine…", "Refuse", "Open the page"]
    assert "E1404" in google.press(server, buttons["Refine…"], words=" ").json["text"]
    refined = google.press(server, buttons["Refine…"], words="only the shipped ones").json
    assert refined["actionResponse"]["type"] == "UPDATE_MESSAGE"
    assert "sent back by google:111" in google_chat_server.text(refined["cardsV2"][0])
    until(lambda: server.waits(run_id)["approval_id"] != first["approval_id"], "the next round")
    late = google.press(server, buttons["Approve"]).json
    assert "already sent back by google:111" in late["text"]
    for user in ("222", "333"):
        assert "E1301" in google.press(server, google_chat_server.buttons(google.asks(server).json["cardsV2"][0])["Approve"], user=user).json["text"]
    assert server.run(run_id)["status"] == "waiting"
    button = google_chat_server.buttons(google.asks(server).json["cardsV2"][0])["Approve"]
    approved = google.press(server, button).json
    assert "approved by google:111" in google_chat_server.text(approved["cardsV2"][0])
    assert list(google_chat_server.buttons(approved["cardsV2"][0])) == ["Open the page"]
    server.ends(run_id)


def test_google_chat_did_not_send_this(shop, slack, google, serve):
    server = serve()
    run_id = server.ask_sql(SQL)
    server.waits(run_id)
    button = google_chat_server.buttons(google.asks(server).json["cardsV2"][0])["Approve"]
    now = int(time.time())
    forged = {"another key": google.other.token(), "none": google.key.token("none"), "expired": google.key.token(iat=now - 7200, exp=now - 3600),
              "another project": google.key.token(aud="999"), "another issuer": google.key.token(iss="accounts.google.com"),
              "no token": "", "garbage": "a.b.c", "changed": google.key.token()[:-6] + "AAAAAA"}
    for what, token in forged.items():
        event = google.event("CARD_CLICKED", common={"invokedFunction": "sluice_approve",
                                                     "parameters": {one["key"]: one["value"] for one in button["onClick"]["action"]["parameters"]}})
        answer = server.request("POST", "/chat/google", event, {"Authorization": f"Bearer {token}"})
        assert answer.status == 403 and answer.json["code"] in ("E1307", "E1308", "E1401"), (what, answer.body)
        assert server.request("POST", "/chat/google", event).status == 403
    assert google.press(server, button, at=now - 400).problem(403, "E1402")
    event = google.event("MESSAGE")
    assert google.send(server, event).status == 200
    google.send(server, event).problem(403, "E1403")
    for broken in ({}, [], {"type": "MESSAGE"}, google.event("CARD_CLICKED"), {**google.event("MESSAGE"), "user": {"name": "users/1/../2", "type": "HUMAN"}},
                   {**google.event("MESSAGE"), "user": {"name": "users/111", "type": "BOT"}}):
        google.send(server, broken).problem(400, "E1406")
    assert server.run(run_id)["status"] == "waiting"
    assert len(refusals(shop)) > len(forged)


def test_one_decision_from_many_doors_counts_once(shop, slack, google, serve):
    """Terminal, message file, API, browser, two people in Slack and one in Google Chat, at the same moment."""
    tokens = {name: token(shop, name) for name in ("ci", "web")}
    server = serve()
    by = {"Authorization": f"Bearer {tokens['ci']}"}
    browser = {"Cookie": server.post("/login", {"token": tokens["web"]}).headers["set-cookie"].split(";")[0]}
    browser["X-CSRF-Token"] = server.get("/session", browser).ok()["csrf_token"]
    winners = set()
    for round_no in range(3):
        approval = shop.waiting(f"{SQL} LIMIT {round_no + 1}")
        card = slack.asked(approval)
        in_slack = card.buttons()["sluice_approve"]
        in_google = google_chat_server.buttons(google.asks(server).json["cardsV2"][0])["Approve"]
        file = shop.folder / "approval.json"
        file.write_text(json.dumps({"thread_id": approval["run_id"], "approval_id": approval["approval_id"], "action": "approve", "feedback": None}))
        start = threading.Barrier(7)

        def at_once(door, start=start):
            start.wait()
            return door()

        api = {"approval_id": approval["approval_id"], "subject_hash": approval["subject_hash"]}
        doors = {
            "terminal": lambda: shop.run("approvals", "approve", api["approval_id"]),
            "file": lambda: shop.run("approvals", "send", "approval.json"),
            "api": lambda: server.decide(api, "approve", by),
            "browser": lambda: server.decide(api, "approve", browser),
            "ann": lambda: slack.press(server, card, "approve", user=ANN, button=in_slack),
            "bob": lambda: slack.press(server, card, "approve", user=BOB, button=in_slack),
            "google": lambda: google.press(server, in_google),
        }
        with concurrent.futures.ThreadPoolExecutor(len(doors)) as pool:
            told = dict(zip(doors, pool.map(at_once, doors.values()), strict=True))
        slack.updated(card)
        decided = server.get(f"/approvals/{api['approval_id']}", by).ok()
        who = decided["decided_by"]
        winners.add(who)
        assert f"approved by {who}" in card.text
        entries = [entry for entry in map(json.loads, shop.run("audit", "export").ok().out.splitlines())
                   if entry["kind"] == "decision" and api["approval_id"] in json.dumps(entry)]
        assert len(entries) == 1 and who in json.dumps(entries[0])
        # One of them decided; the others hear who did. Terminal and file are the same person: of these two one may win.
        ephemeral = {user: [one["text"] for one in slack.ephemeral if one["to"] == user] for user in (ANN, BOB)}
        won = {
            "terminal": told["terminal"].code == 0, "file": told["file"].code == 0, "api": told["api"].status == 200, "browser": told["browser"].status == 200,
            "google": told["google"].json.get("text", "") == "",
            "ann": who == f"slack:{TEAM}/{ANN}", "bob": who == f"slack:{TEAM}/{BOB}",
        }
        assert list(won.values()).count(True) == 1, (won, who)
        heard = {
            "terminal": lambda: told["terminal"].err, "file": lambda: told["file"].err, "api": lambda: told["api"].body.decode(),
            "browser": lambda: told["browser"].body.decode(), "google": lambda: told["google"].json["text"],
            "ann": lambda: " ".join(slack.told(ANN)), "bob": lambda: " ".join(slack.told(BOB)),
        }
        for door, has_won in won.items():
            assert has_won or (who in heard[door]() and "E0107" in heard[door]()), (door, who, heard[door](), ephemeral)
        slack.ephemeral.clear()
        run_id = approval["run_id"]
        until(lambda run_id=run_id: server.get(f"/runs/{run_id}", by).ok()["status"] == "answered", "the server's worker ends the run")
        check_history(shop, run_id)
    assert winners
