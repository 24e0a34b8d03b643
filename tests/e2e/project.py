"""A folder with a sluice.yaml, and what the tests do in it."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
ANSWER = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "schemas" / "answer.schema.json").read_text(encoding="utf-8")))
POLICY = "approvals: {auto: {reads: true, max_bytes: 1GB}}\n"
POLL_SECONDS = 0.05
WAIT_SECONDS_MAX = 30
# What a person must never see: traces, and the raw words of a driver or a library.
RAW = re.compile(r"Traceback|terminate called|std::|Assertion|core dumped|Catalog Error:|Binder Error:|IO Error:|FATAL:|SQLSTATE|SQLITE_|libpq")


def until(true, what, seconds=WAIT_SECONDS_MAX):
    """The first value of `true()` that holds; fails after a while."""
    end = time.monotonic() + seconds
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(POLL_SECONDS)


def check_answer(answer, status=None):
    """The answer fits the published schema, and has the status."""
    errors = [f"{list(error.path)}: {error.message}" for error in ANSWER.iter_errors(answer)]
    assert errors == [], errors
    if status:
        assert answer["status"] == status, answer
    return answer


def check_trouble(ran, code, exit_code=1):
    """One clear message with its code and a next step, and no raw words."""
    assert ran.code == exit_code, f"exit {ran.code}: {ran.err}"
    assert re.search(rf"^error {code} \S", ran.err, re.M), ran.err
    assert len(re.findall(r"^error ", ran.err, re.M)) == 1, ran.err
    assert re.search(r"^  next: \S", ran.err, re.M), ran.err
    assert not RAW.search(ran.err), ran.err
    assert (ROOT / "docs" / "errors" / f"{re.search(r'E[0-9]{4}', ran.err)[0]}.md").exists()
    return ran


def check_history(project, run_id):
    """No gap, no step completed twice, no approval taken by more than one effect."""
    events = project.json("runs", "events", run_id)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    completed = [event["path"] for event in events if event["type"] == "step completed"]
    assert len(completed) == len(set(completed)), completed
    spent = {(event["path"], event["body"]["input"]["approval_id"]) for event in events
             if event["type"] == "step started" and "approval_id" in event["body"].get("input", {})}
    assert len(spent) == len({approval for _, approval in spent}) == 1, spent
    decided = [event["body"]["approval_id"] for event in events if event["type"] == "approval decided"]
    assert len(decided) == len(set(decided)), decided
    assert [event["type"] for event in events].count("finished") == 1
    return events


class Project:
    """`sluice` run in a folder of its own."""

    def __init__(self, sluice, folder, init=(), policy=True, env=None):
        self.sluice, self.folder, self.env = sluice, Path(folder), dict(env or {})
        if "--postgres" in init:
            # `init` moves the password out of the URL into a variable of this name.
            self.env[f"SLUICE_{init[0].upper()}_PASSWORD"] = urlsplit(str(init[2])).password
        if init:
            self.run("init", *init).ok()
        if policy:
            with open(self.folder / "sluice.yaml", "a", encoding="utf-8") as config:
                config.write(POLICY)

    def run(self, *args, env=None, **options):
        return self.sluice.run(args, self.folder, env={**self.env, **(env or {})}, **options)

    def start(self, *args, env=None, **options):
        return self.sluice.start(args, self.folder, env={**self.env, **(env or {})}, **options)

    def json(self, *args):
        return self.run(*args, "--output", "json").ok().json()

    def query(self, sql, *args):
        return self.run("query", sql, "--approve", "policy", *args)

    def answer(self, sql, *args):
        """The answered query as JSON, checked against the schema."""
        return check_answer(self.query(sql, "--output", "json", *args).ok().json(), "answered")

    def ask_and_wait(self, sql, *args):
        """A process that waits for a decision about the SQL, and the open approval."""
        before = {each["approval_id"] for each in self.json("approvals", "list")}
        child = self.start("query", sql, "--output", "json", *args)
        new = until(lambda: [each for each in self.json("approvals", "list") if each["approval_id"] not in before] or child.poll() is not None,
                    f"an approval for {sql}")
        assert new is not True, child.communicate()
        return child, new[0]

    def waiting(self, sql, *args):
        """The open approval of a run whose process was killed while it waited."""
        child, approval = self.ask_and_wait(sql, *args)
        child.kill()
        child.communicate(timeout=WAIT_SECONDS_MAX)
        return approval

    def resume(self, run_id, status="answered"):
        ran = self.run("runs", "resume", run_id, "--output", "json")
        assert ran.code == (0 if status == "answered" else 1), ran
        return check_answer(ran.json(), status)


def finish(child, status, seconds=WAIT_SECONDS_MAX):
    """The answer of a process that was left running."""
    out, err = child.communicate(timeout=seconds)
    answer = check_answer(json.loads(out), status)
    assert child.returncode == (0 if status == "answered" else 1), err
    return answer


def killed_at(project, call, number, *args):
    """Runs the program and kills it as it enters the call for the number-th time. Returns (killed, standard output)."""
    # SIGKILL at the entry: the call itself does not happen.
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}", str(project.sluice.path)]
    done = subprocess.run([*command, *args], cwd=project.folder, env=project.sluice.environment(project.env), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), (done.returncode, done.stderr)
    return done.returncode != 0, done.stdout
