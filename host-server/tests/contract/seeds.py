"""What is kept before the server is asked, so that there is something to ask for.

A seed takes the server and returns values of parameters: for every operation under `path.graph`, and for one of them under
`DELETE /v1/graphs/{graph} path.graph`. What an operation uses up (it deletes a graph, it ends a run) has values of its own,
several of them, so that the others still find theirs. A new resource takes a new seed, in `SEEDS`.
"""

import time

from server import example

# How many there are of what is used up.
SPARE = 24

REVIEW = {
    "format": 1,
    "name": "review",
    "nodes": {
        "ask": {"block": "flow.review", "inputs": {"name": "ok?", "data": 1}},
        "out": {"block": "io.output", "inputs": {"name": "said"}},
    },
    "links": [{"from": "ask.approved_data", "to": "out.value"}],
}

HANDED_ON = {
    "format": 1,
    "name": "handed on",
    "nodes": {
        "file": {"block": "io.input", "inputs": {"name": "file"}},
        "out": {"block": "io.output", "inputs": {"name": "same"}},
    },
    "links": [{"from": "file.result", "to": "out.value"}],
}


def spare(make):
    return [make(number) for number in range(SPARE)]


def put(server, path, body):
    """Keeps something under an id of our own; returns the id."""
    server.ask("PUT", path, body, If_None_Match="*")
    return path.rsplit("/", 1)[1]


def graphs(server):
    greet = example("greet")
    put(server, "/v1/graphs/greet", greet)
    put(server, "/v1/graphs/review", REVIEW)
    server.ask("PUT", "/v1/graphs/greet/tags", {"tags": ["demo"]})
    gone = spare(lambda number: put(server, f"/v1/graphs/spare-{number}", greet))
    return {
        "path.graph": ["greet"],
        "path.version": [1],
        "query.graph": ["greet"],
        "query.tag": ["demo"],
        "DELETE /v1/graphs/{graph} path.graph": gone,
    }


def runs(server):
    def over(_=None):
        return server.ask("POST", "/v1/graphs/greet/runs?wait_ms=10000", {"labels": {"of": "seed"}})["run_id"]

    def waits(_=None):
        return server.ask("POST", "/v1/graphs/review/runs?wait_ms=10000", {})["run_id"]

    kept = over()
    return {
        "path.run": [kept],
        "path.other": [over()],
        "query.of": ["fill", "fill.output", "out"],
        "query.at": [0, 1],
        "query.run": [kept],
        "query.label": ["of=seed"],
        "DELETE /v1/runs/{run} path.run": spare(over),
        "POST /v1/runs/{run}/cancel path.run": spare(waits),
        "POST /v1/runs/{run}/resume path.run": spare(waits),
        "POST /v1/runs/{run}/answers path.run": spare(waits),
    }


def presets(server):
    preset = {"name": "for Ada", "graph_id": "greet", "run": {"inputs": {"who": "Ada"}}}
    put(server, "/v1/presets/for-ada", preset)
    gone = spare(lambda number: put(server, f"/v1/presets/spare-{number}", preset))
    return {"path.preset": ["for-ada"], "DELETE /v1/presets/{preset} path.preset": gone}


def schedules(server):
    schedule = {"name": "once a year", "target": {"graph_id": "greet"}, "cron": "@yearly"}
    put(server, "/v1/schedules/yearly", schedule)
    gone = spare(lambda number: put(server, f"/v1/schedules/spare-{number}", schedule))
    return {"path.schedule": ["yearly"], "query.target": ["greet"], "DELETE /v1/schedules/{schedule} path.schedule": gone}


def deliveries(server):
    told = {"callback": {"url": f"http://{server.outside.host}/told"}}
    run = server.ask("POST", "/v1/graphs/greet/runs?wait_ms=10000", told)["run_id"]
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = server.ask("GET", f"/v1/deliveries?run={run}")["items"]
        if found:
            return {"path.delivery": [found[0]["id"]], "query.state": ["pending"]}
        time.sleep(0.1)
    raise SystemExit("a run with a callback has no delivery")


