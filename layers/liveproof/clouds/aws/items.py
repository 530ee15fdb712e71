"""A verification as an item of the table.

`record` is the verification as JSON, compressed: an item of up to 1 kB costs one write unit, and as
text most records have 1 to 2 kB. The other attributes are for conditions and indexes:

    version, status                       every write is conditional on them
    client                                key of the index `by_client`
    due_partition, due_at, check          keys of the index `unfinished`, and what it adds to them
    not_before                            the due time, where the index keeps an earlier one
    ttl                                   when the table deletes a finished verification (seconds)
    next_backoff                          the next back-off (ms), from a back-off to the next save
    write                                 a random token for each write

Items of versions before 2026-11-27 have the JSON as text, no `check`, and one `due_partition`.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import msgspec

from liveproof.clouds.aws.record_dictionary import DICTIONARY
from liveproof.domain.verification import Verification
from liveproof.ports import RecordUnreadable

DUE_PARTITIONS = 16
"""Among how many keys the index `unfinished` is spread. One key takes 1,000 write units a second,
and a verification writes 6: 2,600 verifications a second, three times as many as ten times the sum
of all documented paces (775). Throttling an index throttles the writes to the table."""

EARLY_MS = 15 * 60 * 1000
"""The index `unfinished` may list a verification this long before it is due."""

_FORMER_DUE_PARTITION = "due"
_DAY_SECONDS = 24 * 60 * 60
_MAX_RECORD_BYTES = 1_000_000
"""More than any record has; the table's limit of an item is 400 kB."""


def due_partitions() -> tuple[str, ...]:
    """Every key of the index `unfinished`, with the one that older versions write."""
    return (*(f"due{number}" for number in range(DUE_PARTITIONS)), _FORMER_DUE_PARTITION)


def listed_time(due_at: int | None, listed_at: int | None) -> int | None:
    """The time that the index has for a verification which is due at `due_at`.

    A lease moves the due time on by a minute or two. A key of an index that changes costs two write
    units, so the earlier key stays. The sweep then finds the verification early, and its back-off
    finds `not_before`.

    Args:
        listed_at: the time that the index has for it now; None for none.
    """
    if due_at is None or listed_at is None or not listed_at <= due_at <= listed_at + EARLY_MS:
        return due_at
    return listed_at


def build_item(
    verification: Verification, record_days: int, listed_at: int | None = None
) -> dict[str, Any]:
    """The item of a verification, without a token.

    Args:
        record_days: days after its creation that a finished verification is kept.
        listed_at: the time that the index `unfinished` has for it now; None for none.
    """
    listed = listed_time(verification.due_at, listed_at)
    item: dict[str, Any] = {
        "pk": {"S": verification.id},
        "record": {"B": _compress(msgspec.json.encode(verification))},
        "version": {"N": str(verification.version)},
        "status": {"S": verification.status.value},
        "client": {"S": verification.client},
    }
    if verification.due_at is not None:
        if listed != verification.due_at:
            item["not_before"] = {"N": str(verification.due_at)}
        shard = zlib.crc32(verification.id.encode()) % DUE_PARTITIONS
        item["due_partition"] = {"S": f"due{shard}"}
        item["due_at"] = {"N": str(listed)}
        item["check"] = {"S": verification.check}
    else:
        item["ttl"] = {"N": str(kept_until(verification.created_at, record_days))}
    return item


def kept_until(now: int, record_days: int) -> int:
    """The `ttl` (seconds) of what is kept for so many days from `now` (ms)."""
    return now // 1000 + record_days * _DAY_SECONDS


def decode_verification(item: Any) -> Verification:
    """The verification in an item. Raises RecordUnreadable."""
    try:
        return msgspec.json.decode(decode_document(item["record"]), type=Verification)
    except (KeyError, TypeError, ValueError, zlib.error):
        raise RecordUnreadable(f"the record of {item['pk']['S']} cannot be read") from None


def decode_document(record: Any) -> bytes:
    """The JSON in the attribute `record`.

    Raises:
        KeyError, TypeError: neither bytes nor text.
        zlib.error, ValueError: broken, cut short or too large.
    """
    if "B" not in record:
        text: str = record["S"]
        return text.encode()
    unpacker = zlib.decompressobj(zdict=DICTIONARY)
    packed = base64.b64decode(record["B"], validate=True)
    document = unpacker.decompress(packed, _MAX_RECORD_BYTES)
    if not unpacker.eof:
        raise ValueError("the record does not end")
    return document


def _compress(document: bytes) -> str:
    """In base64, as DynamoDB's API takes bytes; it stores and bills the bytes."""
    packer = zlib.compressobj(9, zdict=DICTIONARY)
    return base64.b64encode(packer.compress(document) + packer.flush()).decode("ascii")
