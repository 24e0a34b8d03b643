#!/usr/bin/env python3
"""Looks for secrets in the tree and for known vulnerabilities in what the tree depends on. Run by ./dev check --full.

Exit 1 on a secret that the baseline does not know, or on a vulnerability with a fix. A service that cannot be reached is
said plainly and is no error: the machine may have no way to it.

    scan.py                     scan
    scan.py --accept-secrets    take what detect-secrets finds now into the baseline (a person looked at each)
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BIN = Path(sys.executable).parent
BASELINE = HERE / "secrets.baseline.json"
# Lock files, pins and recorded histories are made of hashes, which look like keys.
NOT_SEARCHED = r"(^|/)deps/.*\.lock$|^deps/npm\.json$|^deps/secrets\.baseline\.json$|^tests/histories/.*\.jsonl$"
NPM_FOLDERS = ("web", "bench/lighthouse", "tests/e2e/oidc")
SERVICE_SECONDS_MAX = 120


def run(command, cwd=ROOT):
    try:
        return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=SERVICE_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no answer in {SERVICE_SECONDS_MAX} s")


def secrets(accept):
    done = run([BIN / "detect-secrets", "scan", "--no-verify", "--exclude-files", NOT_SEARCHED])
    if done.returncode != 0:
        sys.exit(f"detect-secrets failed: {done.stderr.strip()[-500:]}")
    found = [(name, hit["hashed_secret"], hit["line_number"], hit["type"]) for name, hits in json.loads(done.stdout)["results"].items() for hit in hits]
    if accept:
        BASELINE.write_text(json.dumps(sorted({f"{name} {digest}" for name, digest, _, _ in found}), indent=1) + "\n")
    known = set(json.loads(BASELINE.read_text()))
    fresh = [hit for hit in found if f"{hit[0]} {hit[1]}" not in known]
    for name, _, line, kind in fresh:
        print(f"{name}:{line}: looks like a secret ({kind}); take it out, or after a look: deps/scan.py --accept-secrets")
    print(f"secrets: {len(found)} candidates, {len(fresh)} unknown")
    return len(fresh)


def python_packages():
    failed = 0
    for lock in sorted(HERE.glob("*.lock")):
        done = run([BIN / "pip-audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--timeout", "15", "--format", "json", "-r", lock])
        try:
            report = json.loads(done.stdout)
        except ValueError:
            print(f"vulnerabilities: deps/{lock.name} NOT CHECKED: the service of pip-audit can't be reached or failed: {last_line(done.stderr)}")
            continue
        for package in report["dependencies"]:
            for hit in package.get("vulns", []):
                failed += bool(hit["fix_versions"])
                print(f"deps/{lock.name}: {package['name']} {package['version']}: {hit['id']}, fixed in {', '.join(hit['fix_versions']) or 'no version yet'}")
        skipped = [package["name"] for package in report["dependencies"] if "skip_reason" in package]
        asked = len(report["dependencies"])
        if len(skipped) == asked:
            print(f"vulnerabilities: deps/{lock.name} NOT CHECKED: the service knew none of its {asked} packages, so it probably can't be reached from here")
        else:
            print(f"vulnerabilities: deps/{lock.name}: {asked - len(skipped)} of {asked} packages checked" +
                  (f"; not known there: {', '.join(skipped)}" if skipped else ""))
    return failed


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "no reason given"


def audited(folder, name):
    """How many packages of the folder's package-lock.json npm knows something bad of."""
    try:
        report = json.loads(run(["npm", "audit", "--package-lock-only", "--json"], cwd=folder).stdout)
    except (FileNotFoundError, ValueError):
        report = {"message": "there is no npm, or it gave no report"}
    if "vulnerabilities" not in report:
        print(f"vulnerabilities: {name} NOT CHECKED: {str(report.get('message') or report.get('error') or 'no report')[:200]}")
        return 0
    for package, hit in report["vulnerabilities"].items():
        print(f"{name}: {package}: {hit['severity']}: {hit['via']}")
    return len(report["vulnerabilities"])


def npm_packages():
    """Those that the pages, the tests and the benchmarks are made with, and those that deps/fetch.py takes files from."""
    bad = sum(audited(lock.parent, str(lock.relative_to(ROOT))) for lock in [ROOT / name / "package-lock.json" for name in NPM_FOLDERS])
    wanted = {pin["package"]: pin["version"] for pin in json.loads((HERE / "npm.json").read_text())}
    with tempfile.TemporaryDirectory() as folder:
        # Only asked about: nothing is installed, and their own dependencies are never used.
        packages = {"": {"dependencies": wanted}}
        packages.update({f"node_modules/{name}": {"version": version} for name, version in wanted.items()})
        Path(folder, "package.json").write_text(json.dumps({"name": "scan", "version": "0.0.0", "dependencies": wanted}))
        Path(folder, "package-lock.json").write_text(json.dumps({"name": "scan", "version": "0.0.0", "lockfileVersion": 3, "packages": packages}))
        return bad + audited(folder, "deps/npm.json")


def debian_packages():
    """Debian fixes in place: an installed package with a newer version in the configured archives is behind on fixes. Told, not an error:
    the machine's owner upgrades it."""
    names = {line for path in HERE.glob("apt-*.txt") for line in path.read_text().split()}
    done = run(["apt", "list", "--upgradable"])
    if done.returncode != 0:
        print(f"vulnerabilities: Debian packages NOT CHECKED: {last_line(done.stderr)}")
        return
    behind = [line for line in done.stdout.splitlines() if line.split("/")[0] in names]
    for line in behind:
        print(f"Debian: {line}")
    print(f"vulnerabilities: Debian: {len(names)} packages asked about, {len(behind)} with a newer version in the archives as last read by apt-get update")


if __name__ == "__main__":
    bad = secrets("--accept-secrets" in sys.argv[1:])
    bad += python_packages() + npm_packages()
    debian_packages()
    sys.exit(1 if bad else 0)
