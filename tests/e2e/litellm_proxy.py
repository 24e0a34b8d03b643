"""A LiteLLM proxy on loopback whose models have their replies laid out. It asks nobody: `mock_response` is all that it has."""

import os
import socket
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 10
POLL_SECONDS = 0.1
KEY = "sk-made-up-master-key-0123456789abcdef"  # pragma: allowlist secret


def missing():
    """Why LiteLLM can't be started here; nothing if it can."""
    environment = os.environ.get("SLUICE_LITELLM")
    if not environment:
        return "SLUICE_LITELLM does not name the Python environment of deps/litellm.lock; run ./dev test"
    return None if (Path(environment) / "bin" / "litellm").exists() else f"there is no litellm in {environment}"


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def config(replies):
    lines = ["model_list:"]
    for name, (model, reply) in replies.items():
        lines += [f"  - model_name: {name}", f"    litellm_params: {{model: {model}, api_key: none, mock_response: {quoted(reply)}}}"]
    return "\n".join([*lines, "litellm_settings: {num_retries: 0, telemetry: false}", f"general_settings: {{master_key: {KEY}}}", ""])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LiteLlm:
    """`start` returns when it answers; `stop` ends it and what it started."""

    def __init__(self, folder, replies):
        self.folder, self.port, self.key, self.process = Path(folder), free_port(), KEY, None
        (self.folder / "litellm.yaml").write_text(config(replies), encoding="utf-8")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self):
        return (self.folder / "litellm.log").read_text(encoding="utf-8", errors="replace")

    def start(self):
        program = Path(os.environ["SLUICE_LITELLM"]) / "bin" / "litellm"
        # Nothing is fetched or reported: its list of prices is the one in the package.
        env = {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(self.folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True",
               "LITELLM_TELEMETRY": "False", "NO_PROXY": "*"}
        with open(self.folder / "litellm.log", "wb") as log:
            command = [program, "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(self.port), "--telemetry", "False"]
            self.process = subprocess.Popen(command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS_MAX
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"LiteLLM does not answer: {self.log[-2000:]}")
            time.sleep(POLL_SECONDS)

    def answers(self):
        try:
            with urlopen(f"{self.url}/health/liveliness", timeout=5) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
