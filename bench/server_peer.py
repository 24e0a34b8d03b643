"""The peer of bench/server.py: what a team writes first. FastAPI on uvicorn, one process, a run's document out of SQLite by its id.

    server_peer.py JOURNAL PORT
"""

import json
import sqlite3
import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()
journal = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, check_same_thread=False)


@app.get("/api/v1/runs/{run_id}")
def show(run_id: str):
    """A row and its events as JSON: no more than that, no guard, no roles, no schema."""
    row = journal.execute("SELECT run_id, name, status, created_at, updated_at, labels FROM wf_run WHERE run_id = ?", (run_id,)).fetchone()
    events = journal.execute("SELECT seq, type, path, at_ms FROM wf_event WHERE run_id = ? ORDER BY seq", (run_id,)).fetchall()
    return {"run_id": row[0], "workflow": row[1], "status": row[2], "created_at": row[3], "updated_at": row[4], "labels": json.loads(row[5]), "events": events}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
