"""Listing and deleting versions on COS, against the emulator."""

from __future__ import annotations

import pytest

from liveproof.bucket_versions import ObjectVersion
from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.ports import ObjectMissing
from liveproof.secret_documents import VendorKey
from liveproof_emulator import testing
from tests.clouds.tencent.conftest import REGION

PREFIX = "uploads/ver_01/"
OTHER = "uploads/ver_010/image/a"


def delete_all(bucket: CosBucket) -> list[ObjectVersion]:
    versions = list(bucket.versions(PREFIX))
    for version in versions:
        bucket.delete(version)
    return versions


@pytest.mark.parametrize("key", ["image/a", "ein bild/ö+&=%2F/<x>"])
def test_every_object_under_the_prefix_is_listed_and_deleted_and_no_other(
    bucket: CosBucket, key: str
) -> None:
    bucket.put(PREFIX + key, b"12345", "image/jpeg")
    bucket.put(OTHER, b"1", "image/jpeg")

    assert delete_all(bucket) == [ObjectVersion(PREFIX + key, None, 5)]

    with pytest.raises(ObjectMissing):
        bucket.require(PREFIX + key, None)
    bucket.require(OTHER, None)
    assert list(bucket.versions(PREFIX)) == []


def test_every_version_and_every_mark_is_deleted(vendor: testing.Running, role: VendorKey) -> None:
    # Its own bucket: versions cannot be switched off again.
    endpoint = f"{vendor.url}/cos/versioned-1250000000.cos.{REGION}.myqcloud.com"
    bucket = CosBucket("versioned-1250000000", REGION, endpoint, lambda: role)
    bucket.put(PREFIX + "a", b"1", "image/jpeg")  # the version `null`
    enabled = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    bucket._request("PUT", "", {}, enabled, {"versioning": ""}).close()
    bucket.put(PREFIX + "a", b"22", "image/jpeg")
    bucket.delete(ObjectVersion(PREFIX + "a", None, 0))  # leaves a mark
    bucket.put(PREFIX + "b", b"333", "image/jpeg")

    deleted = delete_all(bucket)

    assert sorted(version.size for version in deleted) == [0, 1, 2, 3]
    assert list(bucket.versions(PREFIX)) == []


def test_a_deletion_may_be_repeated(bucket: CosBucket) -> None:
    version = ObjectVersion(PREFIX + "a", None, 0)
    bucket.delete(version)
    bucket.put(PREFIX + "a", b"1", "image/jpeg")

    bucket.delete(version)
    bucket.delete(version)

    assert list(bucket.versions(PREFIX)) == []


def test_a_long_list_is_read_to_its_end(bucket: CosBucket) -> None:
    for number in range(5):
        bucket.put(f"{PREFIX}{number}", b"1", "image/jpeg")
    read = bucket._read_list

    def two_at_a_time(parameters: object) -> bytes:
        return read({**dict(parameters), "max-keys": "2"})  # type: ignore[call-overload]

    bucket._read_list = two_at_a_time  # type: ignore[method-assign]

    assert [version.key for version in bucket.versions(PREFIX)] == [
        f"{PREFIX}{number}" for number in range(5)
    ]
