"""A parameter can make another operation of a request: it is never a plain upload then."""

from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import BUCKET, Presign, code, presigner

RESOURCES = {
    ("PUT", "acl"): "PutObjectACL",
    ("PUT", "tagging"): "PutObjectTagging",
    ("PUT", "retention"): "PutObjectRetention",
    ("PUT", "symlink"): "PutSymlink",
    ("PUT", "partNumber=1&uploadId=a"): "UploadPart",
    ("PUT", "UPLOADID=a"): "UploadPart",
    ("GET", "acl"): "GetObjectACL",
    ("GET", "uploadId=a"): "ListParts",
    ("DELETE", "uploadId=a"): "AbortMultipartUpload",
    ("DELETE", "tagging"): "DeleteObjectTagging",
    ("POST", "uploads"): "InitiateMultipartUpload",
    ("POST", "append&position=0"): "AppendObject",
    ("POST", "restore"): "PostObjectRestore",
}


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


@pytest.mark.parametrize(("method", "query"), list(RESOURCES))
def test_a_sub_resource_is_another_operation_with_a_permission_of_its_own(
    vendor: testing.Running, presign: Presign, web: Any, method: str, query: str
) -> None:
    place = f"{BUCKET}/uploads/*"
    plain = [(f"cos:{name}", place) for name in ("PutObject", "GetObject", "DeleteObject")]
    seen = []
    for permissions in (plain, [*plain, (f"cos:{RESOURCES[method, query]}", place)]):
        key = vendor.issue_key(permissions)
        own = {"secret_id": key.secret_id, "secret_key": key.secret_key}
        token = {"x-cos-security-token": str(key.token)}
        reply = web(method, f"{presign(method, **own)}&{query}", b"x", token)
        seen.append((reply.status, code(reply)))
    # With the permission too nothing is stored: the emulator does not play the operation.
    assert seen == [(403, "AccessDenied"), (501, "NotImplemented")]
    assert web("HEAD", presign("HEAD")).status == 404


@pytest.mark.parametrize("query", ["uploads", "append&position=0", "restore", "select"])
def test_an_upload_with_the_sub_resource_of_another_method_is_refused(
    presign: Presign, web: Any, query: str
) -> None:
    reply = web("PUT", f"{presign('PUT')}&{query}", b"x")
    assert (reply.status, code(reply)) == (405, "MethodNotAllowed")
    assert web("HEAD", presign("HEAD")).status == 404


@pytest.mark.parametrize("query", ["x-cos-acl=public-read", "partNumber=1", "legal-hold", "a=b"])
def test_a_parameter_that_names_no_operation_is_ignored(
    presign: Presign, web: Any, query: str
) -> None:
    assert web("PUT", f"{presign('PUT')}&{query}", b"x").status == 200
    assert web("GET", presign("GET")).body == b"x"
    assert web("GET", presign("GET").partition("?")[0]).status == 403


@pytest.mark.parametrize("query", ["acl", "lifecycle", "uploads"])
def test_a_bucket_s_settings_are_no_list(presign: Presign, web: Any, query: str) -> None:
    assert code(web("GET", f"{presign('GET', key='')}&{query}")) == "NotImplemented"
    assert web("GET", presign("GET", key="")).status == 200
