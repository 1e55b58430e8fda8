"""What schemathesis is told beyond its settings: what is kept, and refusals that are right.

What is kept stands in the description as it is loaded, as examples of the parameters that name it: ids are drawn by the
server, so that the description itself can have none.

Refusals that are right are for data that the description allows, one by one: what no schema can say. A failure of the one
check for this (`positive_data_acceptance`) that fits is dropped, and counted by schemathesis; every other one stays.
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


@schemathesis.hook
def before_call(context, case, kwargs):
    # A server that drains refuses to begin anything, to everyone.
    if case.path == "/v1/admin/drain" and isinstance(case.body, dict) and case.body.get("draining") is True:
        case.body = {**case.body, "draining": False}


def has(case, place, *names):
    return all(name in (getattr(case, place) or {}) for name in names)


# A code, how the message begins, and what the request has.
RIGHT = [
    # A cursor is signed, for one list of one tenant: nobody else can make one.
    ("HTTP_CURSOR", "the cursor", lambda case: has(case, "query", "cursor")),
    # A run has as many events, and the nodes that its graph has; the message names what it has not.
    ("HTTP_PARAMETER", "at: the run has", lambda case: has(case, "query", "at")),
    ("HTTP_PARAMETER", "of: ", lambda case: has(case, "query", "of")),
    # Each of the two can be sent; together they ask for what there cannot be.
    ("HTTP_PARAMETER", "give one of", lambda case: has(case, "headers", "If-Match", "If-None-Match")),
    # How many bytes there are is told by the answer only.
    ("HTTP_RANGE", "there are", lambda case: has(case, "headers", "Range")),
    # No number is rounded, also where any value may stand.
    ("JSON_NUMBER", "", lambda case: case.body is not None),
]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if not isinstance(failure, RejectedPositiveData):
        return True
    try:
        problem = json.loads(response.content)
    except ValueError:
        return True
    code, detail = problem.get("code"), problem.get("detail", "")
    return not any(code == right and detail.startswith(begin) and fits(case) for right, begin, fits in RIGHT)
