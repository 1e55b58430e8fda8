#!/usr/bin/env python3
"""Holds the server against its own description (OpenAPI) by schemathesis, with every check on.

    python3 host-server/tests/contract/check.py [--seconds 180 | --examples N] [--seed N] [--server PROGRAM] [--reports FOLDER]

Starts the server on a folder of its own, keeps some resources of each kind (`seeds.py`), and has schemathesis (PyPI) ask
for as long as it is told. Fails on any failure that schemathesis finds, on an answer of the server's own fault, and where
fewer than nine in ten operations were answered with success. What is not judged, and why, stands in `hooks.py` and
`schemathesis.toml`.
"""

import argparse
import importlib.metadata
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import seeds
from server import Server, built, missing

HERE = Path(__file__).resolve().parent
ENOUGH = 0.9
METHODS = {"get", "put", "post", "patch", "delete"}


def main():
    asked = arguments()
    try:
        version = importlib.metadata.version("schemathesis")
    except importlib.metadata.PackageNotFoundError:
        missing("schemathesis", f"{sys.executable} -m pip install schemathesis")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        with Server(asked.server, folder) as server:
            settings = configure(folder, *seeds.sow(server))
            described = server.ask("GET", "/openapi.json")
            checked = check(server, settings, folder, asked)
        if not (folder / "report.json").exists() or not (folder / "report.har").exists():
            sys.exit(f"schemathesis ended with {checked} and has no report")
        reached, operations, faults = covered(described, json.loads((folder / "report.har").read_text()))
        if asked.reports:
            asked.reports.mkdir(parents=True, exist_ok=True)
            for name in ("report.har", "report.json", "server.log"):
                shutil.copy(folder / name, asked.reports)
        report = json.loads((folder / "report.json").read_text())
    failures = counted(report)
    share = len(reached) / len(operations)
    extent = f"{asked.examples} random requests an operation" if asked.examples else f"{asked.seconds} s"
    print(f"\nschemathesis {version}, seed {asked.seed}, {extent}")
    print(f"operations answered with success: {len(reached)} of {len(operations)} ({share:.0%})")
    for name in sorted(operations - reached):
        print(f"    not: {name}")
    print(f"failures: {failures} of {report['test_cases']['generated']} cases; refusals that are right by hooks.py: {report['filtered']}")
    print(f"answers of the server's own fault (5xx): {faults}")
    good = checked == 0 and failures == 0 and faults == 0 and share >= ENOUGH
    print("the server is as it says" if good else "THE SERVER IS NOT AS IT SAYS")
    sys.exit(0 if good else 1)


def arguments():
    parser = argparse.ArgumentParser(description="Holds the server against its description.")
    parser.add_argument("--server", default=built(), help="the program; without it the one that cargo builds")
    parser.add_argument("--seconds", type=int, default=180, help="how long to ask")
    parser.add_argument("--examples", type=int, help="how many random requests an operation, in place of a time: the same on any machine")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="what random data follows from")
    parser.add_argument("--reports", type=Path, help="where to keep what schemathesis reports; without it nowhere")
    return parser.parse_args()


def configure(folder, everywhere, operations):
    """Writes the settings: those of this folder, and what was kept; returns the file."""
    (folder / "seeds.json").write_text(json.dumps({"everywhere": everywhere, "operations": operations}))
    lines, dictionaries = [(HERE / "schemathesis.toml").read_text()], []

    def table(values, where):
        for parameter, found in values.items():
            name = f"{where} {parameter}"
            dictionaries.append(f"[dictionaries.{json.dumps(name)}]\nvalues = {json.dumps(found)}")
            # Where what is kept is used up, nothing else is asked for; elsewhere there is also something that is not there.
            chance = 0.9 if where == "all" else 1.0
            lines.append(f"{json.dumps(parameter)} = {{ dictionary = {json.dumps(name)}, probability = {chance} }}")

    lines.append("[parameters]")
    table({name: found for name, found in everywhere.items() if name.startswith("path.")}, "all")
    for operation, values in operations.items():
        lines += ["[[operations]]", f"include-name = {json.dumps(operation)}", "[operations.parameters]"]
        table({name: found for name, found in values.items() if name.startswith("path.")}, operation)
    file = folder / "schemathesis.toml"
    file.write_text("\n".join(lines + dictionaries) + "\n")
    return file


def check(server, settings, folder, asked):
    """Has schemathesis ask; returns what it ends with."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", settings, "run", f"{server.url}/openapi.json"]
    command += ["-H", f"Authorization: Bearer {server.token}", "--seed", asked.seed]
    if asked.examples:
        # Every phase but the one that goes from answer to answer, which ends by time alone.
        command += ["--max-examples", asked.examples, "--phases", "examples,coverage,fuzzing"]
    else:
        command += ["--max-time", asked.seconds]
    command += ["--checks", "all", "--continue-on-failure", "--generation-database", ":memory:"]
    command += ["--report-har-path", folder / "report.har", "--report-json-path", folder / "report.json"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "CONTRACT_SEEDS": str(folder / "seeds.json")}
    return subprocess.run([str(part) for part in command], cwd=folder, env=environment).returncode


def covered(described, report):
    """Returns the operations that were answered with success, all of them, and how many answers were the server's fault."""
    patterns = {}
    for path, item in described["paths"].items():
        pattern = re.compile("^" + re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(path)) + "$")
        for method in set(item) & METHODS:
            patterns[f"{method.upper()} {path}"] = (method.upper(), pattern, path.count("{"))
    reached, faults = set(), 0
    for entry in report["log"]["entries"]:
        status = entry["response"]["status"]
        faults += status >= 500
        if not 200 <= status < 300:
            continue
        path = re.sub(r"^https?://[^/]+", "", entry["request"]["url"]).split("?")[0]
        fits = [n for n, (method, pattern, _) in patterns.items() if method == entry["request"]["method"] and pattern.match(path)]
        # A path without parameters is meant before one with.
        if fits:
            reached.add(min(fits, key=lambda name: patterns[name][2]))
    return reached, set(patterns), faults


def counted(report):
    """Returns how many failures and errors of its own schemathesis reports, each once for each operation."""
    return sum(group["count"] for group in report["failures"] + report["errors"])


if __name__ == "__main__":
    main()
