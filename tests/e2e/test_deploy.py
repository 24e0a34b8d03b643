"""What lies under deploy/ speaks of metrics that there are, and Prometheus's own tool finds nothing wrong with it."""

import json
import re
import shutil
import subprocess

import pytest
from conftest import ROOT, need
from project import Project
from serving import Server

DEPLOY = ROOT / "deploy"
NAME = re.compile(r"\b(?:sluice|process)_[a-z0-9_]+")


@pytest.fixture(scope="module")
def promtool():
    found = shutil.which("promtool")
    return found or need("promtool, of Debian's prometheus, is not installed")


def checked(promtool, *args, **options):
    ran = subprocess.run([promtool, "check", *args], capture_output=True, check=False, **options)
    assert ran.returncode == 0 and not ran.stderr, (ran.stdout + ran.stderr).decode()


def known():
    """The names as the code has them, with what a histogram makes of them."""
    names = set(NAME.findall((ROOT / "src/telemetry/metrics.cc").read_text(encoding="utf-8")))
    return names | {f"{name}_{part}" for name in names for part in ("bucket", "sum", "count")}


def test_prometheus_takes_the_alert_rules(promtool):
    checked(promtool, "rules", DEPLOY / "prometheus/alerts.yml")


def test_prometheus_finds_nothing_wrong_with_the_metrics(promtool, sluice, tmp_path, shop_sqlite):
    server = Server(Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite)))
    try:
        server.ask_sql("SELECT count(*) AS n FROM orders")
        metrics = server.request("GET", "/metrics")
    finally:
        server.stop()
    assert metrics.status == 200
    checked(promtool, "metrics", input=metrics.body)


def test_every_metric_of_the_rules_the_dashboard_and_the_page_is_there():
    for file in ("deploy/prometheus/alerts.yml", "deploy/grafana/sluice.json", "docs/telemetry.md"):
        assert set(NAME.findall((ROOT / file).read_text(encoding="utf-8"))) <= known(), file
    page = (ROOT / "docs/telemetry.md").read_text(encoding="utf-8")
    assert set(NAME.findall((ROOT / "src/telemetry/metrics.cc").read_text(encoding="utf-8"))) <= set(NAME.findall(page))


def test_the_dashboard_is_what_its_maker_writes():
    made = subprocess.run([DEPLOY / "grafana/make.py"], capture_output=True, check=True).stdout
    assert json.loads(made) == json.loads((DEPLOY / "grafana/sluice.json").read_text(encoding="utf-8"))
