"""A bucket's settings, put with signed requests as on COS, and obeyed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import Presign, code, presigner

BUCKET = "settings-1250000000.cos.ap-singapore.myqcloud.com"
RESOURCE = "qcs::cos:ap-singapore:uid/1250000000:settings-1250000000"
STRICT = """<StrictSignatureConfiguration><Rule><ID>uploads</ID>
<actionlist><action>Put*</action></actionlist>
<headerlist><header>Host</header><header>Content-Type</header><header>x-cos-*</header></headerlist>
<paramlist><param>all</param></paramlist></Rule></StrictSignatureConfiguration>"""
CORS = """<CORSConfiguration><CORSRule><AllowedOrigin>https://app.example</AllowedOrigin>
<AllowedOrigin>https://*.team.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>
<AllowedHeader>Content-MD5</AllowedHeader><AllowedHeader>x-cos-forbid-overwrite</AllowedHeader>
<MaxAgeSeconds>3600</MaxAgeSeconds></CORSRule></CORSConfiguration>"""


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    make = presigner(vendor)

    def of_this_bucket(method: str, *options: Any, **changes: Any) -> str:
        return make(method, *options, bucket=BUCKET, **changes)

    return of_this_bucket


@pytest.fixture
def setting(presign: Presign, web: Any) -> Iterator[Any]:
    def change(method: str, name: str, document: str | None = None) -> Any:
        body = None if document is None else document.encode()
        return web(method, presign(method, key="", params={name: ""}), body)

    yield change
    for name in ("policy", "strict-signature", "cors"):
        assert change("DELETE", name).status == 204


def deny(condition: dict[str, Any], action: str = "name/cos:PutObject") -> str:
    statement = {
        "Effect": "deny",
        "Principal": {"qcs": ["qcs::cam::anyone:anyone"]},
        "Action": [action],
        "Resource": [f"{RESOURCE}/uploads/*"],
        "Condition": condition,
    }
    return json.dumps({"version": "2.0", "Statement": [statement]})


@pytest.mark.parametrize(
    ("condition", "sent", "status"),
    [
        ({"string_like": {"cos:x-cos-acl": "*"}}, {"x-cos-acl": "private"}, 403),
        ({"string_like": {"cos:x-cos-acl": "*"}}, {}, 200),
        ({"string_like": {"cos:x-cos-grant-read": "*"}}, {"x-cos-grant-read": 'id="1"'}, 403),
        ({"string_not_equal": {"cos:x-cos-storage-class": "STANDARD"}}, {}, 200),
        (
            {"string_not_equal": {"cos:x-cos-storage-class": "STANDARD"}},
            {"x-cos-storage-class": "ARCHIVE"},
            403,
        ),
        (
            {"string_not_equal": {"cos:x-cos-storage-class": ["STANDARD", "ARCHIVE"]}},
            {"x-cos-storage-class": "ARCHIVE"},
            200,
        ),
        # An absent header fits an operator of this kind.
        ({"string_not_equal_if_exist": {"cos:x-cos-storage-class": "STANDARD"}}, {}, 403),
        ({"bool_equal": {"cos:secure-transport": "false"}}, {}, 403),
        ({"bool_equal": {"cos:secure-transport": "true"}}, {}, 200),
        ({"numeric_greater_than": {"cos:content-length": 1}}, {}, 200),
        ({"numeric_less_than": {"cos:content-length": "2"}}, {}, 403),
        ({"ip_equal": {"qcs:ip": ["127.0.0.0/8"]}}, {}, 403),
        ({"ip_not_equal": {"qcs:ip": ["127.0.0.0/8"]}}, {}, 200),
        # COS documents no condition on these headers: a policy cannot close them.
        ({"string_like": {"cos:x-cos-copy-source": "*"}}, {"x-cos-meta-a": "b"}, 200),
        # Every key has to fit.
        (
            {"string_like": {"cos:x-cos-acl": "*", "cos:x-cos-storage-class": "*"}},
            {"x-cos-acl": "private"},
            200,
        ),
    ],
)
def test_a_policy_s_deny_counts_whoever_signed(
    presign: Presign, web: Any, setting: Any, condition: Any, sent: dict[str, str], status: int
) -> None:
    assert setting("PUT", "policy", deny(condition)).status == 204
    reply = web("PUT", presign("PUT"), b"x", sent)
    assert (reply.status, status == 200 or code(reply) == "AccessDenied") == (status, True)
    # Other keys and operations are not meant.
    assert web("PUT", presign("PUT", key="evidence/a"), b"x", sent).status == 200
    assert web("HEAD", presign("HEAD", key="evidence/a")).status == 200


def test_a_policy_is_read_back_and_forgotten(presign: Presign, web: Any, setting: Any) -> None:
    assert code(setting("GET", "policy")) == "NoSuchBucketPolicy"
    document = deny({"bool_equal": {"cos:secure-transport": "false"}}, "name/cos:*")
    setting("PUT", "policy", document)
    assert setting("GET", "policy").body == document.encode()
    assert web("GET", presign("GET")).status == 403
    setting("DELETE", "policy")
    assert web("GET", presign("GET")).status == 404


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ("", 400),
        ("[]", 400),
        ('{"Statement": [{}]}', 400),
        (deny({"string_near": {"cos:x-cos-acl": "a"}}), 501),
        (deny({}).replace("anyone:anyone", "uin/1:uin/1"), 501),
        (deny({}).replace('"deny"', '"refuse"'), 400),
    ],
)
def test_a_policy_that_the_emulator_cannot_obey_is_refused(
    setting: Any, document: str, status: int
) -> None:
    assert setting("PUT", "policy", document).status == status
    assert code(setting("GET", "policy")) == "NoSuchBucketPolicy"


@pytest.mark.parametrize(
    ("sent", "query", "says"),
    [
        ({"x-cos-acl": "public-read"}, "", "header"),
        ({"x-cos-storage-class": "ARCHIVE"}, "", "header"),
        ({"x-cos-copy-source": "a/b"}, "", "header"),
        ({"x-cos-meta-who": "a"}, "", "header"),
        ({"x-cos-server-side-encryption-customer-key": "a"}, "", "header"),
        ({"Content-Type": "text/html"}, "", "header"),
        ({}, "&acl", "param"),
        ({}, "&anything=1", "param"),
    ],
)
def test_strict_signatures_refuse_what_is_sent_and_not_signed(
    presign: Presign, web: Any, setting: Any, sent: dict[str, str], query: str, says: str
) -> None:
    assert setting("PUT", "strict-signature", STRICT).status == 200
    reply = web("PUT", presign("PUT") + query, b"x", sent)
    assert (reply.status, code(reply)) == (403, "AccessDenied")
    assert f"Strict signature missing {says} that must be signed".encode() in reply.body
    assert web("HEAD", presign("HEAD") + query.replace("acl", "b")).status == 404  # no Put*


def test_strict_signatures_take_an_upload_that_signs_all_it_sends(
    vendor: testing.Running, presign: Presign, web: Any, setting: Any
) -> None:
    setting("PUT", "strict-signature", STRICT)
    headers = {"content-type": "image/jpeg", "x-cos-forbid-overwrite": "true"}
    key = vendor.issue_key()
    own = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    params = {"x-cos-security-token": str(key.token)}
    url = presign("PUT", headers=headers, params=params, **own)
    sent = {**headers, "Content-Encoding": "gzip", "Origin": "https://app.example"}
    assert web("PUT", url, b"x", sent).status == 200
    web("DELETE", presign("DELETE"))


@pytest.mark.parametrize(
    "document",
    ["", "<Other/>", "<StrictSignatureConfiguration/>", "<!DOCTYPE a>" + STRICT,
     STRICT.replace("Put*", "PostObject"), STRICT.replace("<Rule>", "<Rule/>" * 10 + "<Rule>")],
)  # fmt: skip
def test_a_strict_signature_setting_that_cannot_be_is_refused(setting: Any, document: str) -> None:
    assert setting("PUT", "strict-signature", document).status == 400
    assert setting("GET", "strict-signature").status == 404
    setting("PUT", "strict-signature", STRICT)
    assert setting("GET", "strict-signature").body == STRICT.encode()


def ask(web: Any, url: str, origin: str, method: str = "PUT", headers: str = "content-md5") -> Any:
    sent = {"Origin": origin, "Access-Control-Request-Method": method}
    return web("OPTIONS", url, None, {**sent, "Access-Control-Request-Headers": headers})


def test_a_browser_asks_before_it_puts(presign: Presign, web: Any, setting: Any) -> None:
    url = presign("PUT", key="uploads/from a page")
    assert ask(web, url, "https://app.example").status == 403
    assert setting("PUT", "cors", CORS).status == 200
    for origin in ("https://app.example", "https://a.team.example"):
        allowed = ask(web, url, origin)
        assert allowed.status == 200
        assert allowed.headers["access-control-allow-origin"] == origin
        assert allowed.headers["access-control-allow-headers"] == "content-md5"
        assert allowed.headers["access-control-max-age"] == "3600"
    for refused in (
        ask(web, url, "https://app.example.evil"),
        ask(web, url, "https://app.example", "GET"),
        ask(web, url, "https://app.example", headers="content-md5, x-cos-acl"),
    ):
        assert (refused.status, code(refused)) == (403, "AccessForbidden")
        assert "access-control-allow-origin" not in refused.headers
    put = web("PUT", url, b"x", {"Origin": "https://app.example"})
    assert put.headers["access-control-allow-origin"] == "https://app.example"
    # A page may read why it was refused, too; another one sees nothing.
    again = web(
        "PUT", url, b"x", {"Origin": "https://app.example", "x-cos-forbid-overwrite": "true"}
    )
    assert (again.status, again.headers["access-control-allow-origin"]) == (
        409, "https://app.example",
    )  # fmt: skip
    foreign = web("PUT", url, b"x", {"Origin": "https://evil.example"})
    assert (foreign.status, "access-control-allow-origin" in foreign.headers) == (200, False)


@pytest.mark.parametrize("document", ["", "<CORSConfiguration/>", CORS.replace("PUT", "PATCH")])
def test_cors_rules_that_cannot_be_are_refused(setting: Any, document: str) -> None:
    assert setting("PUT", "cors", document).status == 400
    assert setting("GET", "cors").status == 404


def test_settings_need_permissions_of_their_own(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    key = vendor.issue_key([("cos:PutObject", f"{BUCKET}/*"), ("cos:GetBucket", f"{BUCKET}/*")])
    own = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    token = {"x-cos-security-token": str(key.token)}
    for name, document in (("policy", deny({})), ("strict-signature", STRICT), ("cors", CORS)):
        url = presign("PUT", key="", params={name: ""}, **own)
        assert web("PUT", url, document.encode(), token).status == 403
        assert web("GET", presign("GET", key="", **own) + f"&{name}", None, token).status == 403


def versioning(status: str) -> str:
    return f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"


def test_a_bucket_with_versions_keeps_each_and_forbids_no_overwriting(
    vendor: testing.Running, web: Any
) -> None:
    make = presigner(vendor)
    bucket = f"versions{id(vendor)}-1250000000.cos.ap-singapore.myqcloud.com"

    def url(method: str, params: dict[str, str] | None = None, **changes: Any) -> str:
        return make(method, params=params, bucket=bucket, **changes)

    once = {"x-cos-forbid-overwrite": "true"}
    assert web("PUT", url("PUT"), b"first").headers.get("x-cos-version-id") is None
    assert web("PUT", url("PUT", headers=once), b"second", once).status == 409
    setting = url("PUT", {"versioning": ""}, key="")
    assert web("PUT", setting, versioning("On").encode()).status == 400
    assert web("PUT", setting, versioning("Enabled").encode()).status == 200
    ids = [
        web("PUT", url("PUT", headers=once), body, once).headers["x-cos-version-id"]
        for body in (b"second", b"third")
    ]
    got = web("GET", url("GET"))
    assert (got.body, got.headers["x-cos-version-id"]) == (b"third", ids[1])
    for version, body in (("null", b"first"), (ids[0], b"second"), (ids[1], b"third")):
        assert web("GET", url("GET", {"versionId": version})).body == body
    assert web("GET", url("GET", {"versionId": "other"})).status == 404
    gone = web("DELETE", url("DELETE")).headers
    assert gone["x-cos-delete-marker"] == "true"
    assert web("GET", url("GET")).status == 404
    assert web("GET", url("GET", {"versionId": ids[1]})).body == b"third"
    assert b"<Key>" not in web("GET", url("GET", key="")).body
    web("DELETE", url("DELETE", {"versionId": gone["x-cos-version-id"]}))
    assert web("GET", url("GET")).body == b"third"
    assert web("PUT", setting, versioning("Suspended").encode()).status == 200
    assert "x-cos-version-id" not in web("PUT", url("PUT"), b"fourth").headers
    assert web("GET", url("GET", {"versionId": "null"})).body == b"fourth"
    assert web("PUT", url("PUT", headers=once), b"fifth", once).status == 200
