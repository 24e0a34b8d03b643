"""The peer of bench/server.py: the same document of a run by FastAPI on uvicorn, out of the same SQLite journal.

    server_peer.py PORT PROCESSES       SLUICE_PEER_JOURNAL names the journal, SLUICE_PEER_LINES a file of what follows

It is given what makes it quicker: a process for each processor, no pool of threads between it and SQLite, no model of the answer to check, no access log, and
the SQL's coloured lines (which Sluice makes anew each time) ready-made. It knows answered runs alone, no roles, and no client's limits.
"""

import json
import os
import sqlite3
import sys
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse

FINISHED, RUN_STARTED = 31, 1
RUN = """SELECT run_id, name, code_version, labels, queue, reason, created_at, updated_at, deadline_at, wake_at, head_seq, forked_from, imported
 FROM wf_run WHERE run_id = ?"""
EVENT = "SELECT body FROM wf_event WHERE run_id = ? AND type = ? ORDER BY seq DESC LIMIT 1"
APPROVAL = """SELECT approval_id, status, decided_by, decided_at, due_at, reason FROM wf_approval WHERE run_id = ?
 ORDER BY status = 'open' DESC, approval_no DESC LIMIT 1"""
MODELS = "SELECT count(*), total(tokens), total(usd_nano) / 1e9, total(priced = 0), total(latency_ms) FROM model_call WHERE run_id = ?"

app = FastAPI()
journal = sqlite3.connect(f"file:{os.environ['SLUICE_PEER_JOURNAL']}?mode=ro", uri=True, check_same_thread=False)
with open(os.environ["SLUICE_PEER_LINES"], encoding="utf-8") as file:
    lines = json.load(file)


def one(sql, *values):
    return journal.execute(sql, values).fetchone()


def iso(ms):
    if ms is None:
        return None
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"


def run_of(row):
    run_id, name, version, labels, queue, reason, created, updated, deadline, wake, head, forked_from, imported = row
    label = json.loads(labels)
    return {"run_id": run_id, "workflow": name, "status": "answered", "connection": label["connection"], "queue": queue, "text": label["text"],
            "created_at": iso(created), "updated_at": iso(updated), "reason": reason, "asked_by": label["by"], "head_seq": head,
            "forked_from": forked_from or None, "imported": imported or None, "code_version": version, "deadline_at": iso(deadline), "wake_at": iso(wake)}


def approval_of(row):
    approval_id, status, decided_by, decided_at, due_at, reason = row
    return {"approval_id": approval_id, "status": status, "decided_by": decided_by or None, "decided_at": iso(decided_at), "due_at": iso(due_at),
            "reason": reason or None}


def answer_of(asked, answer):
    proposal, proof, execution = answer["proposal"], answer["proof"], answer["execution"]
    stats, estimate = execution["stats"], proof.get("estimate", {})
    return {"status": "answered", "connection": asked["connection"], "question": asked.get("question", ""), "sql": proposal["sql"],
            "explanation": proof.get("reading", []), "understood": [{"word": word["word"], "meaning": word["meaning"]} for word in proposal.get("linked", [])],
            "confidence": proposal["confidence"], "tables_used": [{"table": table["display"], "columns": table["columns"]} for table in proof["tables"]],
            "proof": [{"check": check["check"], "outcome": check["outcome"], "detail": check.get("detail", ""), "hint": check.get("hint", "")}
                      for check in proof["checks"]],
            "estimate": {"rows": estimate.get("rows"), "bytes": estimate.get("bytes"), "cost_usd": estimate.get("cost_usd", 0.0)},
            "columns": [{"name": column["name"], "type": column["type"]["kind"]} for column in execution["columns"]],
            "row_count": stats["rows"], "bytes_scanned": stats.get("bytes_scanned"), "result_bytes": stats["bytes"], "elapsed_ms": stats.get("elapsed_ms", 0),
            "cost_usd": execution.get("cost_usd", 0.0), "answered_by": proposal["answered_by"] or None, "model_says": proposal.get("model_says"),
            "made_from": proposal.get("made_from", []), "asks": proposal.get("asks"), "choices": proposal.get("choices", []), "notice": None}


@app.get("/api/v1/runs/{run_id}")
async def show(run_id: str):
    row = one(RUN, run_id)
    if row is None:
        return JSONResponse({"status": 404}, 404)
    asked, answer = (json.loads(one(EVENT, run_id, kind)[0]) for kind in (RUN_STARTED, FINISHED))
    calls, tokens, usd, unpriced, elapsed = one(MODELS, run_id)
    run = run_of(row)
    return JSONResponse({
        "run_id": run_id, **answer_of(asked["input"], answer["output"]), "approval": approval_of(one(APPROVAL, run_id)),
        "models": {"calls": calls, "tokens": tokens, "usd": usd, "unpriced_calls": unpriced, "elapsed_ms": elapsed},
        "forked_from": run["forked_from"], "imported": run["imported"], "run": run, "sql_lines": lines[run_id]})


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    uvicorn.run("server_peer:app", host="127.0.0.1", port=int(sys.argv[1]), workers=int(sys.argv[2]), log_level="error", access_log=False)
