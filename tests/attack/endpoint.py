"""A webhook endpoint, and attackers who choose its URL or answer for its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from tests.attack.endpoint_answers import (
    ANSWERED,
    RETRY_AFTER,
    answer_outcome,
    redirected,
    request_line,
    retry_after,
)
from tests.attack.endpoint_network import (
    literal,
    rebound,
    refused,
    resolved,
    second_address,
    slow_name,
)
from tests.attack.endpoint_tls import (
    SECURED,
    handshake,
    no_server,
    plain_server,
    standing,
    tls_outcome,
)
from tests.attack.endpoint_urls import ANSWERS, LITERALS, REFUSED, REQUEST_LINES
from tests.attack.rows import Row, Side, bounded


def _tables() -> Iterator[Row]:
    for kind, urls in REFUSED.items():
        for url in urls:
            shown = url if len(url) < 70 else f"{url[:40]}... ({len(url)} letters)"
            yield bounded(f"{kind}: {shown!r}", "not sent", refused, url)
    for name, (addresses, allowed) in ANSWERS.items():
        expected = "connects there alone" if allowed else "not sent"
        yield bounded(f"DNS: {name}", expected, resolved, addresses, allowed)
    yield bounded("DNS: another answer at a second lookup", "one lookup, that address", rebound)
    yield bounded("DNS: the first address is dead", "204 from the second", second_address)
    yield bounded("DNS: an answer after ten seconds", "given up in time", slow_name)
    for url, authority in LITERALS.items():
        yield bounded(f"IPv6 literal {url}", "204, the same Host", literal, url, authority)
    for answered in ANSWERED:
        expected = " or ".join(str(end) for end in answered.ends)
        yield bounded(f"answer: {answered.name}", expected, answer_outcome, answered)
    for status in (301, 302, 303, 307, 308):
        name, expected = f"answer: {status} to another server", f"{status}, not followed"
        yield bounded(name, expected, redirected, status)
    for value in RETRY_AFTER:
        name = f"answer: 503, Retry-After {value[:34]!r}"
        yield bounded(name, "503, at least 0 s or none", retry_after, value)
    for name, path in REQUEST_LINES.items():
        yield bounded(f"URL with {name}", "one request, no header of the URL's", request_line, path)
    for secured in SECURED:
        expected = " or ".join(str(end) for end in secured.ends)
        yield Row(f"TLS: {secured.name}", expected, partial(tls_outcome, secured))
    yield bounded("TLS: a server that speaks none", "no answer", plain_server)
    yield bounded("TLS: a handshake without end", "timed_out", handshake)
    yield bounded("nobody listens", "not_connected", no_server)


def rows(_cloud: str | None) -> Sequence[Row]:
    """The table."""
    return tuple(_tables())


SIDE = Side("endpoint", "a webhook endpoint, or whoever chose its URL or answers for its name",
            rows, standing)  # fmt: skip
