"""What a function's handler is made of, on whichever cloud it runs.

`LIVEPROOF_CLOUD` says which; the adapters in `liveproof.clouds.<cloud>` know that cloud's context,
events and answers. They are modules; tests/test_cloud_modules.py holds each to its protocol below.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from liveproof.dependencies import Dependencies
from liveproof.invocations import Invocation, Message, UnknownMessage
from liveproof.measured_ports import measure_ports
from liveproof.observability import Event, Metric, count, observed, record_failure, trace_context
from liveproof.observability.wide_event import WideEvent
from liveproof.outbound.connection import prepare_tls
from liveproof.ports import Clock
from liveproof.settings import SettingsError

if TYPE_CHECKING:
    from liveproof.api.http import Request, Response

Handler = Callable[[Any, Any], Any]

SELF_TEST = "liveproof_self_test"
"""The one field of the event that `liveproof doctor` invokes every function with. No client can
send such an event: the fields of an HTTP event are the platform's."""

_MARGIN_SECONDS = 1.0
"""What a function that asks another one keeps of its time for an answer of its own."""


class Runtime(Protocol):
    """`liveproof.clouds.<cloud>.runtime`: what every function gets of its cloud."""

    def dependencies(self, context: Any) -> Dependencies:
        """The container's bag, built at its first event. Raises SettingsError."""

    def fresh_dependencies(self, context: Any) -> Dependencies:
        """A bag of its own, whose settings and secrets are read anew. Raises SettingsError."""

    def forward(self, context: Any, function: str, event: Any, seconds: float) -> Response:
        """The answer of another function to an HTTP event, where no router is before functions."""

    def invocation(self, context: Any) -> Invocation:
        """What the context says. Called first."""

    def sign_traces(
        self, context: Any, url: str, headers: Mapping[str, str], body: bytes
    ) -> Mapping[str, str]:
        """The headers of a POST to the collector of traces: signed, if it is the cloud's own."""


class HttpEvents(Protocol):
    """`liveproof.clouds.<cloud>.http`: requests that come as events."""

    def read_request(self, event: Any) -> Request:
        """The HTTP request in an event."""

    def write_response(self, response: Response) -> Any:
        """The answer that the cloud expects."""


class MessageEvents(Protocol):
    """`liveproof.clouds.<cloud>.events`: everything else that starts a step."""

    def handle_messages(
        self,
        event: Any,
        invocation: Invocation,
        handle: Callable[[Message], None],
        *,
        clock: Clock,
        bucket: str,
    ) -> Any:
        """Handle each message of an event, so that those that raise come again.

        Args:
            clock: to wait until a message is due, where the cloud cannot delay it.
            bucket: the deployment's; notifications of other buckets are ignored.
        """


def _adapter(name: str) -> Any:
    """A module of the cloud's adapters; each function imports those that it needs.

    Raises:
        SettingsError: nothing says which cloud it is.
    """
    cloud = os.environ.get("LIVEPROOF_CLOUD")
    if cloud not in ("aws", "tencent"):
        raise SettingsError(f"LIVEPROOF_CLOUD is {cloud}; it must be aws or tencent")
    return importlib.import_module(f"liveproof.clouds.{cloud}.{name}")


def _runtime() -> Runtime:
    runtime: Runtime = _adapter("runtime")
    return runtime


def http_function(name: str, *, for_operators: bool = False) -> Handler:
    """The handler of a function that serves routes of the HTTP API: its own, or all as `api`.

    Args:
        for_operators: whether it takes the requests of `api/operator_requests.py` as well.
    """
    # A good part of the import, and for these only.
    from liveproof.api.operator_requests import operator_request
    from liveproof.api.routes import EVERY_ROUTE, serve

    def handler(event: Any, context: Any) -> Any:
        runtime = _runtime()
        events: HttpEvents = _adapter("http")
        if _asks_for_self_test(event):
            return _answer_self_test(runtime, context, event)
        with _observed(runtime, context) as (invocation, dependencies, run_event):
            run_event.note(trigger="http")

            def forward(function: str) -> Response:
                left = (invocation.deadline - dependencies.clock.now()) / 1000
                return runtime.forward(context, function, event, left - _MARGIN_SECONDS)

            operator = operator_request(event) if for_operators else None
            if operator is not None:
                response = serve(dependencies, name, operator.request(), acting_for=operator.client)
                return events.write_response(response)
            forwards = forward if name == EVERY_ROUTE else None
            request = events.read_request(event)
            if run_event.trace is not None:
                run_event.trace.caller = trace_context.parse(request.headers.get("traceparent"))
            response = serve(dependencies, name, request, forwards)
            run_event.note(status=response.status)
            if response.status >= 500:
                count(Metric.API_FAILED)
            return events.write_response(response)

    _import_adapters("http")
    return handler


