"""How an exchange fails. No text holds a URL, a header or a byte of either side.

ExchangeFailed
├── NeverSent    no byte of the request left
├── SentInPart   some of the request left, surely not all of it
└── AnswerLost   the request may have arrived whole; its answer cannot be had
"""

from __future__ import annotations


class ExchangeFailed(Exception):
    """A request got no answer that can be used.

    Attributes:
        why: name_not_resolved, not_connected, tls_failed, timed_out, no_answer (the connection
            broke, or what came is no HTTP), body_ended (there was less of it than announced),
            too_large or not_decoded (another Content-Encoding than gzip and deflate, or a broken
            one).
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NeverSent(ExchangeFailed):
    """No connection was made."""


class SentInPart(ExchangeFailed):
    """The request was cut off before its last part was given to the system."""


class AnswerLost(ExchangeFailed):
    """Whether the request was executed is unknown."""
