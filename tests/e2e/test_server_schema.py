"""Requests that the API's own description gives, and many that it does not, made up by Schemathesis: none may be answered by a defect."""

import subprocess
import sys
from pathlib import Path

import pytest
from project import Project
from serving import Server

SECONDS_MAX = 400
EXAMPLES = {"nobody logs in": "25", "admin": "10", "viewer": "10"}
CONFIG = """
limits: {seconds: 5}
server:
  limits: {requests_per_second: 1000000, burst: 1000000}
"""
ACCESS = """
  login: tokens
  access:
    - {who: "token:admin", role: admin, connections: all, workflows: all}
    - {who: "token:viewer", role: viewer, connections: all, workflows: all}
"""


@pytest.fixture(params=EXAMPLES)
def asked(request, sluice, tmp_path, shop_sqlite):
    """A server, Schemathesis' arguments for who asks, and how many requests of a kind it makes up."""
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    by = []
    if request.param == "nobody logs in":
        more = CONFIG
    else:
        more = CONFIG + ACCESS
        by = ["--header", f"Authorization: Bearer {project.json('tokens', 'create', request.param)['token']}"]
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(more)
    served = Server(project)
    yield served, [*by, "--max-examples", EXAMPLES[request.param]]
    assert served.process.poll() is None, "it is still there"
    assert served.stop() == 0


def schemathesis(server, folder, *args):
    command = [Path(sys.executable).parent / "schemathesis", "run", f"{server.url}/openapi.json", "--seed", "7", "--generation-deterministic",
               "--phases", "examples,coverage,fuzzing", "--request-timeout", "30", "--no-color", "--max-failures", "5", *args]
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.timeout(SECONDS_MAX + 60)
def test_no_request_is_answered_by_a_defect(asked, tmp_path):
    server, args = asked
    # Events go on until somebody ends them.
    schemathesis(server, tmp_path, "--checks", "not_a_server_error,response_schema_conformance,content_type_conformance", "--exclude-path", "/start",
                 "--exclude-path", "/api/v1/events", *args)
    # It is not there yet, and says so with 501: what it may say is told.
    schemathesis(server, tmp_path, "--checks", "status_code_conformance,response_schema_conformance,content_type_conformance", "--include-path", "/start", *args)
