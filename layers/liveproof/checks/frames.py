"""Best frames: at a URL of the vendor's storage, or inline in base64."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from liveproof.files.inline import base64_length
from liveproof.vendors.errors import RelayFailed
from liveproof.vendors.tencent.relay import Relay

MAX_FRAME_BYTES = 10 * 1024 * 1024
"""Of a best frame that is kept, at a URL or inline."""


@dataclass(frozen=True)
class Frame:
    """A best frame that an answer offers.

    The URL grants access and the content is a face: both are kept out of every text.

    Attributes:
        open: its bytes, proven where the vendor gave an MD5; takes the seconds that it may use, and
            raises RelayFailed.
    """

    open: Callable[[float], bytes] = field(repr=False)


def frame_at(relay: Relay, url: object, md5: object) -> tuple[Frame, ...]:
    """The frame at a URL; none unless both are there."""
    if isinstance(url, str) and url and isinstance(md5, str) and md5:
        return (Frame(partial(relay.download, url, md5, MAX_FRAME_BYTES)),)
    return ()


def inline_frames(*contents: object) -> tuple[Frame, ...]:
    """The frames in base64, without duplicates. Anything but a non-empty text is ignored."""
    texts = dict.fromkeys(text for text in contents if isinstance(text, str) and text)
    return tuple(Frame(partial(_decode, text)) for text in texts)


def _decode(content: str, timeout: float) -> bytes:
    if len(content) > base64_length(MAX_FRAME_BYTES):
        raise RelayFailed(f"the best frame is larger than {MAX_FRAME_BYTES} bytes")
    try:
        body = base64.b64decode(content, validate=True)
    except ValueError:  # binascii's own, or of text that is not ASCII
        raise RelayFailed("the best frame is not base64") from None
    if not body:
        raise RelayFailed("the best frame is empty")
    return body