def step_function(
    run: Callable[[Dependencies, str, int], None],
    created: Callable[[Dependencies, str], None] | None = None,
    require: Callable[[Dependencies, float], None] | None = None,
    preload: Sequence[str] = (),
) -> Handler:
    """The handler of a step. What a message raises makes it come again.

    Args:
        run: takes a verification's id, and when the function is stopped (ms since 1970).
        created: takes the key of an object that appeared in the bucket.
        require: takes how many seconds the function has for an event, before it handles any, and
            raises when they do not fit the settings.
        preload: modules that the step imports late; the platform's start imports them instead.
    """

    def handler(event: Any, context: Any) -> Any:
        runtime = _runtime()
        events: MessageEvents = _adapter("events")
        if _asks_for_self_test(event):
            return _answer_self_test(runtime, context, event)
        with _observed(runtime, context) as (invocation, dependencies, run_event):
            if require is not None:
                require(dependencies, invocation.time_limit)

            def handle(message: Message) -> None:
                if message.verification_id is not None:
                    run_event.note(trigger="message")
                    if run_event.trace is not None:
                        run_event.trace.follow(message.verification_id, message.traceparent)
                    run(dependencies, message.verification_id, invocation.deadline)
                if message.created_keys:
                    run_event.note(trigger="upload")
                    if created is None:
                        raise UnknownMessage(f"{invocation.function} takes no bucket events")
                    _for_each(message.created_keys, partial(created, dependencies))

            return events.handle_messages(
                event,
                invocation,
                handle,
                clock=dependencies.clock,
                bucket=dependencies.settings.bucket,
            )

    _import_adapters("events", preload=preload)
    return handler


def _for_each(keys: Sequence[str], created: Callable[[str], None]) -> None:
    """Handle each key, also after others have failed. Raises the first failure at the end."""
    failures: list[Exception] = []
    for key in keys:
        try:
            created(key)
        except Exception as error:  # noqa: BLE001 - raised below
            failures.append(error)
    if failures:
        raise failures[0]


def scheduled_function(run: Callable[[Dependencies, int], object]) -> Handler:
    """The handler of a schedule; `run` takes when the function is stopped (ms since 1970)."""

    def handler(event: Any, context: Any) -> Any:
        runtime = _runtime()
        if _asks_for_self_test(event):
            return _answer_self_test(runtime, context, event)
        with _observed(runtime, context) as (invocation, dependencies, run_event):
            run_event.note(trigger="schedule")
            run(dependencies, invocation.deadline)
        return None

    _import_adapters()
    return handler


def _asks_for_self_test(event: Any) -> bool:
    return isinstance(event, dict) and SELF_TEST in event


def _answer_self_test(runtime: Runtime, context: Any, event: Any) -> Any:
    """The answer of `liveproof doctor`'s question, also where no bag can be built."""
    from liveproof.self_test.run import document, self_test

    invocation = runtime.invocation(context)
    with observed(invocation.function, invocation.request_id) as run_event:
        run_event.note(trigger="self_test")
        return document(
            self_test(
                # A stage may have hyphens, a function has none.
                invocation.function.rpartition("-")[2],
                invocation.time_limit,
                invocation.memory_mb,
                os.environ,
                str(event[SELF_TEST]),
                lambda: runtime.fresh_dependencies(context),
            )
        )


@contextmanager
def _observed(
    runtime: Runtime, context: Any
) -> Iterator[tuple[Invocation, Dependencies, WideEvent]]:
    """One run: what the cloud says of it, the bag with ports that count, and what it counts into.

    Where traces are on, its spans are sent when it has ended, also by an exception.
    """
    invocation = runtime.invocation(context)
    bag: Dependencies | None = None
    event: WideEvent | None = None
    try:
        with observed(invocation.function, invocation.request_id) as event:
            bag = runtime.dependencies(context)
            if bag.settings.trace_endpoint:
                event.trace = trace_context.RunTrace()
            yield invocation, measure_ports(bag), event
    finally:
        if bag is not None and event is not None and event.trace is not None:
            _export(runtime, context, bag, event, invocation)


def _export(
    runtime: Runtime, context: Any, bag: Dependencies, event: WideEvent, invocation: Invocation
) -> None:
    """Send the run's spans. Raises nothing: the run is done."""
    from liveproof import traces  # only where traces are on

    left = (invocation.deadline - bag.clock.now()) / 1000 - _MARGIN_SECONDS
    try:
        traces.export(
            event,
            bag.settings.trace_endpoint,
            bag.settings.trace_attributes,
            left,
            partial(runtime.sign_traces, context),
        )
    except Exception as error:  # noqa: BLE001 - see above
        record_failure(Event.TRACE_LOST, error)


def _import_adapters(*names: str, preload: Sequence[str] = ()) -> None:
    """Import the cloud's `runtime`, these adapters of it, and the modules of `preload`.

    It is done now, while the platform starts the function: an event need not wait for it, and
    Lambda gives a start more CPU than an event. So is what every function's first request needs.
    Where no cloud is set, as in tests that import every handler, nothing is imported.
    """
    if "LIVEPROOF_CLOUD" in os.environ:
        for name in ("runtime", *names):
            _adapter(name)
        for module in preload:
            importlib.import_module(module)
        prepare_tls()
