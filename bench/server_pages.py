"""What Lighthouse says of the pages: its own defaults, which are a phone on a slow line, over the Chromium that the tests use."""

import json
import os
import shutil
import subprocess

from server_parts import SECONDS_MAX, Figure, ask, fail, served, wait_for_quiet

AIM = 95
TRIES_MAX = 3  # on a busy machine the browser now and then loses its own trace
CATEGORIES = ("accessibility", "performance")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-proxy-server"
SQL = "SELECT country, count(*) AS n, sum(amount) AS total FROM orders JOIN customers USING (customer_id) GROUP BY country ORDER BY total DESC"
WAITING_SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"


def pages_of(server):
    answered = ask(server, sql=SQL, approve="policy")
    ask(server, sql=WAITING_SQL)
    if not json.loads(server.get("/api/v1/approvals"))["approvals"]:
        fail("nothing waits for an approval")
    return {"runs": "/runs", "a run": f"/runs/{answered}", "approvals, one waits": "/approvals", "ask, with a result": f"/ask/{answered}",
            "catalog": "/catalog?connection=shop&table=orders"}


def audited(options, folder, url):
    """Lighthouse's report of one load of the page."""
    report = folder / "lighthouse.json"
    command = [options.node, options.lighthouse, url, "--quiet", f"--only-categories={','.join(CATEGORIES)}", "--output=json", f"--output-path={report}",
               f"--chrome-flags={FLAGS}", "--enable-error-reporting=false"]
    # Its own settings go where they are deleted, not into a person's home.
    env = {**os.environ, "CHROME_PATH": shutil.which("chromium"), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "TMPDIR": str(folder)}
    for _ in range(TRIES_MAX):
        done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        if done.returncode == 0:
            return json.loads(report.read_text(encoding="utf-8"))
        print(f"  Lighthouse saw nothing of {url}: {done.stderr.strip()[-200:]}", flush=True)
    fail(f"Lighthouse failed {TRIES_MAX} times on {url}")
    return None


def complaints(report, category):
    """What keeps it from 100."""
    weights = {ref["id"]: ref["weight"] for ref in report["categories"][category]["auditRefs"]}
    audits = [(report["audits"][name], weight) for name, weight in weights.items() if weight]
    return sorted(f"{audit['id']} {audit['score']:.2f} {audit.get('displayValue', '')}".strip() for audit, _ in audits if audit["score"] is not None and audit["score"] < 0.9)


def measure(options, folder):
    if not (options.lighthouse and shutil.which("chromium")):
        print("skipped: the pages, as there is no --lighthouse, or no chromium")
        return
    with served(options.sluice, folder) as server:
        for name, path in pages_of(server).items():
            reports = []
            for _ in range(options.rounds):
                wait_for_quiet(options)
                reports.append(audited(options, folder, server.url + path))
            if reports[0].get("runtimeError") or not reports[0]["finalDisplayedUrl"].endswith(path):
                fail(f"Lighthouse did not see {path}: {reports[0].get('runtimeError')} {reports[0]['finalDisplayedUrl']}")
            for category in CATEGORIES:
                scores = [report["categories"][category]["score"] for report in reports]
                if None in scores:
                    fail(f"Lighthouse gave {name} no score for {category}")
                yield Figure(f"Lighthouse, {category}: {name}", [100 * score for score in scores], "", AIM, at_least=True)
                if what := complaints(reports[0], category):
                    print(f"  {name}, {category}: {'; '.join(what)}", flush=True)
