"""Listing and deleting versions on S3, held to what boto3 sees."""

from __future__ import annotations

import pytest

from liveproof.bucket_versions import ObjectVersion
from liveproof.clouds.aws.bucket import S3Bucket
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsRefused
from liveproof.clouds.object_versions import ListUnreadable, all_versions
from tests.support.aws import BUCKET, REGION, s3

PREFIX = "uploads/ver_01/"
OTHER = "uploads/ver_010/image/a"


@pytest.fixture
def bucket(clients: Clients) -> S3Bucket:
    return S3Bucket(clients, BUCKET, REGION)


@pytest.fixture
def versioned(bucket: S3Bucket) -> S3Bucket:
    s3().put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def delete_all(bucket: S3Bucket, prefix: str) -> list[ObjectVersion]:
    versions = list(bucket.versions(prefix))
    for version in versions:
        bucket.delete(version)
    return versions


def left(prefix: str = "") -> list[str]:
    """Every key that has a version or a mark."""
    page = s3().list_object_versions(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))]


@pytest.mark.parametrize("key", ["image/a", "ein bild/ö+&=%2F/<x>"])
def test_every_object_under_the_prefix_is_listed_and_deleted_and_no_other(
    bucket: S3Bucket, key: str
) -> None:
    bucket.put(PREFIX + key, b"12345", "image/jpeg")
    bucket.put(OTHER, b"1", "image/jpeg")

    (version,) = delete_all(bucket, PREFIX)

    assert (version.key, version.size) == (PREFIX + key, 5)
    assert left() == [OTHER]
    assert list(bucket.versions(PREFIX)) == []


def test_every_version_and_every_mark_is_deleted(versioned: S3Bucket) -> None:
    for body in (b"1", b"22", b"333"):
        versioned.put(PREFIX + "a", body, "image/jpeg")
    s3().delete_object(Bucket=BUCKET, Key=PREFIX + "a")
    versioned.put(PREFIX + "b", b"1", "image/jpeg")

    deleted = delete_all(versioned, PREFIX)

    assert sorted(version.size for version in deleted) == [0, 1, 1, 2, 3]
    assert left(PREFIX) == []


def test_a_deletion_may_be_repeated(bucket: S3Bucket) -> None:
    bucket.delete(ObjectVersion(PREFIX + "a", None, 0))
    bucket.put(PREFIX + "a", b"1", "image/jpeg")
    (version,) = bucket.versions(PREFIX)

    bucket.delete(version)
    bucket.delete(version)

    assert left(PREFIX) == []


def test_a_refusal_is_no_empty_list(clients: Clients) -> None:
    with pytest.raises(AwsRefused):
        list(S3Bucket(clients, "no-such-bucket", REGION).versions(PREFIX))


def page(elements: str, *, truncated: bool = False) -> bytes:
    return (
        '<?xml version="1.0"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<IsTruncated>{'true' if truncated else 'false'}</IsTruncated>"
        "<NextKeyMarker>k&amp;1</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>"
        f"{elements}</ListVersionsResult>"
    ).encode()


def test_a_long_list_is_read_to_its_end() -> None:
    pages = [
        page("<Version><Key>k&amp;1</Key><VersionId>v1</VersionId><Size>7</Size></Version>",
             truncated=True),
        page("<DeleteMarker><Key>k2</Key><VersionId>null</VersionId></DeleteMarker>"),
    ]  # fmt: skip
    requests = []

    def read(parameters: object) -> bytes:
        requests.append(parameters)
        return pages[len(requests) - 1]

    versions = list(all_versions("k", read))

    assert versions == [ObjectVersion("k&1", "v1", 7), ObjectVersion("k2", "null", 0)]
    assert requests == [
        {"prefix": "k", "versions": ""},
        {"key-marker": "k&1", "prefix": "k", "version-id-marker": "v1", "versions": ""},
    ]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<ListBucketResult/>", b"<Error><Code>x</Code></Error>"]
)
def test_a_list_of_another_form_is_no_empty_list(body: bytes) -> None:
    with pytest.raises(ListUnreadable):
        list(all_versions("k", lambda _: body))


@pytest.mark.parametrize("marker", ["", "<NextKeyMarker>uploads/a</NextKeyMarker>"])
def test_a_list_that_never_ends_is_refused(marker: str) -> None:
    body = f"<ListVersionsResult><IsTruncated>true</IsTruncated>{marker}</ListVersionsResult>"
    with pytest.raises(ListUnreadable, match="does not say where"):
        list(all_versions("uploads/", lambda _: body.encode()))
