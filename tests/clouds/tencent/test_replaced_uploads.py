"""What is judged is what was proven, with COS over HTTP and both ways to Face ID."""

from __future__ import annotations

from dataclasses import replace

import pytest

from liveproof.clock import SystemClock, now_ms
from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.clouds.tencent.vendor_files import BucketFiles
from liveproof.domain.verification import Decision, InputState
from liveproof.secret_documents import VendorKey
from liveproof.use_cases.uploads import presign_missing, proven_sources
from liveproof.use_cases.verify_upload import object_created
from liveproof_emulator import testing
from tests.clouds.tencent.conftest import NAME, REGION
from tests.clouds.tencent.uploader import sent
from tests.support.deployment import FILES, Deployment, verdict_code
from tests.support.replaced_uploads_contract import ReplacedUploadsContract
from tests.support.ways import WAYS, Uploading, Way, other


@pytest.fixture
def cos(vendor: testing.Running) -> CosBucket:
    key = vendor.temporary
    secret = VendorKey(key.secret_id, key.secret_key, key.token)
    return CosBucket(
        NAME, REGION, f"{vendor.url}/cos/{NAME}.cos.{REGION}.myqcloud.com", lambda: secret
    )


@pytest.fixture(params=["bucket", "relay"])
def uploading(request: pytest.FixtureRequest, vendor: testing.Running, cos: CosBucket) -> Uploading:
    files = BucketFiles(cos, SystemClock()) if request.param == "bucket" else None
    return Uploading(
        Deployment(), vendor, cos, lambda key, body: cos.put(key, body, "image/jpeg"), files
    )


class TestReplacedUploadsOnCos(ReplacedUploadsContract):
    """What every Bucket makes sure of."""


FETCHED = [way for way in WAYS if way.action in ("VideoLivenessCompare", WAYS[0].action)]


def by_bucket(vendor: testing.Running, cos: CosBucket) -> Uploading:
    files = BucketFiles(cos, SystemClock())
    put = lambda key, body: cos.put(key, body, "image/jpeg")  # noqa: E731
    return Uploading(Deployment(), vendor, cos, put, files)


@pytest.mark.parametrize("way", FETCHED, ids=str)
@pytest.mark.parametrize("swapped", [False, True])
def test_a_file_that_is_replaced_before_the_vendor_fetches_it_is_refused_by_its_md5_parameter(
    vendor: testing.Running, cos: CosBucket, way: Way, swapped: bool
) -> None:
    uploading = by_bucket(vendor, cos)
    proven, files = uploading.proven(way)
    check = uploading.dependencies(way).checks[way.check]
    parameters = check.prepare(proven_sources(cos, proven), None, 10)
    assert all(NAME in url for name, url in parameters.items() if name.endswith("Url"))
    if swapped:
        uploading.put(proven.inputs["image"].keys[0], other(files["image"]))
    code = check.read(check.call(parameters, 10)).code

    assert (code == "Success") is not swapped


def test_an_api_without_md5_parameters_gets_a_copy_that_nobody_can_replace(
    vendor: testing.Running, cos: CosBucket
) -> None:
    way = next(way for way in WAYS if way.by_url)
    uploading = by_bucket(vendor, cos)
    proven, _ = uploading.proven(way)

    after = uploading.judged(way, proven)
    assert verdict_code(after)[0] is Decision.PASSED
    # The copies: relayed by their proven bytes.
    assert len(vendor.calls("CreateUploadUrl")) == 2


@pytest.mark.parametrize("encoding", [None, "gzip", "identity", "aws-chunked"])
def test_an_upload_with_a_content_encoding_of_its_own_is_refused(
    vendor: testing.Running, cos: CosBucket, encoding: str | None
) -> None:
    deployment = Deployment()
    deployment.clock.time = now_ms()
    dependencies = replace(deployment.dependencies, bucket=cos)
    entry = deployment.create()
    upload = presign_missing(dependencies, entry)["image"]
    own = {} if encoding is None else {"Content-Encoding": encoding}
    assert sent("PUT", upload.url, FILES["image"], {**upload.headers, **own})[0] == 200
    object_created(dependencies, entry.inputs["image"].keys[0])

    after = deployment.load(entry.id)
    if encoding is None:
        assert after.inputs["image"].state is InputState.PROVEN
    else:
        assert verdict_code(after) == (Decision.RESUBMIT, "wrong_headers")
