"""A verification as an item: what one write unit has room for, and what older versions wrote."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from liveproof.clouds.aws import items
from liveproof.clouds.aws.items import (
    DUE_PARTITIONS,
    build_item,
    decode_verification,
    due_partitions,
)
from liveproof.clouds.aws.record_dictionary import DICTIONARY
from liveproof.domain.ids import new_verification_id
from liveproof.ports import RecordUnreadable
from tests.domain.test_stored_record import with_every_field
from tests.support.dynamo_items import readable
from tests.support.dynamo_units import size_of
from tests.support.verifications import NOW, verification


def test_the_dictionary_never_changes_or_stored_records_could_not_be_read() -> None:
    assert zlib.crc32(DICTIONARY) == 0x7FCF464B


def test_a_record_with_every_field_and_four_calls_fits_one_write_unit() -> None:
    full = with_every_field()

    assert size_of(build_item(full, 30)) <= 1024
    assert len(msgspec.json.encode(full)) > 2 * 1024


def test_a_compressed_record_is_read_unchanged() -> None:
    full = with_every_field()

    assert decode_verification(build_item(full, 30)) == full


def test_the_text_of_older_versions_is_read() -> None:
    full = with_every_field()
    item = {"pk": {"S": full.id}, "record": {"S": msgspec.json.encode(full).decode()}}

    assert decode_verification(item) == full


def record(**changes: Any) -> bytes:
    item: dict[str, Any] = build_item(verification(**changes), 30)
    return base64.b64decode(item["record"]["B"])


def binary(stored: bytes) -> dict[str, Any]:
    """An attribute as DynamoDB's API writes it."""
    return {"B": base64.b64encode(stored).decode()}


@pytest.mark.parametrize(
    "stored",
    [
        binary(record()[:-1]),
        binary(record()[:40]),
        binary(b""),
        binary(b"no zlib at all"),
        binary(zlib.compress(msgspec.json.encode(verification()))[:-3]),
        binary(record(reference="x" * items._MAX_RECORD_BYTES)),
        {"B": "no base64"},
        {"S": '{"id": 7'},
        {"N": "7"},
        {},
    ],
)
def test_a_broken_record_is_unreadable(stored: dict[str, Any]) -> None:
    with pytest.raises(RecordUnreadable, match="ver_x"):
        decode_verification({"pk": {"S": "ver_x"}, "record": stored})


def test_an_item_without_a_record_is_unreadable() -> None:
    with pytest.raises(RecordUnreadable, match="ver_x"):
        decode_verification({"pk": {"S": "ver_x"}})


def test_due_verifications_are_spread_evenly_over_all_partitions() -> None:
    count = 200 * DUE_PARTITIONS
    spread = Counter(
        build_item(verification(id=new_verification_id(NOW)), 30)["due_partition"]["S"]
        for _ in range(count)
    )

    assert set(spread) == {f"due{number}" for number in range(DUE_PARTITIONS)}
    assert set(spread) | {"due"} == set(due_partitions())
    assert max(spread.values()) < 1.5 * count / DUE_PARTITIONS


def test_a_verification_stays_in_its_partition() -> None:
    first = verification()
    later = replace(first, due_at=NOW + 7, version=4)

    assert build_item(first, 30)["due_partition"] == build_item(later, 30)["due_partition"]


def test_a_finished_verification_has_no_key_of_the_index_of_unfinished_ones() -> None:
    finished = build_item(verification(due_at=None), 30)

    assert not {"due_partition", "due_at", "check"} & set(finished)


def test_a_search_for_leaks_reads_the_record_whoever_read_the_item() -> None:
    item = build_item(verification(reference="canary"), 30)
    from_boto3 = {**item, "record": {"B": base64.b64decode(item["record"]["B"])}}
    older = {"pk": item["pk"], "record": {"S": '{"reference":"canary"}'}}

    for stored in (item, from_boto3, older):
        assert '"reference":"canary"' in readable(stored)["record"]["S"]
    assert readable({"pk": {"S": "quota#x"}}) == {"pk": {"S": "quota#x"}}
