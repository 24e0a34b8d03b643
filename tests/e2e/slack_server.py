"""Slack as an app sees it: the Web API on this machine, holding what it is sent to Slack's published limits, and people who press buttons.

There is no Slack here. What an app sends is read by `slack_sdk`, Slack's own library, which knows the limits of Block Kit; what comes from Slack is signed by it.
"""

import http.server
import itertools
import json
import threading
import time
import urllib.parse

from project import until
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.signature import SignatureVerifier

TOKEN, SECRET = "xoxb-of-the-tests-only", "8f742231b10e8888abcd99yyyzzz85a5"  # pragma: allowlist secret: the second is that of Slack's own example
TEAM, CHANNEL, OTHER = "T0TEAM", "C0APPROVALS", "C0SHOP"
BLOCKS_MAX, TEXT_MAX = 50, 4000
# https://docs.slack.dev/reference/methods: what each takes.
ARGUMENTS = {
    "chat.postMessage": {"channel", "text", "blocks", "mrkdwn", "unfurl_links", "unfurl_media", "metadata"},
    "chat.update": {"channel", "ts", "text", "blocks", "mrkdwn"},
    "chat.postEphemeral": {"channel", "user", "text"},
    "views.open": {"trigger_id", "view"},
    "conversations.history": {"channel", "oldest", "limit", "include_all_metadata", "cursor"},
    "users.info": {"user"},
}
READS = {"conversations.history", "users.info"}


class Message:
    """What stands in a channel."""

    def __init__(self, channel, ts, sent):
        self.channel, self.ts, self.sent, self.updates = channel, ts, sent, []

    @property
    def now(self):
        return self.updates[-1] if self.updates else self.sent

    @property
    def key(self):
        return self.sent["metadata"]["event_payload"]["key"]

    @property
    def text(self):
        """All that somebody reads."""
        return "\n".join(block["text"]["text"] for block in self.now["blocks"] if "text" in block)

    def buttons(self):
        return {element["action_id"]: element for block in self.now["blocks"] if block["type"] == "actions" for element in block["elements"]}


