"""A real provider of OpenID Connect (oidc/provider.mjs), and one that lies."""

import http.server
import json
import os
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from conftest import need
from google_chat_server import Key

CLIENT, SECRET = "sluice", "secret-of-the-tests"


class Provider:
    """`accounts`: what is claimed of each; people log in at its own pages with any password."""

    def __init__(self, folder, port, redirect_uri, accounts, method="client_secret_basic"):
        parts = Path(os.environ.get("SLUICE_OIDC", "/nonexistent"))
        if not (parts / "node_modules" / "oidc-provider").exists():
            need("SLUICE_OIDC does not name the folder of tests/e2e/oidc/package-lock.json; run ./dev test")
        self.issuer = f"http://127.0.0.1:{port}"
        settings = {"port": port, "redirectUri": redirect_uri, "secret": "" if method == "none" else SECRET, "method": method, "accounts": accounts}
        self.log = open(folder / "provider.log", "wb")  # noqa: SIM115: as long as the process lives
        self.process = subprocess.Popen([os.environ["SLUICE_NODE"], parts / "provider.mjs", json.dumps(settings)], stdout=subprocess.PIPE, stderr=self.log)
        assert self.process.stdout.readline().strip() == b"ready", (folder / "provider.log").read_text()

    def stop(self):
        self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()
        self.log.close()


class Liar:
    """Redirects back at once, with a code for whatever `claims` and `token` say then."""

    def __init__(self, folder, port):
        self.issuer, self.key, self.other = f"http://127.0.0.1:{port}", Key(folder, "one"), Key(folder, "two")
        self.claims, self.sign, self.discovery, self.asked, self.redeemed = {}, lambda claims: self.key.token(**claims), {}, [], []
        self.token_status = 200
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, body, status=200):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def do_GET(self):  # noqa: N802: its name is http.server's
                where = urlsplit(self.path)
                if where.path == "/.well-known/openid-configuration":
                    self.answer({"issuer": liar.issuer, "authorization_endpoint": f"{liar.issuer}/auth", "token_endpoint": f"{liar.issuer}/token",
                                 "jwks_uri": f"{liar.issuer}/keys", "authorization_response_iss_parameter_supported": True, **liar.discovery})
                elif where.path == "/keys":
                    self.answer({"keys": [liar.key.jwk]})
                else:
                    asked = {name: values[0] for name, values in parse_qs(where.query).items()}
                    liar.asked.append(asked)
                    self.send_response(303)
                    back = urlencode({"code": f"code-{len(liar.asked)}", "state": asked["state"], "iss": liar.issuer})
                    self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                    self.end_headers()

            def do_POST(self):  # noqa: N802
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                liar.redeemed.append(form)
                now = int(time.time())
                claims = {"iss": liar.issuer, "aud": CLIENT, "sub": "ada", "iat": now, "exp": now + 300, "nonce": liar.asked[int(form["code"][0].removeprefix("code-")) - 1]["nonce"],
                          "email": "ada@example.org", "email_verified": True, **liar.claims}
                if liar.token_status != 200:
                    self.answer({"error": "invalid_grant", "error_description": f"no {SECRET}"}, liar.token_status)
                else:
                    self.answer({"id_token": liar.sign(claims), "access_token": "a", "token_type": "Bearer"})

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
