"""What schemathesis is told beyond its settings: what is kept, and refusals that are right.

What is kept stands in the description as it is loaded, as examples of the parameters that name it: ids are drawn by the
server, so that the description itself can have none.

Refusals that are right for data that the description allows, one by one: what no schema can say.

Each is a check, a code of the server, and what the request has. A failure that fits is dropped, and counted by
schemathesis; everything else counts, of the same check too.
"""

import json
import os
from pathlib import Path

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

# As many of what is used up are shown in one operation.
SHOWN = 3


@schemathesis.hook
def before_load_schema(context, raw_schema):
    kept = json.loads(Path(os.environ["CONTRACT_SEEDS"]).read_text())
    for path, item in raw_schema["paths"].items():
        for method, operation in item.items():
            values = {**kept["everywhere"], **kept["operations"].get(f"{method.upper()} {path}", {})}
            for parameter in operation.get("parameters", []):
                found = values.get(f"{parameter['in']}.{parameter['name']}")
                if found:
                    parameter["examples"] = {str(at): {"value": one} for at, one in enumerate(found[:SHOWN])}


def has(case, place, *names):
    return all(name in (getattr(case, place) or {}) for name in names)


RIGHT = [
    # A cursor is signed, for one list of one tenant: nobody else can make one.
    ("HTTP_CURSOR", lambda case: has(case, "query", "cursor")),
    # A run has as many events, and the nodes that its graph has; the message names what it has not.
    ("HTTP_PARAMETER", lambda case: case.operation.path == "/v1/runs/{run}" and has(case, "query", "at")),
    ("HTTP_PARAMETER", lambda case: case.operation.path == "/v1/runs/{run}/why" and has(case, "query", "of")),
    # Each of the two can be sent; together they ask for what there cannot be.
    ("HTTP_PARAMETER", lambda case: has(case, "headers", "If-Match", "If-None-Match")),
    # No number is rounded, also where any value may stand.
    ("JSON_NUMBER", lambda case: case.body is not None),
    # A stream has no pages, and which form is asked for stands in `Accept`.
    ("HTTP_PARAMETER", lambda case: case.operation.path == "/v1/runs/{run}/events" and has(case, "query", "limit")),
]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if not isinstance(failure, RejectedPositiveData):
        return True
    try:
        code = json.loads(response.content).get("code")
    except ValueError:
        return True
    return not any(code == right and fits(case) for right, fits in RIGHT)
