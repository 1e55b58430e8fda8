"""The program under test, and what stands for the internet around it."""

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


def built():
    """Where `cargo build -p graphloom-server` puts the program."""
    target = os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")
    return Path(target) / "debug" / "graphloom-server"


def missing(what, install):
    """Ends with what is not there, and what would bring it."""
    sys.exit(f"{what} is missing: {install}")


def example(name):
    """A graph of the examples."""
    return json.loads((REPOSITORY / "examples/graphs" / name / "graph.json").read_text())


class Outside:
    """What the server is to reach: a service that people log in to, and a receiver of callbacks that takes none."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            token = {"access_token": "t", "token_type": "Bearer", "expires_in": 3600}
            status, body = (200, json.dumps(token).encode()) if self.path == "/token" else (503, b"")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __init__(self):
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self.Handler)
        self.host = f"127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def service(self):
        """What the settings say of the service."""
        urls = {"authorize_url": f"http://{self.host}/authorize", "token_url": f"http://{self.host}/token"}
        return {"outside": {"client_id": "c", "hosts": [self.host], **urls}}


class Server:
    """The server as a process, on a folder of its own, and someone who asks it."""

    def __init__(self, program, folder, **settings):
        if not Path(program).exists():
            missing(program, "cargo build -p graphloom-server")
        self.outside = Outside()
        services = folder / "services.json"
        services.touch(0o600)
        services.write_text(json.dumps(self.outside.service()))
        settings = {
            # It is asked as fast as it answers.
            "RATE_REQUESTS_PER_SECOND": "100000",
            "RATE_BURST": "100000",
            "RATE_ADDRESS_REQUESTS_PER_SECOND": "0",
            "RATE_FAILURES_PER_MINUTE": "0",
            "PUBLIC_URL": "http://127.0.0.1",
            "EGRESS_ALLOW_HOSTS": self.outside.host,
            "CREDENTIALS_OAUTH_FILE": str(services),
            **settings,
        }
        environment = {f"GRAPHLOOM_SERVER_{name}": value for name, value in settings.items()}
        data = folder / "data"
        data.mkdir()
        self.log = folder / "server.log"
        command = [program, "--data", data, "--listen", "127.0.0.1:0"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stderr=log, env={**os.environ, **environment})
        self.url = self.listening()
        self.token = (data / "token").read_text().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.outside.http.shutdown()

    def listening(self):
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            if found := re.search(r"http://[0-9.]+:[0-9]+", self.log.read_text()):
                return found[0]
            time.sleep(0.05)
        self.process.kill()
        sys.exit(f"the server does not listen:\n{self.log.read_text()}")

    def ask(self, method, path, body=None, **headers):
        """Asks, and returns what is answered with success: JSON, or nothing. A body is sent as JSON, bytes as they are."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            sys.exit(f"{method} {path}: {refused.code} {refused.read().decode()}")
        return json.loads(text) if text else None
