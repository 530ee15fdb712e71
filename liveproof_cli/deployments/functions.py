"""The deployed functions, as a command invokes them."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from liveproof.api.operator_requests import OperatorRequest
from liveproof_cli.errors import CannotBeDone


class ApiAnswer(NamedTuple):
    """An answer of the HTTP API. `retry_after`: the header, as it came."""

    status: int
    body: bytes
    retry_after: str | None


class FunctionFailed(CannotBeDone):
    """A function was invoked and raised. The text has the function's name and what it says."""


class FunctionsUnknown(CannotBeDone):
    """Nothing says how the functions are invoked; the text says what is missing."""


class Functions(Protocol):
    """The functions of one deployment."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of all, without the deployment's prefix."""

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        """The value that the function returns.

        Raises:
            FunctionFailed: it raised.
            FunctionsUnknown: it cannot be invoked from here.
            Exception: of the cloud.
        """


class NoFunctions:
    """Functions that cannot be invoked.

    Args:
        why: what is missing.
    """

    names: tuple[str, ...] = ()

    def __init__(self, why: str) -> None:
        self._why = why

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        raise FunctionsUnknown(self._why)


def ask(functions: Functions, request: OperatorRequest) -> ApiAnswer:
    """The answer of the function `webhooks` to a request in a client's place.

    Raises:
        CannotBeDone: it gave none.
        Exception: of the cloud.
    """
    answer = functions.invoke("webhooks", request.event())
    try:
        return ApiAnswer(
            int(answer["statusCode"]),
            answer["body"].encode(),
            dict(answer["headers"]).get("Retry-After"),
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        raise CannotBeDone(
            "The function webhooks gives no answer: look into its log, and at its version."
        ) from None
