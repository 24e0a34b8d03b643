"""The audit chain, retention and preflight of a project in which people decided."""

import json
import subprocess
import sys

import pytest
from project import ROOT, Project, check_trouble

SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite):
    return Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))


def test_who_decided_can_be_shown_and_not_be_changed(shop, tmp_path):
    approval = shop.waiting(SQL)
    shop.run("approvals", "approve", approval["approval_id"], "--reason", "looks right").ok()
    shop.resume(approval["run_id"])
    refused = shop.waiting(SQL)
    shop.run("approvals", "reject", refused["approval_id"]).ok()
    report = shop.json("audit", "verify")
    assert report["sound"] and report["decisions"] == 2 and report["effects"] == 1 and report["faults"] == []
    anchors, out = tmp_path / "anchors.jsonl", tmp_path / "audit.jsonl"
    shop.run("audit", "anchor", anchors).ok()
    shop.run("audit", "verify", "--anchor", anchors).ok()
    shop.run("audit", "export", out).ok()
    check_trouble(shop.run("audit", "export", out), "E0802")  # it overwrites nothing
    program = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    subprocess.run([sys.executable, "-c", program, str(out)], check=True)
    assert "looks right" in out.read_text(encoding="utf-8")
    journal = tmp_path / ".sluice" / "journal.db"
    subprocess.run([sys.executable, "-c", f"import sqlite3; c = sqlite3.connect({str(journal)!r});"
                    " c.execute(\"UPDATE wf_approval SET decided_by = 'nobody' WHERE status = 'approved'\"); c.commit()"], check=True)
    ran = check_trouble(shop.run("audit", "verify"), "E0131")
    assert "nobody" in ran.err
    assert not json.loads(shop.run("audit", "verify", "--output", "json").out)["sound"]


def test_old_runs_go_and_open_ones_can_be_gone_on_with(shop):
    run_id = shop.answer(SQL)["run_id"]
    open_run = shop.waiting(SQL)["run_id"]
    assert shop.json("runs", "prune", "--older-than", "90d")["runs"] == 0
    assert shop.json("runs", "prune", "--older-than", "1ms", "--dry-run")["runs"] == 1
    assert shop.json("runs", "prune", "--older-than", "1ms")["runs"] == 1
    assert [run["run_id"] for run in shop.json("runs", "list")] == [open_run] != [run_id]
    assert shop.json("audit", "verify")["pruned_runs"] == 1
    found = shop.json("runs", "preflight")
    assert [(run["run_id"], run["fine"]) for run in found] == [(open_run, True)] and "run this query" in found[0]["at"]
    assert "in the audit chain" in shop.run("doctor").out
