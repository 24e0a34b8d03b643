"""A shop whose approvals are asked for in chat: what the tests of chats share. Fixtures are imported by name."""

import json
import socket

import pytest
from google_chat_server import GoogleChat
from project import Project
from serving import Server
from slack_server import TEAM, Slack

SQL = "SELECT status, count(*) AS n FROM orders WHERE status <> 'x & y' GROUP BY status ORDER BY status"
ANN, BOB, EVE = "U0ANN", "U0BOB", "U0EVE"
ACCESS = f"""
server:
  public_url: https://sluice.example.org
  access:
    - {{who: "slack:{TEAM}/{ANN}", role: approver, connections: [shop], workflows: [ask]}}
    - {{who: "slack:{TEAM}/{BOB}", role: approver, connections: all, workflows: all}}
    - {{who: "slack:{TEAM}/U0LOOK", role: viewer, connections: all, workflows: all}}
    - {{who: "ann@example.org", role: approver, connections: [shop], workflows: [ask]}}
    - {{who: "token:ci", role: approver, connections: all, workflows: all}}
    - {{who: "token:web", role: approver, connections: all, workflows: all}}
    - {{who: "google:111", role: approver, connections: [shop], workflows: [ask]}}
    - {{who: "google:222", role: viewer, connections: all, workflows: all}}
"""


@pytest.fixture
def slack():
    slack = Slack()
    yield slack
    slack.stop()
    assert slack.faults == []


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite, slack):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite), env=slack.env())
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(ACCESS + slack.config())
    return project


def edit(shop, old, new):
    config = shop.folder / "sluice.yaml"
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def serve(shop):
    """Starts servers, and ends those that a test leaves."""
    started = []

    def start(*args):
        started.append(ChatServer(shop, *args))
        return started[-1]

    yield start
    for server in started:
        server.stop()


class ChatServer(Server):
    """Reached under its public name, as through a proxy."""

    def __init__(self, project, *args):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        super().__init__(project, *args, listen=f"127.0.0.1:{port}")
        self.host, self.port = "127.0.0.1", port

    def request(self, method, path, body=None, headers=None, **more):
        return super().request(method, path, body, {"Host": "sluice.example.org", **(headers or {})}, **more)


def refusals(shop):
    return [entry["body"] for entry in map(json.loads, shop.run("audit", "export").ok().out.splitlines()) if entry["kind"] == "refused"]


@pytest.fixture
def google(shop, tmp_path_factory):
    chat = GoogleChat(tmp_path_factory.mktemp("keys"))
    shop.env.update(chat.env())
    with open(shop.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(chat.config())
    yield chat
    chat.stop()
    assert chat.faults == []
