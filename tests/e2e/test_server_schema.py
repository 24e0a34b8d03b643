"""Requests that the API's own description gives, and many that it does not, made up by Schemathesis: none may be answered by a defect."""

import subprocess
import sys
from pathlib import Path

import pytest
from project import Project
from serving import Server

SECONDS_MAX = 400
EXAMPLES = "25"
CONFIG = """
limits: {seconds: 5}
server: {limits: {requests_per_second: 1000000, burst: 1000000}}
"""


@pytest.fixture
def server(sluice, tmp_path, shop_sqlite):
    project = Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))
    with open(project.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(CONFIG)
    served = Server(project)
    yield served
    assert served.process.poll() is None, "it is still there"
    assert served.stop() == 0


@pytest.mark.timeout(SECONDS_MAX + 60)
def test_no_request_is_answered_by_a_defect(server, tmp_path):
    # /start is not there yet and says so with 501; events go on until somebody ends them.
    command = [Path(sys.executable).parent / "schemathesis", "run", f"{server.url}/openapi.json", "--checks", "not_a_server_error,response_schema_conformance,content_type_conformance",
               "--exclude-path", "/start", "--exclude-path", "/api/v1/events", "--max-examples", EXAMPLES, "--seed", "7", "--generation-deterministic",
               "--phases", "examples,coverage,fuzzing", "--request-timeout", "30", "--no-color", "--max-failures", "5"]
    done = subprocess.run([str(part) for part in command], cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS_MAX)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