class Slack:
    def __init__(self):
        self.messages, self.ephemeral, self.views, self.faults, self.calls = [], [], [], [], []
        self.people = {}
        self.trouble = None  # a function of the method's name, which gives (status, headers, body), or None
        self.lost = None  # a function of the method's name: True where it is done, and its answer is lost
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        slack = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802: its name is http.server's
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answered = slack.take(self.path, self.headers, body)
                if answered is None:
                    self.close_connection = True
                    return
                status, headers, answer = answered
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.handler = Handler
        self.http = None
        self.port = 0
        self.start()

    def start(self):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self.handler)
        self.http.handle_error = lambda *_: None  # a client that was killed is no fault
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        """Nobody listens there any more, until `start`."""
        self.http.shutdown()
        self.http.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def config(self, more="", events="[approvals]"):
        return (f"\nchat:\n  events: {events}\n  slack: {{bot_token: \"${{SLACK_BOT_TOKEN}}\", signing_secret: \"${{SLACK_SIGNING_SECRET}}\", "
                f"channel: {CHANNEL}, api_url: \"{self.url}/api\"{more}}}\n")

    @staticmethod
    def env():
        return {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET}

    def fault(self, what):
        self.faults.append(what)
        return 200, {}, json.dumps({"ok": False, "error": "invalid_arguments", "detail": what}).encode()

    def take(self, path, headers, body):
        with self.lock:
            if path.startswith("/answers/"):
                self.ephemeral.append({"to": path.removeprefix("/answers/"), **json.loads(body)})
                return 200, {}, b"ok"
            method = path.removeprefix("/api/")
            self.calls.append(method)
            if self.trouble and (trouble := self.trouble(method)):
                return trouble
            if headers["Authorization"] != f"Bearer {TOKEN}":
                return 200, {}, json.dumps({"ok": False, "error": "invalid_auth"}).encode()
            form = headers["Content-Type"].startswith("application/x-www-form-urlencoded")
            if form != (method in READS):
                return self.fault(f"{method} was sent as {headers['Content-Type']}")
            arguments = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True)) if form else json.loads(body)
            if unknown := set(arguments) - ARGUMENTS[method]:
                return self.fault(f"{method} takes no {unknown}")
            answer = getattr(self, method.replace(".", "_").lower())(arguments)
            if self.lost and self.lost(method):
                return None
            return answer if isinstance(answer, tuple) else (200, {}, json.dumps({"ok": True, **answer}).encode())

    def check_blocks(self, arguments):
        if len(arguments["blocks"]) > BLOCKS_MAX:
            return f"{len(arguments['blocks'])} blocks"
        if not arguments["text"] or len(arguments["text"]) > TEXT_MAX:
            return f"a text of {len(arguments['text'])}"
        for block in arguments["blocks"]:
            read = Block.parse(block).to_dict()  # validates
            if read != block:
                return f"Slack's library reads {block} as {read}"
            for text in [block.get("text")] + [element["text"] for element in block.get("elements", [])]:
                if text and ("<" in text["text"] or ">" in text["text"]):
                    return f"not escaped: {text}"
                if text and not text["text"]:
                    return "an empty text"
        return None

    def chat_postmessage(self, arguments):
        if fault := self.check_blocks(arguments):
            return self.fault(fault)
        message = Message(arguments["channel"], f"{time.time():.3f}{next(self.numbers):03d}", arguments)
        self.messages.append(message)
        return {"channel": message.channel, "ts": message.ts}

    def chat_update(self, arguments):
        if fault := self.check_blocks(arguments):
            return self.fault(fault)
        found = [message for message in self.messages if (message.channel, message.ts) == (arguments["channel"], arguments["ts"])]
        if not found:
            return 200, {}, json.dumps({"ok": False, "error": "message_not_found"}).encode()
        found[0].updates.append(arguments)
        return {"channel": arguments["channel"], "ts": arguments["ts"]}

    def chat_postephemeral(self, arguments):
        self.ephemeral.append({"to": arguments["user"], **arguments})
        return {"message_ts": "1"}

    def views_open(self, arguments):
        view = arguments["view"]
        if (read := View(**view).to_dict()) != view:
            return self.fault(f"Slack's library reads {view} as {read}")
        if len(view["private_metadata"]) > 3000 or len(view["title"]["text"]) > 24:
            return self.fault("a view that is too large")
        self.views.append(arguments)
        return {"view": {"id": "V1"}}

    def conversations_history(self, arguments):
        oldest = float(arguments["oldest"])
        found = [{"ts": one.ts, "metadata": one.sent["metadata"]} for one in self.messages
                 if one.channel == arguments["channel"] and float(one.ts) >= oldest]
        return {"messages": found[::-1], "has_more": False}

    def users_info(self, arguments):
        return {"user": self.people[arguments["user"]]}

    # What tests look at.

    def about(self, key, count=1):
        """The messages with the key, as soon as there are so many."""
        return until(lambda: len(found := [one for one in self.messages if one.key == key]) >= count and found, f"{count} messages about {key}")

    def asked(self, approval):
        """The card of an approval."""
        return self.about(f"approval:{approval['approval_id']}")[0]

    def updated(self, message):
        return until(lambda: message.updates and message, "the card is updated")

    def told(self, user):
        """What a person is told, and nobody else."""
        return until(lambda: [one["text"] for one in self.ephemeral if one["to"] == user], f"{user} is told something")

    def press(self, server, message, action, user="U0ANN", button=None, team=TEAM, **signing):
        """A person presses a button of a message; `button` stands for it where the card has changed meanwhile."""
        button = button or message.buttons()[f"sluice_{action}"]
        payload = {"type": "block_actions", "user": {"id": user, "username": "name", "team_id": team}, "team": {"id": TEAM}, "api_app_id": "A0",
                   "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel}, "channel": {"id": message.channel},
                   "trigger_id": f"trigger-{user}", "response_url": f"{self.url}/answers/{user}",
                   "actions": [{"action_id": button["action_id"], "block_id": "b", "type": "button", "value": button.get("value"), "action_ts": "1"}]}
        return self.interact(server, payload, **signing)

    def submit(self, server, view, words, user="U0ANN", **signing):
        """A person sends a form."""
        view = {**view, "id": "V1", "state": {"values": {"feedback": {"feedback": {"type": "plain_text_input", "value": words}}}}}
        return self.interact(server, {"type": "view_submission", "user": {"id": user, "team_id": TEAM}, "team": {"id": TEAM}, "view": view}, **signing)

    @staticmethod
    def interact(server, payload, secret=SECRET, at=None, headers=None, change=None):
        """As Slack sends it: signed, url-encoded."""
        body = "payload=" + urllib.parse.quote_plus(json.dumps(payload))
        stamp = str(int(time.time() if at is None else at))
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body),
                  "Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return server.request("POST", "/chat/slack", body + (change or ""), signed)
