"""A shop whose approvals are asked for in chat: what the tests of chats share. Fixtures are imported by name."""

import json
import re

import pytest
from google_chat_server import GoogleChat
from project import Project
from serving import Server, free_port
from slack_server import TEAM, Slack

SQL = "SELECT status, count(*) AS n FROM orders WHERE status <> 'x & y' GROUP BY status ORDER BY status"
ANN, BOB, EVE = "U0ANN", "U0BOB", "U0EVE"
ACCESS = f"""
server:
  public_url: https://sluice.example.org
  login: tokens
  access:
    - {{who: "token:tests", role: operator, connections: all, workflows: all}}
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
    return chat_project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite), slack)


def chat_project(sluice, folder, connection, slack):
    project = Project(sluice, folder, connection, env=slack.env())
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(ACCESS + slack.config())
    project.token = token(project, "tests")
    return project


def token(shop, name):
    return re.search(r"slu_[A-Za-z0-9_-]{43}", shop.run("tokens", "create", name, "--expires", "1d").ok().out)[0]


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
    """Reached under its public name, as through a proxy, with the token of the tests where nothing else is shown."""

    def __init__(self, project, *args):
        port = free_port()
        super().__init__(project, *args, listen=f"127.0.0.1:{port}")
        self.host, self.port = "127.0.0.1", port

    def request(self, method, path, body=None, headers=None, **more):
        headers = {"Host": "sluice.example.org", **(headers or {})}
        if path.startswith("/api/") and "Cookie" not in headers:
            headers.setdefault("Authorization", f"Bearer {self.project.token}")
        return super().request(method, path, body, headers, **more)


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
