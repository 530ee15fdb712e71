"""The vendor, or an attacker who answers at its address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.attack import vendor_answers, vendor_ground
from tests.attack.rows import Outcome, Row, Side, bounded
from tests.attack.vendor_addresses import (
    REDIRECTS,
    URLS,
    frame_at,
    passing_with_frame,
    plain_http_beside_https,
    redirected,
    uploaded_to,
)
from tests.attack.vendor_answers import NO_FRAME
from tests.attack.vendor_floods import ENDLESS, endless_outcome
from tests.attack.vendor_ground import (
    FRAME,
    WAYS,
    Vendor,
    answering,
    hex_md5,
    json_answer,
    judge,
)
from tests.support.servers import http

# A vendor's answer is held in memory a few times over: as bytes, text and objects.
_FRAME_BODIES: dict[str, tuple[bytes, bytes]] = {
    "of 0 bytes": (b"", b""),
    "that is HTML": (b"<script>1</script>", b"<script>1</script>"),
    "with another MD5": (FRAME, b"other"),
    "of 11 MB": (FRAME + bytes(11 * 1024 * 1024), FRAME + bytes(11 * 1024 * 1024)),
}


def _frame_of(body: bytes, promised: bytes) -> Outcome:
    way = WAYS["reflect"]

    def paid(connection: Any) -> None:
        url = vendor.own_urls()["ResourceUrl"]
        fields = {"BestFrameUrl": url, "BestFrameMd5": hex_md5(promised)}
        connection.sendall(json_answer(way.answer(**fields)))

    vendor = Vendor(paid, frame=answering(http(200, body)))
    judged = judge(way, vendor)
    return Outcome(f"{judged.summary()}; {len(judged.kept)} kept", NO_FRAME.holds(judged))


def _frame_kept() -> Outcome:
    way = WAYS["reflect"]
    vendor = Vendor(passing_with_frame(way, lambda: vendor))
    judged = judge(way, vendor)
    right = judged.decision == "passed" and judged.kept == (FRAME,)
    return Outcome(f"{judged.summary()}; {len(judged.kept)} kept", right)


def _tables() -> Iterator[Row]:
    yield from vendor_answers.ROWS
    for redirect in REDIRECTS:
        expected = f"{redirect.must.text}, nothing elsewhere"
        yield bounded(redirect.name, expected, redirected, redirect)
    for name, url in URLS.items():
        yield bounded(f"best frame at {name}", "nobody is asked, no frame kept", frame_at, url)
    for name, url in URLS.items():
        yield bounded(f"upload URL: {name}", "nobody is asked, no pass", uploaded_to, url)
    yield bounded(
        "best frame by http beside an https endpoint", "nobody is asked", plain_http_beside_https
    )
    for endless in ENDLESS:
        expected = f"{endless.must.text}, within bounds"
        yield bounded(endless.name, expected, endless_outcome, endless, slow=endless.slow)
    yield bounded("best frame, honest", "passed, the frame is kept", _frame_kept)
    for name, (body, promised) in _FRAME_BODIES.items():
        yield bounded(f"best frame {name}", NO_FRAME.text, _frame_of, body, promised)


def rows(_cloud: str | None) -> Sequence[Row]:
    """The table."""
    return tuple(_tables())


SIDE = Side("vendor", "the vendor, or whoever answers at its address", rows, vendor_ground.standing)
