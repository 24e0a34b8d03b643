"""Questions that a model answered once, answered again from its recorded replies: prompt, loop, proof and result, without any model.

A prompt that changed finds no recording (E1032 shows the difference). Where the change is meant, record anew: with a model configured,
`SLUICE_TODAY=2026-11-22 SLUICE_MODEL_RECORD=tests/e2e/recordings/replies sluice eval tests/e2e/recordings/questions.yaml --arms default`, in a folder
with the two databases of bench/sets/operations.
"""

import json
import pathlib
import sqlite3

from project import Project

HERE = pathlib.Path(__file__).parent / "recordings"
SETS = pathlib.Path(__file__).parents[2] / "bench" / "sets" / "operations"
DATABASES = ("stock_broker", "clinical_trial")
RECORDED_ON = "2026-11-22"


def project(sluice, folder):
    for name in DATABASES:
        connection = sqlite3.connect(folder / f"{name}.sqlite")
        connection.executescript((SETS / f"{name}.sql").read_text(encoding="utf-8"))
        connection.close()
    made = Project(sluice, folder, policy=False, env={"SLUICE_MODEL_REPLAY": str(HERE / "replies"), "SLUICE_TODAY": RECORDED_ON})
    lines = "\n".join(f"  {name}: {{kind: sqlite, path: {name}.sqlite}}" for name in DATABASES)
    (folder / "sluice.yaml").write_text(
        f"connections:\n{lines}\nmodels:\n  default: {{provider: openai, base_url: http://127.0.0.1:8120/v1, model: reader}}\n"
        "agents:\n  ask: {model: default, fast_path: none, candidates: 1}\n", encoding="utf-8")
    return made


def test_recorded_replies_answer_their_questions_again(sluice, tmp_path):
    made = project(sluice, tmp_path)
    done = made.run("eval", str(HERE / "questions.yaml"), "--arms", "default", "--output", "json")
    report = json.loads(done.out)
    asked = {one["id"]: one for one in report["arms"][0]["questions"]}
    assert len(asked) == 9
    wrong = {name: (one["verdict"], one["why"], one.get("code"), one["sql"]) for name, one in asked.items() if not one["right"]}
    assert not wrong, f"{wrong}\n{done.err}"


def test_a_changed_prompt_shows_how_it_differs(sluice, tmp_path):
    made = project(sluice, tmp_path)
    made.env["SLUICE_TODAY"] = "2026-11-23"
    done = made.run("ask", "How many tickers have no recorded IPO date?", "--on", "stock_broker", "--approve", "ask", "--output", "json")
    assert done.code == 1
    said = json.loads(done.out)["error"]
    assert said["code"] == "E1032", said
    assert "-user| Today: 2026-11-22" in said["message"] and "+user| Today: 2026-11-23" in said["message"], said["message"]
