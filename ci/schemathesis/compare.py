#!/usr/bin/env python3
"""Which planted faults do Watertight and Schemathesis find in the same service, and how fast do they ask?

Both attack the reference ERP with the credentials of the same users and the same time for each fault.
Schemathesis is told of two users who must not see each other's objects, and runs every check that it
has. What it reports of the service without a fault, with any seed, is not counted as found.

    python3 -m venv compare && compare/bin/pip install -r ci/schemathesis/requirements.txt
    compare/bin/python ci/schemathesis/compare.py --programs target/release --seconds 60 > comparison.md
"""

import argparse
import collections
import contextlib
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

DESIGNS = ["database-per-tenant", "shared-database"]
TENANTS = ["acme", "globex"]
USER = "administrator"
# Seeds of the runs without a fault: what any of them reports is the tool's noise.
CLEAN_SEEDS = [1, 2, 3]


@contextlib.contextmanager
def program(command, ready):
    """A program that runs until it is left; gives the line by which it says that it is ready."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        for line in process.stdout:
            found = re.search(ready, line)
            if found:
                # The rest is read by nobody; a full pipe would stop the program.
                process.stdout.close()
                yield found
                return
        raise SystemExit(f"{command[0]} ended before it was ready")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def erp(arguments, design, fault, work):
    """The reference ERP over a server of its own; gives its URL and a token for each tenant."""
    logins = work / "logins.json"
    logins.unlink(missing_ok=True)
    serve = [arguments.programs / "watertight", "serve", "--design", design, "--write-logins", logins]
    with program([str(part) for part in serve], r"^Listening on"):
        while not logins.exists() or not logins.read_text():
            time.sleep(0.05)
        entries = [entry for entry in json.loads(logins.read_text())["logins"] if "tenant" in entry]
        command = [arguments.programs / "watertight-erp", "--design", design, "--logins", logins, "--files", work / "files"]
        if design == "shared-database":
            numbers = {entry["tenant"]: entry["number"] for entry in entries}
            for tenant, number in numbers.items():
                command += ["--organisation", f"{tenant}={number}"]
        if fault:
            command += ["--fault", fault]
        with program([str(part) for part in command], r"listening on (\S+)") as found:
            url = found[1]
            marks = {entry["tenant"]: entry["mark"] for entry in entries}
            yield url, {tenant: log_in(url, tenant, marks[tenant]) for tenant in TENANTS}


def log_in(url, tenant, mark):
    body = {"user": f"{USER}@{tenant}.example", "password": f"{USER}-{mark}"}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/sessions", json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["token"]


def schemathesis(url, tokens, seconds, seed, work, count=False):
    """What it reports, as pairs of check and operation; and how many requests it sent, if counted."""
    peers = [
        {"name": tenant, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
        for tenant, token in tokens.items()
    ]
    (work / "peers.json").write_text(json.dumps({"auth": peers}))
    configuration = f'[auth.wfc]\npath = "peers.json"\npeers = {json.dumps(list(tokens))}\n'
    (work / "schemathesis.toml").write_text(configuration)
    tool = pathlib.Path(sys.executable).parent / "schemathesis"
    reports = "json,har" if count else "json"
    command = [
        tool, "--config-file", "schemathesis.toml", "run", f"{url}/openapi.json", "--checks", "all",
        "--max-time", seconds, "--seed", seed, "--continue-on-failure", "--no-color",
        "--report", reports, "--report-json-path", "report.json", "--report-har-path", "report.har",
        "--generation-database", "none",
    ]
    with open(work / "schemathesis.log", "w") as log:
        subprocess.run([str(part) for part in command], cwd=work, stdout=log, stderr=log, timeout=seconds * 3 + 120)
    report = json.loads((work / "report.json").read_text())
    found = {
        (failure["title"], operation)
        for failure in report["failures"]
        for operation in failure.get("operations", [])
    }
    requests = None
    if count:
        entries = json.loads((work / "report.har").read_text())["log"]["entries"]
        requests = len(entries) / report["running_time"]
    return found, requests


def watertight(arguments, design, fault, work):
    """Whether it exits with 1, under which controls, and how many requests it sent in a second."""
    command = [
        arguments.programs / "watertight", "run", "--design", design, "--plane", "api",
        "--budget", f"{arguments.seconds}s", "--seed", arguments.seed, "--out", work / "watertight", "--color", "never",
    ]
    if fault:
        command += ["--fault", fault]
    began = time.monotonic()
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    text = ran.stdout + ran.stderr
    lines = re.findall(r"^((?:[DSB]\d\d )+)violated", text, re.MULTILINE)
    controls = sorted({control for line in lines for control in line.split()})
    counted = re.search(r"([\d,]+) requests", text)
    requests = int(counted[1].replace(",", "")) / (time.monotonic() - began) if counted else None
    return ran.returncode, controls, requests


def faults(arguments, design):
    listed = subprocess.run(
        [str(arguments.programs / "watertight-erp"), "--list-faults"], capture_output=True, text=True, check=True
    )
    ids = [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]
    chosen = [fault for fault in ids if not arguments.fault or fault in arguments.fault]
    return [fault for fault in chosen if can_be_planted(arguments, design, fault)]


def can_be_planted(arguments, design, fault):
    """Some are of one design only; the program says so before it reaches for a server."""
    listed = subprocess.run(
        [str(arguments.programs / "watertight"), "list", "faults", "--design", design], capture_output=True, text=True
    )
    return listed.returncode != 0 or re.search(rf"\b{re.escape(fault)}\b", listed.stdout) is not None


def main():
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--programs", type=pathlib.Path, required=True, help="folder of watertight and watertight-erp")
    reader.add_argument("--seconds", type=int, default=60, help="time of each tool for each fault")
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--design", choices=DESIGNS, action="append")
    reader.add_argument("--fault", action="append", help="only this one; may be given more than once")
    arguments = reader.parse_args()
    arguments.programs = arguments.programs.resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        for design in arguments.design or DESIGNS:
            compare(arguments, design, work)


def compare(arguments, design, work):
    noise, rate = set(), None
    for seed in CLEAN_SEEDS:
        with erp(arguments, design, None, work) as (url, tokens):
            found, requests = schemathesis(url, tokens, arguments.seconds, seed, work, count=seed == CLEAN_SEEDS[0])
            noise |= found
            rate = rate or requests
    code, controls, own_rate = watertight(arguments, design, None, work)
    print(f"## {design}, {arguments.seconds} s for each run\n")
    print(f"Without a fault Schemathesis reports {len(noise)} things in {len(CLEAN_SEEDS)} runs, "
          f"and Watertight exits with {code}{': ' + ' '.join(controls) if controls else ''}.")
    if rate and own_rate:
        print(f"Requests in a second: Watertight {own_rate:.0f}, Schemathesis {rate:.0f}, {own_rate / rate:.1f} times as many.")
    planted, rows = faults(arguments, design), []
    for fault in planted:
        code, controls, _ = watertight(arguments, design, fault, work)
        with erp(arguments, design, fault, work) as (url, tokens):
            found, _ = schemathesis(url, tokens, arguments.seconds, arguments.seed, work)
        rows.append((fault, code == 1, " ".join(controls) or "found", found - noise))
        print(f"{fault}: Watertight {code == 1}, Schemathesis {sorted(found - noise)}", file=sys.stderr, flush=True)
    # What is told of most faults alike is of the service, though no run without a fault happened to show it.
    told = collections.Counter(report for _, _, _, found in rows for report in found)
    alike = {report for report, count in told.items() if len(rows) > 2 and count * 2 >= len(rows)}
    for check, operation in sorted(alike):
        print(f"\nNot counted, since it is told of half of the faults or more: {check} ({operation}).")
    print("\n| planted fault | Watertight | Schemathesis |\n|---|---|---|")
    for fault, is_found, controls, found in rows:
        new = sorted(found - alike)
        theirs = f"{new[0][0]} ({new[0][1]})" if new else "—"
        print(f"| {fault} | {controls if is_found else '—'} | {theirs} |")
    own, theirs = sum(row[1] for row in rows), sum(bool(row[3] - alike) for row in rows)
    print(f"\nFound of {len(planted)}: Watertight {own}, Schemathesis {theirs}.\n", flush=True)


if __name__ == "__main__":
    main()
