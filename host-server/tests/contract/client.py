#!/usr/bin/env python3
"""Does what the README's section about the server does, and keeps a file, with a client that is generated from the server's
description.

    python3 host-server/tests/contract/client.py [--server PROGRAM]

The client comes from openapi-python-client (PyPI), made from `/openapi.json` of the running server. Fails where the
generator leaves a part of the description out, and where an answer is not as the description has it.
"""

import argparse
import importlib
import importlib.metadata
import io
import subprocess
import sys
import tempfile
from pathlib import Path

from server import Server, built, example, missing

HERE = Path(__file__).resolve().parent
NAME = "graphloom_client"


def main():
    parser = argparse.ArgumentParser(description="Drives the server with a generated client.")
    parser.add_argument("--server", default=built(), help="the program; without it the one that cargo builds")
    asked = parser.parse_args()
    try:
        version = importlib.metadata.version("openapi-python-client")
    except importlib.metadata.PackageNotFoundError:
        missing("openapi-python-client", f"{sys.executable} -m pip install openapi-python-client")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        with Server(asked.server, folder) as server:
            operations = generate(server, folder)
            scenario(server)
    print(f"openapi-python-client {version}: {operations} operations, the README's scenario is done")


def generate(server, folder):
    """Makes the client and lets it be imported; returns how many operations it has."""
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--url", f"{server.url}/openapi.json"]
    command += ["--config", HERE / "client.yaml", "--meta", "none", "--output-path", folder / NAME, "--fail-on-warning"]
    made = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if made.returncode != 0 or "WARNING" in made.stdout + made.stderr:
        sys.exit(f"the generator leaves something out:\n{made.stdout}{made.stderr}")
    described = server.ask("GET", "/openapi.json")["paths"]
    names = {(each["tags"][0], each["operationId"]) for item in described.values() for each in item.values()}
    left_out = [name for tag, name in names if not (folder / NAME / "api" / tag / f"{name}.py").exists()]
    if left_out:
        sys.exit(f"the generator leaves operations out: {sorted(left_out)}")
    sys.path.insert(0, str(folder))
    return len(names)


def operation(name):
    """Returns the module of an operation."""
    return importlib.import_module(f"{NAME}.api.{name.split('_')[0]}.{name}")


def scenario(server):
    models = importlib.import_module(f"{NAME}.models")
    client_types = importlib.import_module(f"{NAME}.types")
    client = importlib.import_module(NAME).AuthenticatedClient(
        base_url=server.url, token=server.token, raise_on_unexpected_status=True
    )

    def ask(name, status, /, *path, **said):
        answer = operation(name).sync_detailed(*path, client=client, **said)
        assert answer.status_code == status, (name, answer)
        return answer.parsed

    def start(inputs):
        return models.RunStart.from_dict({"inputs": inputs})

    # Keep two graphs, under names of our own.
    for graph in ("greet", "countdown"):
        body = models.GraphsReplaceBody.from_dict(example(graph))
        kept = ask("graphs_replace", 201, graph, body=body, if_none_match="*")
        assert (kept.id, kept.version) == (graph, 1), kept

    # Run one, and wait for its result.
    done = ask("runs_start", 200, "greet", body=start({"who": "Ada"}), wait_ms=10_000)
    assert done.status == "completed", done
    assert done.result["outputs"] == {"greeting": ["Hello Ada!"]}, done

    # Follow one event by event, to its end: the stream, and then the same events by pages.
    run = ask("runs_start", 202, "countdown", body=start({"seconds": 0})).run_id
    stream = follow(client, run)
    assert "started" in stream and stream[-1] == "end", stream
    paged, after, over = [], {}, False
    while not over:
        page = ask("runs_events", 200, run, limit=4, **after)
        paged += [event["type"] for event in page.items]
        after, over = {"after": page.next_after}, page.over
    assert paged.count("emitted") == stream.count("emitted") > 0, (paged, stream)
    assert ask("runs_get", 200, run).status == "completed"

    # Stop one that would take hours. Its events end when it has stopped.
    run = ask("runs_start", 202, "countdown", body=start({"seconds": 3600})).run_id
    told = ask("runs_cancel", 202, run)
    assert told.receipt.href == f"/v1/runs/{run}", told
    assert follow(client, run)[-1] == "end"
    stopped = ask("runs_get", 200, run)
    assert stopped.status == stopped.result["status"] == "cancelled", stopped

    # Keep a file, fetch it, and forget it: bytes, as they are.
    content = bytes(range(256))
    sent = client_types.File(payload=io.BytesIO(content))
    kept = ask("files_upload", 201, body=sent, name="bytes.bin")
    assert (kept.name, kept.bytes_) == ("bytes.bin", len(content)), kept
    assert ask("files_download", 200, kept.id).payload.read() == content
    ask("files_delete", 204, kept.id, if_match="*")
    assert ask("files_download", 404, kept.id).code == "HTTP_NOT_FOUND"

    # What is wrong is told with its place and what would do, as a problem document.
    problem = ask("runs_start", 422, "greet", body=start({"whom": "Ada"}))
    assert isinstance(problem, models.Problem), problem
    assert (problem.status, problem.code) == (422, "INPUT_UNKNOWN"), problem
    assert problem.errors[0]["suggestions"] == ["who"], problem


def follow(client, run):
    """Follows a run as an event stream until the server ends it; returns what its events are called, in order."""
    request = operation("runs_events")._get_kwargs(run)
    request["headers"] = {**request.get("headers", {}), "Accept": "text/event-stream"}
    with client.get_httpx_client().stream(**request, timeout=60) as answer:
        assert answer.status_code == 200, answer
        lines = [line for line in answer.iter_lines() if line.startswith("event: ")]
    return [line.removeprefix("event: ") for line in lines]


if __name__ == "__main__":
    main()
