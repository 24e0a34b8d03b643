"""`sluice serve` in a project's folder, and what a client of its API needs."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
from urllib.parse import urlencode, urlsplit

import websocket
from project import until

EXIT_SECONDS_MAX = 20
ANSWER_SECONDS_MAX = 60


class Answer:
    """What came back: its status, headers in lower case, and its body."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, {name.lower(): value for name, value in headers}, body

    @property
    def json(self):
        return json.loads(self.body)

    def ok(self, status=200):
        assert self.status == status, f"{self.status}: {self.body[:1000]}"
        return self.json

    def problem(self, status, code):
        """RFC 9457, with the code's page."""
        assert self.status == status, f"{self.status}: {self.body[:1000]}"
        assert self.headers["content-type"] == "application/problem+json"
        problem = self.json
        assert problem["status"] == status and problem["code"] == code and problem["type"].endswith(code), problem
        assert problem["detail"] and problem["title"], problem
        return problem


class Server:
    """A server that was started, on a port that was free."""

    def __init__(self, project, *args, env=None, listen="127.0.0.1:0"):
        self.project = project
        self.log = open(project.folder / "serve.log", "ab")  # noqa: SIM115: as long as the process lives
        self.process = subprocess.Popen([project.sluice.path, "serve", "--listen", listen, "--output", "jsonl", *args], cwd=project.folder,
                                        env=project.sluice.environment({**project.env, **(env or {})}), stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert line, (project.folder / "serve.log").read_text(encoding="utf-8")
        self.url = json.loads(line)["url"]
        where = urlsplit(self.url)
        self.host, self.port = where.hostname, where.port

    def request(self, method, path, body=None, headers=None, timeout=ANSWER_SECONDS_MAX):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        headers = {"Connection": "close", **(headers or {})}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            came = connection.getresponse()
            return Answer(came.status, came.getheaders(), came.read())
        finally:
            connection.close()

    def get(self, path, headers=None, **query):
        query = {name: value for name, value in query.items() if value is not None}
        return self.request("GET", f"/api/v1{path}" + (f"?{urlencode(query)}" if query else ""), headers=headers)

    def post(self, path, body=None, headers=None):
        return self.request("POST", f"/api/v1{path}", {} if body is None else body, headers)

    def ask(self, question, headers=None, **more):
        return self.post("/ask", {"question": question, **more}, headers).ok(202)["run_id"]

    def ask_sql(self, sql, **more):
        return self.post("/ask", {"sql": sql, **more}).ok(202)["run_id"]

    def run(self, run_id):
        return self.get(f"/runs/{run_id}").ok()

    def waits(self, run_id):
        """The approval that the run waits for, once it does."""
        def asked():
            found = self.get("/approvals", run=run_id).ok()["approvals"]
            return found and found[0]
        return until(asked, f"{run_id} asks for an approval")

    def decide(self, approval, action="approve", headers=None, **more):
        body = {"action": action, "subject_hash": approval["subject_hash"], **more}
        return self.post(f"/approvals/{approval['approval_id']}/decision", body, headers)

    def ends(self, run_id, status="answered"):
        def ended():
            run = self.run(run_id)
            return run["status"] not in ("waiting", "paused") and run  # paused: nobody has it just now, and a worker is about to take it
        run = until(ended, f"{run_id} ends")
        assert run["status"] == status, run
        return run

    def raw(self, sent, seconds=20):
        """What the server says to these bytes, until it closes."""
        with socket.create_connection((self.host, self.port), timeout=seconds) as connection:
            connection.sendall(sent)
            came = b""
            with contextlib.suppress(ConnectionResetError):
                while part := connection.recv(65536):
                    came += part
            return came

    def kill(self):
        self.process.kill()
        self.process.wait(EXIT_SECONDS_MAX)

    def stop(self, signal_no=signal.SIGTERM):
        """Ends it in order; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal_no)
        try:
            return self.process.wait(EXIT_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(EXIT_SECONDS_MAX)
            raise
        finally:
            self.process.stdout.close()
            self.log.close()

    def said(self):
        return (self.project.folder / "serve.log").read_text(encoding="utf-8")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def live(server, query="", **options):
    return websocket.create_connection(f"ws://{server.host}:{server.port}/api/v1/events{query}", timeout=20, **options)


def heard(line, kind):
    while True:
        message = json.loads(line.recv())
        if message["type"] == kind:
            return message
