"""How an invocation ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["exception", "timeout", "exit", "result", "system", "busy"]

# SCF's status of a failed invocation: cloud.tencent.com/document/product/583/42611.
STATUS: dict[Kind, int] = {
    "exception": 430,
    "timeout": 433,
    "exit": 439,
    "result": 430,
    "system": 500,
    "busy": 432,
}


@dataclass(frozen=True)
class Failure:
    """Why there is no value.

    `kind`: the handler raised (`exception`, also while it was imported), ran out of time, its
    process ended (`exit`), it gave back what is no JSON or too much (`result`), no container could
    be started (`system`) or none was free (`busy`).
    """

    kind: Kind
    text: str

    @property
    def is_functions_own(self) -> bool:
        """Whether a retry counts against the function's retries, not against the event's age."""
        return self.kind not in ("system", "busy")

    def document(self, request_id: str) -> dict[str, Any]:
        """As the platform reports it to the caller of the function."""
        return {
            "errorCode": 1,
            "errorMessage": self.text,
            "requestId": request_id,
            "statusCode": STATUS[self.kind],
        }


@dataclass(frozen=True)
class Outcome:
    """A JSON value, or a failure. A value that says `statusCode: 500` is no failure, as on SCF."""

    value: Any = None
    failure: Failure | None = None
