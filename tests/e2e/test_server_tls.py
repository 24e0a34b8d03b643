"""TLS: by the server itself, and by an nginx before it, set up as docs/server.md says."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess

import pytest
import websocket
from conftest import need
from project import ROOT, Project, check_trouble, until
from serving import Answer, Server, free_port, heard

NAME = "sluice.example.org"
SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
ACCESS = """
  login: tokens
  access:
    - {who: "token:web", role: approver, connections: all, workflows: all}
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for the name, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "server.pem", folder / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
                    "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", files[1], "-out", files[0]], check=True, capture_output=True)
    return files


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite):
    return Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))


def configure(shop, server):
    with open(shop.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(f"server:\n{server}")


def token(shop):
    return re.search(r"slu_[A-Za-z0-9_-]{43}", shop.run("tokens", "create", "web", "--expires", "1d").ok().out)[0]


class Outside:
    """A client that trusts the certificate alone, and comes by the public name."""

    def __init__(self, certificate, port, source="127.0.0.1"):
        self.context = ssl.create_default_context(cafile=str(certificate[0]))
        self.port, self.source = port, source

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(self.source, 0))
        return self.context.wrap_socket(plain, server_hostname=NAME)

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(NAME)
        connection.sock = self.connect()
        headers = {"Connection": "close", **({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            came = connection.getresponse()
            return Answer(came.status, came.getheaders(), came.read())
        finally:
            connection.close()

    def live(self, headers, path="/api/v1/events"):
        return websocket.create_connection(f"wss://{NAME}{path}", socket=self.connect(), header=headers, timeout=20)


def check_all(outside, secret):
    """A browser's login, a run from its question to its rows, and its events."""
    assert outside.request("GET", "/api/v1/runs").status == 401
    came = outside.request("POST", "/api/v1/login", {"token": secret}, {"Origin": f"https://{NAME}"})
    cookie = came.headers["set-cookie"]
    assert cookie.startswith("__Host-sluice_session=") and "; Secure" in cookie and "; HttpOnly" in cookie and "; SameSite=Strict" in cookie
    assert "max-age" in came.headers["strict-transport-security"]
    session = {"Cookie": cookie.split(";")[0]}
    line = outside.live({**session, "Origin": f"https://{NAME}"})
    heard(line, "hello")
    session["X-CSRF-Token"] = outside.request("GET", "/api/v1/session", headers=session).ok()["csrf_token"]
    run_id = outside.request("POST", "/api/v1/ask", {"sql": SQL}, session).ok(202)["run_id"]
    assert heard(line, "run")["run"]["run_id"] == run_id
    approval = heard(line, "approval")["approval"]
    path = f"/api/v1/approvals/{approval['approval_id']}/decision"
    outside.request("POST", path, {"action": "approve", "subject_hash": approval["subject_hash"]}, session).ok()
    while heard(line, "run")["run"]["status"] != "answered":
        pass
    line.close()
    rows = outside.request("GET", f"/api/v1/runs/{run_id}/rows?format=csv", headers=session)
    assert rows.status == 200 and rows.body.startswith(b"status,n")
    return session


def test_the_server_speaks_tls(shop, certificate):
    configure(shop, f"  public_url: https://{NAME}\n  tls: {{certificate: {certificate[0]}, key: {certificate[1]}}}{ACCESS}")
    secret = token(shop)
    port = free_port()
    server = Server(shop, listen=f"127.0.0.1:{port}")
    try:
        outside = Outside(certificate, port)
        check_all(outside, secret)
        for sent in (b"GET / HTTP/1.1\r\nHost: sluice.example.org\r\n\r\n", b"\x16\x03\x01" + b"\xff" * 500, b"\0" * 2_000):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.sendall(sent)
                with pytest.raises((ConnectionError, StopIteration)):
                    while connection.recv(4096):
                        pass
                    raise StopIteration
        old = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], capture_output=True,
                             stdin=subprocess.DEVNULL, timeout=30)
        assert old.returncode != 0 and b"protocol version" in old.stderr
        assert outside.request("GET", "/healthz").ok()
    finally:
        server.stop()


@pytest.mark.parametrize("what", ["no file", "garbage", "another key", "a passphrase"])
def test_files_that_are_no_certificate_and_its_key_are_refused(shop, certificate, tmp_path, what):
    files = [tmp_path / "server.pem", tmp_path / "server.key"]
    for mine, given in zip(files, certificate, strict=True):
        shutil.copy(given, mine)
    if what == "no file":
        files[0].unlink()
    elif what == "garbage":
        files[0].write_text("no certificate")
    elif what == "another key":
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", files[1]], check=True, capture_output=True)
    else:
        subprocess.run(["openssl", "ec", "-in", certificate[1], "-aes256", "-passout", "pass:secret", "-out", files[1]], check=True, capture_output=True)
    configure(shop, f"  tls: {{certificate: {files[0]}, key: {files[1]}}}\n")
    check_trouble(shop.run("serve", "--listen", "127.0.0.1:0"), "E1202")


class Nginx:
    """As docs/server.md sets it up, but for the ports and files."""

    def __init__(self, folder, certificate, behind):
        if shutil.which("nginx", path="/usr/sbin:/usr/bin") is None:
            need("nginx is not installed (deps/apt-test.txt)")
        self.port = free_port()
        page = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
        server = re.search(r"```nginx\n(.*?)```", page, re.S)[1]
        for old, new in (("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"), ("/etc/ssl/sluice.pem", str(certificate[0])),
                         ("/etc/ssl/sluice.key", str(certificate[1])), ("127.0.0.1:8080", f"127.0.0.1:{behind}")):
            assert old in server
            server = server.replace(old, new)
        folder.mkdir()
        paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = folder / "nginx.conf"
        config.write_text(f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\nhttp {{ access_log off;\n{paths}{server} }}\n")
        self.log = open(folder / "log", "ab")  # noqa: SIM115: as long as the process lives
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", config, "-p", folder, "-e", "stderr"], stdout=self.log, stderr=self.log)
        until(self.answers, "nginx listens")

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


@pytest.fixture
def behind_nginx(shop, certificate, tmp_path):
    configure(shop, f"  public_url: https://{NAME}\n  trusted_proxies: [127.0.0.1]\n  limits: {{requests_per_second: 5, burst: 40}}{ACCESS}")
    secret = token(shop)
    port = free_port()
    server = Server(shop, listen=f"127.0.0.1:{port}")
    nginx = Nginx(tmp_path / "nginx", certificate, port)
    yield nginx, secret
    nginx.stop()
    server.stop()


def test_a_proxy_before_it(behind_nginx, certificate):
    nginx, secret = behind_nginx
    session = check_all(Outside(certificate, nginx.port), secret)
    outside = Outside(certificate, nginx.port)
    outside.request("POST", "/api/v1/ask", {"sql": SQL}, {**session, "Origin": "https://evil.example"}).problem(403, "E1219")


def test_limits_are_those_of_who_stands_behind_the_proxy(behind_nginx, certificate):
    nginx, _ = behind_nginx
    greedy, modest = Outside(certificate, nginx.port, "127.0.0.2"), Outside(certificate, nginx.port, "127.0.0.3")
    statuses = [greedy.request("GET", "/healthz", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status for n in range(80)]
    assert 429 in statuses, "whatever it says of itself"
    assert modest.request("GET", "/healthz").ok()
