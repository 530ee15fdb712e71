"""The generated page docs/api.md: every route and problem, from the route table."""

from __future__ import annotations

import textwrap

from liveproof.api.http import MAX_BODY_BYTES
from liveproof.api.openapi_answers import problems_of
from liveproof.api.problems import PROBLEMS
from liveproof.api.routes import ROUTES, Route
from tools.docs import api_bodies

_WIDTH = 100

_INTRODUCTION = f"""# HTTP API

JSON over HTTPS. The address is the stack's output `HttpApiUrl` on AWS, and Terraform's output `url`
on Tencent Cloud. The machine-readable form is [openapi.json](openapi.json) (OpenAPI 3.1); both are
generated from the code. The fields of requests and answers have [a page of their
own](api-bodies.md).

* Every request needs `Authorization: Bearer API_KEY`. The key says which *client* asks; a client
  sees its own verifications only.
* A request's body may have {MAX_BODY_BYTES} bytes. A field or query parameter that is not in the
  tables is refused by its name, so a misspelt name cannot pass for an omitted one. A route
  without a body takes none, or `{{}}`. A query parameter may be given once. (SCF may hand on
  one of two only, which then counts: see [unconfirmed](unconfirmed.md).)
* `Authorization` and `Idempotency-Key` have ASCII characters only. No path ends with a slash:
  `/v1/verifications/` is a 404.
* What a check takes, how large it may be and which `threshold` it knows is on its own page:
  [checks](checks.md). A request that does not fit is a 400 that names the field and the limit.
* A body is JSON in UTF-8. A whole number is written without a fraction: `900`, not `900.0`.
* Times are UTC, RFC 3339 with milliseconds: `2026-11-20T09:30:00.000Z`.
* Answers carry `Cache-Control: no-store`: some hold upload URLs.
"""

_PROBLEMS = """## Problems

An answer that is not a success is a problem document (RFC 9457, `application/problem+json`).
Switch on `code`: it is stable. `detail` is for people and names the limit that was broken.
`field` names the part of the request, such as `inputs.image.size`.

```json
{
  "type": "urn:liveproof:problem:invalid_request",
  "title": "The request is not valid",
  "status": 400,
  "detail": "must be at most 5242880 bytes",
  "code": "invalid_request",
  "field": "inputs.image.size"
}
```
"""

_PLATFORM = """Some answers come from the platform and not from liveproof. They are
`application/json` and have no `code`. In the OpenAPI document every operation declares them as
`PlatformAnswer`: 413, 429, 500 and 503 by their status, the others as `default`.

| platform | body | status | when |
|---|---|---|---|
| AWS, API Gateway | `message` | 403 | a firewall, or a custom domain's setting, refuses |
| | | 404 | the path or the method is no route |
| | | 413 | the body is above 10 MB |
| | | 429 | the limit of requests of the API, of the route or of the account is reached |
| | | 500 | the function failed |
| | | 503 | the function could not be started, or took more than 30 seconds |
| Tencent Cloud, SCF | `errorCode`, `errorMessage`, `requestId`, `statusCode` | 413 | above 6 MB |
| | | 430 to 439, 5xx | the function failed, ran out of time, or could not be started |

Try 429 to 439 and 5xx again, a create with the same `Idempotency-Key`. A path or a method that is
no route, and a path with a slash at its end, is a 404 on both clouds: API Gateway's on AWS, a
problem document on Tencent Cloud. No answer is a 405. No answer is a 415: the body is read as JSON
whatever `Content-Type` says.
"""


def page(mark: str) -> str:
    """The whole page."""
    parts = [mark, _INTRODUCTION, "## Routes", "", "| route | does |", "|---|---|"]
    parts += [f"| [`{key}`](#{_anchor(key)}) | {route.summary} |" for key, route in ROUTES.items()]
    parts.append("")
    for key, route in ROUTES.items():
        parts += _route(key, route)
    parts += [_PROBLEMS, "| code | status | title | what to do |", "|---|---|---|---|"]
    for problem in sorted(PROBLEMS.values(), key=lambda problem: problem.status):
        cells = (f"`{problem.code}`", str(problem.status), problem.title, problem.advice)
        parts.append(f"| {' | '.join(cells)} |")
    parts += ["", _PLATFORM]
    return "\n".join(parts).rstrip() + "\n"


def _anchor(route_key: str) -> str:
    """The fragment that Markdown renderers make of a route's heading."""
    kept = "".join(
        character for character in route_key.lower() if character.isalnum() or character in " -_"
    )
    return kept.replace(" ", "-")


def _route(key: str, route: Route) -> list[str]:
    lines = [f"### `{key}`", "", f"{route.summary}. Served by `{route.function}`.", ""]
    if route.request is not None:
        lines.append(f"* Body: {api_bodies.link(route.request.__name__)}")
    if route.takes_idempotency_key:
        lines.append(
            "* Header `Idempotency-Key`, optional, 1 to 255 printable ASCII characters: the same"
            " key with the same request leads to the same verification for a day"
        )
    for name, parameter in route.query.items():
        lines.append(f"* Query `{name}`, optional: {parameter.description}")
    lines.append(f"* Success: {route.status} with {api_bodies.link(route.response.__name__)}")
    codes = ", ".join(f"{problem.status} `{problem.code}`" for problem in problems_of(route))
    return [*lines, *textwrap.wrap(f"* Problems: {codes}", _WIDTH, subsequent_indent="  "), ""]