def keys(server):
    def key(_=None):
        return server.ask("POST", "/v1/keys", {"name": "seed", "scopes": ["runs:read"]})["id"]

    return {
        "path.key": [key()],
        "DELETE /v1/keys/{key} path.key": spare(key),
        "DELETE /v1/admin/tenants/{tenant}/keys/{key} path.key": spare(key),
    }


def credentials(server):
    def keep(name):
        server.ask("PUT", f"/v1/credentials/{name}", {"kind": "api_key", "provider": "openai", "secret": "s"})
        return name

    return {
        "GET /v1/credentials/{name} path.name": [keep("openai")],
        "PUT /v1/credentials/{name} path.name": ["openai"],
        "POST /v1/credentials/{name}/authorize path.name": ["github"],
        "DELETE /v1/credentials/{name} path.name": spare(lambda number: keep(f"spare-{number}")),
    }


def logins(server):
    def begun(number):
        return server.ask("POST", f"/v1/credentials/login-{number}/authorize", {"provider": "outside"})["state"]

    return {"GET /oauth/callback query.state": spare(begun), "GET /oauth/callback query.code": ["code"]}


def tenants(_):
    # What is kept for all other operations is that of `local`: one that has nothing is forgotten.
    forgotten = "DELETE /v1/admin/tenants/{tenant}"
    return {"path.tenant": ["local"], f"{forgotten} path.tenant": ["nobody"], f"{forgotten} query.confirm": ["nobody"]}


def webhooks(server):
    def keep(name, provider):
        target = {"target": {"graph_id": "greet"}, "payload_to": {"input": "who"}}
        return put(server, f"/v1/webhooks/{name}", {"name": name, "provider": provider, **target})

    keep("pushes", {"kind": "github"})
    # Nobody proves anything to this one, so that whatever is sent to it is looked at.
    keep("open", {"kind": "unsigned"})
    path = server.ask("GET", "/v1/webhooks/open")["path"]
    server.ask("POST", path, {"who": "Ada"})
    gone = spare(lambda number: keep(f"spare-{number}", {"kind": "token", "header": "x-token"}))
    return {
        "path.webhook": ["pushes"],
        "path.hook": [path.rsplit("/", 1)[1]],
        "query.provider": ["github", "unsigned"],
        "GET /v1/webhooks/{webhook}/deliveries path.webhook": ["open"],
        "DELETE /v1/webhooks/{webhook} path.webhook": gone,
    }


def files(server):
    def keep(number):
        return server.ask("POST", f"/v1/files?name=note-{number}.txt", f"note {number}".encode(), Content_Type="text/plain")

    kept = keep("kept")
    run = server.ask("POST", "/v1/runs?wait_ms=10000", {"graph": HANDED_ON, "inputs": {"file": kept["value"]}})["run_id"]
    hash = server.ask("GET", f"/v1/runs/{run}/artifacts")["items"][0]["hash"]
    return {
        "path.file": [kept["id"]],
        "path.hash": [hash],
        "GET /v1/runs/{run}/artifacts path.run": [run],
        "GET /v1/runs/{run}/artifacts/{hash} path.run": [run],
        "DELETE /v1/files/{file} path.file": spare(lambda number: keep(number)["id"]),
    }


def others(_):
    return {"path.block": ["text.fill_template"], "path.code": ["HTTP_BODY"]}


SEEDS = [graphs, runs, presets, schedules, deliveries, keys, credentials, logins, webhooks, files, tenants, others]


def sow(server):
    """Keeps everything; returns the values, of all operations and by operation."""
    everywhere, operations = {}, {}
    for seed in SEEDS:
        for name, values in seed(server).items():
            *operation, parameter = name.rsplit(" ", 1)
            place = operations.setdefault(operation[0], {}) if operation else everywhere
            place[parameter] = values
    return everywhere, operations
