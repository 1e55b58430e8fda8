#!/usr/bin/env python3
"""Holds the server against its own description (OpenAPI) by schemathesis, with every check on.

    python3 host-server/tests/contract/check.py SERVER_BINARY SECONDS [SEED]

Starts the server on a folder of its own, keeps one resource of each kind, so that there is something to ask for, and has
schemathesis (PyPI) ask for as long as it is told. Fails on an answer of the server's own fault, on one that the
description does not have, and where fewer than nine in ten operations have been answered with success.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENOUGH = 0.9


class Server:
    """The server as a process, and someone who asks it."""

    def __init__(self, binary, folder):
        command = [binary, "--data", str(folder), "--listen", "127.0.0.1:0"]
        settings = {"GRAPHLOOM_SERVER_RATE_REQUESTS_PER_SECOND": "100000", "GRAPHLOOM_SERVER_RATE_BURST": "100000"}
        settings |= {"GRAPHLOOM_SERVER_RATE_ADDRESS_REQUESTS_PER_SECOND": "0", "GRAPHLOOM_SERVER_RATE_FAILURES_PER_MINUTE": "0"}
        settings |= {"GRAPHLOOM_SERVER_PUBLIC_URL": "http://127.0.0.1"}
        self.log = open(folder.parent / "server.log", "w+")
        self.process = subprocess.Popen(command, stderr=self.log, env={**os.environ, **settings})
        self.url = self.listening()
        self.token = (folder / "token").read_text().strip()

    def listening(self):
        for _ in range(600):
            self.log.flush()
            found = re.search(r"http://[0-9.]+:[0-9]+", Path(self.log.name).read_text())
            if found:
                return found[0]
            if self.process.poll() is not None:
                break
            subprocess.run(["sleep", "0.1"], check=True)
        sys.exit(f"the server does not listen:\n{Path(self.log.name).read_text()}")

    def ask(self, method, path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def seed(server):
    """Keeps what can be asked for; returns the parameters that name it."""
    greet = json.loads((HERE / "greet.json").read_text())
    graph = server.ask("POST", "/v1/graphs", greet)["id"]
    run = server.ask("POST", f"/v1/graphs/{graph}/runs?wait_ms=10000", {})["run_id"]
    server.ask("PUT", "/v1/credentials/openai", {"kind": "api_key", "secret": "s"})
    return {"path.name": "openai", "path.graph": graph, "path.run": run, "path.version": 1, "path.block": "text.fill_template", "path.code": "HTTP_BODY"}


def configure(folder, parameters):
    """Writes the settings: those of this folder, and what was kept."""
    lines = [(HERE / "schemathesis.toml").read_text(), "[parameters]"]
    lines += [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in parameters.items()]
    file = folder / "schemathesis.toml"
    file.write_text("\n".join(lines))
    return file


def main():
    binary, seconds = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "data").mkdir()
        server = Server(binary, folder / "data")
        try:
            file = configure(folder, seed(server))
            report = folder / "report.har"
            command = ["schemathesis", "--config-file", str(file), "run", f"{server.url}/openapi.json"]
            command += ["-H", f"Authorization: Bearer {server.token}", "--max-time", seconds, "--continue-on-failure"]
            command += ["--report-har-path", str(report)]
            if len(sys.argv) > 3:
                command += ["--seed", sys.argv[3]]
            checked = subprocess.run(command)
            described = server.ask("GET", "/openapi.json")
        finally:
            server.stop()
        reached, all_operations, faults = covered(described, json.loads(report.read_text()))
    missed = sorted(all_operations - reached)
    print(f"{len(reached)} of {len(all_operations)} operations were answered with success; not: {missed}")
    print(f"answers of the server's own fault: {faults}")
    enough = len(reached) >= ENOUGH * len(all_operations)
    sys.exit(0 if checked.returncode == 0 and enough and not faults else 1)


def covered(described, report):
    """Returns the operations that were answered with success, all of them, and how many answers were the server's fault."""
    patterns = {}
    for path, item in described["paths"].items():
        pattern = re.compile("^" + re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(path)) + "$")
        for method in set(item) & {"get", "put", "post", "patch", "delete"}:
            patterns[f"{method.upper()} {path}"] = (method.upper(), pattern, path.count("{"))
    reached, faults = set(), 0
    for entry in report["log"]["entries"]:
        status = entry["response"]["status"]
        faults += status >= 500 and status != 503
        if not 200 <= status < 300:
            continue
        path = re.sub(r"^https?://[^/]+", "", entry["request"]["url"]).split("?")[0]
        fits = [n for n, (method, pattern, _) in patterns.items() if method == entry["request"]["method"] and pattern.match(path)]
        # A path without parameters is meant before one with.
        if fits:
            reached.add(min(fits, key=lambda name: patterns[name][2]))
    return reached, set(patterns), faults


if __name__ == "__main__":
    main()
