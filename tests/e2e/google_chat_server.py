"""Google Chat as an app sees it: a webhook, the keys that events are signed with, and people who press buttons.

There is no Google here. Tokens are signed by OpenSSL with a key of the tests' own, in Google's form.
"""

import base64
import datetime
import http.server
import json
import subprocess
import threading
import time

AUDIENCE, ISSUER = "123456789012", "chat@system.gserviceaccount.com"
BYTES_MAX = 32_000  # https://developers.google.com/workspace/chat/create-messages


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key and its public half as a JWK."""

    def __init__(self, folder, kid):
        self.kid, self.file = kid, str(folder / f"{kid}.pem")
        subprocess.run(["openssl", "genrsa", "-out", self.file, "2048"], check=True, capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.file, "-noout", "-modulus"], check=True, capture_output=True, text=True).stdout
        self.jwk = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": url64(bytes.fromhex(modulus.strip().split("=")[1])), "e": "AQAB"}

    def token(self, algorithm="RS256", **claims):
        """What `claims` says, and what they leave out of a good token. None leaves a claim out for good."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 3600, **claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        text = ".".join(url64(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": self.kid, "typ": "JWT"}, claims))
        if algorithm == "none":
            return text + "."
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.file], input=text.encode(), check=True, capture_output=True).stdout
        return text + "." + url64(signed)


class GoogleChat:
    def __init__(self, folder):
        self.key, self.other = Key(folder, "one"), Key(folder, "two")
        self.messages, self.faults = [], []
        self.trouble = False  # answers 500, and says what it was asked
        chat = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, body, status=200):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def do_GET(self):  # noqa: N802: its name is http.server's
                self.answer({"keys": [chat.key.jwk]})

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                message = json.loads(body)
                if chat.trouble:
                    self.answer({"error": f"no {self.path}"}, 500)
                    return
                if self.path != "/v1/spaces/S/messages?key=key-of-the-tests&token=token-of-the-tests&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD":
                    chat.faults.append(self.path)
                chat.check(body, message)
                chat.messages.append(message)
                self.answer({"name": f"spaces/S/messages/{len(chat.messages)}"})

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def check(self, body, message):
        if len(body) > BYTES_MAX:
            self.faults.append(f"{len(body)} bytes")
        if unknown := set(message) - {"text", "fallbackText", "cardsV2", "thread", "actionResponse", "privateMessageViewer"}:
            self.faults.append(f"unknown: {unknown}")
        for card in message.get("cardsV2", []):
            for section in card["card"]["sections"]:
                if not section["widgets"]:
                    self.faults.append("a section without widgets")

    def stop(self):
        """For good."""
        self.http.shutdown()
        self.http.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_port}"

    def config(self):
        return f"  google_chat: {{webhook: \"${{GOOGLE_CHAT_WEBHOOK}}\", audience: \"{AUDIENCE}\", keys_url: \"{self.url}/keys\"}}\n"

    def env(self):
        return {"GOOGLE_CHAT_WEBHOOK": f"{self.url}/v1/spaces/S/messages?key=key-of-the-tests&token=token-of-the-tests"}

    @staticmethod
    def event(kind, user="111", at=None, **more):
        at = datetime.datetime.fromtimestamp(time.time() if at is None else at, datetime.timezone.utc)
        return {"type": kind, "eventTime": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "space": {"name": "spaces/S"},
                "user": {"name": f"users/{user}", "displayName": "Name", "email": f"{user}@example.org", "type": "HUMAN"}, **more}

    def send(self, server, event, token=None):
        """As Google sends it."""
        answer = server.request("POST", "/chat/google", event, {"Authorization": f"Bearer {token or self.key.token()}"})
        if answer.status == 200 and answer.body:
            self.check(answer.body, answer.json)
        return answer

    def asks(self, server, user="111"):
        """Somebody writes to the app."""
        return self.send(server, self.event("MESSAGE", user, message={"text": "hello"}))

    def press(self, server, button, user="111", words=None, token=None, **more):
        """Somebody presses a button of a card."""
        action = button["onClick"]["action"]
        parameters = {one["key"]: one["value"] for one in action["parameters"]}
        common = {"invokedFunction": action["function"], "parameters": parameters}
        if words is not None:
            common["formInputs"] = {f"feedback_{parameters['a']}": {"stringInputs": {"value": [words]}}}
        return self.send(server, self.event("CARD_CLICKED", user, common=common, **more), token)


def widgets(card):
    return [widget for section in card["card"]["sections"] for widget in section["widgets"]]


def buttons(card):
    """By their words."""
    return {button["text"]: button for widget in widgets(card) for button in widget.get("buttonList", {}).get("buttons", [])}


def text(card):
    return "\n".join([card["card"]["header"]["title"], *(widget["textParagraph"]["text"] for widget in widgets(card) if "textParagraph" in widget)])
