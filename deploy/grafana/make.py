#!/usr/bin/env python3
"""Writes sluice.json, the dashboard for Grafana 10 and later over Prometheus: deploy/grafana/make.py > deploy/grafana/sluice.json"""

import json
import sys

# Title, unit, then (expression, legend) each; a row is two or three of them.
ROWS = [
    ("Runs", [
        ("Runs that have not ended", "short", [("sum by (status) (max by (queue, status) (sluice_runs))", "{{status}}")]),
        ("Runs that wait for a worker", "short", [("sluice_queue_depth", "{{queue}}")]),
        ("Runs ended, an hour", "short", [("sum by (status) (increase(sluice_runs_ended_total[1h]))", "{{status}}")]),
    ]),
    ("Steps", [
        ("Step, 95th percentile", "s", [("histogram_quantile(0.95, sum by (le, step) (rate(sluice_step_duration_seconds_bucket[5m])))", "{{step}}")]),
        ("Failed attempts, an hour", "short", [("sum by (step, code) (increase(sluice_step_failures_total[1h]))", "{{step}} {{code}}")]),
        ("Engine, 95th percentile", "s",
         [("histogram_quantile(0.95, sum by (le, connection, operation) (rate(sluice_database_call_duration_seconds_bucket[5m])))", "{{connection}} {{operation}}")]),
    ]),
    ("People", [
        ("Approvals that wait", "short", [("sluice_approvals_open", "open")]),
        ("The oldest has waited", "s", [("sluice_approval_oldest_age_seconds", "oldest")]),
        ("Decisions, a day", "short", [("sum by (status, by) (increase(sluice_approvals_decided_total[1d]))", "{{status}} by {{by}}")]),
    ]),
    ("Models", [
        ("Call, 95th percentile", "s", [("histogram_quantile(0.95, sum by (le, model) (rate(sluice_model_call_duration_seconds_bucket[5m])))", "{{model}}")]),
        ("Calls, an hour", "short", [("sum by (model, outcome) (increase(sluice_model_calls_total[1h]))", "{{model}} {{outcome}}")]),
        ("Tokens, an hour", "short", [("sum by (model, type) (increase(sluice_model_tokens_total[1h]))", "{{model}} {{type}}")]),
        ("Spent today (UTC)", "currencyUSD", [("sluice_spent_today_usd", "{{model}}")]),
        ("Services kept from", "short", [("sluice_breaker_open", "{{origin}}")]),
    ]),
    ("Server", [
        ("Requests a second", "reqps", [("sum by (status) (rate(sluice_http_requests_total[5m]))", "{{status}}")]),
        ("Answer, 99th percentile", "s", [("histogram_quantile(0.99, sum by (le) (rate(sluice_http_request_duration_seconds_bucket[5m])))", "p99")]),
        ("Connections", "short", [("sluice_http_connections", "open"), ("sluice_live_readers", "live"), ("rate(sluice_http_refused[5m])", "refused a second")]),
        ("Memory", "bytes", [("process_resident_memory_bytes", "{{instance}}")]),
        ("Spans dropped", "short", [("sluice_spans_dropped", "{{instance}}")]),
    ]),
]
WIDTH, HEIGHT = 24, 8


def panel(number, title, unit, queries, at):
    source = {"type": "prometheus", "uid": "${source}"}
    targets = [{"datasource": source, "expr": expression, "legendFormat": legend, "refId": chr(ord("A") + n)} for n, (expression, legend) in enumerate(queries)]
    return {"id": number, "type": "timeseries", "title": title, "datasource": source, "gridPos": at, "targets": targets,
            "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []}}


def panels():
    number, y = 0, 0
    for title, row in ROWS:
        number += 1
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}}
        y += 1
        for n, (name, unit, queries) in enumerate(row):
            number += 1
            across = min(3, len(row))
            yield panel(number, name, unit, queries, {"x": n % across * WIDTH // across, "y": y + n // across * HEIGHT, "w": WIDTH // across, "h": HEIGHT})
        y += -(-len(row) // 3) * HEIGHT


json.dump({
    "uid": "sluice", "title": "Sluice", "schemaVersion": 38, "version": 1, "editable": True, "refresh": "30s", "time": {"from": "now-6h", "to": "now"},
    "templating": {"list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]},
    "panels": list(panels()),
}, sys.stdout, indent=1)
print()
