"""Files of phones and browsers, uploaded: what their refusal says, in the log and to people.

What each check takes and refuses is a table of the attacks: tests/attack/file_bodies.py.
"""

from __future__ import annotations

import pytest

from liveproof import facts, observability
from tests.support.films import film
from tests.support.pictures import box, ftyp, picture
from tests.support.uploads import Uploads, reason_of

HEIC = ftyp(b"heic", b"mif1", b"heic") + box(b"meta", bytes(200)) + box(b"mdat", bytes(200))


def outcome(check: str, name: str, body: bytes) -> str | None:
    """Why the input is refused; None if its bytes are proven."""
    return reason_of(Uploads().upload(check, name, body), name)


@pytest.mark.parametrize("check", ["reflect", "video", "photo", "silent"])
def test_a_heic_photo_is_refused_and_a_jpeg_is_not(check: str) -> None:
    assert outcome(check, "image", HEIC) == "wrong_format"
    assert outcome(check, "image", picture("jpeg", 300, 400)) is None


def test_where_no_sides_are_documented_none_are_asked_for() -> None:
    assert outcome("video", "image", b"\xff\xd8\xff" + bytes(50)) is None


def test_the_log_says_what_a_refused_file_was_and_nothing_of_its_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(
        observability.logger, "info", lambda message, extra: written.append((message, extra))
    )
    entry = Uploads().upload("video", "video", film("mov"))

    refused = [extra for message, extra in written if message == "INPUT_REFUSED"]
    assert refused == [
        {
            "verification": entry.id,
            "input": "video",
            "reason": "wrong_format",
            "kind": "quicktime",
        }
    ]


def test_the_refusal_tells_people_what_phones_do_and_what_to_do() -> None:
    message = facts.reasons()["wrong_format"].message

    for word in ("MOV", "WebM", "HEIC", "MP4", "JPEG"):
        assert word in message
